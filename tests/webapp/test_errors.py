"""Whatever goes wrong is a sentence in the reader's language with its status; bad input is never a 500."""

from __future__ import annotations

import json

import psycopg
import pytest
from flask import jsonify
from pydantic import Field
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gridmap import database
from gridmap.database import make_engine, transaction
from gridmap.errors import Conflict, GridmapError, Invalid, NotFound, TooMany, Unavailable
from gridmap.language import LOCALES, N_, catalogue
from gridmap.settings import load_settings
from webapp import create_app
from webapp.errors import STATUS, TITLES, family_of
from webapp.shared.policy import declares
from webapp.shared.requests import Input, parse
from webapp.shared.taking import Batch, Parameter, takes

HERE = "http://127.0.0.1:8000"
OURS = {"Origin": HERE, "Content-Type": "application/json"}


class Point(Input):
    """A place, for the tests."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)


class Points(Input):
    """Some places."""

    points: list[Point] = Field(min_length=1, max_length=3)


@pytest.fixture(scope="module")
def app():
    app = create_app(load_settings(body_bytes=2000))
    raised: dict[str, Exception] = {}
    app.raised = raised

    @app.post("/api/v1/test/points")
    @declares("public")
    def points():
        return jsonify(count=len(parse(Points).points))

    @app.post("/api/v1/test/taken")
    @declares("public")
    @takes(Parameter("limit", "How many."), body=Points)
    def taken(body):
        return jsonify(count=len(body.points))

    @app.post("/api/v1/test/batch")
    @declares("public")
    @takes(batch=Batch(Points, "batches", 2))
    def batched(items, many):
        return jsonify(count=len(items), many=many)

    @app.get("/api/v1/test/raise")
    @app.get("/test/raise")
    @declares("public")
    def raises():
        raise raised["error"]

    @app.get("/api/v1/test/sql")
    @declares("public")
    def sql():
        with transaction() as db:
            db.execute(text(raised["sql"]), raised.get("values") or {})
        return jsonify(done=True)

    return app


@pytest.fixture
def client(app, db):
    return app.test_client()


def send(client, body, path="/api/v1/test/points"):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(path, base_url=HERE, data=data, headers=OURS)


def raised(client, error, path="/api/v1/test/raise", **headers):
    client.application.raised["error"] = error
    return client.get(path, base_url=HERE, headers=headers)


def test_an_error_is_problem_json_in_the_readers_language(client):
    error = NotFound(N_("There is nothing at this address."))
    english = raised(client, error, **{"Accept-Language": "en-GB,en;q=0.8"})
    chinese = raised(client, error, **{"Accept-Language": "zh-CN"})
    assert english.content_type == chinese.content_type == "application/problem+json"
    assert english.json == {
        "type": "/api/docs#not-found",
        "title": "Not found",
        "status": 404,
        "detail": "There is nothing at this address.",
        "request_id": english.headers["X-Request-ID"],
    }
    assert chinese.json["detail"] == catalogue("zh-CN")["There is nothing at this address."]
    assert english.headers["Content-Language"] == "en"


@pytest.mark.parametrize("wish", ["zh-Hans-CN", "zh-TW", "fr", "*", "en-x-\x7f", "a" * 5000, "-", "zh_CN.UTF-8;q=x"])
def test_any_wish_for_a_language_is_answered_in_one_we_speak(client, wish):
    response = raised(client, NotFound("x"), **{"Accept-Language": wish})
    assert response.status_code == 404
    assert response.headers["Content-Language"] in LOCALES


def test_a_browser_gets_a_page_and_a_script_gets_json(client):
    page = raised(client, Conflict("Said so."), "/test/raise", Accept="text/html")
    assert page.status_code == 409
    assert "Said so." in page.text
    assert "<html" in page.text
    assert raised(client, Conflict("Said so."), "/test/raise", Accept="application/json").json["status"] == 409


def test_a_sentence_is_shown_as_text(client):
    page = raised(client, Invalid("%(name)s", name="<script>alert(1)</script>"), "/test/raise", Accept="text/html")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize("family", list(STATUS))
def test_every_family_has_a_status_and_a_title(family):
    assert 400 <= STATUS[family] < 600
    assert TITLES[family] in catalogue("zh-CN")


def test_every_error_we_define_belongs_to_a_family():
    def below(kind):
        return {kind} | {deeper for child in kind.__subclasses__() for deeper in below(child)}

    ours = {
        kind for kind in below(GridmapError) - {GridmapError} if kind.__module__.startswith(("gridmap.", "webapp."))
    }
    astray = {kind for kind in ours if family_of(kind.__new__(kind)) is GridmapError}
    # The cluster's errors are told on a terminal, and those of far ends are kept with their message; never to the web.
    assert {kind.__module__ for kind in astray} <= {"gridmap.postgis.errors", "gridmap.outbox.faults"}


def test_who_is_too_fast_is_told_when_to_come_back(client):
    response = raised(client, TooMany("Wait %(retry_s)s.", retry_s=17))
    assert (response.status_code, response.headers["Retry-After"]) == (429, "17")
    assert raised(client, Unavailable("Wait.")).headers["Retry-After"] == "2"


@pytest.mark.parametrize(
    ("body", "status", "where"),
    [
        (b"", 400, None),
        (b"{", 400, "line 1, column 2"),
        (b'{"points": [{"lon": NaN, "lat": 1}]}', 400, "/points/0/lon"),
        (b'{"points": [{"lon": 1e999, "lat": 1}]}', 400, "/points/0/lon"),
        (b'{"points": [], "points": []}', 400, ""),
        (b'{"points": [{"lon": 1, "lat": 2}], "x\\u0000": 1}', 400, "/x\\x00"),
        (b'{"p\\ud800": 1}', 400, "/p\\ud800"),
        (b"[" * 500 + b"]" * 500, 400, "/0" * 32),
        (b"\xff\xfe", 400, None),
        ({"points": [{"lon": 1, "lat": 2, "alt": 3}]}, 400, "/points/0/alt"),
        ({"points": [{"lon": "114", "lat": 2}]}, 422, "/points/0/lon"),
        ({"points": [{"lon": True, "lat": 2}]}, 422, "/points/0/lon"),
        ({"points": [{"lon": 35, "lat": 114}]}, 422, "/points/0/lat"),
        ({"points": [{"lon": 114}]}, 422, "/points/0/lat"),
        ({"points": [{"lon": 114, "lat": None}]}, 422, "/points/0/lat"),
        ({"points": []}, 422, "/points"),
        ({"points": [{"lon": 1, "lat": 1}] * 4}, 422, "/points"),
        ({"points": {"0": {"lon": 1, "lat": 1}}}, 422, "/points"),
        ([], 422, ""),
        (None, 422, ""),
        ({}, 422, "/points"),
    ],
)
def test_bad_json_is_a_sentence_with_its_place(client, body, status, where):
    response = send(client, body)
    assert response.status_code == status, response.text
    assert response.json.get("where") == where
    assert response.json["detail"]


def test_syntax_is_judged_before_meaning(client):
    response = send(client, {"points": [{"lon": 999, "lat": 1, "alt": 3}]})
    assert response.status_code == 400


def test_good_json_is_read(client):
    assert send(client, {"points": [{"lon": 114, "lat": 35.7}]}).json == {"count": 1}
    assert send(client, b'\xef\xbb\xbf{"points": [{"lon": 114, "lat": 35.7}]}').json == {"count": 1}


def test_more_bytes_than_the_door_takes_are_413(client):
    response = send(client, b" " * 2001)
    assert response.status_code == 413
    assert "2000" in response.json["detail"]


def test_a_view_is_given_what_it_takes(client):
    body = {"points": [{"lon": 114, "lat": 35.7}]}
    assert send(client, body, "/api/v1/test/taken?limit=7").json == {"count": 1}
    assert send(client, {"points": "none"}, "/api/v1/test/taken").json["where"] == "/points"


def test_one_thing_and_many_go_through_the_same_door(client):
    one = {"points": [{"lon": 114, "lat": 35.7}]}
    for body, count, many in ((one, 1, False), ([one, one], 2, True), ({"batches": [one]}, 1, True)):
        assert send(client, body, "/api/v1/test/batch").json == {"count": count, "many": many}
    assert send(client, [one, one, one], "/api/v1/test/batch").status_code == 422


def test_a_parameter_that_nobody_knows_is_refused(client):
    answer = send(client, {"points": []}, "/api/v1/test/taken?limti=7")
    assert answer.status_code == 400
    assert answer.json["where"] == "/limti"
    assert "limti" in answer.json["detail"]
    assert "limit" in answer.json["detail"]


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/%00", "/api/v1/incidents/%00", "/static/x/../../etc/passwd", "/%ff%fe", "/sign-in/"]
)
def test_no_address_is_a_fault_of_ours(client, path):
    assert 400 <= client.get(path, base_url=HERE).status_code < 500


def test_a_method_that_is_not_taken_is_named(client):
    response = client.delete("/api/v1/test/raise", base_url=HERE)
    assert response.status_code == 405
    assert "DELETE" in response.json["detail"]
    assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize(
    ("sql", "values", "status"),
    [
        ("SELECT 1/0", None, 422),
        ("SELECT CAST(:x AS text)", {"x": "a\0b"}, 422),
        ("SELECT CAST(:x AS smallint)", {"x": 99999}, 422),
        ("INSERT INTO setting VALUES ('a', '{}', now()), ('a', '{}', now())", None, 409),
        ("DO $$ BEGIN RAISE lock_not_available; END $$", None, 503),
        ("DO $$ BEGIN RAISE serialization_failure; END $$", None, 503),
        ("DO $$ BEGIN RAISE query_canceled; END $$", None, 503),
        ("DO $$ BEGIN RAISE admin_shutdown; END $$", None, 503),
        ("DO $$ BEGIN RAISE disk_full; END $$", None, 503),
        ("SELECT * FROM no_such_table", None, 500),
    ],
)
def test_what_the_database_refuses_has_its_own_status(client, sql, values, status):
    client.application.raised |= {"sql": sql, "values": values}
    response = client.get("/api/v1/test/sql", base_url=HERE)
    assert response.status_code == status
    assert ("Retry-After" in response.headers) == (status == 503)
    assert "SELECT" not in response.text


@pytest.mark.parametrize("error", [PoolTimeout("QueuePool limit"), psycopg.OperationalError("gone")])
def test_a_lost_database_is_503_and_says_that_sending_again_is_safe(client, error):
    response = raised(client, error)
    assert response.status_code == 503
    assert response.headers["Retry-After"]


def test_a_database_that_does_not_answer_is_503_at_every_door(app, db):
    before = dict(database._sessions.kw)
    database.bind(make_engine("postgresql+psycopg://nobody@/nowhere?host=/nonexistent"))
    try:
        client = app.test_client()
        client.set_cookie("__Host-gridmap", "x", domain="127.0.0.1")
        assert client.get("/api/v1/me", base_url=HERE).status_code == 503
        assert client.get("/api/v1/me", base_url=HERE, headers={"Authorization": "Bearer gmk_x"}).status_code == 503
        assert client.get("/health/live", base_url=HERE).status_code == 200
        ready = client.get("/health/ready", base_url=HERE)
        assert (ready.status_code, ready.json["checks"]["database"]) == (503, "cannot be reached")
    finally:
        database._sessions.kw.clear()
        database._sessions.kw.update(before)


def test_a_connection_that_the_server_ends_is_503_and_the_next_request_is_served(app, fresh_database):
    before = dict(database._sessions.kw)
    database._sessions.kw.clear()
    engine = make_engine(fresh_database.app, pool_size=1)
    database._sessions.configure(bind=engine, expire_on_commit=False)
    try:
        client = app.test_client()
        app.raised |= {"sql": "SELECT pg_terminate_backend(pg_backend_pid())", "values": None}
        assert client.get("/api/v1/test/sql", base_url=HERE).status_code == 503
        app.raised |= {"sql": "SELECT 1"}
        assert client.get("/api/v1/test/sql", base_url=HERE).status_code == 200
    finally:
        engine.dispose()
        database._sessions.kw.clear()
        database._sessions.kw.update(before)


def test_a_fault_of_ours_is_logged_whole_and_told_in_one_sentence(client, capsys):
    response = raised(client, ZeroDivisionError("secret detail"))
    assert response.status_code == 500
    assert response.headers["X-Request-ID"] in response.json["detail"]
    assert "secret detail" not in response.text
    logged = "".join(capsys.readouterr())
    assert "secret detail" in logged
    assert response.headers["X-Request-ID"] in logged
