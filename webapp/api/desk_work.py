"""What a desk needs beside its queue: what is in its own hands, how its departments are staffed, what units owe."""

from __future__ import annotations

from typing import Any

from gridmap.database import transaction
from gridmap.incidents.hands import hands_of
from gridmap.incidents.units import Unit, units_of
from gridmap.people.departments import own_departments
from gridmap.people.rules import scope_of
from webapp.api import api
from webapp.api.shapes import named
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.taking import takes

_POSTS = ("handler", "policy", "leader")


@api.get("/me/departments")
@api.doc(tags=["me"])
@declares("account.own")
@takes()
def list_own_departments() -> dict[str, Any]:
    """List my departments; the record of one is complete with handler, policy specialist and leader in charge named."""
    actor = current_actor()
    keys = [grant.department_id for grant in actor.grants if grant.department_id is not None]
    with transaction() as db:
        rows = own_departments(db, keys)
    return {"items": [_department(row) for row in rows]}


def _department(row: Any) -> dict[str, Any]:
    posts = {
        post: None
        if getattr(row, f"{post}_name") is None
        else named({}, getattr(row, f"{post}_name"), getattr(row, f"{post}_names"))
        for post in _POSTS
    }
    return {
        **named({"code": row.code}, row.name, row.names),
        **posts,
        "missing": [post for post in _POSTS if posts[post] is None],
        "complete": all(posts.values()),
    }


@api.get("/desk/work")
@declares("incident.read")
@takes()
def show_hands() -> dict[str, Any]:
    """
    Tell the open incidents of my scope apart, by id: what I or my departments hold, where we help, what waits above.

    ``above`` was handed up to the district and waits there.
    """
    actor = current_actor()
    scope = scope_of(actor, "incident.read")
    with transaction() as db:
        hands = hands_of(db, scope)
    return {name: [str(key) for key in getattr(hands, name)] for name in ("held", "helping", "above")}


@api.get("/desk/units")
@declares("indicator.read")
@takes()
def list_units() -> dict[str, Any]:
    """List the units that have open incidents in hand, with how many of them are overdue; no person is counted."""
    scope = scope_of(current_actor(), "indicator.read")
    with transaction() as db:
        return {"items": [_unit(unit) for unit in units_of(db, scope, now())]}


def _unit(unit: Unit) -> dict[str, Any]:
    return {
        **named({"kind": unit.kind, "code": unit.code}, unit.name, unit.names),
        "open": unit.open,
        "overdue": unit.overdue,
        "returned": unit.returned,
    }
