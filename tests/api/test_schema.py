"""The database's schema against what the service makes of it: same enumerations, an index for each
list's order, a name for each constraint that a caller could hit."""

import contextlib
import json
import re

import pytest

from harness import ROOT
from recorder import DOCUMENT

# A CHECK that lists what a column may hold, and where its list begins.
LISTS = """SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid)
    FROM pg_constraint c WHERE c.conrelid = %s::regclass AND c.contype = 'c'
    AND pg_get_constraintdef(c.oid) ~ %s"""
ACCESS = re.compile(r'^ACCESS\("(\w+)",', re.M)
# Resources whose table has another name; views have no index of their own.
TABLES = {"ruleset_limits": "limits", "contract_limits": "limits", "persons": "person_register"}


@contextlib.contextmanager
def replaced(database, table, column, change):
    """The column's list of values, as change makes it; put back afterwards."""
    found = database.execute(LISTS, [table, rf'\(+"?{column}"? (= ANY|<@)']).fetchall()
    assert len(found) == 1, found
    _, name, definition = found[0]

    def put(text):
        database.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}",'
                         f' ADD CONSTRAINT "{name}" {text} NOT VALID')

    assert change(definition) != definition
    put(change(definition))
    try:
        yield
    finally:
        put(definition)


def check_fails(cluster):
    with pytest.raises(RuntimeError) as failed:
        cluster.run("config", "check")
    return str(failed.value)


@pytest.mark.parametrize("table, column, value", [
    ("goods", "kind", "hygiene"), ("identifications", "acts", "reception"),
    ("limits", "code", "family"), ("case_flags", "kind", "health")])
def test_a_value_that_the_database_refuses_stops_the_start(cluster, database, table, column, value):
    def without(text):
        return re.sub(rf", '{value}'::text|'{value}'::text, ", "", text)

    assert "agree" in cluster.run("config", "check")
    with replaced(database, table, column, without):
        assert f"column {table}.{column} has a CHECK that refuses" in check_fails(cluster)
    assert "agree" in cluster.run("config", "check")


@pytest.mark.parametrize("table, column", [("goods", "kind"), ("consents", "informed_of")])
def test_a_value_that_only_the_database_has_stops_the_start(cluster, database, table, column):
    with replaced(database, table, column, lambda text: text.replace("[", "['spaceship'::text, ")):
        assert f"column {table}.{column} has a CHECK that allows" in check_fails(cluster)


def test_an_enumeration_without_its_list_stops_the_start(cluster, database):
    with replaced(database, "goods", "kind", lambda text: "CHECK (kind <> '')"):
        assert "column goods.kind has no CHECK" in check_fails(cluster)


# Orders


def lists():
    """(resource, column that the path names or None, order's column, scopes) of each list."""
    names = ACCESS.findall((ROOT / "internal/auth/access.def").read_text())
    for path, item in json.loads(DOCUMENT.read_text())["paths"].items():
        operation = item.get("get", {})
        name = operation.get("operationId", "").removeprefix("list_")
        if operation.get("operationId", "").startswith("list_") and name in names:
            parents = re.findall(r"\{(\w+)\}", path)
            sort = next(p for p in operation["parameters"] if p.get("name") == "sort")
            order = sort["schema"]["default"].removeprefix("-")
            yield name, parents[-1] if parents else None, order, set(operation["x-roles"].values())


def beginnings(parent, order, scopes):
    """What an index must begin with, so that a page is read in its order."""
    tail = [] if order == "id" else [order]
    if parent is not None:
        return [[parent, *tail]]
    wanted = {"all": tail, "own": ["provider_id", *tail], "team": ["provider_id", *tail]}
    return [wanted[scope] for scope in sorted(scopes & wanted.keys())]


def test_each_list_has_an_index_for_its_order(database):
    keys = {}
    for table, columns in database.execute(
            "SELECT i.indrelid::regclass::text, array(SELECT coalesce(a.attname::text, '')"
            " FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY k (n, o)"
            " LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n ORDER BY o)"
            " FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
            " WHERE c.relnamespace = 'public'::regnamespace AND i.indpred IS NULL"):
        keys.setdefault(table, []).append(columns)
    tables = {row[0] for row in database.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind = 'r'")}
    seen, missing = 0, []
    for name, parent, order, scopes in lists():
        table = TABLES.get(name, name)
        for wanted in beginnings(parent, order, scopes) if table in tables else ():
            seen += 1
            if not any(columns[:len(wanted)] == wanted for columns in keys[table]):
                missing.append(f"{name}: no index begins with {', '.join(wanted)}")
    assert seen > 50 and not missing, "\n".join(missing)


# Names


def test_each_constraint_that_a_caller_could_hit_has_a_name_of_its_own(database):
    """An automatic name is nobody's to list in sqlstate.def. CHECKs of one column repeat what the
    field table says, keys with the row's own id cannot clash, and foreign keys of ours hold rows
    together that no body names."""
    rows = database.execute(
        "SELECT c.conname, c.conrelid::regclass::text, c.contype::text,"
        " array(SELECT a.attname::text FROM unnest(c.conkey) k JOIN pg_attribute a"
        "  ON a.attrelid = c.conrelid AND a.attnum = k)"
        " FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid"
        " WHERE r.relnamespace = 'public'::regnamespace").fetchall()
    nameless = [
        f"{table}.{name}" for name, table, kind, columns in rows
        if (kind == "c" and len(columns) > 1 and re.fullmatch(rf"{table}_(\w+_)?check\d*", name))
        or (kind == "u" and "id" not in columns and re.search(r"_key\d*$", name))
        or (kind == "x" and re.search(r"_excl\d*$", name))
        or (kind == "f" and re.search(r"_fkey\d*$", name))]
    assert len(rows) > 300 and not nameless, "\n".join(nameless)
