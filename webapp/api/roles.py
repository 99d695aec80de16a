"""Roles given and taken, and what they can be given over."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from flask import request
from pydantic import Field

from gridmap.database import transaction
from gridmap.errors import Invalid
from gridmap.grids.search import find_grids_and_areas
from gridmap.language import N_
from gridmap.people.departments import find_departments
from gridmap.people.granting import end_grant, grant
from gridmap.people.register import target_of
from gridmap.people.rules import Role, scope_of
from gridmap.system.receipts import claim, content_digest
from webapp.api import api
from webapp.api.accounts import MANAGE
from webapp.api.shapes import named
from webapp.shared.instants import Instant
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import Parameter, takes

_EACH = 12


class RoleIn(Input):
    """A role over an area, a grid or a department, named by its code; from now on unless said otherwise."""

    id: UUID
    person: int
    role: Literal["worker", "chief", "township", "department", "operator", "planner", "supervisor", "auditor", "admin"]
    over: str = Field(min_length=1, max_length=64)
    post: Literal["full-time", "part-time", "micro", "mobile"] | None = None
    begins: Instant | None = Field(default=None, alias="from")
    until: Instant | None = None


class Ending(Input):
    """When a role ends; now unless said otherwise."""

    at: Instant | None = None


@api.post("/roles")
@declares(MANAGE)
@takes(body=RoleIn)
def give_role(body: RoleIn) -> tuple[dict[str, Any], int]:
    """Give a person a role; it counts from their next request, and their open pages start anew."""
    actor, at = current_actor(), now()
    with transaction() as db:
        if not claim(db, "role", [(body.id, content_digest(body.model_dump(mode="json")))], at):
            return {"person": body.person}, 200
        role_id = grant(
            db,
            actor,
            body.person,
            Role(body.role),
            at,
            **vars(target_of(db, body.over)),
            post=body.post,
            begins=body.begins,
            until=body.until,
        )
    return {"person": body.person, "id": role_id}, 201


@api.post("/roles/<int:role_id>/end")
@declares(MANAGE)
@takes(body=Ending)
def end_role(role_id: int, body: Ending) -> dict[str, Any]:
    """End a role now or at an hour; one that has not begun is taken back."""
    with transaction() as db:
        end_grant(db, current_actor(), role_id, now(), body.at)
    return {"id": role_id}


@api.get("/role-targets")
@declares(MANAGE)
@takes(Parameter("q", "A code, or a part of a name.", needed=True))
def find_targets() -> dict[str, Any]:
    """Find the areas, grids and departments that a role can be given over."""
    typed = " ".join(request.args.get("q", "").split())
    if not 1 <= len(typed) <= 100:
        raise Invalid(N_("Type between 1 and %(most)s characters to search."), where="q", most=100)
    scope = scope_of(current_actor(), MANAGE)
    with transaction() as db:
        places = find_grids_and_areas(db, [path for path, _ in scope.paths], typed, _EACH)
        offices = find_departments(db, scope, typed, _EACH)
    items = [
        {
            **named({"kind": row.kind, "code": row.code}, row.name, row.names),
            "above": row.above,
            "above_en": (row.above_names or {}).get("en") or row.above,
        }
        for row in places
    ]
    items += [
        {**named({"kind": "department", "code": row.code}, row.name, row.names), "above": None, "above_en": None}
        for row in offices
    ]
    return {"items": items}
