"""Who has an account here, and what a role can be given over, by the codes that people write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gridmap.errors import NotFound
from gridmap.language import N_
from gridmap.people.tables import Person


@dataclass(frozen=True)
class Target:
    """What a role is given over: exactly one of the three."""

    area_id: int | None = None
    grid_id: int | None = None
    department_id: int | None = None


def person_of(db: Session, login: str) -> int:
    """
    Find an account by its login.

    Raises
    ------
    NotFound
        If nobody has it.
    """
    found = db.scalar(select(Person.id).where(Person.login == login))
    if found is None:
        raise NotFound(N_("Nobody has the login %(login)s. `gridmap user list` shows who is there."), login=login)
    return found


def target_of(db: Session, code: str) -> Target:
    """
    Find what a code names now: an area, a grid or a department.

    Raises
    ------
    NotFound
        If it names none.
    """
    row = db.execute(
        text(
            """
            SELECT (SELECT area_id FROM area_version WHERE code = :code AND upper_inf(valid) AND upper_inf(recorded)),
                (SELECT grid_id FROM grid_version WHERE code = :code AND upper_inf(valid) AND upper_inf(recorded)),
                (SELECT id FROM department WHERE code = :code)
            """
        ),
        {"code": code},
    ).one()
    if row[0] is not None:
        return Target(area_id=row[0])
    if row[1] is not None:
        return Target(grid_id=row[1])
    if row[2] is not None:
        return Target(department_id=row[2])
    raise NotFound(N_("%(code)s is the code of no area, grid or department."), code=code)


def whole_installation(db: Session, at: datetime) -> Target:
    """
    Give what an administrator is made over: the district, or everything there will be while there is none.

    The empty path lies above all others, so what is imported later is under it by itself.
    """
    district = db.scalar(text("SELECT area_id FROM district ORDER BY area_id LIMIT 1"))
    root = district or db.scalar(text("SELECT id FROM area WHERE path = ''"))
    if root is None:
        root = db.scalar(
            text("INSERT INTO area (kind, path, valid) VALUES ('city', '', tstzrange(:at, NULL)) RETURNING id"),
            {"at": at},
        )
    return Target(area_id=root)


def listed_people(db: Session, at: datetime) -> Sequence[Any]:
    """
    List all accounts with the roles in force.

    Returns
    -------
    rows
        ``login, name, ended, can_sign_in, second_factor, roles`` by login; a role reads ``chief 990106001001001``.
    """
    return db.execute(
        text(
            """
            SELECT p.login, p.name, p.ended_at IS NOT NULL AND p.ended_at <= :at AS ended,
                p.password_hash IS NOT NULL AS can_sign_in, p.totp IS NOT NULL AS second_factor,
                array_remove(array_agg(a.role || coalesce(' ' || coalesce(av.code, gv.code, d.code), '')
                    ORDER BY a.id), NULL) AS roles
            FROM person p
                LEFT JOIN assignment a ON a.person_id = p.id AND a.valid @> CAST(:at AS timestamptz)
                LEFT JOIN area_version av ON av.area_id = a.area_id AND upper_inf(av.valid) AND upper_inf(av.recorded)
                LEFT JOIN grid_version gv ON gv.grid_id = a.grid_id AND upper_inf(gv.valid) AND upper_inf(gv.recorded)
                LEFT JOIN department d ON d.id = a.department_id
            GROUP BY p.id ORDER BY p.login
            """
        ),
        {"at": at},
    ).all()
