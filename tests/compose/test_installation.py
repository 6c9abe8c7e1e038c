"""What docker-compose.yml starts: closed to the outside, and as narrow as it says."""

import json
import re
import subprocess

import pytest
from stack import COMPOSE, OPTIONS, ROOT, run
from test_readme import ACCOUNTS, BASE, differences, given_answers, walk

ORIGINS = OPTIONS["ATBALSTS_ALLOWED_ORIGINS"].split(",")
POSTGRES_NEEDS = {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"}


def settings(stack, service):
    """{option: value} in force in a container, as the binary tells them; secrets are (set)."""
    told = run("docker", "exec", stack.container(service), "/usr/bin/atbalsts", "config", "dump")
    return dict(re.findall(r"^ATBALSTS_(\w+)(?:=| )(.*?)  # ", told, re.M))


@pytest.mark.parametrize("service", ["api-1", "api-2"])
def test_what_env_says_is_in_force_and_else_the_binarys_default(stack, service):
    given = settings(stack, service)
    for option, value in OPTIONS.items():
        assert given[option.removeprefix("ATBALSTS_")] == value
    text = (ROOT / "internal/core/config.def").read_text()
    numbers = dict(re.findall(r'^OPTION_NUMBER\(\w+, "(\w+)", (\d+)', text, re.M))
    assert given["LOG_LEVEL"] == "info" and len(numbers) > 5
    for option in numbers.keys() - {name.removeprefix("ATBALSTS_") for name in OPTIONS}:
        assert given[option] == numbers[option], option


@pytest.mark.parametrize("origin, allowed", [(ORIGINS[0], True), (ORIGINS[1], True),
                                             ("https://evil.example", False), ("null", False)])
def test_only_origins_that_env_names_may_read_answers(stack, http, origin, allowed):
    headers = {"Origin": origin}
    asked = {"Access-Control-Request-Method": "POST",
             "Access-Control-Request-Headers": "authorization"}
    for answer in (http.get("/v1/me", headers=headers),
                   http.options("/v1/sessions", headers=headers | asked)):
        told = answer.headers.get("Access-Control-Allow-Origin")
        assert told == (origin if allowed else None), answer.request.method


def test_only_the_proxy_is_published(stack):
    published = {service: ports for service, one in stack.containers().items()
                 if (ports := one["HostConfig"]["PortBindings"])}
    assert list(published) == ["proxy"]
    assert [binding["HostPort"] for binding in published["proxy"]["8443/tcp"]] == [str(stack.port)]


def test_each_container_has_the_least_it_can_run_with(stack):
    for service, one in stack.containers().items():
        host = one["HostConfig"]
        assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"], service
        assert "no-new-privileges:true" in host["SecurityOpt"], service
        assert host["Memory"] > 0 and not host["Privileged"], service
        assert host["LogConfig"]["Config"]["max-size"] == "20m", service
        added = {name.removeprefix("CAP_") for name in host["CapAdd"] or []}
        assert added == (POSTGRES_NEEDS if service == "postgres" else set()), service


@pytest.mark.parametrize("service", ["proxy", "api-1", "api-2", "postgres"])
def test_what_serves_has_no_rights_left(stack, service):
    """By the kernel's word for the running process, not by the configuration's."""
    pid = stack.containers()[service]["State"]["Pid"]
    with open(f"/proc/{pid}/status") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    assert int(status["CapEff"], 16) == 0
    assert status["NoNewPrivs"] == "1"
    assert "0" not in status["Uid"].split()


def test_no_password_and_no_key_stands_in_an_environment(stack):
    secrets = [path.read_text().split()[-1] for path in (stack.folder / "secrets").rglob("*")
               if path.suffix in (".password", ".keys")]
    assert len(secrets) >= 7
    for service, one in stack.containers().items():
        told = json.dumps([one["Config"]["Env"], one["Config"]["Cmd"], one["Args"]])
        assert not any(secret in told for secret in secrets), service
        assert not any(secret in stack.log(service) for secret in secrets), service


def test_only_who_needs_a_secret_has_it(stack):
    def held(service):
        return {mount["Destination"].removeprefix("/run/").removeprefix("secrets/")
                for mount in stack.containers()[service]["Mounts"]
                if mount["Destination"].startswith("/run/")}

    assert held("proxy") == {"proxy_crt", "proxy_key"}
    assert held("api-1") == held("api-2") == {"database", "keys", "ca"}
    assert held("migrate") == {"owner_database", "ca"}
    assert "keys" not in held("postgres")


def test_the_database_speaks_tls_and_scram_only(stack):
    rows = stack.psql("SELECT usename, ssl, version FROM pg_stat_ssl"
                      " JOIN pg_stat_activity USING (pid) WHERE client_addr IS NOT NULL").split()
    assert rows and set(rows) == {"atbalsts_api|t|TLSv1.3"}
    hashes = stack.psql("SELECT count(*) FROM pg_authid WHERE rolcanlogin"
                        " AND rolpassword NOT LIKE 'SCRAM-SHA-256$%'")
    assert hashes == "0"


def test_the_database_takes_each_pool_twice(stack):
    """What the runbook asks for: writers that wait for a standby keep their connections."""
    pools = sum(int(settings(stack, service)["POOL_SIZE"]) + 1 for service in ("api-1", "api-2"))
    assert int(stack.psql("SHOW max_connections")) >= 2 * pools + 20


def test_what_must_be_set_is_asked_for(stack):
    nothing = stack.folder / "nothing"
    nothing.touch()
    done = subprocess.run([*COMPOSE, "--env-file", str(nothing), "config"], cwd=ROOT,
                          env=stack.environment, capture_output=True, text=True)
    assert done.returncode != 0
    assert "run deploy/secrets.sh first" in done.stderr


def test_the_secrets_are_never_made_again(stack):
    def contents():
        return {path: path.read_bytes() for path in (stack.folder / "secrets").rglob("*")
                if path.is_file()}

    before = contents()
    run("bash", ROOT / "deploy/secrets.sh", stack.host, stack.folder / "secrets")
    assert before == contents() and len(before) >= 14
    assert (stack.folder / "secrets").stat().st_mode & 0o777 == 0o700


def test_a_client_cannot_choose_the_address_it_is_known_by(stack, http):
    """Each failed sign-in counts for the account and the address: spoofed ones are one address."""
    for number in range(3):
        spoofed = f"203.0.113.{number}"
        answer = http.post("/v1/sessions", json={"email": f"nobody{number}@example.org",
                                                 "password": "nav pareiza parole"},
                           headers={"X-Real-IP": spoofed, "X-Forwarded-For": spoofed,
                                    "Forwarded": f"for={spoofed}"})
        assert answer.status_code == 401
    assert stack.psql("SELECT count(*) FROM sign_in_attempts WHERE kind = 'address'",
                      database="atbalsts") == "1"


def test_the_readmes_walk_holds_through_tls_and_the_proxy(stack):
    """The same blocks that tests/api runs against a bare server."""
    accounts = stack.folder / "accounts"
    accounts.write_text("".join(f"{email} {password}\n" for email, password in stack.accounts()))
    commands = "".join(block + "echo '\x1e'\n" for block, _ in walk())
    assert BASE in commands and ACCOUNTS in commands
    commands = commands.replace(BASE, f"BASE={stack.base_url}\n")
    commands = commands.replace(ACCOUNTS, f"cat {accounts}")
    done = subprocess.run(["bash", "-eu"], input=commands, capture_output=True, text=True, cwd=ROOT,
                          env=stack.environment | {"CURL_CA_BUNDLE": str(stack.ca),
                                                   "LC_ALL": "C.UTF-8"}, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    blocks = done.stdout.split("\x1e\n")[:-1]
    assert len(blocks) == len(walk()) >= 10
    for (block, expected), printed in zip(walk(), blocks):
        given = given_answers(printed)
        assert len(given) == len(expected), f"{block}\nprinted\n{printed}"
        wrong = [text for pair in zip(expected, given)
                 for text in differences(list(pair[0]), list(pair[1]))]
        assert not wrong, "\n".join([block, *wrong])
