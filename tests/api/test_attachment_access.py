"""Who reaches a file, what is told of that, and what stays where none should reach."""

import base64
import socket
import struct
import subprocess
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest

from files import PART, FileSender, pdf, text
from harness import clean_environment
from story import Story

PROVIDER_ROLES = ("provider_manager", "case_worker", "specialist")


@pytest.fixture(scope="module")
def story(api, providers):
    return Story(api, providers, "marta")


@pytest.fixture(scope="module")
def case(story):
    return story.case()


@pytest.fixture(scope="module")
def files(story, case):
    return FileSender(story.worker, case)


def refuse(caller, files, row, status):
    """Everything that can be asked of a file is refused alike."""
    for path in (None, "content"):
        caller.get(files.url(row, path), expect=status)
    caller.put(files.url(row, "parts/1"), b"x", expect=status)
    caller.put(files.url(row, "completion"), expect=status)
    caller.delete(files.url(row), etag='"1"', expect=status)


def ids(caller, files):
    return [row["id"] for row in caller.pages(files.place, limit="200")]


@pytest.mark.parametrize("role", PROVIDER_ROLES)
def test_another_provider_finds_nothing(api, files, role):
    stranger = api(role, "dm")
    for row in (files.upload(pdf(1000), "application/pdf"),
                files.announce(pdf(1000), "application/pdf")):
        refuse(stranger, files, row, 404)
    stranger.get(files.place, expect=404)
    stranger.create(files.place, files.body(pdf(1000), "application/pdf"), expect=404)


def test_a_specialist_outside_the_team_finds_nothing(api, story):
    case = story.worker.create("/v1/cases", {"client_id": story.client()["id"],
                                             "opened_on": "2018-01-08"})
    files = FileSender(story.worker, case)
    row = files.upload(pdf(1000), "application/pdf")
    refuse(story.psychologist, files, row, 404)
    member = {"user_id": story.psychologist.account.id}
    story.worker.create(f"/v1/cases/{case['id']}/team", member)
    assert story.psychologist.get(files.url(row, "content"), expect=200).content == pdf(1000)


def test_a_file_is_found_in_its_own_case_only(story, files):
    row, other = files.upload(pdf(1000), "application/pdf"), FileSender(story.worker, story.case())
    refuse(story.worker, other, row, 404)


@pytest.mark.parametrize("role", ["ministry_officer", "statistician", "commission_member",
                                  "auditor", "system_admin", "integration"])
def test_roles_that_read_no_case_read_no_file(api, files, role):
    row = files.upload(pdf(1000), "application/pdf")
    api(role).get(files.place, expect=403)
    api(role).get(files.url(row, "content"), expect=403)
    api(role).put(files.url(row, "parts/1"), b"x", expect=403)
    api().get(files.url(row, "content"), expect=401)


def test_the_agency_reads_what_it_decides_from(story, files):
    for kind, status in (("basis_document", 200), ("application", 200), ("protocol", 404),
                         ("medical_document", 404)):
        row = files.upload(pdf(1000), "application/pdf", kind=kind, about="Told to her worker.")
        story.agency.get(files.url(row, "content"), expect=status)
        seen = story.agency.get(files.url(row), expect=status).json()
        assert status == 404 or (seen["name"] == row["name"] and "about" not in seen)
        assert (row["id"] in ids(story.agency, files)) == (status == 200), kind
    story.agency.create(files.place, files.body(pdf(1000), "application/pdf"), expect=403)


def test_a_professions_paper_is_for_the_profession_and_the_case_worker(story, case):
    mine = FileSender(story.psychologist, case)
    row = mine.upload(pdf(1000), "application/pdf", profession="psychologist")
    for caller, status in ((story.psychologist, 200), (story.worker, 200), (story.lawyer, 404),
                           (story.manager, 404)):
        caller.get(mine.url(row, "content"), expect=status)
        caller.get(mine.url(row), expect=status)
    refused = mine.announce(pdf(1000), "application/pdf", expect=422, profession="lawyer")
    assert refused["errors"][0]["pointer"] == "/profession"
    managers = FileSender(story.manager, case)
    refused = managers.announce(pdf(1000), "application/pdf", expect=422, profession="lawyer")
    assert refused["errors"][0]["code"] == "not_with_role"


def test_only_the_sender_reaches_an_open_upload(story, files):
    content = pdf(1000)
    row = files.announce(content, "application/pdf")
    assert row["id"] in ids(story.worker, files)
    for colleague in (story.manager, story.psychologist):
        refuse(colleague, files, row, 404)
        assert row["id"] not in ids(colleague, files)
    files.send(row, 1, content)
    files.complete(row)
    assert story.manager.get(files.url(row, "content"), expect=200).content == content


def test_each_download_is_one_access(story, files, database):
    row = files.upload(pdf(3 * PART), "application/pdf")

    def accesses():
        return database.execute(
            "SELECT action, role, user_id::text, client_id::text FROM audit_events"
            " WHERE resource = 'attachment_content' AND row_id = %s ORDER BY id",
            [row["id"]]).fetchall()

    assert accesses() == []
    one = ("read", "case_worker", story.worker.account.id, row["client_id"])
    story.worker.get(files.url(row, "content"), expect=200)
    assert accesses() == [one]
    story.worker.head(files.url(row, "content"), expect=200)
    assert accesses() == [one, one]
    open_row = files.announce(pdf(1000), "application/pdf")
    story.worker.get(files.url(open_row, "content"), expect=409)
    told = story.manager.read(f"/v1/clients/{row['client_id']}/accesses", params={"limit": 200})
    assert [x["resource"] for x in told["data"]].count("attachment_content") >= 2


def test_an_upload_is_audited_without_its_bytes(files, database):
    row = files.upload(pdf(3 * PART), "application/pdf")
    told = database.execute("SELECT action, resource, fields FROM audit_events"
                            " WHERE row_id = %s ORDER BY id", [row["id"]]).fetchall()
    assert [line[:2] for line in told] == [("create", "attachments"), ("update", "attachments")]
    assert told[1][2] == ["completed_at", "state"]
    pieces = "SELECT count(*) FROM {} WHERE resource = 'attachment_pieces'"
    for table in ("audit_events", "events"):
        assert database.execute(pieces.format(table)).fetchone() == (0,)


def test_no_list_and_no_case_file_reads_what_is_in_files(story, case, files, database):
    """They answer while nobody may even look into the table of pieces."""
    files.upload(pdf(1000), "application/pdf")
    with database.transaction():
        database.execute("LOCK TABLE attachment_pieces IN ACCESS EXCLUSIVE MODE")
        listed = story.worker.read(files.place, params={"limit": "200", "count": "exact"})
        assert listed["data"] and listed["count"] >= 1
        story.worker.read(files.url(listed["data"][0]))
        found = story.worker.read(f"/v1/cases/{case['id']}/file")["attachments"]
    assert {"size", "media_type", "state"} < set(found[0])
    assert not {"name", "about", "sha256", "content"} & set(found[0])


def test_file_content_is_sealed_at_rest(files, cluster):
    """In the dump, and in whatever lies in the cluster's folder: data, write-ahead log, logs."""
    canary = b"kanarijputns dzied Daugavmala"
    row = files.upload(text() + canary + b"\n", "text/plain", name="kanarijputns-7.txt",
                       about="kanarijputns par datni")
    dump = subprocess.run(["pg_dump", "-d", cluster.dsn("atbalsts_owner")], check=True,
                          capture_output=True, env=clean_environment()).stdout
    assert row["id"].encode() in dump
    word = b"kanarijputns"
    for word in (word, base64.b64encode(word), word.hex().encode()):
        assert word not in dump, word
        found = subprocess.run(["grep", "-rlaF", word.decode(), str(cluster.folder)],
                               capture_output=True, text=True)
        assert (found.returncode, found.stdout) == (1, ""), word


def test_pieces_do_not_stand_for_each_other(story, files, database):
    row = files.upload(pdf(PART), "application/pdf")
    database.execute("UPDATE attachment_pieces p SET sealed = q.sealed FROM attachment_pieces q"
                     " WHERE p.attachment_id = %s AND q.attachment_id = p.attachment_id"
                     " AND p.number = 1 AND q.number = 2", [row["id"]])
    with pytest.raises(httpx.RemoteProtocolError):
        story.worker.get(files.url(row, "content"))


# Uploads that end nowhere


def test_an_upload_cut_half_way_stores_nothing(story, files, base_url, database):
    row, parts = files.announce(pdf(PART), "application/pdf"), urlsplit(base_url)
    head = (f"PUT {files.url(row, 'parts/1')} HTTP/1.1\r\nHost: a\r\n"
            f"Authorization: Bearer {story.worker.token}\r\n"
            f"Content-Type: application/octet-stream\r\nContent-Length: {PART}\r\n\r\n").encode()
    for reset in (False, True):
        sock = socket.create_connection((parts.hostname, parts.port), timeout=10)
        sock.sendall(head + pdf(PART)[:PART // 2])
        if reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            sock.shutdown(socket.SHUT_WR)
            sock.recv(65536)
        sock.close()
    held = "SELECT count(*) FROM attachment_pieces WHERE attachment_id = %s"
    assert database.execute(held, [row["id"]]).fetchone() == (0,)
    problem = story.worker.put(files.url(row, "completion"), expect=409).json()
    assert problem["code"] == "parts_missing"


@pytest.fixture
def newcomer(new_caller):
    """A case worker of this test alone."""
    return new_caller("case_worker", "marta", "social_worker")


def test_eight_uploads_are_open_at_most(newcomer, case, files):
    mine = FileSender(newcomer, case)
    body = mine.body(pdf(1000), "application/pdf")
    with ThreadPoolExecutor(12) as crowd:
        answers = list(crowd.map(lambda _: newcomer.post(mine.place, body), range(12)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201] * 8 + [409] * 4
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert refused["code"] == "too_many_uploads"
    files.announce(pdf(1000), "application/pdf")
    row = next(answer.json() for answer in answers if answer.status_code == 201)
    newcomer.remove(mine.url(row))
    mine.announce(pdf(1000), "application/pdf")


def test_an_open_upload_is_gone_after_a_day(newcomer, case, files, database):
    mine, content = FileSender(newcomer, case), pdf(1000)
    row = mine.announce(content, "application/pdf")
    mine.send(row, 1, content)
    with database.transaction():
        database.execute("SELECT set_config('app.actor', 'cli', true)")
        database.execute("UPDATE attachments SET created_at = now() - interval '24 hours'"
                         " WHERE id = %s", [row["id"]])
    refuse(newcomer, mine, row, 404)
    assert not list(newcomer.pages(mine.place, state="uploading"))
    files.announce(content, "application/pdf")
    left = database.execute("SELECT (SELECT count(*) FROM attachments WHERE id = %(id)s),"
                            " (SELECT count(*) FROM attachment_pieces"
                            " WHERE attachment_id = %(id)s)", {"id": row["id"]}).fetchone()
    assert left == (0, 0)
    told = database.execute("SELECT actor, user_id, role FROM audit_events WHERE row_id = %s"
                            " AND action = 'delete'", [row["id"]]).fetchall()
    assert told == [("job", None, None)]
    after = database.execute("SELECT actor, role FROM audit_events WHERE resource = 'attachments'"
                             " AND action = 'create' ORDER BY id DESC LIMIT 1").fetchone()
    assert after == ("user", "case_worker")


@pytest.fixture(autouse=True)
def nothing_stays_open(database):
    """Of what a test has announced and not completed; the worlds keep theirs."""
    open_uploads = "SELECT id FROM attachments WHERE state = 'uploading'"
    before = [row[0] for row in database.execute(open_uploads)]
    yield
    with database.transaction():
        database.execute("SELECT set_config('app.actor', 'cli', true)")
        database.execute("DELETE FROM attachments WHERE state = 'uploading' AND id <> ALL (%s)",
                         [before])
