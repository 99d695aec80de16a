"""The OpenAPI document, and pages made from it: with nothing fetched from anywhere else."""

from __future__ import annotations

import re
from typing import Any

from apiflask import APIFlask
from flask import Blueprint, current_app, render_template
from pydantic import BaseModel

from webapp.errors import STATUS, TITLES
from webapp.shared.policy import CSRF_HEADER, PUBLIC, SESSION_COOKIE, declared_action, declares
from webapp.shared.taking import MARK, Taken

docs = Blueprint("docs", __name__, template_folder="templates")

METHODS = ("get", "post", "put", "patch", "delete")
PROBLEM = {
    "type": "object",
    "description": "RFC 9457: what happened and what to do, in the reader's language",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "where": {"type": "string", "description": "JSON pointer (RFC 6901), or line and column"},
        "request_id": {"type": "string"},
    },
}
_PROBLEM_TYPE = "application/problem+json"


def describe(app: APIFlask) -> None:
    """Tell APIFlask what its document says of errors and of signing in."""
    app.config["SECURITY_SCHEMES"] = {
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": SESSION_COOKIE,
            "description": f"Browsers; unsafe methods also send {CSRF_HEADER} and a matching Origin.",
        },
        "key": {"type": "http", "scheme": "bearer", "description": "Devices and programs."},
    }
    app.config["HTTP_ERROR_SCHEMA"] = PROBLEM
    app.config["VALIDATION_ERROR_SCHEMA"] = PROBLEM
    app.config["AUTO_VALIDATION_ERROR_RESPONSE"] = False
    app.config["AUTO_404_RESPONSE"] = False
    app.config["AUTO_SERVERS"] = False
    app.spec_processor(_complete)


def _complete(spec: dict[str, Any] | str) -> dict[str, Any]:
    """Add to every operation its rights and its problems."""
    assert isinstance(spec, dict)  # text is what YAML would give
    spec["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    spec["components"]["responses"] = {
        "Problem": {
            "description": "A problem, as a sentence",
            "content": {_PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    }
    spec["security"] = [{"session": []}, {"key": []}]
    endpoints = _endpoints_by_path()
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            endpoint = endpoints[path, method]
            action = declared_action(current_app, endpoint)
            operation["x-action"] = action
            operation["tags"] = [_tag(path)]
            if action == PUBLIC:
                operation["security"] = []
            _add_taken(operation, getattr(current_app.view_functions[endpoint], MARK, None), spec["components"])
            operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
    spec["tags"] = [{"name": name} for name in sorted({_tag(path) for path in spec["paths"]})]
    return spec


def _tag(path: str) -> str:
    """Operations are told apart by what they are about: the first word after the version."""
    return path.removeprefix("/api/v1").split("/")[1]


def _add_taken(operation: dict[str, Any], taken: Taken | None, components: dict[str, Any]) -> None:
    """Describe what an operation takes, as its view says it."""
    if taken is None:
        return
    described = [
        {"name": one.name, "in": "query", "required": one.needed, "schema": dict(one.schema), "description": one.says}
        for one in taken.parameters
    ]
    if described:
        operation["parameters"] = [*operation.get("parameters", []), *described]
    schema: dict[str, Any] | None = None
    if taken.body is not None:
        schema = _schema_of(taken.body, components)
    if taken.batch is not None:
        one = _schema_of(taken.batch.item, components)
        several = {"type": "array", "items": one, "minItems": 1, "maxItems": taken.batch.most}
        named = {"type": "object", "required": [taken.batch.name], "properties": {taken.batch.name: several}}
        schema = {"anyOf": [one, several, named]}
    if schema is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if taken.file:
        bytes_ = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {"required": True, "content": {"application/octet-stream": bytes_}}


def _schema_of(model: type[BaseModel], components: dict[str, Any]) -> dict[str, Any]:
    """Put a model and all it consists of among the components; gives the reference to it."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    components["schemas"] |= schema.pop("$defs", {})
    components["schemas"][model.__name__] = schema
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _endpoints_by_path() -> dict[tuple[str, str], str]:
    found = {}
    for rule in current_app.url_map.iter_rules():
        path = re.sub(r"<(?:[^<:]+:)?([^>]+)>", r"{\1}", rule.rule)
        for method in rule.methods or ():
            found[path, method.lower()] = rule.endpoint
    return found


@docs.get("/api/v1/openapi.json")
@declares("public")
def openapi() -> dict[str, Any]:
    """Give the whole interface as an OpenAPI 3.1 document."""
    return _document()


@docs.get("/api/docs")
@declares("public")
def pages() -> str:
    """Show the interface to people."""
    spec = _document()
    families: dict[str, list[dict[str, Any]]] = {}
    for path, operations in sorted(spec["paths"].items()):
        for method in METHODS:
            if method in operations:
                operation = operations[method]
                families.setdefault(_tag(path), []).append(
                    {"method": method.upper(), "path": path, **operation, "body": _body(operation)}
                )
    problems = [
        {"status": status, "title": TITLES[kind], "slug": _slug(kind.__name__), "says": kind.__doc__}
        for kind, status in STATUS.items()
    ]
    return render_template("docs.html", spec=spec, families=families, problems=problems)


def _document() -> dict[str, Any]:
    document = current_app.spec  # type: ignore[attr-defined]
    assert isinstance(document, dict)
    return document


def _body(operation: dict[str, Any]) -> str | None:
    """The name of the schema of an operation's body."""
    content = operation.get("requestBody", {}).get("content", {})
    for form in content.values():
        schema = form["schema"].get("anyOf", [form["schema"]])[0]
        return str(schema.get("$ref", "")).rsplit("/", 1)[-1] or None
    return None


def _slug(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
