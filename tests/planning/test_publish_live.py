"""Publishing for real, with commits: two planners at once, and reports that stream in meanwhile."""

from __future__ import annotations

import http.client
import itertools
import json
import random
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap import database
from gridmap.database import bind, make_engine, transaction
from gridmap.grids.publishing import wait_for_turn
from gridmap.grids.queries import current_district
from gridmap.incidents.verify import verify_incidents
from gridmap.jobs import publish_plans
from gridmap.people.rules import Role
from gridmap.planning.drafting import plan_of
from gridmap.planning.publishing import publish_due
from gridmap.planning.steps import submit
from gridmap.settings import load_settings
from tests.browser.desks import serving
from tests.desks import over_all
from tests.planning.turning import CLOCK, approved, build_street, drawn, explain, halved, merged, rows, strip
from tests.worlds import SIDE, point
from webapp import create_app
from webapp.shared.policy import CSRF_HEADER, SESSION_COOKIE

SENDERS, EACH = 4, 20
# Well away from every border that is drawn here: a place within its error of one may be either's.
SPOTS = [(x + column, y + row) for x in (0.1, 0.35, 0.85) for y in (0.2, 0.6) for column in (0, 1) for row in (0, 1, 2)]


@pytest.fixture
def engine(fresh_database):
    before = database._sessions.kw.get("bind")
    # As patient as a worker: on a busy machine somebody else's turn may take its time.
    engine = make_engine(fresh_database.app, pool_size=12, statement_timeout_s=60, lock_timeout_s=60)
    bind(engine)
    yield engine
    bind(before)
    engine.dispose()


@pytest.fixture
def db(engine):
    with Session(engine, expire_on_commit=False) as db:
        yield db
        db.rollback()


@pytest.fixture
def street(db):
    street = build_street(db)
    db.commit()
    return street


def ready(db, street, *edits, at):
    plan_id = approved(db, street, *edits, at=at)
    db.commit()
    return plan_id


def publish(plan_id):
    with transaction() as own:
        wait_for_turn(own)
        return publish_due(own, CLOCK, plan_id, datetime.now(UTC))


def test_of_two_planners_at_once_exactly_one_wins_and_the_other_is_told(db, street):
    now = datetime.now(UTC)
    one, other = ready(db, street, strip("A", "B"), at=now), ready(db, street, halved("A"), at=now)
    start = threading.Barrier(2)

    def race(plan_id):
        start.wait()
        return publish(plan_id)

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(race, (one, other)))
    won = [answer for answer in answers if answer.edition is not None]
    lost = [answer for answer in answers if answer.edition is None]
    assert [answer.edition for answer in won] == [2]
    assert [answer.sentence[:40] for answer in lost] == ["Other editions changed the same grids me"]
    assert rows(db, "SELECT max(n) FROM edition") == [(2,)]
    assert plan_of(db, won[0].plan_id).state == "published"
    assert plan_of(db, lost[0].plan_id).state == "draft"


def test_the_job_publishes_what_is_due_in_its_order_and_leaves_the_rest(db, street):
    now = datetime.now(UTC)
    first = ready(db, street, strip("A", "B"), at=now)
    second = ready(db, street, merged("E", "F"), at=now + timedelta(microseconds=1))
    later = ready(db, street, halved("C"), at=now)
    db.execute(
        text("UPDATE plan SET publish_at = :hour WHERE id = :id"), {"id": later, "hour": now + timedelta(hours=3)}
    )
    db.commit()
    publish_plans(db, datetime.now(UTC))
    db.commit()
    made = rows(db, "SELECT plan_id FROM edition WHERE n > 1 ORDER BY n")
    assert [plan for (plan,) in made] == [first, second]
    assert rows(db, "SELECT state FROM plan WHERE id = :id", id=later) == [("approved",)]


@pytest.fixture
def impatient(engine, fresh_database):
    """The web's own connections: nobody waits long for a lock there."""
    web = make_engine(fresh_database.app, lock_timeout_s=0.2, statement_timeout_s=60)
    bind(web)
    yield
    bind(engine)
    web.dispose()


def test_a_long_import_delays_the_hour_of_a_plan_and_loses_neither(db, street, engine, impatient, tmp_path):
    now = datetime.now(UTC)
    plan_id = drawn(db, street.author, strip("A", "B"), at=now)
    explain(db, street.author, plan_id, now)
    submit(db, street.author, plan_id, uuid.uuid4(), now)
    browser = over_all(create_app(load_settings(demo=False, data_dir=tmp_path)), db, street.town, Role.PLANNER)
    db.commit()
    with Session(engine) as importing:
        current_district(importing, hold=True)
        answer = browser.post(f"/api/v1/plans/{plan_id}/approve", {"id": str(uuid.uuid4())})
        assert (answer.status_code, answer.json["state"]) == (200, "approved")
    publish_plans(db, datetime.now(UTC))
    db.commit()
    assert rows(db, "SELECT plan_id, published_by FROM edition WHERE n = 2") == [(plan_id, browser.person_id)]


class Sender:
    """A desk that takes reports, and sends some of them twice."""

    def __init__(self, address, browser, seed):
        self.host, self.session, self.random = urlsplit(address).netloc, browser.session, random.Random(seed)
        self.acked: list[uuid.UUID] = []

    def send_all(self, counted):
        for _ in range(EACH):
            report = uuid.uuid4()
            lon, lat = point(*self.random.choice(SPOTS))
            body = {"id": str(report), "source": "patrol", "category": "0201", "text": "垃圾",
                    "place": {"lon": lon, "lat": lat, "accuracy_m": 3}}  # fmt: skip
            for _ in range(self.random.choice((1, 1, 2))):
                assert self._post(body) in (200, 201)
            self.acked.append(report)
            counted()

    def _post(self, body):
        line = http.client.HTTPConnection(self.host, timeout=30)
        headers = {
            "Cookie": f"{SESSION_COOKIE}={self.session.token}",
            CSRF_HEADER: self.session.csrf,
            "Origin": f"http://{self.host}",
            "Content-Type": "application/json",
        }
        line.request("POST", "/api/v1/reports", json.dumps(body), headers)
        status = line.getresponse().status
        line.close()
        return status


class Reader:
    """Somebody who looks at the whole coverage again and again."""

    def __init__(self, engine):
        self.engine, self.seen, self.enough = engine, set(), threading.Event()

    def look(self):
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as look:
            while not self.enough.is_set():
                self.seen.add(
                    look.execute(
                        text(
                            "SELECT count(*), round(sum(ST_Area(plane))), count(DISTINCT grid_id), max(edition_n)"
                            " FROM grid_version WHERE upper_inf(valid) AND upper_inf(recorded)"
                        )
                    ).one()
                )


def test_publishing_while_reports_stream_in_loses_nothing_and_doubles_nothing(db, street, engine, tmp_path):
    now = datetime.now(UTC)
    plans = [
        ready(db, street, strip("A", "B"), halved("C", "new-c"), at=now),
        ready(db, street, merged("E", "F"), at=now),
        ready(db, street, halved("D", "new-d"), at=now),
    ]
    app = create_app(load_settings(demo=False, data_dir=tmp_path, api_per_minute=1_000_000))
    browser = over_all(app, db, street.town, Role.OPERATOR)
    db.commit()
    taken, reached = itertools.count(1), [threading.Event() for _ in plans]

    def counted():
        if (quarter := next(taken) / (SENDERS * EACH / 4)) in (1, 2, 3):
            reached[int(quarter) - 1].set()

    reader, editions = Reader(engine), []
    with serving(app) as address, ThreadPoolExecutor(SENDERS + 1) as pool:
        looking = pool.submit(reader.look)
        senders = [Sender(address, browser, seed) for seed in range(SENDERS)]
        sending = [pool.submit(sender.send_all, counted) for sender in senders]
        for plan_id, event in zip(plans, reached, strict=True):
            while not event.wait(0.2) and not all(one.done() for one in sending):
                pass
            editions.append(publish(plan_id).edition)
        for one in sending:
            one.result()
        reader.enough.set()
        looking.result()
    assert editions == [2, 3, 4]
    sent = sorted(report for sender in senders for report in sender.acked)
    assert [key for (key,) in rows(db, "SELECT id FROM report ORDER BY id")] == sent
    assert rows(db, "SELECT count(*), count(DISTINCT report_id) FROM incident_source") == [(len(sent), len(sent))]
    assert rows(db, "SELECT count(*) FROM incident WHERE closed_at IS NULL") == [(len(sent),)]
    # Who answers now is who holds the place now; where it happened is who held it then.
    assert not rows(
        db,
        "SELECT i.number FROM incident i JOIN LATERAL (SELECT v.grid_id, v.path FROM grid_version v"
        " WHERE upper_inf(v.valid) AND upper_inf(v.recorded) AND ST_Intersects(v.shape, i.place)"
        " ORDER BY v.grid_id LIMIT 1) h ON (i.duty_grid_id, i.path) IS DISTINCT FROM (h.grid_id, h.path)",
    )
    assert not rows(
        db,
        "SELECT i.number FROM incident i JOIN grid_version v ON v.id = i.grid_version_id"
        " WHERE NOT v.valid @> i.occurred_at OR NOT ST_Intersects(v.shape, i.place)",
    )
    assert rows(db, "SELECT count(*) > 0 FROM incident_log WHERE step = 'move'") == [(True,)]
    assert verify_incidents(db) == []
    whole = 6 * SIDE**2
    assert {(row.count, float(row.round)) for row in reader.seen} <= {(6, whole), (7, whole)}
    assert all(row[0] == row[2] for row in reader.seen)
