"""Version N + 1: the same source with one view, one function and one policy of the schema replaced.

The binary is built from a copy of the source, so that its `migrate` and its check at start are the
real ones.
"""

import os
import shutil
import subprocess

from lab import ROOT

SCHEMA = "internal/store/schema"
# File, text of version N, text of version N + 1. Every request asks the function and the policy;
# the load reads the view.
REPLACEMENTS = {
    "80_transfers.sql": (
        "t.client_id AS seen_client, t.provider_id AS seen_provider\n",
        "t.client_id AS seen_client, t.provider_id AS seen_provider, t.version AS revision\n"),
    "00_base.sql": (
        "AS $$ SELECT nullif(current_setting('app.role', true), '') $$;",
        "AS $$ SELECT CASE WHEN current_setting('app.role', true) <> ''"
        " THEN current_setting('app.role', true) END $$;"),
    "10_accounts.sql": (
        "USING ((SELECT app_setting('actor')) IS NULL OR id = (SELECT app_user()));",
        "USING (id = (SELECT app_user()) OR (SELECT app_setting('actor')) IS NULL);"),
}
# What tells in the catalog that each is there.
ARRIVED = """SELECT
    EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'incoming_transfers'::regclass
        AND attname = 'revision'),
    pg_get_functiondef('app_role()'::regprocedure) LIKE '%CASE WHEN%',
    (SELECT pg_get_expr(polqual, polrelid) LIKE '((id = %' FROM pg_policy
        WHERE polname = 'users_sign_in')"""


def build(folder):
    """The binary of version N + 1, made below the folder."""
    source = folder / "later"
    for name in ("cmd", "internal", "deploy", "tests/unit"):
        shutil.copytree(ROOT / name, source / name)
    shutil.copy(ROOT / "Makefile", source)
    for name, (now, then) in REPLACEMENTS.items():
        path = source / SCHEMA / name
        text = path.read_text()
        assert text.count(now) == 1, f"{name} holds no longer what version N + 1 replaces: {now}"
        path.write_text(text.replace(now, then))
    done = subprocess.run(["make", "-C", source, f"-j{os.cpu_count()}", "build"],
                          capture_output=True, text=True)
    assert done.returncode == 0, f"version N + 1 does not build:\n{done.stderr[-3000:]}"
    return source / "build/atbalsts"
