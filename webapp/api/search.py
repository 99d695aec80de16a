"""One box to find a thing: a code, a name, a number, a pair of coordinates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from flask import request
from sqlalchemy.orm import Session

from gridmap.database import transaction
from gridmap.errors import Invalid
from gridmap.grids.queries import current_district
from gridmap.grids.search import find_grids_and_areas, find_sites
from gridmap.grids.typed import Reading, read_coordinates
from gridmap.incidents.queries import Filter, incident_page, listed_access
from gridmap.language import N_, translate
from gridmap.people.rules import Access, Actor, can, scope_of
from gridmap.sensing.queries import find_devices
from webapp.api import api
from webapp.shared.policy import current_actor, declares
from webapp.shared.taking import Parameter, takes

MOST_CHARACTERS = 100
_EACH = 6
_SYSTEMS: Final = {
    "wgs84": N_("WGS 84 (GPS)"),
    "gcj02": N_("GCJ-02 (Amap, Tencent)"),
    "bd09": N_("BD-09 (Baidu)"),
    "cgcs2000": N_("CGCS2000"),
}


@api.get("/search")
@declares("grid.read")
@takes(Parameter("q", "What was typed: a code, a name, a number, a pair of coordinates.", needed=True))
def search() -> dict[str, Any]:
    """Find grids, areas, incidents, sites, devices and coordinates by what was typed."""
    typed = " ".join(request.args.get("q", "").split())
    if not 1 <= len(typed) <= MOST_CHARACTERS:
        raise Invalid(N_("Type between 1 and %(most)s characters to search."), where="q", most=MOST_CHARACTERS)
    actor = current_actor()
    with transaction() as db:
        return {"items": [*_coordinates(db, typed), *_named(db, actor, typed)]}


def _coordinates(db: Session, typed: str) -> Iterator[dict[str, Any]]:
    """The place that a pair of numbers means, and the places that it would be in the other datums."""
    district = current_district(db)
    for n, reading in enumerate(read_coordinates(typed, district.bounds, district.srid)):
        title = f"{reading.lon:.6f}, {reading.lat:.6f}"
        yield {
            "kind": "place",
            "title": title,
            "title_en": title,
            "subtitle": _read_as(reading, n == 0, "zh-CN"),
            "subtitle_en": _read_as(reading, n == 0, "en"),
            "lon": reading.lon,
            "lat": reading.lat,
            "system": reading.system,
            "apart_m": round(reading.apart_m),
        }


def _read_as(reading: Reading, first: bool, locale: str) -> str:
    """In which datum it was read, how far that is from the first reading, and what is odd about it."""
    system = f"EPSG:{reading.srid}" if reading.srid else translate(_SYSTEMS[reading.system], locale)
    said = (
        translate(N_("Read in %(system)s"), locale, system=system)
        if first
        else translate(N_("In %(system)s, %(metres)s m away"), locale, system=system, metres=f"{reading.apart_m:,.0f}")
    )
    odd = [N_("latitude and longitude were swapped")] if reading.swapped else []
    return " · ".join(
        [said, *(translate(word, locale) for word in [*odd, *([reading.reason] if reading.reason else [])])]
    )


def _named(db: Session, actor: Actor, typed: str) -> Iterator[dict[str, Any]]:
    paths = [path for path, _ in scope_of(actor, "grid.read").paths]
    for row in find_grids_and_areas(db, paths, typed, 2 * _EACH):
        hit = _hit(row.kind, row, row.above, row.above_names)
        yield {**hit, "code": row.code, "id": row.id, "bounds": [row.west, row.south, row.east, row.north]}
    if typed[0].isdigit() and can(actor, "incident.read") is not None:
        wanted = Filter(state="all", number=typed)
        scope = scope_of(actor, "incident.read")
        for row in incident_page(db, scope, wanted, now=datetime.now(UTC), limit=_EACH).rows:
            placed = listed_access(actor, row) > Access.FIGURES
            yield {
                "kind": "incident",
                "id": str(row.id),
                "title": row.number,
                "title_en": row.number,
                "subtitle": row.category_name,
                "subtitle_en": (row.category_names or {}).get("en") or row.category_name,
                "lon": row.lon if placed else None,
                "lat": row.lat if placed else None,
            }
    for row in find_sites(db, paths, typed, _EACH):
        yield {**_hit("site", row, row.above, row.above_names), "id": str(row.id), "code": row.code}
    if can(actor, "device.read") is not None:
        for row in find_devices(db, scope_of(actor, "device.read"), typed, _EACH):
            yield {**_hit("device", row, row.grid_name, row.grid_names), "code": row.code}


def _hit(kind: str, row: Any, above: str | None, above_names: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "title": row.name,
        "title_en": (row.names or {}).get("en") or row.name,
        "subtitle": above,
        "subtitle_en": (above_names or {}).get("en") or above,
        "lon": row.lon,
        "lat": row.lat,
    }
