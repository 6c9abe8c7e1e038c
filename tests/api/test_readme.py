"""The README's walk, run as a newcomer runs it: its own commands in bash, on the demo data.

In the section WALK each ```sh block runs in the same shell; the ```json block below it holds what
its requests answer: a body, then its status. A member that is not shown may be there all the same;
"…" is any value, and … at the end of a list or an object says that there is more.
"""

import json
import pathlib
import re
import subprocess

import pytest

from harness import ROOT, Cluster, Server, clean_environment

WALK = "## The main job, request by request"
README = ROOT / "README.md"
BASE, ACCOUNTS = "BASE=http://127.0.0.1:8080\n", "bash deploy/instance.sh accounts"
BLOCK = re.compile(r"^```(sh|json)\n(.*?)^```$", re.M | re.S)
ELLIPSIS = "…"


def walk():
    """(commands, expected answers as (body, status)) of each block."""
    section = README.read_text().partition(WALK + "\n")[2].partition("\n## ")[0]
    blocks = BLOCK.findall(section)
    return [(text, expected_answers(blocks[at + 1][1]))
            for at, (kind, text) in enumerate(blocks[:-1])
            if kind == "sh" and blocks[at + 1][0] == "json"]


def expected_answers(text):
    parts = re.split(r" (\d{3})\n", text)
    return [(read_shortened(body), int(status)) for body, status in zip(parts[::2], parts[1::2])]


def read_shortened(body):
    """JSON in which a bare … ends an object or a list."""
    body = re.sub(r"…\s*\}", '"…": "…"}', body)
    return json.loads(re.sub(r"…\s*\]", '"…"]', body))


def given_answers(output):
    """Bodies and statuses as the commands print them, both on one line."""
    answers = [line.rpartition(" ") for line in output.splitlines() if line]
    return [(json.loads(body), int(status)) for body, _, status in answers]


def differences(expected, given, where=""):
    """What is shown and is not so, as JSON pointers with both values."""
    if expected == ELLIPSIS:
        return
    if isinstance(expected, dict) and isinstance(given, dict):
        for name, value in expected.items():
            if name != ELLIPSIS:
                yield from differences(value, given.get(name, "(missing)"), f"{where}/{name}")
    elif isinstance(expected, list) and isinstance(given, list):
        shown = [item for item in expected if item != ELLIPSIS]
        if len(given) < len(shown) or (shown == expected and len(given) > len(shown)):
            yield f"{where}: {len(given)} items, {len(shown)} are shown"
        for index, (item, other) in enumerate(zip(shown, given)):
            yield from differences(item, other, f"{where}/{index}")
    elif expected != given or isinstance(expected, bool) != isinstance(given, bool):
        yield f"{where}: {given!r}, the README shows {expected!r}"


@pytest.fixture(scope="module")
def demo_cluster():
    cluster = Cluster("-readme")
    try:
        cluster.run("migrate")
        pathlib.Path(cluster.folder, "accounts").write_text(cluster.run("demo"))
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="module")
def transcript(demo_cluster):
    """What each block prints, all in one bash."""
    server = Server(demo_cluster)
    commands = "echo '\x1e'\n".join(commands for commands, _ in walk()) + "echo '\x1e'\n"
    assert BASE in commands and ACCOUNTS in commands
    commands = commands.replace(BASE, f"BASE={server.base_url}\n")
    commands = commands.replace(ACCOUNTS, f"cat {demo_cluster.folder}/accounts")
    done = subprocess.run(["bash", "-eu"], input=commands, capture_output=True, text=True,
                          cwd=ROOT, env=clean_environment(LC_ALL="C.UTF-8"), timeout=300)
    server.stop()
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout.split("\x1e\n")[:-1]


def test_the_readme_has_a_walk():
    assert len(walk()) >= 10
    assert all(answers for _, answers in walk())


def test_shortened_answers_are_compared():
    shown = read_shortened('{"a": "…", "b": [1, …], "c": {"d": true, …}}')
    assert not list(differences(shown, {"a": 1, "b": [1, 2], "c": {"d": True, "e": 0}}))
    for other in ({"b": [2], "c": {"d": True}}, {"a": 1, "b": [1], "c": {"d": 1}}):
        assert list(differences(shown, other))
    assert list(differences([1], [1, 2]))


@pytest.mark.parametrize("index", range(len(walk())))
def test_the_answers_are_those_of_the_readme(transcript, index):
    commands, expected = walk()[index]
    given = given_answers(transcript[index])
    assert len(given) == len(expected), f"{commands}\nprinted\n{transcript[index]}"
    wrong = [f"answer {number}{difference}" for number, pair in enumerate(zip(expected, given))
             for difference in differences(list(pair[0]), list(pair[1]))]
    assert not wrong, "\n".join([commands, *wrong])
