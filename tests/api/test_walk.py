"""The main job from end to end, as a case worker does it, with the refusals on the way."""

import pytest

from story import COURSE_START, PHASES, Story, at, day


@pytest.fixture
def story(api, providers):
    return Story(api, providers)


def test_a_case_walks_through_every_phase(story):
    case = story.case_in("closed")
    steps = story.worker.read(f"/v1/cases/{case['id']}/transitions?limit=200")["data"]
    taken = [step["to"] for step in reversed(steps) if not step["decided"]]
    assert taken == [phase for phase in PHASES[1:] if phase != "granted"]
    assert case["close_reason"] == "completed"


def test_the_course_has_its_days_and_the_client_becomes_active(story):
    case = story.case_in("in_course")
    assert case["course_start"] == day(COURSE_START)
    assert case["course_end"] == day(COURSE_START, 179)
    assert story.worker.read(f"/v1/clients/{case['client_id']}")["status"] == "active"


def test_a_potential_client_travels_home_with_an_escort(story):
    client = story.client()
    assert client["status"] == "potential"
    child = story.family_member(client["id"])
    grown = story.family_member(client["id"], birth_date="1998-04-02")
    case = story.case(client["id"])
    journey = story.journey(case)
    assert (journey["state"], journey["funding"]) == ("planned", "state")
    story.traveller(journey)
    story.traveller(journey, child)
    story.traveller(journey, grown, expect="not_a_minor")
    story.escort(journey, reason=None, expect="reason_missing")
    story.escort(journey, reason="minor", expect="not_a_minor")
    story.escort(journey)
    done = story.worker.change(story.place(journey), {
        "state": "under_way", "departed_at": "2018-01-12T08:20:00Z"})
    done = story.worker.change(story.place(journey), {
        "state": "completed", "arrived_at": "2018-01-12T13:45:00Z", "cost_cents": 21300})
    assert done["state"] == "completed"
    story.worker.change(story.place(journey), {"to_country": "EE"}, expect="already_final")


def test_other_services_than_start_up_wait_for_the_grant(story):
    case = story.case_in("applied")
    story.consultation(case, at("2018-01-20"), expect="not_granted")
    story.consultation(case, at("2018-01-20"), funding="provider_own")


def test_start_up_is_the_social_workers_case_management_and_no_way_round_the_course(story):
    early, late = story.case_in("applied"), story.case_in("aftercare")
    for case, when, refusal in ((early, at("2018-01-20"), "not_granted"),
                                (late, at("2018-08-20"), "outside_course")):
        manage = {"entitlement": "start_up", "joint": True}
        story.consultation(case, when, by=story.worker, specialist_kind="social_worker", **manage)
        for kind in ("psychologist", "lawyer", "other"):
            story.consultation(case, when, specialist_kind=kind, expect=refusal, **manage)
        story.consultation(case, when, funding="provider_own", **manage)
        story.worker.create(f"/v1/cases/{case['id']}/legal_documents", {
            "kind": "claim", "addressee": "Pašvaldība", "drafted_on": when[:10], "minutes": 30,
            "entitlement": "start_up"}, expect=refusal)


def test_no_decision_without_papers(story):
    case = story.case()
    story.step(case, "under_assessment", expect="illegal_transition")
    story.step(case, "applied")
    story.step(case, "under_assessment")
    story.step(case, "awaiting_decision", expect="basis_missing")
    application = story.application(case)
    story.document(case, application, kind="foreign_certificate")
    story.step(case, "awaiting_decision", expect="commission_needed")
    sitting = story.sitting(case)
    story.vote(sitting)
    story.close_sitting(sitting)
    story.step(case, "awaiting_decision")


def test_the_commission_needs_all_four_and_the_criteria(story):
    case = story.case_in("under_assessment")
    sitting = story.sitting(case)
    story.close_sitting(sitting, expect="commission_incomplete")
    story.vote(sitting)
    story.close_sitting(sitting, conclusion="does_not_meet", expect="conclusion_mismatch")
    story.close_sitting(sitting, means=[], expect="criteria_not_met")
    assert story.close_sitting(sitting)["conclusion"] == "meets"
    story.close_sitting(sitting, purposes=["servitude"], expect="already_final")


def test_the_police_officer_sees_the_sitting_while_it_is_open_and_nothing_else(story):
    case = story.case_in("under_assessment")
    sitting = story.sitting(case)
    place = story.sitting_place(sitting)
    own = story.police.read(f"{place}/members")["data"]
    assert [member["profession"] for member in own] == ["police_officer"]
    lawyer = story.worker.read(f"{place}/members?profession=lawyer")["data"][0]
    story.police.patch(f"{place}/members/{lawyer['id']}", {"vote": "meets"}, etag='"1"',
                       expect="not_found")
    story.worker.change(f"{place}/members/{lawyer['id']}", {"vote": "meets"}, expect="forbidden")
    story.police.get(f"/v1/clients/{case['client_id']}", expect="forbidden")
    story.vote(sitting)
    story.close_sitting(sitting)
    story.police.get(place, expect="not_found")


def test_only_the_agency_grants_and_the_course_keeps_its_length(story):
    case = story.case_in("awaiting_decision")
    story.grant(case, by=story.worker, expect="forbidden")
    story.step(case, "granted", by=story.agency, expect="decision_needed")
    story.grant(case, course_end=day(COURSE_START, 180), expect="course_too_long")
    story.grant(case, kind="refusal", course_start=None, expect="reasons_required")
    decision = story.grant(case)
    assert decision["course_end"] == day(COURSE_START, 179)
    assert story.read_case(case)["status"] == "granted"


def test_an_assessed_client_agrees_to_a_plan_that_becomes_active(story):
    case = story.case_in("in_course")
    story.plan(case, expect="assessment_missing")
    story.assessment(case)
    story.plan(case, ends_on=day(COURSE_START, 180), expect="plan_too_long")
    plan = story.plan(case)
    place = story.plan_place(plan)
    story.plan_part(plan, "services", {"service": "consultation", "volume": 24,
                                       "unit": "consultations"})
    task = story.plan_part(plan, "tasks", {"title": "Apply for a new identity card"})
    duty = story.plan_part(plan, "duties", {"duty": "Comes to the agreed consultations."})
    story.plan_step(plan, "active", expect="illegal_transition")
    story.plan_step(plan, "agreed", client_agreed=True, agreed_on=day(COURSE_START, 4))
    story.plan_part(plan, "tasks", {"title": "One more"}, expect="already_final")
    story.plan_part(plan, "evaluations", {"evaluated_on": day(COURSE_START, 30),
                                          "progress": "good"}, expect="not_final")
    story.plan_step(plan, "active", activated_on=day(COURSE_START, 5))
    story.worker.change(f"{place}/tasks/{task['id']}", {"status": "done"})
    story.worker.change(f"{place}/duties/{duty['id']}", {"fulfilled": True})
    story.worker.change(place, {"goal": "Another one"}, expect="already_final")


def test_the_course_ends_with_an_evaluation(story):
    case = story.case_in("in_course")
    story.assessment(case)
    plan = story.plan(case)
    story.plan_step(plan, "agreed", client_agreed=True, agreed_on=day(COURSE_START, 4))
    story.plan_step(plan, "active", activated_on=day(COURSE_START, 5))
    first = story.plan_part(plan, "evaluations", {
        "evaluated_on": day(COURSE_START, 30), "progress": "good"})
    assert first["next_due_on"] == day(COURSE_START, 60)
    last = story.plan_part(plan, "evaluations", {
        "evaluated_on": day(COURSE_START, 179), "progress": "reached", "final": True})
    assert last["next_due_on"] is None
    story.plan_step(plan, "completed", completed_on=day(COURSE_START, 179))
    story.to_aftercare(case, COURSE_START)


def test_a_plan_is_replaced_and_not_edited(story):
    case = story.case_in("in_course")
    story.assessment(case)
    first = story.plan(case)
    story.plan(case, replaces_id=first["id"], expect="not_final")
    for status in ("agreed", "active"):
        story.plan_step(first, status)
    second = story.plan(case, replaces_id=first["id"])
    assert second["number"] == 2
    for status in ("agreed", "active"):
        story.plan_step(second, status)
    assert story.worker.read(story.plan_place(first))["status"] == "replaced"


def test_consultations_within_the_course(story):
    case = story.case_in("in_course", start="2018-03-05")
    story.consultation(case, at(day("2018-03-05")))
    story.consultation(case, at(day("2018-03-05", 179)))
    story.consultation(case, at(day("2018-03-05", 180)), expect="outside_course")
    story.consultation(case, at(day("2018-03-05", 180)), funding="provider_own")


def test_five_consultations_after_the_course_and_no_sixth(story):
    case = story.case_in("aftercare", start="2018-02-01")
    later = [day("2018-02-01", 200 + number) for number in range(6)]
    story.consultation(case, at(day("2018-02-01", 100)), entitlement="aftercare",
                       expect="course_not_ended")
    story.consultation(case, at(later[0]), entitlement="aftercare", minutes=61,
                       expect="aftercare_too_long")
    taken = [story.consultation(case, at(date), entitlement="aftercare") for date in later[:5]]
    assert story.entitlement(case, "aftercare")["remaining"] == 0
    story.consultation(case, at(later[5]), entitlement="aftercare", expect="aftercare_exhausted")
    story.psychologist.change(f"/v1/cases/{case['id']}/consultations/{taken[0]['id']}",
                              {"outcome": "cancelled"})
    assert story.entitlement(case, "aftercare")["remaining"] == 1
    story.consultation(case, at(later[5]), entitlement="aftercare")


def test_a_held_consultation_is_corrected_by_a_new_record(story):
    case = story.case_in("in_course", start="2018-04-10")
    held = story.consultation(case, at("2018-04-12"), outcome="held")
    place = f"/v1/cases/{case['id']}/consultations"
    story.psychologist.change(f"{place}/{held['id']}", {"minutes": 90}, expect="already_final")
    story.consultation(case, at("2018-04-12"), outcome="held", minutes=90,
                       corrects_id=held["id"])
    assert story.psychologist.read(f"{place}/{held['id']}")["superseded"] is True


def test_the_other_provider_learns_nothing(story, api):
    case = story.case_in("inquiry")
    stranger = api("case_worker", "dm")
    stranger.get(f"/v1/cases/{case['id']}", expect="not_found")
    stranger.get(f"/v1/clients/{case['client_id']}", expect="not_found")
    stranger.get(f"/v1/cases/{case['id']}/transitions", expect="not_found")
