"""Each option of the binary reaches what docker-compose.yml starts: from .env, or fixed."""

import re
import shutil
import subprocess

import pytest
import yaml

from harness import ROOT, clean_environment
from options import OWNERS, SECRETS, option, options

# Fixed in docker-compose.yml, for each hangs together with the rest of that file.
FIXED = {"LISTEN": "the proxy and Prometheus ask there", "ADMIN_LISTEN": "as LISTEN",
         "BASE_URL": "of ATBALSTS_HOST and ATBALSTS_PORT",
         "TRUSTED_PROXIES": "the proxy's address, of ATBALSTS_NET"}
LINE = re.compile(r"^(#?)([A-Z_]+)=(.*)$", re.M)


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def example():
    """{name: (is a comment, value)} of .env.example."""
    lines = LINE.findall((ROOT / ".env.example").read_text())
    assert len(lines) == len({name for _, name, _ in lines}) > 10
    return {name: (hidden == "#", value) for hidden, name, value in lines}


def passed():
    return options().keys() - SECRETS - OWNERS - FIXED.keys()


@pytest.mark.parametrize("service, more", [("api-1", set()), ("api-2", set()), ("demo", OWNERS)])
def test_each_option_reaches_the_service(compose, service, more):
    environment = compose["services"][service]["environment"]
    given = {option(variable): value for variable, value in environment.items()}
    assert given.keys() == SECRETS | FIXED.keys() | passed() | more
    # Without a value: from .env, or not set at all, so that the binary's default holds.
    assert {name for name, value in given.items() if value is None} == passed()


def test_the_example_names_each_option_with_the_binarys_default(example):
    known = options()
    for name in passed():
        assert example[f"ATBALSTS_{name}"] == (True, known[name] or ""), name


def test_the_example_names_what_compose_reads_and_nothing_else(compose, example):
    text = (ROOT / "docker-compose.yml").read_text()
    read = dict(re.findall(r"\$\{(\w+)(?::-([^}]*))?", text))
    read |= {name: "" for name in ("ATBALSTS_HOST", "ATBALSTS_PORT", "ATBALSTS_SECRETS")}
    assert example.keys() == read.keys() | {f"ATBALSTS_{name}" for name in passed()} | {
        "COMPOSE_PROFILES"}
    for name, default in read.items():
        assert default == "" or example[name] == (True, default), name
    assert {name for name, (hidden, _) in example.items() if not hidden} == {
        "ATBALSTS_HOST", "ATBALSTS_PORT", "ATBALSTS_SECRETS"}


def test_the_example_is_committed_and_what_is_made_of_it_is_not():
    ignored = [subprocess.run(["git", "check-ignore", "--no-index", "--quiet", name], cwd=ROOT)
               .returncode == 0 for name in (".env", ".env.example")]
    assert ignored == [True, False]


def test_the_secrets_script_makes_env_of_the_example_once(tmp_path):
    (tmp_path / "deploy").mkdir()
    shutil.copy(ROOT / "deploy/secrets.sh", tmp_path / "deploy")
    shutil.copy(ROOT / ".env.example", tmp_path)

    def make(host):
        subprocess.run(["bash", "deploy/secrets.sh", host], cwd=tmp_path, check=True,
                       env=clean_environment(), capture_output=True)
        return (tmp_path / ".env").read_text()

    example = (ROOT / ".env.example").read_text()
    assert make("a.example") == example.replace("HOST=localhost", "HOST=a.example")
    assert make("b.example") == make("a.example"), "changes there are the operator's"


def test_a_stop_and_the_threads_have_room_for_the_defaults(compose):
    known, service = options(), compose["services"]["api-1"]
    grace = re.fullmatch(r"\$\{ATBALSTS_STOP_GRACE:-(\d+)s\}", service["stop_grace_period"])
    assert int(grace[1]) >= int(known["STOP_DELAY_S"]) + int(known["DRAIN_S"]) + 5
    assert service["pids_limit"] >= int(known["CONNECTION_LIMIT"]) + 100
    assert service["ulimits"]["nofile"] >= 2 * int(known["CONNECTION_LIMIT"])


def test_the_image_is_built_before_anything_looks_for_it(compose):
    """docker-compose 1.29 goes by depends_on, and pulls what was not built until then."""
    services = compose["services"]
    image = services["migrate"]["image"]
    users = {name for name, one in services.items() if one["image"] == image}
    assert [name for name in users if "build" in services[name]] == ["migrate"]
    assert {"api-1", "api-2", "demo", "migrate"} == users
    for name in users - {"migrate"}:
        assert "migrate" in services[name]["depends_on"], name
