"""The coverage: grids, their cards and histories, the areas above them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from gridmap.database import transaction
from gridmap.errors import Invalid, NotFound
from gridmap.grids.cards import (
    area_rows,
    geometry_of,
    grid_card,
    grid_history,
    grid_page,
    grid_paths,
    sites_in_grid,
)
from gridmap.grids.queries import current_district
from gridmap.grids.rules import Kind
from gridmap.incidents.counts import load_by_grid
from gridmap.incidents.queries import Filter, incident_page
from gridmap.language import N_
from gridmap.moment import asked_as_of
from gridmap.people.rules import Access, Actor, Scope, can, scope_of
from gridmap.planning.publishers import publications
from gridmap.sensing.queries import count_devices_in_grid
from webapp.api import api
from webapp.api.differences import publication
from webapp.api.numbers import whole_arg
from webapp.api.paging import next_link, page_after, page_limit
from webapp.api.parameters import AREA, AS_OF, GRID_KIND, PAGE
from webapp.api.responsible import shown_people
from webapp.api.shapes import incident_summary, instant, named
from webapp.shared.policy import current_actor, declares
from webapp.shared.taking import Parameter, takes

_CARD_INCIDENTS = 20


def asked_moment(zone: str) -> datetime | None:
    """The instant that the question is about; None is now."""
    return asked_as_of(request.args.get("as_of"), zone)


@api.get("/grids")
@declares("grid.read")
@takes(
    Parameter("q", "Part of a code or name."),
    GRID_KIND,
    AREA,
    Parameter("bbox", "West,south,east,north in degrees: only grids that touch the box."),
    AS_OF,
    *PAGE,
)
def list_grids() -> dict[str, Any]:
    """List grids by code, by name, kind, area or box, on any day."""
    actor = current_actor()
    scope = scope_of(actor, "grid.read")
    kind = request.args.get("kind")
    if kind is not None and kind not in set(Kind):
        raise Invalid(N_("kind is one of %(known)s."), where="kind", known=", ".join(Kind))
    after = page_after(str)
    with transaction() as db:
        at = asked_moment(current_district(db).time_zone)
        rows, last = grid_page(
            db,
            [path for path, _ in scope.paths],
            at,
            query=request.args.get("q"),
            kind=kind,
            area_id=whole_arg("area"),
            box=asked_box(),
            limit=page_limit(),
            after=None if after is None else after[0],
        )
        load = _load(db, actor, at)
    return {"items": [_grid(row, load) for row in rows], "next": next_link(None if last is None else [last])}


def asked_box() -> tuple[float, float, float, float] | None:
    """
    The part of the map that the question is about: west, south, east, north in degrees; None is all of it.

    Raises
    ------
    Invalid
        If ``bbox`` is no such box.
    """
    wanted = request.args.get("bbox")
    if wanted is None:
        return None
    try:
        west, south, east, north = (float(part) for part in wanted.split(","))
    except ValueError:
        west = south = east = north = float("nan")
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise Invalid(N_("bbox takes west,south,east,north in degrees, such as 114.1,35.6,114.3,35.8."), where="bbox")
    return west, south, east, north


def _load(db: Session, actor: Actor, at: datetime | None) -> dict[int, tuple[int, int]]:
    """Open and overdue incidents by grid, as far as this reader may see any."""
    if can(actor, "incident.read") is None:
        return {}
    rows = load_by_grid(db, scope_of(actor, "incident.read"), datetime.now(UTC), at=at)
    return {grid: (n, overdue) for grid, n, overdue in rows}


def _grid(row: Any, load: dict[int, tuple[int, int]]) -> dict[str, Any]:
    n, overdue = load.get(row.id, (0, 0))
    return {
        **named({"id": row.id, "code": row.code}, row.name, row.names),
        "kind": row.kind,
        "households": row.households,
        "community": named(
            {"id": row.community_id, "code": row.community_code}, row.community_name, row.community_names
        ),
        "township": named({"id": row.township_id, "code": row.township_code}, row.township_name, row.township_names),
        "open": n,
        "overdue": overdue,
        "edition": row.edition_n,
        "since": instant(row.since),
        "until": instant(row.until),
    }


@api.get("/grids/load")
@declares("grid.read")
@takes(AS_OF)
def show_load() -> dict[str, Any]:
    """Count open and overdue incidents of every grid that has any, on any day, for the colours of the map."""
    with transaction() as db:
        district = current_district(db)
        at = asked_moment(district.time_zone)
        known = [n for n, since in district.editions if at is None or since <= at]
        load = _load(db, current_actor(), at)
    return {
        "edition": known[-1] if known else None,
        "items": {str(grid): list(counts) for grid, counts in load.items()},
    }


@api.get("/editions")
@declares("grid.read")
@takes()
def list_editions() -> dict[str, Any]:
    """List the editions of the coverage with the instants they took effect, the oldest first."""
    with transaction() as db:
        rows = current_district(db).editions
    return {"items": [{"n": n, "effective_at": instant(since)} for n, since in rows]}


@api.get("/grids/<code>")
@declares("grid.read")
@takes(AS_OF)
def show_grid(code: str) -> dict[str, Any]:
    """Show one grid as it was on any day: its people, sites, devices, open incidents and boundary."""
    actor = current_actor()
    scope = scope_of(actor, "grid.read")
    now = datetime.now(UTC)
    with transaction() as db:
        at = asked_moment(current_district(db).time_zone)
        card = grid_card(db, code, at)
        access = None if card is None else scope.covers(card.path)
        if card is None or access is None:
            raise NotFound(N_("There is no grid %(code)s on that day, or it is not yours to see."), code=code)
        return {
            **_grid(card, _load(db, actor, at)),
            "area_m2": round(card.area_m2, 2),
            "people": _people(db, actor, card, at or now),
            "sites": sites_in_grid(db, card.id),
            "devices": count_devices_in_grid(db, _device_scope(actor), card.id),
            "incidents": _incidents(db, actor, card.code, now, at),
            "owner": None if card.owner_name is None else named({}, card.owner_name, card.owner_names),
            "version_n": card.version_n,
            "geometry": geometry_of(card),
            "bounds": [card.west, card.south, card.east, card.north],
            "label": [card.label_lon, card.label_lat],
        }


def _device_scope(actor: Actor) -> Scope:
    """Whose devices are counted: a wall counts them too, which it may not read one by one."""
    return scope_of(replace(actor, wall=False), "device.read")


def _people(db: Session, actor: Actor, card: Any, at: datetime) -> list[dict[str, Any]]:
    if can(actor, "person.read") is None:
        return []
    access = scope_of(actor, "person.read").covers(card.path)
    return [] if access is None else shown_people(db, actor, card.id, card.code, at, access)


def _incidents(db: Session, actor: Actor, code: str, now: datetime, at: datetime | None) -> list[dict[str, Any]]:
    if can(actor, "incident.read") is None:
        return []
    scope = scope_of(actor, "incident.read")
    page = incident_page(db, scope, Filter(grid_code=code), now=now, limit=_CARD_INCIDENTS, at=at)
    return [incident_summary(row, scope.covers(row.path) or Access.MASKED, at or now) for row in page.rows]


@api.get("/grids/<code>/history")
@declares("grid.read")
@takes()
def show_history(code: str) -> dict[str, Any]:
    """Show every version of a grid, the newest first, with what it came from, what it became and who published it."""
    actor = current_actor()
    scope = scope_of(actor, "grid.read")
    with transaction() as db:
        rows = [row for row in grid_history(db, code) if scope.covers(row.path)]
        made = publications(db, current_district(db).id) if rows else {}
    if not rows:
        raise NotFound(N_("There is no grid %(code)s, or it is not yours to see."), code=code)
    return {
        "items": [
            {
                **named({"code": row.code, "edition": row.edition_n}, row.name, row.names),
                "effective_at": instant(row.effective_at),
                "valid_from": instant(row.valid_from),
                "valid_to": instant(row.valid_to),
                "kind": row.kind,
                "households": row.households,
                "cause": row.cause,
                "area_m2": round(row.area_m2, 2),
                "outline": row.outline,
                "geometry": row.geometry,
                "publication": publication(made[row.edition_n], actor) if row.edition_n in made else None,
                "from": row.came_from,
                "to": row.went_to,
            }
            for row in rows
        ]
    }


@api.get("/areas")
@declares("grid.read")
@takes(Parameter("kind", "Kind of area: district, township or community."), AS_OF)
def list_areas() -> dict[str, Any]:
    """List the areas of the reader's scope and those above it, the widest first."""
    actor = current_actor()
    scope: Scope = scope_of(actor, "grid.read")
    with transaction() as db:
        at = asked_moment(current_district(db).time_zone)
        rows = area_rows(db, [path for path, _ in scope.paths], at, request.args.get("kind"))
        load = _load_by_area(db, actor, rows, at)
    return {
        "items": [
            {
                **named({"id": row.id, "code": row.code}, row.name, row.names),
                "parent_id": row.parent_id,
                "kind": row.kind,
                "bounds": [row.west, row.south, row.east, row.north],
                "label": [row.label_lon, row.label_lat],
                "grids": row.grids,
                "open": load[row.id][0],
                "overdue": load[row.id][1],
            }
            for row in rows
        ]
    }


def _load_by_area(db: Session, actor: Actor, rows: Any, at: datetime | None) -> dict[int, tuple[int, int]]:
    """Open and overdue incidents of each area: the sum over the grids whose path lies below it."""
    by_grid = _load(db, actor, at)
    paths = dict(grid_paths(db, list(by_grid), at))
    totals = {row.id: [0, 0] for row in rows}
    for grid, (n, overdue) in by_grid.items():
        for label in paths.get(grid, "").split("."):
            if label.isdigit() and int(label) in totals:
                totals[int(label)][0] += n
                totals[int(label)][1] += overdue
    return {area: (n, overdue) for area, (n, overdue) in totals.items()}
