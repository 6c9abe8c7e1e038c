"""From the application to the commission's conclusion: papers, sittings, votes, who sees what."""

import uuid

import psycopg
import pytest

from admission import (CRITERIA, assessed, commission, place, pointers, professions, seat, sit,
                       vote, waiting)
from story import Story

CLOSING = {"conclusion": "meets", "closed_on": "2018-01-22"}


@pytest.fixture
def story(api, providers):
    return Story(api, providers)


@pytest.fixture
def elsewhere(api, providers):
    return Story(api, providers, "dm")


# Applications: R8


def test_the_applications_day_brings_its_rule_set(story):
    case = story.case()
    story.application(case, received_on="2018-01-15", language="lv", remarks="Palīdzēja konsuls")
    case = story.read_case(case)
    assert case["received_on"] == "2018-01-15"
    assert story.worker.read(f"/v1/rulesets/{case['ruleset_id']}")["code"] == "MK889-2013"
    later = story.case()
    papers = story.application(later, received_on="2019-07-20")
    assert later["ruleset_id"] == case["ruleset_id"]
    later = story.read_case(later)
    assert story.worker.read(f"/v1/rulesets/{later['ruleset_id']}")["code"] == "MK344-2019"
    story.worker.change(
        f"/v1/cases/{later['id']}/applications/{papers['id']}", {"received_on": "2019-07-19"}
    )
    assert story.read_case(later)["ruleset_id"] == case["ruleset_id"]


def test_the_chosen_provider_is_party_to_a_contract_of_that_day(story, api):
    case = story.case()
    refused = story.application(case, received_on="2016-12-31", expect="provider_not_contracted")
    assert pointers(refused) == {"/chosen_provider_id"}
    other = api("system_admin").create(
        "/v1/providers",
        {"name": "Cita biedrība", "register_number": str(uuid.uuid4())[:11], "active": True},
    )
    story.application(case, chosen_provider_id=other["id"], expect="provider_not_contracted")
    story.application(case, chosen_provider_id=str(uuid.uuid4()), expect="unknown_reference")
    story.application(case, received_on="2100-01-01", expect="in_the_future")
    assert story.read_case(case)["received_on"] is None


def test_an_inactive_provider_cannot_be_chosen(story, providers, database):
    def activate(active):
        with database.transaction():
            database.execute("SELECT set_config('app.actor', 'cli', true)")
            database.execute(
                "UPDATE providers SET active = %s WHERE id = %s", [active, providers["dm"]]
            )

    activate(False)
    try:
        case = story.case()
        chosen = {"chosen_provider_id": providers["dm"]}
        story.application(case, expect="provider_not_contracted", **chosen)
    finally:
        activate(True)
    story.application(case, **chosen)


def test_a_spoken_application_counts_once_it_is_written(story):
    case, papers = assessed(story, written=False)
    story.document(case, papers)
    assert story.read_case(case)["received_on"] is None
    story.step(case, "awaiting_decision", expect="basis_missing")
    path = f"/v1/cases/{case['id']}/applications/{papers['id']}"
    story.worker.change(path, {"written": True})
    assert story.read_case(case)["received_on"] == "2018-01-15"
    story.step(case, "awaiting_decision")


def test_a_minors_representative_signs_while_in_office(story):
    client = story.client(birth_date="2003-05-01")
    signer = story.worker.create(
        f"/v1/clients/{client['id']}/representatives",
        {
            "kind": "guardian", "given_name": "Maija", "family_name": "Ozola",
            "starts_on": "2018-01-10",
        },
    )
    case = story.case(client["id"])
    by = {"representative_id": signer["id"]}
    refused = story.application(case, received_on="2018-01-09", expect="not_in_office", **by)
    assert pointers(refused) == {"/representative_id"}
    assert story.application(case, **by)["representative_id"] == signer["id"]
    story.application(story.case(), expect="unknown_reference", **by)


def test_papers_that_the_agency_has_received_do_not_change(story):
    case = waiting(story)
    papers = story.worker.read(f"/v1/cases/{case['id']}/applications")["data"][0]
    path = f"/v1/cases/{case['id']}/applications/{papers['id']}"
    story.worker.change(path, {"received_on": "2018-01-10"}, expect="already_final")
    story.worker.change(path, {"remarks": "Lūdz ātru lēmumu"})
    story.application(case, expect="already_final")
    document = story.worker.read(f"{path}/documents")["data"][0]
    story.worker.change(f"{path}/documents/{document['id']}", {"issuer": "X"},
                        expect="already_final")
    story.worker.remove(f"{path}/documents/{document['id']}", expect="already_final")
    story.document(case, papers, kind="law_enforcement_certificate")
    story.step(case, "under_assessment", by=story.agency, reason="Trūkst tulkojuma")
    story.worker.remove(f"{path}/documents/{document['id']}")


# The basis: R9


@pytest.mark.parametrize(
    "kinds, refused",
    [
        ((), "commission_needed"),
        (("foreign_certificate",), "commission_needed"),
        (("foreign_certificate", "victim_decision"), None),
        (("victim_decision",), None),
        (("law_enforcement_certificate",), None),
        (("assessment_protocol",), None),
    ],
)
def test_each_document_suffices_or_not_as_the_rule_says(story, kinds, refused):
    case, papers = assessed(story)
    for kind in kinds:
        story.document(case, papers, kind=kind)
    story.step(case, "awaiting_decision", expect=refused or 201)


def test_without_an_application_no_document_helps(story):
    case = story.case()
    story.step(case, "applied")
    story.step(case, "under_assessment")
    story.step(case, "awaiting_decision", expect="basis_missing")


def test_the_commissions_protocol_that_meets_stands_for_documents(story):
    case, papers = assessed(story)
    story.document(case, papers, kind="foreign_certificate")
    police = {
        "identified_by": "police", "issuer": "Garda", "issued_on": "2018-01-12",
        "document_number": "G-17", "conclusion": "meets", "closed_on": "2018-01-20",
        "held_on": None,
    }
    sit(story, case, **police)
    sitting = commission(story, case)
    story.step(case, "awaiting_decision", expect="commission_needed")
    story.worker.change(place(case, sitting), CLOSING)
    story.step(case, "awaiting_decision")


def test_a_protocol_that_does_not_meet_is_no_basis(story):
    case, _ = assessed(story)
    sitting = commission(story, case, votes=("does_not_meet",) * 4)
    story.worker.change(place(case, sitting), CLOSING | {"conclusion": "does_not_meet"})
    story.step(case, "awaiting_decision", expect="commission_needed")


# The commission: R10, R11


def test_four_people_of_four_professions_vote(story):
    case = story.case()
    sitting = sit(story, case, **CRITERIA)
    for profession in ("social_worker", "psychologist", "lawyer"):
        caller = professions(story)[profession]
        vote(case, sitting, seat(story, case, sitting, caller, profession), caller)
    refused = story.worker.change(place(case, sitting), CLOSING, expect="commission_incomplete")
    assert "police_officer" in refused["detail"] and "lawyer" not in refused["detail"].split(".")[0]
    member = seat(story, case, sitting, story.police, "police_officer", organisation="VP")
    story.worker.change(place(case, sitting), CLOSING, expect="commission_incomplete")
    voted = vote(case, sitting, member, story.police)
    assert voted["voted_at"] is not None and voted["open"] is True
    closed = story.worker.change(place(case, sitting), CLOSING)
    assert (closed["conclusion"], closed["closed_on"]) == ("meets", "2018-01-22")


@pytest.mark.parametrize(
    "votes, concluded",
    [
        (("meets", "meets", "meets", "does_not_meet"), "meets"),
        (("meets", "meets", "does_not_meet", "does_not_meet"), "more_information"),
        (("meets", "meets", "does_not_meet", "more_information"), "more_information"),
        (("does_not_meet", "does_not_meet", "does_not_meet", "meets"), "does_not_meet"),
    ],
)
def test_the_conclusion_is_the_majoritys_and_a_tie_asks_for_more(story, votes, concluded):
    case = story.case()
    sitting = commission(story, case, votes=votes)
    for conclusion in {"meets", "does_not_meet", "more_information"} - {concluded}:
        refused = story.worker.change(
            place(case, sitting), CLOSING | {"conclusion": conclusion},
            expect="conclusion_mismatch",
        )
        assert pointers(refused) == {"/conclusion"}
    story.worker.change(place(case, sitting), CLOSING | {"conclusion": concluded})


def test_a_protocol_that_meets_the_criteria_names_act_means_and_purpose(story):
    case = story.case()
    sitting = commission(story, case, acts=[], means=[], purposes=[])
    path = place(case, sitting)
    refused = story.worker.change(path, CLOSING, expect="criteria_not_met")
    assert pointers(refused) == {"/acts", "/means", "/purposes"}
    named = {"acts": ["recruitment"], "purposes": ["forced_labour"]}
    refused = story.worker.change(path, CLOSING | named, expect="criteria_not_met")
    assert pointers(refused) == {"/means"}
    story.worker.change(path, CLOSING | named | {"minor_then": True})


def test_nobody_enters_the_vote_of_a_member_with_an_account(story):
    case = story.case()
    sitting = sit(story, case)
    for caller in (story.police, story.psychologist):
        profession = caller.account.profession
        member = seat(story, case, sitting, caller, profession)
        vote(case, sitting, member, story.worker, expect="forbidden")
        vote(case, sitting, member, story.manager, expect="forbidden")
    seat(story, case, sitting, story.lawyer, "lawyer", vote="meets", expect="forbidden")
    vote(case, sitting, member, story.lawyer, expect="forbidden")
    path = f"{place(case, sitting)}/members/{member['id']}"
    story.psychologist.change(path, {"profession": "other"}, expect="forbidden")
    vote(case, sitting, member, story.psychologist)
    changed = vote(case, sitting, member, story.psychologist, "does_not_meet")
    assert changed["vote"] == "does_not_meet"


def test_a_user_who_does_not_vote_enters_the_vote_of_a_member_without_account(story):
    case = story.case()
    sitting = commission(story, case, votes=("meets", "meets", "meets"))
    officer = {"profession": "police_officer", "organisation": "Valsts policija"}
    members = f"{place(case, sitting)}/members"
    refused = story.worker.create(members, officer, expect="validation_failed")
    assert pointers(refused) == {"/name"}
    made = story.manager.create(members, officer | {"name": "Andris Bērziņš", "vote": "meets"})
    assert made["voted_at"] is not None and made["voted_by"] == story.manager.account.id
    story.worker.change(place(case, sitting), CLOSING)


def test_only_suitable_members_may_sit(story, elsewhere):
    case = story.case()
    sitting = sit(story, case)
    seat(story, case, sitting, story.psychologist, "psychologist")
    seat(story, case, sitting, story.psychologist, "psychologist", expect="conflict")
    refused = seat(story, case, sitting, story.lawyer, "police_officer", expect="constraint")
    assert pointers(refused) == {"/profession"}
    for stranger, profession in ((elsewhere.lawyer, "lawyer"), (story.agency, "lawyer")):
        refused = seat(story, case, sitting, stranger, profession, expect="unknown_reference")
        assert pointers(refused) == {"/user_id"}
    police = sit(story, case, identified_by="police", held_on=None)
    seat(story, case, police, story.lawyer, "lawyer", expect="constraint")


def test_a_closed_sitting_is_final_and_leaves_the_outside_members_sight(story):
    case = story.case()
    sitting = commission(story, case, findings="Pase atņemta lidostā")
    path = place(case, sitting)
    own = story.police.read(f"{path}/members")["data"]
    assert [member["user_id"] for member in own] == [story.police.account.id]
    seen = story.police.read(path)
    assert seen["findings"] == "Pase atņemta lidostā" and "document_number" not in seen
    story.police.patch(path, {"findings": "x"}, etag='"1"', expect="forbidden")
    story.worker.change(path, CLOSING)
    for member in story.worker.read(f"{path}/members")["data"]:
        assert member["open"] is False
        story.worker.change(f"{path}/members/{member['id']}", {"organisation": "x"},
                            expect="already_final")
        story.worker.remove(f"{path}/members/{member['id']}", expect="already_final")
    seat(story, case, sitting, story.worker, "social_worker", expect="already_final")
    story.worker.change(path, {"conclusion": "does_not_meet"}, expect="already_final")
    story.worker.change(path, {"closed_on": None}, expect="already_final")
    story.police.get(path, expect="not_found")
    story.police.get(f"{path}/members", expect="not_found")
    story.police.get(f"{path}/members/{own[0]['id']}", expect="not_found")


def test_an_outside_member_sees_only_where_they_are_named(story):
    case = story.case()
    sitting = sit(story, case)
    seat(story, case, sitting, story.lawyer, "lawyer")
    story.police.get(place(case, sitting), expect="not_found")
    assert story.police.read(f"/v1/cases/{case['id']}/identifications")["data"] == []
    for path in ("", "/applications", "/decisions", "/journeys"):
        story.police.get(f"/v1/cases/{case['id']}{path}", expect="forbidden")


def test_an_authority_identifies_by_its_document(story):
    case = story.case()
    told = {"identified_by": "prosecutor", "held_on": None, "conclusion": "meets"}
    refused = sit(story, case, closed_on="2018-01-20", expect="validation_failed", **told)
    assert pointers(refused) == {"/issuer", "/issued_on"}
    sit(story, case, closed_on="2018-01-20", issuer="Prokuratūra", issued_on="2018-01-21",
        expect="validation_failed", **told)
    made = sit(story, case, closed_on="2018-01-21", issuer="Prokuratūra", issued_on="2018-01-21",
               document_number="P-3", **told)
    assert made["document_number"] == "P-3"


def test_each_side_sees_its_part(story, elsewhere, api):
    case, papers = assessed(story, remarks="Baidās no vervētāja")
    sitting = commission(story, case, findings="Pase atņemta lidostā")
    document = story.document(case, papers, number="VP-17")
    applications = f"/v1/cases/{case['id']}/applications/{papers['id']}"
    assert "remarks" not in story.agency.read(applications)
    seen = story.agency.read(f"{applications}/documents/{document['id']}")
    assert seen["number"] == "VP-17" and "remarks" not in seen
    protocol = story.agency.read(place(case, sitting))
    assert "conclusion" in protocol
    assert not {"findings", "acts", "means", "purposes", "minor_then"} & protocol.keys()
    for path in (applications, place(case, sitting), f"/v1/cases/{case['id']}/decisions"):
        elsewhere.worker.get(path, expect="not_found")
        api("specialist", "marta", "social_worker").get(path, expect="not_found")
        for role in ("ministry_officer", "statistician", "auditor", "system_admin"):
            api(role).get(path, expect="forbidden")


def test_the_database_refuses_a_vote_in_a_closed_sitting(story, database):
    case = story.case()
    sitting = commission(story, case)
    story.worker.change(place(case, sitting), CLOSING)
    with pytest.raises(psycopg.errors.CheckViolation) as refused, database.transaction():
        database.execute("SELECT set_config('app.actor', 'cli', true)")
        database.execute(
            "UPDATE identification_members SET vote = 'does_not_meet' WHERE identification_id = %s",
            [sitting["id"]],
        )
    assert refused.value.diag.constraint_name == "identification_members_open"
