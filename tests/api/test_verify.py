"""deploy/backup/verify.sql, asked of damaged copies of a database with a row of every kind."""

import itertools
import subprocess

import psycopg
import pytest

from harness import ROOT

COPIES = itertools.count(1)
# Whoever is superuser can do so: neither record_change nor foreign keys notice.
BEHIND = "SET session_replication_role = replica"
# Tables whose loss nothing else tells of: the script says so.
UNSEEN = {"client_numbers", "credentials", "free_movement", "idempotency_keys",
          "key_fingerprints", "schema_migrations", "schema_objects", "sessions", "sign_in_attempts"}


@pytest.fixture(scope="module")
def site(filled_site):
    return filled_site


@pytest.fixture
def verify(site):
    """verify(damage, …): {(table, difference): number} after the damage, done to a copy."""
    cluster, _ = site

    def call(*damage):
        name = f"copy_{next(COPIES)}"
        at = f"host={cluster.folder}/s user=postgres dbname="
        with psycopg.connect(at + "postgres", autocommit=True) as postgres:
            postgres.execute(f"CREATE DATABASE {name} TEMPLATE atbalsts"
                             " OWNER atbalsts_owner")
            try:
                with psycopg.connect(at + name, autocommit=True) as superuser:
                    for statement in damage:
                        superuser.execute(statement)
                return ask(at.replace("postgres", "atbalsts_owner") + name)
            finally:
                postgres.execute(f"DROP DATABASE {name}")

    return call


def ask(dsn):
    done = subprocess.run(
        ["psql", "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--dbname", dsn,
         "--file", str(ROOT / "deploy/backup/verify.sql")], capture_output=True, text=True)
    assert done.stdout, done.stderr
    *told, whole = [line.split("|") for line in done.stdout.splitlines()]
    tables, rows, count = map(int, whole)
    assert tables > 40 and rows > 100
    assert sum(int(line[2]) for line in told) == count
    assert (done.returncode == 0) == (count == 0), done.stderr
    if count > 0:
        assert "the audit log does not agree with the rows" in done.stderr
    assert all(line[3].strip("{}") for line in told if line[1] != "not_audited")
    return {(line[0], line[1]): int(line[2]) for line in told}


def number(site, table):
    with site[0].connect() as owner:
        return owner.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_what_came_through_the_api_has_no_difference(verify, site):
    assert number(site, "events WHERE action = 'delete'") > 0
    assert verify() == {}


def test_each_audited_table_that_is_emptied_is_told(verify, site):
    """Also when all of them are, and nothing refers to what is gone any more."""
    with site[0].connect() as owner:
        audited = [name for (name,) in owner.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'record_change'")]
    full = {(name, "lost"): number(site, name) for name in audited}
    assert len(full) > 40 and min(full.values()) > 0
    told = verify(BEHIND, *(f"DELETE FROM {name}" for name in audited))
    assert {pair: count for pair, count in told.items() if pair[1] == "lost"} == full


def test_each_other_table_that_is_emptied_is_told_but_those_of_which_nothing_tells(verify, site):
    with site[0].connect() as owner:
        others = [name for (name,) in owner.execute(
            "SELECT relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND"
            " relkind = 'r' AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid"
            " AND tgname = 'record_change')")]
    told = {name: verify(BEHIND, f"DELETE FROM {name}") for name in others}
    assert {name for name in told if not told[name]} == UNSEEN
    assert UNSEEN < set(others)


def test_a_truncated_table_and_deleted_consultations_are_told(verify, site):
    assert verify("TRUNCATE case_notes")["case_notes", "lost"] == number(site, "case_notes") > 0
    case = site[1].ids["case_id"]
    deleted = number(site, f"consultations WHERE case_id = '{case}'")
    assert deleted > 0
    told = verify(BEHIND, f"DELETE FROM consultations WHERE case_id = '{case}'")
    assert told["consultations", "lost"] == deleted


def test_a_lost_row_is_named(verify, site):
    note = site[1].ids["case_note_id"]
    told = verify(BEHIND, f"DELETE FROM case_notes WHERE id = '{note}'")
    assert told == {("case_notes", "lost"): 1}


@pytest.mark.parametrize("change, difference", [
    ("risk_level = 'high', version = version + 1", {"stale", "changed"}),
    ("risk_level = 'high'", {"changed"}),
])
def test_a_row_that_was_changed_behind_the_triggers_is_told(verify, site, change, difference):
    case = site[1].ids["case_id"]
    told = verify(BEHIND, f"UPDATE cases SET {change} WHERE id = '{case}'")
    assert told == {("cases", name): 1 for name in difference}


def test_a_row_that_was_made_behind_the_triggers_is_told(verify, site):
    note = site[1].ids["case_note_id"]
    told = verify(BEHIND, "INSERT INTO case_notes SELECT (n).* FROM (SELECT jsonb_populate_record("
                  "t, jsonb_build_object('id', gen_random_uuid())) AS n FROM case_notes t"
                  f" WHERE id = '{note}') s")
    assert told == {("case_notes", "unaudited"): 1}


def test_a_deleted_row_that_came_back_is_told(verify, site):
    told = verify(BEHIND, "INSERT INTO escorts SELECT (n).* FROM (SELECT jsonb_populate_record("
                  "t, jsonb_build_object('id', (SELECT row_id FROM events WHERE action = 'delete'"
                  " AND resource = 'escorts' LIMIT 1))) AS n FROM escorts t LIMIT 1) s")
    assert told == {("escorts", name): 1 for name in ("deleted", "changed")}


@pytest.mark.parametrize("log", ["audit_events", "events"])
@pytest.mark.parametrize("action, more", [("create", True), ("update", False)])
def test_a_row_with_only_half_of_its_record_is_a_difference(verify, site, log, action, more):
    """Of a case's creation or newest change: the audit's half or the outbox's."""
    case = site[1].ids["case_id"]
    told = verify(f"DELETE FROM {log} WHERE resource = 'cases' AND row_id = '{case}'"
                  f" AND action = '{action}'")
    assert told["cases", "half_told"] == 1
    assert (("cases", "unaudited") in told) == (more and log == "audit_events")


def test_a_missing_audit_log_is_a_difference_for_each_row(verify, site):
    told = verify("TRUNCATE audit_events")
    assert told["clients", "unaudited"] == told["clients", "half_told"] == number(site, "clients")


@pytest.mark.parametrize("damage", [
    "DROP TRIGGER record_change ON case_flags",
    "ALTER TABLE case_flags DISABLE TRIGGER record_change",
    "ALTER TABLE case_flags ENABLE REPLICA TRIGGER record_change",
])
def test_a_table_that_nothing_audits_any_more_is_told(verify, damage):
    assert verify(damage) == {("case_flags", "not_audited"): 1}


def test_a_new_table_is_audited_or_named(verify):
    assert verify("CREATE TABLE wishes (id uuid PRIMARY KEY)") == {("wishes", "not_audited"): 1}


def test_a_table_that_is_gone_is_told(verify, site):
    told = verify("DROP TABLE case_flags CASCADE")
    assert told == {("case_flags", "no_table"): number(site, "case_flags")}


def test_a_lost_key_is_told_of_by_what_it_opens(verify, site):
    told = verify(BEHIND, "DELETE FROM data_keys WHERE id = (SELECT key_id FROM clients"
                  f" WHERE id = '{site[1].ids['client_id']}')")
    assert told["clients by clients_key", "dangling"] == 1


def test_a_migration_that_writes_a_table_anew_is_no_damage(verify):
    assert verify("BEGIN", "INSERT INTO schema_migrations (number, name, checksum)"
                  " SELECT 9999, 'test', checksum FROM schema_migrations LIMIT 1",
                  "ALTER TABLE cases ADD COLUMN more uuid DEFAULT gen_random_uuid()",
                  "COMMIT") == {}
    assert ("cases", "changed") in verify(
        "ALTER TABLE cases ADD COLUMN more uuid DEFAULT gen_random_uuid()")


def test_a_dump_that_was_restored_has_no_difference(site):
    """Its rows have other transactions' numbers."""
    cluster, name = site[0], f"copy_{next(COPIES)}"
    at = f"host={cluster.folder}/s user=postgres dbname="
    with psycopg.connect(at + "postgres", autocommit=True) as postgres:
        postgres.execute(f"CREATE DATABASE {name} OWNER atbalsts_owner")
    dump = cluster.folder / "dump"
    subprocess.run(["pg_dump", "--format=custom", "--file", dump, at + "atbalsts"], check=True)
    subprocess.run(["pg_restore", "--exit-on-error", "--clean", "--if-exists", "--dbname",
                    at + name, dump], check=True)
    assert ask(at.replace("postgres", "atbalsts_owner") + name) == {}


def test_a_role_that_does_not_see_every_row_gets_an_error_and_no_verdict(site):
    cluster = site[0]
    done = subprocess.run(
        ["psql", "--no-psqlrc", "--quiet", "--dbname", cluster.dsn("atbalsts_api"),
         "--file", str(ROOT / "deploy/backup/verify.sql")], capture_output=True, text=True)
    assert done.returncode != 0 and "differences" not in done.stdout
