"""Two providers' cases with a row of every kind, and what the contract says of each operation."""

import itertools
import json

from recorder import DOCUMENT
from story import COURSE_START, PHASES, POINTS, Story

CONTRACT = json.loads(DOCUMENT.read_text())
SCHEMAS = CONTRACT["components"]["schemas"]
ROLES = (
    "ministry_officer",
    "statistician",
    "agency_officer",
    "provider_manager",
    "case_worker",
    "specialist",
    "commission_member",
    "auditor",
    "system_admin",
    "integration",
)
PROVIDER_ROLES = ("provider_manager", "case_worker", "specialist")
# Who stands for an operation: the first of these that the document allows.
PREFERRED = ("case_worker", "agency_officer", "ministry_officer", "system_admin") + ROLES
METHODS = ("get", "post", "patch", "put", "delete")
UPLOADS = "/v1/cases/{case_id}/attachments"
NOWHERE = "01890000-0000-7000-8000-0000000fffff"
COUNTER = itertools.count(1)
# Of these the walk itself leaves rows.
WALKED = (
    "/team",
    "/transitions",
    "/applications",
    "/documents",
    "/members",
    "/assessments",
    "/decisions",
)
LATE = ("{representation_id}", "{statement_id}")
# What a body needs beside the examples of its required members; {names} are ids of the world.
BODIES = {
    "/v1/contracts": {"starts_on": "1990-01-01", "ends_on": "1990-12-31"},
    "/v1/contracts/{contract_id}/parties": {"provider_id": "{provider_id}"},
    "/v1/contracts/{contract_id}/rates": {
        "service": "assessment",
        "unit": "piece",
        "starts_on": "1990-01-01",
        "ends_on": "1990-12-31",
    },
    "/v1/contracts/{contract_id}/limits": {
        "code": "criminal_support_consultations",
        "service": "criminal_support",
        "per": "person",
        "period": "calendar_year",
    },
    "/v1/statements": {"contract_id": "{contract_id}", "month": "1990-03"},
    "/v1/cases/{case_id}/journeys/{journey_id}/travellers": {"kind": "client"},
    "/v1/cases/{case_id}/journeys/{journey_id}/escorts": {
        "user_id": "{user_id}",
        "reason": "safety",
    },
    "/v1/cases/{case_id}/support_periods": {"proceeding_id": "{criminal_proceeding_id}"},
    "/v1/cases/{case_id}/criminal_proceedings": {
        "client_role": "injured_party",
        "basis_kind": "injured_party_decision",
        "basis_number": "20/9-1",
        "basis_on": "2018-02-12",
    },
    "/v1/cases/{case_id}/powers_of_attorney": {"lawyer_id": "{lawyer_id}"},
    "/v1/cases/{case_id}/representations": {
        "funding": "provider_own",
        "hearing_id": "{hearing_id}",
        "starts_at": "2018-09-12T07:30:00Z",
    },
    "/v1/cases/{case_id}/goods": {"quantity": 1},
    # What holds without it, so that nobody's work list is another one.
    "/v1/worklist_settings": {"kind": "reflection_ending", "days": 7},
    "/v1/clients/{client_id}/consents": {"informed_of": list(POINTS)},
    "/v1/cases/{case_id}/transfers": {"to_provider_id": "{other_provider_id}"},
    UPLOADS: {"size": 1},
    "/v1/clients/{client_id}/trafficking_profiles": {"recruited_online": True},
    "/v1/clients/{client_id}/representatives": {"starts_on": "2010-01-10"},
    "/v1/cases/{case_id}/plans": {"drawn_on": "2018-02-02", "ends_on": "2018-07-30"},
}


def resource_operations():
    """(path, method, operation) of what the registry's resources offer."""
    for path, item in CONTRACT["paths"].items():
        for method in METHODS:
            if method in item and path.startswith("/v1/") and item[method].get("x-roles"):
                verb = item[method]["operationId"].partition("_")[0]
                if verb in ("list", "create") or (
                    verb in ("read", "update", "delete") and path.endswith("}")
                ):
                    yield path, method, item[method]


def paths_with(method, item=None):
    """Templates that take the method; item tells whether of one row or of a collection."""
    return [
        path
        for path, name, _ in resource_operations()
        if name == method and item in (None, path.endswith("}"))
    ]


def operation(path, method):
    return CONTRACT["paths"][path][method]


def body_schema(path, method="post"):
    (content,) = operation(path, method)["requestBody"]["content"].values()
    return SCHEMAS[content["schema"]["$ref"].rpartition("/")[2]]


def row_schema(path):
    """The resource that a collection lists."""
    answer = operation(path, "get")["responses"]["200"]["content"]["application/json"]["schema"]
    schema = SCHEMAS[answer["$ref"].rpartition("/")[2]]
    if "data" in schema["properties"]:
        schema = SCHEMAS[schema["properties"]["data"]["items"]["$ref"].rpartition("/")[2]]
    return schema


def query_parameters(path):
    """By name, without those that every list has."""
    return {
        parameter["name"]: parameter
        for parameter in operation(path, "get")["parameters"]
        if parameter.get("in") == "query"
    }


def methods_of(path):
    """As Allow must tell them."""
    methods = {name.upper() for name in CONTRACT["paths"][path] if name in METHODS}
    return methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())


def required_body(path):
    """The examples of the members that a POST cannot do without."""
    schema = body_schema(path)
    return {name: schema["properties"][name]["examples"][0] for name in schema.get("required", ())}


class World:
    """One provider's case in its course; ids by the names that paths give them."""

    def __init__(self, api, providers, provider):
        self.api, self.provider = api, provider
        self.story = Story(api, providers, provider)
        case = self.walk()
        self.ids = {
            "case_id": case["id"],
            "client_id": case["client_id"],
            "provider_id": providers[provider],
            "user_id": self.story.worker.account.id,
            "lawyer_id": self.story.lawyer.account.id,
            "ruleset_id": case["ruleset_id"],
        }
        other = next(name for name in providers if name != provider)
        giver = Story(api, providers, other)
        self.ids["other_provider_id"] = giver.provider_id
        self.ids["incoming_transfer_id"] = giver.transfer(
            giver.case_in("in_course"), self.story
        )["id"]
        sitting = self.story.sitting(case)
        self.ids["identification_id"] = sitting["id"]
        for _ in range(2):
            self.story.client(given_name="Dace", family_name="Vītola", birth_date="1990-01-01")
        if not self.story.worker.read(f"/v1/cases/{case['id']}/assessments")["data"]:
            self.story.assessment(case)
        self.story.assessment(case, assessed_on="1990-03-31")
        # A representation is in a hearing, which lies deeper; a statement bills by rates.
        late = lambda path: (path.endswith(LATE), path.count("{"))
        for path in sorted(paths_with("get", item=True), key=late):
            self.settle(path)
        self.who(UPLOADS, "post").put(self.url(f"{UPLOADS}/{{attachment_id}}/parts/1"), b"%",
                                      expect=204)

    def walk(self):
        case = self.story.case(self.story.client(citizenship="UA")["id"])
        for phase in PHASES[1 : PHASES.index("in_course") + 1]:
            getattr(self.story, f"to_{phase}")(case, COURSE_START)
        return self.story.read_case(case)

    def settle(self, path):
        """The id of the path's own row: one that is there, or a new one."""
        collection, name = path.rpartition("/")[0], path.rpartition("{")[2][:-1]
        if name in self.ids:
            return
        if collection in paths_with("post") and name != "user_id":
            rows = self.rows(collection) if self.has_rows(collection) else []
            self.ids[name] = (rows[:1] or [self.make(collection)])[0]["id"]
        else:
            rows = self.rows(collection)
            self.ids[name] = rows[0]["id"] if rows else NOWHERE

    @staticmethod
    def has_rows(collection):
        """Those that the walk or the migrations have made."""
        return collection.startswith("/v1/rulesets") or collection.endswith(WALKED)

    def rows(self, collection):
        return self.who(collection, "get").read(self.url(collection))["data"]

    def body(self, collection):
        """What a new row needs."""
        body = required_body(collection) | BODIES.get(collection, {})
        return {
            name: value.format(**self.ids) if isinstance(value, str) else value
            for name, value in body.items()
        }

    def make(self, collection):
        body = self.body(collection)
        if collection.endswith("/evaluations"):
            plan = self.url(collection.rpartition("/")[0])
            for status in ("agreed", "active"):
                day = {f"{'agreed' if status == 'agreed' else 'activated'}_on": "2018-02-05"}
                self.story.worker.change(plan, {"status": status, "client_agreed": True} | day)
        if collection == "/v1/contracts":
            body["number"] = f"W/{next(COUNTER)}"
        made = self.who(collection, "post").create(self.url(collection), body)
        if collection == "/v1/statements":
            # The ministry has nothing to see before.
            self.caller("provider_manager").change(
                f"{collection}/{made['id']}", {"state": "submitted"}
            )
        return made

    def url(self, path, last=None):
        """The path of this world's row; last stands for the id of the row itself."""
        if last is not None:
            path = path.rpartition("{")[0] + last
        return path.format(**self.ids)

    def caller(self, role, **more):
        if role == "specialist":
            return self.api(role, self.provider, "psychologist", **more)
        return self.api(role, self.provider if role in PROVIDER_ROLES else None, **more)

    def who(self, path, method):
        roles = operation(path, method)["x-roles"]
        return self.caller(next(role for role in PREFERRED if role in roles))
