"""Metrics, alert rules and dashboard agree, and promtool finds nothing wrong with any of them."""

import json
import re
import subprocess

import httpx
import pytest
import yaml

from harness import ROOT

PROMTOOL = ROOT / "build/promtool"
PROMETHEUS = ROOT / "deploy/prometheus"
DASHBOARD = ROOT / "deploy/grafana/atbalsts.json"
RUNBOOK = ROOT / "deploy/README.md"
METRIC = re.compile(r"\b(?:atbalsts_[a-z0-9_]+|process_[a-z0-9_]+)\b")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
# Of the Prometheus server itself.
BUILT_IN = {"up"}


def promtool(*arguments, stdin=None):
    return subprocess.run([str(PROMTOOL), *map(str, arguments)], input=stdin, text=True,
                          capture_output=True, cwd=PROMETHEUS)


@pytest.fixture(scope="session")
def exposition(site):
    """What a server tells that has answered, refused and failed."""
    headers = site.sign_in()
    client = site.add_client(headers)
    assert site.get(f"/v1/clients/{client['id']}", headers).status_code == 200
    assert site.get("/v1/nothing", headers).status_code == 404
    return httpx.get(f"{site.server.admin_url}/metrics").text


@pytest.fixture(scope="session")
def exposed(exposition):
    return set(re.findall(r"^# TYPE (\w+) ", exposition, re.M))


def test_promtool_finds_nothing_wrong_with_the_metrics(exposition):
    done = promtool("check", "metrics", stdin=exposition)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_each_metric_has_its_help(exposition, exposed):
    assert exposed == set(re.findall(r"^# HELP (\w+) \S", exposition, re.M))
    samples = set(re.findall(r"^(\w+)[{ ]", exposition, re.M))
    assert {re.sub(r"_(bucket|count|sum)$", "", name) for name in samples} - exposed == set()


def test_the_configuration_and_the_rules_are_right_and_the_rules_tests_pass():
    for arguments in (("check", "config", "prometheus.yml"), ("check", "rules", "rules.yml"),
                      ("test", "rules", "rules_test.yml")):
        done = promtool(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr


def rules():
    for group in yaml.safe_load((PROMETHEUS / "rules.yml").read_text())["groups"]:
        yield from group["rules"]


def alerts():
    return [rule["alert"] for rule in rules() if "alert" in rule]


def test_each_alert_is_tried_firing_and_silent():
    fires, silent = set(), set()
    for test in yaml.safe_load((PROMETHEUS / "rules_test.yml").read_text())["tests"]:
        for case in test["alert_rule_test"]:
            (fires if case["exp_alerts"] else silent).add(case["alertname"])
    assert fires == set(alerts())
    assert set(alerts()) - silent <= {"AtbalstsPoolNearlyFull", "AtbalstsMemory",
                                      "AtbalstsFileDescriptors"}


def test_the_runbook_says_of_each_alert_what_to_do():
    told = set(re.findall(r"^\| `(Atbalsts\w+)` \|", RUNBOOK.read_text(), re.M))
    assert told == set(alerts())


def dashboard_queries():
    document = json.loads(DASHBOARD.read_text())
    for panel in document["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for annotation in document["annotations"]["list"]:
        yield annotation["name"], annotation["expr"]
    for variable in document["templating"]["list"]:
        query = variable["query"]
        if isinstance(query, dict):
            yield variable["name"], re.fullmatch(r"label_values\((.+), \w+\)", query["query"])[1]


def unexposed(expression, exposed):
    names = METRIC.findall(STRING.sub('""', expression))
    return {name for name in names if name not in exposed
            and re.sub(r"_(bucket|count|sum)$", "", name) not in exposed}


def test_rules_and_dashboard_name_only_metrics_that_the_server_has(exposed):
    for where, expression in [*dashboard_queries(),
                              *((rule.get("alert") or rule["record"], rule["expr"])
                                for rule in rules())]:
        assert unexposed(expression, exposed) == set(), where


def test_each_query_of_the_dashboard_can_be_parsed(tmp_path):
    queries = [expression.replace("$__rate_interval", "5m").replace("$instance", ".*")
               for _, expression in dashboard_queries()]
    assert len(queries) > 30 and not any("$" in query for query in queries)
    path = tmp_path / "queries.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": [
        {"record": f"query:{i}", "expr": query} for i, query in enumerate(queries)]}]}))
    done = promtool("check", "rules", path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_label_that_a_query_selects_by_has_such_a_value(exposition):
    """class="pool_timeout" and the like: a misspelt value would be an alert that never fires."""
    values = set(re.findall(r'(class|result|state|event)="(\w+)"', exposition))
    named = set()
    for _, expression in [*dashboard_queries(), *((None, rule["expr"]) for rule in rules())]:
        for label, alternatives in re.findall(r'\b(class|result|state|event)=~?"([\w|]+)"',
                                              expression):
            named |= {(label, value) for value in alternatives.split("|")}
    assert named and named <= values


def test_panels_do_not_overlap():
    taken = set()
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken and place["x"] + place["w"] <= 24, panel["title"]
        taken |= cells
