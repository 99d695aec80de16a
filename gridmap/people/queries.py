"""Reading people: who someone is, who answers for a grid, and the one filter by scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Text, and_, bindparam, false, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from gridmap.database import Ltree
from gridmap.errors import NotFound
from gridmap.language import N_
from gridmap.people.rules import Access, Actor, Grant, Role, Scope
from gridmap.people.tables import Assignment, Person, SignInSession
from gridmap.system.audit import Doer

# The part someone plays in the log, when several are held: the widest.
_RANK = (
    Role.OPERATOR,
    Role.TOWNSHIP,
    Role.CHIEF,
    Role.DEPARTMENT,
    Role.SUPERVISOR,
    Role.PLANNER,
    Role.WORKER,
    Role.AUDITOR,
    Role.ADMIN,
)


def within(
    scope: Scope,
    path: Any,
    *,
    reporter: Any = None,
    holder_person: Any = None,
    holder_department: Any = None,
) -> ColumnElement[bool]:
    """
    Narrow a query to the rows of a scope: the one filter that all lists, tiles and streams use.

    Parameters
    ----------
    path
        The ``ltree`` column of the rows; one GiST index answers it.
    reporter, holder_person, holder_department
        Columns that make a row one's own wherever it lies, where the table has them.

    Returns
    -------
    clause
        False for an empty scope.
    """
    clauses: list[ColumnElement[bool]] = []
    if scope.paths:
        roots = bindparam(None, [root for root, _ in scope.paths], type_=ARRAY(Ltree()))
        clauses.append(path.op("<@", return_type=Boolean())(func.any(roots)))
    if scope.person_id is not None:
        clauses += [column == scope.person_id for column in (reporter, holder_person) if column is not None]
    if scope.department_ids and holder_department is not None:
        clauses.append(holder_department.in_(scope.department_ids))
    return or_(*clauses) if clauses else false()


def load_actor(
    db: Session,
    person_id: int,
    at: datetime,
    *,
    address: str | None = None,
    request_id: str | None = None,
    wall: bool = False,
) -> Actor:
    """
    Give a person as the policy sees them at an instant.

    Raises
    ------
    NotFound
        If there is no such person, or the account has ended.
    """
    rows = db.execute(
        select(Person, Assignment)
        .outerjoin(Assignment, and_(Assignment.person_id == Person.id, Assignment.valid.contains(at)))
        .where(Person.id == person_id, or_(Person.ended_at.is_(None), Person.ended_at > at))
        .order_by(Assignment.id)
    ).all()
    if not rows:
        raise NotFound(N_("There is no such account, or it has ended."))
    person = rows[0][0]
    grants = tuple(_grant(assignment) for _, assignment in rows if assignment is not None)
    held = {grant.role for grant in grants}
    role = next((role for role in _RANK if role in held), None)
    doer = Doer(person.id, role.value if role else "none", address, request_id)
    name_en = person.names.get("en")
    return Actor("person", person.id, person.login, person.name, person.locale, grants, doer, wall, name_en)


def _grant(assignment: Assignment) -> Grant:
    return Grant(
        Role(assignment.role),
        assignment.path,
        assignment.area_id,
        assignment.grid_id,
        assignment.department_id,
    )


@dataclass(frozen=True)
class Responsible:
    """Someone who answers for a grid."""

    person_id: int
    name: str
    names: dict[str, str]
    role: Role
    post: str | None
    phone: str | None


def responsible_for_many(
    db: Session, grid_ids: Sequence[int], at: datetime, access: Access = Access.MASKED
) -> dict[int, list[Responsible]]:
    """
    Say who answered for each of these grids at an instant, chiefs first.

    Parameters
    ----------
    access
        How much the reader may see: full gives whole telephone numbers, masked their ends, figures none.

    Returns
    -------
    people
        A list for every one of `grid_ids`, empty where nobody was assigned.
    """
    people: dict[int, list[Responsible]] = {grid_id: [] for grid_id in grid_ids}
    rows = db.execute(
        select(Assignment.grid_id, Assignment.role, Assignment.post, Person)
        .join(Person, Person.id == Assignment.person_id)
        .where(Assignment.grid_id.in_(list(people)), Assignment.valid.contains(at))
        .where(Assignment.role.in_([Role.CHIEF, Role.WORKER]))
        .order_by(Assignment.role != Role.CHIEF, Assignment.post, Person.id)
    )
    for grid_id, role, post, person in rows:
        assert grid_id is not None
        phone = shown_phone(person.phone, access)
        people[grid_id].append(Responsible(person.id, person.name, person.names, Role(role), post, phone))
    return people


def responsible_for(db: Session, grid_id: int, at: datetime, access: Access = Access.MASKED) -> list[Responsible]:
    """Say who answered for one grid at an instant; see `responsible_for_many`."""
    return responsible_for_many(db, [grid_id], at, access)[grid_id]


def shown_phone(phone: str | None, access: Access) -> str | None:
    """A telephone number as this access may see it: ``138****5678`` when masked."""
    if phone is None or access is Access.FIGURES:
        return None
    if access is Access.FULL:
        return phone
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else "****"


def sessions_of(db: Session, person_id: int, at: datetime) -> list[tuple[SignInSession, str]]:
    """List the sessions of a person that can still be used, the latest first, each with a name to end it by."""
    rows = db.execute(
        select(SignInSession, func.encode(SignInSession.token_hash, "hex").cast(Text))
        .where(SignInSession.person_id == person_id, SignInSession.expires_at > at)
        .order_by(SignInSession.seen_at.desc())
    )
    return [(session, name) for session, name in rows]
