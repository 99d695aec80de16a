"""Import the ground of the base map: waters, woods, fields, parks. A file replaces the ground of its kinds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.crs import round_lonlat
from gridmap.intake.copying import copy_rows, hex_wkb
from gridmap.system import audit

if TYPE_CHECKING:
    import geopandas as gpd

_COLUMNS: Final = ("kind", "name", "names", "shape")


def replace_ground(db: Session, doer: audit.Doer, ground: gpd.GeoDataFrame) -> int:
    """
    Put new ground in the place of that of the same kinds.

    Parameters
    ----------
    ground
        n polygons in EPSG:4326, longitude first, with ``kind, name, name_en``.

    Returns
    -------
    pieces
        How many polygons were written: those of several parts come as several.
    """
    shapes = shapely.transform(np.asarray(ground.geometry, dtype=object), round_lonlat)
    parts, row = shapely.get_parts(shapes, return_index=True)
    sound = shapely.is_valid(parts) & ~shapely.is_empty(parts)
    parts, row = parts[sound], row[sound]
    columns = ground[["kind", "name", "name_en"]].astype(object).where(ground.notna(), None)
    told: list[Any] = columns.to_numpy().tolist()
    kinds = sorted(set(ground["kind"]))
    db.execute(text("DELETE FROM ground WHERE kind = ANY(:kinds)"), {"kinds": kinds})
    copy_rows(
        db,
        "ground",
        _COLUMNS,
        (
            (told[n][0], told[n][1], json.dumps({"en": told[n][2]} if told[n][2] else {}, ensure_ascii=False), shape)
            for n, shape in zip(row.tolist(), hex_wkb(parts), strict=True)
        ),
    )
    # What is drawn of it is kept by revision.
    db.execute(text("UPDATE district SET revision = revision + 1"))
    audit.record(db, doer, "ground.import", changed={"kinds": kinds, "pieces": len(parts)})
    return len(parts)
