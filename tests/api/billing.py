"""A contract of a test's own, in months that no other test uses, and the accounts for it."""

import datetime
import itertools
import zoneinfo

from story import Story, day

RIGA = zoneinfo.ZoneInfo("Europe/Riga")
NUMBERS = itertools.count(1)
# Months of courses under either rule set; the acts of other tests are on other days, so that all
# numbers are exact. Where nothing is delivered, one year serves all.
YEARS = {2013: 12, 2014: 12, 2015: 12, 2016: 10} | dict.fromkeys(range(2020, 2026), 12) | {2026: 5}
MONTHS = iter([datetime.date(year, month, 1) for year, last in YEARS.items()
               for month in range(1 if year != 2020 else 6, last + 1)])
EMPTY = [datetime.date(1991, month, 1) for month in (1, 2, 3)]


def at(date, time="10:00"):
    """That time of the day in Riga."""
    local = datetime.datetime.fromisoformat(f"{date}T{time}:00").replace(tzinfo=RIGA)
    return local.isoformat()


class Billing:
    """months[1] is the course's first; the first month is for the papers before it."""

    def __init__(self, api, providers, parties=("marta",), months=3, since=None):
        """months=0: nothing is delivered. since: the first month, where no other test acts with
        the provider."""
        if since:
            starts = [datetime.date(since, month, 1) for month in range(1, months + 1)]
        else:
            starts = [next(MONTHS) for _ in range(months)] or EMPTY
        # A course lies in one contract: the gap between the years is none of it.
        while (starts[-1].year - starts[0].year) > 1:
            starts = [*starts[1:], next(MONTHS)]
        self.months = [start.isoformat()[:7] for start in starts]
        after = (starts[-1] + datetime.timedelta(days=31)).replace(day=1)
        self.starts_on, self.ends_on = day(starts[0]), day(after, -1)
        self.ministry = api("ministry_officer")
        self.stories = {name: Story(api, providers, name) for name in parties}
        self.story = self.stories[parties[0]]
        self.manager = self.story.manager
        self.contract = self.make_contract(self.starts_on, self.ends_on)

    def make_contract(self, starts_on, ends_on, **more):
        contract = self.ministry.create("/v1/contracts", {
            "number": f"BILL/{next(NUMBERS)}", "title": "Billed", "ministry": "LM",
            "starts_on": starts_on, "ends_on": ends_on, "planned_clients": 24} | more)
        for story in self.stories.values():
            self.ministry.create(f"/v1/contracts/{contract['id']}/parties",
                                 {"provider_id": story.provider_id})
        return contract

    @staticmethod
    def month_after(month):
        first = datetime.date.fromisoformat(f"{month}-01")
        return (first + datetime.timedelta(days=31)).isoformat()[:7]

    @property
    def place(self):
        return f"/v1/contracts/{self.contract['id']}"

    def day(self, month, number):
        """months[month]'s day of that number."""
        return f"{self.months[month]}-{number:02}"

    def rate(self, service, unit, cents, expect=201, **more):
        return self.ministry.create(f"{self.place}/rates", {
            "service": service, "unit": unit, "cents": cents, "starts_on": self.starts_on,
            "ends_on": self.ends_on} | more, expect=expect)

    # Acts

    def case(self, provider=None, **client):
        """In its course from the second month on."""
        story = self.stories[provider] if provider else self.story
        client = story.client(**client)["id"]
        case = story.case(client, opened_on=self.day(0, 2))
        start = datetime.date.fromisoformat(self.day(1, 1))
        for phase in ("applied", "under_assessment", "awaiting_decision", "granted", "in_course"):
            getattr(story, f"to_{phase}")(case, start)
        return story.read_case(case)

    def consult(self, case, starts_at, provider=None, **more):
        """Held, by the psychologist, an hour at the state's cost; a bare day is at ten."""
        story = self.stories[provider] if provider else self.story
        if len(starts_at) == 10:
            starts_at = at(starts_at)
        return story.consultation(case, starts_at, **({"outcome": "held", "joint": True} | more))

    def start_up(self, case, starts_at, provider=None, **more):
        """The same with a potential client, by the social worker."""
        story = self.stories[provider] if provider else self.story
        return self.consult(case, starts_at, provider, by=story.worker,
                            specialist_kind="social_worker", entitlement="start_up", **more)

    def serve(self, case, service, expect=201, **body):
        return self.story.worker.create(f"/v1/cases/{case['id']}/{service}", body, expect=expect)

    def correct(self, case, act, **more):
        """R19: a record that stands in the first one's place."""
        body = {name: act[name] for name in ("specialist_kind", "entitlement", "starts_at",
                                             "minutes", "funding", "outcome", "joint")}
        return self.story.psychologist.create(
            f"/v1/cases/{case['id']}/consultations", body | {"corrects_id": act["id"]} | more)

    # What is told of them

    def usage(self, by=None, **params):
        return (by or self.ministry).read(f"{self.place}/usage", params=params)

    def used(self, service=None, provider=None, by=None, **params):
        """One line of the usage."""
        lines = self.usage(by, **params)["lines"]
        wanted = (self.stories[provider].provider_id if provider else None, service)
        return next(line for line in lines if (line["provider_id"], line["service"]) == wanted)

    def draft(self, month, by=None, expect=201):
        return (by or self.manager).create("/v1/statements", {
            "contract_id": self.contract["id"], "month": self.months[month]}, expect=expect)

    def step(self, statement, state, by=None, expect=200, **more):
        path = f"/v1/statements/{statement['id']}"
        return (by or self.manager).change(path, {"state": state} | more, expect=expect)

    def submit(self, month, **more):
        return self.step(self.draft(month), "submitted", **more)

    def lines(self, statement, by=None):
        return list((by or self.manager).pages(f"/v1/statements/{statement['id']}/lines"))

    def items(self, statement):
        return list(self.manager.pages(f"/v1/statements/{statement['id']}/items"))

    def billed(self):
        """All that the account's statements bill."""
        statements = self.manager.pages("/v1/statements", contract_id=self.contract["id"])
        return sum(line["cents"] for each in statements for line in self.lines(each))
