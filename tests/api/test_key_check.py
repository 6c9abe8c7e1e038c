"""A master key file is tried on what it must open: a right name with another secret is refused."""

import contextlib
import hashlib
import json
import secrets
import signal
import subprocess
import time

import httpx
import psycopg
import pytest

from harness import BINARY, ROOT, Server, clean_environment
from test_keys import Keyed

FIRST, SECOND = "test-1", "test-2"
# What is wrong with the file, and the ids that are told.
WRONG = {
    "the first key has another secret": (SECOND, ()),
    "a second key that wraps some rows has another secret": (FIRST, ()),
    "blind has another secret": ("blind", ()),
    "a key that wraps rows is missing": (FIRST, (FIRST,)),
    "all keys have other secrets": ((FIRST, SECOND, "blind"), ()),
}


@pytest.fixture(scope="module")
def keyed():
    """Data keys of test-1 and of test-2, which wraps what is made from now on."""
    with Keyed("tried") as keyed:
        headers = keyed.sign_in()
        keyed.add_client(headers)
        keyed.add_client(headers)
        keyed.master.write(SECOND, FIRST, "blind")
        keyed.hang_up()
        keyed.add_client(headers)
        assert keyed.wrapped_by() == {FIRST: 2, SECOND: 1}
        yield keyed


def lines_of(keyed, wrong):
    changed, missing = WRONG[wrong]
    changed = (changed,) if isinstance(changed, str) else changed
    return {key: keyed.master.lines[key] if key not in changed else secrets.token_hex(32)
            for key in (SECOND, FIRST, "blind") if key not in missing}


def told_ids(wrong):
    changed, missing = WRONG[wrong]
    return missing or ((changed,) if isinstance(changed, str) else changed)


@pytest.fixture(params=WRONG)
def wrong(request, keyed, tmp_path):
    """A wrong file: its path, its text and the ids that must be told."""
    lines = lines_of(keyed, request.param)
    path = tmp_path / "wrong.keys"
    path.touch(mode=0o600)
    path.write_text("".join(f"{key} {secret}\n" for key, secret in lines.items()))
    return path, told_ids(request.param)


def state(keyed):
    """What a command under wrong keys must leave alone."""
    with keyed.cluster.connect() as owner:
        return owner.execute("SELECT (SELECT array_agg(wrapped ORDER BY id) FROM data_keys),"
                             " (SELECT count(*) FROM clients),"
                             " (SELECT array_agg(k ORDER BY k.id) FROM key_fingerprints k)"
                             ).fetchone()


def run(keyed, path, *arguments, **more):
    settings = keyed.cluster.settings | {"ATBALSTS_MASTER_KEYS": str(path)} | more
    done = subprocess.run([str(BINARY), *arguments], capture_output=True, text=True, timeout=20,
                          env=clean_environment(**settings))
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("command", [
    ("config", "check"), ("key", "status"), ("key", "rotate"), ("demo", "--clients", "1"),
    ("serve",)], ids=" ".join)
def test_a_command_refuses_keys_that_do_not_open_and_lists_them(keyed, wrong, command):
    path, ids = wrong
    before = state(keyed)
    free = {"ATBALSTS_LISTEN": "127.0.0.1:0", "ATBALSTS_ADMIN_LISTEN": "127.0.0.1:0"}
    status, output, errors = run(keyed, path, *command, **free)
    assert status == 1, output + errors
    assert "master_keys_mismatch" in errors
    for key in (FIRST, SECOND, "blind"):
        assert (f"\n  {key}: " in errors) == (key in ids), errors
    assert state(keyed) == before
    if command == ("key", "status"):
        assert verdicts(output) == {key: verdict(key, ids, path) for key in (FIRST, SECOND)}


def verdicts(output):
    return dict(line.split(" wraps ", 1) for line in output.splitlines() if "none" not in line)


def verdict(key, ids, path):
    count = {FIRST: "2", SECOND: "1"}[key]
    if key not in path.read_text():
        return f"{count} and is not in the master key file"
    return f"{count} and does not open them" if key in ids else count


def test_sighup_refuses_keys_that_do_not_open_and_the_former_stay(keyed, wrong):
    path, ids = wrong
    headers = keyed.sign_in()
    right = keyed.master.path.read_text()
    keyed.master.path.write_text(path.read_text())
    try:
        keyed.hang_up("keys_refused")
    finally:
        keyed.master.path.write_text(right)
    line = next(json.loads(line) for line in reversed(keyed.server.log().splitlines())
                if '"master_keys_mismatch"' in line)
    assert sorted(line["what"].split(", ")) == sorted(ids)
    made = keyed.add_client(headers)
    assert keyed.get(f"/v1/clients/{made['id']}", headers).json()["given_name"] == "Sniedze"
    assert keyed.get("/v1/clients?family_name=puce", headers).json()["data"]


def test_the_right_file_passes_everywhere(keyed):
    for command in (("config", "check"), ("key", "status")):
        status, output, errors = run(keyed, keyed.master.path, *command)
        assert status == 0, output + errors


def test_a_single_damaged_data_key_shuts_nobody_out(keyed):
    with keyed.cluster.connect() as owner, damaged_key(owner, FIRST):
        status, output, errors = run(keyed, keyed.master.path, "config", "check")
        assert status == 0, output + errors


@contextlib.contextmanager
def damaged_key(owner, master):
    """The oldest of those that the master key wraps, where there is another."""
    (oldest, wrapped), _, *_ = owner.execute(
        "SELECT id, wrapped FROM data_keys WHERE master_key_of(wrapped) = %s ORDER BY id",
        [master]).fetchall()
    owner.execute("UPDATE data_keys SET wrapped = %s WHERE id = %s",
                  [wrapped[:-1] + bytes([wrapped[-1] ^ 1]), oldest])
    try:
        yield
    finally:
        owner.execute("UPDATE data_keys SET wrapped = %s WHERE id = %s", [wrapped, oldest])


# The first start


@pytest.fixture
def fresh():
    with Keyed() as keyed:
        yield keyed


@pytest.mark.parametrize("line", [FIRST, "blind"])
def test_the_fingerprints_of_the_first_start_hold_before_anything_is_sealed(fresh, line, tmp_path):
    """Two replicas that were given different files of the same names."""
    path = tmp_path / "other.keys"
    path.touch(mode=0o600)
    lines = fresh.master.lines | {line: secrets.token_hex(32)}
    path.write_text("".join(f"{key} {secret}\n" for key, secret in lines.items()))
    status, output, errors = run(fresh, path, "config", "check")
    assert status == 1 and f"\n  {line}: " in errors, output + errors


def test_a_new_key_is_remembered_when_it_begins_to_wrap(fresh):
    fresh.master.write(FIRST, "later", "blind")
    fresh.hang_up()
    assert fingerprints(fresh) == {"blind", FIRST}, "a second line may still be corrected"
    fresh.master.write("later", FIRST, "blind")
    fresh.hang_up()
    assert fingerprints(fresh) == {"blind", FIRST, "later"}
    fresh.master.lines["later"] = secrets.token_hex(32)
    fresh.master.write("later", FIRST, "blind")
    fresh.hang_up("keys_refused")


def fingerprints(keyed):
    with keyed.cluster.connect() as owner:
        return {row[0] for row in owner.execute("SELECT id FROM key_fingerprints")}


def test_a_fingerprint_that_is_gone_is_not_made_anew_beside_data_keys(fresh):
    fresh.add_client(fresh.sign_in())
    with fresh.cluster.connect() as owner:
        owner.execute("DELETE FROM key_fingerprints")
    for command in (("config", "check"), ("key", "rotate"), ("serve",)):
        status, output, errors = run(fresh, fresh.master.path, *command)
        assert status == 1, output + errors
        assert "\n  blind: " in errors and f"\n  {FIRST}: " in errors
    fresh.hang_up("keys_refused")
    assert fingerprints(fresh) == set()


def test_a_forged_fingerprint_does_not_make_a_wrong_key_right(fresh, tmp_path):
    fresh.add_client(fresh.sign_in())
    path, secret = tmp_path / "forged.keys", secrets.token_hex(32)
    path.touch(mode=0o600)
    path.write_text(f"{FIRST} {secret}\nblind {fresh.master.lines['blind']}\n")
    forged = hashlib.blake2b(b"key_fingerprint\0" + FIRST.encode(), digest_size=32,
                             key=bytes.fromhex(secret)).digest()
    with fresh.cluster.connect() as owner:
        owner.execute("UPDATE key_fingerprints SET fingerprint = %s WHERE id = %s",
                      [forged, FIRST])
    status, output, errors = run(fresh, path, "config", "check")
    assert status == 1 and f"\n  {FIRST}: This line's secret does not open" in errors, output


@pytest.mark.parametrize("statement", [
    "INSERT INTO key_fingerprints (id, fingerprint) VALUES ('blind', sha256('x'))",
    "UPDATE key_fingerprints SET fingerprint = sha256('x')",
    "DELETE FROM key_fingerprints",
    "TRUNCATE key_fingerprints"])
def test_the_api_s_own_role_cannot_replace_a_fingerprint(fresh, statement):
    with fresh.cluster.connect("atbalsts_api") as api:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            api.execute(statement)
        api.execute("SELECT key_remember('blind', sha256('x'))")
        assert api.execute("SELECT count(*) FROM key_fingerprints"
                           " WHERE fingerprint = sha256('x')").fetchone() == (0,)


# A database that comes later


def test_keys_that_cannot_be_tried_are_not_taken(fresh):
    fresh.master.write("later", FIRST, "blind")
    database(fresh.cluster, "stop")
    try:
        fresh.hang_up("keys_refused")
    finally:
        database(fresh.cluster, "start")
    fresh.hang_up()
    fresh.add_client(fresh.sign_in())
    assert fresh.wrapped_by() == {"later": 1}


def test_wrong_keys_seal_nothing_when_the_database_comes_after_the_start(fresh):
    headers = fresh.sign_in()
    fresh.add_client(headers)
    right = fresh.master.path.read_text()
    fresh.master.lines[FIRST] = secrets.token_hex(32)
    fresh.master.write(FIRST, "blind")
    database(fresh.cluster, "stop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Server, "wait_ready", lambda self: None)
        server = Server(fresh.cluster, POOL_WAIT_MS=500, BASE_URL=fresh.server.base_url)
    try:
        database(fresh.cluster, "start")
        wait_for(lambda: '"master_keys_mismatch"' in server.log())
        assert httpx.get(f"{server.admin_url}/health/ready", timeout=30).status_code == 503
        refused = httpx.post(f"{server.base_url}/v1/clients", timeout=30,
                             headers=headers | {"Idempotency-Key": "once"},
                             json={"given_name": "Ilze"})
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert int(refused.headers["retry-after"]) >= 1
        assert sum(fresh.wrapped_by().values()) == 1
        fresh.master.path.write_text(right)
        server.process.send_signal(signal.SIGHUP)
        server.wait_ready()
        assert httpx.get(f"{server.base_url}/v1/clients", headers=headers,
                         timeout=30).status_code == 200
    finally:
        server.stop()


def database(cluster, command):
    subprocess.run(["bash", str(ROOT / "deploy/cluster.sh"), command, str(cluster.folder)],
                   check=True, env=clean_environment())


def wait_for(happens, seconds=20):
    deadline = time.monotonic() + seconds
    while not happens() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert happens()
