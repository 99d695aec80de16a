"""Tiles of grids and areas, as of any instant; parents stand in where grids would be too many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import ColumnElement, Select, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from gridmap.database import Ltree
from gridmap.grids.afar import FULL_FROM, AreaAfar, GridAfar, zoom_kept
from gridmap.grids.queries import in_force
from gridmap.grids.tables import Area, AreaVersion, GridVersion
from gridmap.system.tiles import BUFFER, MAX_BYTES, WORLD_M, Tile, draw, layer

Narrow = Callable[[Any], ColumnElement[bool]]
"""Given a column of area paths, the rows that a reader may see."""

GRIDS_FROM: Final = 9
"""From farther away a grid is smaller than a few pixels, and its community is drawn in its place."""
COMMUNITIES_FROM: Final = 8
TOWNSHIPS_FROM: Final = 6
_MOST_GRIDS: Final = 1_200
_MOST_FULL_GRIDS: Final = 900


def grids_from(db: Session) -> int:
    """
    The zoom from which tiles draw grids: the first at which no tile holds too many, so that neighbours look alike.

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


def grid_tile(
    db: Session, tile: Tile, visible: Narrow, visible_areas: Narrow, at: datetime | None, *, from_zoom: int
) -> bytes:
    """
    Draw the grids of a tile with their label points, or the areas above them where grids would be too many.

    Parameters
    ----------
    visible, visible_areas
        What the reader may see of grids, and of the areas that stand in for them.
    at
        The instant; None is now.
    from_zoom
        What `grids_from` said for this revision.

    Returns
    -------
    tile
        Layers ``grids`` and ``grid_labels``. Parents come in the layer ``grids`` too, without an id, since ids of
        areas are not ids of grids, and with the shorter code of their kind.
    """
    if tile.z >= from_zoom:
        made = draw(
            db,
            layer("grids", _grids(tile, visible, at), id_column="id"),
            layer("grid_labels", _grid_labels(tile, visible, at), id_column="id"),
        )
        if len(made) <= MAX_BYTES:
            return made
    return _fitting(db, tile, "grids", visible_areas, at, _parent_columns)


def _grids(tile: Tile, visible: Narrow, at: datetime | None) -> Select[Any]:
    shape, thinned = _outline(tile, GridVersion, GridAfar, GridAfar.grid_version_id)
    query = select(*_grid_columns(), GridVersion.community_id.label("community"), tile.drawn(shape).label("geom"))
    if thinned is not None:
        query = query.outerjoin(GridAfar, thinned)
    return query.where(in_force(GridVersion, at), visible(GridVersion.path), tile.meets(GridVersion.tile, BUFFER))


def _grid_labels(tile: Tile, visible: Narrow, at: datetime | None) -> Select[Any]:
    # A label stands in one tile alone: drawn from two it would be in its own way.
    return select(
        *_grid_columns(),
        func.round(GridVersion.label_radius).label("r"),
        tile.drawn(GridVersion.label).label("geom"),
    ).where(
        in_force(GridVersion, at),
        visible(GridVersion.path),
        tile.meets(GridVersion.tile),
        tile.owns(GridVersion.label),
    )


def _grid_columns() -> tuple[ColumnElement[Any], ...]:
    return (
        GridVersion.grid_id.label("id"),
        GridVersion.code.expression,
        # What the map writes beside the name of the community: the part after it.
        func.regexp_replace(GridVersion.name, "^.* ", "").label("short"),
        GridVersion.name.expression,
        GridVersion.names["en"].astext.label("name_en"),
        GridVersion.kind.expression,
    )


def _outline(tile: Tile, version: Any, afar: Any, key: Any) -> tuple[Any, ColumnElement[bool] | None]:
    """The shape that a tile draws of a version, and how to join its outline from afar, if it takes one."""
    kept = zoom_kept(tile.z)
    if kept is None:
        return version.tile, None
    return func.coalesce(afar.tile, version.tile, type_=None), and_(key == version.id, afar.z == kept)


def area_tile(db: Session, tile: Tile, visible: Narrow, at: datetime | None) -> bytes:
    """
    Draw the areas of a tile with their label points: districts from everywhere, communities from near.

    Returns
    -------
    tile
        Layers ``areas`` and ``area_labels``.
    """
    return _fitting(db, tile, "areas", visible, at, _area_columns)


def _fitting(db: Session, tile: Tile, name: str, visible: Narrow, at: datetime | None, columns: Any) -> bytes:
    """Draw areas, leaving out the lower kinds until the tile is small enough."""
    kinds = ["district", "township", "community"]
    if tile.z < COMMUNITIES_FROM:
        kinds.remove("community")
    if tile.z < TOWNSHIPS_FROM:
        kinds.remove("township")
    while True:
        wanted = kinds if name == "areas" else kinds[-1:]
        made = draw(db, *_area_layers(name, tile, visible, at, wanted, columns))
        if len(made) <= MAX_BYTES or len(kinds) == 1:
            return made
        kinds.pop()


def _area_layers(
    name: str, tile: Tile, visible: Narrow, at: datetime | None, kinds: list[str], columns: Any
) -> list[ColumnElement[bytes]]:
    shape, thinned = _outline(tile, AreaVersion, AreaAfar, AreaAfar.area_version_id)
    wanted = [in_force(AreaVersion, at), Area.kind.in_(kinds), visible(Area.path)]
    drawn = select(*columns(), tile.drawn(shape).label("geom")).join(Area, Area.id == AreaVersion.area_id)
    if thinned is not None:
        drawn = drawn.outerjoin(AreaAfar, thinned)
    drawn = drawn.where(*wanted, tile.meets(AreaVersion.tile, BUFFER))
    if name == "grids":
        return [layer(name, drawn)]
    labels = select(*columns(), tile.drawn(AreaVersion.label).label("geom")).join(Area, Area.id == AreaVersion.area_id)
    labels = labels.where(*wanted, tile.meets(AreaVersion.tile), tile.owns(AreaVersion.label))
    return [layer("areas", drawn, id_column="id"), layer("area_labels", labels, id_column="id")]


def _area_columns() -> tuple[ColumnElement[Any], ...]:
    return (
        AreaVersion.area_id.label("id"),
        Area.kind.expression,
        AreaVersion.name.expression,
        AreaVersion.names["en"].astext.label("name_en"),
    )


def _parent_columns() -> tuple[ColumnElement[Any], ...]:
    return (
        AreaVersion.area_id.label("area"),
        AreaVersion.code.expression,
        Area.kind.expression,
        AreaVersion.name.expression,
        AreaVersion.names["en"].astext.label("name_en"),
    )


def above(path: Any, roots: Sequence[str]) -> ColumnElement[bool]:
    """Areas that hold one of some paths: whoever works in a grid sees the outline of its community and district."""
    return or_(*(path.op("@>", is_comparison=True)(cast(root, Ltree())) for root in roots))
