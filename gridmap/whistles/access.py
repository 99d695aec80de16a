"""Who may do what with a whistle or a notice: found in the asker's scope, or not found at all."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.errors import Invalid, NotAllowed, NotFound
from gridmap.incidents.merging import living
from gridmap.language import N_
from gridmap.people.rules import Access, Actor, Thing, can

_WHISTLE: Final = f"""
    SELECT w.id, w.incident_id, w.called_by, i.path::text AS path, i.holder_person_id, i.holder_department_id,
        ARRAY(SELECT c.department_id FROM whistle_call c WHERE c.whistle_id = w.id) AS departments
    FROM whistle w JOIN {living("w.incident_id")} i ON true WHERE w.id = %(id)s
"""


def whistle_thing(row: Any) -> Thing:
    """
    What the policy knows of a whistle: it lies where its incident goes on, and is each called department's.

    Parameters
    ----------
    row
        With ``path, called_by, departments``.
    """
    return Thing(row.path, reporter_id=row.called_by, party_department_ids=tuple(row.departments))


def find_whistle(db: Session, actor: Actor, whistle_id: UUID, action: str) -> Any:
    """
    Find a whistle for an action.

    Raises
    ------
    NotFound
        If there is none in the asker's scope.
    NotAllowed
        If the asker may see it, and the action is not theirs.
    """
    rows = straight(db, _WHISTLE, {"id": whistle_id})
    if not rows or can(actor, "whistle.read", whistle_thing(rows[0])) is None:
        raise NotFound(N_("There is no such whistle, or it is not yours to see."))
    if can(actor, action, whistle_thing(rows[0])) is None:
        raise NotAllowed(N_("You may see this whistle; this is for others to do."))
    return rows[0]


def whistle_access(actor: Actor, row: Any) -> Access | None:
    """How much of a whistle may be seen."""
    return can(actor, "whistle.read", whistle_thing(row))


def own_departments(actor: Actor, action: str = "whistle.answer") -> frozenset[int]:
    """The departments for which somebody answers."""
    if can(actor, action) is None:
        return frozenset()
    return frozenset(grant.department_id for grant in actor.grants if grant.department_id is not None)


def called_department(db: Session, actor: Actor, whistle: Any, code: str | None) -> int:
    """
    The department for which somebody answers a whistle.

    Parameters
    ----------
    code
        Which, for who answers for several; None where there is no doubt.

    Raises
    ------
    NotAllowed
        If the asker answers for none of those that were called.
    Invalid
        If it is none of theirs, or several are and none is named.
    """
    mine = own_departments(actor) & set(whistle.departments)
    if not mine:
        raise NotAllowed(N_("Your department was not called by this whistle."))
    if code is None:
        if len(mine) > 1:
            raise Invalid(N_("You answer for several departments that were called; name one."), where="/department")
        return next(iter(mine))
    return require_called(db, code, mine)


def require_called(db: Session, code: str, among: Any) -> int:
    """
    Find a department by its code among some.

    Raises
    ------
    Invalid
        If it is none of them.
    """
    rows = straight(
        db,
        "SELECT id FROM department WHERE code = %(code)s AND id = ANY(%(among)s)",
        {"code": code, "among": list(among)},
    )
    if not rows:
        raise Invalid(N_("Department %(code)s was not called by this whistle."), where="/department", code=code)
    return int(rows[0].id)
