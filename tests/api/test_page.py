"""The government's page on the support for victims, bullet by bullet: what it promises is there.

A test for each bullet, named after it; the README's table says which resource, rule and test it is.
The boundaries of the rules lie in the tests of each resource.
"""

import re

import pytest

from harness import ROOT
from story import COURSE_START, Story, at, day
from test_criminal import family_hour, hearing, hour, proceeding, represent, support, use_up
from test_services import DAY_180, DAY_181, Services, place

TABLE = "## What the page promises, and where it is"
ROW = re.compile(r"^\| .+ · .+ \| (.+) \| (.*) \| `(test_\w+)` \|$", re.M)
AFTER = "2018-08-{:02}T08:00:00Z"


@pytest.fixture(scope="module")
def story(api, providers):
    return Story(api, providers)


@pytest.fixture(scope="module")
def course(story):
    return Services(story, story.case_in("in_course"))


@pytest.fixture
def supported(story):
    """After the course, with support in criminal proceedings from day 181 on."""
    services = Services(story, story.case_in("aftercare"))
    services.proceeding = proceeding(story, services.case)
    support(story, services.case, services.proceeding, starts_on=DAY_181)
    return services


def consult(story, case, starts_at=None, expect=201, **more):
    """By the worker, joint, so that no hour of another test collides."""
    return story.worker.create(place(case, "consultations"), hour(
        starts_at or at(day(COURSE_START, 5)), entitlement="course") | more, expect=expect)


def test_the_client_chooses_the_provider_in_the_application(story, providers):
    case = story.case()
    elsewhere = story.application(case, chosen_provider_id=providers["dm"])
    assert elsewhere["chosen_provider_id"] == providers["dm"]
    story.application(case, received_on="2016-12-31", expect="provider_not_contracted")


# Activities to start the service


def test_the_commission_identifies_the_victim(story):
    case = story.case_in("under_assessment")
    sitting = story.sitting(case, professions=["social_worker", "psychologist", "lawyer"])
    story.vote(sitting)
    story.close_sitting(sitting, expect="commission_incomplete")
    whole = story.sitting(case)
    story.vote(whole)
    story.close_sitting(whole, acts=[], expect="criteria_not_met")
    assert story.close_sitting(whole)["conclusion"] == "meets"


def test_a_safe_place_abroad_until_the_return(story):
    before = Services(story, story.case_in("inquiry"))
    stay = before.abroad()
    before.occupant(stay)
    journey = story.journey(before.case)
    story.traveller(journey)
    ended = before.change("accommodations", stay, state="ended")
    assert (ended["nights"], ended["funding"]) == (3, "state")


def test_the_journey_to_the_provider_is_supported_with_an_escort_if_needed(story):
    case = story.case()
    journey = story.journey(case, from_country="LV", transport="road")
    story.escort(journey, reason=None, expect="reason_missing")
    assert story.escort(journey, reason="safety")["funding"] == "state"


def test_a_social_worker_manages_the_case(story):
    case = story.case_in("inquiry")
    worker = story.worker.account.id
    story.worker.change(f"/v1/cases/{case['id']}", {"case_worker_id": worker})
    story.worker.create(place(case, "notes"), {"text": "Zvanīja", "written_on": "2018-01-09"})
    task = story.worker.create(place(case, "tasks"), {"title": "Pase", "due_on": "2018-01-20"})
    due = story.worker.read("/v1/worklist?kind=case_task&limit=200")["data"]
    mine = [row for row in due if row["subject_id"] == task["id"]]
    assert [(row["overdue"], row["responsible_id"]) for row in mine] == [(True, worker)]
    story.step(case, "applied", happened_on="2018-01-15")
    steps = story.worker.read(place(case, "transitions"))["data"]
    assert [(step["from"], step["to"]) for step in steps] == [("inquiry", "applied")]


# The service


def test_the_journey_of_a_client_or_potential_client_abroad_with_minor_children(story):
    client = story.client()
    assert (client["status"], client["current_country"]) == ("potential", "IE")
    case = story.case(client["id"])
    journey = story.journey(case)
    story.traveller(journey)
    grown = story.family_member(client["id"], birth_date="1999-04-02")
    story.traveller(journey, story.family_member(client["id"]))
    story.traveller(journey, story.family_member(client["id"], with_client=False),
                    expect="not_with_client")
    story.traveller(journey, grown, expect="not_a_minor")
    story.traveller(story.journey(case, funding="provider_own"), grown)


def test_a_person_who_cannot_travel_alone_is_escorted_from_abroad(story):
    journey = story.journey(story.case())
    story.traveller(journey)
    escort = story.escort(journey, reason="cannot_travel_alone", from_country="IE",
                          to_country="LV", user_id=None, name="Anna Liepa")
    assert (escort["reason"], escort["from_country"]) == ("cannot_travel_alone", "IE")


def test_safe_shelter_in_latvia_with_law_enforcement_if_needed(course):
    alone = course.create("accommodations", ends_on=day(COURSE_START, 10))
    both = course.create("accommodations", starts_on=day(COURSE_START, 10), cooperation=True,
                         cooperation_body="Valsts policija")
    course.occupant(alone)
    course.occupant(both)
    assert alone["cooperation"] is False and both["cooperation_body"] == "Valsts policija"
    course.create("accommodations", "outside_course", ends_on=day(DAY_181, 1))


def test_functional_abilities_are_assessed_before_the_plan(story):
    case = story.case_in("in_course")
    story.plan(case, expect="assessment_missing")
    assert story.assessment(case, self_care=4)["self_care"] == 4
    story.plan(case)


def test_the_plan_names_services_tasks_duties_and_duration(story):
    case = story.case_in("in_course")
    story.assessment(case)
    story.plan(case, ends_on=DAY_181, expect="plan_too_long")
    plan = story.plan(case, needs="Housing", goal="Lives on her own")
    assert plan["ends_on"] == DAY_180
    volume = story.plan_part(plan, "services", {"service": "consultation", "volume": 24,
                                                "unit": "consultations"})
    task = story.plan_part(plan, "tasks", {"title": "A new identity card"})
    duty = story.plan_part(plan, "duties", {"duty": "Comes to the agreed consultations."})
    assert (volume["volume"], task["status"], duty["fulfilled"]) == (24, "open", None)


def test_the_process_is_evaluated_regularly(story):
    case = story.case_in("in_course")
    story.assessment(case)
    plan = story.plan(case)
    story.plan_step(plan, "agreed", client_agreed=True, agreed_on=day(COURSE_START, 4))
    story.plan_step(plan, "active", activated_on=day(COURSE_START, 5))
    first = story.plan_part(plan, "evaluations", {"evaluated_on": day(COURSE_START, 30),
                                                  "progress": "good"})
    assert first["next_due_on"] == day(COURSE_START, 60)


@pytest.mark.parametrize("specialist", ["lawyer", "social_worker", "psychologist", "other"])
def test_consultations_of_lawyer_social_worker_psychologist_and_others(story, course, specialist):
    for date in (day(COURSE_START), DAY_180):
        consult(story, course.case, at(date), specialist_kind=specialist)
    consult(story, course.case, at(DAY_181), specialist_kind=specialist, expect="outside_course")


def test_an_interpreter_during_the_course(course):
    row = course.create("interpretations", outcome="delivered")
    assert (row["language_from"], row["language_to"], row["funding"]) == ("ru", "lv", "state")
    course.create("interpretations", "outside_course", starts_at=at(DAY_181))


def test_help_with_legal_documents_during_the_course(course):
    row = course.create("legal_documents", outcome="delivered", filed_on=day(COURSE_START, 9))
    assert row["filed_on"] == day(COURSE_START, 9)
    course.create("legal_documents", "outside_course", drafted_on=DAY_181)


def test_representation_in_court_if_the_victim_authorises_it(story):
    case = story.case_in("in_course")
    court = {"entitlement": "course", "minutes": 90, "starts_at": at(day(COURSE_START, 20))}
    path = place(case, "representations")
    story.lawyer.create(path, court, expect="no_power_of_attorney")
    story.lawyer.create(place(case, "powers_of_attorney"), {
        "scope": "Pārstāvība tiesā", "given_by": "client", "granted_on": day(COURSE_START, 10)})
    assert story.lawyer.create(path, court)["lawyer_id"] == story.lawyer.account.id


@pytest.mark.parametrize("kind", ["self_care", "self_service"])
def test_self_care_and_self_service_skills(course, kind):
    row = course.create("trainings", kind=kind)
    course.change("trainings", row, attended_hours=12)
    done = course.change("trainings", row, outcome="completed", completed_on=DAY_180)
    assert (done["attended_hours"], done["outcome"]) == (12, "completed")


@pytest.mark.parametrize("kind", ["food", "medicine", "clothing", "footwear", "money"])
def test_goods_of_first_need_or_money_to_buy_them(course, kind):
    row = course.create("goods", kind=kind, outcome="delivered",
                        quantity=None if kind == "money" else 1)
    assert (row["cents"], row["received_by"]) == (1250, "client")


@pytest.mark.parametrize("kind", ["education", "language", "vocational"])
def test_trainings_and_education_programmes_for_reintegration(course, kind):
    row = course.create("trainings", kind=kind, title="Latviešu valoda")
    assert course.change("trainings", row, outcome="left")["outcome"] == "left"
    course.create("trainings", "outside_course", kind=kind, enrolled_on=DAY_181)


# After the course


@pytest.mark.parametrize("specialist", ["lawyer", "social_worker", "psychologist"])
def test_after_the_course_consultations_in_criminal_proceedings(story, supported, specialist):
    case, support_hour = supported.case, {"entitlement": "criminal_support"}
    consult(story, case, AFTER.format(1), specialist_kind=specialist, **support_hour)
    consult(story, case, at(DAY_180), specialist_kind=specialist, expect="course_not_ended",
            **support_hour)
    consult(story, case, AFTER.format(1), specialist_kind="other",
            expect="specialist_not_covered", **support_hour)


def test_after_the_course_an_interpreter_in_criminal_proceedings(supported):
    row = supported.create("interpretations", entitlement="criminal_support",
                           starts_at=at(DAY_181))
    assert row["entitlement"] == "criminal_support"


def test_after_the_course_legal_documents_in_criminal_proceedings(supported):
    row = supported.create("legal_documents", entitlement="criminal_support", drafted_on=DAY_181)
    assert row["entitlement"] == "criminal_support"


def test_after_the_course_representation_if_the_victim_authorises_it(story, supported):
    case = supported.case
    court = hearing(story, case, supported.proceeding)
    represent(story, case, court, expect="no_power_of_attorney")
    story.lawyer.create(place(case, "powers_of_attorney"), {
        "scope": "Kriminālprocess", "given_by": "client", "granted_on": "2018-09-01"})
    assert represent(story, case, court)["minutes"] == 90


def test_at_most_150_consultations_a_year_in_criminal_proceedings(story, supported, database, api):
    ministry = api("ministry_officer")
    contract = next(c for c in ministry.pages("/v1/contracts")
                    if c["number"] == "LRLM2016/28-3-02/25")
    limits = f"/v1/contracts/{contract['id']}/limits"
    code = "criminal_support_consultations"
    if code not in [row["code"] for row in ministry.pages(limits)]:
        ministry.create(limits, {
            "code": code, "service": "criminal_support", "unit": "consultations",
            "amount": 150, "per": "person", "period": "calendar_year", "enforcement": "block"})
    use_up(database, supported.case, code, 149)
    support_hour = {"entitlement": "criminal_support", "starts_at": AFTER.format(2)}
    last = consult(story, supported.case, **support_hour)
    consult(story, supported.case, expect="yearly_limit_reached", **support_hour)
    consult(story, supported.case, funding="provider_own", **support_hour)
    story.worker.change(f"{place(supported.case, 'consultations')}/{last['id']}",
                        {"outcome": "cancelled"})
    consult(story, supported.case, **support_hour)


def test_five_one_hour_consultations_within_two_years_without_criminal_support(story):
    case = story.case_in("aftercare")
    after = {"entitlement": "aftercare", "specialist_kind": "psychologist"}
    of = proceeding(story, case)
    support(story, case, of, starts_on="2018-09-01", ends_on="2018-09-30")
    consult(story, case, "2018-09-15T08:00:00Z", expect="criminal_support_active", **after)
    consult(story, case, "2018-10-01T08:00:00Z", minutes=61, expect="aftercare_too_long", **after)
    last = "2020" + DAY_180[4:]
    consult(story, case, at(day(last, 1)), expect="aftercare_expired", **after)
    consult(story, case, at(last), **after)
    for number in range(1, 5):
        consult(story, case, f"2018-10-0{number}T08:00:00Z", **after)
    consult(story, case, "2018-10-05T08:00:00Z", expect="aftercare_exhausted", **after)


def test_five_consultations_for_the_family_of_a_minor_client_in_latvia(story):
    case = story.case_in("in_course", birth_date="2003-01-01")
    here = story.family_member(case["client_id"], relation="parent", in_latvia=True)
    away = story.family_member(case["client_id"], relation="parent", in_latvia=False)

    def counsel(member, date, **more):
        return story.worker.create(place(case, "consultations"),
                                   family_hour(member, starts_at=at(date)), **more)

    counsel(away, "2018-03-01", expect="not_in_latvia")
    for number in range(1, 4):
        counsel(here, f"2018-03-0{number}")
    story.to_aftercare(case, COURSE_START)
    counsel(here, "2018-09-01")
    counsel(here, "2018-09-02")
    counsel(here, "2018-09-03", expect="family_limit_reached")
    grown = story.case_in("in_course")
    member = story.family_member(grown["client_id"], relation="parent", in_latvia=True)
    story.worker.create(place(grown, "consultations"), family_hour(member),
                        expect="not_a_minor")


def test_a_whole_course_asks_for_no_proceeding_and_no_cooperation(story):
    """R17: every service of the course, and its end, while nobody has gone to the police."""
    services = Services(story, story.case_in("in_course"))
    case = services.case
    story.assessment(case)
    plan = story.plan(case)
    for status, more in (("agreed", {"client_agreed": True, "agreed_on": day(COURSE_START, 4)}),
                         ("active", {"activated_on": day(COURSE_START, 5)})):
        story.plan_step(plan, status, **more)
    for kind in Services.BODIES:
        assert services.create(kind)["funding"] == "state"
    for specialist in ("lawyer", "social_worker", "psychologist", "other"):
        consult(story, case, specialist_kind=specialist)
    story.plan_part(plan, "evaluations", {"evaluated_on": DAY_180, "progress": "reached",
                                          "final": True})
    story.to_aftercare(case, COURSE_START)
    consult(story, case, AFTER.format(3), entitlement="aftercare")
    story.to_closed(case, COURSE_START)
    file = story.worker.read(f"/v1/cases/{case['id']}/file")
    assert file["case"]["status"] == "closed" and file["criminal_proceedings"] == []
    assert {row["cooperation"] for row in file["accommodations"]} == {False}


def test_the_readmes_table_names_a_test_a_resource_and_a_rule_for_every_bullet(story):
    section = (ROOT / "README.md").read_text().partition(TABLE + "\n")[2].partition("\n## ")[0]
    rows = ROW.findall(section)
    paths = story.worker.read("/v1/openapi.json")["paths"]
    resources = {part for path in paths for part in path.split("/") if part}
    rules = {f"R{number}" for number in range(1, 24)}
    tests = {name for name in globals() if name.startswith("test_")}
    assert tests - {name for _, _, name in rows} == {
        "test_the_readmes_table_names_a_test_a_resource_and_a_rule_for_every_bullet"}
    for named, told, name in rows:
        assert name in tests, name
        missing = set(re.findall(r"`(\w+)`", named)) - resources
        assert not missing, f"{name}: no resource {missing}"
        assert set(re.findall(r"R\d+", told)) <= rules, f"{name}: {told}"
