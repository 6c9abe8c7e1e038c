"""R20: a client goes to another provider. Days and usage run on; the giver keeps its own period."""

import pytest

from story import Story, at, day

NAMES = ("given_name", "family_name", "birth_date", "personal_code", "phone")


@pytest.fixture(scope="module")
def marta(api, providers):
    return Story(api, providers, "marta")


@pytest.fixture(scope="module")
def dm(api, providers):
    return Story(api, providers, "dm")


def place(transfer):
    return f"/v1/cases/{transfer['case_id']}/transfers/{transfer['id']}"


def incoming(story, transfer, expect=200, by=None):
    path = f"/v1/incoming_transfers/{transfer['id']}"
    return (by or story.worker).get(path, expect=expect).json()


def test_the_course_goes_on_at_the_new_provider(marta, dm):
    case = marta.case_in("in_course", personal_code="150694-11101", phone="+37120000111")
    transfer = marta.transfer(case, dm)
    assert transfer["state"] == "requested"
    answer = dm.answer(transfer)
    assert answer["state"] == "accepted" and answer["answered_on"] == "2018-03-05"
    new = dm.read_case({"id": answer["case_id"]})
    assert (new["status"], new["opened_on"]) == ("in_course", "2018-03-05")
    for member in ("received_on", "granted_on", "course_start", "course_end", "ruleset_id"):
        assert new[member] == case[member], member
    old = marta.worker.read(f"/v1/clients/{case['client_id']}")
    client = dm.worker.read(f"/v1/clients/{new['client_id']}")
    assert client["id"] != old["id"] and client["status"] == "active"
    assert [client[name] for name in NAMES] == [old[name] for name in NAMES]
    dm.consultation(new, at("2018-03-06"), outcome="held")
    dm.consultation(new, at(day("2018-02-01", 179)), outcome="held")
    dm.consultation(new, at(day("2018-02-01", 180)), expect=422)
