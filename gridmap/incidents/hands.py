"""In whose hands open incidents are, as far as one reader is concerned."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from gridmap.incidents.queries import readable
from gridmap.incidents.rules import LEVELS, State
from gridmap.incidents.tables import Incident, IncidentLog, Party
from gridmap.people.rules import Scope


@dataclass(frozen=True)
class Hands:
    """
    Open incidents of a reader, by id.

    Attributes
    ----------
    held
        The reader, or a department of theirs, answers for them.
    helping
        They take part without answering for them.
    above
        They were handed up to the district and wait there.
    """

    held: tuple[UUID, ...]
    helping: tuple[UUID, ...]
    above: tuple[UUID, ...]


def hands_of(db: Session, scope: Scope) -> Hands:
    """Tell the open incidents of a scope apart; what belongs to none of the three is not named."""
    held = _is_ours(scope, Incident.holder_person_id, Incident.holder_department_id)
    helping = (
        select(Party.incident_id)
        .where(
            Party.incident_id == Incident.id,
            Party.valid.contains(func.now()),
            _is_ours(scope, Party.person_id, Party.department_id),
        )
        .exists()
    )
    # Nothing but being handed up leads back to where it waits to be given out for the first time.
    handed_up = (
        select(IncidentLog.incident_id)
        .where(IncidentLog.incident_id == Incident.id, IncidentLog.step == "escalate")
        .exists()
    )
    above = and_(Incident.state == State.FILED, Incident.level == LEVELS[-1], handed_up)
    rows = db.execute(
        select(Incident.id, held.label("held"), helping.label("helping"), above.label("above"))
        .where(readable(scope), Incident.closed_at.is_(None))
        .order_by(Incident.id)
    ).all()
    return Hands(
        held=tuple(row.id for row in rows if row.held),
        helping=tuple(row.id for row in rows if row.helping and not row.held),
        above=tuple(row.id for row in rows if row.above),
    )


def _is_ours(
    scope: Scope, person: InstrumentedAttribute[int | None], department: InstrumentedAttribute[int | None]
) -> ColumnElement[bool]:
    """Whether a person or a department is the reader's own; never unknown, as a comparison with NULL would be."""
    ours = [] if scope.person_id is None else [person == scope.person_id]
    if scope.department_ids:
        ours.append(department.in_(scope.department_ids))
    return func.coalesce(or_(*ours), false()) if ours else false()
