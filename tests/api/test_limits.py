"""R31: the state does not pay what a missing limit would bound; with other money it is recorded."""

import itertools

import pytest

from billing import Billing
from story import day
from test_criminal import (after_course, family_hour, hearing, hour,  # noqa: F401
                           stories, supported)
from world import body_schema

YEARS = itertools.count(1900)
TERMS = {
    "course": {"service": "course", "unit": "days", "amount": 180, "per": "case",
               "period": "whole"},
    "criminal_support_minutes": {"service": "criminal_support", "unit": "minutes",
                                 "amount": 9000, "per": "person", "period": "calendar_year"},
    "criminal_support_consultations": {"service": "criminal_support", "unit": "consultations",
                                       "amount": 150, "per": "person",
                                       "period": "calendar_year"},
    "aftercare": {"service": "aftercare", "unit": "consultations", "amount": 5, "per": "case",
                  "period": "window", "window_months": 24},
    "family": {"service": "family", "unit": "consultations", "amount": 5, "per": "client",
               "period": "whole"},
}
# A contract's own; the others are every rule set's.
OF_CONTRACT = "criminal_support_consultations"
NAMED = [code for code in TERMS if code != OF_CONTRACT]


def add(ministry, place, code, expect=201, **more):
    return ministry.create(f"{place}/limits", {"code": code, "enforcement": "block"} | TERMS[code]
                           | more, expect=expect)


@pytest.fixture
def ministry(api):
    return api("ministry_officer")


@pytest.fixture
def incomplete(ministry, database):
    """incomplete(code, case, …): a rule set that lacks that limit, under which the cases are."""

    def make(code, *cases):
        year = next(YEARS)
        ruleset = ministry.create("/v1/rulesets", {
            "code": f"LACKS-{year}", "title": f"Bez {code}", "law": "MK", "aftercare_minutes": 60,
            "starts_on": f"{year}-01-01", "ends_on": f"{year}-12-31", "no_show_consumes": False,
            "witness_supported": True, "interpreter_only_where_none": True, "plan_due_days": 14,
            "evaluation_days": 30})
        for other in NAMED:
            if other != code:
                add(ministry, f"/v1/rulesets/{ruleset['id']}", other)
        with database.transaction():
            database.execute("SELECT set_config('app.actor', 'cli', true)")
            database.execute("UPDATE cases SET ruleset_id = %s WHERE id = ANY(%s)",
                             [ruleset["id"], [case["id"] for case in cases]])
        return f"/v1/rulesets/{ruleset['id']}"

    return make


@pytest.fixture
def story(stories):  # noqa: F811
    return stories["marta"]


def test_the_list_of_limits_is_closed(ministry, database):
    codes = body_schema("/v1/rulesets/{ruleset_id}/limits")["properties"]["code"]["enum"]
    assert set(codes) == set(TERMS)
    ruleset = next(iter(ministry.pages("/v1/rulesets")))
    for code in ("course_days", "Course", "aftercare_2"):
        refused = ministry.create(f"/v1/rulesets/{ruleset['id']}/limits", TERMS["course"] | {
            "code": code, "enforcement": "block"}, expect=422)
        assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [
            ("/code", "not_in_list")]
    (definition,) = database.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conname = 'limits_code_check'").fetchone()
    assert all(f"'{code}'" in definition for code in codes) and "course_days" not in definition


@pytest.mark.parametrize("code, more, pointer", [
    ("course", {"service": "aftercare"}, "/service"),
    ("course", {"unit": "minutes"}, "/unit"),
    ("criminal_support_minutes", {"unit": "consultations"}, "/unit"),
    ("family", {"service": "course"}, "/service"),
    ("aftercare", {"period": "whole", "window_months": None}, "/period")])
def test_a_limit_bounds_what_its_name_says(ministry, incomplete, code, more, pointer):
    refused = add(ministry, incomplete(code), code, expect=422, **more)
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [(pointer, "constraint")]


def test_a_contract_bounds_no_course(ministry, api, providers):
    billing = Billing(api, providers, months=0)
    refused = add(ministry, billing.place, "course", expect=422)
    assert [e["pointer"] for e in refused["errors"]] == ["/code"]


# The grant: with it a rule set comes into force.


@pytest.mark.parametrize("code", NAMED)
def test_an_incomplete_rule_set_grants_nothing(story, ministry, incomplete, code):
    case = story.case_in("awaiting_decision")
    place = incomplete(code, case)
    refused = story.grant(case, expect=409)
    assert refused["code"] == "limit_missing" and "R31" in refused["title"]
    assert f" {code};" in refused["detail"]
    assert story.read_case(case)["status"] == "awaiting_decision"
    add(ministry, place, code)
    assert story.grant(case)["course_end"] == day("2018-02-01", 179)


def test_no_rule_set_grants_eight_hundred_days(story, ministry, incomplete):
    """The named attack: course_days instead of course."""
    case = story.case_in("awaiting_decision")
    place = incomplete("course", case)
    end = {"course_end": day("2018-02-01", 799)}
    assert story.grant(case, expect=409, **end)["code"] == "limit_missing"
    add(ministry, place, "course")
    assert story.grant(case, expect=422, **end)["code"] == "course_too_long"
    story.grant(case)


def test_a_course_without_its_limit_can_end_but_not_be_extended(story, incomplete):
    case = story.case_in("in_course")
    incomplete("course", case)

    def decide(kind, expect=201, **more):
        return story.agency.create(f"/v1/cases/{case['id']}/decisions", {
            "kind": kind, "number": f"R31-{case['number']}-{kind}", "decided_on": "2018-03-01",
            "reasons": "R31"} | more, expect=expect)

    assert decide("amendment", expect=409, course_end=day("2018-02-01", 900))["code"] \
        == "limit_missing"
    decide("termination")
    assert story.read_case(case)["course_end"] == "2018-03-01"


# Acts: each is refused where its own limit is missing, and recorded with other money.


def aftercare(story, case):
    return story.worker, "consultations", hour(entitlement="aftercare",
                                               specialist_kind="psychologist")


def family(story, case):
    return story.worker, "consultations", family_hour(
        story.family_member(case["client_id"], in_latvia=True))


def support(story, case):
    supported(story, case)
    return story.worker, "consultations", hour()


def interpreting(story, case):
    supported(story, case)
    return story.worker, "interpretations", {
        "entitlement": "criminal_support", "starts_at": "2018-03-20T06:00:00Z", "minutes": 60,
        "language_from": "uk", "language_to": "lv"}


def document(story, case):
    supported(story, case)
    return story.lawyer, "legal_documents", {
        "kind": "claim", "entitlement": "criminal_support", "drafted_on": "2018-03-20",
        "minutes": 60, "addressee": "Tiesa"}


def represented(story, case):
    at = hearing(story, case, supported(story, case))
    story.lawyer.create(f"/v1/cases/{case['id']}/powers_of_attorney", {
        "scope": "Tiesā", "given_by": "client", "granted_on": "2018-03-01"})
    return story.lawyer, "representations", {
        "hearing_id": at["id"], "entitlement": "criminal_support", "minutes": 90}


ACTS = [("aftercare", aftercare), ("family", family), ("criminal_support_minutes", support),
        ("criminal_support_minutes", interpreting), ("criminal_support_minutes", document),
        ("criminal_support_minutes", represented)]


def test_every_named_limit_is_tried():
    assert {code for code, _ in ACTS} | {"course", OF_CONTRACT} == set(TERMS)


@pytest.mark.parametrize("code, act", ACTS, ids=lambda value: getattr(value, "__name__", value))
def test_the_state_does_not_pay_an_act_whose_limit_is_missing(
        story, ministry, after_course, incomplete, code, act):  # noqa: F811
    case = after_course(story, birth_date="2003-01-01")
    who, kind, body = act(story, case)
    place, url = incomplete(code, case), f"/v1/cases/{case['id']}/{kind}"
    for _ in range(2):
        refused = who.create(url, body, expect=409)
        assert refused["code"] == "limit_missing" and f" {code};" in refused["detail"]
        assert [error["pointer"] for error in refused["errors"]] == ["/funding"]
    lv = who.post(url, body, headers={"Accept-Language": "lv"}).json()
    assert lv["title"] == "Trūkst ierobežojuma (R31)"
    own = who.create(url, body | {"funding": "provider_own"})
    refused = who.patch(f"{url}/{own['id']}", {"funding": "state"}, etag='"1"')
    assert refused.json()["code"] == "limit_missing"
    add(ministry, place, code)
    assert who.create(url, body)["funding"] == "state"


def test_a_contract_that_has_limits_has_all_of_them(api, providers, database):
    billing = Billing(api, providers, months=2)
    case = billing.case()
    with database.transaction():
        database.execute("SELECT set_config('app.actor', 'cli', true)")
        database.execute(
            "UPDATE cases SET status = 'aftercare', course_end = course_start WHERE id = %s",
            [case["id"]])
    of = billing.serve(
        case, "criminal_proceedings", authority="Valsts policija", opened_on=billing.day(1, 1),
        client_role="injured_party", basis_kind="injured_party_decision", basis_number="1",
        basis_on=billing.day(1, 1))
    billing.serve(case, "support_periods", proceeding_id=of["id"],
                  starts_on=billing.day(1, 2), basis="injured_party_decision")
    act = {"entitlement": "criminal_support"}
    billing.consult(case, billing.day(1, 5), **act)
    add(billing.ministry, billing.place, "aftercare", period="whole", window_months=None)
    refused = billing.consult(case, billing.day(1, 6), expect=409, **act)
    assert refused["code"] == "limit_missing" and OF_CONTRACT in refused["detail"]
    billing.consult(case, billing.day(1, 6), funding="other", **act)
    add(billing.ministry, billing.place, OF_CONTRACT)
    billing.consult(case, billing.day(1, 7), **act)
