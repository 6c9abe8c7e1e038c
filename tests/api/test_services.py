"""What the page promises before and during the course, bullet by bullet, beside consultations."""

import pytest

from story import COURSE_START, Story, at, day

DAY_180 = day(COURSE_START, 179)
DAY_181 = day(COURSE_START, 180)


@pytest.fixture(scope="module")
def story(api, providers):
    return Story(api, providers)


@pytest.fixture(scope="module")
def case(story):
    return story.case_in("in_course")


def place(case, kind):
    return f"/v1/cases/{case['id']}/{kind}"


class Services:
    """The services of one case, each with a body that its rules accept."""

    BODIES = {
        "accommodations": {"place": "in_latvia", "place_code": "R-2", "country": "LV",
                           "address": "Ziedu iela 1-2, Rīga", "starts_on": day(COURSE_START),
                           "ends_on": day(COURSE_START, 28)},
        "interpretations": {"entitlement": "course", "starts_at": at(day(COURSE_START, 3)),
                            "minutes": 60, "language_from": "ru", "language_to": "lv",
                            "interpreter": "Olga Petrova"},
        "legal_documents": {"kind": "complaint", "entitlement": "course", "minutes": 90,
                            "addressee": "Rīgas apgabaltiesa",
                            "drafted_on": day(COURSE_START, 3)},
        "trainings": {"kind": "self_care", "title": "Mājsaimniecības budžets",
                      "enrolled_on": day(COURSE_START, 4)},
        "goods": {"kind": "food", "quantity": 2, "cents": 1250,
                  "given_on": day(COURSE_START, 4)},
    }

    def __init__(self, story, case):
        self.story, self.case = story, case

    @staticmethod
    def expected(answer, expect):
        """expect: the status, or the problem's code, or that of one of its violations."""
        if isinstance(expect, int):
            assert answer.status_code == expect, answer.text
            return answer.json()
        body = answer.json()
        codes = [body.get("code"), *(error["code"] for error in body.get("errors", ()))]
        assert answer.status_code >= 400 and expect in codes, answer.text
        return body

    def create(self, service, expect=201, **more):
        body = {name: value for name, value in (self.BODIES[service] | more).items()
                if value is not None}
        return self.expected(self.story.worker.post(place(self.case, service), body), expect)

    def change(self, service, row, expect=200, **more):
        path = f"{place(self.case, service)}/{row['id']}"
        etag = self.story.worker.get(path, expect=200).headers["ETag"]
        return self.expected(self.story.worker.patch(path, more, etag=etag), expect)

    def abroad(self, expect=201, **more):
        return self.create("accommodations", expect, **({
            "place": "abroad", "place_code": "IE-1", "country": "IE", "starts_on": "2018-01-09",
            "ends_on": "2018-01-12", "address": "12 Some Street, Dublin"} | more))

    def occupant(self, stay, expect=201, **more):
        return self.story.worker.create(
            f"{place(self.case, 'accommodations')}/{stay['id']}/occupants", more, expect=expect)


@pytest.fixture
def services(story, case):
    return Services(story, case)


# Accommodation


def test_a_safe_place_abroad_until_the_return_also_for_a_potential_client(story):
    before = Services(story, story.case_in("inquiry"))
    stay = before.abroad()
    assert (stay["nights"], stay["state"], stay["funding"]) == (3, "planned", "state")
    # R13: shelter in Latvia is part of the course, which is not granted yet.
    before.create("accommodations", "not_granted")
    before.create("accommodations", funding="provider_own")


def test_a_safe_place_needs_a_contract_on_its_days(story):
    before = Services(story, story.case_in("inquiry"))
    before.abroad("no_contract", starts_on="2016-12-30", ends_on="2017-01-02")
    before.abroad(starts_on="2017-01-01", ends_on="2017-01-02")


def test_shelter_in_latvia_with_and_without_law_enforcements_cooperation(story):
    services = Services(story, story.case_in("in_course"))
    without = services.create("accommodations", ends_on=day(COURSE_START, 10))
    assert without["cooperation"] is False and without["cooperation_body"] is None
    with_them = services.create("accommodations", cooperation=True,
                                cooperation_body="Valsts policija",
                                starts_on=day(COURSE_START, 10))
    assert with_them["nights"] == 18
    refused = services.create("accommodations", "validation_failed", cooperation=True)
    assert refused["errors"][0]["pointer"] == "/cooperation_body"
    services.create("accommodations", "constraint", cooperation_body="Valsts policija")
    services.create("accommodations", "constraint", country="EE")


def test_the_nights_of_shelter_lie_within_the_course(story):
    services = Services(story, story.case_in("in_course"))
    # The last night is that of day 180; day 181 is the day of leaving.
    services.create("accommodations", starts_on=DAY_180, ends_on=DAY_181)
    services.create("accommodations", "outside_course", starts_on=DAY_181,
                    ends_on=day(DAY_181, 1))
    refused = services.create("accommodations", "outside_course", ends_on=day(DAY_181, 1))
    assert refused["errors"][0]["pointer"] == "/ends_on"
    services.create("accommodations", "end_before_start", ends_on=day(COURSE_START))


def test_two_stays_of_one_person_do_not_overlap(story):
    """R18"""
    services = Services(story, story.case_in("in_course"))
    child = story.family_member(services.case["client_id"])
    first, second = services.create("accommodations"), services.create("accommodations")
    services.occupant(first)
    services.occupant(first, "conflict")
    services.occupant(first, family_member_id=child["id"])
    services.occupant(second, "overlap")
    services.occupant(second, "overlap", family_member_id=child["id"])
    # [from, to): one leaves and arrives on the same day.
    third = services.create("accommodations", starts_on=day(COURSE_START, 28), ends_on=None)
    services.occupant(third)
    services.change("accommodations", third, "overlap", starts_on=day(COURSE_START, 27))
    services.change("accommodations", first, ends_on=day(COURSE_START, 27))
    services.change("accommodations", third, starts_on=day(COURSE_START, 27))
    # What is cancelled collides with nothing.
    services.change("accommodations", first, state="cancelled")
    services.occupant(second, "overlap")
    services.change("accommodations", third, starts_on=day(COURSE_START, 28))
    services.occupant(second)


def test_a_person_of_another_client_cannot_be_an_occupant(story):
    services = Services(story, story.case_in("in_course"))
    child = story.family_member(story.client()["id"])
    stay = services.create("accommodations")
    services.occupant(stay, "unknown_reference", family_member_id=child["id"])


def test_the_address_of_a_stay_is_in_no_list(story, services, database):
    stay = services.create("accommodations", starts_on=day(COURSE_START, 60),
                           ends_on=day(COURSE_START, 61))
    path = place(services.case, "accommodations")
    assert story.worker.read(f"{path}/{stay['id']}")["address"] == "Ziedu iela 1-2, Rīga"
    assert all("address" not in row for row in story.worker.read(path)["data"])
    refused = story.worker.get(f"{path}?fields=place_code,address", expect="bad_parameter").json()
    assert refused["errors"][0]["code"] == "item_only"
    only = story.worker.read(f"{path}/{stay['id']}?fields=address")
    assert only["address"] == "Ziedu iela 1-2, Rīga"
    (stored,) = database.execute("SELECT address FROM accommodations WHERE id = %s",
                                 [stay["id"]]).fetchone()
    assert b"Ziedu" not in stored


def test_a_corrected_stay_keeps_its_occupants_and_collides_with_nothing(story):
    services = Services(story, story.case_in("in_course"))
    stay = services.create("accommodations")
    services.create("accommodations", "not_final", corrects_id=stay["id"])
    services.occupant(stay)
    services.change("accommodations", stay, state="ended")
    services.change("accommodations", stay, "already_final", ends_on=day(COURSE_START, 20))
    services.occupant(stay, "already_final")
    better = services.create("accommodations", corrects_id=stay["id"], state="ended",
                             ends_on=day(COURSE_START, 20))
    path = f"{place(services.case, 'accommodations')}/{better['id']}/occupants"
    assert len(story.worker.read(path)["data"]) == 1
    old = story.worker.read(f"{place(services.case, 'accommodations')}/{stay['id']}")
    assert old["superseded"] is True
    services.create("accommodations", "conflict", corrects_id=stay["id"])


# Services by their minutes, days and things


@pytest.mark.parametrize("kind, member", [
    ("interpretations", "starts_at"), ("legal_documents", "drafted_on"),
    ("trainings", "enrolled_on"), ("goods", "given_on")])
def test_a_course_service_lies_within_the_course(services, kind, member):
    stamp = at if member == "starts_at" else str
    services.create(kind, **{member: stamp(day(COURSE_START))})
    services.create(kind, **{member: stamp(DAY_180)})
    for outside in (day(COURSE_START, -1), DAY_181):
        refused = services.create(kind, "outside_course", **{member: stamp(outside)})
        assert refused["errors"][0]["pointer"] == f"/{member}"
        services.create(kind, funding="provider_own", **{member: stamp(outside)})


@pytest.mark.parametrize("kind", ["interpretations", "legal_documents", "trainings", "goods"])
def test_a_course_service_begins_with_the_grant(story, kind):
    services = Services(story, story.case_in("inquiry"))
    services.create(kind, "not_granted")
    services.create(kind, funding="other")


@pytest.mark.parametrize("kind, final, more", [
    ("interpretations", "delivered", {"minutes": 30}),
    ("legal_documents", "delivered", {"minutes": 30}),
    ("trainings", "completed", {"attended_hours": 30}),
    ("goods", "delivered", {"quantity": 3})])
def test_a_delivered_service_is_corrected_by_a_record_that_names_it(services, kind, final, more):
    done = {"completed_on": day(COURSE_START, 20)} if kind == "trainings" else {}
    row = services.create(kind)
    services.create(kind, "not_final", corrects_id=row["id"])
    services.change(kind, row, outcome=final, **done)
    services.change(kind, row, "already_final", **more)
    services.create(kind, corrects_id=row["id"], outcome=final, **done, **more)
    assert services.story.worker.read(f"{place(services.case, kind)}/{row['id']}")["superseded"]
    services.create(kind, "conflict", corrects_id=row["id"])
    services.create(kind, "unknown_reference", corrects_id=services.case["id"])


@pytest.mark.parametrize("kind", ["interpretations", "legal_documents", "trainings", "goods"])
def test_a_service_that_the_client_declined_is_recorded(services, kind):
    row = services.create(kind, declined_by_client=True, outcome="cancelled")
    assert row["declined_by_client"] is True


def test_interpreting_with_a_consultation_or_alone(story, services):
    consultation = story.consultation(services.case, at(day(COURSE_START, 40)))
    row = services.create("interpretations", consultation_id=consultation["id"],
                          starts_at=at(day(COURSE_START, 40)))
    assert row["interpreter"] == "Olga Petrova"
    services.create("interpretations", "constraint", consultation_id=consultation["id"],
                    entitlement="start_up")
    services.create("interpretations", "unknown_reference",
                    consultation_id=services.case["id"])
    services.create("interpretations", "validation_failed", entitlement="aftercare")
    services.create("interpretations", "validation_failed", language_to="ru")


def test_interpreting_at_a_sitting_of_the_commission(story):
    services = Services(story, story.case_in("under_assessment"))
    sitting = story.sitting(services.case)
    with_it = {"identification_id": sitting["id"], "starts_at": at("2018-01-22"),
               "entitlement": "start_up"}
    row = services.create("interpretations", **with_it)
    assert row["identification_id"] == sitting["id"]
    services.create("interpretations", "constraint", **with_it | {"entitlement": "course"})
    talk = story.consultation(services.case, at("2018-01-22"), entitlement="start_up",
                              funding="provider_own")
    services.create("interpretations", "constraint", consultation_id=talk["id"], **with_it)
    other = story.sitting(story.case_in("under_assessment"))
    services.create("interpretations", "unknown_reference",
                    **with_it | {"identification_id": other["id"]})


def test_interpreting_is_start_up_and_drawing_up_documents_is_not(story):
    before = Services(story, story.case_in("inquiry"))
    before.create("interpretations", entitlement="start_up", starts_at=at("2018-01-09"))
    refused = before.create("legal_documents", "not_granted", entitlement="start_up",
                            drafted_on="2018-01-09")
    assert refused["errors"][0]["pointer"] == "/drafted_on"


@pytest.mark.parametrize("kind", ["interpretations", "legal_documents"])
def test_help_in_criminal_proceedings_needs_the_courses_end_and_a_basis(story, kind):
    services = Services(story, story.case_in("aftercare"))
    member = "starts_at" if kind == "interpretations" else "drafted_on"
    stamp = at if member == "starts_at" else str
    services.create(kind, "course_not_ended", entitlement="criminal_support",
                    **{member: stamp(DAY_180)})
    refused = services.create(kind, "no_support_basis", entitlement="criminal_support",
                              **{member: stamp(DAY_181)})
    assert refused["errors"][0]["pointer"] == f"/{member}"
    services.create(kind, entitlement="criminal_support", funding="provider_own",
                    **{member: stamp(DAY_181)})


def test_a_legal_document_is_filed_after_it_was_drafted(services):
    row = services.create("legal_documents", outcome="delivered")
    services.change("legal_documents", row, "end_before_start", filed_on=day(COURSE_START, 2))
    filed = services.change("legal_documents", row, filed_on=day(COURSE_START, 5))
    assert filed["filed_on"] == day(COURSE_START, 5)


def test_self_care_skills_and_education_from_enrolment_to_completion(services):
    row = services.create("trainings")
    assert (row["outcome"], row["attended_hours"]) == ("enrolled", 0)
    services.change("trainings", row, attended_hours=12)
    refused = services.change("trainings", row, "validation_failed", outcome="completed")
    assert refused["errors"][0]["pointer"] == "/completed_on"
    services.change("trainings", row, "outside_course", outcome="completed",
                    completed_on=DAY_181)
    done = services.change("trainings", row, outcome="completed", completed_on=DAY_180)
    assert (done["attended_hours"], done["outcome"]) == (12, "completed")
    services.create("trainings", kind="education", title="Valodu kursi")


@pytest.mark.parametrize("kind", ["food", "medicine", "clothing", "footwear"])
def test_goods_of_first_need_are_recorded(services, kind):
    row = services.create("goods", kind=kind, what="Pēc saraksta", outcome="delivered")
    assert (row["received_by"], row["cents"]) == ("client", 1250)
    services.create("goods", "validation_failed", kind=kind, quantity=None)


def test_money_to_buy_goods_and_who_received_it(story, services):
    child = story.family_member(services.case["client_id"])
    services.create("goods", "validation_failed", kind="money", quantity=None, cents=None)
    row = services.create("goods", kind="money", quantity=None, cents=5000,
                          received_by="family_member", family_member_id=child["id"])
    assert row["family_member_id"] == child["id"]
    services.create("goods", "validation_failed", received_by="family_member")
    services.create("goods", "constraint", family_member_id=child["id"])
    stranger = story.family_member(story.client()["id"])
    services.create("goods", "unknown_reference", received_by="family_member",
                    family_member_id=stranger["id"])


# Under support in criminal proceedings


@pytest.fixture
def supported(story):
    """The services of a case after its course, with support in proceedings from day 181 on."""
    services = Services(story, story.case_in("aftercare"))
    proceeding = story.worker.create(place(services.case, "criminal_proceedings"), {
        "authority": "Valsts policija", "client_role": "injured_party", "opened_on": "2018-02-05",
        "basis_kind": "injured_party_decision", "basis_number": "20/9-1",
        "basis_on": "2018-02-12"})
    story.worker.create(place(services.case, "support_periods"), {
        "proceeding_id": proceeding["id"], "starts_on": DAY_181})
    services.proceeding = proceeding
    return services


def minutes_used(database, services, year="2018"):
    return database.execute(
        """SELECT coalesce(sum(e.units), 0)::int FROM limit_entries e
        JOIN limit_usages u ON u.id = e.usage_id JOIN limits l ON l.id = u.limit_id
        WHERE l.unit = 'minutes' AND NOT u.own AND u.period = %s AND e.case_id = %s
        AND e.given_back_at IS NULL""", [year, services.case["id"]]).fetchone()[0]


def test_interpreting_alone_and_documents_count_by_the_minute(supported, database):
    supported.create("interpretations", entitlement="criminal_support", starts_at=at(DAY_181))
    assert minutes_used(database, supported) == 60
    row = supported.create("legal_documents", entitlement="criminal_support", drafted_on=DAY_181)
    assert minutes_used(database, supported) == 150
    supported.change("legal_documents", row, minutes=30)
    assert minutes_used(database, supported) == 90
    supported.change("legal_documents", row, outcome="cancelled")
    assert minutes_used(database, supported) == 60


def test_interpreting_within_a_consultation_is_not_counted_twice(story, supported, database):
    consultation = story.consultation(supported.case, at(DAY_181), joint=True,
                                      entitlement="criminal_support")
    used = minutes_used(database, supported)
    supported.create("interpretations", entitlement="criminal_support", starts_at=at(DAY_181),
                     consultation_id=consultation["id"])
    assert minutes_used(database, supported) == used == 60


def test_interpreting_with_a_hearing(story, supported, database):
    hearing = story.worker.create(
        f"{place(supported.case, 'criminal_proceedings')}/{supported.proceeding['id']}/hearings",
        {"starts_at": at(DAY_181)})
    more = {"entitlement": "criminal_support", "starts_at": at(DAY_181)}
    row = supported.create("interpretations", hearing_id=hearing["id"], **more)
    assert row["hearing_id"] == hearing["id"]
    assert minutes_used(database, supported) == 60
    supported.create("interpretations", "unknown_reference", hearing_id=supported.case["id"],
                     **more)


def test_over_new_year_each_minute_counts_in_its_own_year(supported, database):
    supported.create("interpretations", entitlement="criminal_support",
                     starts_at=at("2018-12-31", "23:40"))
    assert minutes_used(database, supported, "2018") == 20
    assert minutes_used(database, supported, "2019") == 40


def test_a_correction_gives_units_back_and_takes_them_again(supported, database):
    more = {"entitlement": "criminal_support", "starts_at": at(DAY_181), "outcome": "delivered"}
    row = supported.create("interpretations", **more)
    supported.create("interpretations", corrects_id=row["id"], **(more | {"minutes": 45}))
    assert minutes_used(database, supported) == 45


def test_the_state_pays_an_interpreter_only_if_the_proceedings_provide_none(
        supported, database):
    more = {"entitlement": "criminal_support", "starts_at": at(DAY_181),
            "interpreter_provided": True}
    # Under the rule set of 2013 both; from 2019 on only where there is none (R5).
    supported.create("interpretations", **more)
    with database.transaction():
        database.execute("SELECT set_config('app.actor', 'cli', true)")
        database.execute("UPDATE cases SET ruleset_id = (SELECT id FROM rulesets"
                         " WHERE code = 'MK344-2019') WHERE id = %s", [supported.case["id"]])
    supported.create("interpretations", "interpreter_provided", **more)
    supported.create("interpretations", funding="other", **more)
    supported.create("interpretations", **(more | {"interpreter_provided": False}))


# The case's diary


def test_notes_are_read_by_their_profession_and_the_case_worker(story, case, database):
    path = place(case, "notes")
    note = story.psychologist.create(path, {"text": "Sleeps better", "written_on": "2018-02-05"})
    assert note["profession"] == "psychologist"
    assert story.worker.read(f"{path}/{note['id']}")["text"] == "Sleeps better"
    story.lawyer.get(f"{path}/{note['id']}", expect="not_found")
    assert note["id"] not in [row["id"] for row in story.lawyer.read(path)["data"]]
    assert "text" not in story.manager.read(f"{path}/{note['id']}")
    story.lawyer.create(path, {"text": "x", "profession": "psychologist"},
                        expect="validation_failed")
    (stored,) = database.execute("SELECT text FROM case_notes WHERE id = %s",
                                 [note["id"]]).fetchone()
    assert b"Sleeps" not in stored


def test_case_management_has_tasks_with_due_dates(story, case):
    path = place(case, "tasks")
    story.worker.create(path, {"title": "Later", "due_on": "2018-03-01"})
    task = story.worker.create(path, {"title": "Ask the school", "due_on": "2018-02-14",
                                      "assignee_id": story.lawyer.account.id})
    assert task["status"] == "open"
    dues = [row["due_on"] for row in story.worker.read(path)["data"]]
    assert dues == sorted(dues) and len(dues) >= 2
    done = story.lawyer.change(f"{path}/{task['id']}", {"status": "done"})
    assert done["done_on"] is not None
    again = story.worker.change(f"{path}/{task['id']}", {"status": "open"})
    assert again["done_on"] is None
    story.worker.create(path, {"title": "x", "due_on": "2018-02-14", "assignee_id": case["id"]},
                        expect="unknown_reference")


def test_flags_stand_until_they_are_lifted(story, case):
    path = place(case, "flags")
    flag = story.psychologist.create(path, {"kind": "safety", "severity": "danger",
                                            "raised_on": "2018-02-05", "note": "Seen nearby"})
    assert flag["lifted_on"] is None
    story.worker.change(f"{path}/{flag['id']}", {"lifted_on": "2018-02-04"},
                        expect="validation_failed")
    assert story.worker.change(f"{path}/{flag['id']}", {"lifted_on": "2018-02-06"})["lifted_on"]


@pytest.mark.parametrize("kind", ["accommodations", "interpretations", "legal_documents",
                                  "trainings", "goods", "notes", "tasks", "flags"])
def test_nobody_else_sees_services_and_the_diary(api, case, kind):
    api("case_worker", "dm").get(place(case, kind), expect="not_found")
    for role in ("agency_officer", "commission_member", "auditor", "ministry_officer"):
        answer = api(role).get(place(case, kind))
        assert answer.status_code in (403, 404), role
