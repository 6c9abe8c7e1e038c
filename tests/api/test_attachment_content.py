"""A file that lies about what it is leaves nothing behind, and costs no more than it may."""

import pathlib
import struct
import time
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from files import (
    ASICE, DOCX, ODS, ODT, PART, XLSX, FileSender, docx, executable, jpeg, ooxml, open_document,
    package, pdf, png, text,
)
from harness import SANITIZED
from story import Story

MIB = 1024 * 1024
PAGE_KIB = 4


@pytest.fixture(scope="module")
def story(api, providers):
    return Story(api, providers, "marta")


@pytest.fixture(scope="module")
def files(story):
    return FileSender(story.worker, story.case())


@pytest.fixture
def refused(files, database):
    """refused(content, kind, code): the problem; nothing of the file is left."""

    def send(content, kind, code):
        problem = files.upload(content, kind, expect=422)
        assert problem["code"] == code, problem
        for table, column in (("attachments", "id"), ("attachment_pieces", "attachment_id")):
            left = database.execute(f"SELECT count(*) FROM {table} WHERE {column} = %s",
                                    [problem["id"]]).fetchone()
            assert left == (0,), table
        files.caller.get(files.url(problem), expect=404)
        return problem

    return send


def sizes_told(archive, size):
    """The archive with other unpacked sizes, in both places where they stand."""
    told = bytearray(archive)
    for mark, place in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        at = -1
        while (at := archive.find(mark, at + 1)) >= 0:
            told[at + place:at + place + 4] = struct.pack("<I", size)
    return bytes(told)


def one_entry_often(count):
    """Many directory entries over one entry's bytes: sizes add up, the file stays small."""
    whole = docx(("word/zeros.xml", bytes(4 * MIB)))
    directory = whole.index(b"PK\1\2")
    entry = whole.rindex(b"PK\1\2")
    end = whole.index(b"PK\5\6")
    body = whole[:directory] + whole[directory:end] + whole[entry:end] * count
    total = body.count(b"PK\1\2")
    return body + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, total, total,
                              len(body) - directory, directory, 0)


LIES = {
    "a picture as a document": (png, "application/pdf", "image/png"),
    "a page as a document": (lambda: b"<html><script>1</script></html>", "application/pdf",
                             "text/html"),
    "a program as a document": (executable, "application/pdf", "portable-executable"),
    "a document as a picture": (lambda: pdf(1000), "image/png", "application/pdf"),
    "a page as text": (lambda: b"<html><body onload='x()'>", "text/plain", "text/html"),
    "a drawing as text": (lambda: b'<?xml version="1.0"?><svg/>', "text/plain", "svg"),
    "a script as text": (lambda: b"#!/bin/sh\nrm -r x\n", "text/plain", "shellscript"),
    "text in another encoding": ("Viņa guļ.".encode("cp1257") * 9, "text/plain", ""),
    "text with a hidden byte": (b"Cien. kundze!\0\nPaldies.\n", "text/plain", ""),
    "text that steers a terminal": (b"Cien. \x1b[2J kundze!\nPaldies.\n", "text/plain", ""),
    "a page before a document": (lambda: b"<html>\n" + pdf(1000), "application/pdf", ""),
    "an archive behind a document": (lambda: pdf(1000) + docx(), "application/pdf", "zip"),
    "an archive behind a picture": (lambda: jpeg() + package([("a.class", "x")]), "image/jpeg",
                                    "zip"),
    "an archive behind a document, with a gap": (
        lambda: pdf(1000) + docx().replace(b"PK\5\6", b"gap PK\5\6"), "application/pdf", "zip"),
    "an archive behind a program": (lambda: executable() + docx(), DOCX, ""),
    "a bare archive": (lambda: package([("a.txt", "x")]), DOCX, "zip"),
    "a table as a letter": (lambda: package(ooxml("xl")), DOCX, ""),
    "a letter as a table": (docx, XLSX, ""),
    "another open document": (lambda: open_document(ODT), ODS, ""),
    "an open document as a container": (lambda: open_document(ODT), ASICE, ""),
    "a Java archive": (lambda: package([("META-INF/MANIFEST.MF", "x"), ("a.class", "y")]), DOCX,
                       ""),
}


@pytest.mark.parametrize("name", LIES)
def test_a_file_that_lies_about_its_type_is_removed(refused, name):
    content, kind, found = LIES[name]
    content = content() if callable(content) else content
    problem = refused(content, kind, "content_mismatch")
    assert found in problem["detail"] and kind in problem["detail"]


@pytest.mark.parametrize("make, kind", [
    (docx, DOCX),
    (lambda: package(ooxml("xl")), XLSX),
    (lambda: open_document(ODT), ODT),
    (lambda: open_document(ODS), ODS),
    (lambda: open_document(ASICE, ("lēmums.pdf", pdf(500))), ASICE),
    (lambda: docx(("word/media/image1.png", png()), ("docProps/", "")), DOCX),
    (lambda: docx(("word/long.xml", text() * 5000)), DOCX),
])
def test_documents_in_archives_are_taken(files, make, kind):
    content = make()
    row = files.upload(content, kind)
    answer = files.caller.get(files.url(row, "content"), expect=200)
    assert answer.content == content and answer.headers["Content-Type"] == kind


def encrypted():
    """The flag alone: nobody looks further."""
    content = bytearray(docx())
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = -1
        while (at := content.find(mark, at + 1)) >= 0:
            content[at + place] |= 1
    return bytes(content)


ARCHIVES = {
    "gigabytes are declared": lambda: sizes_told(docx(), 3 * 1024 * MIB),
    "gigabytes are there": lambda: docx(*((f"word/{i}.xml", bytes(30 * MIB)) for i in range(4))),
    "zeros in a tiny file": lambda: docx(("word/zeros.xml", bytes(90 * MIB))),
    "the directory says less than is there": lambda: sizes_told(
        docx(("word/zeros.xml", bytes(30 * MIB))), 1000),
    "the directory says more than is there": lambda: sizes_told(docx(), 70000),
    "one entry stands for many": lambda: one_entry_often(30),
    "too many entries": lambda: docx(*((f"word/{i}", "") for i in range(5000))),
    "encrypted": encrypted,
    "an unusual method": lambda: package(ooxml("word"), zipfile.ZIP_BZIP2),
    "a name above": lambda: docx(("word/../../x", "x")),
    "an absolute name": lambda: docx(("/etc/passwd", "x")),
    "a name with a drive": lambda: docx(("C:x", "x")),
    "a macro": lambda: docx(("word/vbaProject.bin", "x")),
    "a macro in other letters": lambda: docx(("word/VBAPROJECT.BIN", "x")),
    "a macro of an open document": lambda: open_document(ODT, ("Basic/Standard/a.xml", "x")),
    "cut off": lambda: docx(("word/long.xml", text() * 100))[:-30],
    "wrong checksum": lambda: docx().replace(struct.pack("<I", zlib.crc32(b"<w/>")), b"\1\2\3\4"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_that_cannot_be_trusted_is_removed(refused, name):
    content = ARCHIVES[name]()
    kind = ODT if "open document" in name else DOCX
    problem = refused(content, kind, "archive_refused")
    assert problem["detail"].endswith("Nothing of it was kept.")


def test_the_reason_of_a_refused_archive_is_in_latvian(files, story):
    row = files.announce(encrypted(), DOCX)
    files.send_all(row, encrypted())
    problem = story.worker.put(files.url(row, "completion"), expect=422,
                               headers={"Accept-Language": "lv"}).json()
    assert problem["detail"] == "Tajā ir šifrēti ieraksti. No tās nekas nav paturēts."


def resident_kib(server):
    pages = pathlib.Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]
    return int(pages) * PAGE_KIB


def test_a_bomb_takes_neither_memory_nor_time(refused, server):
    bomb = sizes_told(docx(("word/zeros.xml", bytes(300 * MIB))), 80 * MIB)
    before, start = resident_kib(server), time.monotonic()
    for _ in range(3):
        refused(bomb, DOCX, "archive_refused")
    assert time.monotonic() - start < 10
    assert resident_kib(server) - before < (40 if SANITIZED else 15) * 1024


def test_whole_files_are_held_two_at_a_time(files, server):
    """Who finds no place in a second is told to come again; what they hold is bounded."""
    content = pdf(20 * MIB)
    rows = [files.announce(content, "application/pdf") for _ in range(6)]
    for row in rows:
        files.send_all(row, content)
    before, peak = resident_kib(server), 0
    with ThreadPoolExecutor(6) as crowd:
        answers = [crowd.submit(files.caller.put, files.url(row, "completion")) for row in rows]
        while not all(answer.done() for answer in answers):
            peak = max(peak, resident_kib(server) - before)
            time.sleep(0.01)
    assert peak < (95 if SANITIZED else 55) * 1024, f"{peak // 1024} MiB"
    for row, answer in zip(rows, answers):
        answer = answer.result()
        if answer.status_code == 503:
            assert answer.json()["code"] == "busy" and answer.headers["Retry-After"] == "1"
            answer = files.complete(row)
        assert answer.status_code == 204
