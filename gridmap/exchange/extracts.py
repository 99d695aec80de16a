"""An OpenStreetMap extract as the base map, the streets, the barriers and the buildings of a district."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.errors import Invalid
from gridmap.grids.importing import sites, ways
from gridmap.grids.importing.ground import replace_ground
from gridmap.grids.queries import MAP_CREDIT, current_district
from gridmap.grids.rules import OPERATING_MARGIN_DEG
from gridmap.intake.fields import Field
from gridmap.intake.rows import take_rows
from gridmap.intake.wishes import Checked, Counts, Options
from gridmap.language import N_
from gridmap.people.rules import Actor

if TYPE_CHECKING:
    from geodata.osm import Extract

CREDIT: Final = "© OpenStreetMap contributors"
# Its coordinates are WGS 84 wherever they lie, so nothing is to be recognised.
_OPTIONS: Final = Options(datum="wgs84")


@dataclass(frozen=True)
class Loaded:
    """What became of an extract: counts by what it was, and how many shapes were no use."""

    ways: Counts
    buildings: Counts
    ground: int
    left_out: int


def load_extract(db: Session, actor: Actor, extract: Extract, at: datetime) -> Loaded:
    """
    Put an extract into the database: what lies near the district, and is sound.

    Ways and ground take the place of those of the same kinds; buildings are known again by their outline. The credit
    that the licence of the data asks for is kept, for the map to show.

    Raises
    ------
    NotFound
        If there is no district yet.
    Invalid
        If nothing of the extract lies near the district.
    """
    district = current_district(db)
    box = district.bounds.widened(OPERATING_MARGIN_DEG)
    area = shapely.box(box.west, box.south, box.east, box.north)
    lines, lost_lines = _near(pd.concat([extract.streets, extract.barriers]), area)
    buildings, lost_buildings = _near(extract.buildings, area)
    ground, lost_ground = _near(extract.ground, area)
    if not len(lines) and not len(buildings) and not len(ground):
        raise Invalid(N_("Nothing of this extract lies in the district or near it."))
    way_plan = _checked(db, lines, ways.FIELDS, ways.check, at)
    ways.write(db, actor.doer, way_plan.plan, at)
    house_plan = _checked(db, _as_sites(buildings), sites.BUILDING_FIELDS, sites.check_buildings, at)
    sites.write(db, actor.doer, house_plan.plan, at)
    pieces = replace_ground(db, actor.doer, ground) if len(ground) else 0
    db.execute(
        text(
            "INSERT INTO setting (key, value, changed_at) VALUES (:key, CAST(:value AS jsonb), :at)"
            " ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, changed_at = EXCLUDED.changed_at"
        ),
        {"key": MAP_CREDIT, "value": json.dumps(CREDIT, ensure_ascii=False), "at": at},
    )
    return Loaded(way_plan.counts, house_plan.counts, pieces, lost_lines + lost_buildings + lost_ground)


def _near(frame: gpd.GeoDataFrame, area: shapely.Polygon) -> tuple[gpd.GeoDataFrame, int]:
    """The rows that touch an area and are sound, numbered anew; and how many near it are not."""
    near = frame[shapely.intersects(shapely.envelope(np.asarray(frame.geometry, dtype=object)), area)]
    sound = near[near.geometry.is_valid & ~near.geometry.is_empty]
    return sound.set_axis(pd.RangeIndex(1, len(sound) + 1), axis=0), len(near) - len(sound)


def _as_sites(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Buildings in the columns of an import: by their own name, or by street and number."""
    addresses = buildings["street"].fillna("") + " " + buildings["number"].fillna("")
    return gpd.GeoDataFrame(
        {
            "kind": "building",
            "name": buildings["name"].fillna(addresses.str.strip()),
            "storeys": buildings["levels"].astype(object).where(buildings["levels"].notna(), None),
        },
        geometry=buildings.geometry,
        crs=4326,
    )


def _checked(db: Session, frame: gpd.GeoDataFrame, fields: tuple[Field, ...], check: Any, at: datetime) -> Checked:
    nothing: Mapping[str, str] = {}
    rows = take_rows(frame, fields, nothing, current_district(db).zone)
    checked: Checked = check(db, rows, _OPTIONS, at)
    if rows.defects.grave:
        first = next(defect for defect in rows.defects.listed if defect.grave)
        raise Invalid(first.msgid, **first.params)
    return checked
