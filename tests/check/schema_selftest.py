"""schema.py refuses each kind that it names, and nothing of a sound folder."""

import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
import schema  # noqa: E402 (after the line above)

SOUND = """
CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; CREATE VIEW v $$;
CREATE OR REPLACE VIEW v AS SELECT 1;
CREATE OR REPLACE TRIGGER t AFTER INSERT ON one FOR EACH ROW EXECUTE FUNCTION f();
CREATE OR REPLACE TRIGGER t AFTER INSERT ON two FOR EACH ROW EXECUTE FUNCTION f();
DROP POLICY IF EXISTS p ON one;
CREATE POLICY p ON one USING (true);
"""
REFUSED = [
    "CREATE OR REPLACE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT '' $$;",
    "CREATE OR REPLACE VIEW v AS SELECT 2;",
    "CREATE OR REPLACE TRIGGER t BEFORE INSERT ON two FOR EACH ROW EXECUTE FUNCTION f();",
    "DROP POLICY IF EXISTS p ON one;\nCREATE POLICY p ON one USING (false);",
    "CREATE VIEW w AS SELECT 2;",
    "CREATE POLICY q ON one USING (true);",
    "DO $$ BEGIN EXECUTE 'CREATE VIEW w AS SELECT 1'; END $$;",
    "DO $$ BEGIN EXECUTE format('CREATE OR REPLACE FUNCTION %I() …', 'g'); END $$;",
]


def refused(folder, check, *files):
    for number, text in enumerate(files):
        (folder / f"{number}0_x.sql").write_text(text)
    return list(check(folder))


def main():
    bad = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        bad += refused(folder, schema.check_schema, SOUND)
        for text in REFUSED:
            if not refused(folder, schema.check_schema, SOUND, text):
                bad.append(f"schema.py does not refuse: {text}")
        if not refused(folder, schema.check_migrations, "CREATE TABLE x (id int);", SOUND):
            bad.append("schema.py does not refuse an object in a migration")
        if refused(folder, schema.check_migrations, "CREATE TABLE x (id int);", ""):
            bad.append("schema.py refuses a table in a migration")
    print(*bad, sep="\n", end="\n" if bad else "")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
