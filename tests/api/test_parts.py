"""resource/registry.h says of each resource how it takes part in transfers, the work list,
attachments, the case file, the demo data, the account and statistics. Here: what it says is done.
(The case file asks the same table; test_case_file.py compares its answer with the lists.)"""

import json
import re

import pytest

from harness import ROOT, Cluster
from recorder import DOCUMENT

ROW = re.compile(r"^\tX\((\w+), (\w+), (\w+), (\w+), (\w+), (\w+), (\w+), (\w+)\)", re.M)
COLUMNS = ("transfer", "worklist", "attachments", "casefile", "demo", "account", "statistics")
# Resources whose table has another name.
TABLES = {"ruleset_limits": "limits", "contract_limits": "limits", "persons": "person_register"}
# Which documents belong to no one resource.
LOOSE = {"identity_document", "medical_document", "correspondence", "photograph", "other"}
# Kind of attachment → the resources whose documents it is for.
KINDS = {"application": {"applications"}, "basis_document": {"application_documents"},
         "protocol": {"identifications"}, "decision": {"decisions"}, "consent": {"consents"},
         "power_of_attorney": {"powers_of_attorney"}, "plan": {"plans"},
         "court_document": {"hearings"}}


@pytest.fixture(scope="module")
def parts():
    """{resource: {column: word}}"""
    text = (ROOT / "internal/resource/registry.h").read_text()
    found = {row[0]: dict(zip(COLUMNS, row[1:])) for row in ROW.findall(text)}
    assert len(found) == len(re.findall(r"^\tX\(", text, re.M)) > 60
    return found


def those(parts, column, word):
    return {name for name, row in parts.items() if row[column] == word}


def resources_of(parts, tables):
    return {name for name in parts if TABLES.get(name, name) in tables}


def test_what_travels_is_what_a_transfer_copies(parts, database):
    text = (ROOT / "internal/feature/transfers/handover.c").read_text()
    copied = re.search(r"handed\[\] = \{(.*?)\};", text, re.S)[1]
    functions = database.execute(
        "SELECT proname FROM pg_proc WHERE proname LIKE 'handover\\_%'").fetchall()
    # Keys and notes are no rows of a resource.
    asked = {name.removeprefix("handover_") for name, in functions} - {"data_keys", "notes"}
    assert those(parts, "transfer", "TRAVELS") == asked == set(re.findall(r'"(\w+)"', copied))


def test_the_work_list_reads_what_says_so(parts, database):
    read = {row[0] for row in database.execute(
        "SELECT DISTINCT d.refobjid::regclass::text FROM pg_depend d"
        " JOIN pg_rewrite r ON r.oid = d.objid WHERE r.ev_class = 'worklist'::regclass"
        " AND d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass"
        " AND d.refobjid <> r.ev_class")}
    assert those(parts, "worklist", "WORK") == resources_of(parts, read)


def test_each_kind_of_attachment_belongs_to_a_resource_that_says_so(parts):
    schemas = json.loads(DOCUMENT.read_text())["components"]["schemas"]
    kinds = set(schemas["attachment_create"]["properties"]["kind"]["enum"])
    assert kinds == set(KINDS) | LOOSE
    assert those(parts, "attachments", "PAPERS") == set().union(*KINDS.values())


def test_the_account_reads_what_says_so(parts, database):
    source = database.execute(
        "SELECT prosrc FROM pg_proc WHERE proname = 'delivered_acts'").fetchone()[0]
    source = re.sub(r"--[^\n]*", "", source)
    read = set(re.findall(r"\b(?:FROM|JOIN) (\w+)", source))
    assert those(parts, "account", "ACCOUNT") == resources_of(parts, read)


def test_whose_rows_are_filed_belongs_to_a_client(parts):
    paths = json.loads(DOCUMENT.read_text())["paths"]
    roots = {"case": "/v1/cases/{case_id}", "client": "/v1/clients/{client_id}"}
    below = {name for path, item in paths.items() for name in
             [item.get("get", {}).get("operationId", "").removeprefix("list_")]
             if name in parts and path.startswith(tuple(f"{root}/" for root in roots.values()))}
    # A client's accesses are told to others than who works with the file.
    assert those(parts, "casefile", "FILED") == (below | {"cases", "clients"}) - {"accesses"}


def test_the_demo_has_rows_of_what_says_so(parts):
    cluster = Cluster("-parts")
    try:
        cluster.run("migrate")
        cluster.run("demo")
        with cluster.connect() as owner:
            tables = {row[0] for row in owner.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                " AND relkind = 'r'")}
            filled = {table for table in tables
                      if owner.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone()}
    finally:
        cluster.stop()
    assert those(parts, "demo", "DEMO") == resources_of(parts, filled)


def test_statistics_count_only_what_belongs_to_a_client(parts, database):
    owned = {row[0] for row in database.execute(
        "SELECT attrelid::regclass::text FROM pg_attribute JOIN pg_class c ON c.oid = attrelid"
        " WHERE attname = 'client_id' AND relkind = 'r'"
        " AND relnamespace = 'public'::regnamespace")}
    counted = those(parts, "statistics", "COUNTED")
    assert counted and counted <= resources_of(parts, owned | {"clients"})
