"""Home from abroad: the journey, who travels, who escorts, and what the state pays of it."""

import pytest

from story import Story

JOURNEY = {
    "direction": "to_service", "from_country": "IE", "to_country": "LV", "transport": "air",
    "from_place": "Latvijas vēstniecība Dublinā", "to_place": "Matīsa iela 49-3, Rīga",
    "planned_departure_at": "2018-01-12T08:15:00Z", "planned_arrival_at": "2018-01-12T13:40:00Z",
}
ESCORT = {"name": "Anna Liepa", "organisation": "Ruhama", "from_country": "IE",
          "to_country": "LV", "reason": "cannot_travel_alone"}


@pytest.fixture
def story(api, providers):
    return Story(api, providers)


def journeys(case):
    return f"/v1/cases/{case['id']}/journeys"


def travel(story, case, expect=201, **more):
    return story.worker.create(journeys(case), JOURNEY | more, expect=expect)


def place(case, journey):
    return f"{journeys(case)}/{journey['id']}"


def escort(story, case, journey, expect=201, **more):
    return story.worker.create(f"{place(case, journey)}/escorts", ESCORT | more, expect=expect)


def traveller(story, case, journey, expect=201, **more):
    return story.worker.create(f"{place(case, journey)}/travellers", more, expect=expect)


def pointers(problem):
    return {error["pointer"] for error in problem["errors"]}


def test_a_potential_client_travels_home_with_her_son(story):
    case = story.case()
    son = story.family_member(case["client_id"])
    journey = travel(story, case, cost_cents=18450, booking="BT 662")
    assert (journey["state"], journey["funding"]) == ("planned", "state")
    traveller(story, case, journey, kind="client")
    along = traveller(story, case, journey, kind="child", family_member_id=son["id"])
    assert along["with_client"] is True
    made = escort(story, case, journey, cost_cents=21300)
    assert (made["funding"], made["name"]) == ("state", "Anna Liepa")
    path = place(case, journey)
    left = story.worker.change(path, {"state": "under_way", "departed_at": "2018-01-12T08:20:00Z"})
    assert left["departed_at"] == "2018-01-12T08:20:00Z"
    there = story.worker.change(path, {"state": "completed", "arrived_at": "2018-01-12T13:45:00Z"})
    assert there["state"] == "completed" and story.read_case(case)["status"] == "inquiry"
    back = travel(story, case, direction="return", from_country="LV", to_country="IE",
                  planned_departure_at="2018-08-01T08:00:00Z",
                  planned_arrival_at="2018-08-01T12:00:00Z")
    assert back["direction"] == "return"


def test_a_step_taken_now_is_dated_now_and_one_recorded_later_tells_when(story):
    case = story.case()
    journey = travel(story, case)
    started = story.worker.change(place(case, journey), {"state": "under_way"})
    assert started["departed_at"] is not None and started["arrived_at"] is None
    done = story.worker.change(place(case, journey), {"state": "completed"})
    assert done["arrived_at"] >= done["departed_at"]
    refused = travel(story, case, state="completed", expect="validation_failed")
    assert pointers(refused) == {"/departed_at", "/arrived_at"}
    travel(story, case, state="completed", departed_at="2018-01-12T08:00:00Z",
           arrived_at="2018-01-12T12:00:00Z")


def test_steps_out_of_order_are_refused(story):
    case = story.case()
    travel(story, case, state="cancelled", expect="illegal_transition")
    journey = travel(story, case)
    path = place(case, journey)
    refused = story.worker.change(path, {"state": "completed", "departed_at": None},
                                  expect="illegal_transition")
    assert pointers(refused) == {"/state"}
    refused = story.worker.change(path, {"planned_arrival_at": "2018-01-12T08:00:00Z"},
                                  expect="validation_failed")
    assert pointers(refused) == {"/planned_arrival_at"}
    story.worker.change(path, {"departed_at": "2100-01-01T00:00:00Z"}, expect="validation_failed")


def test_a_cancelled_journey_keeps_its_cost(story):
    case = story.case()
    journey = travel(story, case, cost_cents=18450)
    path = place(case, journey)
    made = escort(story, case, journey)
    along = traveller(story, case, journey, kind="client")
    off = story.worker.change(path, {"state": "cancelled", "cancelled_because": "Slimnīcā"})
    assert off["cost_cents"] == 18450
    for change in ({"cost_cents": 0}, {"cost_cents": None}, {"state": "planned"},
                   {"funding": "provider_own"}, {"cancelled_because": None}):
        story.worker.change(path, change, expect="already_final")
    story.worker.change(path, {"remarks": "Biļeti neatmaksāja"})
    late = story.worker.change(f"{path}/escorts/{made['id']}", {"cost_cents": 900})
    assert late["cost_cents"] == 900
    story.worker.change(f"{path}/escorts/{made['id']}", {"cost_cents": 800},
                        expect="already_final")
    story.worker.remove(f"{path}/escorts/{made['id']}", expect="already_final")
    story.worker.remove(f"{path}/travellers/{along['id']}", expect="already_final")


WAY = {"state": "completed", "departed_at": "2018-01-12T08:20:00Z",
       "arrived_at": "2018-01-12T13:45:00Z"}


def test_a_completed_journey_is_corrected_by_a_record_that_names_it(story):
    case = story.case()
    first = travel(story, case, cost_cents=18450, **WAY)
    who, along = escort(story, case, first), traveller(story, case, first, kind="client")
    other = story.case()
    for wrong, refusal in ((travel(story, case), "not_final"),
                           (travel(story, other, **WAY), "unknown_reference")):
        refused = travel(story, case, corrects_id=wrong["id"], expect=refusal, **WAY)
        assert pointers(refused) == {"/corrects_id"}
    assert story.worker.read(place(case, first))["superseded"] is False
    second = travel(story, case, cost_cents=18540, corrects_id=first["id"], **WAY)
    assert second["corrects_id"] == first["id"] and second["superseded"] is False
    assert story.worker.read(place(case, first))["superseded"] is True
    travel(story, case, corrects_id=first["id"], expect="conflict", **WAY)
    # Who travelled is the same until somebody says otherwise; the escort is an act of its own.
    there = story.worker.read(f"{place(case, second)}/travellers")["data"]
    assert [row["kind"] for row in there] == ["client"] and there[0]["id"] != along["id"]
    there = story.worker.read(f"{place(case, second)}/escorts")["data"]
    assert [row["id"] for row in there] == [who["id"]]
    # Nothing begins below what was replaced, and no bill is entered there.
    escort(story, case, first, expect="already_final")
    traveller(story, case, first, kind="client", expect="already_final")
    late = travel(story, case, **WAY)
    travel(story, case, corrects_id=late["id"], **WAY)
    story.worker.change(place(case, late), {"cost_cents": 100}, expect="already_final")


def test_an_escort_of_a_journey_that_is_over_is_corrected(story):
    case = story.case()
    journey = travel(story, case)
    first = escort(story, case, journey, cost_cents=9800)
    escort(story, case, journey, corrects_id=first["id"], expect="not_final")
    story.worker.change(place(case, journey), {"state": "under_way"})
    story.worker.change(place(case, journey), {"state": "completed"})
    other = travel(story, case, **WAY)
    escort(story, case, other, corrects_id=first["id"], expect="unknown_reference")
    second = escort(story, case, journey, cost_cents=8900, corrects_id=first["id"])
    rows = story.worker.read(f"{place(case, journey)}/escorts")["data"]
    assert {row["id"]: row["superseded"] for row in rows} == {first["id"]: True,
                                                             second["id"]: False}
    escort(story, case, journey, corrects_id=first["id"], expect="conflict")


def test_a_journey_that_the_client_declined_is_recorded(story):
    case = story.case()
    journey = travel(story, case)
    off = story.worker.change(place(case, journey), {"state": "cancelled",
                                                    "declined_by_client": True})
    assert off["declined_by_client"] is True


def test_the_state_does_not_pay_on_a_day_without_a_contract(story):
    case = story.case()
    early = {"planned_departure_at": "2016-12-31T08:00:00Z",
             "planned_arrival_at": "2016-12-31T12:00:00Z"}
    refused = travel(story, case, expect="no_contract", **early)
    assert pointers(refused) == {"/planned_departure_at"}
    journey = travel(story, case, funding="provider_own", **early)
    assert escort(story, case, journey)["funding"] == "provider_own"
    refused = escort(story, case, journey, funding="state", expect="no_contract")
    assert pointers(refused) == {"/funding"}


@pytest.mark.parametrize(
    "member, told, refused",
    [
        ({"birth_date": "2012-04-02"}, {}, None),
        ({"birth_date": "1998-04-02"}, {}, "not_a_minor"),
        ({"birth_date": None}, {}, None),
        ({"birth_date": None, "birth_year": 1999}, {}, "not_a_minor"),
        ({"birth_date": None, "birth_year": 2000}, {}, None),
        ({"birth_date": None, "minor": False}, {}, "not_a_minor"),
        ({"with_client": False}, {}, "not_with_client"),
        ({"with_client": False}, {"with_client": True}, None),
        ({"with_client": None}, {}, None),
    ],
)
def test_the_state_pays_for_minors_with_the_client(story, member, told, refused):
    case = story.case()
    child = story.family_member(case["client_id"], **member)
    journey = travel(story, case)
    along = {"kind": "child", "family_member_id": child["id"]} | told
    traveller(story, case, journey, expect=refused or 201, **along)
    own = travel(story, case, funding="provider_own")
    traveller(story, case, own, **along)


def test_travellers_are_the_clients_own(story):
    case = story.case()
    journey = travel(story, case)
    refused = traveller(story, case, journey, kind="child", expect="validation_failed")
    assert pointers(refused) == {"/family_member_id"}
    strange = story.family_member(story.client()["id"])
    along = {"kind": "child", "family_member_id": strange["id"]}
    traveller(story, case, journey, expect="unknown_reference", **along)
    own = story.family_member(case["client_id"])["id"]
    traveller(story, case, journey, kind="client", family_member_id=own,
              expect="validation_failed")
    made = traveller(story, case, journey, kind="child", family_member_id=own)
    traveller(story, case, journey, kind="child", family_member_id=own, expect="conflict")
    traveller(story, case, journey, kind="client")
    traveller(story, case, journey, kind="client", expect="conflict")
    story.worker.remove(f"{place(case, journey)}/travellers/{made['id']}")


def test_an_escort_has_a_reason_and_an_unknown_ability_is_accepted(story):
    case = story.case()
    journey = travel(story, case, can_travel_alone=None)
    refused = escort(story, case, journey, reason=None, expect="reason_missing")
    assert pointers(refused) == {"/reason"}
    escort(story, case, journey, reason=None, funding="provider_own")
    escort(story, case, journey)
    story.worker.change(place(case, journey), {"can_travel_alone": True})
    escort(story, case, journey, reason="safety")
    refused = escort(story, case, journey, reason="minor", expect="not_a_minor")
    assert pointers(refused) == {"/reason"}
    young = story.case(story.client(birth_date="2003-05-01")["id"])
    escort(story, young, travel(story, young), reason="minor")
    unknown = story.case(story.client(birth_date=None)["id"])
    escort(story, unknown, travel(story, unknown), reason="minor")


def test_a_journey_without_times_is_of_the_day_it_was_recorded(story, database):
    """For the account and for the rules of its escorts alike, whenever these are added."""
    case = story.case()
    journey = travel(story, case, planned_departure_at=None, planned_arrival_at=None)
    escort(story, case, journey)
    with database.transaction():
        database.execute("SELECT set_config('app.actor', 'cli', true)")
        database.execute("UPDATE journeys SET created_at = '2012-12-31T12:00:00Z' WHERE id = %s",
                         [journey["id"]])
    refused = escort(story, case, journey, expect="no_contract")
    assert pointers(refused) == {"/funding"} and "2012-12-31" in refused["detail"]
    escort(story, case, journey, funding="provider_own")


def test_an_escort_names_a_person(story, api):
    case = story.case()
    journey = travel(story, case)
    refused = escort(story, case, journey, name=None, expect="validation_failed")
    assert pointers(refused) == {"/name"}
    own = escort(story, case, journey, name=None, user_id=story.psychologist.account.id)
    assert own["user_id"] == story.psychologist.account.id
    stranger = api("specialist", "dm", "psychologist").account.id
    refused = escort(story, case, journey, user_id=stranger, expect="unknown_reference")
    assert pointers(refused) == {"/user_id"}
    path = f"{place(case, journey)}/escorts/{own['id']}"
    story.worker.change(path, {"reason": None}, expect="reason_missing")
    story.worker.remove(path)


def test_places_stay_with_the_providers_team(story, api):
    case = story.case()
    journey = travel(story, case)
    listed = story.worker.read(journeys(case))["data"]
    assert not {"from_place", "to_place", "booking"} & listed[0].keys()
    assert story.lawyer.read(place(case, journey))["to_place"] == JOURNEY["to_place"]
    api("specialist", "marta", "social_worker").get(place(case, journey), expect="not_found")
    api("case_worker", "dm").get(place(case, journey), expect="not_found")
    story.lawyer.post(journeys(case), JOURNEY, expect="forbidden")
    for role in ("agency_officer", "ministry_officer", "commission_member", "auditor"):
        api(role).get(place(case, journey), expect="forbidden")
