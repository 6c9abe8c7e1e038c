"""The demo data: what a newcomer meets after `make run`, and what the bench measures on."""

import collections
import re
import subprocess

import httpx
import pytest

from harness import ROOT, Cluster, Server
from recorder import Api

LOADED = 2000


@pytest.fixture(scope="module")
def demo():
    """A cluster of its own, filled by `atbalsts demo`; accounts as it printed them."""
    cluster = Cluster("-demo")
    try:
        cluster.run("migrate")
        lines = cluster.run("demo").splitlines()
        cluster.accounts = [line.split(" ") for line in lines]
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="module")
def caller(demo, contract):
    """caller("case_worker", "marta") has signed in with what was printed."""
    server = Server(demo)
    with httpx.Client(base_url=server.base_url, timeout=30) as http:
        def sign_in(role, provider="-"):
            email, password = next(a[:2] for a in demo.accounts if a[2:] == [role, provider])
            tokens = Api(http, contract).post(
                "/v1/sessions", {"email": email, "password": password}, expect=201,
                headers={"Idempotency-Key": None}).json()
            return Api(http, contract, tokens["access_token"])
        yield sign_in
    server.stop()


@pytest.fixture(scope="module")
def loaded(demo, caller):
    """The same database with volume, loaded while the server runs."""
    caller("case_worker", "marta")
    with demo.connect() as owner:
        before = schema(owner)
        assert demo.run("demo", "--clients", str(LOADED)) == ""
        assert schema(owner) == before
    return demo


def schema(owner):
    """Indexes, foreign keys and triggers: the load takes them away for a while."""
    return [owner.execute(query).fetchall() for query in (
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated"
        " FROM pg_constraint WHERE contype = 'f' ORDER BY 1, 2",
        "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger"
        " WHERE NOT tgisinternal ORDER BY 1, 2")]


def test_every_role_has_an_account_and_each_is_told_in_four_words(demo):
    assert all(len(account) == 4 for account in demo.accounts)
    roles = collections.Counter(account[2] for account in demo.accounts)
    assert roles == {
        "system_admin": 1, "ministry_officer": 1, "statistician": 1, "agency_officer": 2,
        "auditor": 1, "integration": 1, "commission_member": 1, "provider_manager": 2,
        "case_worker": 2, "specialist": 6}
    passwords = {account[1] for account in demo.accounts}
    assert len(passwords) == len(demo.accounts)
    assert all(re.fullmatch(r"([a-z]+-){5}[0-9]{3}", password) for password in passwords)


def test_the_accounts_can_sign_in(demo, caller):
    for _, _, role, provider in demo.accounts:
        assert caller(role, provider).read("/v1/me")["role"] == role


def test_a_second_time_it_refuses_and_changes_nothing(demo):
    with demo.connect() as owner:
        count = "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM audit_events)"
        before = owner.execute(count).fetchone()
        with pytest.raises(RuntimeError, match="fills only an empty database"):
            demo.run("demo")
        assert owner.execute(count).fetchone() == before


@pytest.mark.parametrize("number", ["0", "-1", "1000001", "many"])
def test_the_volume_is_a_number_within_bounds(demo, number):
    with pytest.raises(RuntimeError, match="usage"):
        demo.run("demo", "--clients", number)


def test_the_contracts_are_those_of_the_source_and_one_of_today(caller):
    ministry = caller("ministry_officer")
    contracts = {c["number"]: c for c in ministry.pages("/v1/contracts")}
    assert set(contracts) == {"LRLM2016/28-3-02/25", "DEMO-2025/1"}
    real = contracts["LRLM2016/28-3-02/25"]
    assert (real["starts_on"], real["ends_on"]) == ("2017-01-01", "2018-12-31")
    limit, = ministry.pages(f"/v1/contracts/{real['id']}/limits")
    assert (limit["amount"], limit["unit"], limit["per"], limit["period"]) == (
        150, "consultations", "person", "calendar_year")
    for contract in contracts.values():
        assert len(list(ministry.pages(f"/v1/contracts/{contract['id']}/parties"))) == 2
        assert list(ministry.pages(f"/v1/contracts/{contract['id']}/rates"))


def test_one_client_has_complained_and_been_answered(caller):
    worker = caller("case_worker", "marta")
    complaints = [row for case in worker.pages("/v1/cases")
                  for row in worker.pages(f"/v1/cases/{case['id']}/complaints")]
    assert [(row["service"], row["state"]) for row in complaints] == [("consultation", "answered")]


def test_both_providers_have_billed_the_first_months_of_2018(caller):
    ministry = caller("ministry_officer")
    states = sorted((row["month"], row["state"]) for row in ministry.pages("/v1/statements"))
    assert states == [("2018-01", "accepted")] * 2 + [("2018-02", "submitted")] * 2
    for row in ministry.pages("/v1/statements"):
        lines = list(ministry.pages(f"/v1/statements/{row['id']}/lines"))
        assert lines and row["cents"] == sum(line["cents"] for line in lines) > 0


def test_the_people_are_distributed_as_2018_was(demo):
    with demo.connect() as owner:
        found = owner.execute(
            "SELECT identified_by, p.name, array_agg(person_id ORDER BY person_id)"
            " FROM identifications i JOIN clients c ON c.id = i.client_id"
            " JOIN providers p ON p.id = i.provider_id"
            " WHERE conclusion = 'meets' AND closed_on IS NOT NULL GROUP BY 1, 2").fetchall()
    persons = {(by, "Marta" if "Marta" in name else "DM"): set(ids) for by, name, ids in found}
    events = sum(len(ids) for _, _, ids in found)
    commissions = persons["commission", "Marta"] | persons["commission", "DM"]
    police = persons["police", "Marta"] | persons["police", "DM"]
    abroad = persons["foreign_authority", "Marta"] | persons["foreign_authority", "DM"]
    assert len(persons["commission", "Marta"]) == 4
    assert len(persons["commission", "DM"]) == 9
    assert (len(police), len(police & commissions), len(abroad)) == (5, 2, 7)
    assert (len(commissions | police | abroad), events) == (23, 25)


def test_every_phase_has_somebody(caller):
    agency = caller("agency_officer")
    statuses = {case["status"] for case in agency.pages("/v1/cases")
                if case["number"].startswith("2018-")}
    assert statuses == {"inquiry", "applied", "under_assessment", "awaiting_decision", "granted",
                        "refused", "in_course", "suspended", "aftercare", "withdrawn", "closed"}


def test_histories_are_consistent(demo):
    """Each step begins where the one before ended, on no earlier day; the last is the case's."""
    with demo.connect() as owner:
        cases = owner.execute("SELECT id, status FROM cases WHERE number LIKE '2018-%'").fetchall()
        for case, status in cases:
            at, last = "inquiry", None
            steps = owner.execute(
                'SELECT "from", "to", happened_on FROM case_transitions WHERE case_id = %s'
                " ORDER BY created_at, id", [case]).fetchall()
            for start, end, day in steps:
                assert start == at and (last is None or day >= last), f"{steps}"
                at, last = end, day
            assert at == status


def test_each_client_in_a_course_has_an_active_plan(demo):
    """Ended courses have one that is completed and evaluated for good, all with their parts."""
    with demo.connect() as owner:
        cases = owner.execute(
            "SELECT c.status, p.status, p.activated_on BETWEEN c.course_start AND c.course_end,"
            " (SELECT array_agg(kind ORDER BY kind) FROM assessments WHERE case_id = c.id),"
            " (SELECT count(*) FROM plan_evaluations WHERE plan_id = p.id AND final),"
            " (SELECT count(*) FROM plan_evaluations WHERE plan_id = p.id AND NOT final),"
            " (SELECT count(*) FROM plan_services WHERE plan_id = p.id),"
            " (SELECT count(*) FROM plan_tasks WHERE plan_id = p.id),"
            " (SELECT count(*) FROM plan_duties WHERE plan_id = p.id)"
            " FROM cases c LEFT JOIN plans p ON p.case_id = c.id WHERE c.number LIKE '2018-%'"
            ).fetchall()
    running = [row for row in cases if row[0] in ("in_course", "suspended")]
    ended = [row for row in cases if row[0] in ("aftercare", "closed")]
    assert (len(running), len(ended)) == (6, 9)
    assert all(row[1:5] == ("active", True, ["initial"], 0) for row in running)
    assert all(row[1:5] == ("completed", True, ["final", "initial"], 1) for row in ended)
    assert all(row[5] >= 1 and row[6:] == (4, 3, 2) for row in running + ended)
    assert all(row[1] is None for row in cases if row not in running + ended)


def test_each_provider_has_a_transfer_to_answer(demo):
    with demo.connect() as owner:
        waiting = owner.execute("SELECT to_provider_id, count(*) FROM transfers"
                                " WHERE state = 'requested' GROUP BY 1").fetchall()
    assert [count for _, count in waiting] == [1, 1]


def test_each_provider_has_a_paper_to_download(caller):
    for provider in ("marta", "drosa_maja"):
        worker = caller("case_worker", provider)
        cases = [case["id"] for case in worker.pages("/v1/cases")]
        files = [row for case in cases for row in worker.pages(f"/v1/cases/{case}/attachments")]
        assert [row["state"] for row in files] == ["complete"]
        place = f"/v1/cases/{files[0]['case_id']}/attachments/{files[0]['id']}/content"
        assert worker.get(place).content.decode().startswith("Iesniegums")


def test_children_come_along(demo):
    with demo.connect() as owner:
        travellers = dict(owner.execute("SELECT kind, count(DISTINCT journey_id)"
                                        " FROM journey_travellers GROUP BY kind").fetchall())
        families = dict(owner.execute("SELECT relation, count(*) FROM family_members"
                                      " GROUP BY relation").fetchall())
    assert travellers["client"] > travellers["child"] == 3
    assert families == {"child": 3, "parent": 2}


def test_everybody_acted_as_themselves(demo):
    """The people came through the service: seals, sessions and audit are those of any client."""
    with demo.connect() as owner:
        names, = owner.execute("SELECT string_agg(encode(given_name, 'escape'), ' ')"
                               " FROM clients").fetchone()
        unsigned, = owner.execute("SELECT count(*) FROM audit_events WHERE action = 'create'"
                                  " AND client_id IS NOT NULL AND session_id IS NULL"
                                  " AND actor = 'user'").fetchone()
        votes = owner.execute("SELECT count(*), count(DISTINCT user_id) FROM audit_events"
                              " WHERE resource = 'identification_members' AND 'vote' = ANY(fields)"
                              " AND action = 'update'").fetchone()
    assert "Olena" not in names and unsigned == 0
    assert votes == (13 * 4, 7)


def test_the_audit_log_agrees_with_each_row_as_after_a_restore(demo):
    """What the runbook asks of a restored database, asked of a sound one."""
    done = subprocess.run(
        ["psql", "--no-psqlrc", "--quiet", "--dbname", demo.dsn("atbalsts_owner"),
         "--file", str(ROOT / "deploy/backup/verify.sql")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_volume_lists_page_by_page(loaded, caller):
    for provider in ("marta", "drosa_maja"):
        worker = caller("case_worker", provider)
        ids = [client["id"] for client in worker.pages("/v1/clients", limit=200)]
        assert len(ids) == len(set(ids)) and 1000 <= len(ids) <= 1023
    running = list(worker.pages("/v1/cases", limit=100, status="in_course"))
    assert running and all(case["status"] == "in_course" for case in running)


def test_volume_is_sealed_and_found_again(loaded, caller):
    worker = caller("case_worker", "marta")
    page = worker.read("/v1/clients", params={"limit": 5, "sort": "-created_at"})["data"]
    for row in page:
        client = worker.read(f"/v1/clients/{row['id']}")
        found = list(worker.pages("/v1/clients", family_name=client["family_name"].upper()))
        assert client["id"] in [other["id"] for other in found]


def test_volume_has_consultations_that_specialists_see(loaded, caller):
    psychologist = caller("specialist", "marta")
    case = psychologist.read("/v1/cases", params={"status": "in_course", "limit": 200})["data"]
    loads = [row for row in case if row["number"].startswith("L-")]
    assert loads
    assert psychologist.read(f"/v1/cases/{loads[0]['id']}/consultations")["data"]
    with loaded.connect() as owner:
        assert owner.execute("SELECT count(*) FROM consultations WHERE funding = 'provider_own'"
                             ).fetchone() == (LOADED // 5,)


def test_volume_is_loaded_only_once(loaded):
    with pytest.raises(RuntimeError, match="at most 1000 clients"):
        loaded.run("demo", "--clients", "10")
