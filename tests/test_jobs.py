"""Periodic work: each tick once, a missed one made up, whoever does it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partialmethod

import pytest
from procrastinate.exceptions import AlreadyEnqueued
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import Engine, insert, select, text

from gridmap import jobs
from gridmap.database import bind, make_engine
from gridmap.jobs import Job, jobs_of, make_worker_app, run_worker
from gridmap.people.retention import forget_login_tries, forget_sessions
from gridmap.people.tables import LoginTry, SignInSession
from gridmap.postgis import DatabaseUrls
from gridmap.sensing.partitions import prepare_months
from gridmap.settings import Settings
from gridmap.system.retention import forget_events, forget_receipts
from gridmap.system.tables import LiveEvent, Receipt
from tests.aside import run_aside
from tests.worlds import add_person

NOON = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
# Its last tick was days ago, and nobody worked then.
MONTHLY = "0 0 1 * *"
RUN = text("INSERT INTO setting (key, value, changed_at) VALUES (gen_random_uuid()::text, '{}', :at)")


@pytest.fixture
def urls(fresh_database) -> Iterator[DatabaseUrls]:
    """A database of its own, which `transaction` speaks to as it does in a worker."""
    engine = make_engine(fresh_database.app, idle_timeout_s=None)
    bind(engine)
    yield fresh_database
    bind(None)
    engine.dispose()


@pytest.fixture
def owner(urls) -> Iterator[Engine]:
    engine = make_engine(urls.owner, idle_timeout_s=None)
    yield engine
    engine.dispose()


def monthly(work: Callable[..., object]) -> Job:
    return Job("monthly", MONTHLY, work)


def count_a_run(db, at) -> None:
    """A job whose runs can be counted, committed as any job's work is."""
    db.execute(RUN, {"at": at})


def work(urls: DatabaseUrls, owner: Engine, job: Job, workers: int = 1) -> None:
    """Start workers together; let them go when each is up, every tick is queued, and nothing waits or runs."""

    def settled() -> bool:
        with owner.connect() as connection:
            up, queued, left = connection.execute(
                text(
                    "SELECT (SELECT count(*) FROM jobs.procrastinate_workers),"
                    " (SELECT count(*) FROM jobs.procrastinate_periodic_defers),"
                    " (SELECT count(*) FROM jobs.procrastinate_jobs)"
                )
            ).one()
        return up == workers and queued == 2 and left == 0  # the job's own tick and that of the stalled ones

    async def all_of_them() -> None:
        async with AsyncExitStack() as stack:
            running = []
            for _ in range(workers):
                app = await stack.enter_async_context(make_worker_app(urls.app, [job]).open_async())
                done = app.run_worker_async(delete_jobs="always", install_signal_handlers=False)
                running.append(asyncio.create_task(done))
            async with asyncio.timeout(60):
                while not settled():
                    await asyncio.sleep(0.1)
            await asyncio.sleep(0.5)
            for one in running:
                one.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    run_aside(all_of_them())


def runs(owner: Engine) -> int:
    with owner.connect() as connection:
        return connection.scalar(text("SELECT count(*) FROM setting"))


def test_a_missed_run_is_made_up_once(urls, owner):
    work(urls, owner, monthly(count_a_run))
    assert runs(owner) == 1
    work(urls, owner, monthly(count_a_run))
    assert runs(owner) == 1


def test_two_workers_never_run_the_same_twice(urls, owner):
    work(urls, owner, monthly(count_a_run), workers=2)
    assert runs(owner) == 1


def test_a_run_is_dated_when_it_ran(urls, owner):
    before = datetime.now(UTC)
    work(urls, owner, monthly(count_a_run))
    with owner.connect() as connection:
        assert connection.scalar(text("SELECT changed_at FROM setting")) >= before


def test_a_run_that_fails_stops_neither_the_worker_nor_leaves_half_its_work(urls, owner):
    def fail(db, at) -> None:
        count_a_run(db, at)
        raise ValueError("planted")

    work(urls, owner, monthly(fail))
    assert runs(owner) == 0


def test_a_run_that_waits_stands_for_the_ticks_that_pass_meanwhile(urls):
    async def fall_behind() -> None:
        async with make_worker_app(urls.app, [monthly(count_a_run)]).open_async() as app:
            await app.tasks["monthly"].defer_async(timestamp=1)
            with pytest.raises(AlreadyEnqueued):
                await app.tasks["monthly"].defer_async(timestamp=2)

    run_aside(fall_behind())


def test_a_lost_database_is_waited_for(monkeypatch):
    said, tries, pauses = [], [], []
    work = jobs._work

    async def lost_once(app):
        tries.append(app)
        if len(tries) == 1:
            await work(app)

    monkeypatch.setattr(jobs, "_work", lost_once)
    # The library itself waits half a minute before it gives up.
    monkeypatch.setattr(AsyncConnectionPool, "open", partialmethod(AsyncConnectionPool.open, timeout=0.5))
    monkeypatch.setattr("gridmap.jobs.time.sleep", pauses.append)
    run_worker("postgresql+psycopg://nobody@/nothing?host=/nonexistent", [], said.append)
    assert said == ["The database does not answer; the worker tries again every two seconds."]
    assert (len(tries), pauses) == (2, [2.0])


def test_the_anchor_is_written_into_the_data_directory(db, tmp_path):
    (anchor,) = (job for job in jobs_of(Settings(data_dir=tmp_path)) if job.name == "anchor")
    anchor.work(db, NOON)
    assert json.loads((tmp_path / "audit.anchor").read_text())["heads"]


def test_made_up_devices_beat_in_the_demo_alone(tmp_path):
    names = {demo: {job.name for job in jobs_of(Settings(data_dir=tmp_path, demo=demo))} for demo in (True, False)}
    assert names[True] - names[False] == {"demo-heart-beats"}


def test_live_events_are_kept_48_hours(db):
    ages = [timedelta(hours=47), timedelta(hours=49)]
    event = {"kind": "incident", "version": 1, "path": "1"}
    db.execute(insert(LiveEvent), [{**event, "object_id": str(age), "at": NOON - age} for age in ages])
    forget_events(db, NOON)
    assert db.scalars(select(LiveEvent.object_id)).all() == [str(ages[0])]


def test_receipts_are_kept_400_days(db):
    for n, days in enumerate((399, 401)):
        db.add(
            Receipt(id=f"00000000-0000-4000-8000-00000000000{n}", kind="report", digest=b"", at=NOON - timedelta(days))
        )
    db.flush()
    forget_receipts(db, NOON)
    assert [receipt.at for receipt in db.scalars(select(Receipt))] == [NOON - timedelta(399)]


def test_password_checks_count_15_minutes(db):
    db.execute(
        insert(LoginTry), [{"key": "account:x", "at": NOON - timedelta(minutes=minutes)} for minutes in (14, 16)]
    )
    forget_login_tries(db, NOON)
    assert db.scalars(select(LoginTry.at)).all() == [NOON - timedelta(minutes=14)]


def test_a_session_goes_when_it_can_neither_be_used_nor_vouch_for_its_browser(db):
    person = add_person(db, "wang")
    ages = {b"in use": (1, 5), b"ended lately": (30, -20), b"ended long ago": (100, -90), b"old and in use": (100, 1)}
    for token, (created, expires) in ages.items():
        db.add(
            SignInSession(
                token_hash=token,
                person_id=person,
                kind="desk",
                csrf="",
                created_at=NOON - timedelta(created),
                seen_at=NOON - timedelta(created),
                expires_at=NOON + timedelta(expires),
                address="127.0.0.1",
                browser="",
            )
        )
    db.flush()
    forget_sessions(db, NOON)
    assert set(db.scalars(select(SignInSession.token_hash))) == set(ages) - {b"ended long ago"}


def test_alerts_have_partitions_three_months_ahead(db):
    # Years from now: the migration made those of today.
    prepare_months(db, datetime(2099, 11, 15, tzinfo=UTC))
    prepare_months(db, datetime(2099, 11, 16, tzinfo=UTC))
    made = db.scalars(text("SELECT relid::regclass::text FROM pg_partition_tree('alert') ORDER BY 1")).all()
    assert {"alert_2099_11", "alert_2099_12", "alert_2100_01", "alert_2100_02"} <= set(made)
    assert "alert_2100_03" not in made
