"""Keys change under load: nobody is refused, nothing becomes unreadable, and a bad file changes
nothing."""

import os
import pathlib
import re
import secrets
import signal
import subprocess
import time

import httpx
import pytest

from harness import BINARY, Server, clean_environment
from site_load import Load, Site, make_and_read


class KeyFile:
    """A key file whose lines a test moves about; renamed into place, as an operator does."""

    def __init__(self, path, **lines):
        self.path, self.lines = pathlib.Path(path), lines
        self.write(*lines)

    def write(self, *ids):
        fresh = self.path.with_suffix(".new")
        fresh.touch(mode=0o600)
        for key in ids:
            self.lines.setdefault(key, secrets.token_hex(32))
        fresh.write_text("".join(f"{key} {self.lines[key]}\n" for key in ids))
        fresh.rename(self.path)


def read_keys(path):
    return KeyFile(path, **dict(line.split() for line in open(path)))


class Keyed(Site):
    """A site and its two key files."""

    def __init__(self, name="keys"):
        super().__init__(name)
        self.master = read_keys(self.cluster.settings["ATBALSTS_MASTER_KEYS"])
        self.tokens = read_keys(self.cluster.settings["ATBALSTS_TOKEN_KEYS"])

    def hang_up(self, event="keys_taken", server=None):
        """SIGHUP, and the log line that says what came of it."""
        server = server or self.server
        before = server.log().count(f'"{event}"')
        server.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if server.log().count(f'"{event}"') > before:
                return
            time.sleep(0.02)
        raise AssertionError(f"no {event} in the log:\n{server.log()[-2000:]}")

    def wrapped_by(self):
        """How many data keys each master key wraps, as the database holds them."""
        with self.cluster.connect() as owner:
            return dict(owner.execute(
                "SELECT convert_from(substring(wrapped FROM 3 FOR get_byte(wrapped, 1)), 'UTF8'),"
                " count(*) FROM data_keys GROUP BY 1").fetchall())

    def key(self, *arguments):
        return subprocess.Popen(
            [str(BINARY), "key", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env=clean_environment(**self.cluster.settings))


@pytest.fixture
def keyed():
    with Keyed() as keyed:
        yield keyed


def test_token_keys_change_under_load_without_a_refused_request_or_a_lost_connection(keyed):
    before, current = keyed.sign_in(), {}
    current["headers"] = before
    with Load(keyed.server.base_url,
              lambda: ("GET", "/v1/me", None, current["headers"], 200)) as load:
        load.more()
        keyed.tokens.write("fresh", "test-1")
        keyed.hang_up()
        after = keyed.sign_in()
        load.more()
        for headers in (before, after):
            assert keyed.get("/v1/me", headers).status_code == 200
        current["headers"] = after
        load.more()
        keyed.tokens.write("fresh")
        keyed.hang_up()
        load.more()
    assert load.failed == []
    refused = keyed.get("/v1/me", before)
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    assert keyed.get("/v1/me", after).status_code == 200
    assert key_info(keyed) == {("token", "fresh", "true"), ("master", "test-1", "true")}


def key_info(keyed):
    metrics = httpx.get(f"{keyed.server.admin_url}/metrics").text
    return set(re.findall(r'^atbalsts_key_info\{kind="(\w+)",id="([\w-]+)",first="(\w+)"\} 1$',
                          metrics, re.M))


def spoil_text(keyed):
    keyed.master.path.write_text("test-1 not hexadecimal\n")


def spoil_rights(keyed):
    os.chmod(keyed.tokens.path, 0o666)


def spoil_blind(keyed):
    keyed.master.lines["blind"] = secrets.token_hex(32)
    keyed.master.write("test-1", "blind")


def spoil_missing(keyed):
    keyed.tokens.path.unlink()


@pytest.mark.parametrize("spoil", [spoil_text, spoil_rights, spoil_blind, spoil_missing])
def test_a_bad_key_file_is_refused_and_the_former_keys_stay(keyed, spoil):
    headers = keyed.sign_in()
    client = keyed.add_client(headers)
    known = key_info(keyed)
    keyed.tokens.write("fresh")
    spoil(keyed)
    keyed.hang_up("keys_refused")
    assert key_info(keyed) == known
    assert keyed.get(f"/v1/clients/{client['id']}", headers).json()["given_name"] == "Sniedze"
    assert keyed.get("/v1/clients?family_name=puce", headers).json()["data"]
    metrics = httpx.get(f"{keyed.server.admin_url}/metrics").text
    assert 'atbalsts_key_reloads_total{result="refused"} 1' in metrics


def test_a_master_key_is_rotated_while_clients_are_made_and_read(keyed):
    headers = keyed.sign_in()
    names = [f"Vārds {chr(ord('a') + i)}" for i in range(12)]
    ids = [keyed.add_client(headers, name)["id"] for name in names]
    keyed.master.write("test-1", "fresh", "blind")
    keyed.hang_up()
    assert set(keyed.wrapped_by()) == {"test-1"}, "the second line only opens"
    with Load(keyed.server.base_url, make_and_read(keyed, headers)) as load:
        load.more(20)
        keyed.master.write("fresh", "test-1", "blind")
        keyed.hang_up()
        made = keyed.add_client(headers)
        rotate = keyed.key("rotate", "--batch", "3")
        output, errors = rotate.communicate(timeout=60)
        assert rotate.returncode == 0, errors
        load.more(20)
    assert load.failed == []
    assert set(keyed.wrapped_by()) == {"fresh"}, "of what is made later, nothing needs a second run"
    assert "fresh wraps" in output and "test-1 wraps none" in output
    assert re.search(r"^wrapped 3 of \d+$", output, re.M)
    keyed.master.write("fresh", "blind")
    keyed.hang_up()
    for name, client in zip(names, ids):
        assert keyed.get(f"/v1/clients/{client}", headers).json()["given_name"] == name
    assert keyed.get(f"/v1/clients/{made['id']}", headers).json()["given_name"] == "Sniedze"


def test_two_replicas_rotate_both_kinds_of_keys_by_the_runbook_s_steps(keyed):
    first, second = keyed.server, Server(keyed.cluster, BASE_URL=keyed.server.base_url)
    headers = keyed.sign_in()
    try:
        with Load(first.base_url, make_and_read(keyed, headers), size=2) as one, \
                Load(second.base_url, make_and_read(keyed, headers), size=2) as other:
            for tokens, master in ((("test-1", "fresh"), ("test-1", "fresh", "blind")),
                                   (("fresh", "test-1"), ("fresh", "test-1", "blind"))):
                keyed.tokens.write(*tokens)
                keyed.master.write(*master)
                keyed.hang_up(server=first)
                # What the first makes now, the second can open before it has the newest files.
                signed, made = keyed.sign_in(), keyed.add_client(headers)
                read = httpx.get(f"{second.base_url}/v1/clients/{made['id']}", headers=signed)
                assert (read.status_code, read.json()["given_name"]) == (200, "Sniedze")
                keyed.hang_up(server=second)
                one.more(10)
                other.more(10)
            assert keyed.key("rotate").wait(timeout=60) == 0
            headers.update(keyed.sign_in())
            one.more(10)
            other.more(10)
            keyed.tokens.write("fresh")
            keyed.master.write("fresh", "blind")
            for server in (first, second):
                keyed.hang_up(server=server)
            one.more(10)
            other.more(10)
        assert one.failed == [] and other.failed == []
        assert set(keyed.wrapped_by()) == {"fresh"}
    finally:
        second.stop()


def test_a_rotation_is_audited_key_by_key_and_leaves_no_event(keyed):
    client = keyed.add_client(keyed.sign_in())
    keyed.master.write("fresh", "test-1", "blind")
    with keyed.cluster.connect() as owner:
        events = owner.execute("SELECT count(*) FROM events").fetchone()
        assert keyed.key("rotate").wait(timeout=60) == 0
        rows = owner.execute(
            "SELECT a.actor, a.action, a.client_id::text, a.client_provider_id IS NOT NULL,"
            " a.fields FROM audit_events a JOIN data_keys k ON k.id = a.row_id"
            " WHERE a.resource = 'data_keys'").fetchall()
        assert rows == [("cli", "update", client["id"], True, ["wrapped"])]
        assert keyed.key("rotate").wait(timeout=60) == 0, "again: nothing is left"
        assert owner.execute("SELECT count(*) FROM audit_events WHERE resource = 'data_keys'"
                             ).fetchone() == (1,)
        assert owner.execute("SELECT count(*) FROM events").fetchone() == events


def test_an_interrupted_rotation_keeps_what_is_done_and_goes_on(keyed):
    headers = keyed.sign_in()
    ids = [keyed.add_client(headers)["id"] for _ in range(8)]
    keyed.master.write("fresh", "test-1", "blind")
    keyed.hang_up()
    # Held at the third key, it cannot have ended by itself.
    with keyed.cluster.connect() as owner, owner.transaction():
        owner.execute("SELECT FROM data_keys WHERE id = (SELECT id FROM data_keys"
                      " ORDER BY id OFFSET 2 LIMIT 1) FOR UPDATE")
        rotate = keyed.key("rotate", "--batch", "1")
        told = [rotate.stdout.readline() for _ in range(3)]
        assert told == ["to wrap by fresh: 8\n", "wrapped 1 of 8\n", "wrapped 2 of 8\n"]
        while owner.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() == (0,):
            time.sleep(0.02)
        rotate.send_signal(signal.SIGINT)
    output, _ = rotate.communicate(timeout=60)
    assert rotate.returncode == 1
    assert output == ("wrapped 3 of 8\n"
                      "interrupted: what is done stays done; run it again for the rest\n")
    assert keyed.wrapped_by() == {"fresh": 3, "test-1": 5}
    assert all(keyed.get(f"/v1/clients/{client}", headers).status_code == 200 for client in ids)
    again = keyed.key("rotate")
    output, _ = again.communicate(timeout=60)
    assert again.returncode == 0 and output.startswith("to wrap by fresh: 5\n")
    assert keyed.wrapped_by() == {"fresh": 8}


def test_status_tells_a_master_key_that_the_file_lacks(keyed):
    keyed.add_client(keyed.sign_in())
    keyed.master.write("fresh", "blind")
    status = keyed.key("status")
    output, _ = status.communicate(timeout=60)
    assert output == "test-1 wraps 1 and is not in the master key file\n"
    assert status.returncode == 1
    rotate = keyed.key("rotate")
    rotate.communicate(timeout=60)
    assert rotate.returncode == 1 and keyed.wrapped_by() == {"test-1": 1}
