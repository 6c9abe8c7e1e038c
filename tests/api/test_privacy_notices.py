"""Which privacy notice a client was given, when, how and by whom: a fact that nobody edits."""

import pytest

from story import Story

NOTICE = {"text_version": "2018-05-25", "language": "lv", "given_on": "2018-05-28",
          "channel": "written", "given_to": "client"}


@pytest.fixture(scope="module")
def story(api, providers):
    return Story(api, providers)


@pytest.fixture
def client(story):
    return story.client()


def notices(client):
    return f"/v1/clients/{client['id']}/privacy_notices"


def test_a_notice_is_given_by_the_caller_unless_told(story, client):
    made = story.worker.create(notices(client), NOTICE | {"remarks": "Asked who reads it."})
    assert made["given_by"] == story.worker.account.id
    assert story.worker.read(f"{notices(client)}/{made['id']}")["remarks"] == "Asked who reads it."
    later = story.worker.create(notices(client), NOTICE | {
        "text_version": "2019-01-01", "language": "ru", "channel": "interpreter",
        "given_by": story.lawyer.account.id})
    listed = story.worker.read(notices(client), params={"text_version": "2019-01-01"})["data"]
    assert [row["id"] for row in listed] == [later["id"]]
    assert listed[0]["given_by"] == story.lawyer.account.id and "remarks" not in listed[0]


def test_a_notice_is_final(story, client):
    made = story.worker.create(notices(client), NOTICE)
    for method in ("PATCH", "DELETE"):
        answer = story.worker.request(method, f"{notices(client)}/{made['id']}", expect=405)
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_a_notice_names_its_receiver(story, client):
    parent = story.worker.create(f"/v1/clients/{client['id']}/representatives", {
        "kind": "parent", "given_name": "Anita", "family_name": "Kalniņa",
        "starts_on": "2010-01-10"})
    made = story.worker.create(notices(client), NOTICE | {
        "given_to": "representative", "representative_id": parent["id"]})
    assert made["representative_id"] == parent["id"]
    for body, code in (({"given_to": "representative"}, "required"),
                       ({"representative_id": parent["id"]}, "constraint")):
        refused = story.worker.create(notices(client), NOTICE | body, expect=422)
        assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [
            ("/representative_id", code)]
    other = story.client()
    refused = story.worker.create(notices(other), NOTICE | {
        "given_to": "representative", "representative_id": parent["id"]}, expect=422)
    assert refused["code"] == "unknown_reference"


def test_an_impossible_notice_is_refused(story, client, account):
    for body, pointer, code in (
        ({"given_on": "2199-01-01"}, "/given_on", "in_the_future"),
        ({"language": "xx"}, "/language", "bad_language"),
        ({"channel": "shouted"}, "/channel", "not_in_list"),
        ({"given_by": account("case_worker", "dm").id}, "/given_by", "unknown_reference"),
    ):
        refused = story.worker.create(notices(client), NOTICE | body, expect=422)
        assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [(pointer, code)]
    assert story.worker.read(notices(client))["data"] == []


def test_only_people_who_work_with_the_client_see_a_notice(story, client, api):
    made = story.worker.create(notices(client), NOTICE)
    path = f"{notices(client)}/{made['id']}"
    story.manager.get(path, expect=200)
    api("case_worker", "dm").get(path, expect=404)
    story.lawyer.get(path, expect=404)
    story.case(client["id"])
    story.lawyer.get(path, expect=200)
    story.lawyer.post(notices(client), NOTICE, expect="forbidden")
    api("agency_officer").get(notices(client), expect="forbidden")
