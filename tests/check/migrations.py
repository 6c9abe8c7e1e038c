"""Migrations that lock a table in use, that the version before cannot live with, or that leave a
table with client data unguarded, are refused.

A statement that is known to be harmless says so in a comment before it: "-- locks: why it is fine",
"-- expands: why the version before does not mind". A migration that is meant to end what an earlier
version needs says "-- contracts: what": servers of earlier versions then refuse the schema, so it
comes a release later than the version that no longer needs it. An index on a table in use is a
migration of its own, "-- alone: why", since no transaction can hold it.

migrations_selftest.py tries each.
"""

import pathlib
import re
import sys

FOLDER = pathlib.Path("internal/store/migrations")
# The last one of this tree: before the first release no earlier version serves, and what these
# replace nobody misses. From that release on it stays.
UNRELEASED = 12
NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")
CREATE_TABLE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)\s*\((.*)\)", re.S | re.I)
# What else needs no policies and why: the API may not read it, or it says nothing of clients.
UNGUARDED = {"events", "client_numbers"}
TABLE = r"ALTER TABLE\s+(?:IF EXISTS )?(?:ONLY\s+)?(\w+)\b"
# An action of ALTER TABLE: up to the next comma that stands in no parentheses is near enough.
ADD_COLUMN = TABLE + r".*\bADD (?:COLUMN )?(?:IF NOT EXISTS )?" \
    r"(?!CONSTRAINT\b|CHECK\b|FOREIGN\b|UNIQUE\b|PRIMARY\b|EXCLUDE\b)\w+ \w+(?:\[\])?"
LONG_LOCKS = [
    (TABLE + r".*\bALTER (?:COLUMN )?\w+ (?:SET DATA )?TYPE\b", "rewrites the table"),
    (ADD_COLUMN + r"[^,]*\bDEFAULT\s+(?:gen_random_uuid|random|clock_timestamp|nextval|audit_id)\b",
     "rewrites the table"),
    (ADD_COLUMN + r"[^,]*\bGENERATED (?:ALWAYS|BY DEFAULT) AS\b", "rewrites the table"),
    (ADD_COLUMN.replace(r"\w+ \w+(", r"\w+ (?:small|big)?serial("), "rewrites the table"),
    (ADD_COLUMN + r"[^,]*\b(?:CHECK|REFERENCES)\b",
     "scans under a lock: add the constraint NOT VALID by itself, and VALIDATE in a later one"),
    (ADD_COLUMN + r"[^,]*\b(?:UNIQUE|PRIMARY KEY)\b", "builds an index under an exclusive lock"),
    (TABLE + r".*\bSET NOT NULL\b",
     "scans under an exclusive lock: first CHECK (… IS NOT NULL) NOT VALID, then VALIDATE"),
    (TABLE + r"(?!.*NOT VALID).*\bADD (?:CONSTRAINT \w+ )?(?:CHECK|FOREIGN KEY)\b",
     "scans under a lock: say NOT VALID, and VALIDATE in a later one"),
    (TABLE + r"(?!.*USING INDEX).*\bADD (?:CONSTRAINT \w+ )?(?:UNIQUE|PRIMARY KEY|EXCLUDE)\b",
     "builds an index under an exclusive lock"),
    (TABLE + r".*\bSET (?:LOGGED|UNLOGGED|TABLESPACE)\b", "rewrites the table"),
    (r"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)(?:IF NOT EXISTS )?(?:\w+ )?ON (?:ONLY )?(\w+)",
     "blocks writes while it builds: CONCURRENTLY, in a migration that says -- alone:"),
    (r"REINDEX (?:TABLE|INDEX) (?!CONCURRENTLY)(\w+)", "blocks writes while it builds"),
    (r"(?:VACUUM|CLUSTER|TRUNCATE)\s+(?:FULL\s+)?(?:TABLE\s+)?(?:ONLY\s+)?(\w+)",
     "locks the table for as long as it takes"),
    (r"LOCK (?:TABLE )?(?:ONLY )?(\w+)", "locks the table until the migration's end"),
    (r"^\s*(?:UPDATE|DELETE FROM)\s+(?:ONLY\s+)?(\w+)\b",
     "holds each row that it changes until the migration's end: do it in batches outside"),
]
# What a server of the version before still reads, writes or calls.
CONTRACTIONS = [
    (r"DROP TABLE (?:IF EXISTS )?(\w+)", "the version before reads it"),
    (TABLE + r".*\bDROP (?:COLUMN )?(?!CONSTRAINT\b|NOT NULL|DEFAULT)(?:IF EXISTS )?\w+(?!\w)"
     r"(?<!COLUMN)", "the version before reads the column"),
    (TABLE + r".*\bRENAME\b", "the version before knows the former name"),
    (TABLE + r".*\bALTER (?:COLUMN )?\w+ (?:SET DATA )?TYPE\b",
     "the version before knows the former type"),
    (ADD_COLUMN + r"(?![^,]*\b(?:DEFAULT|GENERATED)\b)[^,]*\bNOT NULL\b",
     "the version before inserts rows without it: give a DEFAULT"),
    (TABLE + r".*\bSET NOT NULL\b", "the version before may leave it empty"),
    (TABLE + r".*\bALTER (?:COLUMN )?\w+ DROP DEFAULT\b",
     "the version before inserts rows without it"),
    (r"DROP (?:MATERIALIZED )?VIEW (?:IF EXISTS )?(\w+)", "the version before reads it"),
    (r"DROP FUNCTION (?:IF EXISTS )?(\w+)", "the version before calls it"),
    (r"REVOKE \w[^;]*\bON (?:TABLE )?(\w+) FROM (?:atbalsts_api|PUBLIC)",
     "the version before does it"),
]


def statements(text):
    """(first line, statement with its comments) at each semicolon outside quotes and $$ bodies."""
    start = at = 0
    token = re.compile(r"--[^\n]*|'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$|;", re.S)
    for match in token.finditer(text):
        at = match.end()
        if match.group(0) == ";":
            body = text[start:at]
            blank = len(body) - len(body.lstrip())
            yield text[:start + blank].count("\n") + 1, body
            start = at
    if re.sub(r"--[^\n]*", "", text[start:]).strip():
        raise SystemExit(f"a statement without its semicolon: {text[start:].strip()[:60]}")


def excused(word, statement):
    return re.search(rf"^\s*-- {word}: \S", statement, re.M)


def check_statement(place, statement, rules, older):
    code = re.sub(r"'(?:[^']|'')*'", "''", re.sub(r"--[^\n]*", "", statement))
    code = " ".join(code.split())
    for pattern, why in rules:
        match = re.search(pattern, code, re.S | re.I)
        if match and match.group(1) in older:
            yield f"{place}: {code[:70]}: {why}"
            return


def check_locks(place, statement, older):
    if not excused("locks", statement):
        yield from check_statement(place, statement, LONG_LOCKS, older)


def check_contractions(place, statement, older):
    if not excused("expands", statement):
        yield from check_statement(place, statement, CONTRACTIONS, older)


def check_guards(text, tables):
    for table, (place, columns) in tables.items():
        if table in UNGUARDED or not re.search(r"(?:^|,)\s*(provider_id|client_id)\b", columns,
                                                  re.M):
            continue
        recorded = re.search(rf"record_table\('{table}'\)", text)
        forced = all(re.search(rf"ALTER TABLE {table} {word} ROW LEVEL SECURITY", text)
                     for word in ("ENABLE", "FORCE"))
        # Column grants guard what is read before anybody is known; see the design of idempotency.
        columns_only = re.search(rf"GRANT [^;]*UPDATE \([^;]*ON {table} TO atbalsts_api", text)
        if not (recorded or forced or columns_only):
            yield f"{place}: {table} has provider_id or client_id but no record_table, no policies"


ALONE = re.compile(r"CREATE (?:UNIQUE )?INDEX CONCURRENTLY IF NOT EXISTS ", re.I)


def check_alone(path, text):
    """What no transaction can hold stands alone and may be run again; nothing else says so."""
    found = [re.sub(r"--[^\n]*", "", statement).strip() for _, statement in statements(text)]
    concurrent = [code for code in found if re.search(r"\bCONCURRENTLY\b", code, re.I)]
    if re.search(r"^-- alone: \S", text, re.M):
        if len(found) != 1 or not ALONE.match(found[0]):
            yield f"{path}: alone is one CREATE INDEX CONCURRENTLY IF NOT EXISTS"
    elif concurrent:
        yield f"{path}: {concurrent[0][:60]}: needs a migration that says -- alone: why"


MADE = re.compile(r"CREATE (?:OR REPLACE )?(?:MATERIALIZED )?(?:VIEW|FUNCTION)\s+(\w+)", re.I)


def check_file(path, number, older, tables):
    """What is wrong; adds to tables what it creates, and returns the names it makes."""
    bad, made, text = [], set(), path.read_text()
    match = NAME.match(path.name)
    if not match or int(match.group(1)) != number:
        bad.append(f"{path}: expected {number:04}_name.sql, numbered without gaps")
    bad += check_alone(path, text)
    contracts = number <= UNRELEASED or re.search(r"^-- contracts: \S", text, re.M)
    for line, statement in statements(text):
        place = f"{path}:{line}"
        code = re.sub(r"--[^\n]*", "", statement)
        if re.search(r"CREATE TYPE\s+\w+\s+AS\s+ENUM", code, re.I):
            bad.append(f"{place}: an enum type: use text with CHECK")
        if table := CREATE_TABLE.search(code):
            made.add(table.group(1))
            tables[table.group(1)] = (place, table.group(2))
        if other := MADE.search(code):
            made.add(other.group(1))
        bad += check_locks(place, statement, older)
        if not contracts:
            bad += check_contractions(place, statement, older)
    return bad, made


def check_folder(folder):
    bad, older, tables, whole = [], set(), {}, ""
    for number, path in enumerate(sorted(folder.glob("*")), 1):
        wrong, made = check_file(path, number, older, tables)
        whole += path.read_text()
        bad += wrong
        older |= made
    return bad + list(check_guards(whole, tables))


def main():
    bad = check_folder(FOLDER)
    print(*bad, sep="\n", end="\n" if bad else "")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
