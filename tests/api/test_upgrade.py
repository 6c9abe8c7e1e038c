"""Versions N and N + 1 on one schema: N goes on, and starts, on what the later one has expanded."""

import threading

import pytest

from harness import Server
from site_load import Load, Site, make_and_read

# What a later version's migration could be: each kind that only expands.
EXPANSION = """
    ALTER TABLE clients ADD COLUMN nickname text;
    ALTER TABLE clients ADD COLUMN pets int NOT NULL DEFAULT 0;
    CREATE TABLE hobbies (id uuid PRIMARY KEY, client_id uuid NOT NULL REFERENCES clients (id));
"""
# What its schema's objects could be: a view with one more column, another body of a function, a
# policy with another condition. Replaced as `migrate` does it.
REPLACEMENT = """
    LOCK TABLE sign_in_attempts, sessions IN ACCESS EXCLUSIVE MODE;
    CREATE OR REPLACE VIEW provider_contracts WITH (security_invoker = true) AS
        SELECT p.provider_id, c.id AS contract_id, c.starts_on, c.ends_on, c.number
        FROM contract_parties p JOIN contracts c ON c.id = p.contract_id;
    CREATE OR REPLACE FUNCTION app_role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
        AS $$ SELECT nullif(current_setting('app.role', true), '')::text $$;
    DROP POLICY users_sign_in ON users;
    CREATE POLICY users_sign_in ON users FOR SELECT
        USING ((SELECT app_setting('actor')) IS NULL OR (SELECT app_user()) = id);
"""
OBJECTS = """UPDATE schema_objects
    SET earlier = array_append(earlier, checksum), checksum = 'later'"""


@pytest.fixture
def site():
    with Site("upgrade") as site:
        yield site


def migrate_as_later(site, sql, contracts=False):
    with site.cluster.connect() as owner, owner.transaction():
        owner.execute("SET LOCAL lock_timeout = '1s'")
        owner.execute(sql)
        owner.execute("INSERT INTO schema_migrations (number, name, checksum, contracts)"
                      " VALUES (9999, '9999_later', 'x', %s)", [contracts])
        owner.execute(OBJECTS)


def test_a_server_runs_and_starts_on_a_schema_that_a_later_version_expanded(site):
    headers = site.sign_in()
    with Load(site.server.base_url, make_and_read(site, headers)) as load:
        load.more()
        migrate_as_later(site, EXPANSION)
        load.more()
    assert load.failed == []
    checked = site.cluster.run("config", "check")
    assert "agree" in checked and '"schema_is_later","migration":"9999_later"' in checked
    second = Server(site.cluster, BASE_URL=site.server.base_url)
    try:
        with Load(second.base_url, make_and_read(site, headers)) as load:
            load.more()
        assert load.failed == []
    finally:
        second.stop()


def test_a_server_runs_and_starts_on_objects_that_a_later_version_replaced(site):
    headers = site.sign_in()
    with Load(site.server.base_url, make_and_read(site, headers)) as load:
        load.more()
        with site.cluster.connect() as owner, owner.transaction():
            owner.execute(REPLACEMENT)
            owner.execute(OBJECTS)
        load.more()
    assert load.failed == []
    assert '"schema_objects_are_later"' in site.cluster.run("config", "check")
    second = Server(site.cluster, BASE_URL=site.server.base_url)
    try:
        with Load(second.base_url, make_and_read(site, headers)) as load:
            load.more()
        assert load.failed == []
    finally:
        second.stop()


def test_the_earlier_version_s_migrate_leaves_a_later_schema_alone(site):
    migrate_as_later(site, EXPANSION)
    assert "migrations applied: 0" in site.cluster.run("migrate")
    with site.cluster.connect() as owner:
        assert owner.execute("SELECT checksum FROM schema_objects").fetchone() == ("later",)


def test_a_schema_that_a_later_version_has_contracted_is_refused(site):
    migrate_as_later(site, "ALTER TABLE clients DROP COLUMN threats", contracts=True)
    for command in (("config", "check"), ("migrate",)):
        with pytest.raises(RuntimeError, match="later version has contracted the schema: 9999"):
            site.cluster.run(*command)
    with pytest.raises(RuntimeError, match="9999_later"):
        Server(site.cluster)


def test_the_schema_s_objects_are_applied_again_under_load_without_a_refused_request(site):
    """Also while somebody reads for longer than a policy may wait for its lock."""
    headers = site.sign_in()
    with site.cluster.connect() as owner:
        owner.execute("UPDATE schema_objects SET checksum = 'x'")
        with Load(site.server.base_url, make_and_read(site, headers), size=8) as load:
            load.more()
            with owner.transaction():
                owner.execute("SELECT FROM clients LIMIT 1")
                laying = threading.Thread(target=site.cluster.run, args=["migrate"])
                laying.start()
                laying.join(timeout=6)
                assert laying.is_alive(), "it waits for the reader"
            laying.join(timeout=60)
            load.more()
        assert load.failed == []
        assert owner.execute("SELECT checksum <> 'x' FROM schema_objects").fetchone() == (True,)
