"""GET /v1/contracts/{id}/usage: what the ministry asks of a contract, and a manager of their own
part: people, days, consultations, minutes and cents against what was planned."""

import pytest

from billing import Billing, at
from story import Story

CODE = "criminal_support_consultations"
COUNTED = ("people", "acts", "consultations", "minutes", "days", "pieces", "cents", "unpriced")


def counts(line):
    return {name: line[name] for name in COUNTED if line[name] != 0}


@pytest.fixture
def billing(api, providers):
    return Billing(api, providers, months=2)


@pytest.fixture
def empty(api, providers):
    return Billing(api, providers, months=0)


@pytest.fixture
def both(api, providers):
    return Billing(api, providers, ("marta", "dm"))


def test_the_usage_lists_delivered_acts_by_provider_and_service(both):
    both.rate("consultation", "hour", 2490)
    both.rate("goods", "piece", 300)
    case, other = both.case("marta"), both.case("dm")
    both.consult(case, both.day(1, 5), "marta", minutes=90)
    both.consult(other, both.day(1, 5), "dm")
    both.consult(other, both.day(2, 5), "dm")
    both.serve(case, "goods", kind="food", quantity=4, given_on=both.day(1, 6), cents=9999,
               outcome="delivered")
    assert counts(both.used("consultation", "marta")) == {
        "people": 1, "acts": 1, "consultations": 1, "minutes": 90, "pieces": 1, "cents": 3735}
    assert counts(both.used("consultation", "dm")) == {
        "people": 1, "acts": 2, "consultations": 2, "minutes": 120, "pieces": 2, "cents": 4980}
    assert counts(both.used("goods")) == {
        "people": 1, "acts": 1, "pieces": 4, "cents": 1200}
    assert counts(both.used()) == {"people": 2, "acts": 4, "consultations": 3, "minutes": 210,
                                   "pieces": 7, "cents": 9915}


def test_a_person_at_two_providers_is_counted_once_in_all(both):
    code = "230491-10027"
    for provider, number in (("marta", 10), ("dm", 11)):
        story = both.stories[provider]
        client = story.client(personal_code=code, birth_date="1991-04-23")["id"]
        both.start_up(story.case(client), both.day(0, number), provider)
    assert both.used()["people"] == 1
    assert [both.used(provider=name)["people"] for name in ("marta", "dm")] == [1, 1]
    assert both.used("consultation")["people"] == 1


def test_a_manager_sees_only_the_own_providers_part(both):
    case, other = both.case("marta"), both.case("dm")
    both.consult(case, both.day(1, 5), "marta")
    both.consult(other, both.day(1, 6), "dm", minutes=45)
    mine = both.usage(both.stories["dm"].manager)
    ids = {line["provider_id"] for line in mine["lines"]}
    assert ids == {None, both.stories["dm"].provider_id}
    assert both.used(by=both.stories["dm"].manager)["minutes"] == 45
    assert both.used("consultation", by=both.stories["marta"].manager)["minutes"] == 60
    assert both.used()["minutes"] == 105


def test_aggregates_name_nobody_and_only_payer_and_decider_see_them(billing, api):
    case = billing.case(given_name="Zaiga", family_name="Noslēpumaina")
    billing.consult(case, billing.day(1, 5))
    for role in ("ministry_officer", "agency_officer"):
        told = api(role).get(f"{billing.place}/usage", expect=200).text
        for secret in (case["id"], case["client_id"], case["number"], "Zaiga", "Noslēpumaina"):
            assert secret not in told, (role, secret)
        assert billing.used(by=api(role))["people"] == 1
    # The statistician's figures hide small cells (R21); an account cannot.
    for role, provider in (("case_worker", "marta"), ("auditor", None), ("system_admin", None),
                           ("statistician", None)):
        api(role, provider).get(f"{billing.place}/usage", expect="forbidden")


def test_a_provider_outside_the_contract_has_no_usage(billing, api):
    billing.consult(billing.case(), billing.day(1, 5))
    stranger = api("provider_manager", "dm")
    assert counts(billing.used(by=stranger)) == {}
    assert len(billing.usage(stranger)["lines"]) == 1


def test_the_usage_shows_the_planned_volume_beside_the_use(billing):
    billing.ministry.create(f"{billing.place}/volumes", {
        "service": "consultation", "unit": "hour", "amount": 100})
    billing.ministry.create(f"{billing.place}/volumes", {
        "service": "journey", "unit": "piece", "amount": 12})
    billing.consult(billing.case(), billing.day(1, 5))
    total = billing.used()
    assert (total["planned_clients"], total["planned_amount"]) == (24, None)
    line = billing.used("consultation")
    assert (line["minutes"], line["planned_unit"], line["planned_amount"]) == (60, "hour", 100)
    unused = billing.used("journey")
    assert counts(unused) == {} and unused["planned_amount"] == 12
    assert billing.used("consultation", "marta")["planned_amount"] is None


def test_a_volume_is_planned_once_and_in_a_unit_of_its_service(empty):
    place = f"{empty.place}/volumes"
    body = {"service": "journey", "unit": "piece", "amount": 12}
    made = empty.ministry.create(place, body)
    empty.ministry.create(place, body, expect=409)
    refused = empty.ministry.create(place, {"service": "escort", "unit": "hour", "amount": 1},
                                      expect=422)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("constraint", "/unit")
    empty.manager.create(place, body, expect=403)
    empty.ministry.change(f"{place}/{made['id']}", {"amount": 20})
    assert empty.used("journey")["planned_amount"] == 20
    empty.ministry.remove(f"{place}/{made['id']}")
    assert [line["service"] for line in empty.usage()["lines"]] == [None]


def test_the_contracts_limits_are_shown_with_the_units_taken(billing, database):
    billing.ministry.create(f"{billing.place}/limits", {
        "code": CODE, "service": "criminal_support", "unit": "consultations",
        "amount": 150, "per": "person", "period": "calendar_year", "enforcement": "block"})
    assert billing.usage()["limits"] == [{
        "code": CODE, "service": "criminal_support", "unit": "consultations", "per": "person",
        "period": "calendar_year", "amount": 150, "used": 0, "holders": 0}]
    case = billing.case()
    with database.transaction():
        database.execute("SELECT set_config('app.actor', 'cli', true)")
        database.execute(
            "UPDATE cases SET status = 'aftercare', course_end = course_start WHERE id = %s",
            [case["id"]])
    proceeding = billing.serve(
        case, "criminal_proceedings", authority="Valsts policija", opened_on=billing.day(1, 1),
        client_role="injured_party", basis_kind="injured_party_decision", basis_number="1",
        basis_on=billing.day(1, 1))
    billing.serve(case, "support_periods", proceeding_id=proceeding["id"],
                  starts_on=billing.day(1, 2), basis="injured_party_decision")
    billing.consult(case, billing.day(1, 5), entitlement="criminal_support")
    (limit,) = billing.usage()["limits"]
    assert (limit["used"], limit["holders"]) == (1, 1)


def test_units_that_a_transfer_copied_count_once(both, database):
    """The receiver's counter goes on from the giver's; neither the contract nor the receiver has
    used it again."""
    both.ministry.create(f"{both.place}/limits", {
        "code": "aftercare", "service": "aftercare", "unit": "consultations", "amount": 5,
        "per": "case", "period": "whole", "enforcement": "block"})
    giver, receiver = both.stories["marta"], both.stories["dm"]
    case = both.case("marta")
    with database.transaction():
        database.execute("SELECT set_config('app.actor', 'cli', true)")
        database.execute(
            "UPDATE cases SET status = 'aftercare', course_end = course_start WHERE id = %s",
            [case["id"]])
    both.consult(case, both.day(1, 5), "marta", entitlement="aftercare")
    new = receiver.received(giver.transfer(case, receiver, requested_on=both.day(1, 6)),
                            answered_on=both.day(1, 7))
    taken = {by: both.usage(by)["limits"][0] for by in (both.ministry, giver.manager,
                                                         receiver.manager)}
    assert [(limit["used"], limit["holders"]) for limit in taken.values()] \
        == [(1, 1), (1, 1), (0, 0)]
    both.consult(new, both.day(1, 8), "dm", entitlement="aftercare")
    assert both.usage()["limits"][0]["used"] == 2
    assert both.usage(receiver.manager)["limits"][0]["used"] == 1


# Days


def test_an_act_belongs_to_the_day_in_riga_on_which_it_began(billing):
    case = billing.case()
    billing.consult(case, at(billing.day(1, 20), "23:59"))
    billing.consult(case, at(billing.day(1, 21), "00:00"))
    assert billing.used(to=billing.day(1, 20))["acts"] == 1
    assert billing.used(**{"from": billing.day(1, 21), "to": billing.day(1, 21)})["acts"] == 1


def test_a_new_years_consultation_belongs_to_the_contract_of_its_start(api, providers, account):
    story = Story(api, providers)
    ministry = api("ministry_officer")
    contracts = {row["number"]: row for row in ministry.pages("/v1/contracts")}
    old, new = contracts["LRLM2016/28-3-02/25"], contracts["TEST/1"]
    case = story.case(opened_on="2018-12-01")

    def minutes():
        found = []
        for contract in (old, new):
            days = {"from": "2018-12-31", "to": "2018-12-31"}
            if contract is new:
                days = {"from": "2019-01-01", "to": "2019-01-01"}
            told = ministry.read(f"/v1/contracts/{contract['id']}/usage", params=days)
            found.append(told["lines"][0]["minutes"])
        return found

    before = minutes()
    for start in ("2018-12-31T23:40:00+02:00", "2019-01-01T00:00:00+02:00"):
        story.worker.create(f"/v1/cases/{case['id']}/consultations", {
            "specialist_kind": "social_worker", "entitlement": "start_up", "starts_at": start,
            "minutes": 60, "outcome": "held", "joint": True, "funding": "state"})
    after = minutes()
    assert [b - a for a, b in zip(before, after)] == [60, 60]
    whole = ministry.read(f"/v1/contracts/{old['id']}/usage", params={"to": "2019-06-30"})
    assert whole["to"] == "2019-06-30"


def test_if_two_contracts_hold_the_later_one_pays(api, providers):
    billing = Billing(api, providers)
    billing.rate("consultation", "piece", 1000)
    case = billing.case()
    billing.consult(case, billing.day(1, 5))
    billing.consult(case, billing.day(2, 5))
    later = billing.make_contract(billing.day(2, 1), billing.day(2, 28))
    assert billing.used()["acts"] == 1
    told = billing.ministry.read(f"/v1/contracts/{later['id']}/usage")
    assert told["lines"][0]["acts"] == 1
    billing.ministry.remove(
        f"/v1/contracts/{later['id']}/parties/"
        + billing.ministry.read(f"/v1/contracts/{later['id']}/parties")["data"][0]["id"])
    assert billing.used()["acts"] == 2


def test_the_query_parameters_are_checked(empty):
    place = f"{empty.place}/usage"
    for query, pointer, code in (
        ("from=2018-02-30", "query:from", "bad_date"),
        ("from=2018-02-02&to=2018-02-01", "query:to", "end_before_start"),
        ("until=2018-02-01", "query:until", "unknown_parameter"),
        ("from[gte]=2018-02-01", "query:from[gte]", "unknown_parameter"),
        ("to=2018-02-01&to=2018-02-02", "query:to", "repeated_parameter"),
    ):
        refused = empty.ministry.get(f"{place}?{query}", expect="bad_parameter").json()
        assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [(pointer, code)], query
    nowhere = "/v1/contracts/01890000-0000-7000-8000-0000000fffff/usage"
    empty.ministry.get(nowhere, expect=404)


# Prices


def test_minutes_of_an_hourly_rate_are_rounded_half_up_for_each_act(billing):
    billing.rate("consultation", "hour", 1230)
    case = billing.case()
    # 20.5 cents a minute: 1 minute 20.5, 3 minutes 61.5; 1 and 3 together would be 82.
    billing.consult(case, billing.day(1, 5), minutes=1)
    assert billing.used()["cents"] == 21
    billing.consult(case, billing.day(1, 6), minutes=3)
    assert billing.used()["cents"] == 21 + 62
    billing.consult(case, billing.day(1, 7), minutes=2)
    assert billing.used()["cents"] == 21 + 62 + 41


def test_a_rate_changes_on_its_day(billing):
    billing.rate("consultation", "hour", 2000, ends_on=billing.day(1, 14))
    billing.rate("consultation", "hour", 3000, starts_on=billing.day(1, 15))
    case = billing.case()
    billing.consult(case, at(billing.day(1, 14), "23:40"))
    billing.consult(case, billing.day(1, 15))
    assert billing.used(to=billing.day(1, 14))["cents"] == 2000
    assert billing.used(**{"from": billing.day(1, 15)})["cents"] == 3000


def test_without_a_rate_the_price_is_unknown_and_not_zero(billing):
    case = billing.case()
    assert billing.used()["cents"] == 0
    billing.consult(case, billing.day(1, 5))
    assert (billing.used()["cents"], billing.used()["unpriced"]) == (None, 1)
    billing.rate("consultation", "hour", 0)
    assert (billing.used()["cents"], billing.used()["unpriced"]) == (0, 0)


def test_a_finer_unit_stands_before_a_coarser_one(billing):
    billing.rate("consultation", "piece", 5000)
    billing.rate("consultation", "hour", 2400, ends_on=billing.day(1, 14))
    billing.rate("consultation", "minute", 100, starts_on=billing.day(1, 10),
                 ends_on=billing.day(1, 12))
    case = billing.case()
    for number, cents in ((5, 2400), (10, 6000), (13, 2400), (15, 5000)):
        billing.consult(case, billing.day(1, number))
        days = {"from": billing.day(1, number), "to": billing.day(1, number)}
        assert billing.used(**days)["cents"] == cents, number
    refused = billing.rate("consultation", "day", 5000, expect=422)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("constraint", "/unit")


def test_goods_and_journeys_without_a_rate_are_paid_at_their_cost(billing):
    case = billing.case()
    food = {"kind": "food", "quantity": 1, "given_on": billing.day(1, 6)}
    billing.serve(case, "goods", **food, cents=1250, outcome="delivered")
    billing.serve(case, "goods", **food, cents=1, outcome="planned")
    billing.serve(case, "goods", **food, cents=10, outcome="delivered", funding="provider_own")
    assert counts(billing.used("goods")) == {"people": 1, "acts": 1, "pieces": 1, "cents": 1250}
    journey = billing.story.journey(
        case, planned_departure_at=f"{billing.day(1, 3)}T08:00:00Z",
        planned_arrival_at=f"{billing.day(1, 3)}T12:00:00Z")
    place = billing.story.place(journey)
    escort = billing.story.escort(journey, cost_cents=700)
    assert escort["funding"] == "state"
    billing.story.worker.change(place, {
        "state": "under_way", "departed_at": f"{billing.day(1, 3)}T08:00:00Z"})
    assert billing.used()["acts"] == 1
    billing.story.worker.change(place, {
        "state": "completed", "arrived_at": f"{billing.day(1, 3)}T12:00:00Z"})
    assert (billing.used("journey")["cents"], billing.used("escort")["cents"]) == (None, 700)
    billing.story.worker.change(place, {"cost_cents": 21300})
    assert billing.used("journey")["cents"] == 21300
    billing.rate("journey", "piece", 20000)
    assert billing.used("journey")["cents"] == 20000


def test_an_escort_is_paid_by_the_days_of_the_way(billing):
    billing.rate("escort", "day", 9800)
    billing.rate("escort", "piece", 20000, ends_on=billing.day(1, 14))
    billing.rate("journey", "piece", 0)
    way = {"departed_at": at(billing.day(1, 3), "22:00"),
           "arrived_at": at(billing.day(1, 5), "00:30")}
    journey = billing.story.journey(billing.case(), planned_departure_at=way["departed_at"],
                                    planned_arrival_at=way["arrived_at"])
    billing.story.escort(journey)
    billing.story.worker.change(billing.story.place(journey), {
        "state": "under_way", "departed_at": way["departed_at"]})
    billing.story.worker.change(billing.story.place(journey), {"state": "completed"} | way)
    assert counts(billing.used("escort")) == {
        "people": 1, "acts": 1, "days": 3, "pieces": 1, "cents": 29400}


def test_a_cancelled_journey_keeps_its_cost(billing):
    billing.rate("journey", "piece", 20000)
    case = billing.case()
    days = {"planned_departure_at": f"{billing.day(1, 3)}T08:00:00Z",
            "planned_arrival_at": f"{billing.day(1, 3)}T12:00:00Z"}
    for cost in ({"cost_cents": 9900}, {}):
        journey = billing.story.journey(case, **days, **cost)
        billing.story.worker.change(billing.story.place(journey), {"state": "cancelled"})
    assert counts(billing.used("journey")) == {"people": 1, "acts": 1, "cents": 9900}


def test_a_corrected_journey_and_its_escort_are_paid_once(billing):
    billing.rate("escort", "day", 9800)
    case, worker = billing.case(), billing.story.worker
    way = {"state": "completed", "departed_at": at(billing.day(1, 3)),
           "arrived_at": at(billing.day(1, 3), "15:00")}
    first = billing.story.journey(case, cost_cents=20000, **way)
    escort = billing.story.escort(first)
    longer = way | {"arrived_at": at(billing.day(1, 4), "15:00")}
    second = billing.story.journey(case, cost_cents=21000, corrects_id=first["id"], **longer)
    assert counts(billing.used("journey")) == {
        "people": 1, "acts": 1, "pieces": 1, "cents": 21000}
    assert counts(billing.used("escort")) == {
        "people": 1, "acts": 1, "days": 2, "pieces": 1, "cents": 19600}
    billing.story.escort(second, corrects_id=escort["id"], funding="provider_own")
    assert counts(billing.used()) == {"people": 1, "acts": 1, "pieces": 1, "cents": 21000}
    assert worker.read(billing.story.place(first))["superseded"] is True


def test_a_corrected_assessment_is_paid_once(billing):
    billing.rate("assessment", "piece", 5000)
    case = billing.case()
    first = billing.story.assessment(case, assessed_on=billing.day(1, 3))
    billing.story.assessment(case, assessed_on=billing.day(1, 4), corrects_id=first["id"])
    assert counts(billing.used("assessment")) == {
        "people": 1, "acts": 1, "pieces": 1, "cents": 5000}


def test_a_stay_is_paid_by_nights_at_the_rate_of_each(api, providers):
    billing = Billing(api, providers)
    billing.rate("accommodation", "day", 1000, ends_on=billing.day(1, 14))
    billing.rate("accommodation", "day", 1500, starts_on=billing.day(1, 15))
    case = billing.case()
    stay = billing.serve(
        case, "accommodations", place="in_latvia", place_code="R-1", country="LV",
        starts_on=billing.day(1, 10), ends_on=billing.day(2, 3), state="ended")
    first = billing.used("accommodation", to=billing.day(1, 28))
    assert (first["days"], first["cents"]) == (19, 5 * 1000 + 14 * 1500)
    nights = stay["nights"]
    whole = billing.used("accommodation")
    assert (whole["days"], whole["cents"]) == (nights, 5 * 1000 + (nights - 5) * 1500)
    assert whole["people"] == 1
    # A night abroad has a rate of its own, and here none.
    billing.serve(case, "accommodations", place="abroad", place_code="IE-1", country="IE",
                  starts_on=billing.day(0, 20), ends_on=billing.day(0, 22), state="ended")
    assert (billing.used("accommodation_abroad")["days"], billing.used()["cents"]) == (2, None)


def test_a_stay_without_a_rate_for_all_its_nights_has_no_price(billing):
    billing.rate("accommodation", "day", 1000, ends_on=billing.day(1, 14))
    billing.serve(billing.case(), "accommodations", place="in_latvia", place_code="R-1",
                  country="LV", starts_on=billing.day(1, 10), ends_on=billing.day(1, 16),
                  state="ended")
    assert (billing.used()["cents"], billing.used()["unpriced"]) == (None, 1)


def test_a_missed_consultation_is_paid_if_the_rule_set_lets_it_consume(billing):
    billing.rate("consultation", "hour", 2490)
    case = billing.case()
    billing.consult(case, billing.day(1, 5), outcome="no_show")
    billing.consult(case, billing.day(1, 6), outcome="cancelled")
    assert billing.used()["acts"] == 0
    place = f"/v1/rulesets/{case['ruleset_id']}"
    billing.ministry.change(place, {"no_show_consumes": True})
    try:
        assert billing.used()["acts"] == 1
    finally:
        billing.ministry.change(place, {"no_show_consumes": False})


def test_case_management_with_a_rate_is_paid_for_each_month_of_an_open_case(
    new_provider, database
):
    """Of a provider that has no other case. The last day of an open case still counts."""
    api, own, provider = new_provider()
    billing = Billing(api, own, (provider,), months=6, since=2014)
    story, month = billing.story, "2014-0{}-01".format
    cases = {name: story.case(opened_on=day) for name, day in (
        ("open", "2014-01-02"), ("closed on a first day", "2014-01-02"),
        ("closed on a last day", "2014-01-02"), ("withdrawn", "2014-02-28"),
        ("closed and opened again", "2014-01-02"), ("opened on a last day", "2014-04-30"))}
    assert billing.used()["acts"] == 0
    billing.rate("case_management", "month", 4000, starts_on=month(2), ends_on="2014-05-31")
    story.step(cases["closed on a first day"], "closed", happened_on=month(3),
               close_reason="moved_abroad")
    story.step(cases["closed on a last day"], "closed", happened_on="2014-02-28",
               close_reason="moved_abroad")
    story.step(cases["withdrawn"], "withdrawn", happened_on="2014-04-01",
               reason="She stays with her sister.")
    story.step(cases["withdrawn"], "closed", happened_on="2014-05-02", close_reason="moved_abroad")
    again = cases["closed and opened again"]
    story.step(again, "closed", happened_on="2014-02-10", close_reason="moved_abroad")
    with database.transaction():
        database.execute("SELECT set_config('app.actor', 'cli', true)")
        database.execute("UPDATE cases SET granted_on = opened_on, course_start = opened_on,"
                         " course_end = '2014-02-09' WHERE id = %s", [again["id"]])
    story.step(again, "aftercare", happened_on="2014-04-30", reason="Proceedings years later.")
    statement = story.manager.create("/v1/statements", {
        "contract_id": billing.contract["id"], "month": "2014-06"})
    paid = {name: set() for name in cases}
    names = {case["id"]: name for name, case in cases.items()}
    for item in billing.items(statement):
        assert (item["act"], item["acts"], item["cents"]) == ("cases", 1, 4000)
        paid[names[item["act_id"]]].add(int(item["month"][-1:]))
    assert paid == {"open": {2, 3, 4, 5}, "closed on a first day": {2, 3},
                    "closed on a last day": {2}, "withdrawn": {2, 3, 4},
                    "closed and opened again": {2, 4, 5}, "opened on a last day": {4, 5}}
    assert counts(billing.used("case_management")) == {
        "people": 6, "acts": 15, "pieces": 15, "cents": 60000}


def test_the_other_services_are_paid_by_their_units(billing):
    for service, unit, cents in (("interpretation", "minute", 50), ("legal_document", "hour", 3000),
                                 ("training", "hour", 1000), ("assessment", "piece", 7000)):
        billing.rate(service, unit, cents)
    case = billing.case()
    start = at(billing.day(1, 5))
    billing.serve(case, "interpretations", entitlement="course", starts_at=start, minutes=30,
                  language_from="ru", language_to="lv", outcome="delivered")
    billing.serve(case, "legal_documents", kind="claim", entitlement="course", minutes=50,
                  drafted_on=billing.day(1, 6), outcome="delivered")
    billing.serve(case, "trainings", kind="self_care", title="Budžets", attended_hours=6,
                  enrolled_on=billing.day(1, 7), completed_on=billing.day(1, 20),
                  outcome="completed")
    billing.serve(case, "assessments", kind="initial", assessed_on=billing.day(1, 8))
    for service, cents in (("interpretation", 1500), ("legal_document", 2500), ("training", 6000),
                           ("assessment", 7000)):
        assert billing.used(service)["cents"] == cents, service
    assert billing.used()["cents"] == 17000
