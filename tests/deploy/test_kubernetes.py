"""The manifests against the schema of Kubernetes, as Debian's python3-kubernetes has it (generated
from the OpenAPI document of 1.22), and against what the runbook promises of them."""

import re

import kubernetes.client
import pytest
import yaml
from kubernetes.client import Configuration

from harness import ROOT
from options import OWNERS, SECRETS, option, options

FILES = sorted((ROOT / "deploy/kubernetes").glob("*.yaml"))
# kind: the group that its model is of
GROUPS = {
    "Namespace": "v1", "ServiceAccount": "v1", "ConfigMap": "v1", "Service": "v1",
    "Deployment": "apps/v1", "Job": "batch/v1", "PodDisruptionBudget": "policy/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
}
# In a cluster: on the pod's address, a name of its own, three pools, slow endpoints.
OTHER_DEFAULTS = {"LISTEN", "ADMIN_LISTEN", "BASE_URL", "POOL_SIZE", "STOP_DELAY_S"}
PLAIN = {"str": str, "int": int, "bool": bool, "float": (int, float)}
CHECKED = Configuration()
CHECKED.client_side_validation = True


def documents():
    for path in FILES:
        yield from filter(None, yaml.safe_load_all(path.read_text()))


def of_kind(kind):
    return [document for document in documents() if document["kind"] == kind]


def check(kind, value, where):
    """Raises for a member that the schema lacks, a missing one, or one of another type."""
    if nested := re.fullmatch(r"list\[(.+)\]", kind):
        assert isinstance(value, list), f"{where}: a list is expected"
        return [check(nested[1], item, f"{where}[{i}]") for i, item in enumerate(value)]
    if nested := re.fullmatch(r"dict\(str, (.+)\)", kind):
        assert isinstance(value, dict), f"{where}: an object is expected"
        return {name: check(nested[1], item, f"{where}.{name}") for name, item in value.items()}
    if kind in PLAIN:
        assert isinstance(value, PLAIN[kind]) and (kind == "bool") == isinstance(value, bool), \
            f"{where}: {kind} is expected, not {value!r}"
        return value
    if kind == "object":
        assert isinstance(value, (int, str, dict)), where
        return value
    return check_model(getattr(kubernetes.client, kind), value, where)


def check_model(model, value, where):
    assert isinstance(value, dict), f"{where}: an object is expected"
    members = {wire: name for name, wire in model.attribute_map.items()}
    made = {}
    for wire, item in value.items():
        assert wire in members, f"{where}: there is no member {wire}"
        name = members[wire]
        made[name] = check(model.openapi_types[name], item, f"{where}.{wire}")
    try:
        return model(local_vars_configuration=CHECKED, **made)
    except ValueError as error:
        raise AssertionError(f"{where}: {error}") from None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_manifest_is_what_the_schema_says(path):
    found = [document for document in yaml.safe_load_all(path.read_text()) if document]
    assert found
    for document in found:
        kind = document["kind"]
        assert document["apiVersion"] == GROUPS[kind]
        check(f"V1{kind}", document, f"{path.name}: {kind} {document['metadata']['name']}")


@pytest.mark.parametrize("spoil", [
    lambda pod: pod.update(terminationGracePeriodSecond=1),
    lambda pod: pod["containers"][0].update(image=5),
    lambda pod: pod["containers"][0].pop("name"),
    lambda pod: pod["containers"][0]["ports"][0].update(containerPort="8080"),
    lambda pod: pod["containers"][0]["readinessProbe"]["httpGet"].pop("port"),
    lambda pod: pod.update(volumes={}),
])
def test_a_spoilt_manifest_is_refused(spoil):
    (deployment,) = of_kind("Deployment")
    spoil(deployment["spec"]["template"]["spec"])
    with pytest.raises(AssertionError):
        check("V1Deployment", deployment, "spoilt")


def pods():
    for document in documents():
        if document["kind"] in ("Deployment", "Job"):
            yield document["spec"]["template"]


# https://kubernetes.io/docs/concepts/security/pod-security-standards/, restricted
def test_pods_keep_the_restricted_standard():
    (namespace,) = of_kind("Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for pod in (pod["spec"] for pod in pods()):
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
        assert pod["automountServiceAccountToken"] is False
        # Else Kubernetes sets ATBALSTS_SERVICE_HOST and the like, which are no options of ours.
        assert pod["enableServiceLinks"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert all(set(volume) == {"name", "secret"} for volume in pod["volumes"])
        for container in pod["containers"]:
            context = container["securityContext"]
            assert context == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                               "capabilities": {"drop": ["ALL"]}}
            assert {"requests", "limits"} <= container["resources"].keys()
            assert not any("hostPort" in port for port in container.get("ports", []))


def test_secrets_are_files_that_nobody_else_may_write_and_options_are_the_binary_s():
    for pod in (pod["spec"] for pod in pods()):
        mounts = [mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]]
        for volume in pod["volumes"]:
            assert volume["secret"]["defaultMode"] & 0o022 == 0
        for variable in pod["containers"][0]["env"]:
            assert option(variable["name"]) in SECRETS | OWNERS
            assert any(variable["value"].startswith(f"{mount}/") for mount in mounts)


def test_each_option_reaches_the_pods():
    """By the ConfigMap what is no secret, with the binary's default or another for a reason."""
    known, (settings,), (deployment,), (job,) = (
        options(), of_kind("ConfigMap"), of_kind("Deployment"), of_kind("Job"))
    given = {option(name): value for name, value in settings["data"].items()}
    assert given.keys() == known.keys() - SECRETS - OWNERS
    others = {name for name, value in given.items() if value != (known[name] or "")}
    assert others == OTHER_DEFAULTS
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    assert container["envFrom"] == [{"configMapRef": {"name": settings["metadata"]["name"]}}]
    assert {option(variable["name"]) for variable in container["env"]} == SECRETS
    owner = job["spec"]["template"]["spec"]["containers"][0]
    assert {option(variable["name"]) for variable in owner["env"]} == OWNERS


def test_probes_ask_the_administrative_port_which_no_service_shows():
    (deployment,), (service,) = of_kind("Deployment"), of_kind("Service")
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    for probe, path in (("startupProbe", "startup"), ("readinessProbe", "ready"),
                        ("livenessProbe", "live")):
        assert container[probe]["httpGet"] == {"path": f"/health/{path}", "port": "admin"}
    assert [port["targetPort"] for port in service["spec"]["ports"]] == ["http"]


def test_a_pod_has_time_to_turn_callers_away_and_to_answer_the_last_ones():
    (deployment,), (settings,) = of_kind("Deployment"), of_kind("ConfigMap")
    pod, data = deployment["spec"]["template"]["spec"], settings["data"]
    delay, drain = int(data["ATBALSTS_STOP_DELAY_S"]), int(data["ATBALSTS_DRAIN_S"])
    readiness = pod["containers"][0]["readinessProbe"]
    assert delay > readiness["periodSeconds"] * readiness["failureThreshold"]
    assert pod["terminationGracePeriodSeconds"] >= delay + drain + 5


def test_everything_selects_the_pods_that_there_are():
    (deployment,) = of_kind("Deployment")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    wanted = deployment["spec"]["selector"]["matchLabels"]
    assert wanted.items() <= labels.items()
    assert of_kind("Service")[0]["spec"]["selector"] == wanted
    assert of_kind("PodDisruptionBudget")[0]["spec"]["selector"]["matchLabels"] == wanted
    assert of_kind("PodDisruptionBudget")[0]["spec"]["minAvailable"] < \
        deployment["spec"]["replicas"]
    for spread in deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]:
        assert spread["labelSelector"]["matchLabels"] == wanted
    policies = {policy["metadata"]["name"]: policy["spec"] for policy in of_kind("NetworkPolicy")}
    assert policies["deny-all"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert policies["api-ingress"]["podSelector"]["matchLabels"] == wanted
    reach = policies["to-database"]["podSelector"]["matchExpressions"][0]["values"]
    assert {pod["metadata"]["labels"]["app.kubernetes.io/name"] for pod in pods()} == set(reach)
