"""No statement of the server's scans a table that grows.

Every operation is asked for on a database with 100 000 analysed rows in each such table, and
PostgreSQL's auto_explain tells the plan of all that runs: the statements that the server prepares,
generic as it asks for them, and those of functions, triggers and foreign keys.
"""

import json
import re

import pytest

import volume
from callers import Callers
from harness import PASSWORD, PROVIDERS, ROOT, Cluster, Server
from test_conventions import PLAIN, example
from world import World, query_parameters, resource_operations

# One role for each scope; a case worker reaches what a manager does.
ROLES = ("ministry_officer", "agency_officer", "provider_manager", "specialist",
         "commission_member", "auditor", "system_admin")
PLAN = re.compile(r"plan:\n((?:\t.*\n)+)")
EXPLAIN = {"session_preload_libraries": "'auto_explain'", "auto_explain.log_min_duration": "0",
           "auto_explain.log_format": "'json'", "auto_explain.log_nested_statements": "on"}
# count=exact of a whole register, for who sees all of it: it reads what it counts, and
# statement_timeout bounds it.
COUNTS = re.compile(r"SELECT count\(\*\) FROM \w+ t WHERE true")
# An account owes case management for each of a provider's cases that was open: here, all of them.
ACCOUNT, CASE_LOAD = re.compile(r"\bdelivered_acts\("), {"cases"}


@pytest.fixture(scope="module")
def filled(contract):
    """A cluster with volume, and a server whose statements are explained."""
    cluster = Cluster(name="plans")
    try:
        cluster.run("migrate")
        with cluster.connect() as owner:
            owner.execute((ROOT / "tests/api/seed.sql").read_text())
        server = Server(cluster)
        callers = Callers(cluster, server.base_url, contract)
        World(callers, PROVIDERS, "marta")
        refused = {"email": "nobody@example.org", "password": PASSWORD}
        callers("case_worker").post("/v1/sessions", refused, expect=401)
        server.stop()
        yield cluster, callers, volume.fill(cluster)
    finally:
        cluster.stop()


def ask(world):
    """Each list with each filter and order, each row, and a change of it, by each kind of role."""
    for path, method, operation in resource_operations():
        for role in ROLES:
            if role not in operation["x-roles"] or method == "post":
                continue
            caller, url = world.caller(role), world.url(path)
            if method != "get":
                caller.request(method.upper(), url, content="{}", headers={
                    "If-Match": '"1"', "Content-Type": "application/merge-patch+json"})
            elif path.endswith("}"):
                caller.get(url)
            else:
                ask_list(caller, path, url)
    case = world.url("/v1/cases/{case_id}/file")
    for role in ("agency_officer", "provider_manager", "specialist"):
        world.caller(role).get(case)


def ask_list(caller, path, url):
    page = caller.get(url, params={"limit": 1, "count": "exact"})
    if page.status_code != 200:
        return
    if page.json()["next"]:
        caller.get(url, params={"limit": 1, "cursor": page.json()["next"]})
    parameters = query_parameters(path)
    for key in parameters["sort"]["schema"]["enum"]:
        caller.get(url, params={"limit": 1, "sort": key})
    for name in parameters:
        if name not in PLAIN:
            caller.get(url, params={"limit": 1, name: example(path, name)})


def scans(node, found=()):
    """Tables that are scanned from end to end below the node."""
    found = list(found)
    if node["Node Type"] == "Seq Scan":
        found.append(node["Relation Name"])
    for child in node.get("Plans", ()):
        found = scans(child, found)
    return found


@pytest.fixture(scope="module")
def plans(filled, contract):
    """{statement: plan} of all that the server ran for a second world, made on the volume."""
    cluster, callers, _ = filled
    with cluster.connect("postgres") as database:
        for name, value in EXPLAIN.items():
            database.execute(f"ALTER ROLE atbalsts_api SET {name} = {value}")
    log = cluster.folder / "log/postgresql.log"
    before = log.stat().st_size
    server = Server(cluster)
    ask(World(callers.at(server.base_url), PROVIDERS, "dm"))
    server.stop()
    with open(log, encoding="utf-8", errors="replace") as lines:
        lines.seek(before)
        told = [json.loads(text) for text in PLAN.findall(lines.read())]
    return {plan["Query Text"]: plan["Plan"] for plan in told}


def reads_all(sql, tables):
    """Those of the tables that a statement cannot but read as a whole."""
    if COUNTS.fullmatch(sql):
        return tables
    return CASE_LOAD if ACCOUNT.search(sql) else set()


def test_each_growing_table_is_full(filled):
    _, _, made = filled
    assert {table: rows for table, rows in made.items() if rows < volume.ROWS} == {}


def test_no_statement_scans_a_table_that_grows(filled, plans):
    _, _, made = filled
    assert len(plans) > 1000
    bad = {sql: tables for sql, plan in plans.items()
           if (tables := set(scans(plan)) & set(made) - reads_all(sql, set(made)))}
    assert not bad, "\n".join(f"{', '.join(sorted(tables))}: {sql}" for sql, tables in bad.items())


def test_a_specialists_work_list_is_not_joined_with_the_team_row_by_row(plans):
    """The planner takes the view for one row: a join with ten thousand cases would take minutes."""
    lists = [json.dumps(plan) for sql, plan in plans.items()
             if "FROM worklist t" in sql and "case_team m WHERE m.user_id" in sql]
    assert lists and not any(re.search(r"Join Filter[^}]*case_id = m(_\d+)?\.", text)
                             for text in lists)
