"""The worker's bench: proposals are taken up as they come, one after another, and may be stopped in between."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from geodata.errors import GeodataError
from geodata.partition import Cancelled, Watch
from gridmap.database import reading, straight, transaction
from gridmap.errors import GridmapError
from gridmap.language import N_, values_kept
from gridmap.planning.drafting import draft_of
from gridmap.planning.drawn_files import FileRefused, FileTask, file_task_of, work_out_file
from gridmap.planning.importing import KIND
from gridmap.planning.proposing import ProposalState
from gridmap.planning.tables import PlanProposal
from gridmap.planning.working_out import Task, task_of, work_out_proposal
from gridmap.planning.zone_choices import ZoneTask, work_out_zones
from gridmap.planning.zoning import zone_task
from gridmap.system.live import Change, announce

log = structlog.get_logger("gridmap.planning")

_LOOK_EVERY_S: Final = 1.0
_TELL_EVERY_S: Final = 0.5
_NO_FILES: Final = Path("/nonexistent")
_LOCKS: Final = 0x67_72_6D_70  # the first of the two keys of the advisory locks that stand for proposals


def keep_working(stop: threading.Event, data_dir: Path, *, look_every_s: float = _LOOK_EVERY_S) -> None:
    """
    Work proposals out until told to stop; a lost database is waited for.

    Parameters
    ----------
    stop
        Set by whoever ends the worker; what is half done is begun anew by the next one.
    data_dir
        Where files lie that planners brought.
    """
    while not stop.is_set():
        try:
            busy = work_next(stop, data_dir)
        except DBAPIError:
            busy = False
        if not busy:
            stop.wait(look_every_s)


def work_next(stop: threading.Event | None = None, data_dir: Path = _NO_FILES) -> bool:
    """
    Work out the proposal that waits longest.

    A lock of the session says that somebody works on one: a proposal that stands as running while nobody holds its
    lock was left by a worker that died, and is begun anew; the same seed gives the same borders.

    Returns
    -------
    busy
        Whether there was one.
    """
    with transaction() as db:
        waiting = straight(
            db, "SELECT id FROM plan_proposal WHERE state IN ('waiting', 'running') ORDER BY asked_at, id", {}
        )
    for row in waiting:
        # An autocommitting connection holds no transaction open while the work is done.
        with reading() as held:
            key = {"space": _LOCKS, "key": row.id.int & 0x7FFFFFFF}
            if not held.scalar(text("SELECT pg_try_advisory_lock(:space, :key)"), key):
                continue
            try:
                if _work(row.id, stop or threading.Event(), data_dir):
                    return True
            finally:
                held.scalar(text("SELECT pg_advisory_unlock(:space, :key)"), key)
    return False


def _work(proposal_id: UUID, stop: threading.Event, data_dir: Path) -> bool:
    try:
        task = _begin(proposal_id, data_dir)
    except (GeodataError, GridmapError) as error:
        _end(proposal_id, ProposalState.FAILED, _said(error))
        return True
    if task is None:
        return False
    try:
        answer = _work_out(task, Watch(_telling(proposal_id), _asking(proposal_id, stop)))
    except Cancelled as cancelled:
        if stop.is_set():
            return True
        _end(proposal_id, ProposalState.CANCELLED, _said(cancelled))
    except FileRefused as refused:
        _end(proposal_id, ProposalState.FAILED, {"notes": refused.notes})
    except (GeodataError, GridmapError) as refused:
        _end(proposal_id, ProposalState.FAILED, _said(refused))
    except MemoryError:
        _end(proposal_id, ProposalState.FAILED, {"notes": [{"msgid": _TOO_LARGE, "params": {}}]})
    else:
        _end(proposal_id, ProposalState.DONE, answer)
    return True


def _work_out(task: Task | FileTask | ZoneTask, watch: Watch) -> dict[str, Any]:
    if isinstance(task, FileTask):
        return work_out_file(task, watch)
    return work_out_zones(task, watch) if isinstance(task, ZoneTask) else work_out_proposal(task, watch)


_TOO_LARGE: Final = N_("There is too much ground to be drawn at once. Choose a smaller area.")


def _said(error: GeodataError | GridmapError) -> dict[str, Any]:
    return {"notes": [{"msgid": error.msgid, "params": values_kept(error.params)}]}


def _begin(proposal_id: UUID, data_dir: Path) -> Task | FileTask | ZoneTask | None:
    """Read what is needed; None if somebody else ended it meanwhile."""
    with transaction() as db:
        found = db.get(PlanProposal, proposal_id, with_for_update=True)
        if found is None or found.state not in (ProposalState.WAITING, ProposalState.RUNNING):
            return None
        found.state, found.started_at, found.progress = ProposalState.RUNNING.value, datetime.now(UTC), 0.0
        if found.plan_id is None:
            return zone_task(db, found, datetime.now(UTC))
        draft = draft_of(db, found.plan_id)
        if found.kind == KIND:
            return file_task_of(draft, found, data_dir)
        return task_of(db, draft, found.id.hex[:8], found.kind, found.args, found.seed)


def _telling(proposal_id: UUID) -> Callable[[float, str], None]:
    """Write how far it is, now and then."""
    last = 0.0

    def tell(share: float, step: str) -> None:
        nonlocal last
        if time.monotonic() - last < _TELL_EVERY_S:
            return
        last = time.monotonic()
        with transaction() as db:
            db.execute(
                text("UPDATE plan_proposal SET progress = :share, step = :step WHERE id = :id"),
                {"share": share, "step": step, "id": proposal_id},
            )

    return tell


def _asking(proposal_id: UUID, stop: threading.Event) -> Callable[[], bool]:
    """Whether it is to be stopped, asked of the database now and then."""
    last = 0.0

    def cancelled() -> bool:
        nonlocal last
        if stop.is_set():
            return True
        if time.monotonic() - last < _TELL_EVERY_S:
            return False
        last = time.monotonic()
        with transaction() as db:
            rows = straight(db, "SELECT cancel FROM plan_proposal WHERE id = %(id)s", {"id": proposal_id})
        return not rows or bool(rows[0].cancel)

    return cancelled


def _end(proposal_id: UUID, state: ProposalState, answer: dict[str, Any]) -> None:
    with transaction() as db:
        found = db.get_one(PlanProposal, proposal_id, with_for_update=True)
        found.state, found.ended_at, found.answer = state.value, datetime.now(UTC), answer
        found.progress = 1.0 if state is ProposalState.DONE else found.progress
        _tell_screens(db, found)
    log.info("proposal", proposal=str(proposal_id), state=state.value)


def _tell_screens(db: Session, found: PlanProposal) -> None:
    about = ("plan", str(found.plan_id)) if found.plan_id else ("zones", str(found.id))
    path = straight(
        db,
        "SELECT path::text AS path FROM area"
        " WHERE id = coalesce(%(area)s, (SELECT district_id FROM plan WHERE id = %(plan)s))",
        {"area": found.area_id, "plan": found.plan_id},
    )[0].path
    announce(db, [Change(*about, int(datetime.now(UTC).timestamp() * 1000), path)])
