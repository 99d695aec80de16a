"""The way of a plan to an edition: submit, approve, the hour, back; and figures on the grids of any edition."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Final
from uuid import UUID

import numpy as np
import shapely
from flask import request
from psycopg.errors import LockNotAvailable
from pydantic import StringConstraints
from sqlalchemy.exc import OperationalError

from geodata.crs import shapes_to_lonlat
from gridmap.database import transaction
from gridmap.errors import Invalid
from gridmap.grids.publishing import wait_for_turn
from gridmap.grids.queries import current_district
from gridmap.language import N_
from gridmap.moment import parse_as_of
from gridmap.people.rules import is_below, scope_of
from gridmap.planning import steps
from gridmap.planning.drafting import plan_of
from gridmap.planning.preparing import prepare
from gridmap.planning.publishing import publish_due
from gridmap.planning.queries import DRAFTS, PUBLISHES, plan_row
from gridmap.planning.rebase import Contested, contested, newest_edition
from gridmap.planning.restating import restate
from webapp.api import api
from webapp.api.numbers import whole_arg
from webapp.api.parameters import AREA, whole
from webapp.api.plan_shapes import geometry_told
from webapp.api.plans import shown_plan
from webapp.api.shapes import instant, named
from webapp.shared.instants import Instant
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import Parameter, takes

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
_LONGEST: Final = timedelta(days=400)
_YEAR: Final = timedelta(days=365)


class StepIn(Input):
    """A step; the id is the sender's own, so that it can be sent again."""

    id: UUID


class NotedIn(StepIn):
    """A step with a word."""

    note: Words | None = None


class ReasonedIn(StepIn):
    """A step that says why."""

    note: Words


class ApprovedIn(NotedIn):
    """Consent, with the hour of the edition; none is now."""

    publish_at: Instant | None = None


class HourIn(StepIn):
    """Another hour; none is now."""

    publish_at: Instant | None = None


def _taken(step: Callable[..., object], plan_id: UUID, call: UUID, *said: Any, shown: UUID | None = None) -> Any:
    """Take a step of `gridmap.planning.steps` in a transaction of its own, and show the plan."""
    actor = current_actor()
    with transaction() as db:
        step(db, actor, plan_id, call, now(), *said)
        return shown_plan(db, actor, shown or plan_id)


@api.post("/plans/<uuid:plan_id>/submit")
@declares(DRAFTS)
@takes(body=NotedIn)
def submit_plan(plan_id: UUID, body: NotedIn) -> Any:
    """Ask another planner for approval; the check must hold."""
    return _taken(steps.submit, plan_id, body.id, body.note)


@api.post("/plans/<uuid:plan_id>/withdraw")
@declares(DRAFTS)
@takes(body=StepIn)
def withdraw_plan(plan_id: UUID, body: StepIn) -> Any:
    """Give a plan up."""
    return _taken(steps.withdraw, plan_id, body.id)


@api.post("/plans/<uuid:plan_id>/send-back")
@declares(PUBLISHES)
@takes(body=ReasonedIn)
def send_plan_back(plan_id: UUID, body: ReasonedIn) -> Any:
    """Give a plan back to its author, with what is to be changed."""
    return _taken(steps.send_back, plan_id, body.id, body.note)


@api.post("/plans/<uuid:plan_id>/approve")
@declares(PUBLISHES)
@takes(body=ApprovedIn)
def approve_plan(plan_id: UUID, body: ApprovedIn) -> Any:
    """Agree to a plan of another person, to be published at an hour or now."""
    _taken(steps.approve, plan_id, body.id, body.publish_at, body.note)
    return _published_now(plan_id)


@api.post("/plans/<uuid:plan_id>/publish")
@declares(PUBLISHES)
@takes(body=HourIn)
def publish_plan(plan_id: UUID, body: HourIn) -> Any:
    """Give an approved plan another hour, or publish it now."""
    _taken(steps.set_hour, plan_id, body.id, body.publish_at)
    return _published_now(plan_id)


def _published_now(plan_id: UUID) -> Any:
    """Publish what is due at once, rather than at the job's next minute; then show the plan."""
    actor = current_actor()
    try:
        with transaction() as db:
            plan = plan_of(db, plan_id)
            if plan.publish_at is not None and plan.publish_at <= now():
                ready = prepare(db, plan_id)
                wait_for_turn(db)
                # The clock is read when it is our turn: what was placed before lies before the edition.
                publish_due(db, actor.doer, plan_id, now(), ready)
    except OperationalError as error:
        # A long import holds the coverage. The plan is approved, and the job publishes it when that is done.
        if not isinstance(error.orig, LockNotAvailable):
            raise
    with transaction() as db:
        return shown_plan(db, actor, plan_id)


@api.post("/plans/<uuid:plan_id>/revert")
@declares(DRAFTS)
@takes(body=ReasonedIn)
def revert_plan(plan_id: UUID, body: ReasonedIn) -> Any:
    """Submit a plan that gives every grid the bytes it had before this one; its id is that of the call."""
    return _taken(steps.revert, plan_id, body.id, body.note, shown=body.id)


@api.get("/plans/<uuid:plan_id>/rebase")
@declares(DRAFTS)
@takes()
def show_rebase(plan_id: UUID) -> dict[str, Any]:
    """Show what stands between a plan and the newest edition: grids that both changed, each way."""
    with transaction() as db:
        plan_row(db, current_actor(), plan_id)
        plan = plan_of(db, plan_id)
        shared, srid = contested(db, plan), current_district(db).srid
        behind = newest_edition(db, plan) - plan.base_edition
    return {"behind": behind, "disjoint": not shared, "contested": [_contested(grid, srid) for grid in shared]}


def _contested(grid: Contested, srid: int) -> dict[str, Any]:
    sides = {"base": grid.base, "mine": grid.mine, "theirs": grid.theirs}
    return {"id": grid.id, "name": grid.name, **{side: _shape(wkb, srid) for side, wkb in sides.items()}}


def _shape(wkb: bytes | None, srid: int) -> Any:
    if wkb is None:
        return None
    plane = np.array([shapely.from_wkb(wkb)], dtype=object)
    return geometry_told(shapes_to_lonlat(plane, srid)[0])


@api.post("/plans/<uuid:plan_id>/rebase")
@declares(DRAFTS)
@takes(body=StepIn)
def rebase_plan(plan_id: UUID, body: StepIn) -> Any:
    """Bring a draft onto the newest edition; edits of contested grids are set aside, each with the reason."""
    return _taken(steps.rebase_plan, plan_id, body.id)


@api.get("/restate")
@declares("indicator.read")
@takes(
    whole("edition", "The edition whose grids count; the newest unless given."),
    Parameter("from", "First instant of the period, or a date; a year before its end unless given."),
    Parameter("to", "Last instant of the period, or a date; now unless given."),
    AREA,
)
def show_restated() -> dict[str, Any]:
    """Count the incidents of a period on the grids of any edition, by their places; households are carried over."""
    scope = scope_of(current_actor(), "indicator.read")
    with transaction() as db:
        district = current_district(db)
        until = parse_as_of(request.args.get("to"), district.time_zone)
        since = parse_as_of(request.args["from"], district.time_zone) if "from" in request.args else until - _YEAR
        if not since < until <= since + _LONGEST:
            raise Invalid(N_("The period begins before it ends and has at most 400 days."), where="from")
        edition = whole_arg("edition")
        found = restate(db, district.edition_n if edition is None else edition, since, until)
    area = request.args.get("area")
    items = [
        grid
        for grid in found
        if any(is_below(grid.path, root) for root, _ in scope.paths) and (area is None or area in grid.path.split("."))
    ]
    return {
        "edition": edition or district.edition_n,
        "from": instant(since),
        "to": instant(until),
        "items": [
            {
                **named({"id": grid.id, "code": grid.code}, grid.name, grid.names),
                "incidents": sum(grid.by_severity),
                "by_severity": {str(n): count for n, count in enumerate(grid.by_severity, start=1)},
                "households": grid.households,
                "households_today": {
                    "n": None if grid.households_today is None else round(grid.households_today),
                    "estimated": grid.estimated,
                },
            }
            for grid in items
        ],
    }
