"""Migrations that lock a table in use, or leave a table with client data unguarded, are refused.

A statement that is known to be harmless says so in a comment before it: "-- locks: why it is fine".
"""

import pathlib
import re
import sys

FOLDER = pathlib.Path("internal/store/migrations")
NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")
CREATE_TABLE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)\s*\((.*)\)", re.S | re.I)
# What else needs no policies and why: the API may not read it, or it says nothing of clients.
UNGUARDED = {"events", "client_numbers", "worklist_settings"}
LONG_LOCKS = [
    (r"ALTER TABLE\s+(?:ONLY\s+)?(\w+)\b.*\bALTER (?:COLUMN )?\w+ (?:SET DATA )?TYPE\b",
     "rewrites the table"),
    (r"ALTER TABLE\s+(?:ONLY\s+)?(\w+)\b.*\bADD (?:COLUMN )?.*\bDEFAULT\s+"
     r"(?:gen_random_uuid|random|clock_timestamp|nextval|audit_id)\b", "rewrites the table"),
    (r"ALTER TABLE\s+(?:ONLY\s+)?(\w+)\b.*\bADD (?:COLUMN )?\w+ \w+[^,]*\bGENERATED ALWAYS AS \(",
     "rewrites the table"),
    (r"ALTER TABLE\s+(?:ONLY\s+)?(\w+)\b.*\bSET NOT NULL\b",
     "scans under an exclusive lock: first CHECK (… IS NOT NULL) NOT VALID, then VALIDATE"),
    (r"ALTER TABLE\s+(?:ONLY\s+)?(\w+)\b(?!.*NOT VALID).*\bADD (?:CONSTRAINT \w+ )?"
     r"(?:CHECK|FOREIGN KEY)\b", "scans under a lock: say NOT VALID, and VALIDATE in a later one"),
    (r"ALTER TABLE\s+(?:ONLY\s+)?(\w+)\b(?!.*USING INDEX).*\bADD (?:CONSTRAINT \w+ )?"
     r"(?:UNIQUE|PRIMARY KEY|EXCLUDE)\b", "builds an index under an exclusive lock"),
    (r"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)(?:IF NOT EXISTS )?(?:\w+ )?ON (?:ONLY )?(\w+)",
     "blocks writes while it builds"),
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


def check_locks(place, statement, older):
    code = re.sub(r"--[^\n]*", "", statement)
    if re.search(r"^\s*-- locks: \S", statement, re.M):
        return
    for pattern, why in LONG_LOCKS:
        match = re.search(pattern, code, re.S | re.I)
        if match and match.group(1) in older:
            yield f"{place}: {' '.join(code.split())[:70]}: {why}"


def check_guards(text, tables):
    for table, (place, columns) in tables.items():
        if table in UNGUARDED or not re.search(r"^\s*(provider_id|client_id)\b", columns, re.M):
            continue
        recorded = re.search(rf"record_table\('{table}'\)", text)
        forced = all(re.search(rf"ALTER TABLE {table} {word} ROW LEVEL SECURITY", text)
                     for word in ("ENABLE", "FORCE"))
        # Column grants guard what is read before anybody is known; see the design of idempotency.
        columns_only = re.search(rf"GRANT [^;]*UPDATE \([^;]*ON {table} TO atbalsts_api", text)
        if not (recorded or forced or columns_only):
            yield f"{place}: {table} has provider_id or client_id but no record_table, no policies"


def main():
    bad, older, tables, whole = [], set(), {}, ""
    for number, path in enumerate(sorted(FOLDER.glob("*")), 1):
        match = NAME.match(path.name)
        if not match or int(match.group(1)) != number:
            bad.append(f"{path}: expected {number:04}_name.sql, numbered without gaps")
        text = path.read_text()
        whole += text
        created = set()
        for line, statement in statements(text):
            place = f"{path}:{line}"
            code = re.sub(r"--[^\n]*", "", statement)
            if re.search(r"CREATE TYPE\s+\w+\s+AS\s+ENUM", code, re.I):
                bad.append(f"{place}: an enum type: use text with CHECK")
            if table := CREATE_TABLE.search(code):
                created.add(table.group(1))
                tables[table.group(1)] = (place, table.group(2))
            bad += check_locks(place, statement, older)
        older |= created
    bad += check_guards(whole, tables)
    print(*bad, sep="\n", end="\n" if bad else "")
    return 1 if bad else 0


sys.exit(main())
