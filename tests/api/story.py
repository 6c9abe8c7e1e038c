"""A client's way through the service, walked over the real API: tests take it as far as they need.

    story = Story(api, providers, "marta")
    case = story.case_in("in_course")          # a new client, granted, on the course's first day

Days are those of 2018, when the contract LRLM2016/28-3-02/25 was in force; each may be told.
"""

import datetime
import itertools

# The way of a case; case_in stops at the phase it is asked for.
PHASES = ("inquiry", "applied", "under_assessment", "awaiting_decision", "granted", "in_course",
          "aftercare", "closed")
# What one is told before one consents.
POINTS = ("controller", "purposes", "data_types", "right_to_withdraw", "automated_decisions",
          "transfer_risks")
COUNTER = itertools.count(1)
COURSE_START = datetime.date(2018, 2, 1)
COURSE_DAYS = 180


def day(value, days=0):
    """ISO text of a day that many days on."""
    if isinstance(value, str):
        value = datetime.date.fromisoformat(value)
    return (value + datetime.timedelta(days=days)).isoformat()


def at(date, time="10:00"):
    """An instant on that day in Riga's winter time."""
    return f"{date}T{time}:00+02:00"


class Story:
    """One provider's staff, the agency and the police, each by their own account."""

    def __init__(self, api, providers, provider="marta"):
        self.provider_id = providers[provider]
        self.worker = api("case_worker", provider)
        self.manager = api("provider_manager", provider)
        self.psychologist = api("specialist", provider, "psychologist")
        self.lawyer = api("specialist", provider, "lawyer")
        self.agency = api("agency_officer")
        self.police = api("commission_member")
        self.sitters = {"social_worker": self.worker, "psychologist": self.psychologist,
                        "lawyer": self.lawyer, "police_officer": self.police}

    # Persons

    def client(self, **more):
        """A potential client; nobody else has this name."""
        number = next(COUNTER)
        return self.worker.create("/v1/clients", {
            "given_name": f"Ilze {number}", "family_name": f"Kalniņa {number}",
            "birth_date": "1994-06-15", "sex": "female", "citizenship": "LV",
            "current_country": "IE", "first_contact_on": "2018-01-08",
            "safe_contact_channel": "sms", "languages": ["lv"], "referrer": "embassy",
        } | more)

    def family_member(self, client_id, **more):
        return self.worker.create(f"/v1/clients/{client_id}/family_members", {
            "relation": "child", "given_name": "Emīls", "birth_date": "2012-04-02",
            "in_latvia": False, "with_client": True, "safe_to_contact": True,
        } | more)

    # The case

    def case(self, client_id=None, **more):
        """An inquiry, of a new client where none is named; its specialists are on the team."""
        client_id = client_id or self.client()["id"]
        case = self.worker.create("/v1/cases", {
            "client_id": client_id, "opened_on": "2018-01-08"} | more)
        for member in (self.psychologist, self.lawyer):
            self.worker.create(f"/v1/cases/{case['id']}/team", {"user_id": member.account.id})
        return case

    def read_case(self, case):
        return self.worker.read(f"/v1/cases/{case['id']}")

    def step(self, case, to, by=None, expect=201, **more):
        """One transition; by is the caller, the case worker unless told."""
        return (by or self.worker).create(f"/v1/cases/{case['id']}/transitions",
                                          {"to": to} | more, expect=expect)

    # The way to Latvia

    def journey(self, case, expect=201, **more):
        """From Dublin to the provider, planned; at the state's cost."""
        return self.worker.create(f"/v1/cases/{case['id']}/journeys", {
            "direction": "to_service", "from_country": "IE", "to_country": "LV",
            "transport": "air", "planned_departure_at": "2018-01-12T08:15:00Z",
            "planned_arrival_at": "2018-01-12T13:40:00Z"} | more, expect=expect)

    def traveller(self, journey, child=None, expect=201, **more):
        """The client, or a child of the family along."""
        who = {"kind": "child", "family_member_id": child["id"]} if child else {"kind": "client"}
        return self.worker.create(f"{self.place(journey)}/travellers", who | more, expect=expect)

    def escort(self, journey, expect=201, **more):
        return self.worker.create(f"{self.place(journey)}/escorts", {
            "user_id": self.worker.account.id, "reason": "safety"} | more, expect=expect)

    @staticmethod
    def place(journey):
        return f"/v1/cases/{journey['case_id']}/journeys/{journey['id']}"

    # Papers

    def application(self, case, expect=201, **more):
        """Written by the client, for this provider."""
        return self.worker.create(f"/v1/cases/{case['id']}/applications", {
            "received_on": "2018-01-15", "channel": "in_person",
            "chosen_provider_id": self.provider_id} | more, expect=expect)

    def document(self, case, application, kind="victim_decision", expect=201, **more):
        place = f"/v1/cases/{case['id']}/applications/{application['id']}/documents"
        return self.worker.create(place, {
            "kind": kind, "issuer": "Valsts policija", "number": "11816000118",
            "issued_on": "2018-01-12"} | more, expect=expect)

    def sitting(self, case, professions=None, **more):
        """A sitting of the commission with its members, of whom nobody has voted yet."""
        sitting = self.worker.create(f"/v1/cases/{case['id']}/identifications", {
            "identified_by": "commission", "held_on": "2018-01-22", "language": "lv"} | more)
        for profession in professions or self.sitters:
            self.worker.create(f"{self.sitting_place(sitting)}/members", {
                "user_id": self.sitters[profession].account.id, "profession": profession})
        return sitting

    @staticmethod
    def sitting_place(sitting):
        return f"/v1/cases/{sitting['case_id']}/identifications/{sitting['id']}"

    def vote(self, sitting, vote="meets"):
        """Each member gives the own vote, by the own account."""
        place = f"{self.sitting_place(sitting)}/members"
        for member in self.worker.read(place)["data"]:
            self.sitters[member["profession"]].change(f"{place}/{member['id']}", {"vote": vote})

    def close_sitting(self, sitting, expect=200, **more):
        return self.worker.change(self.sitting_place(sitting), {
            "conclusion": "meets", "closed_on": "2018-01-22", "acts": ["recruitment"],
            "means": ["deceit"], "purposes": ["forced_labour"], "minor_then": False} | more,
            expect=expect)

    def grant(self, case, by=None, start=COURSE_START, expect=201, **more):
        """The longest course from that day; its last day is the agency's to shorten."""
        start = day(start)
        return (by or self.agency).create(f"/v1/cases/{case['id']}/decisions", {
            "kind": "grant", "number": f"SIVA-{next(COUNTER)}", "decided_on": day(start, -3),
            "course_start": start} | more, expect=expect)

    # The way

    def case_in(self, phase, start=COURSE_START, **client):
        """A new client's case in the given phase."""
        case = self.case(self.client(**client)["id"])
        for name in PHASES[1:PHASES.index(phase) + 1]:
            getattr(self, f"to_{name}")(case, start)
        case = self.read_case(case)
        assert case["status"] == phase, f"the walk ends in {case['status']}, not in {phase}"
        return case

    def to_applied(self, case, start):
        application = self.application(case, received_on=day(start, -17))
        self.document(case, application, issued_on=day(start, -20))
        self.step(case, "applied", happened_on=day(start, -17))

    def to_under_assessment(self, case, start):
        self.step(case, "under_assessment", happened_on=day(start, -16))

    def to_awaiting_decision(self, case, start):
        self.step(case, "awaiting_decision", happened_on=day(start, -10))

    def to_granted(self, case, start):
        self.grant(case, start=start)

    def to_in_course(self, case, start):
        self.step(case, "in_course", happened_on=day(start))

    def to_aftercare(self, case, start):
        self.step(case, "aftercare", happened_on=day(start, COURSE_DAYS))

    def to_closed(self, case, start):
        self.step(case, "closed", happened_on=day(start, COURSE_DAYS + 1),
                  close_reason="completed")

    # The plan

    def assessment(self, case, expect=201, **more):
        return self.worker.create(f"/v1/cases/{case['id']}/assessments", {
            "kind": "initial", "assessed_on": "2018-01-30", "housing": 3, "mental_health": 2,
            "findings": "Sleeps badly; manages her household."} | more, expect=expect)

    def plan(self, case, start=COURSE_START, expect=201, **more):
        """A draft for the whole course that begins on start."""
        return self.worker.create(f"/v1/cases/{case['id']}/plans", {
            "drawn_on": day(start, 1), "starts_on": day(start, 4),
            "ends_on": day(start, COURSE_DAYS - 1), "goal": "Lives and works on her own."} | more,
            expect=expect)

    @staticmethod
    def plan_place(plan):
        return f"/v1/cases/{plan['case_id']}/plans/{plan['id']}"

    def plan_part(self, plan, part, body, expect=201):
        return self.worker.create(f"{self.plan_place(plan)}/{part}", body, expect=expect)

    def plan_step(self, plan, status, expect=200, **more):
        return self.worker.change(self.plan_place(plan), {"status": status} | more, expect=expect)

    # Services

    def consultation(self, case, starts_at, expect=201, by=None, **more):
        """An hour with the psychologist, planned by them, within the course unless told."""
        return (by or self.psychologist).create(f"/v1/cases/{case['id']}/consultations", {
            "specialist_kind": "psychologist", "entitlement": "course", "starts_at": starts_at,
            "minutes": 60, "funding": "state"} | more, expect=expect)

    def entitlement(self, case, code):
        """The row of one limit: amount, used, remaining."""
        rows = self.worker.read(f"/v1/cases/{case['id']}/entitlements")["data"]
        return next(row for row in rows if row["code"] == code)

    # Another provider

    def notes_consent(self, client_id, to, expect=201, **more):
        """The client lets this provider's notes travel to that Story's provider."""
        return self.worker.create(f"/v1/clients/{client_id}/consents", {
            "scope": "notes_transfer", "purpose": "Care goes on at the new provider",
            "recipient_provider_id": to.provider_id, "given_on": "2018-02-20",
            "given_by": "client", "informed_of": list(POINTS)} | more, expect=expect)

    def transfer(self, case, to, expect=201, by=None, **more):
        """The client asks to go to that Story's provider."""
        return (by or self.worker).create(f"/v1/cases/{case['id']}/transfers", {
            "to_provider_id": to.provider_id, "requested_on": "2018-03-01",
            "requested_by": "client", "reason": "Closer to her son's school."} | more,
            expect=expect)

    def answer(self, transfer, answer="accepted", expect=200, by=None, **more):
        """This provider's answer to what another one's client asked for."""
        return (by or self.worker).create(f"/v1/incoming_transfers/{transfer['id']}/answer", {
            "answer": answer, "answered_on": "2018-03-05"} | more, expect=expect)

    def received(self, transfer, **more):
        """The new case of an accepted transfer, with its specialists on the team."""
        case = self.read_case({"id": self.answer(transfer, **more)["case_id"]})
        for member in (self.psychologist, self.lawyer):
            self.worker.create(f"/v1/cases/{case['id']}/team", {"user_id": member.account.id})
        return case
