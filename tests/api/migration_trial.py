"""Runs a migration on a database with rows and says what it locked for long and what it took away.

The catalog, the locks and the counters are read after each statement, inside the transaction. So it
does not matter how a statement is written: one inside DO or EXECUTE is judged like any other.

A statement that is known to be harmless says so in a comment before it: "-- locks: why it is fine",
"-- expands: why the version before does not mind". A migration that is meant to end what an earlier
version needs says "-- contracts: what": servers of earlier versions then refuse the schema, so it
comes a release later than the version that no longer needs it. "-- alone: why" is one index on a
table in use, built without a transaction and without holding anybody up.
"""

import sys

import psycopg

from harness import ROOT

sys.path.insert(0, str(ROOT / "tests/check"))
import migrations  # noqa: E402 (after the line above)

# Tables that others use, by oid; those of the migration itself nobody uses yet.
TABLES = """SELECT oid, relname FROM pg_class WHERE relkind IN ('r', 'p', 'm', 'S')
    AND relnamespace = 'public'::regnamespace"""
# Of each table: the file that holds its rows, how often it was read as a whole or by an index, rows
# written, and everything that the catalog says of it.
STATE = """SELECT c.oid, c.relfilenode,
    coalesce(s.seq_scan, 0) + coalesce(s.idx_scan, 0), coalesce(s.n_tup_ins, 0),
    coalesce(s.n_tup_upd, 0) + coalesce(s.n_tup_del, 0),
    md5(c::text || concat(
        (SELECT string_agg(a::text, '' ORDER BY a.attnum) FROM pg_attribute a
            WHERE a.attrelid = c.oid),
        (SELECT string_agg(d::text, '' ORDER BY d.oid) FROM pg_attrdef d WHERE d.adrelid = c.oid),
        (SELECT string_agg(t::text, '' ORDER BY t.oid) FROM pg_trigger t WHERE t.tgrelid = c.oid),
        (SELECT string_agg(n::text, '' ORDER BY n.oid) FROM pg_constraint n
            WHERE n.conrelid = c.oid),
        (SELECT string_agg(p::text, '' ORDER BY p.oid) FROM pg_policy p WHERE p.polrelid = c.oid),
        (SELECT string_agg(i::text, '' ORDER BY i.indexrelid) FROM pg_index i
            WHERE i.indrelid = c.oid)))
    FROM pg_class c LEFT JOIN pg_stat_xact_all_tables s ON s.relid = c.oid WHERE c.oid = ANY(%s)"""
LOCKS = """SELECT relation, mode FROM pg_locks WHERE pid = pg_backend_pid() AND granted
    AND locktype = 'relation' AND relation = ANY(%s)"""
# Those that keep others from writing, or from reading too.
STRONG = {"ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"}

# What a server of the version before relies on, as sentences that hold. A table is named with its
# oid: one that is dropped and made anew has lost its rows.
FACTS = """
    WITH relations AS (SELECT * FROM pg_class WHERE relnamespace = 'public'::regnamespace),
    columns AS (SELECT r.relname || '.' || a.attname AS name, r.relkind, a.*
        FROM relations r JOIN pg_attribute a ON a.attrelid = r.oid
        WHERE r.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped),
    procedures AS (SELECT * FROM pg_proc WHERE pronamespace = 'public'::regnamespace),
    grants AS (
        SELECT relname::text AS name, relacl AS acl FROM relations
        UNION ALL SELECT name, attacl FROM columns
        UNION ALL SELECT oid::regprocedure::text, coalesce(proacl, acldefault('f', proowner))
            FROM procedures
        UNION ALL SELECT 'schema ' || nspname, nspacl FROM pg_namespace)
    SELECT 'table ' || relname || ' #' || oid FROM relations WHERE relkind IN ('r', 'p', 'm', 'S')
    UNION ALL SELECT 'view ' || relname FROM relations WHERE relkind = 'v'
    UNION ALL SELECT 'column ' || name || ' ' || format_type(atttypid, atttypmod) FROM columns
    UNION ALL SELECT 'column ' || name || ' may be null' FROM columns
        WHERE NOT attnotnull AND relkind <> 'v'
    UNION ALL SELECT 'column ' || name || ' has a default' FROM columns
        WHERE atthasdef OR attidentity <> ''
    UNION ALL SELECT 'function ' || oid::regprocedure || ' gives ' || pg_get_function_result(oid)
        FROM procedures
    UNION ALL SELECT 'trigger ' || tgname || ' on ' || tgrelid::regclass FROM pg_trigger
        WHERE NOT tgisinternal AND tgenabled <> 'D'
    UNION ALL SELECT 'policy ' || polname || ' on ' || polrelid::regclass FROM pg_policy
    UNION ALL SELECT 'row-level security of ' || relname FROM relations
        WHERE relrowsecurity AND relforcerowsecurity
    UNION ALL SELECT coalesce(nullif(x.grantee, 0)::regrole::text, 'public') || ' may '
            || lower(x.privilege_type) || ' ' || name
        FROM grants CROSS JOIN LATERAL aclexplode(acl) x
        WHERE x.grantee IN (0, 'atbalsts_api'::regrole, 'atbalsts_jobs'::regrole)
"""
# What a server of the version before would have to know to write or read a table; by its oid.
DEMANDS = """
    SELECT c.oid, 'column ' || c.relname || '.' || a.attname || ' must be given' FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.oid = ANY(%(older)s) AND a.attnum > 0 AND a.attnotnull AND NOT a.attisdropped
            AND NOT a.atthasdef AND a.attidentity = '' AND c.relkind IN ('r', 'p')
    UNION ALL SELECT c.oid, c.relname || ' shows rows only by policies' FROM pg_class c
        WHERE c.oid = ANY(%(older)s) AND c.relrowsecurity
"""
# Tables with client data that the API's role may use, without an audit trigger or policies.
GUARDS = """SELECT c.relname::text,
        EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'record_change'
            AND t.tgenabled <> 'D'),
        c.relrowsecurity AND c.relforcerowsecurity
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped
            AND a.attname IN ('provider_id', 'client_id'))
        AND has_any_column_privilege('atbalsts_api', c.oid, 'SELECT, INSERT, UPDATE')
    ORDER BY 1"""


class Snapshot:
    """What the transaction holds and the catalog says after a statement."""

    def __init__(self, owner, older):
        oids = list(older)
        self.tables = {row[0]: row[1:] for row in owner.execute(STATE, [oids])}
        self.locks = {}
        for oid, mode in owner.execute(LOCKS, [oids]):
            self.locks.setdefault(oid, set()).add(mode)
        self.facts = {fact for (fact,) in owner.execute(FACTS)}
        self.demands = set(owner.execute(DEMANDS, {"older": oids}))

    def strong(self, oid):
        return self.locks.get(oid, set()) & STRONG


def long_locks(older, before, after):
    """Each table in use that the statement keeps others from for as long as it has rows."""
    for oid, name in older.items():
        if oid not in before.tables or oid not in after.tables:
            continue
        file, reads, inserts, changes, catalog = (
            (was, now) for was, now in zip(before.tables[oid], after.tables[oid]))
        fresh = after.locks.get(oid, set()) - before.locks.get(oid, set())
        if file[0] != file[1]:
            yield f"rewrites or empties {name} under an exclusive lock"
        elif after.strong(oid) and reads[0] != reads[1]:
            yield f"reads all of {name} while others may not write it"
        elif changes[0] != changes[1] or "RowExclusiveLock" in fresh and inserts[0] == inserts[1]:
            yield f"holds each row of {name} that it changes: do it in batches outside"
        elif fresh & STRONG and catalog[0] == catalog[1]:
            yield f"locks {name} until the migration's end"


def contractions(at_start, before, after):
    """(fact, in words) of each that the statement has ended."""
    for fact in sorted((before.facts - after.facts) & at_start.facts):
        yield fact, f"the version before relies on it: {fact}"
    for oid, demand in sorted(after.demands - before.demands):
        yield (oid, demand), f"the version before does not know it: {demand}"


def lasts(at_start, end, what):
    """Whether the contraction holds at the end, too: what was made anew is missed by nobody."""
    return what in at_start.facts - end.facts or what in end.demands - at_start.demands


def refusals(owner, text):
    """What is wrong with the migration. Its transaction stays open, for the caller to end."""
    if migrations.excused("alone", text):
        return run_alone(owner, text)
    owner.autocommit = False
    locks, contracted = [], []
    older = dict(owner.execute(TABLES).fetchall())
    at_start = before = Snapshot(owner, older)
    for line, statement in migrations.statements(text):
        try:
            owner.execute(statement)
        except psycopg.Error as error:
            return locks + [why for _, why in contracted] + [
                f"line {line}: does not run on tables with rows: {error}"]
        after = Snapshot(owner, older)
        if not migrations.excused("locks", statement):
            locks += [f"line {line}: {why}" for why in long_locks(older, before, after)]
        if not migrations.excused("expands", statement):
            contracted += [(what, f"line {line}: {why}")
                           for what, why in contractions(at_start, before, after)]
        before = after
    if migrations.excused("contracts", text):
        return locks
    return locks + [why for what, why in contracted if lasts(at_start, before, what)]


def run_alone(owner, text):
    """It holds nobody up, and is refused where a transaction could have held it."""
    owner.autocommit = True
    try:
        owner.execute(text)
    except psycopg.Error as error:
        return [f"does not run on tables with rows: {error}"]
    return []


def unguarded(owner, unaudited, unclosed):
    """Tables with client data that the API's role may use though nothing audits or closes them."""
    for name, audited, closed in owner.execute(GUARDS).fetchall():
        if not audited and name not in unaudited:
            yield f"{name} has provider_id or client_id but no audit trigger: record_table"
        if not closed and name not in unclosed:
            yield f"{name} has provider_id or client_id but no forced row-level security"
