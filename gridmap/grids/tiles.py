"""Tiles of grids and areas, as of any instant; parents stand in where grids would be too many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import ColumnElement, cast, func, or_, select
from sqlalchemy.orm import Session

from gridmap.database import Ltree
from gridmap.grids.afar import FULL_FROM, zoom_kept
from gridmap.grids.queries import in_force
from gridmap.grids.tables import GridVersion
from gridmap.system.tiles import MAX_BYTES, WORLD_M, Clause, Tile, draw, drawn, layer, owned, pointed

GRIDS_FROM: Final = 9
"""From farther away a grid is smaller than a few pixels, and its community is drawn in its place."""
COMMUNITIES_FROM: Final = 8
TOWNSHIPS_FROM: Final = 6
_MOST_GRIDS: Final = 1_200
_MOST_FULL_GRIDS: Final = 900


@dataclass(frozen=True)
class Sight:
    """
    What of the boundaries a reader may see, and when.

    Attributes
    ----------
    grids
        On ``grid_version``.
    areas
        On ``area``; see `above`.
    at
        The instant; None is now.
    """

    grids: Clause
    areas: Clause
    at: datetime | None

    def in_force(self, table: str) -> str:
        """SQL for the rows of a versioned table that held then, in the words of the index that answers it."""
        moment = f"upper_inf({table}.valid)" if self.at is None else f"{table}.valid @> CAST(:at AS timestamptz)"
        return f"upper_inf({table}.recorded) AND {moment}"


def above(path: Any, roots: Sequence[str]) -> ColumnElement[bool]:
    """Areas that hold one of some paths: whoever works in a grid sees the outline of its community and district."""
    return or_(*(path.op("@>", is_comparison=True)(cast(root, Ltree())) for root in roots))


def grids_from(db: Session) -> int:
    """
    Say from which zoom on tiles draw grids: where none holds too many, so that tiles side by side look alike.

    It reads every label once; the caller keeps the answer for a revision.
    """
    total = db.scalar(select(func.count()).where(in_force(GridVersion, None))) or 0
    if total <= _MOST_FULL_GRIDS:
        return GRIDS_FROM
    label = GridVersion.label
    rows = db.execute(select(func.ST_X(label), func.ST_Y(label)).where(in_force(GridVersion, None))).all()
    share = np.array(rows, dtype=np.float64) / WORLD_M
    for z in range(GRIDS_FROM, FULL_FROM + 3):
        cells = np.floor(share * (1 << z)).astype(np.int64)
        fullest = int(np.unique(cells, axis=0, return_counts=True)[1].max())
        if fullest <= (_MOST_GRIDS if z < FULL_FROM else _MOST_FULL_GRIDS):
            return z
    return FULL_FROM + 3


def grid_tile(db: Session, tile: Tile, sight: Sight, *, from_zoom: int) -> bytes:
    """
    Draw the grids of a tile with their label points, or the areas above them where grids would be too many.

    Numbers of incidents are no part of it: they change by the minute, and the boundaries stay for months.

    Parameters
    ----------
    from_zoom
        What `grids_from` said for this revision.

    Returns
    -------
    tile
        Layers ``grids`` (id, code, short, name, name_en, kind, community) and ``grid_labels`` (the same and r, the
        radius of the largest inscribed circle in EPSG:3857 metres). Parents come in the layer ``grids`` too, with the
        code and kind of the area and ``area`` for its id: a feature's own id is a grid's.
    """
    if tile.z >= from_zoom:
        kept = zoom_kept(tile.z)
        values = {**tile.values(), **sight.grids.values, "at": sight.at, "kept": kept}
        layers = (
            layer("grids", _grids(sight, thinned=kept is not None), with_id=True),
            layer("grid_labels", _grid_labels(sight), with_id=True),
        )
        made = draw(db, layers, values)
        if len(made) <= MAX_BYTES:
            return made
    return _fitting(db, tile, sight, "grids")


# `short` is what the map writes beside the name of the community: the part after it.
_GRID_COLUMNS: Final = """
    grid_id AS id, code, substring(name FROM '[^ ]*$') AS short, name, names ->> 'en' AS name_en, kind"""


def _grids(sight: Sight, *, thinned: bool) -> str:
    afar = "LEFT JOIN grid_afar ON grid_version_id = grid_version.id AND z = CAST(:kept AS smallint)"
    return f"""
SELECT {_GRID_COLUMNS}, community_id AS community, {drawn("outline")} AS geom
FROM frame, LATERAL (
    SELECT grid_version.*,
        {"coalesce(grid_afar.tile, grid_version.tile)" if thinned else "grid_version.tile"} AS outline
    FROM grid_version {afar if thinned else ""}
    WHERE {sight.in_force("grid_version")} AND grid_version.tile && rim AND {sight.grids.sql}
    OFFSET 0
) AS seen"""


def _grid_labels(sight: Sight) -> str:
    # A label stands in one tile alone: drawn from two it would be in its own way.
    return f"""
SELECT {_GRID_COLUMNS}, CAST(label_radius AS integer) AS r, {pointed("label")} AS geom
FROM frame, grid_version
WHERE {sight.in_force("grid_version")} AND tile && box AND {owned("label")} AND {sight.grids.sql}"""


def area_tile(db: Session, tile: Tile, sight: Sight) -> bytes:
    """
    Draw the areas of a tile with their label points: districts from everywhere, communities from near.

    Returns
    -------
    tile
        Layers ``areas`` and ``area_labels`` (id, kind, name, name_en).
    """
    return _fitting(db, tile, sight, "areas")


def _fitting(db: Session, tile: Tile, sight: Sight, name: str) -> bytes:
    """Draw areas, leaving out the lower kinds until the tile is small enough."""
    kinds = ["district"]
    if tile.z >= TOWNSHIPS_FROM:
        kinds.append("township")
    if tile.z >= COMMUNITIES_FROM:
        kinds.append("community")
    kept = zoom_kept(tile.z)
    layers = _area_layers(sight, thinned=kept is not None) if name == "areas" else [_parents(sight, kept is not None)]
    values = {**tile.values(), **sight.areas.values, "at": sight.at, "kept": kept}
    while True:
        made = draw(db, layers, {**values, "kinds": kinds if name == "areas" else kinds[-1:]})
        if len(made) <= MAX_BYTES or len(kinds) == 1:
            return made
        kinds.pop()


_AREA_COLUMNS: Final = "area_id AS id, kind, name, names ->> 'en' AS name_en"


def _area_layers(sight: Sight, *, thinned: bool) -> list[str]:
    drawn_areas = f"SELECT {_AREA_COLUMNS}, {drawn('outline')} AS geom FROM {_areas(sight, thinned)}"
    labels = f"SELECT {_AREA_COLUMNS}, {pointed('label')} AS geom FROM {_areas(sight, False)} WHERE {owned('label')}"
    return [layer("areas", drawn_areas, with_id=True), layer("area_labels", labels, with_id=True)]


def _parents(sight: Sight, thinned: bool) -> str:
    columns = "area_id AS area, code, name, names ->> 'en' AS name_en, kind"
    return layer("grids", f"SELECT {columns}, {drawn('outline')} AS geom FROM {_areas(sight, thinned)}")


def _areas(sight: Sight, thinned: bool) -> str:
    afar = "LEFT JOIN area_afar ON area_version_id = area_version.id AND z = CAST(:kept AS smallint)"
    return f"""frame, LATERAL (
    SELECT area_version.*, area.kind,
        {"coalesce(area_afar.tile, area_version.tile)" if thinned else "area_version.tile"} AS outline
    FROM area_version JOIN area ON area.id = area_id {afar if thinned else ""}
    WHERE {sight.in_force("area_version")} AND area_version.tile && rim
        AND area.kind = ANY(:kinds) AND {sight.areas.sql}
    OFFSET 0
) AS seen"""
