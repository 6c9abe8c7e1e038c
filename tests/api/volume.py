"""Fills every table that grows with copies of a row that is there: what a planner needs to see.

The copies are no cases that the API would accept: keys, days and names differ, all else is the
sample's. Neither triggers nor foreign keys run.
"""

import concurrent.futures
import hashlib

ROWS = 100_000
# Tables that stay small, and why: a scan of these is what a planner should choose.
SMALL = {
    "client_numbers": "a row per provider and year",
    "contracts": "one procurement in two years", "contract_parties": "providers of a contract",
    "contract_rates": "unit rates of a contract", "credentials": "a row per user",
    "free_movement": "the countries of the law",
    "key_fingerprints": "a row per master key, and blind", "limits": "of rule sets and contracts",
    "providers": "two, more may join", "rulesets": "a regulation in six years",
    "schema_migrations": "a row per migration", "schema_objects": "one row",
    "service_units": "what each service is measured in",
    "statements": "a provider's month",
    "users": "the staff of few providers", "worklist_settings": "ten and what providers change",
}
# Whose values are shared by many rows, as in life.
STAFF = 200

# A column that must differ from copy to copy where no id or hash beside it in a unique index does.
COLUMNS = """SELECT a.attname, format_type(a.atttypid, NULL), EXISTS (
    SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique
        AND a.attnum = ANY (i.indkey::int2[]) AND NOT EXISTS (
            SELECT FROM pg_attribute o
            WHERE o.attrelid = a.attrelid AND o.attnum = ANY (i.indkey::int2[])
                AND o.attname NOT IN ('provider_id', 'user_id')
                AND o.atttypid IN ('uuid'::regtype, 'bytea'::regtype)))
FROM pg_attribute a WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attgenerated = '' AND a.attidentity = '' ORDER BY a.attnum"""
INDEXES = """SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i
WHERE indrelid = %s::regclass AND NOT EXISTS (
    SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)"""
GROWING = """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
AND relkind = 'r' ORDER BY relname"""


def staff(name):
    """Columns that name somebody of the few who work there."""
    return name in ("created_by", "updated_by", "user_id", "assessor_id", "lawyer_id") \
        or name.endswith(("worker_id", "deputy_id", "assignee_id", "responsible_id"))


def key(of, number="n"):
    """Ascending ones, as the service's own are: they go into indexes in order."""
    prefix = hashlib.md5(of.encode()).hexdigest()[:8]
    return f"('{prefix}-0000-7000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"


def value(table, name, kind, alone):
    """SQL over the sample s and the copy's number n."""
    if name == "id":
        return key(table)
    if name in ("case_id", "client_id", "person_id"):
        return key(f"{name[:-3]}s")
    if name == "provider_id":
        return key("providers", "n % 4")
    if kind == "uuid":
        return f"CASE WHEN s.{name} IS NOT NULL THEN " \
            f"{key(name, f'n % {STAFF}' if staff(name) else 'n')} END"
    if kind == "bytea" and (name == "key" or name.endswith(("_index", "_hash"))):
        return f"CASE WHEN s.{name} IS NOT NULL THEN sha256(('{name}' || n)::bytea) END"
    if kind in ("date", "timestamp with time zone"):
        return f's."{name}" - n * interval \'2 hours\''
    if kind == "text" and alone:
        return f's."{name}" || n'
    return f's."{name}"'


def fill_table(cluster, table):
    with cluster.connect("postgres") as database, database.transaction():
        # No triggers, no foreign keys.
        database.execute("SET LOCAL session_replication_role = replica")
        database.execute("SET LOCAL synchronous_commit = off")
        columns = database.execute(COLUMNS, [table]).fetchall()
        later = database.execute(INDEXES, [table]).fetchall()
        for name, _ in later:
            database.execute(f"DROP INDEX {name}")
        names = ", ".join(f'"{name}"' for name, *_ in columns)
        values = ", ".join(f"({value(table, *column)})::{column[1]}" for column in columns)
        made = database.execute(
            f"INSERT INTO {table} ({names}) SELECT {values}"
            f" FROM (SELECT * FROM {table} LIMIT 1) s, generate_series(1, {ROWS}) n").rowcount
        for _, definition in later:
            database.execute(definition)
    with cluster.connect("postgres") as database:
        database.execute(f"ANALYZE {table}")
    return made


def fill(cluster):
    """{table: rows made} of all tables that grow."""
    with cluster.connect("postgres") as database:
        tables = [name for (name,) in database.execute(GROWING) if name not in SMALL]
        database.execute("ANALYZE")
    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        return dict(zip(tables, threads.map(lambda table: fill_table(cluster, table), tables)))
