"""Files of a case: announced, sent in parts, looked at as a whole, read by whom they concern."""

import base64
import hashlib
import random
import urllib.parse

import pytest

from files import PART, FileSender, bytes_of, jpeg, pdf, png, text
from story import Story

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def story(api, providers):
    return Story(api, providers, "marta")


@pytest.fixture(scope="module")
def case(story):
    return story.case()


@pytest.fixture
def files(story, case, database):
    """The case worker's files of the case; open uploads do not outlive the test."""
    sender = FileSender(story.worker, case)
    yield sender
    for row in story.worker.pages(sender.place, state="uploading", limit="200"):
        story.worker.remove(f"{sender.place}/{row['id']}")


@pytest.fixture(scope="module")
def big(story, case):
    """(content, row) of a file of 300000 bytes."""
    content = pdf(300000)
    return content, FileSender(story.worker, case).upload(content, "application/pdf")


def rows_of(database, attachment_id):
    """(rows, pieces) that the database has of it."""
    return database.execute(
        "SELECT (SELECT count(*) FROM attachments WHERE id = %s),"
        " (SELECT count(*) FROM attachment_pieces WHERE attachment_id = %s)",
        [attachment_id, attachment_id]).fetchone()


def test_a_file_of_several_parts_comes_back_as_it_was(story, files):
    content = pdf(600 * 1024)
    row = files.announce(content, "application/pdf", name="Lēmums \"7\" (kopija).pdf")
    assert (row["state"], row["size"], row["completed_at"]) == ("uploading", len(content), None)
    for number in (3, 1, 2):
        files.send(row, number, content)
    files.complete(row)
    row = story.worker.read(files.url(row))
    assert (row["state"], row["version"]) == ("complete", 2)
    answer = story.worker.get(files.url(row, "content"), expect=200)
    digest = hashlib.sha256(content).digest()
    assert answer.content == content
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Length"] == str(len(content))
    kind, _, name = answer.headers["Content-Disposition"].partition("; filename*=UTF-8''")
    assert (kind, urllib.parse.unquote(name)) == ("attachment", row["name"])
    assert answer.headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"
    assert answer.headers["ETag"] == f'"{digest.hex()}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == "sandbox"
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_head_and_the_known_tag_send_no_content(story, files):
    content = pdf(1000)
    row = files.upload(content, "application/pdf")
    head = story.worker.head(files.url(row, "content"), expect=200)
    assert (head.content, head.headers["Content-Length"]) == (b"", "1000")
    known = {"If-None-Match": head.headers["ETag"]}
    again = story.worker.get(files.url(row, "content"), headers=known, expect=304)
    assert again.content == b""


@pytest.mark.parametrize("asked, first, last", [
    ("bytes=0-0", 0, 0), ("bytes=0-", 0, None), ("bytes=65535-65536", 65535, 65536),
    ("bytes=199999-", 199999, None), ("bytes=70000-999999999", 70000, None),
    ("bytes=-5", 299995, None), ("bytes=-999999", 0, None), ("BYTES=1-2", 1, 2),
    ("bytes=0-99999999999999999999999", 0, None),
])
def test_a_download_goes_on_where_it_was_cut(story, files, big, asked, first, last):
    content, row = big
    part = content[first:None if last is None else last + 1]
    answer = story.worker.get(files.url(row, "content"), headers={"Range": asked}, expect=206)
    assert answer.content == part
    assert answer.headers["Content-Range"] == \
        f"bytes {first}-{first + len(part) - 1}/{len(content)}"
    assert answer.headers["Content-Length"] == str(len(part))


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "bytes=5-4", "bytes=x-", "bytes=-", "bytes",
                                   "lines=0-1", "bytes=+1-2", "bytes=1", ""])
def test_a_header_that_is_no_single_range_is_ignored(story, files, big, asked):
    content, row = big
    answer = story.worker.get(files.url(row, "content"), headers={"Range": asked}, expect=200)
    assert answer.content == content


def test_a_range_behind_the_end_is_refused_and_told_the_size(story, files, big):
    for asked in ("bytes=300000-", "bytes=300001-300002", "bytes=-0"):
        refused = story.worker.get(files.url(big[1], "content"), headers={"Range": asked},
                                   expect=416)
        assert refused.headers["Content-Range"] == "bytes */300000"
        assert refused.json()["code"] == "range_not_satisfiable"


def test_a_range_holds_under_the_tag_that_is_named(story, files, big):
    content, row = big
    tag = story.worker.head(files.url(row, "content")).headers["ETag"]
    for named, status in ((tag, 206), ('"other"', 200), (f"W/{tag}", 200)):
        headers = {"Range": "bytes=0-9", "If-Range": named}
        answer = story.worker.get(files.url(row, "content"), headers=headers, expect=status)
        assert answer.content == (content[:10] if status == 206 else content)
    head = story.worker.head(files.url(row, "content"), headers={"Range": "bytes=0-9"}, expect=200)
    assert head.headers["Content-Length"] == "300000"


def test_the_file_is_sent_with_its_type_whatever_accept_says(story, files):
    row = files.upload(png(), "image/png")
    answer = story.worker.get(files.url(row, "content"), headers={"Accept": "image/*"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")


@pytest.mark.parametrize("make, kind", [
    (lambda: jpeg(), "image/jpeg"),
    (lambda: b"II*\0\x08\0\0\0\0\0\0\0\0\0", "image/tiff"),
    (lambda: b"MM\0*\0\0\0\x08\0\0\0\0\0\0", "image/tiff"),
    (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0\0\0\x08meta" * 4, "image/heic"),
    (lambda: text(), "text/plain"),
    (lambda: b"a", "text/plain"),
    (lambda: "ļ\n".encode(), "text/plain"),
])
def test_each_type_that_case_work_needs_is_taken(story, files, make, kind):
    content = make()
    row = files.upload(content, kind)
    assert story.worker.get(files.url(row, "content"), expect=200).content == content


def test_twenty_mebibytes_are_the_most(story, files):
    content = bytes_of(pdf(20 * MIB), 20 * MIB)
    row = files.upload(content, "application/pdf")
    assert story.worker.get(files.url(row, "content"), expect=200).content == content
    body = files.body(content, "application/pdf") | {"size": 20 * MIB + 1}
    problem = story.worker.create(files.place, body, expect=422)
    assert problem["errors"][0]["pointer"] == "/size"


def test_a_part_has_its_size_and_its_number(story, files):
    content = pdf(PART + 10)
    row = files.announce(content, "application/pdf")
    wrong = [(1, content[:PART - 1]), (1, b""), (2, content[PART:-1]), (2, content[PART:] + b"x"),
             (2, content[:PART])]
    for number, part in wrong:
        problem = story.worker.put(files.url(row, f"parts/{number}"), part, expect=422).json()
        assert problem["code"] == "part_size", number
    problem = story.worker.put(files.url(row, "parts/3"), b"x", expect=422).json()
    assert problem["code"] == "no_such_part" and "1 to 2" in problem["detail"]
    for number in ("0", "-1", "01", "1x", "99999999999999999999"):
        story.worker.put(files.url(row, f"parts/{number}"), b"x", expect=404)
    story.worker.put(files.url(row, "parts/1"), content[:PART] + b"x", expect=413)
    for kind in ("application/json", "application/pdf", None):
        headers = {"Content-Type": kind}
        story.worker.put(files.url(row, "parts/1"), b"x", headers=headers, expect=415)


def test_missing_parts_are_named_and_may_still_be_sent(story, files, database):
    content = pdf(3 * PART + 1)
    row = files.announce(content, "application/pdf")
    for number in (2, 4):
        files.send(row, number, content)
    problem = story.worker.put(files.url(row, "completion"), expect=409).json()
    assert problem["code"] == "parts_missing" and problem["detail"] == "Still missing: 1, 3."
    assert rows_of(database, row["id"]) == (1, 5)
    for number in (1, 3):
        files.send(row, number, content)
    files.complete(row)


def test_a_part_sent_again_takes_the_place_of_the_first(story, files):
    content = pdf(PART + 100)
    row = files.announce(content, "application/pdf")
    files.send(row, 2, content)
    story.worker.put(files.url(row, "parts/1"), b"x" * PART, expect=204)
    files.send(row, 1, content)
    files.complete(row)
    assert story.worker.get(files.url(row, "content"), expect=200).content == content


def test_completion_told_twice_is_one_completion(story, files):
    row = files.upload(pdf(1000), "application/pdf")
    first = story.worker.read(files.url(row))
    again = files.complete(row)
    assert again.headers["ETag"] == f'"{first["version"]}"'
    assert story.worker.read(files.url(row)) == first


def test_parts_in_each_others_place_are_not_the_announced_file(story, files, database):
    content = pdf(2 * PART)
    row = files.announce(content, "application/pdf")
    story.worker.put(files.url(row, "parts/1"), content[PART:], expect=204)
    story.worker.put(files.url(row, "parts/2"), content[:PART], expect=204)
    problem = story.worker.put(files.url(row, "completion"), expect=422).json()
    assert problem["code"] == "checksum_mismatch"
    assert rows_of(database, row["id"]) == (0, 0)
    story.worker.get(files.url(row), expect=404)


def test_a_wrong_digest_leaves_nothing_behind(story, files, database):
    content = pdf(1000)
    row = files.announce(content, "application/pdf", sha256=hashlib.sha256(b"other").hexdigest())
    files.send(row, 1, content)
    problem = story.worker.put(files.url(row, "completion"), expect=422).json()
    assert problem["code"] == "checksum_mismatch"
    assert hashlib.sha256(content).hexdigest() in problem["detail"]
    assert rows_of(database, row["id"]) == (0, 0)
    story.worker.put(files.url(row, "completion"), expect=404)


def test_a_complete_file_is_final(story, files):
    content = pdf(1000)
    row = files.upload(content, "application/pdf")
    problem = story.worker.put(files.url(row, "parts/1"), content, expect=409).json()
    assert problem["code"] == "already_final"
    assert story.worker.remove(files.url(row), expect=409).json()["code"] == "already_final"
    for member in ({"name": "other.pdf"}, {"kind": "plan"}, {"size": 7}):
        problem = story.worker.change(files.url(row), member, expect=422)
        assert problem["errors"][0]["code"] == "immutable_member"
    problem = story.worker.change(files.url(row), {"state": "uploading"}, expect=422)
    assert problem["errors"][0]["pointer"] == "/state"


def test_a_withdrawn_file_keeps_its_record_and_loses_its_content(story, files, database):
    row = files.upload(pdf(PART + 1), "application/pdf")
    problem = story.worker.change(files.url(row), {"state": "withdrawn"}, expect=422)
    assert problem["errors"][0]["pointer"] == "/withdrawal_reason"
    reason = {"withdrawal_reason": "Of another case"}
    problem = story.worker.change(files.url(row), reason, expect=422)
    assert problem["errors"][0]["pointer"] == "/withdrawal_reason"
    row = story.worker.change(files.url(row), {"state": "withdrawn"} | reason)
    assert (row["state"], row["withdrawal_reason"]) == ("withdrawn", "Of another case")
    assert rows_of(database, row["id"]) == (1, 0)
    problem = story.worker.get(files.url(row, "content"), expect=410).json()
    assert problem["code"] == "content_gone"
    assert story.worker.change(files.url(row), {"state": "complete"}, expect=409)["code"] == \
        "already_final"
    assert story.worker.put(files.url(row, "completion"), expect=409).json()["code"] == \
        "already_final"


def test_an_open_upload_can_be_given_up(story, files, database):
    content = pdf(PART)
    row = files.announce(content, "application/pdf")
    files.send(row, 1, content)
    story.worker.change(files.url(row), {"state": "complete"}, expect=422)
    problem = story.worker.get(files.url(row, "content"), expect=409).json()
    assert problem["code"] == "upload_incomplete"
    story.worker.remove(files.url(row))
    assert rows_of(database, row["id"]) == (0, 0)


@pytest.mark.parametrize("member, value", [
    ("name", "../etc/passwd"), ("name", "C:\\x.pdf"), ("name", "a\nb.pdf"), ("name", ".."),
    ("name", "fdp.\u202eexe"), ("name", "x" * 151), ("sha256", "0" * 63), ("sha256", "g" * 64),
    ("media_type", "text/html"), ("media_type", "application/x-msdownload"), ("size", 0),
    ("size", -1), ("state", "complete"), ("kind", "nothing"), ("withdrawal_reason", "x"),
])
def test_a_wrong_announcement_is_refused(story, files, member, value):
    body = files.body(pdf(1000), "application/pdf") | {member: value}
    problem = story.worker.create(files.place, body, expect=422)
    assert [error["pointer"] for error in problem["errors"]] == [f"/{member}"]


def test_a_completion_has_no_body(story, files):
    row = files.announce(pdf(1000), "application/pdf")
    story.worker.put(files.url(row, "completion"), b"{}", expect=400)


def test_files_of_random_sizes_come_back_unchanged(story, files):
    chance = random.Random(7)
    for size in (1, 65535, 65536, 65537, PART - 1, PART, chance.randrange(PART, 4 * PART)):
        content = (text() * (size // len(text()) + 1))[:size] if size > 1 else b"a"
        content = content.decode(errors="ignore").ljust(size).encode()[:size]
        row = files.upload(content, "text/plain")
        assert story.worker.get(files.url(row, "content"), expect=200).content == content
