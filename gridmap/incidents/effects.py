"""What a step changes of the row: who has it in hand, at which level, whether it is over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gridmap.errors import Invalid
from gridmap.incidents.resolving import Receiver, level_of
from gridmap.incidents.rules import ENDED, LEVELS, State
from gridmap.incidents.steps import Step
from gridmap.language import N_
from gridmap.people.rights import Role
from gridmap.people.rules import Actor

Columns = dict[str, Any]
_FREE: Columns = {"holder_department_id": None, "holder_person_id": None}


def columns_of(
    step: Step,
    to: State,
    row: Any,
    actor: Actor,
    roles: frozenset[Role],
    told: Mapping[str, Any],
    receiver: Receiver | None,
    at: datetime,
) -> Columns:
    """
    Give the columns that a step sets, but for those that hang on the log and the clocks.

    Parameters
    ----------
    to
        Where the step leads.
    row
        The incident as it stands.
    roles
        By which the actor acts on it.
    told
        What the step was told, as read.
    receiver
        Whom it names.
    """
    columns: Columns = {}
    if to in ENDED:
        columns["closed_at"] = at
    if step.name == "dispatch":
        columns |= _given_to(receiver, told)
    elif step.name == "ask_verification" and receiver is not None:
        columns["holder_person_id"] = receiver.person_id
    elif step.name == "accept":
        columns |= _taken_on(row, actor, roles)
    elif step.name == "escalate":
        columns |= {**_FREE, "level": _higher(row.level, told.get("level"), roles)}
    elif step.to in (State.RETURNED, State.REOPENED, State.FILED, State.VERIFIED):
        columns |= _FREE
    if step.to is State.REOPENED:
        columns |= {"closed_at": None}
    return {name: value for name, value in columns.items() if getattr(row, name) != value}


def _given_to(receiver: Receiver | None, told: Mapping[str, Any]) -> Columns:
    if receiver is None:
        return {**_FREE, "level": told["level"]}
    return {
        "holder_department_id": receiver.department_id,
        "holder_person_id": receiver.person_id,
        "level": receiver.level,
    }


def _taken_on(row: Any, actor: Actor, roles: frozenset[Role]) -> Columns:
    """Who accepts has it in hand: for the department it was sent to, or themselves at their own level."""
    if row.holder_department_id is not None or actor.id is None:
        return {"holder_person_id": actor.id}
    role = Role.CHIEF if Role.CHIEF in roles else Role.WORKER if Role.WORKER in roles else None
    if role is None:
        mine = next((grant.department_id for grant in actor.grants if grant.department_id is not None), None)
        return {"holder_person_id": actor.id, "holder_department_id": mine}
    # Where a level below the own one was named, it stays.
    return {"holder_person_id": actor.id, "level": level_of(role)}


def _higher(level: str, wished: str | None, roles: frozenset[Role]) -> str:
    """The level that a matter is handed up to: the next one, or the one that was named if it is higher."""
    here = LEVELS.index(level)
    if wished is None:
        return LEVELS[min(here + 1, len(LEVELS) - 1)]
    if LEVELS.index(wished) <= here and wished != "district":
        raise Invalid(N_("A matter is handed up to a higher level than the one that has it."), where="/with/level")
    return wished
