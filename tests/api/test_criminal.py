"""After the course: proceedings, support in them within the year's limits, and the family."""

import itertools
import json
import re
import threading
import uuid

import httpx
import pytest

from admission import case_after_course
from story import Story, day

SUPPORT_FROM = "2018-03-01"
CODES = itertools.count(10000)


@pytest.fixture(scope="module")
def contract_limit(api):
    """The 150 consultations a year of the contract of 2017–2018, which the seed names."""
    ministry = api("ministry_officer")
    contract = next(c for c in ministry.pages("/v1/contracts")
                    if c["number"] == "LRLM2016/28-3-02/25")
    place = f"/v1/contracts/{contract['id']}/limits"
    code = "criminal_support_consultations"
    made = [row for row in ministry.pages(place) if row["code"] == code]
    return made[0] if made else ministry.create(place, {
        "code": code, "service": "criminal_support", "unit": "consultations", "amount": 150,
        "per": "person", "period": "calendar_year", "enforcement": "block"})


@pytest.fixture
def stories(api, providers):
    return {provider: Story(api, providers, provider) for provider in providers}


@pytest.fixture
def after_course(database):
    """after_course(story, …): a case whose course ended on 2018-02-27, its papers aside."""

    def make(story, received_on="2017-08-20", ruleset="MK889-2013", **client):
        return case_after_course(database, story, received_on, ruleset, **client)

    return make


def proceeding(story, case, **more):
    return story.worker.create(f"/v1/cases/{case['id']}/criminal_proceedings", {
        "authority": "Valsts policija", "number": "11816000118", "client_role": "injured_party",
        "basis_kind": "injured_party_decision", "basis_number": "20/9-1", "basis_on": "2018-02-12",
        "opened_on": "2018-02-05"} | more)


def support(story, case, of, expect=201, **more):
    return story.worker.create(f"/v1/cases/{case['id']}/support_periods", {
        "proceeding_id": of["id"], "starts_on": SUPPORT_FROM} | more, expect=expect)


def supported(story, case):
    of = proceeding(story, case)
    support(story, case, of)
    return of


def hour(starts_at="2018-03-20T06:00:00Z", **more):
    """A planned consultation under criminal-proceedings support; joint ones do not collide."""
    return {"specialist_kind": "lawyer", "entitlement": "criminal_support", "minutes": 60,
            "starts_at": starts_at, "joint": True} | more


def person(database, case):
    return database.execute("SELECT person_id FROM cases WHERE id = %s", [case["id"]]).fetchone()[0]


def use_up(database, case, code, units, year="2018"):
    """What acts have used of a person's limit, on the shared counter and the client's own."""
    case_id, limit = case["id"], """SELECT l.id, l.amount FROM limits l
        LEFT JOIN rulesets r ON r.id = l.ruleset_id LEFT JOIN contracts k ON k.id = l.contract_id
        WHERE l.code = %s AND (r.code = 'MK889-2013' OR k.number = 'LRLM2016/28-3-02/25')"""
    limit_id, amount = database.execute(limit, [code]).fetchone()
    for holder in ("person_id", "client_id"):
        usage = database.execute(
            f"""INSERT INTO limit_usages (limit_id, holder_id, provider_id, client_id, period,
            amount, used, enforcement) SELECT %s, {holder}, provider_id, client_id, %s, %s, %s,
            'block' FROM cases WHERE id = %s RETURNING id""",
            [limit_id, year, amount, units, case_id]).fetchone()[0]
        database.execute(
            """INSERT INTO limit_entries (usage_id, provider_id, client_id, case_id, act, units,
            opening) SELECT %s, provider_id, client_id, id, 'opening', %s, true FROM cases
            WHERE id = %s""", [usage, units, case_id])


def used(database, case, code="criminal_support_minutes"):
    """What the ledger holds of the person, by year; the entries must say the same."""
    rows = database.execute(
        """SELECT u.period, u.used, (SELECT sum(e.units) FROM limit_entries e
        WHERE e.usage_id = u.id AND e.given_back_at IS NULL) FROM limit_usages u
        JOIN limits l ON l.id = u.limit_id WHERE u.holder_id = %s AND l.code = %s""",
        [person(database, case), code]).fetchall()
    assert all(taken == (held or 0) for _, taken, held in rows), rows
    return {period: taken for period, taken, _ in rows}


def at_once(base_url, calls):
    """(caller, path, body) each in a thread of its own, all at the same moment."""
    gate, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(index, who, path, body):
        headers = {"Authorization": f"Bearer {who.token}", "Idempotency-Key": str(uuid.uuid4())}
        gate.wait()
        answers[index] = httpx.post(base_url + path, json=body, headers=headers, timeout=60)

    threads = [threading.Thread(target=run, args=(i, *call)) for i, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def move_at_once(base_url, moves):
    """(caller, path, starts_at): all are moved at the same moment; their answers."""
    gate, answers = threading.Barrier(len(moves)), [None] * len(moves)

    def run(index, who, path, starts_at):
        headers = {"Authorization": f"Bearer {who.token}", "If-Match": '"1"',
                   "Content-Type": "application/merge-patch+json"}
        gate.wait()
        answers[index] = httpx.patch(base_url + path, headers=headers, timeout=60,
                                     content=json.dumps({"starts_at": starts_at}))

    threads = [threading.Thread(target=run, args=(i, *move)) for i, move in enumerate(moves)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def fight(base_url, pairs, body, times=4):
    """Each provider's worker tries so often; the codes of the refusals."""
    answers = at_once(base_url, [
        (story.worker, f"/v1/cases/{case['id']}/consultations", body())
        for story, case in pairs for _ in range(times)])
    made = [a.json() for a in answers if a.status_code == 201]
    return made, {a.json()["code"] for a in answers if a.status_code != 201}


@pytest.fixture
def shared_person(stories, after_course):
    """Two clients of one personal code at two providers, both supported in proceedings."""
    code, pairs = f"010190-{next(CODES)}", []
    for story in stories.values():
        case = after_course(story, personal_code=code)
        supported(story, case)
        pairs.append((story, case))
    return pairs


def test_support_needs_a_period_with_a_basis(stories, after_course):
    story = stories["marta"]
    case = after_course(story)
    place = f"/v1/cases/{case['id']}/consultations"
    assert story.worker.create(place, hour(), expect=422)["code"] == "no_support_basis"
    story.worker.create(place, hour(funding="provider_own"))
    bare = proceeding(story, case, client_role=None, basis_kind=None, basis_on=None)
    refused = support(story, case, bare, expect=422)
    assert refused["code"] == "no_support_basis"
    assert refused["errors"][0]["pointer"] == "/proceeding_id"
    story.worker.change(f"/v1/cases/{case['id']}/criminal_proceedings/{bare['id']}", {
        "client_role": "injured_party", "basis_kind": "injured_party_decision",
        "basis_on": "2018-02-12"})
    assert support(story, case, bare, expect=422, starts_on="2018-02-11")["code"] \
        == "no_support_basis"
    made = support(story, case, bare, starts_on="2018-02-12", ends_on="2018-03-31")
    assert made["basis"] == "injured_party_decision"
    assert support(story, case, bare, expect=409, starts_on="2018-03-31")["code"] == "overlap"
    for start, expect in (("2018-02-27T12:00:00Z", "course_not_ended"),
                          ("2018-02-28T12:00:00Z", None), ("2018-03-31T12:00:00Z", None),
                          ("2018-04-01T12:00:00Z", "no_support_basis")):
        answer = story.worker.post(place, hour(start))
        assert answer.json().get("code") == expect, (start, answer.text)
    other = hour("2018-03-20T15:00:00Z", specialist_kind="other")
    assert story.worker.create(place, other, expect=422)["code"] == "specialist_not_covered"


@pytest.mark.parametrize("ruleset, expect", [("MK889-2013", 422), ("MK344-2019", 201)])
def test_a_witness_is_supported_where_the_rule_set_says(stories, after_course, ruleset, expect):
    story = stories["marta"]
    case = after_course(story, ruleset=ruleset)
    of = proceeding(story, case, client_role="witness", basis_kind="witness_certificate")
    made = support(story, case, of, expect=expect)
    assert made.get("code") == ("no_support_basis" if expect == 422 else None)
    if expect == 201:
        story.worker.create(f"/v1/cases/{case['id']}/consultations", hour())


def test_the_basis_fits_the_role(stories, after_course):
    story = stories["marta"]
    case = after_course(story)
    place = f"/v1/cases/{case['id']}/criminal_proceedings"
    wrong = story.worker.create(place, {
        "authority": "Prokuratūra", "client_role": "witness", "opened_on": "2018-02-05",
        "basis_kind": "injured_party_decision"}, expect=422)
    assert {error["pointer"] for error in wrong["errors"]} == {"/basis_kind", "/basis_on"}
    of = proceeding(story, case)
    ended = story.worker.create(place, {"authority": "Tiesa", "opened_on": "2018-02-05",
                                        "state": "completed"}, expect=422)
    assert ended["errors"][0]["pointer"] == "/closed_on"
    # The agency sees the basis, but nothing that is told about the client.
    seen = story.agency.read(f"{place}/{of['id']}")
    assert seen["basis_number"] == "20/9-1" and "remarks" not in seen
    other = stories["dm"].worker.get(f"{place}/{of['id']}")
    assert other.status_code == 404


def test_five_hours_only_on_days_without_support(stories, after_course):
    story = stories["marta"]
    case = after_course(story)
    place = f"/v1/cases/{case['id']}/consultations"
    after = {"entitlement": "aftercare"}
    of = proceeding(story, case)
    # Proceedings without support block nothing.
    story.worker.create(place, hour("2018-03-01T08:00:00Z", **after))
    period = support(story, case, of, starts_on="2018-04-01", ends_on="2018-04-30")
    for start, expect in (("2018-03-31T08:00:00Z", None), ("2018-04-01T08:00:00Z", 409),
                          ("2018-04-30T08:00:00Z", 409), ("2018-05-01T08:00:00Z", None)):
        answer = story.worker.post(place, hour(start, **after))
        assert answer.status_code == (expect or 201), (start, answer.text)
        if expect:
            assert answer.json()["code"] == "criminal_support_active"
    # What is unused revives when support ends.
    story.worker.change(f"/v1/cases/{case['id']}/support_periods/{period['id']}",
                        {"ends_on": "2018-04-15"})
    story.worker.create(place, hour("2018-04-16T08:00:00Z", **after))


def test_the_150th_consultation_of_the_year_at_two_providers(
        contract_limit, base_url, shared_person, database):
    code = contract_limit["code"]
    use_up(database, shared_person[0][1], code, 147)
    # Each provider's entry has a number of its own among those of the person.
    for story, case in shared_person:
        story.worker.create(f"/v1/cases/{case['id']}/consultations", hour())
    made, codes = fight(base_url, shared_person, hour)
    assert (len(made), codes) == (1, {"yearly_limit_reached"})
    assert used(database, shared_person[1][1], code) == {"2018": 150}
    # Cancelling gives it back, to whoever asks next.
    story, case = next(pair for pair in shared_person if pair[1]["id"] == made[0]["case_id"])
    story.worker.change(f"/v1/cases/{case['id']}/consultations/{made[0]['id']}",
                        {"outcome": "cancelled"})
    made, codes = fight(base_url, shared_person, hour, times=2)
    assert (len(made), codes) == (1, {"yearly_limit_reached"})
    numbers = [row[0] for row in database.execute(
        """SELECT e.number FROM limit_entries e JOIN limit_usages u ON u.id = e.usage_id
        JOIN limits l ON l.id = u.limit_id WHERE u.holder_id = %s AND l.code = %s
        AND e.number IS NOT NULL ORDER BY 1""", [person(database, case), code])]
    assert numbers == [1, 2, 3]


def test_the_last_30_of_9000_minutes_at_two_providers(base_url, shared_person, database):
    use_up(database, shared_person[0][1], "criminal_support_minutes", 8970)
    story, case = shared_person[1]
    long = story.worker.create(f"/v1/cases/{case['id']}/consultations", hour(minutes=31),
                               expect=409)
    assert long["code"] == "yearly_limit_reached"
    # What exactly is left would be what the other provider has used of the person's year.
    assert not {"30", "8970"} & set(re.findall(r"\d+", long["detail"]))
    made, codes = fight(base_url, shared_person, lambda: hour(minutes=30))
    assert (len(made), codes) == (1, {"yearly_limit_reached"})
    assert used(database, case) == {"2018": 9000}


def test_moves_between_years_never_wait_crosswise(
        contract_limit, base_url, shared_person, database):
    years = "2018-12-20T08:00:00Z", "2019-01-05T08:00:00Z"
    for _ in range(6):
        moves = []
        for (story, case), start, other in itertools.product(shared_person, years, years):
            place = f"/v1/cases/{case['id']}/consultations"
            made = story.worker.create(place, hour(start))
            moves.append((story.worker, f"{place}/{made['id']}", other))
        answers = move_at_once(base_url, moves)
        assert {a.status_code for a in answers} == {200}, [a.text for a in answers]
    assert used(database, shared_person[0][1]) == {"2018": 24 * 60, "2019": 24 * 60}


@pytest.mark.parametrize("before, expect", [(8980, 201), (8981, 409)])
def test_each_minute_counts_in_its_own_year(stories, after_course, database, before, expect):
    story = stories["marta"]
    case = after_course(story)
    supported(story, case)
    use_up(database, case, "criminal_support_minutes", before)
    place = f"/v1/cases/{case['id']}/consultations"
    made = story.worker.create(place, hour("2018-12-31T23:40:00+02:00"), expect=expect)
    if expect == 201:
        assert used(database, case) == {"2018": 9000, "2019": 40}
        story.worker.change(f"{place}/{made['id']}", {"outcome": "cancelled"})
        assert used(database, case) == {"2018": 8980, "2019": 0}
    else:
        assert made["code"] == "yearly_limit_reached"


def hearing(story, case, of, starts_at="2018-09-12T07:30:00Z"):
    place = f"/v1/cases/{case['id']}/criminal_proceedings/{of['id']}/hearings"
    return story.worker.create(place, {"starts_at": starts_at, "court": "Rīgas pilsētas tiesa"})


def represent(story, case, at, expect=201, **more):
    return story.lawyer.create(f"/v1/cases/{case['id']}/representations", {
        "hearing_id": at["id"], "entitlement": "criminal_support", "minutes": 90} | more,
        expect=expect)


def test_representation_under_a_power_of_attorney(stories, after_course, database):
    story = stories["marta"]
    case = after_course(story)
    of = supported(story, case)
    at = hearing(story, case, of)
    assert represent(story, case, at, expect=422)["code"] == "no_power_of_attorney"
    represent(story, case, at, funding="provider_own")
    powers = f"/v1/cases/{case['id']}/powers_of_attorney"
    power = story.lawyer.create(powers, {
        "scope": "Pārstāvība kriminālprocesā", "given_by": "client", "granted_on": "2018-09-12",
        "valid_until": "2018-10-12"})
    made = represent(story, case, at)
    assert made["starts_at"] == at["starts_at"] and made["lawyer_id"] == story.lawyer.account.id
    assert used(database, case) == {"2018": 90}
    late = hearing(story, case, of, "2018-10-13T07:30:00Z")
    assert represent(story, case, late, expect=422)["code"] == "no_power_of_attorney"
    story.lawyer.change(f"{powers}/{power['id']}", {"revoked_on": "2018-10-12"})
    assert story.lawyer.change(f"{powers}/{power['id']}", {"revoked_on": None},
                               expect=409)["code"] == "already_final"
    last = hearing(story, case, of, "2018-10-12T07:30:00Z")
    assert represent(story, case, last, expect=422)["code"] == "no_power_of_attorney"
    # A correction names what it corrects; its minutes are taken anew.
    place = f"/v1/cases/{case['id']}/representations"
    story.lawyer.change(f"{place}/{made['id']}", {"outcome": "held"})
    represent(story, case, at, minutes=120, outcome="held", corrects_id=made["id"])
    assert used(database, case) == {"2018": 120}
    assert story.lawyer.read(f"{place}/{made['id']}")["superseded"] is True
    assert story.lawyer.change(f"{place}/{made['id']}", {"minutes": 30},
                               expect=409)["code"] == "already_final"
    assert {"/starts_at"} == {error["pointer"] for error in story.lawyer.create(
        place, {"entitlement": "course", "minutes": 30}, expect=422)["errors"]}


def test_a_representation_names_the_signer(stories, after_course):
    story = stories["marta"]
    case = after_course(story, birth_date="2005-06-15")
    powers = f"/v1/cases/{case['id']}/powers_of_attorney"
    body = {"scope": "Tiesā", "given_by": "representative", "granted_on": "2018-03-01"}
    assert story.worker.create(powers, body, expect=422)["errors"][0]["pointer"] \
        == "/representative_id"
    parent = story.worker.create(f"/v1/clients/{case['client_id']}/representatives", {
        "kind": "guardian", "given_name": "Maija", "family_name": "Ozola",
        "starts_on": "2018-01-10"})
    story.worker.create(powers, body | {"representative_id": parent["id"]})
    stranger = stories["dm"].client(birth_date="2005-06-15")["id"]
    other = stories["dm"].worker.create(f"/v1/clients/{stranger}/representatives", {
        "kind": "guardian", "given_name": "Jānis", "family_name": "Ozols",
        "starts_on": "2018-01-10"})
    assert story.worker.create(powers, body | {"representative_id": other["id"]},
                               expect=422)["code"] == "unknown_reference"


@pytest.mark.parametrize("signed_on, refusal", [
    ("2018-01-09", "not_in_office"), ("2018-01-10", None), ("2018-02-28", None),
    ("2018-03-01", "not_in_office")])
def test_a_representative_signs_while_in_office(stories, after_course, signed_on, refusal):
    story = stories["marta"]
    case = after_course(story, birth_date="2005-06-15")
    client = f"/v1/clients/{case['client_id']}"
    guardian = story.worker.create(f"{client}/representatives", {
        "kind": "guardian", "given_name": "Maija", "family_name": "Ozola",
        "starts_on": "2018-01-10", "ends_on": "2018-02-28"})
    signs = {"given_by": "representative", "representative_id": guardian["id"]}
    for place, body in (
            (f"/v1/cases/{case['id']}/powers_of_attorney",
             {"scope": "Tiesā", "granted_on": signed_on}),
            (f"{client}/consents", {
                "scope": "notes_transfer", "purpose": "Aprūpe turpinās", "recipient": "Bāriņtiesa",
                "given_on": signed_on, "informed_of": POINTS})):
        answer = story.worker.create(place, body | signs, expect=422 if refusal else 201)
        if refusal:
            assert answer["code"] == refusal
            assert [error["pointer"] for error in answer["errors"]] == ["/representative_id"]


def test_an_adult_client_signs_without_a_representative(stories, after_course):
    story = stories["marta"]
    case = after_course(story, birth_date="2000-03-01")
    guardian = story.worker.create(f"/v1/clients/{case['client_id']}/representatives", {
        "kind": "guardian", "given_name": "Maija", "family_name": "Ozola",
        "starts_on": "2018-01-10"})
    powers = f"/v1/cases/{case['id']}/powers_of_attorney"
    body = {"scope": "Tiesā", "given_by": "representative", "representative_id": guardian["id"]}
    story.worker.create(powers, body | {"granted_on": "2018-02-28"})
    assert story.worker.create(powers, body | {"granted_on": "2018-03-01"},
                               expect=422)["code"] == "not_a_minor"


def test_the_power_is_in_force_on_the_hearings_day(stories, after_course):
    story = stories["marta"]
    case = after_course(story)
    at = hearing(story, case, supported(story, case), "2018-09-12T07:30:00Z")
    story.lawyer.create(f"/v1/cases/{case['id']}/powers_of_attorney", {
        "scope": "Tiesā", "given_by": "client", "granted_on": "2018-09-13"})
    # 13 September in Riga begins at 21:00 UTC of the day before.
    for starts_at in ("2018-09-13T07:30:00Z", "2018-09-12T21:00:00Z"):
        refused = represent(story, case, at, expect=422, starts_at=starts_at)
        assert [error["pointer"] for error in refused["errors"]] == ["/starts_at"]
    refused = represent(story, case, at, expect=422, starts_at="2018-09-12T20:59:00Z")
    assert refused["code"] == "no_power_of_attorney"


def family_hour(member, **more):
    return hour(entitlement="family", specialist_kind="psychologist",
                family_member_id=member["id"]) | more


@pytest.mark.parametrize("birth, expect", [("1999-08-21", 201), ("1999-08-20", 422)])
def test_the_family_of_a_client_who_was_a_minor(stories, after_course, birth, expect):
    story = stories["marta"]
    case = after_course(story, birth_date=birth)
    here = story.family_member(case["client_id"], in_latvia=True)
    away = story.family_member(case["client_id"], in_latvia=False)
    place = f"/v1/cases/{case['id']}/consultations"
    made = story.worker.create(place, family_hour(here), expect=expect)
    assert made.get("code") == ("not_a_minor" if expect == 422 else None)
    if expect == 201:
        assert story.worker.create(place, family_hour(away), expect=422)["code"] == "not_in_latvia"
        # No window of 24 months, and support in proceedings does not stand against it.
        supported(story, case)
        story.worker.create(place, family_hour(here, starts_at="2021-05-04T08:00:00Z"))


def test_the_familys_fifth_consultation(stories, after_course, base_url, database):
    story = stories["marta"]
    case = after_course(story, birth_date="2003-01-01")
    members = [story.family_member(case["client_id"], in_latvia=True) for _ in range(2)]
    place = f"/v1/cases/{case['id']}/consultations"
    story.worker.create(place, family_hour(members[0], starts_at="2018-01-10T08:00:00Z"))
    for _ in range(3):
        story.worker.create(place, family_hour(members[1]))
    made, codes = fight(base_url, [(story, case)], lambda: family_hour(members[0]))
    assert (len(made), codes) == (1, {"family_limit_reached"})
    held = database.execute("SELECT used FROM limit_usages WHERE holder_id = %s",
                            [case["client_id"]]).fetchone()
    assert held == (5,)


POINTS = ["controller", "purposes", "data_types", "right_to_withdraw", "automated_decisions",
          "transfer_risks"]


def test_a_consent_has_six_points_and_is_withdrawn_once(stories):
    story = stories["marta"]
    client = story.client()
    place = f"/v1/clients/{client['id']}/consents"
    body = {"scope": "notes_transfer", "purpose": "Aprūpe turpinās", "given_on": "2018-02-01",
            "given_by": "client", "informed_of": POINTS, "recipient": "Drošā māja"}
    for missing in POINTS:
        told = [point for point in POINTS if point != missing]
        refused = story.worker.create(place, body | {"informed_of": told}, expect=422)
        assert refused["errors"][0]["pointer"] == "/informed_of"
    made = story.worker.create(place, body)
    path = f"{place}/{made['id']}"
    assert story.worker.change(path, {"purpose": "Cits"}, expect=422)["errors"]
    assert story.worker.change(path, {"withdrawn_on": "2018-01-31"}, expect=422)["errors"]
    story.worker.change(path, {"withdrawn_on": day("2018-02-01", 1)})
    assert story.worker.change(path, {"withdrawn_on": None}, expect=409)["code"] == "already_final"
    assert stories["dm"].worker.get(path).status_code == 404


@pytest.mark.parametrize("citizenship, start, expect", [
    ("UA", "2018-02-01", 201), (None, "2018-02-01", 201), ("LV", "2018-02-01", 422),
    ("GB", "2020-12-31", 422), ("GB", "2021-01-01", 201)])
def test_a_reflection_period_lasts_thirty_days(stories, citizenship, start, expect):
    story = stories["marta"]
    client = story.client(citizenship=citizenship)
    place = f"/v1/clients/{client['id']}/reflection_periods"
    body = {"starts_on": start, "granted_by": "police"}
    made = story.worker.create(place, body, expect=expect)
    if expect == 201:
        assert made["ends_on"] == day(start, 30)
        again = story.worker.create(place, body | {"starts_on": day(start, 30)}, expect=409)
        assert again["code"] == "overlap"
    else:
        assert made["code"] == "constraint"
