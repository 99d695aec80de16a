"""Who asks for the steps of an incident: by which roles, and whether they have it in hand."""

from __future__ import annotations

from typing import Any, Final

from gridmap.incidents.rules import State
from gridmap.incidents.steps import Asker
from gridmap.people.rights import Role
from gridmap.people.rules import Actor, Thing, roles_on

# Desks record what those who hold it tell them.
_DESKS: Final = frozenset({Role.OPERATOR, Role.TOWNSHIP})
# What was handed to a level and to nobody by name is for these to take on.
_AT_LEVEL: Final = {
    "micro": frozenset({Role.WORKER, Role.CHIEF}),
    "full-time": frozenset({Role.WORKER, Role.CHIEF}),
    "chief": frozenset({Role.CHIEF}),
}


def asker_of(actor: Actor, row: Any, thing: Thing, handled_by: int | None) -> Asker | None:
    """
    Say who asks, as the table of steps sees them; None is one of our own processes.

    Parameters
    ----------
    row
        The incident: ``state, level, holder_person_id, holder_department_id``.
    thing
        What the policy knows of it; its parties are those that may take steps.
    handled_by
        Who reported it as handled.
    """
    if actor.kind == "system":
        return None
    roles = roles_on(actor, "incident.step", thing)
    handled = handled_by is not None and handled_by == actor.id
    return Asker(roles, _holds(actor, roles, row, thing), handled)


def _holds(actor: Actor, roles: frozenset[Role], row: Any, thing: Thing) -> bool:
    if not roles.isdisjoint(_DESKS) or actor.id in (row.holder_person_id, *thing.party_person_ids):
        return True
    departments = {grant.department_id for grant in actor.grants if grant.department_id is not None}
    if not departments.isdisjoint({row.holder_department_id, *thing.party_department_ids}):
        return True
    if row.holder_department_id is not None:
        return False
    # A chief answers for whatever the people of the grid have in hand.
    if Role.CHIEF in roles and (row.holder_person_id is not None or row.state != State.DISPATCHED):
        return True
    if row.holder_person_id is not None:
        return False
    return row.state != State.DISPATCHED or not roles.isdisjoint(_AT_LEVEL.get(row.level, frozenset()))
