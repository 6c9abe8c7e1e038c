"""Patroni with etcd on three hosts: a switchover, a machine that dies, one that is cut off.

The shipped configuration is used; only its folders and addresses are others here.
"""

import json
import os
import shutil
import subprocess
import sys
import time

from installation import Ledger, Site
from lab import (FOLDER, NAMESPACES, NUMBERS, ROOT, SUBNET, Checks, Host, Node, await_true, harness,
                 own_folder, run, tell)
from writers import Writers

WRITERS = 8
BEYOND_MAX_S = 5.0
SHIPPED = ROOT / "deploy/patroni"
PASSWORDS = {name: f"{name.lower()} for tests" for name in (
    "PATRONI_REPLICATION_PASSWORD", "PATRONI_REWIND_PASSWORD", "PATRONI_RESTAPI_PASSWORD",
    "OWNER_PASSWORD", "API_PASSWORD")}
ADDRESSES = {f"10.20.0.{shipped}": f"{SUBNET}.{NUMBERS[name]}"
             for shipped, name in ((11, "db1"), (12, "db2"), (13, "witness"))}


def adapted(text, folder):
    """The shipped text with the addresses and folders of here."""
    for there, here in ADDRESSES.items():
        text = text.replace(there, here)
    for there, here in (("10.20.0.0", f"{SUBNET}.0"), ("/etc/patroni/", f"{folder}/"),
                        ("/etc/postgresql/", f"{folder}/"), ("/var/run/postgresql", f"{folder}/s"),
                        ("/var/lib/postgresql/15/main", f"{folder}/data"),
                        ("/var/lib/postgresql/patroni.pgpass", f"{folder}/pgpass")):
        text = text.replace(there, here)
    return text


def variables(name, host):
    """A shipped file of NAME=value as this host's environment."""
    lines = [line for line in adapted((SHIPPED / name).read_text(), host.folder).splitlines()
             if "=" in line and not line.startswith("#")]
    own = ADDRESSES["10.20.0.11"]
    found = dict(line.split("=", 1) for line in lines)
    for key, value in found.items():
        if not key.endswith("INITIAL_CLUSTER"):
            found[key] = value.replace(own, host.address)
        if key.endswith("_NAME"):
            found[key] = host.name
    return found | {key: PASSWORDS[key] for key in found if key in PASSWORDS}


class Member(Host):
    """A host with etcd, under the account of PostgreSQL."""

    def start(self):
        self.spawn(variables("etcd", self) | {"ETCD_DATA_DIR": f"{self.folder}/etcd"}, "etcd")

    def spawn(self, environment, *words):
        account = ("runuser", "-u", "postgres", "--") if os.getuid() == 0 else ()
        with open(self.folder / f"{words[0].rpartition('/')[2]}.log", "a") as log:
            subprocess.Popen(self.command(*account, *words), stdout=log, stderr=subprocess.STDOUT,
                             cwd="/", env=harness.clean_environment(**environment))

    def power_off(self):
        """All processes of the host at once."""
        def gone():
            pids = run("ip", "netns", "pids", self.name).split()
            if pids:
                subprocess.run(["kill", "-KILL", *pids], stderr=subprocess.DEVNULL)
            return not pids
        await_true(f"{self.name} off", gone)


class Database(Node, Member):
    """A host with etcd, Patroni and PostgreSQL."""

    def __init__(self, name):
        super().__init__(name)
        for folder in ("s", "etcd"):
            own_folder(self.folder / folder)
        (self.folder / "config.yml").write_text(
            adapted((SHIPPED / "config.yml").read_text(), self.folder))
        shutil.copy(SHIPPED / "post_init.sh", self.folder)
        shutil.copy(ROOT / "deploy/roles.sql", self.folder)
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
            "-keyout", self.folder / "server.key", "-out", self.folder / "server.crt")
        for path in ("server.key", "server.crt", "."):
            shutil.chown(self.folder / path, "postgres", "postgres")
        self.folder.chmod(0o700)

    def start(self):
        Member.start(self)
        self.spawn(variables("patroni_env.conf", self), "patroni",
                   str(self.folder / "config.yml"))

    def sql(self, statement):
        """By the socket and as its own account, which alone Patroni's configuration lets in."""
        return self.as_postgres("psql", "--no-psqlrc", "--tuples-only", "--no-align", "--host",
                                self.folder / "s", "--command", statement).splitlines()

    def is_primary(self):
        return self.sql("SELECT NOT pg_is_in_recovery()") == ["t"]


class PatroniSite(Site):
    def dsn(self, user):
        password = PASSWORDS["API_PASSWORD" if user.endswith("api") else "OWNER_PASSWORD"]
        return f"{super().dsn(user)} sslmode=require password='{password}'"

    def make_database(self):
        self.nodes = [Database("db1"), Database("db2")]
        self.witness = Member("witness")
        own_folder(self.witness.folder / "etcd")
        shutil.chown(self.witness.folder, "postgres")
        self.witness.start()
        for node in self.nodes:
            node.start()
        await_true("the owner can sign in", lambda: self.connect().close() is None, seconds=60)

    def make_standby(self):
        self.await_whole()

    def members(self):
        node = self.nodes[0]
        told = subprocess.run(
            node.command("patronictl", "-c", node.folder / "config.yml", "list", "-f", "json"),
            capture_output=True, text=True, env=os.environ | variables("patroni_env.conf", node))
        return {row["Member"]: row for row in json.loads(told.stdout or "[]")}

    def await_whole(self):
        """One primary, and a standby in step that may take over.

        PostgreSQL must say so, since etcd's word may be old, and etcd too, since who may take over
        is written there last.
        """
        def whole():
            roles = {row["Role"]: name for name, row in self.members().items()}
            for node in self.nodes:
                if node.is_primary() != (node.name == roles.get("Leader")):
                    return None
            if "Leader" not in roles:
                return None
            leader = next(n for n in self.nodes if n.name == roles["Leader"])
            in_step = leader.sql("SELECT application_name FROM pg_stat_replication"
                                 " WHERE state = 'streaming' AND sync_state = 'sync'")
            return leader if in_step == [roles.get("Sync Standby")] else None
        self.primary = await_true("primary and synchronous standby", whole, 120, pause=0.5)
        self.standby = next(n for n in self.nodes if n is not self.primary)

    def await_promotion(self):
        """Until the standby has become primary."""
        await_true("promotion", lambda: self.standby.is_primary(), seconds=60, pause=0.02)
        return time.monotonic()


class Trial:
    def __init__(self):
        self.site, self.checks = PatroniSite(), Checks()
        tell("members:", {name: row["Role"] for name, row in self.site.members().items()})
        self.writers = Writers([r.base_url for r in self.site.replicas], self.site.tokens(),
                               WRITERS)
        time.sleep(2)

    def switchover(self):
        node = self.site.primary
        run(*node.command("patronictl", "-c", node.folder / "config.yml", "switchover", "--master",
                          self.site.primary.name, "--candidate", self.site.standby.name, "--force"),
            env=os.environ | variables("patroni_env.conf", node))
        return self.site.await_promotion()

    def primary_dies(self):
        """PostgreSQL, Patroni and etcd of the machine, in one moment."""
        self.site.primary.power_off()
        return self.site.await_promotion()

    def primary_is_cut_off(self):
        self.site.primary.cut()
        return self.site.await_promotion()

    def standby_dies(self):
        """Commits wait until Patroni takes it from the list."""
        self.site.standby.power_off()
        await_true("standby taken from the list", lambda: self.site.primary.sql(
            "SHOW synchronous_standby_names") == [""], seconds=60)
        return time.monotonic()

    def strike(self, fault, repair=None):
        before, began = len(self.writers.done()), time.monotonic()
        struck = self.site.primary, self.site.standby
        back = fault()
        beyond = self.writers.first_after(back) - back
        if repair is not None:
            repair(*struck)
        self.site.await_whole()
        whole = time.monotonic() - began
        self.writers.rest()
        gap = self.writers.longest_gap(began, time.monotonic())
        acts = self.writers.done()
        with self.site.connect() as owner:
            lost, doubled, wrong = Ledger(owner).compare(acts)
        self.checks.check(
            (lost, doubled, wrong) == (0, 0, 0) and beyond <= BEYOND_MAX_S,
            f"{fault.__name__}: {len(acts) - before} acknowledged, {lost} lost, {doubled} doubled, "
            f"unavailable {gap:.1f} s, of it {beyond:.2f} s after Patroni had done its part; both "
            f"members in step again after {whole:.0f} s")
        self.writers.resume()


def tell_logs():
    for path in sorted(FOLDER.glob("*/*.log")):
        print(f"-- {path}\n" + "\n".join(path.read_text().splitlines()[-15:]), flush=True)


def main():
    if not NAMESPACES:
        print("left out: no namespaces\n0 passed, 0 failed")
        sys.exit(0)
    FOLDER.mkdir(mode=0o711, exist_ok=True)
    try:
        play(Trial())
    except RuntimeError:
        tell_logs()
        raise


def play(trial):
    trial.strike(trial.switchover)
    trial.strike(trial.primary_dies, lambda primary, standby: primary.start())
    for _ in range(2):
        trial.strike(trial.primary_is_cut_off, lambda primary, standby: primary.heal())
    trial.strike(trial.standby_dies, lambda primary, standby: standby.start())
    trial.writers.end()
    trial.checks.done()


if __name__ == "__main__":
    main()
