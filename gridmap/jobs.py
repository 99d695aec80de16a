"""
Periodic work: what must happen by the clock, each time once, whichever worker does it.

Duties are rows of their own tables; a job only picks up what is due, so a lost run loses nothing. The job library
keeps its tables in the schema ``jobs`` and speaks to them over its own connections.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import procrastinate
from procrastinate.exceptions import ConnectorException
from psycopg import OperationalError
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from gridmap.database import transaction
from gridmap.demo.heartbeats import beat
from gridmap.exchange import uploads
from gridmap.grids.publishing import wait_for_turn
from gridmap.hazards.due import tend_hazards
from gridmap.hotline.contacts import forget_contacts
from gridmap.incidents.escalations import fire_due
from gridmap.incidents.recounting import recount_clocks
from gridmap.language import N_
from gridmap.outbox.retention import forget_messages
from gridmap.people.retention import forget_login_tries, forget_sessions
from gridmap.planning.preparing import prepare
from gridmap.planning.publishing import due_plans, publish_due
from gridmap.reports.mediafiles import MediaFiles
from gridmap.reports.sweeping import sweep_media
from gridmap.residents.flooding import forget_tries
from gridmap.sensing.partitions import prepare_months
from gridmap.settings import Settings
from gridmap.system.audit import Doer
from gridmap.system.retention import forget_events, forget_receipts
from gridmap.system.verify import anchor_file, write_anchor
from gridmap.whistles.ladder import open_due
from gridmap.whistles.recounting import recount_calls
from gridmap.wiring import wire

Work = Callable[[Session, datetime], object]

_MADE_UP_WITHIN: Final = timedelta(days=35)
_PAUSE_S: Final = 2.0


@dataclass(frozen=True)
class Job:
    """
    One kind of periodic work.

    Attributes
    ----------
    name
        Its name in the tables of the library.
    cron
        When, in UTC.
    work
        A function of its room; running it twice does no harm.
    """

    name: str
    cron: str
    work: Work


def publish_plans(db: Session, at: datetime) -> None:
    """
    Publish the approved plans whose hour has come, the earliest first, each in a transaction of its own.

    The clock is read when it is our turn, so that whatever was placed before lies before the edition. A plan that
    cannot be published is a draft again, and the next one has its turn.
    """
    for plan_id in due_plans(db, at):
        with transaction() as own:
            ready = prepare(own, plan_id)
            wait_for_turn(own)
            publish_due(own, Doer(None, "system"), plan_id, datetime.now(UTC), ready)


_ALWAYS: Final = (
    Job("alert-months", "7 3 * * *", prepare_months),
    Job("live-events", "12 * * * *", forget_events),
    Job("plans-due", "* * * * *", publish_plans),
    Job("escalations-due", "* * * * *", fire_due),
    Job("supervisions-due", "*/5 * * * *", open_due),
    Job("hazards-due", "* * * * *", tend_hazards),
    Job("clocks-provisional", "*/5 * * * *", recount_clocks),
    Job("calls-provisional", "*/5 * * * *", recount_calls),
    Job("login-tries", "*/5 * * * *", forget_login_tries),
    Job("sessions", "17 * * * *", forget_sessions),
    Job("receipts", "27 3 * * *", forget_receipts),
    Job("messages", "33 3 * * *", forget_messages),
    Job("contacts", "38 3 * * *", forget_contacts),
    Job("strangers", "43 * * * *", forget_tries),
)


def jobs_of(settings: Settings) -> tuple[Job, ...]:
    """List the periodic work of an installation."""
    wire()

    def anchor(db: Session, at: datetime) -> None:
        write_anchor(db, anchor_file(settings.data_dir), at)

    def sweep_uploads(_: Session, at: datetime) -> None:
        uploads.sweep(settings.data_dir, at)

    def sweep_photos(db: Session, at: datetime) -> None:
        sweep_media(db, MediaFiles.below(settings.data_dir), at)

    return (
        Job("anchor", "* * * * *", anchor),
        Job("import-uploads", "37 * * * *", sweep_uploads),
        Job("photos", "47 3 * * *", sweep_photos),
        *_ALWAYS,
        *((Job("demo-heart-beats", "*/10 * * * *", beat),) if settings.demo else ()),
    )


def make_worker_app(database_url: str, jobs: Sequence[Job]) -> procrastinate.App:
    """
    Tell the job library what runs when.

    A tick is a row with a unique key, so that of many workers one takes it. A worker that starts makes up the last
    tick that all slept through, however many there were.

    Parameters
    ----------
    database_url
        SQLAlchemy address of the role that serves.
    """
    address = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    connector = procrastinate.PsycopgConnector(
        conninfo=address,
        min_size=1,
        max_size=4,
        timeout=5,
        # The library's statements name its tables without a schema.
        kwargs={"options": "-c search_path=jobs -c statement_timeout=60s", "application_name": "gridmap jobs"},
    )
    app = procrastinate.App(connector=connector, periodic_defaults={"max_delay": _MADE_UP_WITHIN.total_seconds()})
    for job in jobs:
        # A run that still waits stands for all ticks that pass meanwhile.
        task = app.task(name=job.name, queueing_lock=job.name)(_runner(job.work))
        app.periodic(cron=job.cron)(task)
    app.periodic(cron="*/5 * * * *")(
        app.task(name="stalled", queueing_lock="stalled", pass_context=True)(_resume_stalled)
    )
    return app


def run_worker(database_url: str, jobs: Sequence[Job], say: Callable[[str], None]) -> None:
    """
    Do the periodic work until the process is told to end; a lost database is waited for.

    Parameters
    ----------
    say
        Told in a sentence when the database is away.
    """
    while True:
        try:
            asyncio.run(_work(make_worker_app(database_url, jobs)))
        except (ConnectorException, OperationalError):
            say(N_("The database does not answer; the worker tries again every two seconds."))
            time.sleep(_PAUSE_S)
        else:
            return


async def _work(app: procrastinate.App) -> None:
    async with app.open_async():
        await app.run_worker_async(delete_jobs="successful", shutdown_graceful_timeout=8, fetch_job_polling_interval=5)


def _runner(work: Work) -> Callable[[int], None]:
    def run(timestamp: int) -> None:
        # Not the hour of the tick but the real one: a run that is made up is dated when it ran.
        with transaction() as db:
            work(db, datetime.now(UTC))

    return run


async def _resume_stalled(context: Any, timestamp: int) -> None:
    """Give back to the queue what a worker held that was killed."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job)
