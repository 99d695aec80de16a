"""From the row to the far end and back: once where it goes well, again where it did not, given up after a day."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.database import bind, make_engine
from gridmap.errors import Conflict
from gridmap.outbox.actions import drop, retry, send
from gridmap.outbox.channels import signature
from gridmap.outbox.claiming import claim_next, give_up, record_sent, show_due
from gridmap.outbox.delivery import Post, deliver_next, keep_delivering
from gridmap.outbox.endpoints import EndpointDraft, add_endpoint, change_endpoint, end_endpoint, try_endpoint
from gridmap.outbox.mail import Mailbox
from gridmap.outbox.outbound import Way
from gridmap.outbox.queries import figures
from gridmap.outbox.retention import forget_messages
from gridmap.outbox.rules import Said, ToDepartment, ToEndpoints, ToPerson, ToRole
from gridmap.people.rules import Role
from gridmap.system.audit import Doer
from tests.outbox.far_ends import answering, far_end, robot
from tests.worlds import add_person, person

NOON = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
ADMIN = Doer(None, "admin")
WAY = Way(loopback=True)
POST = Post(WAY)
SECRET = "a secret of some length"
TOLD = Said("Incident %(number)s is due %(due)s", {"number": "QS-26-1", "due": NOON})


@pytest.fixture
def end():
    with far_end() as end:
        yield end


def set_up(db, end, kind="webhook", **more) -> uuid.UUID:
    end_id = uuid.uuid4()
    draft = EndpointDraft(
        **{"name": "消防", "locale": "en", "enabled": True, "url": end.address + "/in", "secret": SECRET} | more
    )
    add_endpoint(db, ADMIN, end_id, kind, draft, WAY, NOON)
    return end_id


def tell(db, channel="webhook", n=1, now=NOON, **more) -> int:
    return sum(send(db, channel, ToEndpoints("1.2"), TOLD, TOLD, event="dispatched", now=now, **more) for _ in range(n))


@dataclass
class Clock:
    """A clock that stands until it is set."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def after(self, **much) -> Clock:
        self.now += timedelta(**much)
        return self


def run(clock, post=POST) -> int:
    """Deliver until nothing can go; how many posts that took."""
    n = 0
    while deliver_next(post, clock):
        n += 1
    return n


def rows(db, column):
    return db.scalars(text(f"SELECT {column} FROM outbox ORDER BY asked_at, id")).all()


def test_a_notice_reaches_each_person_who_is_meant_once(db, town):
    path, north = town.area_path("A"), town.area_path("A").rsplit(".", 1)[0]
    desks = [person(db, Role.TOWNSHIP, north) for _ in range(2)]
    for desk in desks:
        grant(db, desk.id, "township", north)
    handler, clerk = add_person(db, "handler"), add_person(db, "clerk")
    department = db.scalar(
        text("INSERT INTO department (code, area_id, name) VALUES ('urban', :area, '城管') RETURNING id"),
        {"area": town.district_id},
    )
    grant(db, clerk, "department", path, department)
    assert send(db, "screen", ToRole("township", path), "看一看", "", dedupe="step-1") == 2
    assert send(db, "screen", ToRole("township", path), "看一看", "", dedupe="step-1") == 0
    assert send(db, "screen", ToRole("chief", path), TOLD, TOLD) == 0
    assert send(db, "screen", ToDepartment(department), TOLD, TOLD) == 1
    db.execute(text("UPDATE department SET handler_id = :id"), {"id": handler})
    assert send(db, "screen", ToDepartment(department), TOLD, TOLD) == 1
    reached = db.scalars(text("SELECT person_id FROM outbox ORDER BY asked_at")).all()
    assert (set(reached[:2]), reached[2:]) == ({desk.id for desk in desks}, [clerk, handler])
    # Whoever left hears nothing more; the event that wakes a screen names its reader and lies in no area.
    db.execute(text("UPDATE person SET ended_at = now() - interval '1 hour' WHERE id = :id"), {"id": handler})
    assert send(db, "screen", ToPerson(handler), TOLD, TOLD) == 0
    told = db.execute(text("SELECT object_id, path::text FROM live_event WHERE kind = 'notice'")).all()
    assert set(told) == {(str(one), "") for one in reached}


def grant(db, person_id, role, path, department=None) -> None:
    db.execute(
        text(
            "INSERT INTO assignment (person_id, role, department_id, area_id, path, valid)"
            " VALUES (:person, :role, :dept,"
            " CASE WHEN CAST(:dept AS bigint) IS NULL THEN (SELECT id FROM area WHERE path = CAST(:path AS ltree)) END,"
            " :path, tstzrange('2020-01-01', NULL))"
        ),
        {"person": person_id, "role": role, "dept": department, "path": path},
    )


def test_a_notice_for_later_is_shown_at_its_hour(db):
    reader = add_person(db, "reader")
    send(db, "screen", ToPerson(reader), TOLD, TOLD, now=NOON, due_at=NOON + timedelta(hours=1))
    assert (show_due(db, NOON), rows(db, "sent_at")) == (0, [None])
    assert show_due(db, NOON + timedelta(hours=1)) == 1
    assert rows(db, "sent_at") == [NOON + timedelta(hours=1)]


def test_a_call_that_would_tell_a_name_outside_is_a_mistake(db, end):
    set_up(db, end)
    with pytest.raises(ValueError, match="reporter may not leave"):
        send(db, "webhook", ToEndpoints("1"), Said("%(reporter)s", {"reporter": "赵无极"}), TOLD)
    with pytest.raises(ValueError, match="does not reach"):
        send(db, "screen", ToEndpoints("1"), TOLD, TOLD)
    with pytest.raises(KeyError):
        send(db, "webhook", ToEndpoints("1"), Said("%(number)s", {}), TOLD)
    assert rows(db, "id") == []


def test_a_webhook_is_signed_and_delivered_once(db, end):
    set_up(db, end)
    tell(db, about="incident:1")
    assert run(Clock()) == 1
    (post,) = end.got
    stamp, name = post.headers["x-gridmap-timestamp"], post.headers["x-gridmap-id"]
    assert post.headers["x-gridmap-signature"] == "v1=" + signature(SECRET, stamp, name, post.body)
    assert post.json["id"] == name == str(rows(db, "id")[0])
    assert post.json["values"] == {"number": "QS-26-1", "due": NOON.isoformat()}
    assert post.json["about"] == "incident:1"
    assert rows(db, "sent_at") == [NOON]
    assert run(Clock().after(hours=1)) == 0


def test_far_ends_hear_of_their_own_events_and_area_alone(db, town, end):
    set_up(db, end, events=("overdue",))
    set_up(db, end, area="990106002")
    set_up(db, end, enabled=False)
    end_endpoint(db, ADMIN, set_up(db, end), NOON)
    wanted = set_up(db, end, area="990106001", events=("dispatched", "overdue"))
    path = town.area_path("A")
    assert send(db, "webhook", ToEndpoints(path), TOLD, TOLD, event="dispatched", now=NOON) == 1
    assert rows(db, "endpoint_id") == [wanted]


def test_a_failure_is_tried_again_under_the_same_id_and_given_up_after_a_day(db, end):
    set_up(db, end)
    tell(db)
    end.reply = answering(400)
    clock = Clock()
    while rows(db, "dead_at") == [None]:
        run(clock)
        due = rows(db, "due_at")[0]
        clock.now = max(due, clock.now)
    assert len({post.headers["x-gridmap-id"] for post in end.got}) == 1
    assert len(end.got) in range(28, 36)
    assert clock.now <= NOON + timedelta(hours=24)
    assert figures(db, clock.now).dead == 1
    # An administrator mends the far end and has it sent again.
    end.reply = answering(200)
    retry(db, ADMIN, rows(db, "id")[0], clock.now)
    assert run(clock) == 1
    assert rows(db, "sent_at") == [clock.now]
    actions = db.scalars(text("SELECT action FROM audit WHERE action LIKE 'outbox.%' ORDER BY at")).all()
    assert actions == ["outbox.endpoint.add", "outbox.retry"]


def test_a_far_end_that_is_away_rests_and_holds_up_nobody_else(db, end):
    with far_end() as broken:
        broken.reply = answering(503)
        set_up(db, broken)
        set_up(db, end)
        tell(db, n=5)
        clock = Clock()
        assert run(clock) == 6  # one knock at the broken one, five at the other
        assert (len(broken.got), len(end.got)) == (1, 5)
        broken.reply = answering(200)
        run(clock.after(seconds=61))
        assert len(broken.got) == 6
        assert figures(db, clock.now).waiting == 0


def test_a_line_that_somebody_serves_is_left_to_them_and_stays_theirs_only_for_a_minute(db, end):
    set_up(db, end)
    tell(db, n=2)
    first = claim_next(db, NOON)
    assert claim_next(db, NOON + timedelta(seconds=59)) is None
    second = claim_next(db, NOON + timedelta(seconds=60))
    assert second is not None
    assert first is not None
    assert second.letters[0].id == first.letters[0].id
    # The one who was taken for dead comes back too late to say anything.
    record_sent(db, first, NOON + timedelta(seconds=61))
    assert [at for at in rows(db, "sent_at") if at] == []
    assert claim_next(db, NOON + timedelta(seconds=61)) is None


def test_a_robot_is_told_no_more_than_it_takes_and_nothing_is_lost(db, end):
    set_up(db, end, kind="wecom", secret=None)
    end.reply = robot()
    tell(db, "wecom", n=50)
    clock = Clock()
    assert run(clock) == 20
    assert len(end.got) == 20
    texts = [post.json["markdown"]["content"] for post in end.got]
    assert sum(text.count("QS-26-1") // (2 if "notices" not in text else 1) for text in texts) == 50
    assert all(len(text.encode()) <= 4096 for text in texts)
    tell(db, "wecom", n=3, now=clock.now)
    assert run(clock) == 0  # its minute is full
    assert run(clock.after(seconds=61)) == 3
    assert figures(db, clock.now).waiting == 0
    assert all(rows(db, "sent_at"))


def test_a_robot_that_says_no_inside_of_a_200_was_not_told(db, end):
    set_up(db, end, kind="dingtalk", url=end.address + "/send?access_token=geheim")
    end.reply = robot(310000)
    tell(db, "dingtalk")
    clock = Clock()
    run(clock)
    assert rows(db, "sent_at") == [None]
    assert rows(db, "fault")[0] == {"msgid": "The robot refuses (errcode %(code)s).", "values": {"code": 310000}}
    end.reply = robot()
    run(clock.after(minutes=2))
    assert all(rows(db, "sent_at"))
    # https://open.dingtalk.com: HMAC-SHA256 over "timestamp\nsecret", base64, in the address.
    assert end.got[0].path.startswith("/send?access_token=geheim&timestamp=1772510400000&sign=")
    assert end.got[-1].json["markdown"]["title"] == "Incident QS-26-1 is due 03-03 04:00"


def test_what_a_robot_reads_as_an_order_is_text(db, end):
    set_up(db, end, kind="wecom", secret=None)
    end.reply = robot()
    send(db, "wecom", ToEndpoints("1"), Said("%(area)s", {"area": "<@all>"}), TOLD, now=NOON)
    run(Clock())
    assert "<@all>" not in end.got[0].json["markdown"]["content"]


def test_a_trial_goes_the_way_of_every_message_and_once(db, end):
    end_id, trial = set_up(db, end), uuid.uuid4()
    assert try_endpoint(db, ADMIN, end_id, trial, NOON)
    assert not try_endpoint(db, ADMIN, end_id, trial, NOON)
    run(Clock())
    assert [post.json["event"] for post in end.got] == ["trial"]


def test_turned_off_it_waits_and_taken_away_it_is_given_up(db, end):
    end_id = set_up(db, end)
    tell(db)
    draft = EndpointDraft("消防", "en", enabled=False)
    change_endpoint(db, ADMIN, end_id, draft, WAY)
    assert run(Clock()) == 0
    change_endpoint(db, ADMIN, end_id, EndpointDraft("消防", "en", enabled=True), WAY)
    assert run(Clock()) == 1
    tell(db)
    change_endpoint(db, ADMIN, end_id, draft, WAY)
    give_up(db, NOON + timedelta(hours=25))
    assert [at is not None for at in rows(db, "dead_at")].count(True) == 1
    drop(db, ADMIN, next(i for i, d in db.execute(text("SELECT id, dead_at FROM outbox")) if d), NOON)
    end_endpoint(db, ADMIN, end_id, NOON)
    assert db.execute(text("SELECT url, secret FROM outbox_endpoint")).all() == [("", None)]
    db.execute(text("UPDATE outbox SET sent_at = NULL, dead_at = now()"))
    with pytest.raises(Conflict, match="goes nowhere"):
        retry(db, ADMIN, rows(db, "id")[0], NOON)
    audited = json.dumps([list(row) for row in db.execute(text("SELECT action, changed::text FROM audit"))])
    assert end.address not in audited
    assert SECRET not in audited


class Inbox:
    """What the mail server took; `no` it refuses."""

    def __init__(self) -> None:
        self.got: list[tuple[list[str], bytes]] = []

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802 - aiosmtpd's name
        if address.startswith("no@"):
            return "550 unknown"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.got.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"


@pytest.fixture
def mail():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(Inbox(), hostname="127.0.0.1", port=port)
    controller.start()
    yield controller.handler, Post(WAY, Mailbox("127.0.0.1", port, "plain", "desk@qishui.example"))
    controller.stop()


def test_an_e_mail_goes_to_who_has_an_address_and_only_where_a_server_is_set_up(db, mail):
    inbox, post = mail
    reader, other, gone = (add_person(db, login) for login in ("reader", "other", "gone"))
    for who, address in ((reader, "li@x.example"), (gone, "no@x.example")):
        db.execute(text("UPDATE person SET email = :to, locale = 'en' WHERE id = :id"), {"to": address, "id": who})
    assert send(db, "email", ToPerson(reader), TOLD, TOLD, now=NOON) == 0
    db.execute(text("UPDATE outbox_lane SET closed = false WHERE lane = 'email'"))
    assert [send(db, "email", ToPerson(who), TOLD, TOLD, now=NOON) for who in (reader, other, gone)] == [1, 0, 1]
    run(Clock(), post)
    ((readers, content),) = inbox.got
    assert readers == ["li@x.example"]
    assert b"Subject: Incident QS-26-1 is due 03-03 04:00\r\n" in content
    # Nobody is called that there: it would be the same tomorrow.
    dead = db.execute(text("SELECT person_id, fault FROM outbox WHERE dead_at IS NOT NULL")).all()
    assert [(who, fault["values"]) for who, fault in dead] == [(gone, {"code": 550})]


def test_nothing_is_sent_open_where_encryption_is_asked_for(db, mail):
    inbox, post = mail
    reader = add_person(db, "reader")
    db.execute(text("UPDATE person SET email = 'li@x.example'"))
    db.execute(text("UPDATE outbox_lane SET closed = false WHERE lane = 'email'"))
    send(db, "email", ToPerson(reader), TOLD, TOLD, now=NOON)
    assert post.mailbox is not None
    run(Clock(), Post(WAY, Mailbox("127.0.0.1", post.mailbox.port, "starttls", "desk@qishui.example")))
    assert inbox.got == []
    assert rows(db, "sent_at") == [None]


def test_what_is_done_with_is_forgotten_and_what_nobody_read_stays_longer(db):
    reader = add_person(db, "reader")
    for n in range(3):
        send(db, "screen", ToPerson(reader), TOLD, TOLD, now=NOON + timedelta(seconds=n))
    db.execute(text("UPDATE outbox SET read_at = sent_at WHERE asked_at = :at"), {"at": NOON})
    forget_messages(db, NOON + timedelta(days=31))
    assert len(rows(db, "id")) == 2
    forget_messages(db, NOON + timedelta(days=91))
    assert rows(db, "id") == []


CARRIER = """
import sys
from datetime import UTC, datetime
from gridmap.database import bind, make_engine
from gridmap.outbox.delivery import Post, deliver_next
from gridmap.outbox.outbound import Way
bind(make_engine(sys.argv[1]))
deliver_next(Post(Way(loopback=True)), lambda: datetime.fromisoformat(sys.argv[2]))
"""


def test_a_worker_killed_in_mid_delivery_loses_nothing(fresh_database, end):
    engine = make_engine(fresh_database.app, idle_timeout_s=None)
    bind(engine)
    hangs = threading.Event()
    end.reply = lambda request: hangs.wait(30)
    try:
        with Session(engine) as db, db.begin():
            set_up(db, end)
            tell(db)
        worker = subprocess.Popen([sys.executable, "-c", CARRIER, fresh_database.app, NOON.isoformat()])
        assert end.knocked.wait(30)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        end.reply = answering(200)
        clock = Clock()
        assert run(clock.after(seconds=30)) == 0  # it might still live
        assert run(clock.after(seconds=31)) == 1
        assert len(end.got) == 2
        assert len({post.headers["x-gridmap-id"] for post in end.got}) == 1
        with Session(engine) as db:
            assert rows(db, "sent_at") == [clock.now]
        # And the carriers of a running worker do the same by themselves, several at a time.
        with Session(engine) as db, db.begin():
            tell(db, n=8, now=datetime.now(UTC))
        stop, got = threading.Event(), len(end.got)
        carriers = threading.Thread(target=keep_delivering, args=(stop, Post(WAY)), kwargs={"look_every_s": 0.05})
        carriers.start()
        try:
            with Session(engine) as db:
                for _ in range(400):
                    if figures(db, datetime.now(UTC)).waiting == 0:
                        break
                    db.rollback()
                    stop.wait(0.05)
        finally:
            stop.set()
            carriers.join()
        assert len(end.got) == got + 8
    finally:
        hangs.set()
        bind(None)
        engine.dispose()
