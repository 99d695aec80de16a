"""Read what the logs say of incidents: quickly with the clocks that are kept beside them, or from the logs alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, and_, any_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.grids.queries import current_district
from gridmap.grids.tables import GridVersion
from gridmap.incidents.clocks import Clock, clocks_of, spans_of
from gridmap.incidents.history import Event
from gridmap.incidents.queries import readable
from gridmap.incidents.rules import State
from gridmap.incidents.rulings import book_of
from gridmap.incidents.tables import ClockRow, Incident, IncidentLog
from gridmap.insight.facts import DONE_BY, Act, Facts, Period, Timed
from gridmap.insight.queries import below
from gridmap.people.rules import Scope

_UNFILED: Final = (State.REPORTED, State.VERIFIED)


@dataclass(frozen=True)
class Cut:
    """
    Which incidents count.

    Attributes
    ----------
    root
        Those whose grid of their own day lay below this area path; None is all.
    department_id
        Those that a department has in hand, or had when they ended; None is all.
    """

    root: str | None = None
    department_id: int | None = None


def read_facts(db: Session, scope: Scope, period: Period, cut: Cut) -> Facts:
    """
    Read the acts of a period, and the stages that fell due or ended in it, of the incidents in a scope.

    Which stage was due when is taken from the table `clock`, which keeps what follows from the logs.
    """
    return Facts(
        [_act(row) for row in db.execute(_counted(_acts(period), IncidentLog.incident_id, scope, cut))],
        [Timed(*row) for row in db.execute(_counted(_timed(period), ClockRow.incident_id, scope, cut))],
    )


def _counted(query: Select[*tuple[Any, ...]], incident_id: Any, scope: Scope, cut: Cut) -> Select[*tuple[Any, ...]]:
    path = func.coalesce(GridVersion.path, Incident.path)
    query = (
        query.join(Incident, Incident.id == incident_id)
        .outerjoin(GridVersion, GridVersion.id == Incident.grid_version_id)
        .where(readable(scope), below(path, cut.root))
    )
    return query if cut.department_id is None else query.where(Incident.holder_department_id == cut.department_id)


def _acts(period: Period) -> Select[*tuple[Any, ...]]:
    log = IncidentLog
    return select(
        log.incident_id,
        log.seq,
        log.step,
        log.at,
        log.from_state.in_(_UNFILED).label("before_filing"),
        log.data["set"]["source"].astext.label("source"),
        log.data["with"]["satisfied"].astext.label("satisfied"),
    ).where(log.at >= period.start, log.at < period.end)


def _timed(period: Period) -> Select[*tuple[Any, ...]]:
    clock, log = ClockRow, IncidentLog
    same = and_(log.incident_id == clock.incident_id, log.seq >= clock.since_seq)
    done = or_(
        *(
            and_(clock.stage == stage, log.step == any_(bindparam(f"by_{stage}", sorted(steps), ARRAY(Text()))))
            for stage, steps in DONE_BY.items()
        )
    )
    stopped = func.coalesce(clock.stopped_at, period.end)
    return select(
        clock.incident_id,
        clock.stage,
        clock.started_at,
        clock.due_at,
        clock.stopped_at,
        exists().where(same, log.at == clock.stopped_at, done).label("done"),
        exists().where(same, log.at <= stopped, log.step == "extend").label("extended"),
    ).where(
        or_(
            and_(clock.due_at >= period.start, clock.due_at < period.end),
            and_(clock.stopped_at >= period.start, clock.stopped_at < period.end),
        )
    )


def _act(row: Any) -> Act:
    said = None if row.satisfied is None else row.satisfied == "true"
    return Act(row.incident_id, row.seq, row.step, row.at, bool(row.before_filing), row.source, said)


_LOGS: Final = """
    SELECT l.incident_id, l.seq, l.at, l.actor_id, l.role, l.step, l.from_state, l.to_state, l.data,
        (SELECT kind FROM grid_version WHERE id = CAST(first.data #>> '{set,grid_version_id}' AS bigint)) AS kind
    FROM incident_log l JOIN incident_log first ON first.incident_id = l.incident_id AND first.seq = 1
    WHERE CAST(%(since)s AS timestamptz) IS NULL OR first.at >= %(since)s ORDER BY l.incident_id, l.seq
"""


def recompute_facts(db: Session, period: Period, since: datetime | None = None) -> Facts:
    """
    Work out the same from the logs and the rules of their days alone: neither the rows of incidents nor the clocks
    kept beside them are read.

    Parameters
    ----------
    since
        Leaves out what was reported before; None reads every log there is.
    """
    book = book_of(db, current_district(db).time_zone)
    acts: list[Act] = []
    timed: list[Timed] = []
    for incident_id, kind, events in _logs(straight(db, _LOGS, {"since": since})):
        acts += [_act_of(incident_id, event) for event in events if period.holds(event.at)]
        timed += [
            _timed_of(incident_id, clock, events, period)
            for clock in clocks_of(spans_of(events, kind), book.ruling)
            if period.holds(clock.due_at) or period.holds(clock.stopped_at)
        ]
    return Facts(acts, timed)


def _logs(rows: Sequence[Any]) -> Iterator[tuple[UUID, str | None, list[Event]]]:
    for incident_id, group in groupby(rows, key=lambda row: row.incident_id):
        log = list(group)
        yield (
            incident_id,
            log[0].kind,
            [
                Event(
                    row.seq, row.at, row.actor_id, row.role, row.step,
                    None if row.from_state is None else State(row.from_state), State(row.to_state), row.data,
                )
                for row in log
            ],
        )  # fmt: skip


def _act_of(incident_id: UUID, event: Event) -> Act:
    return Act(
        incident_id,
        event.seq,
        event.step,
        event.at,
        event.left in _UNFILED,
        event.columns.get("source"),
        event.told.get("satisfied"),
    )


def _timed_of(incident_id: UUID, clock: Clock, events: Sequence[Event], period: Period) -> Timed:
    since = [event for event in events if event.seq >= clock.since_seq]
    stopped = clock.stopped_at or period.end
    return Timed(
        incident_id,
        clock.stage,
        clock.started_at,
        clock.due_at,
        clock.stopped_at,
        any(event.at == clock.stopped_at and event.step in DONE_BY[clock.stage] for event in since),
        any(event.step == "extend" and event.at <= stopped for event in since),
    )
