"""Each table under each role, asked as the API's own role: row-level security says what
auth/access.def says, whatever the service does."""

import itertools
import json
import re
import uuid

import psycopg
import pytest

from harness import ROOT
from world import ROLES

# What access.def is made of: ACCESS("table", then ALL|OWN|TEAM|NAMED|SELF(actions) or NO).
ROW = re.compile(r'^ACCESS\("(\w+)",\s*(.*)\)$', re.M)
CELL = re.compile(r"(NO)\b|(ALL|OWN|TEAM|NAMED|SELF)\(([LRCUDE|]+)\)")
# Views that ask other tables, and resources that share one.
VIEWS = {"entitlements", "accesses", "persons", "worklist", "incoming_transfers",
         "statement_lines", "statement_items"}
SHARED = {"ruleset_limits": "limits", "contract_limits": "limits"}
CARERS = ("provider_manager", "case_worker", "specialist")
NEVER, EVERYBODY = ("NO", ""), "00000000-0000-0000-0000-000000000000"
PROVIDER = "marta"


def read_matrix():
    """{table: {role: [(scope, actions)]}}"""
    matrix = {}
    for name, cells in ROW.findall((ROOT / "internal/auth/access.def").read_text()):
        found = [(no or scope, actions) for no, scope, actions in CELL.findall(cells)]
        assert len(found) == len(ROLES), name
        if name not in VIEWS:
            rights = matrix.setdefault(SHARED.get(name, name), {role: [] for role in ROLES})
            for role, cell in zip(ROLES, found):
                rights[role].append(cell)
    return matrix


def by_hand():
    """Tables that are no resource: their policies stand in the migrations."""
    keepers = {role: [("OWN", "LRCU")] for role in CARERS} | {"agency_officer": [("ALL", "LRCU")]}
    keys = {role: [("OWN", "LRC")] for role in CARERS[:2]} | {
        "specialist": [("OWN", "LR")],
        "agency_officer": [("ALL", "LR")],
        "commission_member": [("NAMED", "LR")],
    }
    return {
        "persons": {"agency_officer": [("ALL", "LR")]},
        "limit_usages": keepers,
        "limit_entries": keepers,
        "data_keys": keys,
        "attachment_pieces": {
            "agency_officer": [("ALL", "LR")],
            "provider_manager": [("OWN", "LRCU")],
            "case_worker": [("OWN", "LRCU")],
            "specialist": [("TEAM", "LRCU")],
        },
        "frozen_statement_items": {"provider_manager": [("OWN", "LR")]},
        "frozen_statement_lines": {
            "provider_manager": [("OWN", "LR")],
            "ministry_officer": [("ALL", "LR")],
        },
    }


MATRIX = read_matrix() | {
    table: {role: rights.get(role, [NEVER]) for role in ROLES}
    for table, rights in by_hand().items()
}
tables = pytest.mark.parametrize("table", sorted(MATRIX))


@pytest.fixture(scope="module")
def owner(cluster, worlds):
    """Sees everything; the worlds are made before it looks."""
    with cluster.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def caller(cluster):
    """As the API connects. Nothing that is tried here stays."""
    with cluster.connect("atbalsts_api") as connection:
        yield connection


@pytest.fixture(scope="module")
def identities(account, providers):
    """By role, what the session statement sets."""
    made = {}
    for role in ROLES:
        provider = PROVIDER if role in CARERS else None
        profession = "psychologist" if role == "specialist" else None
        made[role] = {
            "actor": "user",
            "user_id": account(role, provider, profession).id,
            "role": role,
            "provider_id": providers[provider] if provider else "",
        }
    return made


class Sight:
    """One role's rows of a table, by the words of the matrix."""

    def __init__(self, owner, table, identity):
        self.owner, self.table, self.identity = owner, table, identity
        self.columns = {
            row[0]: row[1]
            for row in owner.execute(
                "SELECT attname, attgenerated::text FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
                [table],
            )
        }

    def ids(self, condition, *values):
        rows = self.owner.execute(f"SELECT id FROM {self.table} t WHERE {condition}", values)
        return {row[0] for row in rows}

    def scope(self, scope):
        user, provider = self.identity["user_id"], self.identity["provider_id"]
        if scope == "NO":
            return set()
        if scope == "ALL":
            return self.ids("true")
        if scope == "OWN":
            shared = " OR provider_id IS NULL" if self.table == "limit_usages" else ""
            return self.ids(f"provider_id = %s{shared}", provider)
        if scope == "TEAM":
            name = "case_id" if "case_id" in self.columns else "client_id"
            team = f"SELECT {name} FROM case_team WHERE user_id = %s"
            return self.ids(f"provider_id = %s AND {name} IN ({team})", provider, user)
        assert scope == "NAMED", scope
        mine = "FROM identification_members WHERE user_id = %s AND open"
        if self.table == "identification_members":
            return self.ids("user_id = %s AND open", user)
        if self.table == "data_keys":
            return self.ids(f"client_id IN (SELECT client_id {mine})", user)
        return self.ids(f"id IN (SELECT identification_id {mine})", user)

    def rows(self, rights, actions):
        """Those that any of the rights opens for one of the actions."""
        seen = set()
        for scope, allowed in rights:
            if set(actions) & set(allowed):
                seen |= self.scope(scope)
        return self.besides(seen, actions)

    def besides(self, seen, actions):
        """What the migrations add and take away by hand."""
        role, user = self.identity["role"], self.identity["user_id"]
        if self.table == "users" and actions == "LR":
            seen |= self.ids("id = %s", user)
        if self.table == "audit_events" and actions == "LR" and role == "provider_manager":
            provider = self.identity["provider_id"]
            seen |= self.ids("action = 'read' AND client_provider_id = %s", provider)
        if self.table == "case_notes" and role == "specialist":
            mine = "profession = (SELECT profession FROM users WHERE id = %s)"
            seen &= self.ids(mine, user)
        if self.table in ("attachments", "attachment_pieces"):
            seen &= self.files()
        if self.table == "statements" and role == "ministry_officer":
            seen &= self.ids("state <> 'drafted'")
        if self.table == "complaints":
            seen &= self.ids("about_user_id IS DISTINCT FROM %s", user)
        return seen

    def files(self):
        """An upload is its sender's, a profession's paper that profession's and the case worker's,
        and the agency sees what it decides from."""
        role, user = self.identity["role"], self.identity["user_id"]
        name = "id" if self.table == "attachments" else "attachment_id"
        kinds = "true"
        if role == "agency_officer":
            kinds = "kind IN ('application', 'basis_document')"
        return self.ids(
            f"{name} IN (SELECT a.id FROM attachments a WHERE {kinds}"
            " AND (a.state <> 'uploading' OR a.created_by = %s)"
            " AND (a.profession IS NULL OR %s = 'case_worker'"
            " OR a.profession = (SELECT u.profession FROM users u WHERE u.id = %s)))",
            user,
            role,
            user,
        )


def become(caller, identity):
    for name in ("actor", "user_id", "role", "provider_id"):
        caller.execute("SELECT set_config(%s, %s, true)", [f"app.{name}", identity.get(name, "")])


def attempt(caller, identity, statement, values=()):
    """The ids that a statement touches, or the name of the refusal. It is rolled back."""
    try:
        with caller.transaction(force_rollback=True):
            become(caller, identity)
            return {row[0] for row in caller.execute(statement, values)}
    except psycopg.Error as error:
        return error.sqlstate


def copy_statement(sight):
    """A row of the table's own kind under another id."""
    names = [f'"{name}"' for name, generated in sight.columns.items() if not generated]
    listed = ", ".join(names)
    return (
        f"INSERT INTO {sight.table} ({listed}) SELECT {listed}"
        f" FROM jsonb_populate_record(NULL::{sight.table}, %s::jsonb)"
    )


def copies(sight, condition, *values):
    """At most three rows as JSON, each with a fresh id."""
    found = sight.owner.execute(
        f"SELECT to_jsonb(t) FROM {sight.table} t WHERE {condition} LIMIT 3", values
    )
    return [json.dumps(row[0] | {"id": str(uuid.uuid4())}) for row in found.fetchall()]


def test_every_table_with_row_level_security_is_here(owner):
    secured = {
        row[0]
        for row in owner.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relrowsecurity"
            " AND relnamespace = 'public'::regnamespace"
        )
    }
    assert secured == set(MATRIX)


def test_what_runs_as_the_owner_is_granted_by_name(owner):
    """PostgreSQL lets everybody who connects run a new function."""
    open_to_all = owner.execute(
        "SELECT p.oid::regprocedure::text FROM pg_proc p"
        " WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace"
        " AND p.prorettype <> 'trigger'::regtype AND EXISTS (SELECT FROM"
        " aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0)"
    )
    assert open_to_all.fetchall() == []


def test_row_level_security_is_forced_and_the_api_owns_nothing(owner):
    loose = owner.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND ((relrowsecurity AND NOT relforcerowsecurity)"
        " OR pg_get_userbyid(relowner) <> 'atbalsts_owner')"
    )
    assert loose.fetchall() == []


@tables
def test_no_row_is_visible_without_settings(owner, caller, table):
    held = {row[0] for row in owner.execute(f"SELECT id FROM {table}")}
    assert held, "the worlds have a row of every kind"
    # A sign-in reads the account before anybody is known.
    expected = held if table == "users" else set()
    assert attempt(caller, {}, f"SELECT id FROM {table}") == expected


@tables
def test_an_unknown_role_sees_nothing(owner, caller, table):
    stranger = {"actor": "user", "user_id": EVERYBODY, "role": "nobody", "provider_id": EVERYBODY}
    assert attempt(caller, stranger, f"SELECT id FROM {table}") == set()


@tables
@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_exactly_its_scope(owner, caller, identities, table, role):
    expected = Sight(owner, table, identities[role]).rows(MATRIX[table][role], "LR")
    assert attempt(caller, identities[role], f"SELECT id FROM {table}") == expected


@tables
@pytest.mark.parametrize("role", ROLES)
def test_a_role_inserts_only_what_it_may(owner, caller, identities, table, role):
    identity, rights = identities[role], MATRIX[table][role]
    sight = Sight(owner, table, identity)
    scopes = {scope for scope, actions in rights if "C" in actions}
    if "ALL" in scopes:
        return
    foreign = f"provider_id <> '{identity['provider_id']}'" if scopes else "true"
    # The trigger refuses a closed sitting and another's vote before the policy is asked.
    if table == "identification_members":
        foreign += " AND open AND vote IS NULL"
    for row in copies(sight, foreign):
        assert attempt(caller, identity, copy_statement(sight), [row]) == "42501", row


@tables
@pytest.mark.parametrize("role", ROLES)
def test_a_role_changes_and_removes_only_what_it_may(owner, caller, identities, table, role):
    identity, rights = identities[role], MATRIX[table][role]
    sight = Sight(owner, table, identity)
    held = sight.ids("true")
    for statement, actions in (("UPDATE {} SET id = id", "UED"), ("DELETE FROM {}", "D")):
        may = sight.rows(rights, actions) & sight.rows(rights, "LR")
        closed = list(held - may)
        touched = attempt(
            caller,
            identity,
            f"{statement.format(table)} WHERE id = ANY(%s) RETURNING id",
            [closed],
        )
        assert touched in (set(), "42501"), (statement, touched)


def test_the_api_does_not_write_in_anothers_name(caller, identities):
    pairs = itertools.permutations(("case_worker", "auditor", "system_admin"), 2)
    for role, other in pairs:
        statement = "INSERT INTO audit_events (action, resource, user_id) VALUES ('read', 'x', %s)"
        forged = attempt(caller, identities[role], statement, [identities[other]["user_id"]])
        assert forged == "42501"
