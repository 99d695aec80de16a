"""The difference between any two days: grids, the ground that moved, and sentences for a notice."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import shapely
from flask import request

from geodata.crs import shapes_to_lonlat
from gridmap.database import transaction
from gridmap.errors import Invalid
from gridmap.grids.difference_words import tell
from gridmap.grids.differences import Changed, Difference, Share, differences
from gridmap.grids.queries import DistrictNow, current_district
from gridmap.grids.shifted import Stand
from gridmap.language import LOCALES, N_
from gridmap.moment import asked_as_of
from gridmap.people.rules import Actor, can, scope_of
from gridmap.planning.publishers import publications
from webapp.api import api
from webapp.api.numbers import whole_arg
from webapp.api.parameters import AREA
from webapp.api.shapes import instant, named
from webapp.shared.policy import current_actor, declares
from webapp.shared.taking import Parameter, takes

_DAY = "A date: the last instant of that local day; or an instant (RFC 3339, with zone)."


@api.get("/differences")
@declares("grid.read")
@takes(
    Parameter("from", f"The earlier day. {_DAY}", needed=True),
    Parameter("to", f"The later day; now unless given. {_DAY}"),
    AREA,
)
def show_differences() -> dict[str, Any]:
    """Show which grids came, ended or changed between two days, what became of each, and which ground moved."""
    actor = current_actor()
    now = datetime.now(UTC)
    if not request.args.get("from"):
        raise Invalid(N_("from names the earlier of the two days, such as 2026-03-01."), where="from")
    with transaction() as db:
        district = current_district(db)
        since, until = (asked_as_of(request.args.get(name), district.time_zone) or now for name in ("from", "to"))
        paths = [path for path, _ in scope_of(actor, "grid.read").paths]
        found = differences(db, district, since, until, paths, whole_arg("area"))
        made = publications(db, district.id)
    between = [made[n] for n in range(found.editions[0] + 1, found.editions[1] + 1) if n in made]
    days = (since.astimezone(district.zone).date(), until.astimezone(district.zone).date())
    return {
        "from": {"at": instant(since), "edition": found.editions[0]},
        "to": {"at": instant(until), "edition": found.editions[1]},
        "editions": [publication(row, actor) for row in between],
        "totals": _totals(found),
        "grids": [_grid(grid, found) for grid in found.grids],
        "features": {"type": "FeatureCollection", "features": list(_features(found, district))},
        "sentences": {locale: tell(found, days, locale) for locale in LOCALES},
    }


def publication(row: Any, actor: Actor) -> dict[str, Any]:
    """How an edition came to be; who stood for it, to those who may know the staff by name."""
    knows = can(actor, "person.read") is not None
    return {
        "n": row.n,
        "effective_at": instant(row.effective_at),
        "note": row.note,
        "plan": None if row.plan_id is None else {"id": str(row.plan_id), "number": row.number, "title": row.title},
        "author": row.author if knows else None,
        "approver": row.approver if knows else None,
        "publisher": row.publisher if knows else None,
    }


def _totals(found: Difference) -> dict[str, Any]:
    fates = [grid.fate for grid in found.grids]
    return {
        "grids_before": found.grids_n[0],
        "grids_after": found.grids_n[1],
        **{fate: fates.count(fate) for fate in ("came", "ended", "changed")},
        "households_moved": sum(households for _, households in found.pieces),
        "area_m2_moved": round(sum(piece.area_m2 for piece, _ in found.pieces), 2),
    }


def _grid(grid: Changed, found: Difference) -> dict[str, Any]:
    stand = grid.stand
    return {
        **named({"id": stand.id, "code": stand.code}, stand.name, stand.names),
        "fate": grid.fate,
        "changes": list(grid.what),
        "causes": [{"edition": edition, "cause": cause} for edition, cause in grid.causes],
        "before": _stand(grid.before),
        "after": _stand(grid.after),
        "from": [_share(share, found.stands[share.from_id]) for share in grid.came_from],
        "to": [_share(share, found.stands[share.to_id]) for share in grid.went_to],
    }


def _stand(stand: Stand | None) -> dict[str, Any] | None:
    if stand is None:
        return None
    community, owner = stand.community, stand.owner
    return {
        **named({"code": stand.code}, stand.name, stand.names),
        "kind": stand.kind,
        "households": stand.households,
        "area_m2": round(stand.plane.area, 2),
        "community": named({"id": community["id"], "code": community["code"]}, community["name"], community["names"]),
        "owner": None if owner is None else named({}, owner["name"], owner["names"]),
    }


def _share(share: Share, other: Stand) -> dict[str, Any]:
    return {
        **named({"id": other.id, "code": other.code}, other.name, other.names),
        "op": share.op,
        "area_m2": round(share.area_m2, 2),
        "households": share.households,
        "area_share": share.area_share,
        "household_share": share.household_share,
    }


def _features(found: Difference, district: DistrictNow) -> Iterable[dict[str, Any]]:
    """The shapes of both days, and the ground that moved: ``role`` is before, after or moved."""
    shapes: list[tuple[dict[str, Any], Any]] = []
    for grid in found.grids:
        for role, stand in (("before", grid.before), ("after", grid.after)):
            if stand is not None:
                label = named({"code": stand.code}, stand.name, stand.names)
                shapes.append(({"role": role, "grid": grid.stand.id, "kind": stand.kind, **label}, stand.plane))
    for piece, households in found.pieces:
        told = {"from": piece.from_id, "to": piece.to_id, "households": households}
        shapes.append(({"role": "moved", "area_m2": round(piece.area_m2, 2), **told}, piece.plane))
    turned = shapes_to_lonlat([shape for _, shape in shapes], district.srid)
    for (properties, _), shape in zip(shapes, turned, strict=True):
        yield {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(shape))}
