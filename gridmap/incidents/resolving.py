"""Find what a step names: a department, a person, another incident, a class, a place; within what its taker may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.errors import Invalid
from gridmap.grids.locating import Placed, Told, place_all
from gridmap.incidents.merging import living
from gridmap.incidents.rules import LEVELS
from gridmap.language import N_
from gridmap.people.rights import Role
from gridmap.people.rules import Actor, is_below


@dataclass(frozen=True)
class Receiver:
    """
    Whom a step names.

    Attributes
    ----------
    path
        Area path of what they answer for.
    level
        The level at which they have a matter in hand.
    """

    department_id: int | None
    person_id: int | None
    path: str
    level: str


_DEPARTMENT: Final = """
    SELECT d.id, a.path::text AS path, a.kind FROM department d JOIN area a ON a.id = d.area_id WHERE d.code = %(code)s
        AND (d.ended_at IS NULL OR d.ended_at > %(at)s)
"""
_PERSON: Final = """
    SELECT a.role, a.post, a.path::text AS path, a.department_id, a.grid_id FROM assignment a
    JOIN person p ON p.id = a.person_id
    WHERE a.person_id = %(person)s AND a.valid @> %(at)s AND (p.ended_at IS NULL OR p.ended_at > %(at)s)
        AND (a.department_id IS NOT NULL OR CAST(%(path)s AS ltree) IS NULL OR CAST(%(path)s AS ltree) <@ a.path)
"""
_RECEIVES: Final = (Role.CHIEF, Role.WORKER, Role.DEPARTMENT, Role.TOWNSHIP, Role.OPERATOR)


def find_department(db: Session, code: str, at: datetime) -> Receiver:
    """
    Find a department by its code.

    Raises
    ------
    Invalid
        If there is none at that instant.
    """
    rows = straight(db, _DEPARTMENT, {"code": code, "at": at})
    if not rows:
        raise Invalid(N_("There is no department %(code)s."), where="/with/department", code=code)
    row = rows[0]
    return Receiver(row.id, None, row.path, "district" if row.kind == "district" else "township")


def find_person(db: Session, person_id: int, path: str | None, at: datetime) -> Receiver:
    """
    Find somebody who works where an incident is, or for a department.

    Parameters
    ----------
    path
        Area path of the incident; None takes whoever works anywhere.

    Raises
    ------
    Invalid
        If nobody of that number works there at that instant.
    """
    rows = straight(db, _PERSON, {"person": person_id, "path": path, "at": at})
    held = {Role(row.role): row for row in rows}
    role = next((role for role in _RECEIVES if role in held), None)
    if role is None:
        raise Invalid(N_("This person works neither there nor for a department."), where="/with/person")
    row = held[role]
    return Receiver(row.department_id, person_id, row.path, level_of(role, row.post))


def level_of(role: Role, post: str | None = None) -> str:
    """The level at which somebody of a role has a matter in hand."""
    if role is Role.WORKER:
        return "micro" if post == "micro" else "full-time"
    return {Role.CHIEF: "chief", Role.TOWNSHIP: "township"}.get(role, "district")


def require_reach(actor: Actor, roles: frozenset[Role] | set[Role], path: str, to: Receiver) -> None:
    """
    See to it that a chief hands on inside the grid and a township inside the township; the district desk reaches all.

    Parameters
    ----------
    roles
        By which the actor acts on the incident.
    path
        Area path of the incident.

    Raises
    ------
    Invalid
        If the receiver lies beyond.
    """
    if actor.kind == "system" or Role.OPERATOR in roles:
        return
    if Role.TOWNSHIP in roles:
        own = [grant.path for grant in actor.grants if grant.role is Role.TOWNSHIP and is_below(path, grant.path)]
        inside = any(is_below(to.path, root) for root in own)
        if to.level == "district" or not inside:
            raise Invalid(
                N_("A township desk dispatches inside its township. Hand the incident up, and the district sends it."),
                where="/with",
            )
        return
    if to.department_id is not None or LEVELS.index(to.level) > LEVELS.index("chief"):
        raise Invalid(
            N_("A chief dispatches inside the grid: to its people and levels. Hand the incident up for anything else."),
            where="/with",
        )


def find_incident(db: Session, name: str, where: str) -> UUID:
    """
    Find an incident by its number or id; of one that was merged, the one that it was merged into.

    Raises
    ------
    Invalid
        If there is none; whether the actor may see it is for the caller to ask.
    """
    rows = straight(
        db,
        f"SELECT i.id FROM incident named JOIN {living('named.id')} i ON true"
        " WHERE named.number = %(name)s OR named.id::text = %(name)s",
        {"name": name},
    )
    if not rows:
        raise Invalid(N_("There is no incident %(name)s among yours."), where=where, name=name)
    found: UUID = rows[0].id
    return found


def require_category(db: Session, code: str) -> None:
    """
    See to it that there is such a class.

    Raises
    ------
    Invalid
        If there is none.
    """
    if not straight(db, "SELECT 1 AS one FROM category WHERE code = %(code)s", {"code": code}):
        raise Invalid(N_("There is no class %(code)s."), where="/with/category", code=code)


def replace_it(db: Session, told: Mapping[str, float] | None, row: Any, occurred_at: datetime) -> Placed:
    """
    Place an incident anew, in the grids of its day.

    Parameters
    ----------
    told
        Where it is said to be; None leaves the place and asks for the grid of another time.

    Raises
    ------
    Invalid
        If the place cannot be in the district.
    """
    if told is None:
        position = Told(row.given_x, row.given_y, row.given_datum or "wgs84", row.sigma_m, row.place_method or "pin")
    else:
        position = Told(told["lon"], told["lat"], error_m=told.get("accuracy_m"), method="pin")
    (placed,) = place_all(db, [(position, occurred_at)])
    if told is not None and placed.reason is not None:
        raise Invalid(placed.reason, where="/with/place")
    return placed


def origins_of(db: Session, incident_id: UUID) -> set[UUID]:
    """What an incident arose from, and what that arose from, back to the first."""
    rows = straight(
        db,
        "WITH RECURSIVE origin AS (SELECT arose_from AS id FROM incident WHERE id = %(id)s UNION"
        " SELECT i.arose_from FROM incident i JOIN origin o ON o.id = i.id) SELECT id FROM origin WHERE id IS NOT NULL",
        {"id": incident_id},
    )
    return {row.id for row in rows}
