"""Files to attach, made here, and how they are sent."""

import hashlib
import io
import struct
import zipfile
import zlib

PART = 256 * 1024
OOXML = "application/vnd.openxmlformats-officedocument."
DOCX, XLSX = OOXML + "wordprocessingml.document", OOXML + "spreadsheetml.sheet"
OPEN = "application/vnd.oasis.opendocument."
ODT, ODS = OPEN + "text", OPEN + "spreadsheet"
ASICE = "application/vnd.etsi.asic-e+zip"


def bytes_of(content, size):
    """Lengthened by a comment, or as it is."""
    return content + b"%" * (size - len(content))


def pdf(size):
    """The smallest document that is one, filled up with bytes that differ."""
    head = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog>>endobj\n"
    tail = b"\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    room = size - len(head) - len(tail)
    counters = b"".join(b"%%%07d\n" % i for i in range(room // 9 + 1))
    return head + counters[:room] + tail


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png():
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b""))


def jpeg():
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\0\0\1\0\1\0\0\xff\xd9"


def text():
    return "Ilze Kalniņa ieradās 8. janvārī; viņa guļ labāk.\n".encode() * 20


def executable():
    return b"MZ" + b"\0" * 58 + struct.pack("<I", 64) + b"PE\0\0L\1" + b"\0" * 100


def package(entries, packed=zipfile.ZIP_DEFLATED):
    """A ZIP file of (name, content); a mimetype stands first and is not packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packed) as archive:
        for name, content in entries:
            kind = zipfile.ZIP_STORED if name == "mimetype" else packed
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=kind)
    return out.getvalue()


def ooxml(folder, *more):
    types = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    return [("[Content_Types].xml", types + 'content-types"/>'), ("_rels/.rels", "<r/>"),
            (f"{folder}/main.xml", "<w/>"), *more]


def docx(*more):
    return package(ooxml("word", *more))


def open_document(kind, *more):
    return package([("mimetype", kind), ("content.xml", "<x/>"), *more])


class FileSender:
    """One caller's files of a case."""

    def __init__(self, caller, case):
        self.caller = caller
        self.place = f"/v1/cases/{case['id']}/attachments"

    def url(self, row, rest=None):
        return f"{self.place}/{row['id']}" + (f"/{rest}" if rest else "")

    @staticmethod
    def body(content, media, **more):
        return {"kind": "correspondence", "name": "datne.pdf", "media_type": media,
                "size": len(content), "sha256": hashlib.sha256(content).hexdigest()} | more

    def announce(self, content, media, expect=201, **more):
        return self.caller.create(self.place, self.body(content, media, **more), expect=expect)

    def send(self, row, number, content):
        part = content[(number - 1) * PART:number * PART]
        return self.caller.put(self.url(row, f"parts/{number}"), part, expect=204)

    def send_all(self, row, content):
        for number in range(1, (len(content) + PART - 1) // PART + 1):
            self.send(row, number, content)

    def complete(self, row, expect=204):
        return self.caller.put(self.url(row, "completion"), expect=expect)

    def upload(self, content, media, expect=204, **more):
        """The complete file's row, or the problem that its completion met."""
        row = self.announce(content, media, **more)
        self.send_all(row, content)
        answer = self.complete(row, expect=expect)
        return row if expect == 204 else answer.json() | {"id": row["id"]}
