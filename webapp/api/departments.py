"""Departments, as administrators keep them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import StringConstraints

from gridmap.database import transaction
from gridmap.people.departments import Office, add_department, change_department, departments_of, end_department
from gridmap.people.rules import scope_of
from gridmap.system.receipts import claim, content_digest
from webapp.api import api
from webapp.api.accounts import MANAGE, Line
from webapp.api.shapes import instant, named
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import takes

Code = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
_POSTS = ("handler", "policy", "leader")


class OfficeIn(Input):
    """How a department is called, and the logins of those who answer in it."""

    name: Line
    name_en: Line | None = None
    handler: Line | None = None
    policy: Line | None = None
    leader: Line | None = None

    def office(self) -> Office:
        """The department as the domain takes it."""
        return Office(self.name, self.name_en, self.handler, self.policy, self.leader)


class NewOfficeIn(OfficeIn):
    """A new department over an area; the id is the sender's own, so that it can be sent again."""

    id: UUID
    code: Code
    area: Line


@api.get("/departments")
@declares(MANAGE)
@takes()
def list_departments() -> dict[str, Any]:
    """List departments by code; one is complete with handler, policy specialist and leader in charge named."""
    with transaction() as db:
        rows = departments_of(db, scope_of(current_actor(), MANAGE))
    return {"items": [_department(row) for row in rows]}


@api.post("/departments")
@declares(MANAGE)
@takes(body=NewOfficeIn)
def create_department(body: NewOfficeIn) -> tuple[dict[str, Any], int]:
    """Found a department."""
    with transaction() as db:
        new = claim(db, "department", [(body.id, content_digest(body.model_dump(mode="json")))], now())
        if new:
            add_department(db, current_actor(), body.code, body.area, body.office())
    return {"code": body.code}, 201 if new else 200


@api.put("/departments/<code>")
@declares(MANAGE)
@takes(body=OfficeIn)
def rewrite_department(code: str, body: OfficeIn) -> dict[str, Any]:
    """Write down how a department is called and who answers in it."""
    with transaction() as db:
        change_department(db, current_actor(), code, body.office())
    return {"code": code}


@api.post("/departments/<code>/end")
@declares(MANAGE)
@takes(body=Input)
def close_department(code: str, body: Input) -> dict[str, Any]:
    """Let a department answer for nothing new; twice does no harm."""
    with transaction() as db:
        ended = end_department(db, current_actor(), code, now())
    return {"code": code, "ended": ended}


def _department(row: Any) -> dict[str, Any]:
    people = {
        post: None
        if getattr(row, f"{post}_login") is None
        else {"login": getattr(row, f"{post}_login"), "name": getattr(row, f"{post}_name")}
        for post in _POSTS
    }
    return {
        **named({"code": row.code}, row.name, row.names),
        "area": named({"code": row.area_code}, row.area_name, row.area_names),
        **people,
        "complete": all(people.values()),
        "ended_at": instant(row.ended_at),
    }
