"""A provider's monthly statement, as its manager bills it and the ministry pays it."""

import concurrent.futures

import pytest

from billing import Billing, at
from recorder import Api
from story import Story

HOUR = 2490


@pytest.fixture
def billing(api, providers):
    made = Billing(api, providers)
    made.rate("consultation", "hour", HOUR)
    return made


@pytest.fixture
def empty(api, providers):
    return Billing(api, providers, months=0)


@pytest.fixture
def case(billing):
    return billing.case()


def told(line):
    return {name: line[name] for name in ("service", "month", "correction", "people", "acts",
                                          "minutes", "cents")}


# The walk


def test_a_month_is_drafted_submitted_and_accepted(billing, case):
    billing.consult(case, billing.day(1, 5))
    billing.consult(case, billing.day(1, 6), minutes=30)
    statement = billing.draft(1)
    assert (statement["state"], statement["cents"]) == ("drafted", None)
    (line,) = billing.lines(statement)
    assert told(line) == {"service": "consultation", "month": billing.months[1], "people": 1,
                          "correction": False, "acts": 2, "minutes": 90, "cents": HOUR + HOUR // 2}
    submitted = billing.step(statement, "submitted")
    assert (submitted["state"], submitted["cents"]) == ("submitted", HOUR + HOUR // 2)
    assert submitted["submitted_by"] == billing.manager.account.id
    seen = billing.ministry.read(f"/v1/statements/{statement['id']}")
    assert seen["cents"] == submitted["cents"]
    assert [told(each) for each in billing.lines(statement, billing.ministry)] == [told(line)]
    accepted = billing.step(statement, "accepted", by=billing.ministry)
    assert (accepted["state"], accepted["decided_by"]) == (
        "accepted", billing.ministry.account.id)


def test_a_draft_follows_the_records_and_a_submitted_one_does_not(billing, case):
    statement = billing.draft(1)
    assert billing.lines(statement) == []
    act = billing.consult(case, billing.day(1, 5))
    assert billing.lines(statement)[0]["minutes"] == 60
    billing.step(statement, "submitted")
    frozen, items = billing.lines(statement), billing.items(statement)
    billing.consult(case, billing.day(1, 7))
    billing.correct(case, act, minutes=30)
    assert billing.lines(statement) == frozen and billing.items(statement) == items
    assert [(item["act"], item["act_id"], item["cents"]) for item in items] == [
        ("consultations", act["id"], HOUR)]


def test_a_draft_is_the_providers_own(billing, case):
    billing.consult(case, billing.day(1, 5))
    statement = billing.draft(1)
    place = f"/v1/statements/{statement['id']}"
    for path in (place, f"{place}/lines"):
        billing.ministry.get(path, expect=404)
    mine = billing.ministry.pages("/v1/statements", contract_id=billing.contract["id"])
    assert list(mine) == []
    billing.ministry.patch(place, {"state": "accepted"}, etag='"1"', expect=404)


def test_items_name_clients_for_the_provider_alone_and_each_look_is_logged(billing, case, api):
    billing.consult(case, billing.day(1, 5))
    statement = billing.submit(1)
    place = f"/v1/statements/{statement['id']}"
    (item,) = billing.items(statement)
    assert (item["client_id"], item["case_id"]) == (case["client_id"], case["id"])
    accesses = billing.manager.pages(f"/v1/clients/{case['client_id']}/accesses")
    assert any(row["resource"] == "statement_items" and row["role"] == "provider_manager"
               for row in accesses)
    billing.ministry.get(f"{place}/items", expect="forbidden")
    answers = [billing.ministry.get(path).text for path in (place, f"{place}/lines")]
    for secret in (case["id"], case["client_id"], case["number"]):
        assert all(secret not in answer for answer in answers)


def test_another_providers_statement_is_not_there(billing, case, api):
    billing.consult(case, billing.day(1, 5))
    statement = billing.submit(1)
    other = api("provider_manager", "dm")
    for path in ("", "/lines", "/items"):
        other.get(f"/v1/statements/{statement['id']}{path}", expect=404)
    assert statement["id"] not in {row["id"] for row in other.pages("/v1/statements")}
    other.patch(f"/v1/statements/{statement['id']}", {"state": "drafted"}, etag='"2"', expect=404)
    for role, provider in (("statistician", None), ("case_worker", "marta"),
                           ("agency_officer", None)):
        api(role, provider).get("/v1/statements", expect="forbidden")


def test_two_providers_bill_their_own_acts(api, providers):
    billing = Billing(api, providers, ("marta", "dm"))
    billing.rate("consultation", "hour", HOUR)
    for provider, minutes in (("marta", 60), ("dm", 120)):
        billing.consult(billing.case(provider), billing.day(1, 5), provider, minutes=minutes)
    for provider, minutes in (("marta", 60), ("dm", 120)):
        manager = billing.stories[provider].manager
        statement = billing.draft(1, manager)
        submitted = billing.step(statement, "submitted", manager)
        assert submitted["cents"] == HOUR * minutes // 60
        (line,) = billing.lines(statement, manager)
        assert (line["minutes"], line["people"]) == (minutes, 1)


# Corrections


def test_a_later_change_is_corrected_in_the_next_statement(billing, case):
    act = billing.consult(case, billing.day(1, 5))
    billing.submit(1)
    late = billing.consult(case, billing.day(1, 9), minutes=30)
    right = billing.correct(case, act, minutes=90)
    own = billing.consult(case, billing.day(2, 5))
    statement = billing.draft(2)
    lines = {(line["month"], line["correction"]): line for line in billing.lines(statement)}
    correction = lines[(billing.months[1], True)]
    assert (correction["acts"], correction["minutes"], correction["people"]) == (1, 60, 1)
    assert correction["cents"] == HOUR // 2 + (HOUR * 3 // 2 - HOUR)
    assert lines[(billing.months[2], False)]["cents"] == HOUR
    assert len(lines) == 2
    items = {item["act_id"]: (item["acts"], item["cents"]) for item in billing.items(statement)}
    assert items == {act["id"]: (-1, -HOUR), right["id"]: (1, HOUR * 3 // 2),
                     late["id"]: (1, HOUR // 2), own["id"]: (1, HOUR)}


def test_no_cent_is_lost_or_paid_twice(api, providers):
    billing = Billing(api, providers, months=5)
    rate = billing.rate("consultation", "hour", 1230)
    billing.rate("accommodation", "day", 1500)
    case, other = billing.case(), billing.case()
    acts = [billing.consult(case, billing.day(1, number), minutes=1) for number in (5, 6, 7)]
    billing.consult(other, billing.day(1, 8), minutes=45)
    billing.serve(case, "accommodations", place="in_latvia", place_code="R-1", country="LV",
                  starts_on=billing.day(1, 20), ends_on=billing.day(3, 3), state="ended")
    billing.step(billing.submit(1), "accepted", by=billing.ministry)
    assert billing.billed() == billing.used(to=billing.day(1, 28))["cents"] + 1500 * (
        billing.used("accommodation")["days"]
        - billing.used("accommodation", to=billing.day(1, 28))["days"]
        - billing.used("accommodation", **{"from": billing.day(2, 1)})["days"])
    # A late entry, a correction, one that proves to be cancelled, a rate that changes in mid-month.
    billing.consult(other, billing.day(1, 9), minutes=20)
    billing.correct(case, acts[0], minutes=3)
    billing.correct(case, acts[1], outcome="cancelled")
    billing.consult(case, billing.day(2, 6))
    billing.step(billing.submit(2), "accepted", by=billing.ministry)
    billing.ministry.change(f"{billing.place}/rates/{rate['id']}", {"ends_on": billing.day(1, 7)})
    billing.rate("consultation", "hour", 1330, starts_on=billing.day(1, 8))
    statement = billing.submit(3)
    assert {line["month"] for line in billing.lines(statement)} == set(billing.months[1:4])
    total = billing.used()
    assert total["unpriced"] == 0 and billing.billed() == total["cents"]
    # Nothing more has changed: the next one is empty.
    assert billing.lines(billing.draft(4)) == [] and billing.billed() == total["cents"]


def test_the_last_months_late_changes_are_billed_after_the_contract(billing, case):
    act = billing.consult(case, at(billing.ends_on, "23:59"))
    billing.submit(2)
    billing.correct(case, act, minutes=30)
    after = billing.manager.create("/v1/statements", {
        "contract_id": billing.contract["id"],
        "month": Billing.month_after(billing.months[2])})
    (line,) = billing.lines(after)
    assert (line["month"], line["correction"], line["cents"]) == (
        billing.months[2], True, -HOUR // 2)
    assert billing.step(after, "submitted")["cents"] == -HOUR // 2


# Returning


def test_a_returned_statement_has_a_reason_and_is_submitted_anew(billing, case):
    billing.consult(case, billing.day(1, 5))
    statement = billing.submit(1)
    refused = billing.step(statement, "returned", by=billing.ministry, expect=422)
    assert [(e["pointer"], e["code"]) for e in refused["errors"]] == [("/reason", "required")]
    returned = billing.step(statement, "returned", by=billing.ministry, reason="A day is missing.")
    assert returned["reason"] == "A day is missing."
    billing.consult(case, billing.day(1, 6))
    # What was returned is still what both look at.
    assert billing.lines(statement) == billing.lines(statement, billing.ministry)
    assert billing.lines(statement)[0]["minutes"] == 60
    again = billing.step(statement, "submitted")
    assert again["cents"] == 2 * HOUR and billing.lines(statement)[0]["minutes"] == 120
    assert billing.step(statement, "accepted", by=billing.ministry)["cents"] == 2 * HOUR


def test_a_returned_statement_may_be_drafted_out_of_the_ministrys_sight(billing, case):
    billing.consult(case, billing.day(1, 5))
    statement = billing.submit(1)
    billing.step(statement, "returned", by=billing.ministry, reason="Wait.")
    billing.consult(case, billing.day(1, 6))
    drafted = billing.step(statement, "drafted")
    assert drafted["cents"] is None and billing.lines(statement)[0]["minutes"] == 120
    billing.ministry.get(f"/v1/statements/{statement['id']}", expect=404)


def test_an_accepted_statement_is_final(billing, case):
    billing.consult(case, billing.day(1, 5))
    statement = billing.submit(1)
    billing.step(statement, "accepted", by=billing.ministry)
    for by, state in ((billing.manager, "drafted"), (billing.ministry, "returned")):
        refused = billing.step(statement, state, by=by, expect=409, reason="Late.")
        assert refused["code"] == "already_final"


@pytest.mark.parametrize("state, by, expect", [
    ("accepted", "manager", 403), ("returned", "manager", 403), ("drafted", "ministry", 409),
    ("submitted", "ministry", 200), ("drafted", "manager", 409), (None, "manager", 422)])
def test_each_side_takes_its_own_steps(empty, state, by, expect):
    statement = empty.submit(0)
    empty.step(statement, state, by=getattr(empty, by), expect=expect, **(
        {"reason": "So."} if state == "returned" else {}))


def test_a_reason_is_told_with_the_return_and_at_no_other_time(empty):
    statement = empty.draft(0)
    place = f"/v1/statements/{statement['id']}"
    for body in ({"reason": "Mine."}, {"reason": "Mine.", "state": "submitted"}):
        refused = empty.manager.change(place, body, expect=422)
        assert refused["errors"][0]["pointer"] == "/reason"
    empty.manager.create("/v1/statements", {
        "contract_id": empty.contract["id"], "month": empty.months[1], "reason": "x"},
        expect=422)


def test_nobody_accepts_what_they_submitted(empty, new_account, http, contract, database):
    account = new_account("provider_manager", "marta")
    token = Api(http, contract).post(
        "/v1/sessions", {"email": account.email, "password": "pareiza zirga baterija skava"},
        headers={"Idempotency-Key": None}, expect=201).json()["access_token"]
    both = Api(http, contract, token, account)
    statement = empty.draft(0, by=both)
    empty.step(statement, "submitted", by=both)
    with database.transaction():
        database.execute("SELECT set_config('app.actor', 'cli', true)")
        database.execute("UPDATE users SET role = 'ministry_officer', provider_id = NULL"
                         " WHERE id = %s", [account.id])
    for state in ("accepted", "returned"):
        refused = empty.step(statement, state, by=both, expect=403, reason=None)
        assert refused["code"] == "self_approval"
    assert empty.step(statement, "accepted", by=empty.ministry)["state"] == "accepted"


# Order


def test_a_statement_is_for_a_month_of_the_contract(empty, api):
    def refused(code, pointer, by=None, **more):
        body = {"contract_id": empty.contract["id"], "month": empty.months[1]} | more
        problem = (by or empty.manager).create("/v1/statements", body, expect=422)
        assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [(pointer, code)]

    refused("bad_month", "/month", month="2018-13")
    refused("in_the_future", "/month", month="2199-01")
    refused("end_before_start", "/month", month="1990-12")
    refused("unknown_reference", "/contract_id", by=api("provider_manager", "dm"))
    refused("unknown_reference", "/contract_id", contract_id="01890000-0000-7000-8000-0000000fffff")
    empty.draft(1)
    assert empty.draft(1, expect=409)["code"] == "conflict"


def test_a_month_is_submitted_when_it_is_over(api, providers, database):
    story = Story(api, providers)
    contract = next(row for row in story.manager.pages("/v1/contracts")
                    if row["number"] == "TEST/1")
    today = database.execute("SELECT to_char(riga_today(), 'YYYY-MM')").fetchone()[0]
    statement = story.manager.create("/v1/statements", {
        "contract_id": contract["id"], "month": today})
    refused = story.manager.change(f"/v1/statements/{statement['id']}", {"state": "submitted"},
                                   expect=422)
    assert refused["code"] == "month_not_over"


def test_statements_follow_their_months(empty):
    first, second = empty.draft(0), empty.draft(1)
    refused = empty.step(second, "submitted", expect=409)
    assert refused["code"] == "statement_order" and empty.months[0] in refused["detail"]
    empty.step(first, "submitted")
    empty.step(second, "submitted")
    # Behind the later one nothing moves but to be accepted.
    refused = empty.step(first, "returned", by=empty.ministry, reason="No.", expect=409)
    assert refused["code"] == "statement_order" and empty.months[1] in refused["detail"]
    empty.step(second, "returned", by=empty.ministry, reason="First the other.")
    empty.step(first, "returned", by=empty.ministry, reason="A day is missing.")
    empty.step(second, "submitted", expect=409)
    empty.step(first, "submitted")
    empty.step(second, "submitted")


def test_an_open_month_keeps_later_ones_from_submission_only(empty):
    first, second = empty.draft(0), empty.draft(1)
    third = empty.draft(2)
    empty.step(first, "submitted")
    empty.step(second, "submitted")
    refused = empty.step(first, "returned", by=empty.ministry, reason="No.", expect=409)
    assert [error["pointer"] for error in refused["errors"]] == ["/month"]
    empty.step(second, "returned", by=empty.ministry, reason="A day is missing.")
    refused = empty.step(third, "submitted", expect=409)
    assert refused["code"] == "statement_order" and empty.months[1] in refused["detail"]
    empty.step(second, "submitted")
    empty.step(second, "accepted", by=empty.ministry)
    refused = empty.step(first, "returned", by=empty.ministry, reason="No.", expect=409)
    assert refused["code"] == "statement_order" and empty.months[1] in refused["detail"]
    empty.step(first, "accepted", by=empty.ministry)


def test_a_month_that_was_left_out_is_billed_by_the_next_and_not_opened_behind_it(billing, case):
    billing.consult(case, billing.day(1, 5))
    statement = billing.submit(2)
    (line,) = billing.lines(statement)
    assert (line["month"], line["correction"], line["cents"]) == (billing.months[1], True, HOUR)
    assert billing.draft(1, expect=409)["code"] == "statement_order"


# Prices


def test_without_a_rate_a_statement_names_the_gap_and_is_not_submitted(api, providers):
    billing = Billing(api, providers)
    billing.rate("consultation", "hour", HOUR, ends_on=billing.day(1, 14))
    case = billing.case()
    for number in (5, 15, 16):
        billing.consult(case, billing.day(1, number))
    statement = billing.draft(1)
    (line,) = billing.lines(statement)
    assert (line["cents"], line["unpriced_on"], line["minutes"]) == (
        None, billing.day(1, 15), 180)
    refused = billing.step(statement, "submitted", expect=409)
    assert refused["code"] == "rate_missing"
    assert "consultation" in refused["detail"] and billing.day(1, 15) in refused["detail"]
    assert billing.manager.read(f"/v1/statements/{statement['id']}")["state"] == "drafted"
    billing.rate("consultation", "hour", 0, starts_on=billing.day(1, 15))
    assert billing.step(statement, "submitted")["cents"] == HOUR


def test_a_stay_is_billed_by_the_nights_of_each_month(billing, case):
    billing.rate("accommodation", "day", 1000)
    billing.serve(case, "accommodations", place="in_latvia", place_code="R-1", country="LV",
                  starts_on=billing.day(1, 20), ends_on=billing.day(2, 4), state="ended")
    first, second = billing.submit(1), billing.submit(2)
    (line,), (next_line,) = billing.lines(first), billing.lines(second)
    assert (next_line["days"], next_line["cents"], next_line["correction"]) == (3, 3000, False)
    assert line["cents"] == 1000 * line["days"] and line["days"] in range(9, 13)
    assert line["days"] + 3 == billing.used("accommodation")["days"]


def test_nights_after_the_contract_are_not_billed(billing, case):
    billing.rate("accommodation", "day", 1000)
    nights = billing.serve(
        case, "accommodations", place="in_latvia", place_code="R-1", country="LV",
        starts_on=billing.day(2, 20), ends_on=billing.ends_on, state="ended")["nights"]
    assert billing.used("accommodation")["days"] == nights
    assert billing.used("accommodation", to=billing.day(2, 20))["days"] == 1


# At once


def both(*calls):
    """Their answers, called at the same time."""
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def test_of_two_parallel_submissions_one_wins(billing, case):
    billing.consult(case, billing.day(1, 5))
    place = f"/v1/statements/{billing.draft(1)['id']}"
    submit = lambda: billing.manager.patch(place, {"state": "submitted"}, etag='"1"')
    answers = both(submit, submit)
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert billing.billed() == HOUR


def test_two_months_submitted_in_parallel_keep_their_order(billing, case):
    billing.consult(case, billing.day(0, 25), entitlement="start_up", by=billing.story.worker,
                    specialist_kind="social_worker")
    billing.consult(case, billing.day(1, 5))
    first, second = (f"/v1/statements/{billing.draft(month)['id']}" for month in (0, 1))
    answers = both(*[lambda place=place: billing.manager.patch(
        place, {"state": "submitted"}, etag='"1"') for place in (first, second)])
    assert answers[0].status_code == 200
    assert answers[1].status_code in (200, 409)
    if answers[1].status_code == 409:
        assert answers[1].json()["code"] == "statement_order"
        billing.manager.change(second, {"state": "submitted"})
    assert billing.billed() == 2 * HOUR


def test_no_month_is_opened_behind_one_that_is_being_submitted(api, providers):
    for _ in range(5):
        empty = Billing(api, providers, months=0)
        later = f"/v1/statements/{empty.draft(1)['id']}"
        body = {"contract_id": empty.contract["id"], "month": empty.months[0]}
        opened, submitted = both(
            lambda: empty.manager.post("/v1/statements", body),
            lambda: empty.manager.patch(later, {"state": "submitted"}, etag='"1"'))
        assert (opened.status_code, submitted.status_code) in ((201, 409), (409, 200))
        refused = opened if opened.status_code == 409 else submitted
        assert refused.json()["code"] == "statement_order"


def test_what_is_recorded_during_a_submission_is_in_it_whole_or_in_the_next(billing, case):
    acts = [billing.consult(case, billing.day(1, number)) for number in range(5, 11)]
    place = f"/v1/statements/{billing.draft(1)['id']}"
    both(lambda: billing.manager.patch(place, {"state": "submitted"}, etag='"1"', expect=200),
         lambda: [billing.correct(case, act, minutes=30) for act in acts],
         lambda: [billing.consult(case, billing.day(1, number)) for number in range(12, 18)])
    statement = billing.manager.read(place)
    lines, items = billing.lines(statement), billing.items(statement)
    assert statement["cents"] == sum(line["cents"] for line in lines)
    assert statement["cents"] == sum(item["cents"] for item in items)
    assert sum(line["acts"] for line in lines) == sum(item["acts"] for item in items)
    billing.submit(2)
    assert billing.billed() == billing.used()["cents"]
