"""Backups with pgBackRest: the cluster is destroyed, then restored to a moment, and to the last.

The shipped configuration is used; only its folders are others here.
"""

import shutil
import subprocess
import time

from installation import Ledger, Site
from lab import (FOLDER, ROOT, SETTINGS, Checks, Node, await_true, httpx, own_folder, run,
                 tell)
from writers import Writers

WRITERS = 8
ARCHIVE_TIMEOUT_S = 5  # 60 as shipped; the drill does not wait that long
SAMPLE = 200


class Backups:
    """The repository and the commands, as the account of PostgreSQL runs them."""

    def __init__(self):
        self.folder = FOLDER / "backup"
        own_folder(self.folder)
        for name in ("repo", "spool", "lock", "log", "conf.d"):
            own_folder(self.folder / name)
        shutil.copy(ROOT / "deploy/backup/pgbackrest.conf", self.folder)
        (self.folder / "conf.d/secret.conf").write_text(
            "[global]\nrepo1-cipher-pass=a pass phrase for tests\n")

    def folders(self, node_folder):
        """As variables: on the command line some commands refuse what others need."""
        where = self.folder
        return {"CONFIG": f"{where}/pgbackrest.conf", "CONFIG_INCLUDE_PATH": f"{where}/conf.d",
                "REPO1_PATH": f"{where}/repo", "SPOOL_PATH": f"{where}/spool",
                "LOCK_PATH": f"{where}/lock", "LOG_PATH": f"{where}/log",
                "PG1_PATH": f"{node_folder}/data", "PG1_SOCKET_PATH": f"{node_folder}/s"}

    def command(self, node_folder, *words):
        return ["env", *(f"PGBACKREST_{name}={value}"
                         for name, value in self.folders(node_folder).items()),
                "pgbackrest", "--stanza=atbalsts", *words]

    def settings(self):
        """The shipped ones, with the folders of here."""
        shipped = (ROOT / "deploy/backup/postgresql.conf").read_text()
        command = " ".join(self.command("{folder}", "archive-push %p"))
        return (SETTINGS + shipped.replace("pgbackrest --stanza=atbalsts archive-push %p", command)
                .replace("60s", f"{ARCHIVE_TIMEOUT_S}s"))

    def call(self, node, *words):
        """Seconds that it took."""
        began = time.monotonic()
        node.as_postgres(*self.command(node.folder, *words))
        return time.monotonic() - began

    def size_mib(self):
        return int(run("du", "-sm", self.folder / "repo").split()[0])


class Drill:
    def __init__(self):
        FOLDER.mkdir(mode=0o711)
        self.backups, self.checks = Backups(), Checks()
        Node.settings = self.backups.settings()
        self.site = Site()
        self.urls = [replica.base_url for replica in self.site.replicas]
        self.http = httpx.Client(base_url=self.urls[0], timeout=20)
        self.tokens = self.site.tokens()
        self.writers = Writers(self.urls, self.tokens, WRITERS)
        self.backups.call(self.site.primary, "stanza-create")
        self.backups.call(self.site.primary, "check")
        took = self.backups.call(self.site.primary, "backup", "--type=full")
        tell(f"full backup under load in {took:.1f} s, {self.backups.size_mib()} MiB")

    def destroy(self):
        """Both machines and all that was on their disks."""
        for node in self.site.nodes:
            node.kill()
        for node in self.site.nodes:
            run("rm", "-rf", node.data)
        return time.monotonic()

    def restore(self, *words):
        """On the first host, alone at first: it must not wait for a standby."""
        node = self.site.primary = self.site.nodes[0]
        self.site.standby = self.site.nodes[1]
        own_folder(node.data)
        fetch = " ".join(self.backups.command(node.folder, 'archive-get %f "%p"'))
        took = self.backups.call(node, *words,
                                 f"--recovery-option=restore_command={fetch}", "restore")
        self.start_recovered(node)
        # Else a standby made from it would stop at that target too, and promote itself.
        for name in ("recovery_target_time", "recovery_target_action", "restore_command"):
            node.sql(f"ALTER SYSTEM RESET {name}")
        node.set("synchronous_standby_names", "")
        tell(f"files restored in {took:.1f} s")

    @staticmethod
    def start_recovered(node):
        node.start()
        await_true("recovery done", node.is_primary, seconds=120)

    def to_a_point_in_time(self):
        """Somebody ruins the data; the cluster is brought back to the moment before."""
        time.sleep(4)
        self.writers.rest()
        before = self.writers.done()
        (point,) = self.site.primary.sql("SELECT clock_timestamp()::text")
        time.sleep(0.1)
        self.writers.resume()
        time.sleep(3)
        self.writers.rest()
        after = self.writers.done()[len(before):]
        self.site.primary.sql("TRUNCATE audit_events, case_notes")
        self.await_archive()
        self.checks.check(not self.verified(), "verify.sql finds the ruined audit log")
        began = self.destroy()
        self.restore("--type=time", f"--target={point}", "--target-action=promote")
        self.told_rto(began, "point in time")
        self.site.run("config", "check")
        self.judge(before, f"point in time ({point[:19]})")
        self.repeat(after)
        self.site.join(self.site.standby)
        self.writers.resume()

    def await_archive(self):
        """What a restore to that point needs has left the machine by archive_timeout."""
        (name,) = self.site.primary.sql("SELECT pg_walfile_name(pg_current_wal_lsn())")
        await_true("archived", lambda: self.site.primary.sql(
            f"SELECT 1 FROM pg_stat_archiver WHERE last_archived_wal >= '{name}'"), seconds=60)

    def judge(self, acts, what):
        """No more and no less than these acts, audited, and to be read with the kept keys."""
        with self.site.connect() as owner:
            lost, doubled, wrong = Ledger(owner).compare(acts)
        self.checks.check((lost, doubled, wrong) == (0, 0, 0),
                          f"{what}: {len(acts)} acknowledged, {lost} lost, {doubled} too many, "
                          f"{wrong} wrong")
        self.checks.check(self.verified(), f"{what}: the audit log agrees with the rows")
        opened = sum(self.opens(act) for act in acts[:: max(len(acts) // SAMPLE, 1)][:SAMPLE])
        self.checks.check(opened == min(SAMPLE, len(acts)),
                          f"{what}: {opened} of {SAMPLE} sampled names open with the kept keys")

    def verified(self):
        return subprocess.run(
            ["psql", "--no-psqlrc", "--quiet", "--host", self.site.primary.address, "--username",
             "atbalsts_owner", "--dbname", "atbalsts", "--file",
             ROOT / "deploy/backup/verify.sql"], capture_output=True).returncode == 0

    def opens(self, act):
        answer = self.http.get(f"/v1/clients/{act.id}", headers={
            "Authorization": f"Bearer {self.tokens[act.writer]}"})
        return answer.status_code == 200 and answer.json()["family_name"] == act.family_name

    def repeat(self, acts):
        """What was acknowledged after the point: whoever still has it repeats it, key and all."""
        connection = self.writers.connect(self.writers.urls[0])
        made = 0
        for act in acts:
            told, body = act.send(connection, self.tokens[act.writer])
            made += told == 201
            act.id = body.get("id")
        with self.site.connect() as owner:
            lost, doubled, _ = Ledger(owner).compare(self.writers.done())
        self.checks.check(made == len(acts) and (lost, doubled) == (0, 0),
                          f"{made} later acts of {len(acts)} repeated by who still had them: "
                          f"{lost} lost, {doubled} doubled")

    def told_rto(self, began, what):
        """The servers were never restarted: they find the database themselves."""
        await_true("servers ready", lambda: all(r.is_ready() for r in self.site.replicas))
        took = time.monotonic() - began
        self.checks.check(took < 120, f"{what}: RTO {took:.1f} s from the loss of both machines "
                          "until both servers were ready")

    def to_the_last(self):
        """Both machines burn in the middle of the load; only the archive is left."""
        took = self.backups.call(self.site.primary, "backup", "--type=diff")
        tell(f"differential backup under load in {took:.1f} s")
        time.sleep(ARCHIVE_TIMEOUT_S * 2)
        began = self.destroy()
        acts = self.writers.done()
        self.writers.end()
        self.restore("--type=default")
        self.told_rto(began, "only the archive left")
        with self.site.connect() as owner:
            rows = Ledger(owner).rows
        kept = [act for act in acts if act.id in rows]
        moments = dict((act.id, at) for at, act in self.writers.acknowledged)
        newest = max(moments[act.id] for act in kept)
        rpo = began - newest
        older = [act for act in acts if act.id not in rows and moments[act.id] < newest - 1]
        self.checks.check(rpo <= ARCHIVE_TIMEOUT_S + 5 and not older,
                          f"only the archive left: RPO {rpo:.1f} s with archive_timeout "
                          f"{ARCHIVE_TIMEOUT_S} s: of {len(acts)} acknowledged the last "
                          f"{len(acts) - len(kept)} are gone, none from before")
        self.judge_rest(kept, rows)

    def judge_rest(self, kept, rows):
        """Acts under way may have been written and not acknowledged: at most one for a writer."""
        self.checks.check(0 <= len(rows) - len(kept) <= WRITERS,
                          f"{len(rows) - len(kept)} rows of acts that were under way")
        self.site.join(self.site.standby)
        self.checks.check(all(self.opens(act) for act in kept[-20:]), "the last names open")


def main():
    drill = Drill()
    drill.to_a_point_in_time()
    drill.to_the_last()
    drill.checks.done()


if __name__ == "__main__":
    main()
