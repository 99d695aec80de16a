"""Signing in, staying signed in, being signed out: over HTTP, against real rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie

import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from gridmap.errors import Conflict
from gridmap.people import passwords
from gridmap.people.sessions import IDLE, WINDOW, Opened, Visit, end_session, find_session, open_session, token_hash
from gridmap.people.signing_in import (
    CHECKS_PER_ACCOUNT,
    CHECKS_PER_ADDRESS,
    CodeNeeded,
    claim_check,
    finish_sign_in,
)
from gridmap.sensing.keys import find_device, key_hash, make_key, revoke_key
from gridmap.settings import load_settings
from gridmap.system.audit import Doer
from webapp import create_app
from webapp.shared.policy import CSRF_FIELD, CSRF_HEADER, SESSION_COOKIE

HERE = "http://127.0.0.1:8000"
PASSWORD = "three boats under a bridge"
NOON = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
VISIT = Visit("10.0.0.9", "Firefox")
# argon2 is slow on purpose; here it may be quick.
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HASHED = QUICK.hash(PASSWORD)


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", lambda: QUICK)
    monkeypatch.setattr(passwords, "_NOBODY", HASHED)


@pytest.fixture(scope="module")
def app():
    return create_app(load_settings(demo=False))


@pytest.fixture
def client(app, db):
    return app.test_client()


@pytest.fixture
def area(db):
    return db.scalar(
        text("INSERT INTO area (kind, path, valid) VALUES ('district', '1', '[2020-01-01,)') RETURNING id")
    )


@pytest.fixture
def make_person(db, area):
    def make(login="han", role="worker", totp=None):
        person_id = db.scalar(
            text(
                "INSERT INTO person (login, name, password_hash, totp)"
                " VALUES (:login, '韩梅', :hash, :totp) RETURNING id"
            ),
            {"login": login, "hash": HASHED, "totp": totp},
        )
        db.execute(
            text(
                "INSERT INTO assignment (person_id, role, area_id, path, valid)"
                " VALUES (:id, :role, :area, '1', '[2020-01-01,)')"
            ),
            {"id": person_id, "role": role, "area": area},
        )
        return person_id

    return make


def sign_in(client, login="han", password=PASSWORD, base_url=HERE, headers=None, **fields):
    return client.post(
        "/sign-in",
        base_url=base_url,
        data={"login": login, "password": password, **fields},
        headers={"Origin": base_url, "Accept": "text/html", **(headers or {})},
    )


def cookie_of(response, name=SESSION_COOKIE):
    for line in response.headers.getlist("Set-Cookie"):
        if name in (found := SimpleCookie(line)):
            return found[name]
    return None


def tries(db):
    return db.scalar(text("SELECT count(*) FROM login_try"))


def audit_rows(db, action):
    return db.execute(
        text("SELECT result, object, changed FROM audit WHERE action = :action ORDER BY at"), {"action": action}
    ).all()


def test_the_right_password_opens_a_session_with_a_cookie_that_stays_here(client, make_person, db):
    make_person()
    response = sign_in(client)
    cookie = cookie_of(response)
    assert response.status_code == 303
    assert response.location == "/patrol"
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert cookie["domain"] == ""
    assert len(cookie.value) >= 43  # 256 bits in base64
    assert client.get("/api/v1/me", base_url=HERE).json["person"]["login"] == "han"


def test_only_the_hash_of_the_token_is_stored(client, make_person, db):
    make_person()
    token = cookie_of(sign_in(client)).value
    row = db.execute(text("SELECT * FROM session")).mappings().one()
    assert bytes(row["token_hash"]) == token_hash(token)
    assert token not in repr(dict(row))
    whole_audit = repr(db.execute(text("SELECT * FROM audit")).all())
    assert token not in whole_audit
    assert PASSWORD not in whole_audit


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(client, make_person):
    make_person()
    wrong = sign_in(
        client,
        password="four boats under a bridge",
        headers={"X-Requested-With": "gridmap", "Accept": "application/json"},
    )
    unknown = sign_in(client, login="nobody", headers={"X-Requested-With": "gridmap", "Accept": "application/json"})
    assert wrong.status_code == unknown.status_code == 401
    sentence = "not-signed-in"
    for response in (wrong, unknown):
        assert response.json.pop("request_id")
        assert response.json["type"].endswith(sentence)
        assert cookie_of(response) is None
    assert wrong.json["detail"] == unknown.json["detail"]


def test_an_account_takes_ten_wrong_passwords_and_then_not_even_the_right_one(client, make_person, db):
    make_person()
    for _ in range(CHECKS_PER_ACCOUNT):
        assert sign_in(client, password="x" * 12).status_code == 401
    refused = sign_in(client)
    assert refused.status_code == 429
    assert cookie_of(refused) is None
    assert [row.changed["reason"] for row in audit_rows(db, "session.open")] == ["password"] * 10 + ["limit"]


def test_an_unknown_name_runs_into_the_same_limit(client, db):
    for _ in range(CHECKS_PER_ACCOUNT):
        assert sign_in(client, login="nobody").status_code == 401
    assert sign_in(client, login="nobody").status_code == 429


def test_the_tries_are_forgotten_after_a_quarter_of_an_hour(db, make_person):
    make_person()
    for second in range(CHECKS_PER_ACCOUNT):
        assert claim_check(db, "han", VISIT, NOON + timedelta(seconds=second)).refusal is None
    refusal = claim_check(db, "han", VISIT, NOON + timedelta(seconds=20)).refusal
    assert refusal.retry_s == pytest.approx(WINDOW.total_seconds() - 20, abs=1)
    assert claim_check(db, "han", VISIT, NOON + WINDOW).refusal is None


def test_many_names_from_one_address_run_into_its_limit(db):
    refusals = [claim_check(db, f"name{n}", VISIT, NOON).refusal for n in range(CHECKS_PER_ADDRESS + 1)]
    assert refusals[:-1] == [None] * CHECKS_PER_ADDRESS
    assert refusals[-1] is not None
    assert claim_check(db, "han", Visit("10.0.0.10", ""), NOON).refusal is None


def test_a_strangers_guesses_do_not_lock_out_the_owners_own_browser(client, app, make_person):
    make_person()
    sign_in(client)
    stranger = app.test_client()
    for _ in range(CHECKS_PER_ACCOUNT):
        sign_in(stranger, password="x" * 12)
    assert sign_in(stranger).status_code == 429
    client.delete_cookie(SESSION_COOKIE, domain="127.0.0.1")
    assert sign_in(client).status_code == 303


def test_right_passwords_use_up_nothing(client, make_person, db):
    make_person()
    for _ in range(CHECKS_PER_ACCOUNT + 1):
        assert sign_in(client).status_code == 303
    assert tries(db) == 0


def test_what_was_typed_as_a_name_is_stored_nowhere(client, db):
    secret = "my-password-in-the-wrong-field"
    sign_in(client, login=secret)
    stored = repr(db.execute(text("SELECT * FROM login_try")).all()) + repr(
        db.execute(text("SELECT * FROM audit")).all()
    )
    assert secret not in stored


def test_every_signing_in_makes_a_new_token(client, make_person):
    make_person()
    assert cookie_of(sign_in(client)).value != cookie_of(sign_in(client)).value


def test_a_token_chosen_by_someone_else_opens_nothing(client, make_person):
    make_person()
    client.set_cookie(SESSION_COOKIE, "chosen", domain="127.0.0.1")
    assert cookie_of(sign_in(client)).value != "chosen"
    client.set_cookie(SESSION_COOKIE, "chosen", domain="127.0.0.1")
    assert client.get("/api/v1/me", base_url=HERE).status_code == 401


@pytest.mark.parametrize("origin", ["http://grid.example", "http://10.1.2.3:8000"])
def test_plain_http_from_elsewhere_is_refused_with_a_sentence(client, make_person, origin):
    make_person()
    response = sign_in(client, base_url=origin)
    assert response.status_code == 403
    assert cookie_of(response) is None
    assert "https" in response.text


def test_tls_signs_in_from_anywhere(client, make_person):
    make_person()
    assert sign_in(client, base_url="https://grid.example").status_code == 303


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_another_sites_page_cannot_sign_anyone_in(client, make_person, origin):
    make_person()
    response = sign_in(client, headers={"Origin": origin})
    assert response.status_code == 403
    assert cookie_of(response) is None


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/\t/evil.example"]
)
def test_signing_in_leads_to_no_other_site(client, make_person, wanted):
    make_person()
    assert sign_in(client, next=wanted).location == "/patrol"


def test_a_second_factor_is_asked_for_and_each_code_counts_once(db, make_person):
    secret = pyotp.random_base32()
    make_person(role="operator", totp=secret)
    code = pyotp.TOTP(secret).at(NOON)

    def enter(given, at=NOON):
        claim = claim_check(db, "han", VISIT, at)
        return finish_sign_in(db, claim, PASSWORD, True, given, VISIT, at)

    assert isinstance(enter(None), CodeNeeded)
    assert isinstance(enter("000000" if code != "000000" else "111111"), CodeNeeded)
    assert isinstance(enter(f"{code[:3]} {code[3:]}"), Opened)
    assert isinstance(enter(code), CodeNeeded)
    assert isinstance(enter(pyotp.TOTP(secret).at(NOON + timedelta(seconds=30))), Opened)


def test_the_page_asks_for_the_code_without_losing_the_name(client, make_person):
    make_person(role="operator", totp=pyotp.random_base32())
    response = sign_in(client)
    assert response.status_code == 401
    assert 'value="han"' in response.text
    assert 'id="code" hidden' not in response.text


@pytest.mark.parametrize("role", ["operator", "chief", "admin", "auditor"])
def test_without_a_second_factor_all_but_workers_can_set_one_up_and_nothing_else(client, make_person, role):
    make_person(role=role)
    assert sign_in(client, next="/admin/files").location == "/account/second-factor"
    me = client.get("/api/v1/me", base_url=HERE).json
    assert (me["roles"], me["can"]) == ([], ["account.own", "session.own"])
    for path in ("/", "/admin/people", "/api/v1/incidents", "/api/v1/accounts"):
        assert client.get(path, base_url=HERE).status_code == 403
    assert client.get("/account", base_url=HERE).location == "/account/second-factor"


def test_a_demonstration_asks_for_no_second_factor(db, make_person, tmp_path):
    make_person(role="operator")
    client = create_app(load_settings(demo=True, data_dir=tmp_path)).test_client()
    assert sign_in(client).status_code == 303


def test_an_ended_account_signs_in_no_more_and_its_sessions_end_with_it(client, make_person, db):
    person_id = make_person()
    sign_in(client)
    db.execute(text("UPDATE person SET ended_at = now() - interval '1 s' WHERE id = :id"), {"id": person_id})
    assert client.get("/api/v1/me", base_url=HERE).status_code == 401
    assert sign_in(client).status_code == 401


def test_a_role_that_ends_is_gone_at_the_next_request(client, make_person, db):
    make_person()
    sign_in(client)
    assert "incident.read" in client.get("/api/v1/me", base_url=HERE).json["can"]
    db.execute(text("UPDATE assignment SET valid = tstzrange('2020-01-01', now())"))
    assert "incident.read" not in client.get("/api/v1/me", base_url=HERE).json["can"]


@pytest.mark.parametrize(
    ("kind", "idle_after", "ends_after"),
    [
        ("desk", timedelta(minutes=30), timedelta(hours=12)),
        ("phone", timedelta(hours=12), timedelta(days=7)),
        ("wall", None, timedelta(days=7)),
    ],
)
def test_sessions_idle_out_and_end_by_their_kind(db, make_person, kind, idle_after, ends_after):
    assert IDLE[kind] == idle_after
    person_id = make_person()
    moment = timedelta(seconds=1)
    token = open_session(db, person_id, Visit("10.0.0.9", "", kind), NOON).token
    if idle_after is not None:
        assert find_session(db, token, NOON + idle_after) is None
        assert find_session(db, token, NOON + idle_after - moment) is not None
    step = min(idle_after or ends_after, timedelta(hours=6)) - moment
    at = NOON
    while at + step < NOON + ends_after:
        at += step
        assert find_session(db, token, at) is not None
    assert find_session(db, token, NOON + ends_after) is None


def test_being_seen_is_written_once_a_minute(db, make_person):
    token = open_session(db, make_person(), VISIT, NOON).token

    def seen_after(seconds):
        session, _ = find_session(db, token, NOON + timedelta(seconds=seconds))
        db.flush()
        return session.seen_at

    assert seen_after(59) == NOON
    assert seen_after(60) == NOON + timedelta(seconds=60)


def test_signing_out_ends_the_session_on_the_server(client, make_person, db):
    make_person()
    token = cookie_of(sign_in(client)).value
    csrf = db.scalar(text("SELECT csrf FROM session"))
    response = client.post("/sign-out", base_url=HERE, data={CSRF_FIELD: csrf}, headers={"Origin": HERE})
    assert response.status_code == 303
    client.set_cookie(SESSION_COOKIE, token, domain="127.0.0.1")
    assert client.get("/api/v1/me", base_url=HERE).status_code == 401


def test_i_see_my_sessions_and_end_the_others(client, app, make_person, db):
    make_person()
    other = app.test_client()
    sign_in(other, headers={"User-Agent": "Another browser"})
    sign_in(client)
    page = client.get("/account", base_url=HERE)
    assert "Another browser" in page.text
    csrf = page.text.split('name="csrf-token" content="')[1].split('"')[0]
    client.post("/account/sessions/end-others", base_url=HERE, headers={"Origin": HERE, CSRF_HEADER: csrf})
    assert other.get("/api/v1/me", base_url=HERE).status_code == 401
    assert client.get("/api/v1/me", base_url=HERE).status_code == 200


def test_nobody_ends_another_persons_session(client, make_person, db):
    make_person()
    victim = open_session(db, make_person("chen"), VISIT, datetime.now(UTC))
    sign_in(client)
    csrf = db.scalar(text("SELECT csrf FROM session s JOIN person p ON p.id = s.person_id WHERE login = 'han'"))
    name = token_hash(victim.token).hex()
    response = client.post(f"/account/sessions/{name}/end", base_url=HERE, headers={"Origin": HERE, CSRF_HEADER: csrf})
    assert response.status_code == 404
    assert find_session(db, victim.token, datetime.now(UTC)) is not None


def test_an_ended_session_ends_once(db, make_person):
    person_id = make_person()
    token = open_session(db, person_id, VISIT, NOON).token
    end_session(db, Doer(person_id, "worker"), person_id, token_hash(token), NOON)
    assert find_session(db, token, NOON) is None
    assert [row.result for row in audit_rows(db, "session.end")] == ["done"]


@pytest.fixture
def camera(db):
    return db.scalar(
        text("INSERT INTO device (code, kind, name, path) VALUES ('cam-1', 'camera', '一', '1') RETURNING id")
    )


def test_a_device_key_is_known_by_its_hash_alone(db, camera):
    key = make_key(db, Doer(None, "system"), camera, NOON)
    stored = db.scalar(text("SELECT hash FROM device_key"))
    assert bytes(stored) == key_hash(key)
    assert find_device(db, key, NOON).login == "cam-1"
    assert find_device(db, key, NOON - timedelta(seconds=1)) is None
    assert find_device(db, key[:-1] + ("a" if key[-1] != "a" else "b"), NOON) is None


def test_two_keys_are_valid_while_one_is_changed_for_the_next_and_no_third(db, camera):
    old, new = (make_key(db, Doer(None, "system"), camera, NOON) for _ in range(2))
    assert find_device(db, old, NOON)
    assert find_device(db, new, NOON)
    with pytest.raises(Conflict):
        make_key(db, Doer(None, "system"), camera, NOON)
    revoke_key(db, Doer(None, "system"), key_hash(old), NOON)
    assert find_device(db, old, NOON) is None
    assert find_device(db, new, NOON)
    make_key(db, Doer(None, "system"), camera, NOON)


def test_a_revoked_key_is_refused_at_the_next_request(client, db, camera):
    key = make_key(db, Doer(None, "system"), camera, datetime.now(UTC))
    header = {"Authorization": f"Bearer {key}"}
    assert client.get("/api/v1/me", base_url=HERE, headers=header).status_code == 403  # known, and no person
    revoke_key(db, Doer(None, "system"), key_hash(key), datetime.now(UTC))
    response = client.get("/api/v1/me", base_url=HERE, headers=header)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
