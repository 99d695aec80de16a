"""Notices and the outbox over HTTP: each sees their own, secrets go in and never out."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from gridmap.outbox.actions import send
from gridmap.outbox.rules import Said, ToPerson
from gridmap.people.rules import Role
from gridmap.settings import load_settings
from tests.desks import in_grid, over_all
from webapp import create_app

URL = "https://oapi.dingtalk.com/robot/send?access_token=geheim"
TOLD = Said("%(n)s notices", {"n": 2})


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return create_app(load_settings(data_dir=tmp_path_factory.mktemp("data")))


@pytest.fixture
def admin(app, db, town):
    return over_all(app, db, town, Role.ADMIN)


def test_a_person_reads_their_own_notices_and_marks_only_those(app, db, town):
    me, other = in_grid(app, db, town, "A"), in_grid(app, db, town, "B")
    for n in range(3):
        send(
            db,
            "screen",
            ToPerson(me.person_id),
            TOLD,
            f"第 {n} 条",
            about="incident:1",
            now=datetime(2026, 3, n + 1, tzinfo=UTC),
        )
    first = me.get("/api/v1/notices?limit=2").json
    assert (first["unread"], [one["body"] for one in first["items"]]) == (3, ["第 2 条", "第 1 条"])
    assert me.get("/api/v1/notices?lang=en&limit=1").status_code == 400  # the language is the person's, or the header's
    rest = me.get(first["next"]).json
    assert ([one["body"] for one in rest["items"]], rest["next"]) == (["第 0 条"], None)
    ids = [one["id"] for one in first["items"]]
    assert other.get("/api/v1/notices").json["items"] == []
    assert other.post("/api/v1/notices/read", {"ids": ids}).json == {"unread": 0}
    assert me.post("/api/v1/notices/read", {"ids": ids[:1]}).json == {"unread": 2}
    assert [one["id"] for one in me.get("/api/v1/notices?new=1").json["items"]] == [ids[1], rest["items"][0]["id"]]
    assert me.post("/api/v1/notices/read", {}).json == {"unread": 0}
    assert me.post("/api/v1/notices/read", {"everything": True}).status_code == 400
    assert db.scalars(text("SELECT changed->>'read' FROM audit WHERE action = 'notice.read' ORDER BY at")).all() == [
        "1",
        "2",
    ]


def test_the_event_of_a_notice_reaches_its_reader_alone(app, db, town):
    me, boss = over_all(app, db, town), over_all(app, db, town)
    last = me.get("/api/v1/events/last").json["last"]
    send(db, "screen", ToPerson(me.person_id), TOLD, TOLD)

    def heard(by) -> list[str]:
        told = by.get(f"/api/v1/events?poll=1&after={last}").json["events"]
        return [event["id"] for event in told if event["kind"] == "notice"]

    assert heard(me) == [str(me.person_id)]
    assert heard(boss) == []


def draft(**more):
    return {
        "id": str(uuid.uuid4()),
        "kind": "dingtalk",
        "name": "城管群",
        "url": URL,
        "secret": "SECgeheimgeheim",
    } | more


def test_a_far_end_is_set_up_once_and_its_secrets_are_never_shown_again(admin, db, town):
    body = draft(area="990106001", events=["dispatched"])
    made = admin.post("/api/v1/outbox/endpoints", body)
    assert made.status_code == 201
    assert admin.post("/api/v1/outbox/endpoints", body).status_code == 200
    assert admin.post("/api/v1/outbox/endpoints", body | {"name": "别的"}).status_code == 409
    path = f"/api/v1/outbox/endpoints/{body['id']}"
    assert admin.post(f"{path}/try", {"id": str(uuid.uuid4())}).status_code == 201
    db.execute(text("UPDATE outbox SET dead_at = now()"))
    dead = admin.get("/api/v1/outbox/messages?state=dead")
    assert [(one["name"], one["event"]) for one in dead.json["items"]] == [("城管群", "trial")]
    listed = admin.get("/api/v1/outbox/endpoints")
    said = made.text + listed.text + dead.text + str(db.execute(text("SELECT changed::text FROM audit")).all())
    assert "geheim" not in said
    assert listed.json["items"][0]["address"] == "https://oapi.dingtalk.com/…"
    assert listed.json["items"][0]["area"]["code"] == "990106001"
    # Without address and secret those it has are kept.
    assert admin.client.put(
        path, base_url="https://127.0.0.1", json={"name": "新名", "enabled": False},
        headers={"X-CSRF-Token": admin.session.csrf, "Origin": "https://127.0.0.1"},
    ).json["enabled"] is False  # fmt: skip
    assert db.execute(text("SELECT url, name, path::text FROM outbox_endpoint")).one() == (URL, "新名", "")
    message = dead.json["items"][0]["id"]
    assert admin.post(f"/api/v1/outbox/messages/{message}/retry", {}).status_code == 200
    assert admin.post(f"/api/v1/outbox/messages/{message}/drop", {}).status_code == 409
    assert admin.post(f"{path}/try", {"id": str(uuid.uuid4())}).status_code == 409
    assert admin.post(f"{path}/end", {}).status_code == 200
    assert admin.post(f"{path}/end", {}).status_code == 404
    assert admin.post(f"/api/v1/outbox/messages/{message}/drop", {}).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"url": "http://example.com/"}, "/url"),
        ({"url": None}, "/url"),
        ({"kind": "webhook", "secret": "short"}, "/secret"),
        ({"kind": "webhook", "secret": None}, "/secret"),
        ({"area": "123456"}, "/area"),
        ({"events": ["a b"]}, "/events/0"),
        ({"kind": "fax"}, "/kind"),
    ],
)
def test_a_far_end_that_cannot_be_is_refused_with_its_place(admin, wrong, where):
    answer = admin.post("/api/v1/outbox/endpoints", draft(**wrong))
    assert (answer.status_code, answer.json["where"]) == (422, where)


def test_a_far_end_is_changed_only_by_who_showed_the_password_lately(admin, db):
    db.execute(text("UPDATE session SET created_at = now() - interval '11 minutes'"))
    assert admin.post("/api/v1/outbox/endpoints", draft()).json["type"].endswith("proof-needed")


def test_what_waits_and_what_was_given_up_is_counted_for_those_who_watch(app, admin, db):
    body = draft()
    admin.post("/api/v1/outbox/endpoints", body)
    for _ in range(2):
        admin.post(f"/api/v1/outbox/endpoints/{body['id']}/try", {"id": str(uuid.uuid4())})
    db.execute(text("UPDATE outbox SET dead_at = now() WHERE id = (SELECT min(id::text)::uuid FROM outbox)"))
    db.execute(text("UPDATE outbox SET asked_at = asked_at - interval '1 hour'"))
    health = app.test_client().get("/health/outbox").json
    assert (health["waiting"], health["dead"], health["oldest_s"] // 3600) == (1, 1, 1)
    assert "gridmap_outbox_waiting 1.0" in app.test_client().get("/metrics").text
