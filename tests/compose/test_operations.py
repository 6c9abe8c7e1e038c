"""The runbook's steps on a running installation: the first account, and the keys."""

import os
import re
import secrets
import subprocess
import time

import httpx
from stack import ROOT, new_client

REPLICAS = ("api-1", "api-2")


def run_once(stack, service, *words, given=""):
    """docker compose run, as the runbook has it: what it prints."""
    done = subprocess.run([*stack.command, "run", "--rm", "-T", service, *words], cwd=ROOT,
                          env=stack.environment, input=given, capture_output=True, timeout=120,
                          text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def key_info(stack, service):
    """Kind, id and whether it is the first, of each key that a replica has."""
    number = {"api-1": 11, "api-2": 12}[service]
    told = httpx.get(f"http://{stack.net}.{number}:8081/metrics").text
    return set(re.findall(r'^atbalsts_key_info\{kind="(\w+)",id="([\w-]+)",first="(\w+)"\} 1$',
                          told, re.M))


def take(stack, name, text, wanted):
    """A changed key file, and SIGHUP: until each replica has it, in the container it had before."""
    before = [stack.containers()[service]["State"]["Pid"] for service in REPLICAS]
    path = stack.folder / "secrets/keys" / name
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    os.chmod(fresh, 0o444)
    fresh.rename(path)
    stack.compose("kill", "-s", "HUP", *REPLICAS)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(key_info(stack, one) != wanted for one in REPLICAS):
        time.sleep(0.1)
    assert [key_info(stack, one) for one in REPLICAS] == [wanted, wanted]
    assert [stack.containers()[service]["State"]["Pid"] for service in REPLICAS] == before


def test_the_first_account_is_made_and_signs_in(stack):
    password = secrets.token_urlsafe(18)
    run_once(stack, "migrate", "user", "add", "--email", "first@example.org", "--name", "First",
             "--role", "system_admin", "--password-file", "-", given=password + "\n")
    answer = httpx.post(f"{stack.base_url}/v1/sessions", verify=stack.tls(), timeout=30,
                        json={"email": "first@example.org", "password": password})
    assert answer.status_code == 201, answer.text


def test_the_master_key_is_rotated_while_both_replicas_serve(stack):
    path = stack.folder / "secrets/keys/master.keys"
    old, blind = path.read_text().splitlines()
    new = run_once(stack, "demo", "key", "new", "k2").strip()
    token = ("token", "t1", "true")
    with httpx.Client(base_url=stack.base_url, verify=stack.tls(), timeout=30,
                      headers=stack.sign_in("worker@marta.example")) as client:
        made = client.post("/v1/clients", json=new_client("Osis"),
                           headers={"Idempotency-Key": "rotate"})
        assert made.status_code == 201
        take(stack, "master.keys", f"{old}\n{new}\n{blind}\n",
             {token, ("master", "k1", "true"), ("master", "k2", "false")})
        take(stack, "master.keys", f"{new}\n{old}\n{blind}\n",
             {token, ("master", "k2", "true"), ("master", "k1", "false")})
        told = run_once(stack, "demo", "key", "rotate") + run_once(stack, "demo", "key", "status")
        assert re.search(r"\bk2\b", told), told
        take(stack, "master.keys", f"{new}\n{blind}\n", {token, ("master", "k2", "true")})
        read = client.get(made.headers["location"])
        assert (read.status_code, read.json()["family_name"]) == (200, "Osis")
