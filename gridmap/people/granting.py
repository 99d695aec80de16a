"""Giving people their parts, from when to when, and taking them away."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gridmap.errors import Conflict, Invalid, NotAllowed, NotFound
from gridmap.grids.tables import Area, GridVersion
from gridmap.language import N_
from gridmap.people.actions import administers, lasting, manageable, require_another_administrator, roles_from
from gridmap.people.rules import PERSON_ROLES, Actor, Role, clash_of, scope_of
from gridmap.people.tables import Assignment, Department
from gridmap.system import audit

# A form that was filled in a moment ago still means now.
_NOW_FOR: Final = timedelta(minutes=5)


def grant(
    db: Session,
    actor: Actor,
    person_id: int,
    role: Role,
    at: datetime,
    *,
    area_id: int | None = None,
    grid_id: int | None = None,
    department_id: int | None = None,
    post: str | None = None,
    begins: datetime | None = None,
    until: datetime | None = None,
) -> int:
    """
    Give a person a role over an area, a grid or a department, from `begins` on, or from now.

    Returns
    -------
    assignment_id

    Raises
    ------
    NotAllowed
        If the actor may not, gives to itself, or gives what lies outside its own area.
    Conflict
        If the role clashes with one the person holds: an administrator is nothing else.
    Invalid
        If not exactly one of area, grid and department is named, no person holds such a role, it would begin in the
        past, or end before it begins.
    NotFound
        If there is no such person or place.
    """
    scope = scope_of(actor, "account.manage")
    if actor.kind == "person" and actor.id == person_id:
        raise NotAllowed(N_("Nobody gives a role to themselves. Ask another administrator."))
    if role not in PERSON_ROLES:
        raise Invalid(N_("No person can hold the role %(role)s."), role=role.label)
    begins = _beginning(begins, until, at)
    person = manageable(db, actor, person_id, at)
    held = roles_from(db, person_id, begins)
    if clash := clash_of(held | {role}):
        raise Conflict(
            N_("%(name)s cannot be %(one)s and %(other)s at once. Use two accounts."),
            name=person.name,
            one=clash[0].label,
            other=clash[1].label,
        )
    path = _path_of(db, area_id, grid_id, department_id)
    if scope.covers(path) is None:
        raise NotAllowed(N_("This lies outside the area you administer."))
    assignment = Assignment(
        person_id=person_id,
        role=role.value,
        post=post,
        area_id=area_id,
        grid_id=grid_id,
        department_id=department_id,
        path=path,
        valid=Range(begins, until),
        granted_by=actor.id,
    )
    db.add(assignment)
    db.flush()
    audit.record(
        db,
        actor.doer,
        "assignment.grant",
        object_id=f"person:{person_id}",
        path=path,
        changed={"role": role.value, "from": begins.isoformat(), "until": until.isoformat() if until else None},
    )
    return assignment.id


def _beginning(begins: datetime | None, until: datetime | None, at: datetime) -> datetime:
    """When a role begins: what was is history, so never before now."""
    if begins is not None and begins < at - _NOW_FOR:
        raise Invalid(N_("A role begins now or later: who was responsible before stays as it was."), where="/from")
    begins = max(begins or at, at)
    if until is not None and until <= begins:
        raise Invalid(N_("A role ends after it begins."), where="/until")
    return begins


def end_grant(db: Session, actor: Actor, assignment_id: int, at: datetime, ends: datetime | None = None) -> None:
    """
    Take an assignment away from `ends` on, or from now; it stays as history. One that has not begun goes at once.

    Raises
    ------
    NotAllowed, NotFound
        As the names say.
    Conflict
        If nobody else would be left to administer.
    """
    scope = scope_of(actor, "account.manage")
    ends = max(ends or at, at)
    assignment = db.scalar(select(Assignment).where(Assignment.id == assignment_id, lasting(at)).with_for_update())
    if assignment is None or not administers(db, scope, assignment.path):
        raise NotFound(N_("There is no such assignment in force."))
    if assignment.role == Role.ADMIN:
        require_another_administrator(db, actor, assignment.person_id, ends)
    begins, until = assignment.valid.lower, assignment.valid.upper
    if begins is not None and begins > at and ends <= begins:
        db.delete(assignment)
    else:
        assignment.valid = Range(begins, ends if until is None else min(ends, until))
    db.flush()
    audit.record(
        db,
        actor.doer,
        "assignment.end",
        object_id=f"person:{assignment.person_id}",
        path=assignment.path,
        changed={"role": assignment.role, "until": ends.isoformat()},
    )


def _path_of(db: Session, area_id: int | None, grid_id: int | None, department_id: int | None) -> str:
    named = [thing for thing in (area_id, grid_id, department_id) if thing is not None]
    if len(named) != 1:
        raise Invalid(N_("A role is given over one area, one grid or one department."))
    if area_id is not None:
        path = db.scalar(select(Area.path).where(Area.id == area_id))
    elif grid_id is not None:
        current = [func.upper_inf(GridVersion.valid), func.upper_inf(GridVersion.recorded)]
        path = db.scalar(select(GridVersion.path).where(GridVersion.grid_id == grid_id, *current))
    else:
        of_department = select(Area.path).join(Department, Department.area_id == Area.id)
        path = db.scalar(of_department.where(Department.id == department_id))
    if path is None:
        raise NotFound(N_("There is no such area, grid or department."))
    return path
