"""A file through the proxy: the image has what looks into it, and its parts are as long as a body
may be."""

import hashlib
import uuid

import httpx
import pytest
from files import DOCX, PART, docx, executable, pdf
from stack import new_client


@pytest.fixture(scope="module")
def worker(stack):
    with httpx.Client(base_url=stack.base_url, verify=stack.tls(), timeout=30,
                      headers=stack.sign_in("worker@marta.example")) as client:
        yield client


@pytest.fixture(scope="module")
def place(worker):
    client = make(worker, "/v1/clients", new_client("Liepa"))
    case = make(worker, "/v1/cases", {"client_id": client["id"], "opened_on": "2018-01-08"})
    return f"/v1/cases/{case['id']}/attachments"


def make(worker, path, body):
    answer = worker.post(path, json=body, headers={"Idempotency-Key": uuid.uuid4().hex})
    assert answer.status_code == 201, answer.text
    return answer.json()


def upload(worker, place, content, media):
    """The file's URL, and how its completion was answered."""
    row = make(worker, place, {
        "kind": "correspondence", "name": "datne", "media_type": media, "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest()})
    for number, start in enumerate(range(0, len(content), PART), 1):
        sent = worker.put(f"{place}/{row['id']}/parts/{number}",
                          content=content[start:start + PART],
                          headers={"Content-Type": "application/octet-stream"})
        assert sent.status_code == 204, sent.text
    return f"{place}/{row['id']}", worker.put(f"{place}/{row['id']}/completion")


@pytest.mark.parametrize("content,media", [(pdf(2 * PART + 1000), "application/pdf"),
                                           (docx(), DOCX)], ids=["pdf", "docx"])
def test_what_was_sent_in_whole_parts_comes_back(worker, place, content, media):
    url, completed = upload(worker, place, content, media)
    assert completed.status_code == 204, completed.text
    read = worker.get(f"{url}/content")
    assert (read.status_code, read.headers["content-type"]) == (200, media)
    assert read.content == content


def test_what_lies_about_its_kind_is_refused(worker, place):
    _, completed = upload(worker, place, executable(), "application/pdf")
    assert completed.status_code == 422, completed.text
