"""Whether what a file shows stands where the district stands."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.files import recognise_shift
from gridmap.grids.queries import DistrictNow
from gridmap.grids.rules import OPERATING_MARGIN_DEG, Box, implausible
from gridmap.intake.rows import Rows
from gridmap.intake.wishes import Options
from gridmap.language import N_

_DOT_DEG: Final = 1e-6
_ASKED: Final = 4_000
_REFERENCE: Final = (
    "SELECT ST_AsBinary(shape) FROM grid_version WHERE upper_inf(valid) AND upper_inf(recorded)",
    """
    SELECT ST_AsBinary(v.shape) FROM area_version v JOIN area a ON a.id = v.area_id
    WHERE upper_inf(v.valid) AND upper_inf(v.recorded) AND a.kind <> 'city' AND ST_Area(v.shape) > 1e-12
    """,
)


def require_standing(db: Session, rows: Rows, district: DistrictNow, options: Options) -> None:
    """
    Note rows that lie farther from the district than anybody works, and a layer that is shifted as a whole.

    Parameters
    ----------
    rows
        Their shapes in WGS 84, as declared.
    options
        A layer is not asked whether it is shifted if a person has said in which system or datum it is.
    """
    require_nearness(rows, district.bounds)
    if options.declared:
        return
    reference = _reference(db)
    # Evenly chosen rows tell as much as all, and a long file is asked as fast as a short one.
    shapes = gpd.GeoSeries(rows.shapes[:: max(1, len(rows) // _ASKED)], crs=4326)
    datum = recognise_shift(shapes, reference) if len(reference) else None
    if datum is not None:
        rows.defects.say(
            N_(
                "The layer stands shifted, as %(datum)s shifts: it fits the district once that is undone. Import it"
                " with --datum %(datum)s, or with --datum wgs84 if its coordinates are right as they are."
            ),
            datum=datum,
        )


def require_nearness(rows: Rows, bounds: Box) -> None:
    """Note rows whose shape lies more than about 50 km outside; without an outline of the district, none."""
    if bounds.east - bounds.west < _DOT_DEG:
        return
    area = bounds.widened(OPERATING_MARGIN_DEG)
    west, south, east, north = shapely.bounds(rows.shapes).T
    with np.errstate(invalid="ignore"):
        far = (west < area.west) | (south < area.south) | (east > area.east) | (north > area.north)
    if not far.any():
        return
    reasons: dict[str, np.ndarray] = {}
    for n in np.flatnonzero(far).tolist():
        corners = ((west[n], south[n]), (east[n], north[n]))
        reason = next((why for lon, lat in corners if (why := implausible(float(lon), float(lat), bounds))), None)
        if reason is not None:
            reasons.setdefault(reason, np.zeros(len(rows), bool))[n] = True
    for reason, flags in reasons.items():
        rows.flag(flags, reason)


def _reference(db: Session) -> gpd.GeoSeries:
    """Shapes whose place is known: the grids in force, or the areas while there are none."""
    for query in _REFERENCE:
        found = [bytes(shape) for shape in db.scalars(text(query))]
        if found:
            return gpd.GeoSeries(shapely.from_wkb(found), crs=4326)
    return gpd.GeoSeries([], crs=4326)
