"""What live screens ask of incidents: those of one burst of events, and who may hear of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.incidents.queries import summaries
from gridmap.incidents.tables import IncidentSource
from gridmap.people.rules import Access, Scope
from gridmap.reports.tables import Report


@dataclass(frozen=True)
class Subject:
    """An incident as its summary shows it, with the people who told of it."""

    row: Any
    reporters: frozenset[int]

    def access(self, scope: Scope) -> Access | None:
        """How much of it a scope shows: by its path, or as its holder or reporter; None is nothing."""
        found = [scope.covers(self.row.path)]
        if scope.person_id is not None and scope.person_id in {self.row.holder_person_id, *self.reporters}:
            found.append(scope.mine)
        if self.row.holder_department_id in scope.department_ids:
            found.append(scope.mine)
        return max((access for access in found if access is not None), default=None)


def load_subjects(db: Session, ids: Sequence[UUID]) -> Mapping[UUID, Subject]:
    """Read the incidents of a burst in two statements, however many there are; the caller narrows by `access`."""
    told: dict[UUID, set[int]] = {}
    if ids:
        query = (
            select(IncidentSource.incident_id, Report.reporter_id)
            .join(Report, Report.id == IncidentSource.report_id)
            .where(IncidentSource.incident_id.in_(ids), IncidentSource.left_at.is_(None))
            .where(Report.reporter_id.is_not(None))
        )
        for incident, reporter in db.execute(query):
            told.setdefault(incident, set()).add(reporter or 0)
    rows = summaries(db, ids) if ids else {}
    return {key: Subject(row, frozenset(told.get(key, ()))) for key, row in rows.items()}
