"""An HTTP client that checks every answer against api/openapi.json as it arrives."""

import json
import pathlib
import re
import uuid

import jsonschema

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "api/openapi.json"
PROBLEM = "application/problem+json"
# A response's description has a line for each problem that it may tell.
CODES = re.compile(r"^- `(\w+)`: ", re.M)


class Contract:
    """The OpenAPI document as a judge of answers."""

    def __init__(self, document):
        self.document = document
        self.resolver = jsonschema.RefResolver.from_schema(document)
        self.validators = {}
        # A template with fewer parameters is the more exact one: /sessions/current, /sessions/{id}.
        self.paths = sorted(
            ((re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path)) + r"\Z"), path)
             for path in document["paths"]), key=lambda pair: pair[1].count("{"))
        self.seen = set()

    @classmethod
    def load(cls):
        return cls(json.loads(DOCUMENT.read_text()))

    def operations(self):
        return {(method, path) for path, item in self.document["paths"].items()
                for method in item if method in ("get", "post", "patch", "put", "delete")}

    def follow(self, node):
        while "$ref" in node:
            node = self.resolver.resolve(node["$ref"])[1]
        return node

    def operation(self, method, path):
        """(template, operation), or (None, None) for what the document does not know."""
        for pattern, template in self.paths:
            if pattern.match(path):
                return template, self.document["paths"][template].get(method)
        return None, None

    def validator(self, schema, key):
        if key not in self.validators:
            self.validators[key] = jsonschema.Draft202012Validator(
                schema, resolver=self.resolver, format_checker=jsonschema.FormatChecker())
        return self.validators[key]

    def check(self, response):
        """Raises AssertionError with all that is wrong with the answer."""
        request = response.request
        # HEAD is GET without a body: the document describes it so.
        method = "get" if request.method == "HEAD" else request.method.lower()
        template, operation = self.operation(method, request.url.path)
        where = f"{request.method} {template or request.url.path} → {response.status_code}"
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        assert response.headers.get("X-Request-Id"), f"{where}: no X-Request-Id"
        if response.status_code >= 400:
            assert kind == PROBLEM or request.method == "HEAD", f"{where}: {kind}, not a problem"
        if operation is None:
            return
        self.seen.add((method, template))
        described = operation["responses"].get(str(response.status_code),
                                               operation["responses"].get("default"))
        assert described is not None, f"{where}: the status is not documented"
        content = self.follow(described).get("content", {})
        if request.method == "HEAD" or not content or response.status_code in (204, 304):
            assert response.content == b"", f"{where}: a body where none is documented"
            return
        assert kind in content, f"{where}: {kind} is not documented"
        if "schema" not in content[kind]:
            return  # bytes, which no schema describes
        key = (method, template, response.status_code, kind)
        errors = [f"  {error.json_path}: {error.message[:300]}" for error in
                  self.validator(content[kind]["schema"], key).iter_errors(response.json())]
        assert not errors, "\n".join([f"{where} is not what its schema says:", *errors])
        if kind == PROBLEM:
            self.check_code(where, self.follow(described), response.json()["code"])

    @staticmethod
    def check_code(where, described, code):
        """An operation tells no problem that its resource or endpoint does not declare."""
        declared = CODES.findall(described["description"])
        assert code in declared, f"{where}: {code} is not declared, only {', '.join(declared)}"

    # What the caller's role may see

    def check_sight(self, response, role):
        """Raises AssertionError for a member that the role does not see, whatever the operation;
        the parts of a batch as what they would be alone."""
        request, body = response.request, response.json()
        if request.url.path == "/v1/batch":
            operations = json.loads(request.content)["operations"]
            for asked, result in zip(operations, body.get("results", ())):
                path = re.sub("{[^}]*}", "x", asked["path"])
                self.check_part(asked["method"], path, result["status"], result.get("body"), role)
        else:
            self.check_part(request.method, request.url.path, response.status_code, body, role)

    def check_part(self, method, path, status, body, role):
        template, operation = self.operation(method.lower(), path)
        if operation is None or str(status) not in operation["responses"]:
            return
        described = self.follow(operation["responses"][str(status)])
        schema = described.get("content", {}).get("application/json", {}).get("schema", {})
        seen = set(self.shown_to_none(schema, body, role))
        assert not seen, f"{method} {template} tells a {role} what it does not see: {sorted(seen)}"

    def shown_to_none(self, schema, value, role):
        schema = self.follow(schema)
        if isinstance(value, list):
            for element in value:
                yield from self.shown_to_none(schema.get("items", {}), element, role)
        elif isinstance(value, dict):
            for name in value.keys() & schema.get("properties", {}).keys():
                member = schema["properties"][name]
                if role not in self.document["x-sights"][member.get("x-sight", "plain")]:
                    yield name
                yield from self.shown_to_none(member, value[name], role)


class Api:
    """One caller. Adds Authorization, a fresh Idempotency-Key on POST and X-Request-Id."""

    def __init__(self, http, contract, token=None, account=None, headers=None):
        self.http, self.contract = http, contract
        self.account, self.token = account, token
        self.headers = headers or {}

    def request(self, method, path, expect=None, headers=None, check=True, **more):
        """headers with the value None take away one that would be added. expect: status or code."""
        sent = {"X-Request-Id": str(uuid.uuid4())}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if method == "POST":
            sent["Idempotency-Key"] = str(uuid.uuid4())
        sent |= self.headers | (headers or {})
        sent = {name: value for name, value in sent.items() if value is not None}
        response = self.http.request(method, path, headers=sent, **more)
        text = response.text if "json" in response.headers.get("Content-Type", "") else ""
        told = f"{method} {path} → {response.status_code}: {text[:2000]}"
        assert response.status_code != 500, told
        if check:
            self.contract.check(response)
            if self.account and response.status_code < 300 and text:
                self.contract.check_sight(response, self.account.role)
        if isinstance(expect, int):
            assert response.status_code == expect, told
        elif expect is not None:
            assert response.status_code >= 400 and response.json()["code"] == expect, told
        return response

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def head(self, path, **more):
        return self.request("HEAD", path, **more)

    def options(self, path, **more):
        return self.request("OPTIONS", path, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, json=body, **more)

    def patch(self, path, body, etag=None, **more):
        headers = ({"If-Match": etag} if etag else {}) | (more.pop("headers", None) or {})
        headers.setdefault("Content-Type", "application/merge-patch+json")
        return self.request("PATCH", path, content=json.dumps(body), headers=headers, **more)

    def put(self, path, content=None, **more):
        """Bytes, or nothing."""
        kind = {"Content-Type": "application/octet-stream"} if content is not None else {}
        headers = kind | (more.pop("headers", None) or {})
        return self.request("PUT", path, content=content, headers=headers, **more)

    def delete(self, path, etag=None, **more):
        headers = ({"If-Match": etag} if etag else {}) | (more.pop("headers", None) or {})
        return self.request("DELETE", path, headers=headers, **more)

    def read(self, path, **more):
        return self.get(path, expect=200, **more).json()

    def create(self, path, body, expect=201, **more):
        """The created resource as its 201 tells it, or the problem where one is expected."""
        return self.post(path, body, expect=expect, **more).json()

    def change(self, path, body, expect=200):
        """Reads the current version, then patches it, as a client of the API does."""
        etag = self.get(path, expect=200).headers["ETag"]
        return self.patch(path, body, etag=etag, expect=expect).json()

    def remove(self, path, expect=204):
        etag = self.get(path, expect=200).headers["ETag"]
        return self.delete(path, etag=etag, expect=expect)

    def pages(self, path, **params):
        """All elements of a list, page by page."""
        while path:
            answer = self.read(path, params=params)
            yield from answer["data"]
            params = params | {"cursor": answer["next"]}
            if answer["next"] is None:
                return
