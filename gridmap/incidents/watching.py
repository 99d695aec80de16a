"""What live screens ask of incidents: those of one burst of events, and who may hear of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, func, null, select, union_all
from sqlalchemy.orm import Session

from gridmap.incidents.queries import summaries
from gridmap.incidents.tables import IncidentSource, Party
from gridmap.people.rules import Access, Scope
from gridmap.reports.tables import Report


@dataclass(frozen=True)
class Subject:
    """An incident as its summary shows it, with who told of it or takes part in it: people, and departments."""

    row: Any
    people: frozenset[int]
    departments: frozenset[int]

    def access(self, scope: Scope) -> Access | None:
        """How much of it a scope shows: by its path, or as its holder or reporter; None is nothing."""
        found = [scope.covers(self.row.path)]
        if scope.person_id is not None and scope.person_id in {self.row.holder_person_id, *self.people}:
            found.append(scope.mine)
        if (
            not self.departments.isdisjoint(scope.department_ids)
            or self.row.holder_department_id in scope.department_ids
        ):
            found.append(scope.mine)
        return max((access for access in found if access is not None), default=None)


def load_subjects(db: Session, ids: Sequence[UUID]) -> Mapping[UUID, Subject]:
    """Read the incidents of a burst in two statements, however many there are; the caller narrows by `access`."""
    people: dict[UUID, set[int]] = {}
    departments: dict[UUID, set[int]] = {}
    if ids:
        told = (
            select(IncidentSource.incident_id, Report.reporter_id, null().cast(BigInteger))
            .join(Report, Report.id == IncidentSource.report_id)
            .where(IncidentSource.incident_id.in_(ids), IncidentSource.left_at.is_(None))
            .where(Report.reporter_id.is_not(None))
        )
        taking_part = select(Party.incident_id, Party.person_id, Party.department_id).where(
            Party.incident_id.in_(ids), Party.valid.contains(func.now())
        )
        rows_of: Sequence[Any] = db.execute(union_all(told, taking_part)).all()
        for incident, person, department in rows_of:
            (people if department is None else departments).setdefault(incident, set()).add(person or department or 0)
    rows = summaries(db, ids) if ids else {}
    return {
        key: Subject(row, frozenset(people.get(key, ())), frozenset(departments.get(key, ())))
        for key, row in rows.items()
    }
