"""The account bills an act once or not at all: every kind of act in every funding, outcome and
correction, and on the days at the edges of contract and course.

All acts are recorded once, for a provider of their own. Then the items of two statements are read:
of the whole contract, and of a later contract that has the days from FIRST to LAST to itself.
"""

import re

import pytest

from billing import Billing, at
from harness import ROOT
from story import day
from world import CONTRACT, body_schema

START, FIRST, LAST, END = "2014-02-01", "2014-03-10", "2014-04-10", "2014-04-20"
SOME_DAY = "2014-02-05"
WHOLE, LATER, NEITHER = (1, 0), (0, 1), (0, 0)
FUNDINGS = {"state": WHOLE, "provider_own": NEITHER, "other": NEITHER}
EARLY, LATE = "00:00", "23:59"
BATCH = 40
# A journey is planned before it is cancelled.
CANCEL = "then cancelled"


def consultation(date, time="10:00", **more):
    return {"specialist_kind": "psychologist", "entitlement": "course", "minutes": 60,
            "starts_at": at(date, time), "joint": True, "outcome": "held"} | more


def representation(date, time="10:00", **more):
    return {"entitlement": "course", "starts_at": at(date, time), "minutes": 60,
            "outcome": "held"} | more


def interpretation(date, time="10:00", **more):
    return {"entitlement": "course", "starts_at": at(date, time), "minutes": 60,
            "language_from": "ru", "language_to": "lv", "outcome": "delivered"} | more


def legal_document(date, time=None, **more):
    return {"kind": "claim", "entitlement": "course", "minutes": 60, "drafted_on": date,
            "outcome": "delivered"} | more


def training(date, time=None, **more):
    return {"kind": "self_care", "title": "Budžets", "enrolled_on": date, "completed_on": date,
            "attended_hours": 6, "outcome": "completed"} | more


def goods(date, time=None, **more):
    return {"kind": "food", "quantity": 1, "cents": 100, "given_on": date,
            "outcome": "delivered"} | more


def assessment(date, time=None, **more):
    return {"kind": "initial", "assessed_on": date} | more


def journey(date, time="10:00", state="completed", **more):
    """It arrives half a minute after it has left."""
    left, arrived = at(date, time), at(date, time).replace(":00+", ":30+")
    if state == "cancelled":
        return journey(date, time, "planned", **{CANCEL: True}, **more)
    times = {"planned": {}, "under_way": {"departed_at": left},
             "completed": {"departed_at": left, "arrived_at": arrived}}
    return {"direction": "to_service", "from_country": "IE", "to_country": "LV", "state": state,
            "planned_departure_at": left} | times[state] | more


def escort(date, time=None, **more):
    """Of a stranger, so that nobody's appointments matter."""
    return {"name": "Jānis", "reason": "safety"} | more


def stay(date, time=None, **more):
    return {"place": "in_latvia", "place_code": "R-1", "country": "LV", "starts_on": date,
            "ends_on": day(date, 1), "state": "ended"} | more


BODIES = {"consultations": consultation, "representations": representation,
          "interpretations": interpretation, "legal_documents": legal_document,
          "trainings": training, "goods": goods, "assessments": assessment, "journeys": journey,
          "escorts": escort, "accommodations": stay}
# The kinds whose acts are of the course; the others may be given before it.
OF_COURSE = ("consultations", "representations", "interpretations", "legal_documents", "trainings",
             "goods", "accommodations")
APPOINTMENT = {"planned": NEITHER, "held": WHOLE, "no_show": NEITHER, "cancelled": NEITHER}
SERVICE = {"planned": NEITHER, "delivered": WHOLE, "cancelled": NEITHER}
# What each outcome, or state, gives. A training that was left has no hours here; a cancelled
# journey has no cost.
OUTCOMES = {
    "consultations": APPOINTMENT, "representations": APPOINTMENT, "interpretations": SERVICE,
    "legal_documents": SERVICE, "goods": SERVICE,
    "trainings": {"enrolled": NEITHER, "completed": WHOLE, "left": NEITHER, "cancelled": NEITHER},
    "journeys": {"planned": NEITHER, "under_way": NEITHER, "completed": WHOLE,
                 "cancelled": NEITHER},
    "accommodations": {"planned": NEITHER, "occupied": WHOLE, "ended": WHOLE,
                       "cancelled": NEITHER},
}
STATES = ("journeys", "accommodations")
WORKERS = {"consultations": "psychologist", "representations": "lawyer"}


def outcome_rows(kind, make):
    member = "state" if kind in STATES else "outcome"
    for value, billed in OUTCOMES.get(kind, {}).items():
        more = {"attended_hours": 0} if value == "left" else {}
        yield f"{member} {value}", [make(SOME_DAY, **{member: value} | more)], [billed]


def funding_rows(make):
    for funding, billed in FUNDINGS.items():
        yield f"funding {funding}", [make(SOME_DAY, funding=funding)], [billed]
    yield "corrected to another funding", [
        make(SOME_DAY), make(SOME_DAY, funding="other")], [NEITHER, NEITHER]
    yield "corrected to the state's", [
        make(SOME_DAY, funding="other"), make(SOME_DAY)], [NEITHER, WHOLE]


def day_rows(kind, make):
    """The last moment before the later contract, its first and last, and the first one after."""
    for words, date, time, billed in (
            ("the day before the later contract", day(FIRST, -1), LATE, WHOLE),
            ("the later contract's first day", FIRST, EARLY, LATER),
            ("the later contract's last day", LAST, LATE, LATER),
            ("the day after the later contract", day(LAST, 1), EARLY, WHOLE)):
        yield words, [make(date, time)], [billed]
    if kind in OF_COURSE:
        # Of a stay the last day is that of its last night.
        for words, date, time, outside in (("first", START, EARLY, day(START, -1)),
                                           ("last", END, LATE, day(END, 1))):
            yield f"the course's {words} day", [make(date, time)], [WHOLE]
            yield f"the day beyond the course's {words}", [
                make(outside, funding="provider_own")], [NEITHER]


def own_rows(kind):
    """What only one kind of act knows."""
    if kind == "trainings":
        yield "left after six hours", [training(SOME_DAY, outcome="left")], [WHOLE]
        yield "left without a day of completion", [
            training(SOME_DAY, outcome="left", completed_on=None)], [WHOLE]
        yield "enrolled before the later contract", [
            training(day(FIRST, -5), completed_on=FIRST)], [LATER]
        yield "completed after the later contract", [
            training(LAST, completed_on=day(LAST, 1))], [WHOLE]
    elif kind == "journeys":
        yield "cancelled at a cost", [journey(SOME_DAY, state="cancelled", cost_cents=1)], [WHOLE]
        yield "cancelled at another's cost", [
            journey(SOME_DAY, state="cancelled", cost_cents=1, funding="other")], [NEITHER]
        yield "planned before the later contract, departed within it", [
            journey(FIRST, planned_departure_at=at(day(FIRST, -1)))], [LATER]
        yield "planned after the later contract, departed within it", [
            journey(LAST, planned_departure_at=at(day(LAST, 1)))], [LATER]
        yield "planned within the later contract, departed after it", [
            journey(day(LAST, 1), planned_departure_at=at(LAST))], [WHOLE]
        yield "cancelled before the later contract", [
            journey(day(FIRST, -1), LATE, state="cancelled", cost_cents=1)], [WHOLE]
        yield "cancelled on the later contract's first day", [
            journey(FIRST, EARLY, state="cancelled", cost_cents=1)], [LATER]
    elif kind == "accommodations":
        yield "ended before the later contract", [
            stay(day(FIRST, -3), ends_on=FIRST)], [WHOLE]
        yield "over the later contract's first day", [
            stay(day(FIRST, -1), ends_on=day(FIRST, 1))], [(1, 1)]
        # February, March before it, April after it and May; the later contract's two months.
        yield "open since February", [
            stay("2014-02-27", ends_on=None, state="occupied")], [(4, 2)]


def rows():
    """(kind, words, bodies, what of each is billed: items of the whole and the later contract);
    of two bodies the second corrects the first."""
    for kind, make in BODIES.items():
        if kind == "escorts":
            continue
        made = [("as it is", [make(SOME_DAY)], [WHOLE]),
                ("corrected", [make(SOME_DAY), make(SOME_DAY)], [NEITHER, WHOLE]),
                *outcome_rows(kind, make), *day_rows(kind, make), *own_rows(kind)]
        if kind != "assessments":
            made += funding_rows(make)
        yield from ((kind, *row) for row in made)


def escort_rows():
    """(words, the journey, bodies, what of each is billed). Its day is the journey's."""
    done = journey(SOME_DAY)
    for words, bodies, billed in funding_rows(escort):
        yield words, done, bodies, billed
    yield "corrected", done, [escort(None), escort(None)], [NEITHER, WHOLE]
    yield "of a journey that another pays", journey(SOME_DAY, funding="other"), [
        escort(None, funding="state")], [WHOLE]
    for state in ("planned", "under_way"):
        yield f"of a journey that is {state}", journey(SOME_DAY, state=state), [
            escort(None, cost_cents=1)], [NEITHER]
    for cost, billed in ((None, NEITHER), (1, WHOLE)):
        yield f"of a cancelled journey at the cost {cost}", journey(SOME_DAY, state="cancelled"), [
            escort(None, cost_cents=cost)], [billed]
    for words, (body,), billed in day_rows("journeys", journey):
        yield words, body, [escort(None)], billed


# (held on, closed on, what is billed): by the day of the sitting, when it is closed.
SITTINGS = {
    "closed": (SOME_DAY, SOME_DAY, WHOLE),
    "open": (SOME_DAY, None, NEITHER),
    "the day before the later contract": (day(FIRST, -1), FIRST, WHOLE),
    "the later contract's first day": (FIRST, FIRST, LATER),
    "the later contract's last day": (LAST, day(LAST, 1), LATER),
    "the day after the later contract": (day(LAST, 1), day(LAST, 1), WHOLE),
}
CRITERIA = {"acts": ["recruitment"], "means": ["deceit"], "purposes": ["forced_labour"],
            "minor_then": False}
EXPECTED = {
    **{(kind, words, at): one for kind, words, _, billed in rows()
       for at, one in enumerate(billed)},
    **{("escorts", words, at): one for words, _, _, billed in escort_rows()
       for at, one in enumerate(billed)},
    **{("identifications", words, 0): billed for words, (*_, billed) in SITTINGS.items()},
    ("identifications", "of an authority", 0): NEITHER,
}


class Acts:
    """Every act of the table, and the items that bill it."""

    def __init__(self, api, providers, provider):
        self.billing = Billing(api, providers, (provider,), months=5, since=2014)
        self.story, self.ids = self.billing.story, {}
        self.contracts = self.billing.contract, self.billing.make_contract(FIRST, LAST)
        self.case = self.story.case(opened_on="2014-01-02")
        self.place = f"/v1/cases/{self.case['id']}"
        for phase in ("applied", "under_assessment", "awaiting_decision"):
            getattr(self.story, f"to_{phase}")(self.case, START)
        self.story.grant(self.case, start=START, course_end=END)
        self.story.to_in_course(self.case, START)
        self.story.worker.create(f"{self.place}/powers_of_attorney", {
            "scope": "Pārstāvība", "given_by": "client", "granted_on": "2014-01-02"})
        self.cancelled = []
        self.record_rows()
        self.record_escorts()
        self.change(self.story.worker, {f"{self.place}/journeys/{made}": {"state": "cancelled"}
                                        for made in self.cancelled})
        self.record_sittings()

    def send(self, by, groups):
        """Each group is (key, path, body, ref) that name one another by ref."""
        operations = []
        for group in [*groups, None]:
            if operations and (group is None or len(operations) + len(group) > BATCH):
                told = getattr(self.story, by).create("/v1/batch", {"operations": [
                    {"method": "POST", "path": self.place + path, "ref": ref,
                     "body": {name: body[name] for name in body if name != CANCEL}}
                    for _, path, body, ref in operations]}, expect=200)
                for (key, _, body, _), result in zip(operations, told["results"]):
                    self.ids[key] = result["body"]["id"]
                    if body.get(CANCEL):
                        self.cancelled.append(self.ids[key])
                operations = []
            operations += group or []

    @staticmethod
    def group(kind, words, path, bodies):
        refs = [f"act{at}" for at in range(len(bodies))]
        for at, body in enumerate(bodies):
            corrects = {"corrects_id": f"{{{refs[at - 1]}}}"} if at else {}
            yield (kind, words, at), path, body | corrects, refs[at]

    @staticmethod
    def distinct(groups):
        """Refs stand once in a batch."""
        for number, group in enumerate(groups):
            yield [(key, path.replace("{act", f"{{g{number}act"),
                    {name: f"{{g{number}{value[1:]}" if name == "corrects_id" else value
                     for name, value in body.items()}, f"g{number}{ref}")
                   for key, path, body, ref in group]

    def record_rows(self):
        for by in ("worker", "psychologist", "lawyer"):
            groups = (self.group(kind, words, f"/{kind}", bodies)
                      for kind, words, bodies, _ in rows() if WORKERS.get(kind, "worker") == by)
            self.send(by, self.distinct(groups))

    def record_escorts(self):
        groups = [[(None, "/journeys", body, "act"), *self.group(
            "escorts", words, "/journeys/{act}/escorts", bodies)]
            for words, body, bodies, _ in escort_rows()]
        self.send("worker", self.distinct(groups))

    def record_sittings(self):
        seats, places = {}, {}
        for words, (held_on, *_) in SITTINGS.items():
            sitting = {"identified_by": "commission", "held_on": held_on, "language": "lv"}
            self.send("worker", self.distinct([[
                (("identifications", words, 0), "/identifications", sitting, "act"),
                *((("seats", words, name), "/identifications/{act}/members",
                   {"user_id": by.account.id, "profession": name}, f"act{name}")
                  for name, by in self.story.sitters.items())]]))
            places[words] = f"{self.place}/identifications/{self.ids['identifications', words, 0]}"
            seats[words] = {name: self.ids.pop(("seats", words, name))
                            for name in self.story.sitters}
        for name, by in self.story.sitters.items():
            self.change(by, {f"{places[words]}/members/{seats[words][name]}": {"vote": "meets"}
                             for words in SITTINGS})
        self.change(self.story.worker, {places[words]: CRITERIA | {
            "conclusion": "meets", "closed_on": closed_on}
            for words, (_, closed_on, _) in SITTINGS.items() if closed_on})
        self.send("worker", [[(("identifications", "of an authority", 0), "/identifications", {
            "identified_by": "police", "held_on": SOME_DAY, "issuer": "Valsts policija",
            "issued_on": SOME_DAY, "closed_on": SOME_DAY, "conclusion": "meets"} | CRITERIA,
            "act")]])

    @staticmethod
    def change(by, changes):
        by.create("/v1/batch", {"operations": [
            {"method": "PATCH", "path": path, "body": body, "if_match": '"1"'}
            for path, body in changes.items()]}, expect=200)

    def billed(self):
        """By act, how many items of each of the two contracts bill it."""
        found = {}
        for index, contract in enumerate(self.contracts):
            statement = self.story.manager.create("/v1/statements", {
                "contract_id": contract["id"], "month": "2014-05"})
            for item in self.billing.items(statement):
                counts = found.setdefault((item["act"], item["act_id"]), [0, 0])
                counts[index] += item["acts"]
        return found


@pytest.fixture(scope="module")
def acts(new_provider):
    return Acts(*new_provider())


@pytest.fixture(scope="module")
def billed(acts):
    return acts.billed()


def name_of(key):
    kind, words, at = key
    return f"{kind}-{words}{' (the correction)' if at else ''}"


@pytest.mark.parametrize("key", EXPECTED, ids=name_of)
def test_an_act_is_billed_once_or_not_at_all(acts, billed, key):
    assert tuple(billed.get((key[0], acts.ids[key]), (0, 0))) == EXPECTED[key]


def test_acts_beside_the_table_are_not_billed(acts, billed):
    """Case management has no rate here; a journey along with an escort is an act of its own."""
    known = {(kind, made) for (kind, *_), made in
             ((key, made) for key, made in acts.ids.items() if key)}
    assert {act for act, _ in billed} == {kind for kind, _ in known}
    assert {act for act in billed if act not in known and act[0] != "journeys"} == set()


def test_the_usage_tells_as_many_acts_as_the_statements_bill(acts, billed):
    for index, contract in enumerate(acts.contracts):
        told = acts.billing.ministry.read(f"/v1/contracts/{contract['id']}/usage")
        (whole,) = (line for line in told["lines"]
                    if line["provider_id"] is line["service"] is None)
        assert whole["acts"] == sum(counts[index] for counts in billed.values())


def test_the_state_does_not_pay_beyond_the_courses_days(acts):
    """What the table records there, another pays for."""
    for kind in OF_COURSE:
        by = getattr(acts.story, WORKERS.get(kind, "worker"))
        for outside in (day(START, -1), day(END, 1)):
            refused = by.create(f"{acts.place}/{kind}", BODIES[kind](outside, funding="state"),
                                expect=422)
            assert refused["code"] == "outside_course", (kind, outside)


def test_the_table_has_every_kind_outcome_and_funding(acts):
    """A new kind of act, or a new outcome of one, needs its row here."""
    sql = (ROOT / "internal/store/schema/85_account.sql").read_text()
    kinds = set(re.findall(r"^\t\tSELECT '(\w+)'", sql, re.M))
    assert kinds == set(BODIES) | {"identifications", "cases"}
    below = {path.rpartition("/")[2]: path for path in CONTRACT["paths"]
             if path.startswith("/v1/cases/{case_id}/") and "post" in CONTRACT["paths"][path]}
    for kind, path in below.items():
        members = body_schema(path)["properties"]
        # An opening usage was paid for before the system; a complaint is no service.
        if "corrects_id" in members and kind not in ("opening_usages", "complaints"):
            assert kind in BODIES, kind
            outcomes = members.get("state" if kind in STATES else "outcome", {}).get("enum", ())
            assert set(outcomes) - {None} == set(OUTCOMES.get(kind, ())), kind
        if "funding" in members:
            assert set(members["funding"]["enum"]) - {None} == set(FUNDINGS), kind
