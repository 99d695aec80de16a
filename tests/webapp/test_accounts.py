"""Administration over HTTP, and one's own account: who may, what is refused, and that it counts everywhere at once."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
import uuid
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import requests
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.database import make_engine
from gridmap.people.actions import NewPerson, add_person, set_password
from gridmap.people.administering import end_their_sessions
from gridmap.people.codes import make_first_code
from gridmap.people.granting import end_grant, grant
from gridmap.people.passwords import hash_password
from gridmap.people.rules import PERSON_ROLES, Role, system_actor
from gridmap.people.sessions import Visit, open_session
from gridmap.people.signing_in import claim_check
from gridmap.sensing.keys import key_hash, key_name, make_key, revoke_named
from gridmap.settings import load_settings
from gridmap.system.audit import Doer
from tests.clients import HOST, Browser, Machine
from tests.desks import over_all
from tests.worlds import CODE, add_device, build_town, point
from webapp import create_app
from webapp.shared.policy import CSRF_FIELD, CSRF_HEADER, SESSION_COOKIE, declared_action

MACHINE = system_actor(Doer(None, "system"))
HERE = f"https://{HOST}"
PASSWORD, OTHER = "three boats under a bridge", "four lamps above the river"
HASHED = hash_password(PASSWORD)
PATIENCE_S = 60


@pytest.fixture(scope="module")
def app():
    return create_app(load_settings())


@pytest.fixture
def admin(app, db, town):
    browser = over_all(app, db, town, Role.ADMIN)
    db.execute(
        text("UPDATE person SET password_hash = :hash WHERE id = :id"), {"hash": HASHED, "id": browser.person_id}
    )
    return browser


@pytest.fixture
def chen(db, town):
    return add_person(db, MACHINE, NewPerson("chen", "陈立民", "Chen Limin", "13812345678"), None)


def put(browser, path, json):
    headers = {CSRF_HEADER: browser.session.csrf, "Origin": HERE}
    return browser.client.put(path, base_url=HERE, json=json, headers=headers)


def form(browser, path, **fields):
    data = {CSRF_FIELD: browser.session.csrf, **fields}
    return browser.client.post(path, base_url=HERE, data=data, headers={"Origin": HERE})


def grow_old(db, browser, minutes=11):
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    db.execute(text("UPDATE session SET created_at = :at WHERE person_id = :id"), {"at": at, "id": browser.person_id})


# Who may


@pytest.mark.parametrize("role", sorted(PERSON_ROLES - {Role.ADMIN}))
def test_administration_is_closed_to_every_other_role(app, db, town, role):
    browser = over_all(app, db, town, role)
    for rule in app.url_map.iter_rules():
        if declared_action(app, rule.endpoint) != "account.manage":
            continue
        path = re.sub(r"<int:[^>]+>", "1", re.sub(r"<(?!int)[^>]+>", "x", rule.rule))
        for method in rule.methods & {"GET", "POST", "PUT"}:
            answer = browser.client.open(
                path, method=method, base_url=HERE, json={}, headers={CSRF_HEADER: browser.session.csrf, "Origin": HERE}
            )
            assert answer.status_code == 403, (method, path)


def test_a_device_administers_nothing(app, db, town):
    device = Machine(app, db, add_device(db, town, "cam-1", "A", point(0.5, 2.5)))
    assert device.post("/api/v1/accounts", {}).status_code == 403


def test_an_administrator_sees_no_report(admin):
    for path in ("/api/v1/incidents", "/api/v1/search?q=9", "/tiles/incidents/12/1/1.mvt"):
        assert admin.get(path).status_code == 403, path


def test_administration_leads_everyone_to_what_they_may_see(app, db, town, admin):
    assert admin.get("/admin").location == "/admin/people"
    assert over_all(app, db, town, Role.PLANNER).get("/admin").location == "/admin/files"


# People and their parts


def test_an_account_is_made_once_however_often_it_is_sent(admin, db):
    body = {"id": str(uuid.uuid4()), "login": "li", "name": " 李强 ", "phone": "139 0000 1111"}
    first, again = (admin.post("/api/v1/accounts", body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["id"] == again.json["id"]
    assert (first.json["state"], first.json["name"], first.json["roles"]) == ("new", "李强", [])
    assert admin.post("/api/v1/accounts", body | {"name": "李二"}).status_code == 409
    assert admin.post("/api/v1/accounts", body | {"id": str(uuid.uuid4())}).status_code == 409
    assert admin.post("/api/v1/accounts", body | {"id": str(uuid.uuid4()), "role": "admin"}).status_code == 400
    assert admin.post("/api/v1/accounts", body | {"id": str(uuid.uuid4()), "login": "Li Qiang"}).status_code == 422


def test_a_role_is_given_by_code_shown_with_its_place_and_ended(admin, app, db, chen):
    body = {"id": str(uuid.uuid4()), "person": chen, "role": "worker", "over": CODE["A"], "post": "full-time"}
    assert admin.post("/api/v1/roles", body).status_code == 201
    assert admin.post("/api/v1/roles", body).status_code == 200
    (role,) = admin.get(f"/api/v1/accounts/{chen}").json["roles"]
    assert (role["state"], role["over"]["code"], role["over"]["name_en"]) == ("now", CODE["A"], "Grid A")
    browser = Browser(app, db, chen)
    assert "report.create" in browser.get("/api/v1/me").json["can"]
    assert admin.post(f"/api/v1/roles/{role['id']}/end", {}).status_code == 200
    assert "report.create" not in browser.get("/api/v1/me").json["can"]
    assert admin.get(f"/api/v1/accounts/{chen}").json["roles"][0]["state"] == "ended"


def test_clashes_and_gifts_to_oneself_are_refused_in_sentences(admin, chen):
    def give(person, role, **more):
        body = {"id": str(uuid.uuid4()), "person": person, "role": role, "over": "990106", **more}
        return admin.post("/api/v1/roles", body)

    admin.client.set_cookie("gridmap-language", "en", domain=HOST)
    mine = give(admin.person_id, "operator")
    assert (mine.status_code, "another administrator" in mine.json["detail"]) == (403, True)
    assert give(chen, "operator").status_code == 201
    clash = give(chen, "admin")
    assert (clash.status_code, "two accounts" in clash.json["detail"]) == (409, True)
    assert give(chen, "chief", over="nowhere").status_code == 404
    assert give(chen, "chief", **{"from": "2020-01-01T00:00:00Z"}).status_code == 422
    assert give(chen, "device").status_code == 422


def test_what_a_role_can_be_over_is_found_by_name_and_code(admin):
    admin.post("/api/v1/departments", {"id": str(uuid.uuid4()), "code": "cg", "name": "清河城管", "area": "990106001"})
    kinds = {item["code"]: item["kind"] for item in admin.get("/api/v1/role-targets?q=清河").json["items"]}
    assert kinds == {"990106001001": "area", "cg": "department"}
    assert admin.get(f"/api/v1/role-targets?q={CODE['A']}").json["items"][0]["kind"] == "grid"
    assert admin.get("/api/v1/role-targets?q=").status_code == 422


def test_people_come_page_by_page(admin, db, chen):
    first = admin.get("/api/v1/accounts?limit=1").json
    assert len(first["items"]) == 1
    second = admin.get(first["next"]).json
    assert {item["login"] for item in first["items"] + second["items"]} >= {"chen"}
    assert admin.get("/api/v1/accounts?q=limin").json["items"][0]["phone"] == "13812345678"
    assert admin.get("/api/v1/accounts?sort=name").status_code == 400


def test_a_department_is_complete_with_its_three_people(admin, chen):
    body = {"id": str(uuid.uuid4()), "code": "cg", "name": "城管办", "area": "990106001", "handler": "chen"}
    assert admin.post("/api/v1/departments", body).status_code == 201
    (made,) = admin.get("/api/v1/departments").json["items"]
    assert (made["complete"], made["handler"]) == (False, {"login": "chen", "name": "陈立民"})
    office = {"name": "城管办", "handler": "chen", "policy": "chen", "leader": "chen"}
    assert put(admin, "/api/v1/departments/cg", office).status_code == 200
    assert admin.get("/api/v1/departments").json["items"][0]["complete"]
    assert put(admin, "/api/v1/departments/cg", office | {"leader": "nobody"}).json["where"] == "/leader"


def test_particulars_are_rewritten_and_an_account_ends_with_its_sessions(admin, app, db, chen):
    said = {"name": "陈立", "name_en": None, "phone": None, "locale": "en"}
    assert put(admin, f"/api/v1/accounts/{chen}", said).json["phone"] is None
    refused = put(admin, f"/api/v1/accounts/{chen}", said | {"phone": "=1+1"})
    assert (refused.status_code, refused.json["where"]) == (422, "/phone")
    assert put(admin, f"/api/v1/accounts/{chen}", said | {"email": "li@x.example"}).json["email"] == "li@x.example"
    refused = put(admin, f"/api/v1/accounts/{chen}", said | {"email": "li@x.example\nBcc: all@x.example"})
    assert (refused.status_code, refused.json["where"]) == (422, "/email")
    assert "[0-9]" not in refused.json["detail"], "a sentence for people, and no pattern"
    browser = Browser(app, db, chen)
    assert admin.post(f"/api/v1/accounts/{chen}/sessions/end", {}).json == {"ended": 1}
    assert browser.get("/api/v1/me").status_code == 401
    assert admin.post(f"/api/v1/accounts/{chen}/end", {}).json["state"] == "ended"
    assert admin.post(f"/api/v1/accounts/{chen}/end", {}).status_code == 404


# Being there


def test_keys_and_codes_wait_until_the_password_is_shown_again(admin, db, town, chen):
    add_device(db, town, "cam-1", "A", point(0.5, 2.5))
    grow_old(db, admin)
    key = {"id": str(uuid.uuid4())}
    for path, body in (
        (f"/api/v1/accounts/{chen}/code", {}),
        (f"/api/v1/accounts/{chen}/factor/remove", {"reason": "lost phone"}),
        ("/api/v1/register/devices/cam-1/keys", key),
    ):
        answer = admin.post(path, body)
        assert (answer.status_code, answer.json["type"].split("#")[-1]) == (401, "proof-needed"), path
    assert form(admin, "/account/proof", password=OTHER).status_code == 401
    assert admin.post(f"/api/v1/accounts/{chen}/code", {}).status_code == 401
    assert form(admin, "/account/proof", password=PASSWORD).status_code == 303
    assert admin.post(f"/api/v1/accounts/{chen}/code", {}).status_code == 200
    assert admin.post("/api/v1/register/devices/cam-1/keys", key).status_code == 201


def spend(db, login, checks):
    """Use up password checks of an account as wrong passwords would, without the work of argon2."""
    for _ in range(checks):
        assert claim_check(db, login, Visit(HOST, ""), datetime.now(UTC)).refusal is None


def test_guesses_at_the_password_of_an_open_desk_run_into_the_limit(admin, db):
    spend(db, db.scalar(text("SELECT login FROM person WHERE id = :id"), {"id": admin.person_id}), 9)
    assert form(admin, "/account/proof", password="x" * 12).status_code == 401
    assert form(admin, "/account/proof", password=PASSWORD).status_code == 429


# Devices


def test_a_device_comes_gets_its_key_once_and_goes(app, admin, db):
    lon, lat = point(0.5, 2.5)
    body = {"id": str(uuid.uuid4()), "code": "cam-1", "kind": "camera", "name": "路口", "lon": lon, "lat": lat}
    assert admin.post("/api/v1/register/devices", body).status_code == 201
    made = admin.post("/api/v1/register/devices", body)
    assert (made.status_code, made.json["grid"]["code"], made.json["keys"]) == (200, CODE["A"], [])
    wish = {"id": str(uuid.uuid4())}
    answer = admin.post("/api/v1/register/devices/cam-1/keys", wish)
    key = answer.json["key"]
    assert admin.post("/api/v1/register/devices/cam-1/keys", wish).status_code == 409
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    rotated = admin.post("/api/v1/register/devices/cam-1/keys", {"id": str(uuid.uuid4()), "older_until": later})
    assert [one["until"] is None for one in rotated.json["keys"]] == [True, False]
    shown = admin.get("/api/v1/register/devices/cam-1").text + admin.get("/api/v1/register/devices").text
    assert key not in shown
    assert rotated.json["key"] not in shown
    name = answer.json["keys"][0]["name"]
    header = {"Authorization": f"Bearer {key}"}
    client = app.test_client()
    assert client.get("/api/v1/me", base_url=HERE, headers=header).status_code == 403  # known, and no person
    assert len(admin.post(f"/api/v1/register/devices/cam-1/keys/{name}/revoke", {}).json["keys"]) == 1
    assert client.get("/api/v1/me", base_url=HERE, headers=header).status_code == 401
    assert admin.post("/api/v1/register/devices/cam-1/end", {"reason": "  "}).status_code == 422
    assert admin.post("/api/v1/register/devices/cam-1/end", {"reason": "broken"}).json["keys"] == []
    assert admin.get("/api/v1/register/devices?state=ended").json["items"][0]["code"] == "cam-1"


# One's own account


@pytest.fixture
def me(app, db, town, chen):
    set_password(db, MACHINE, chen, PASSWORD, datetime.now(UTC))
    grant(db, MACHINE, chen, Role.OPERATOR, datetime.now(UTC) - timedelta(minutes=1), area_id=town.district_id)
    browser = Browser(app, db, chen)
    browser.person_id = chen
    return browser


def test_a_new_password_needs_the_old_one_and_ends_all_other_sessions(me, app, db, chen):
    other = Browser(app, db, chen)
    refused = form(me, "/account/password", current=OTHER, new=OTHER)
    assert (refused.status_code, "密码不对" in refused.text) == (401, True)
    assert form(me, "/account/password", current=PASSWORD, new="password1234").status_code == 422
    assert other.get("/api/v1/me").status_code == 200
    assert form(me, "/account/password", current=PASSWORD, new=OTHER).location == "/account?done=password"
    assert me.get("/api/v1/me").status_code == 200
    assert other.get("/api/v1/me").status_code == 401


def test_a_second_factor_counts_from_its_first_right_code_on(me, db, chen):
    assert form(me, "/account/second-factor").location == "/account/second-factor"
    page = me.get("/account/second-factor").text
    secret = db.scalar(text("SELECT totp_offered FROM person WHERE id = :id"), {"id": chen})
    assert secret in page.replace(" ", "")
    picture = me.get("/account/second-factor.svg")
    assert (picture.mimetype, picture.headers["Cache-Control"]) == ("image/svg+xml", "no-store")
    wrong = "000000" if pyotp.TOTP(secret).now() != "000000" else "111111"
    assert form(me, "/account/second-factor/confirm", code=wrong).status_code == 422
    assert db.scalar(text("SELECT totp FROM person WHERE id = :id"), {"id": chen}) is None
    code = pyotp.TOTP(secret).now()
    assert form(me, "/account/second-factor/confirm", code=code).location == "/account?done=factor"
    assert db.scalar(text("SELECT totp FROM person WHERE id = :id"), {"id": chen}) == secret
    # The code that turned it on is used up; a password alone proves nothing any more.
    grow_old(db, me)
    db.execute(text("UPDATE session SET proven_at = NULL"))
    assert form(me, "/account/proof", password=PASSWORD, code=code).status_code == 401
    assert form(me, "/account/proof", password=PASSWORD).status_code == 401
    later = pyotp.TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=30))
    assert form(me, "/account/proof", password=PASSWORD, code=later).status_code == 303


def test_an_offered_factor_is_not_shown_at_a_desk_left_open(me, db):
    form(me, "/account/second-factor")
    grow_old(db, me)
    assert "second-factor.svg" not in me.get("/account/second-factor").text
    assert me.get("/account/second-factor.svg").status_code in {303, 401}
    assert form(me, "/account/second-factor").location.startswith("/account/proof")


def test_who_lacks_a_factor_sets_it_up_and_then_may_do_all_that_is_theirs(app, db, me, chen):
    opened = open_session(db, chen, Visit("10.0.0.9", ""), datetime.now(UTC), enrolling=True)
    client = app.test_client()
    client.set_cookie(SESSION_COOKIE, opened.token, domain=HOST, secure=True)

    def send(path, **fields):
        return client.post(path, base_url=HERE, data={CSRF_FIELD: opened.csrf, **fields}, headers={"Origin": HERE})

    assert client.get("/api/v1/incidents", base_url=HERE).status_code == 403
    send("/account/second-factor")
    secret = db.scalar(text("SELECT totp_offered FROM person WHERE id = :id"), {"id": chen})
    assert send("/account/second-factor/confirm", code=pyotp.TOTP(secret).now()).location == "/"
    assert client.get("/api/v1/incidents", base_url=HERE).status_code == 200


def test_my_roles_stand_with_their_dates_on_my_page(me):
    page = me.get("/account?lang=en").text
    assert "District desk" in page
    assert "Qishui" in page
    assert "no end" in page


def test_a_code_becomes_a_password_on_its_page_and_a_weak_one_spends_nothing(app, admin, db, chen):
    code = admin.post(f"/api/v1/accounts/{chen}/code", {}).json["code"]
    client = app.test_client()

    def send(**fields):
        data = {"login": "chen", "code": code, **fields}
        return client.post("/account/code", base_url=HERE, data=data, headers={"Origin": HERE})

    assert send(password="password1234").status_code == 422
    assert send(code="aaaaa-aaaaa-aaaaa-aaaaa", password=OTHER).status_code == 401
    assert send(password=OTHER).location == "/sign-in?done=password"
    assert send(password=OTHER).status_code == 401
    signed = client.post("/sign-in", base_url=HERE, data={"login": "chen", "password": OTHER}, headers={"Origin": HERE})
    assert signed.status_code == 303


def test_the_house_is_begun_once(app, db):
    code = make_first_code(db, MACHINE, datetime.now(UTC)).code
    client = app.test_client()
    assert 'href="/start"' in client.get("/sign-in", base_url=HERE).text

    def send(**fields):
        data = {"code": code, "login": "wu", "name": "吴管", "password": OTHER, **fields}
        return client.post("/start", base_url=HERE, data=data, headers={"Origin": HERE})

    assert send(code="x").status_code == 401
    assert send(login="管").status_code == 422
    assert send(password="short").status_code == 422
    begun = send()
    assert begun.location == "/account/second-factor"
    assert client.get("/api/v1/accounts", base_url=HERE).status_code == 403
    assert "form" not in client.get("/start", base_url=HERE).text
    assert 'href="/start"' not in app.test_client().get("/sign-in", base_url=HERE).text
    assert send(login="zheng").status_code in {401, 409}


def test_limits_survive_a_restart_of_the_web(app, db, chen):
    set_password(db, MACHINE, chen, PASSWORD, datetime.now(UTC))

    def enter(web, password, path="/sign-in", **fields):
        data = {"login": "chen", "password": password, **fields}
        return web.test_client().post(path, base_url=HERE, data=data, headers={"Origin": HERE}).status_code

    spend(db, "chen", 8)
    assert enter(app, "x" * 12) == 401
    assert enter(app, OTHER, "/account/code", code="wrong") == 401
    assert enter(create_app(load_settings()), PASSWORD) == 429


# Everywhere at once


@contextmanager
def web_process(url):
    """A web process of its own, as an installation runs several."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"GRIDMAP_DATABASE_URL": url, "GRIDMAP_LOG_FORMAT": "text"}
    command = [sys.executable, "-m", "gridmap", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def wait_until_ready(address):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            if requests.get(f"{address}/health/ready", timeout=5).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{address} did not come up")


def test_what_another_process_takes_away_is_refused_at_once_and_its_streams_end(fresh_database):
    engine = make_engine(fresh_database.app, idle_timeout_s=None)
    with Session(engine) as db, db.begin():
        town, at = build_town(db), datetime.now(UTC)
        han = add_person(db, MACHINE, NewPerson("han", "韩梅"), None)
        role = grant(db, MACHINE, han, Role.OPERATOR, at, area_id=town.district_id)
        opened = open_session(db, han, Visit("127.0.0.1", ""), at)
        camera = add_device(db, town, "cam-1", "A", point(0.5, 2.5))
        key = make_key(db, Doer(None, "system"), camera, at)
    cookie, bearer = {SESSION_COOKIE: opened.token}, {"Authorization": f"Bearer {key}"}
    with web_process(fresh_database.app) as address:
        wait_until_ready(address)

        def ask(path, **kwargs):
            return requests.get(f"{address}/api/v1{path}", timeout=PATIENCE_S, **kwargs)

        def elsewhere(change):
            with Session(engine) as db, db.begin():
                change(db, datetime.now(UTC))

        assert ask("/incidents", cookies=cookie).status_code == 200
        assert ask("/me", headers=bearer).status_code == 403  # known, and no person
        stream = ask("/events", cookies=cookie, headers={"Accept": "text/event-stream"}, stream=True)
        assert stream.ok
        ended = threading.Event()
        threading.Thread(target=lambda: (list(stream.iter_lines()), ended.set()), daemon=True).start()
        elsewhere(lambda db, at: revoke_named(db, MACHINE.doer, camera, key_name(key_hash(key)), at))
        assert ask("/me", headers=bearer).status_code == 401
        elsewhere(lambda db, at: end_grant(db, MACHINE, role, at))
        assert ask("/incidents", cookies=cookie).status_code == 403
        assert ended.wait(PATIENCE_S)
        elsewhere(lambda db, at: end_their_sessions(db, MACHINE, han, at))
        assert ask("/me", cookies=cookie).status_code == 401
    engine.dispose()
