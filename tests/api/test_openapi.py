"""The document that the service tells of itself: current, valid OpenAPI 3.1, with sound schemas."""

import json
import pathlib

import jsonschema
import pytest

from recorder import DOCUMENT

# The OpenAPI Initiative's schema of 3.1.x documents, as published (Apache License 2.0).
SPECIFICATION = pathlib.Path(__file__).with_name("openapi-3.1.schema.json")


@pytest.fixture(scope="module")
def document():
    return json.loads(DOCUMENT.read_text())


def schemas(node, path=""):
    """Every schema object: of the components, parameters, headers and bodies."""
    if isinstance(node, dict):
        for name, value in node.items():
            here = f"{path}/{name}"
            if name == "schema":
                yield here, value
            elif path == "/components/schemas":
                yield here, value
            else:
                yield from schemas(value, here)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from schemas(value, f"{path}/{index}")


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_the_committed_document_is_what_the_registry_says(cluster):
    assert cluster.run("openapi") == DOCUMENT.read_text(), "run: make openapi"


def test_the_service_serves_the_committed_document(api):
    assert api().read("/v1/openapi.json") == json.loads(DOCUMENT.read_text())


def test_it_is_valid_openapi_3_1(document):
    validator = jsonschema.Draft202012Validator(json.loads(SPECIFICATION.read_text()))
    errors = [f"{error.json_path}: {error.message[:200]}"
              for error in validator.iter_errors(document)]
    assert not errors, "\n".join(errors[:20])


def test_every_schema_is_a_valid_json_schema(document):
    for place, schema in schemas(document):
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
        except jsonschema.SchemaError as error:
            pytest.fail(f"{place}: {error.message}")


def test_every_reference_leads_somewhere(document):
    resolver = jsonschema.RefResolver.from_schema(document)
    found = set(references(document))
    for reference in found:
        resolver.resolve(reference)
    assert found


def test_operations_have_ids_of_their_own(document):
    ids = [operation["operationId"] for item in document["paths"].values()
           for method, operation in item.items() if method in ("get", "post", "patch", "delete")]
    assert len(ids) == len(set(ids)) > 0


def test_examples_obey_their_schemas(document):
    resolver = jsonschema.RefResolver.from_schema(document)
    for place, schema in schemas(document):
        for name, member in schema.get("properties", {}).items():
            for example in member.get("examples", ()):
                validator = jsonschema.Draft202012Validator(member, resolver=resolver)
                problems = [error.message for error in validator.iter_errors(example)]
                assert not problems, f"{place}/properties/{name}: {problems}"


