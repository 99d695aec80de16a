"""The OpenAPI document says what is taken: every parameter, every body, nothing that is not there."""

from __future__ import annotations

import json
import re

import pytest

from gridmap.settings import load_settings
from webapp import create_app
from webapp.shared.taking import MARK

METHODS = ("get", "post", "put", "delete")


@pytest.fixture(scope="module")
def app():
    return create_app(load_settings())


@pytest.fixture(scope="module")
def document(app):
    with app.test_request_context(base_url="http://127.0.0.1:8000"):
        return json.loads(json.dumps(app.spec))


def operations(document):
    return [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def test_every_route_of_the_interface_says_what_it_takes(app):
    silent = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and not hasattr(app.view_functions[rule.endpoint], MARK)
    ]
    assert silent == []


def test_what_is_posted_has_a_schema(document):
    bare = [
        path for method, path, operation in operations(document) if method == "post" and "requestBody" not in operation
    ]
    assert bare == []


def test_every_reference_leads_somewhere(document):
    wanted = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert wanted
    assert wanted <= set(document["components"]["schemas"])


def test_a_place_and_a_day_are_among_the_parameters_of_locating(document):
    taken = {one["name"]: one for one in document["paths"]["/api/v1/locate"]["get"]["parameters"]}
    assert {"lon", "lat", "accuracy", "datum", "as_of"} <= set(taken)
    assert taken["lon"]["required"]
    assert not taken["as_of"]["required"]


def test_a_report_may_come_alone_or_in_a_batch(document):
    body = document["paths"]["/api/v1/reports"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    one, several, named = body["anyOf"]
    assert one == {"$ref": "#/components/schemas/ReportIn"}
    assert several["maxItems"] == 100
    assert named["required"] == ["reports"]
    assert "occurred_at" in document["components"]["schemas"]["ReportIn"]["properties"]
