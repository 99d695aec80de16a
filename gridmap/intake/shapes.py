"""Whether the shapes of rows are there, of the right kind, and valid; nothing is repaired here."""

from __future__ import annotations

import re
from typing import Final, Literal

import numpy as np
import shapely

from gridmap.intake.defects import Defect
from gridmap.intake.rows import Rows
from gridmap.language import N_

Want = Literal["points", "lines", "polygons", "any"]

_TYPES: Final[dict[Want, tuple[int, ...]]] = {
    "points": (0,),
    "lines": (1, 2, 5),
    "polygons": (3, 6),
    "any": (0, 1, 3, 4, 5, 6),
}
_WANTED: Final[dict[Want, str]] = {
    "points": N_("a point"),
    "lines": N_("a line"),
    "polygons": N_("a polygon"),
    "any": N_("a point, line or polygon"),
}
_SPOT: Final = re.compile(r"^(.*?)\s*\[(\S+) (\S+)\]$")


def require_shapes(rows: Rows, want: Want, *, optional: bool = False) -> None:
    """
    Note the rows whose shape is missing, of another kind, or invalid.

    Parameters
    ----------
    want
        What a shape must be; collections and curves are never taken.
    optional
        Whether a row may have no shape.
    """
    shapes = rows.shapes
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if not optional:
        if len(rows) and missing.all():
            rows.defects.say(
                N_("No row has a place. Say with --x and --y which columns hold it, or give a file with shapes.")
            )
        else:
            rows.flag(missing, N_("The row has no place."))
    strange = ~missing & ~np.isin(shapely.get_type_id(shapes), _TYPES[want])
    rows.flag(
        strange,
        N_("The shape is %(type)s; %(wanted)s is needed."),
        values={"type": [None if shape is None else shape.geom_type for shape in shapes] if strange.any() else []},
        wanted=_WANTED[want],
    )
    broken = ~missing & ~strange & ~shapely.is_valid(shapes)
    for n in np.flatnonzero(broken).tolist():
        match = _SPOT.match(str(shapely.is_valid_reason(shapes[n])))
        assert match is not None, "GEOS names the place of every breach of validity"
        lon, lat = round(float(match[2]), 6), round(float(match[3]), 6)
        rows.defects.add(
            Defect(
                N_("The shape is not valid: %(why)s at %(lon)s, %(lat)s. Redraw it; nothing is repaired unseen."),
                {"why": match[1], "lon": lon, "lat": lat},
                int(rows.numbers[n]),
                place=(lon, lat),
            )
        )
