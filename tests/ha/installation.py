"""The installation under test: primary and standby, two servers, and the accounts that write."""

import time

from lab import (FOLDER, NUMBERS, ROOT, SUBNET, Host, Node, Replica, await_true, harness, httpx,
                 tell)

# Whichever of the two is not the primary must have a commit before it is answered.
SYNCHRONOUS = "ANY 1 (db1, db2)"


class Site(harness.Cluster):
    """Cluster's key files and commands; its database is a pair of hosts."""

    def __init__(self):
        Host.switch()
        self.folder = FOLDER
        self.settings = {
            "ATBALSTS_DATABASE": self.dsn("atbalsts_api"),
            "ATBALSTS_OWNER_DATABASE": self.dsn("atbalsts_owner"),
            "ATBALSTS_MASTER_KEYS": self.key_file("master.keys", "test-1", "blind"),
            "ATBALSTS_TOKEN_KEYS": self.key_file("token.keys", "test-1"),
        }
        self.make_database()
        self.run("migrate")
        with self.connect() as owner:
            owner.execute((ROOT / "tests/api/seed.sql").read_text())
        self.workers = [harness.Account("case_worker", provider, "social_worker")
                        for provider in harness.PROVIDERS]
        for worker in self.workers:
            worker.create(self)
        self.make_standby()
        self.replicas = [Replica(name, self.settings) for name in ("api1", "api2")]
        for replica in self.replicas:
            tell(f"{replica.name} was ready {replica.start():.2f} s after its start")

    def dsn(self, user):
        hosts = ",".join(f"{SUBNET}.{NUMBERS[name]}" for name in ("db1", "db2"))
        return f"host={hosts} dbname=atbalsts user={user} target_session_attrs=read-write"

    def make_database(self):
        self.nodes = [Node("db1"), Node("db2")]
        self.primary, self.standby = self.nodes
        self.primary.create()

    def make_standby(self):
        self.join(self.standby)

    def tokens(self):
        return [httpx.post(f"{self.replicas[0].base_url}/v1/sessions", timeout=20, json={
            "email": worker.email, "password": harness.PASSWORD}).json()["access_token"]
            for worker in self.workers]

    def join(self, node):
        """A host without data, or with that of a lost primary, becomes the standby."""
        node.clone(self.primary)
        self.protect()

    def protect(self):
        """From here on no commit is answered that the standby has not got."""
        self.primary.set("synchronous_standby_names", SYNCHRONOUS)
        await_true("standby in step", lambda: "quorum" in self.primary.sql(
            "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'"
            " AND flush_lsn >= pg_current_wal_flush_lsn() - 1048576"))
        assert not self.standby.is_primary(), "the standby has promoted itself"

    def promote(self):
        """The standby takes over, alone: it must not wait for the one that is gone."""
        began = time.monotonic()
        self.standby.set("synchronous_standby_names", "")
        assert self.standby.sql("SELECT pg_promote(true, 60)") == [True]
        self.primary, self.standby = self.standby, self.primary
        return time.monotonic() - began


class Ledger:
    """What the database holds, to be compared with what was acknowledged."""

    counts = {
        "audit rows": "audit_events WHERE resource = 'clients' AND action = 'create'",
        "events": "events WHERE resource = 'clients' AND action = 'create'",
        "keys of persons": "data_keys",
        "stored answers": "idempotency_keys WHERE route = '/v1/clients'",
    }

    def __init__(self, connection):
        self.rows = {str(row): (dependants, number) for row, dependants, number in
                     connection.execute("SELECT id, dependants, provider_id || number"
                                        " FROM clients")}
        self.beside = {name: connection.execute(f"SELECT count(*) FROM {what}").fetchone()[0]
                       for name, what in self.counts.items()}

    def compare(self, acts):
        """(lost, doubled, wrong): acts that are not there, rows of no act, rows unlike theirs."""
        lost = [act for act in acts if act.id not in self.rows]
        wrong = [act for act in acts
                 if act.id in self.rows and self.rows[act.id][0] != act.dependants]
        doubled = len(self.rows) - (len(acts) - len(lost))
        return len(lost), doubled, len(wrong)

    def numbers_differ(self):
        return len({number for _, number in self.rows.values()}) == len(self.rows)

    def missing_beside(self):
        """Rows of the audit and so on that are not one to one with the clients."""
        return {name: count for name, count in self.beside.items() if count != len(self.rows)}


