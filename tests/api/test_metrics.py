"""What the administrative listener tells: health, and metrics of bounded cardinality."""

import re
import time
import uuid

import httpx
import pytest

from harness import PASSWORD
from site_load import Site

LINE = re.compile(r'^(?P<name>[a-z_]+)(?:\{(?P<labels>.*)\})? (?P<value>[0-9.e+-]+)$')
LABEL = re.compile(r'(\w+)="([^"]*)"')


def scrape(admin_url):
    """{(name, frozenset of labels): value}"""
    answer = httpx.get(f"{admin_url}/metrics", timeout=30)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4"
    samples = {}
    for line in answer.text.splitlines():
        if not line.startswith("#"):
            match = LINE.match(line)
            assert match, line
            key = match["name"], frozenset(LABEL.findall(match["labels"] or ""))
            assert key not in samples, f"{line} stands twice"
            samples[key] = float(match["value"])
    return samples


def value(samples, name, **labels):
    return samples.get((name, frozenset(labels.items())), 0)


class Change:
    """How much a counter rises from one scrape to the next."""

    def __init__(self, admin_url):
        self.admin_url, self.before = admin_url, scrape(admin_url)

    def of(self, name, **labels):
        now = scrape(self.admin_url)
        return value(now, name, **labels) - value(self.before, name, **labels)


HISTOGRAM = "atbalsts_http_request_duration_seconds"


def test_requests_are_counted_by_template_method_and_class(api, admin_url):
    worker = api("case_worker", "marta")
    client = {"route": "/v1/clients/{client_id}", "method": "GET"}
    change = Change(admin_url)
    for _ in range(2):
        worker.get(f"/v1/clients/{uuid.uuid4()}", expect=404)
    assert change.of(f"{HISTOGRAM}_count", **client, status="4xx") == 2
    assert change.of(f"{HISTOGRAM}_bucket", **client, status="4xx", le="+Inf") == 2
    assert 0 < change.of(f"{HISTOGRAM}_sum", **client, status="4xx") < 10
    assert change.of("atbalsts_problems_total", code="not_found") == 2


def test_a_histogram_s_buckets_rise_to_its_count(api, admin_url):
    api("case_worker", "marta").get("/v1/clients", expect=200)
    series = {}
    for (name, labels), number in scrape(admin_url).items():
        if name == f"{HISTOGRAM}_bucket":
            labels = dict(labels)
            bound = float(labels.pop("le"))
            series.setdefault(frozenset(labels.items()), []).append((bound, number))
    assert series
    for labels, buckets in series.items():
        counts = [number for _, number in sorted(buckets)]
        assert counts == sorted(counts) and len(counts) == 12
        assert [bound for bound, _ in sorted(buckets)][:2] == [0.0005, 0.001]
        assert counts[-1] == value(scrape(admin_url), f"{HISTOGRAM}_count", **dict(labels))


def test_no_label_contains_input_of_a_client(http, admin_url):
    for path in ("/v1/secret-path", "/v1/clients/../x", f"/v1/cases/{uuid.uuid4()}/nonsense"):
        http.get(path)
    http.request("BREW", "/v1/clients")
    text = httpx.get(f"{admin_url}/metrics").text
    for word in ("secret-path", "nonsense", "BREW"):
        assert word not in text
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text)


def test_sign_in_failures_are_counted(http, admin_url, new_account):
    account = new_account("case_worker", "marta", "social_worker")
    change = Change(admin_url)
    assert change.before[("atbalsts_sign_in_failures_total",
                          frozenset({("code", "sign_in_failed")}))] >= 0
    for password, status in (("wrong wrong wrong", 401), (PASSWORD, 201)):
        answer = http.post("/v1/sessions", json={"email": account.email, "password": password})
        assert answer.status_code == status
    assert change.of("atbalsts_sign_in_failures_total", code="sign_in_failed") == 1


def test_a_refused_limit_is_counted_by_its_code(worlds, admin_url):
    world = worlds["marta"]
    agency = world.caller("agency_officer")
    change = Change(admin_url)
    case = world.ids["case_id"]
    decision = {"kind": "amendment", "number": str(uuid.uuid4()), "decided_on": "2018-03-01",
                "course_end": "2030-01-01", "reasons": "Longer."}
    answer = agency.http.post(f"/v1/cases/{case}/decisions", json=decision, headers={
        "Authorization": f"Bearer {agency.token}", "Idempotency-Key": str(uuid.uuid4())})
    code = answer.json()["code"]
    assert code == "course_too_long", answer.text
    assert change.of("atbalsts_limit_refusals_total", code=code) == 1


def test_database_errors_are_counted_by_postgresql_s_classes(api, admin_url):
    ministry = api("ministry_officer")
    row = {"name": "A", "register_number": str(uuid.uuid4())[:12], "active": False}
    ministry.create("/v1/providers", row)
    change = Change(admin_url)
    ministry.post("/v1/providers", row, expect="conflict")
    name = "atbalsts_database_errors_total"
    assert change.of(name, **{"class": "integrity_constraint_violation"}) == 1
    assert change.of(name, **{"class": "other"}) == 0


def test_the_process_and_the_pool_are_told(admin_url):
    samples = scrape(admin_url)
    assert value(samples, "atbalsts_pool_connections", state="size") == 8
    assert value(samples, "atbalsts_pool_connections", state="in_use") <= 8
    assert value(samples, "atbalsts_build_info", version="0.1.0") == 1
    assert 1 < value(samples, "process_open_fds") < value(samples, "process_max_fds")
    assert value(samples, "process_resident_memory_bytes") > 1 << 20
    assert value(samples, "process_cpu_seconds_total") > 0
    assert time.time() - 3600 < value(samples, "process_start_time_seconds") <= time.time() + 1


# The audit's lag


def test_rows_of_every_kind_are_recorded_where_the_lag_looks_for_them(worlds, admin_url):
    assert worlds
    assert value(scrape(admin_url), "atbalsts_audit_lag_seconds") == 0


@pytest.fixture
def site():
    with Site("metrics") as site:
        yield site


def lag(site):
    return value(scrape(site.server.admin_url), "atbalsts_audit_lag_seconds")


def test_the_audit_lag_is_zero_until_an_acknowledged_record_is_missing(site):
    headers = site.sign_in()
    assert lag(site) == 0
    site.add_client(headers)
    assert lag(site) == 0
    with site.cluster.connect() as owner:
        owner.execute("ALTER TABLE clients DISABLE TRIGGER record_change")
    time.sleep(1.1)
    site.add_client(headers)
    assert 1 < lag(site) < 30, "the newest record is behind the newest acknowledged one"
    with site.cluster.connect() as owner:
        owner.execute("ALTER TABLE clients ENABLE TRIGGER record_change")
    site.add_client(headers)
    assert lag(site) == 0
    samples = scrape(site.server.admin_url)
    assert 0 <= value(samples, "atbalsts_audit_unflushed_bytes") < 1 << 24


def test_metrics_are_answered_when_the_database_is_down(site):
    site.cluster.script("stop", site.cluster.folder)
    assert httpx.get(f"{site.server.admin_url}/health/ready", timeout=30).status_code == 503
    samples = scrape(site.server.admin_url)
    assert ("atbalsts_audit_lag_seconds", frozenset()) not in samples
    assert value(samples, "atbalsts_database_errors_total", **{"class": "unreachable"}) >= 1
