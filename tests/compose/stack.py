"""docker-compose.yml under a project name of its own: keys, network and port are this run's."""

import json
import os
import pathlib
import random
import re
import shutil
import ssl
import subprocess
import sys
import time

import httpx

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "api"))

from harness import PLACE, ROOT, clean_environment, free_ports  # noqa: E402

COMPOSE = os.environ.get("COMPOSE", "docker-compose").split()
PROJECT = "atbalsts-compose-"
IMAGES = {"ATBALSTS_IMAGE": "atbalsts:test", "ATBALSTS_PROXY_IMAGE": "atbalsts-proxy:test",
          "ATBALSTS_PROMETHEUS_IMAGE": "atbalsts-prometheus:test"}
# Told by .env as an operator does; of the others the binary's own defaults hold.
OPTIONS = {"ATBALSTS_ALLOWED_ORIGINS": "https://app.example,https://other.example",
           "ATBALSTS_TOKEN_LIFETIME_S": "900"}


def run(*command, text=True, **options):
    """What it writes on standard output; a failure shows all that it wrote."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=text,
                          **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n"
                           f"{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout


def new_client(family_name):
    return {"given_name": "Ilze", "family_name": family_name, "birth_date": "1994-06-15",
            "citizenship": "LV", "current_country": "IE", "referrer": "embassy",
            "first_contact_on": "2018-01-08"}


def of_project(kind, name):
    """Ids of containers, volumes or networks that belong to a project."""
    listing = ("docker", "ps", "--all") if kind == "container" else ("docker", kind, "ls")
    return run(*listing, "--quiet", "--filter", f"label=com.docker.compose.project={name}").split()


class Stack:
    def __init__(self):
        self.remove_abandoned()
        self.project = f"{PROJECT}{os.getpid()}"
        self.folder = PLACE / self.project
        self.folder.mkdir(mode=0o700)
        (self.port,) = free_ports(1)
        self.host = "localhost"
        self.base_url = f"https://{self.host}:{self.port}"
        self.net = f"172.31.{random.randrange(250)}"
        # The profile demo is one that .env names; the others are started later, by name.
        settings = IMAGES | OPTIONS | {
            "ATBALSTS_HOST": self.host, "ATBALSTS_PORT": self.port, "ATBALSTS_NET": self.net,
            "ATBALSTS_SECRETS": self.folder / "secrets", "ATBALSTS_BUILD_NETWORK": "host",
            "COMPOSE_PROFILES": "demo"}
        file = self.folder / "env"
        file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        self.command = [*COMPOSE, "--env-file", str(file)]
        self.environment = clean_environment(
            COMPOSE_PROJECT_NAME=self.project, DOCKER_BUILDKIT="0", COMPOSE_HTTP_TIMEOUT="300")
        run("bash", ROOT / "deploy/secrets.sh", self.host, self.folder / "secrets")
        self.ca = self.folder / "secrets/ca.crt"

    @staticmethod
    def remove_abandoned():
        """What test runs that were killed have left."""
        for folder in PLACE.glob(f"{PROJECT}*"):
            if pathlib.Path("/proc", folder.name.removeprefix(PROJECT)).exists():
                continue
            for kind in ("container", "volume", "network"):
                for one in of_project(kind, folder.name):
                    run("docker", kind, "rm", *(["--force"] if kind != "network" else []), one)
            shutil.rmtree(folder)

    def install(self):
        """The runbook's one command where no image of ours is. Layers stay, as a cache."""
        for image in IMAGES.values():
            if run("docker", "image", "ls", "--quiet", image):
                run("docker", "image", "rm", "--force", "--no-prune", image)
        self.compose("up", "-d", "--build")

    def compose(self, *arguments):
        return run(*self.command, *arguments, cwd=ROOT, env=self.environment)

    def up(self, *profiles):
        self.compose(*(word for name in profiles for word in ("--profile", name)), "up", "-d")

    def container(self, service):
        """Its id, whatever this compose calls it."""
        return run("docker", "ps", "--all", "--quiet", "--no-trunc",
                   "--filter", f"label=com.docker.compose.project={self.project}",
                   "--filter", f"label=com.docker.compose.service={service}").strip()

    def containers(self):
        """What the engine says of each, by service."""
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one
                for one in json.loads(run("docker", "inspect",
                                      *of_project("container", self.project)))}

    def log(self, service):
        done = subprocess.run(["docker", "logs", self.container(service)], capture_output=True)
        return (done.stdout + done.stderr).decode(errors="replace")

    def wait(self, service, wanted, seconds=60):
        """Until its state (exited, running) or health (healthy) is the wanted one."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            state = self.containers().get(service, {"State": {"Status": "missing"}})["State"]
            if wanted in (state["Status"], state.get("Health", {}).get("Status")):
                return state
            time.sleep(0.2)
        raise RuntimeError(f"{service} is not {wanted}: {state}\n{self.log(service)[-3000:]}")

    def psql(self, statement, service="postgres", database="postgres"):
        return run("docker", "exec", "--user", "postgres", self.container(service), "psql",
                   "-qAtc", statement, database).strip()

    def tls(self):
        return ssl.create_default_context(cafile=str(self.ca))

    def sign_in(self, email):
        """Headers of a session of a demo account."""
        answer = httpx.post(f"{self.base_url}/v1/sessions", verify=self.tls(), timeout=30,
                            json={"email": email, "password": dict(self.accounts())[email]})
        answer.raise_for_status()
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def accounts(self):
        """E-mail and password of each demo account, as the service demo printed them."""
        return re.findall(r"^(\S+@\S+) (\S+) ", self.log("demo"), re.M)

    def down(self):
        self.compose("--profile", "demo", "--profile", "monitoring", "--profile", "ha",
                     "down", "--volumes", "--remove-orphans", "--timeout", "30")
        shutil.rmtree(self.folder)
