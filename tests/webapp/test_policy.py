"""No door without a rule: every route declares what it is, and nobody passes without the right."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from apiflask import APIFlask
from sqlalchemy import text

from gridmap.people.rules import POLICY
from gridmap.people.sessions import Visit, open_session
from gridmap.settings import load_settings
from webapp import create_app
from webapp.shared.policy import (
    CSRF_FIELD,
    CSRF_HEADER,
    PUBLIC,
    SESSION_COOKIE,
    declared_action,
    declares,
    require_declarations,
)

HERE = "http://127.0.0.1:8000"
SAFE = {"GET", "HEAD", "OPTIONS"}


@pytest.fixture(scope="module")
def app():
    app = create_app(load_settings(api_per_minute=20))

    @app.post("/test/change")
    @declares("session.own")
    def change():
        return {"changed": True}

    @app.get("/test/look")
    @declares("incident.read")
    def look():
        return {"seen": True}

    return app


@pytest.fixture
def person(db):
    area = db.scalar(
        text("INSERT INTO area (kind, path, valid) VALUES ('district', '1', '[2020-01-01,)') RETURNING id")
    )
    person_id = db.scalar(text("INSERT INTO person (login, name) VALUES ('han', '韩梅') RETURNING id"))
    db.execute(
        text(
            "INSERT INTO assignment (person_id, role, area_id, path, valid)"
            " VALUES (:person, 'auditor', :area, '1', '[2020-01-01,)')"
        ),
        {"person": person_id, "area": area},
    )
    return person_id


@pytest.fixture
def session(db, person):
    return open_session(db, person, Visit("127.0.0.1", "test"), datetime.now(UTC))


@pytest.fixture
def client(app, session):
    client = app.test_client()
    client.set_cookie(SESSION_COOKIE, session.token, domain="127.0.0.1")
    return client


def test_a_route_that_declares_nothing_stops_the_start():
    app = APIFlask("test", docs_path=None, spec_path=None, static_folder=None)
    app.add_url_rule("/open", view_func=declares("public")(lambda: ""))
    require_declarations(app)
    app.add_url_rule("/forgotten", endpoint="forgotten", view_func=lambda: "")
    with pytest.raises(RuntimeError, match="/forgotten"):
        require_declarations(app)


def test_an_action_that_the_policy_does_not_know_stops_the_import():
    with pytest.raises(ValueError, match=r"incident\.raed"):
        declares("incident.raed")


def test_every_route_has_an_action_of_the_policy(app):
    for rule in app.url_map.iter_rules():
        assert declared_action(app, rule.endpoint) in POLICY, rule.rule


def test_only_these_routes_are_open_to_everyone(app):
    open_routes = {rule.rule for rule in app.url_map.iter_rules() if declared_action(app, rule.endpoint) == PUBLIC}
    assert open_routes == {
        "/sign-in",
        "/account/code",
        "/start",
        "/health/live",
        "/health/ready",
        "/health/imports",
        "/health/outbox",
        "/metrics",
        "/api/v1/health/live",
        "/api/v1/health/ready",
        "/api/v1/health/imports",
        "/api/v1/health/outbox",
        "/api/v1/metrics",
        "/api/v1/openapi.json",
        "/api/docs",
        "/favicon.ico",
        "/static/<build>/<path:name>",
        "/patrol",
        "/patrol/<path:deeper>",
        "/patrol/worker.js",
        "/patrol/manifest.webmanifest",
        # Residents have no account; what they may see hangs on the token of a door or the seal of a report.
        "/r/<token>",
        "/r/follow",
        "/r/follow/<key>",
        "/r/follow/<key>/rating",
        "/r/photos/<uuid:name>",
    }


def test_no_other_route_answers_a_stranger(app, db):
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if declared_action(app, rule.endpoint) == PUBLIC:
            continue
        address = rule.rule
        for name, converter in rule._converters.items():
            sample = {"UUIDConverter": "00000000-0000-7000-8000-000000000000", "IntegerConverter": "1"}
            address = address.replace(f"<{_kind(rule.rule, name)}{name}>", sample.get(type(converter).__name__, "x"))
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            response = client.open(address, method=method, base_url=HERE)
            assert response.status_code == 401, (method, rule.rule)


def _kind(rule, name):
    """The converter of a rule's argument, as it is written before it."""
    inside = next(part.split(">")[0] for part in rule.split("<")[1:] if part.split(">")[0].split(":")[-1] == name)
    return inside[: -len(name)]


def test_a_stranger_with_a_browser_is_led_to_the_door_and_back(app, db):
    response = app.test_client().get("/test/look?q=1&r=2", base_url=HERE, headers={"Accept": "text/html"})
    assert response.status_code == 303
    assert response.location == "/sign-in?next=/test/look%3Fq%3D1%26r%3D2"


def test_who_lacks_the_right_is_refused_and_the_refusal_is_recorded(client, db, person):
    response = client.get("/test/look", base_url=HERE)
    assert response.status_code == 403
    row = db.execute(text("SELECT actor_id, action, result, request_id FROM audit WHERE result = 'refused'")).one()
    assert row == (person, "incident.read", "refused", response.headers["X-Request-ID"])


def change(client, session, **headers):
    ours = {"Origin": HERE, CSRF_HEADER: session.csrf}
    sent = {name: value for name, value in (ours | headers).items() if value is not None}
    return client.post("/test/change", base_url=HERE, headers=sent)


def test_our_own_page_may_change_things(client, session):
    assert change(client, session).status_code == 200
    form = client.post("/test/change", base_url=HERE, headers={"Origin": HERE}, data={CSRF_FIELD: session.csrf})
    assert form.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {CSRF_HEADER: None},
        {CSRF_HEADER: "guessed"},
        {CSRF_HEADER: "gueßt"},
        {"Origin": None},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:8001"},
        {"Origin": "http://127.0.0.1:8000.evil.example"},
    ],
)
def test_another_sites_page_changes_nothing(client, session, headers):
    assert change(client, session, **headers).status_code == 403


def test_the_token_of_one_session_serves_no_other(client, db, person):
    other = open_session(db, person, Visit("127.0.0.1", "test"), datetime.now(UTC))
    assert change(client, other).status_code == 403


@pytest.mark.parametrize("header", ["Bearer gmk_unknown", "Bearer", "Basic aGFuOng=", "Bearer \udcff", "gmk_x"])
def test_a_key_that_is_not_valid_is_not_excused_by_a_cookie(client, header):
    try:
        response = client.get("/api/v1/me", base_url=HERE, headers={"Authorization": header})
    except UnicodeEncodeError:
        pytest.skip("The test client cannot send these bytes.")
    assert response.status_code == 401


def test_an_account_is_held_to_its_calls_a_minute(client, app, db, person):
    answers = [client.get("/api/v1/me", base_url=HERE) for _ in range(21)]
    assert [answer.status_code for answer in answers[:20]] == [200] * 20
    assert answers[20].status_code == 429
    assert 1 <= int(answers[20].headers["Retry-After"]) <= 60
    assert client.get("/health/live", base_url=HERE).status_code == 200


def test_no_secret_is_written_to_the_log(client, session, capsys):
    client.get(f"/api/v1/me?token={session.token}&q=张三", base_url=HERE)
    logged = "".join(capsys.readouterr())
    assert "/api/v1/me" in logged
    for secret in (session.token, session.csrf, "张三"):
        assert secret not in logged
