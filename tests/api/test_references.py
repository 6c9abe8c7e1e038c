"""What is not of the own client, case or provider cannot be named: and nothing of it is told."""

import pytest

from story import at
from world import BODIES, NOWHERE, body_schema, paths_with, required_body

# Of no provider: there is nothing to hide, only something to miss.
PUBLIC = ("providers", "contracts", "rulesets")
# What the path or another row of the answer names differently from its resource.
SINGULARS = {"goods": "goods_item_id"}
# What a body refers to beside the member that is tried.
OWN = {"/v1/cases": {"client_id": "{client_id}"},
       "/v1/cases/{case_id}/applications": {"chosen_provider_id": "{provider_id}"}}


def references():
    """(method, path, member, resource) of each member of a body that refers to a row."""
    for method in ("post", "patch"):
        for path in sorted(paths_with(method)):
            for member, schema in body_schema(path, method)["properties"].items():
                if "x-references" in schema:
                    yield method, path, member, schema["x-references"]


def foreign(worlds, resource):
    """The id of the other provider's row; where rows are of no provider, of none."""
    if resource in PUBLIC:
        return NOWHERE
    ids = worlds["dm"].ids
    return ids[SINGULARS.get(resource, f"{resource.removesuffix('s')}_id")]


def refused(answer):
    problem = answer.json()
    return answer.status_code, problem["code"], [
        (error["pointer"], error["code"]) for error in problem.get("errors", ())]


def test_the_document_names_all_references():
    members = list(references())
    assert len(members) > 60 and {m for m, *_ in members} == {"post", "patch"}


@pytest.mark.parametrize("method, path, member, resource", references())
def test_a_reference_to_another_providers_row_is_unknown(worlds, method, path, member, resource):
    """Whatever else would be refused: first of all there is no such row."""
    own = worlds["marta"]
    who, url = own.who(path, method), own.url(path)
    value = foreign(worlds, resource)
    if method == "patch":
        answer = who.patch(url, {member: value}, etag=who.get(url).headers["ETag"])
    else:
        body = required_body(path) | BODIES.get(path, {}) | OWN.get(path, {})
        body = {name: text.format(**own.ids) if isinstance(text, str) else text
                for name, text in body.items()}
        answer = who.post(url, body | {member: value})
    status, code, errors = refused(answer)
    if method == "patch" and code == "validation_failed":
        # What is given with the new row alone leads nowhere either.
        assert errors == [(f"/{member}", "immutable_member")]
    else:
        assert (status, code, errors) == (422, "unknown_reference",
                                          [(f"/{member}", "unknown_reference")])


def test_all_unknown_references_are_named_at_once(marta, dm):
    case, elsewhere = marta.case_in("in_course"), dm.case_in("in_course")
    child = dm.family_member(elsewhere["client_id"])
    answer = marta.worker.post(f"/v1/cases/{case['id']}/consultations", {
        "specialist_kind": "psychologist", "entitlement": "course", "minutes": 60,
        "starts_at": at("2018-02-06"), "specialist_id": dm.psychologist.account.id,
        "family_member_id": child["id"]})
    assert refused(answer) == (422, "unknown_reference", [
        ("/specialist_id", "unknown_reference"), ("/family_member_id", "unknown_reference")])


# A clash and its absence are answered alike.


def both(marta, path, first, second):
    """The same refusal, in all but the request's own id."""
    answers = [marta.worker.post(path, body) for body in (first, second)]
    told = [{**answer.json(), "request_id": None} for answer in answers]
    assert answers[0].status_code == answers[1].status_code == 422, told
    assert told[0] == told[1] and told[0]["code"] == "unknown_reference"


def test_the_calendar_of_another_providers_specialist_is_not_revealed(marta, dm):
    dm.consultation(dm.case_in("in_course"), at("2018-02-07", "13:17"))
    case = marta.case_in("in_course")
    body = {"specialist_kind": "psychologist", "entitlement": "course", "minutes": 1,
            "specialist_id": dm.psychologist.account.id}
    both(marta, f"/v1/cases/{case['id']}/consultations",
         body | {"starts_at": at("2018-02-07", "13:30")},
         body | {"starts_at": at("2018-02-07", "12:30")})
    own = marta.consultation(case, at("2018-02-07", "13:30"))
    answers = []
    for starts_at in (at("2018-02-07", "13:30"), at("2018-02-07", "12:30")):
        url = f"/v1/cases/{case['id']}/consultations/{own['id']}"
        answers.append(marta.worker.patch(url, {
            "specialist_id": dm.psychologist.account.id, "starts_at": starts_at,
            "minutes": 1}, etag=marta.worker.get(url).headers["ETag"]))
    assert refused(answers[0]) == refused(answers[1])
    assert answers[0].json()["code"] == "unknown_reference"


def stay(story, case, **more):
    return story.worker.create(f"/v1/cases/{case['id']}/accommodations", {
        "place": "in_latvia", "place_code": "R-1", "country": "LV", "starts_on": "2018-02-01",
        "ends_on": "2018-02-20"} | more)


def test_the_stays_of_another_providers_child_are_not_revealed(marta, dm):
    elsewhere, case = dm.case_in("in_course"), marta.case_in("in_course")
    child = dm.family_member(elsewhere["client_id"])
    there = stay(dm, elsewhere)
    dm.worker.create(f"/v1/cases/{elsewhere['id']}/accommodations/{there['id']}/occupants",
                     {"family_member_id": child["id"]})
    told = []
    for days in ({}, {"starts_on": "2018-03-01", "ends_on": "2018-03-05"}):
        own = stay(marta, case, **days)
        answer = marta.worker.post(f"/v1/cases/{case['id']}/accommodations/{own['id']}/occupants",
                                   {"family_member_id": child["id"]})
        told.append(refused(answer))
    assert told[0] == told[1]
    assert told[0][1] == "unknown_reference"


def test_support_in_another_providers_proceedings_is_not_revealed(marta, dm):
    elsewhere, case = dm.case_in("in_course"), marta.case_in("in_course")
    of = dm.worker.create(f"/v1/cases/{elsewhere['id']}/criminal_proceedings", {
        "authority": "Valsts policija", "client_role": "injured_party",
        "basis_kind": "injured_party_decision", "basis_number": "20/9-1",
        "basis_on": "2018-02-12", "opened_on": "2018-02-05"})
    dm.worker.create(f"/v1/cases/{elsewhere['id']}/support_periods", {
        "proceeding_id": of["id"], "starts_on": "2018-03-01", "ends_on": "2018-03-31"})
    body = {"proceeding_id": of["id"], "basis": "injured_party_decision"}
    both(marta, f"/v1/cases/{case['id']}/support_periods",
         body | {"starts_on": "2018-03-10", "ends_on": "2018-03-10"},
         body | {"starts_on": "2018-04-10", "ends_on": "2018-04-10"})


def test_a_correction_of_another_providers_act_is_not_revealed(marta, dm):
    elsewhere, case = dm.case_in("in_course"), marta.case_in("in_course")
    goods = {"kind": "food", "quantity": 1, "given_on": "2018-02-06", "outcome": "delivered"}
    place = f"/v1/cases/{elsewhere['id']}/goods"
    first, second = (dm.worker.create(place, goods) for _ in range(2))
    dm.worker.create(place, goods | {"corrects_id": first["id"]})
    both(marta, f"/v1/cases/{case['id']}/goods", goods | {"corrects_id": first["id"]},
         goods | {"corrects_id": second["id"]})


# The second safeguard: no constraint looks at rows of two providers.

# Of rows that one office writes for all, which no provider's request can meet.
OFFICES = {"cases_running_course", "users_email", "decisions_number"}
# Counters that providers share: met only through the ledger, which never tells by a constraint.
LEDGER = {"limit_usages_once", "limit_entries_number"}


def test_no_constraint_looks_at_rows_of_two_providers(database):
    """Each has the provider, or an id that the path has led to and no body names."""
    rows = database.execute(
        """SELECT i.indexrelid::regclass::text, c.relname,
            ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid
                AND a.attnum = ANY (i.indkey)),
            coalesce((SELECT bool_or(f.conname IS NOT NULL) FROM pg_constraint f
                WHERE f.conindid = i.indexrelid AND f.contype = 'f'), false)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        WHERE (i.indisunique OR i.indisexclusion) AND NOT i.indisprimary
            AND c.relnamespace = 'public'::regnamespace
            AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid
                AND a.attname = 'provider_id' AND NOT a.attisdropped)""").fetchall()
    assert len(rows) > 40
    paths = {"provider_id", "id", "case_id", "client_id", "contract_id", "accommodation_id",
             "identification_id", "journey_id", "plan_id", "attachment_id", "statement_id"}
    open_to_others = {name for name, _, columns, _ in rows if not paths & set(columns)}
    assert open_to_others == OFFICES | LEDGER
