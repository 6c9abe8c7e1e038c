"""Faults under a load of writes: nothing acknowledged is lost, nothing is done twice."""

import signal
import threading
import time

from lab import NAMESPACES, Checks, await_true, tell
from installation import Ledger, Site
from writers import Writers

WRITERS = 16
ACTS_WANTED = 10_000
BEYOND_MAX_S = 5.0
CALM_S = 2.0


class Campaign:
    def __init__(self):
        self.site = Site()
        self.writers = Writers([r.base_url for r in self.site.replicas], self.site.tokens(),
                               WRITERS)
        self.checks, self.faults = Checks(), 0
        self.worst = 0.0
        time.sleep(CALM_S)

    # Each fault strikes, and returns when PostgreSQL (or the network, or the process) is whole
    # again; what is beyond that is ours.

    def primary_killed(self):
        self.site.primary.kill()
        return self.promoted()

    def promoted(self):
        tell(f"promotion took {self.site.promote():.2f} s")
        return time.monotonic()

    def rejoin(self):
        """The old primary's data may hold what nobody acknowledged: it is made anew."""
        self.site.standby.kill()
        self.site.join(self.site.standby)

    def backend_killed(self):
        """A crash of one process: PostgreSQL ends all sessions and recovers by itself."""
        primary = self.site.primary
        primary.signal(signal.SIGKILL, primary.sql(
            "SELECT pid FROM pg_stat_activity WHERE usename = 'atbalsts_api' LIMIT 1"))
        time.sleep(0.1)
        await_true("recovered", primary.is_primary)
        return time.monotonic()

    def sessions_terminated(self):
        for _ in range(20):
            self.site.primary.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                  " WHERE usename = 'atbalsts_api'")
            time.sleep(0.1)
        return time.monotonic()

    def primary_cut_and_healed(self):
        return self.cut(self.site.primary)

    def standby_cut_and_healed(self):
        return self.cut(self.site.standby)

    def cut(self, node):
        node.cut()
        time.sleep(8)
        node.heal()
        await_true("heal", lambda: node.sql("SELECT 1"))
        self.site.protect()
        return time.monotonic()

    def primary_cut_and_replaced(self):
        """It comes back as a second primary, which no standby follows, until it is fenced."""
        old = self.site.primary
        old.cut()
        self.promoted()
        time.sleep(4)
        old.heal()
        return self.fenced(old)

    @staticmethod
    def fenced(old):
        """Two primaries at once: the old one acknowledges nothing, and is ended after a while."""
        time.sleep(4)
        old.kill()
        return time.monotonic()

    def primary_hung_and_replaced(self):
        """Its kernel takes connections, its PostgreSQL does not answer any more.

        Each request under way waits to its deadline (STATEMENT_TIMEOUT_MS and a second) first.
        """
        self.site.primary.signal(signal.SIGSTOP)
        time.sleep(3)
        return self.promoted()

    def primary_stopped_and_continued(self):
        return self.stopped(self.site.primary)

    def standby_stopped_and_continued(self):
        return self.stopped(self.site.standby)

    def stopped(self, node):
        node.signal(signal.SIGSTOP)
        time.sleep(8)
        node.signal(signal.SIGCONT)
        self.site.protect()
        return time.monotonic()

    def primary_stopped_replaced_and_continued(self):
        """The worst: two primaries, and the old one was only asleep."""
        old = self.site.primary
        old.signal(signal.SIGSTOP)
        time.sleep(1)
        self.promoted()
        time.sleep(3)
        old.signal(signal.SIGCONT)
        return self.fenced(old)

    def primary_disk_full(self):
        primary = self.site.primary
        primary.fill_disk()
        await_true("PostgreSQL met the full disk", lambda: self.disk_was_met(primary))
        time.sleep(2)
        primary.free_disk()
        if not primary.processes():
            primary.start()
        await_true("recovered", primary.is_primary)
        return time.monotonic()

    @staticmethod
    def disk_was_met(node):
        return "No space left on device" in (node.folder / "log/postgresql.log").read_text()

    def standby_killed_and_started(self):
        self.site.standby.kill()
        time.sleep(1)
        self.site.standby.start()
        self.site.protect()
        return time.monotonic()

    def switchover(self):
        """As an operator does it: the primary stops in peace, the standby has all of it."""
        stopping = threading.Thread(target=self.site.primary.stop)
        stopping.start()
        stopping.join()
        return self.promoted()

    def server_killed(self):
        return self.server_ended(self.site.replicas[0], signal.SIGKILL)

    def other_server_killed(self):
        return self.server_ended(self.site.replicas[1], signal.SIGKILL)

    def both_servers_killed(self):
        """At once; the first is back after its start."""
        for replica in self.site.replicas:
            replica.end(signal.SIGKILL)
        back = time.monotonic()
        for replica in self.site.replicas:
            tell(f"{replica.name} was ready {replica.start():.2f} s after its start")
        return back

    @staticmethod
    def server_ended(replica, number):
        replica.end(number)
        back = time.monotonic()
        time.sleep(1)
        replica.start()
        return back

    def strike(self, fault, repair=None):
        """One fault under load, then a rest in which both sides are compared exactly."""
        before, asked = len(self.writers.done()), sum(self.writers.answers.values())
        began = time.monotonic()
        back = fault()
        beyond = self.writers.first_after(back) - back
        if repair is not None:
            repair()
        time.sleep(CALM_S)
        self.writers.rest()
        gap = self.writers.longest_gap(began, time.monotonic())
        acts = self.writers.done()
        with self.site.connect() as owner:
            lost, doubled, wrong = Ledger(owner).compare(acts)
        self.faults += 1
        self.worst = max(self.worst, beyond)
        requests = sum(self.writers.answers.values()) - asked
        self.checks.check(
            (lost, doubled, wrong) == (0, 0, 0) and beyond <= BEYOND_MAX_S,
            f"{fault.__name__}: {requests} requests, {len(acts) - before} acknowledged, "
            f"{lost} lost, {doubled} doubled, {wrong} wrong, unavailable {gap:.1f} s, "
            f"of it {beyond:.2f} s after PostgreSQL was back")
        self.writers.resume()

    def total(self):
        self.writers.rest()
        acts = self.writers.done()
        with self.site.connect() as owner:
            ledger = Ledger(owner)
        lost, doubled, wrong = ledger.compare(acts)
        (size,) = self.site.primary.sql("SELECT pg_database_size('atbalsts')")
        tell(f"{size / len(ledger.rows) / 1024:.1f} KiB of database for a client with all beside")
        tell("answers:", dict(self.writers.answers.most_common()))
        self.checks.check(not ledger.missing_beside(), "each client has its audit row, event, key "
                          f"and stored answer: {ledger.missing_beside() or ledger.beside}")
        self.checks.check(ledger.numbers_differ(), "no two clients of a provider share a number")
        self.checks.check(
            len(acts) >= ACTS_WANTED and self.faults >= 10 and (lost, doubled, wrong) == (0, 0, 0),
            f"in all {self.faults} faults, {sum(self.writers.answers.values())} requests, "
            f"{len(acts)} acknowledged, {lost} lost, {doubled} doubled; at worst available "
            f"{self.worst:.2f} s after PostgreSQL was")


def main():
    campaign = Campaign()
    campaign.strike(campaign.primary_killed, campaign.rejoin)
    campaign.strike(campaign.backend_killed)
    campaign.strike(campaign.sessions_terminated)
    campaign.strike(campaign.server_killed)
    campaign.strike(campaign.other_server_killed)
    campaign.strike(campaign.both_servers_killed)
    campaign.strike(campaign.standby_killed_and_started)
    campaign.strike(campaign.switchover, campaign.rejoin)
    campaign.strike(campaign.primary_stopped_and_continued)
    campaign.strike(campaign.standby_stopped_and_continued)
    campaign.strike(campaign.primary_hung_and_replaced, campaign.rejoin)
    campaign.strike(campaign.primary_stopped_replaced_and_continued, campaign.rejoin)
    if NAMESPACES:
        campaign.strike(campaign.primary_cut_and_healed)
        campaign.strike(campaign.standby_cut_and_healed)
        campaign.strike(campaign.primary_cut_and_replaced, campaign.rejoin)
        campaign.strike(campaign.primary_disk_full)
    campaign.strike(campaign.primary_killed, campaign.rejoin)
    campaign.total()
    campaign.writers.end()
    campaign.checks.done()


if __name__ == "__main__":
    main()
