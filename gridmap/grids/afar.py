"""
How grids and areas look from afar: thinned outlines in which neighbours still share every edge.

Thinning each polygon by itself would leave slivers between neighbours. The coverage is thinned as a whole, once an
edition, and kept a row a version; tiles below `FULL_FROM` read it.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import ForeignKey, SmallInteger, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from gridmap.database import Base
from gridmap.system.tiles import EXTENT, WORLD_M

ZOOMS: Final = (8, 10, 12)
"""Zooms for which outlines are kept; a tile takes the next one at or below its own scale."""
FULL_FROM: Final = 13
"""From this zoom on a tile draws every vertex."""
_TOLERANCE_UNITS: Final = 8


class GridAfar(Base):
    """The outline of a grid version for tiles of one zoom."""

    __tablename__ = "grid_afar"

    grid_version_id: Mapped[int] = mapped_column(ForeignKey("grid_version.id"), primary_key=True)
    z: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    tile: Mapped[WKBElement] = mapped_column(Geometry("POLYGON", srid=3857, spatial_index=False))


class AreaAfar(Base):
    """The outline of an area version for tiles of one zoom."""

    __tablename__ = "area_afar"

    area_version_id: Mapped[int] = mapped_column(ForeignKey("area_version.id"), primary_key=True)
    z: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    tile: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=3857, spatial_index=False))


def zoom_kept(z: int) -> int | None:
    """Which of the kept outlines a tile of zoom `z` draws; None is the whole shape."""
    return next((kept for kept in ZOOMS if z <= kept), None)


def tolerance_m(z: int) -> float:
    """EPSG:3857 metres: corners that stand out by less than about half a pixel of a 512-pixel tile go."""
    return _TOLERANCE_UNITS * WORLD_M / (1 << z) / EXTENT


def draw_afar(db: Session) -> int:
    """
    Thin what is in force and has no outline from afar yet; a publish calls this once it has turned the versions.

    Only new versions are written. They are thinned together with two rings of neighbours, so that the corners where
    three grids meet are the same as in the whole coverage, and an edge shared with an old version stays the same line.

    Returns
    -------
    drawn
        How many grid versions were thinned.
    """
    new, ids, shapes = _new_grids(db)
    for z in ZOOMS if len(ids) else ():
        thinned = shapely.coverage_simplify(shapes, tolerance_m(z))
        _write(db, "grid_afar", "grid_version_id", z, ids[new], thinned[new])
    _draw_areas(db)
    return int(new.sum())


_NEW = (
    "SELECT v.id, v.tile FROM grid_version v WHERE upper_inf(v.valid) AND upper_inf(v.recorded)"
    " AND NOT EXISTS (SELECT FROM grid_afar f WHERE f.grid_version_id = v.id)"
)


def _new_grids(db: Session) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64], npt.NDArray[np.object_]]:
    """Versions without outline and two rings around them: which are new, their ids, their shapes in EPSG:3857."""
    rows = db.execute(
        text(
            f"WITH fresh AS MATERIALIZED ({_NEW}), near AS MATERIALIZED (SELECT DISTINCT n.id FROM fresh"
            "  JOIN grid_version n ON n.tile && fresh.tile AND upper_inf(n.valid) AND upper_inf(n.recorded)),"
            " around AS (SELECT DISTINCT o.id FROM near JOIN grid_version n USING (id) JOIN grid_version o"
            "  ON o.tile && n.tile AND upper_inf(o.valid) AND upper_inf(o.recorded))"
            " SELECT v.id, ST_AsBinary(v.tile) AS tile, fresh.id IS NOT NULL AS new"
            " FROM around JOIN grid_version v USING (id) LEFT JOIN fresh USING (id) ORDER BY v.id"
        )
    ).all()
    return (
        np.array([row.new for row in rows], dtype=bool),
        np.array([row.id for row in rows], dtype=np.int64),
        _read(row.tile for row in rows),
    )


def _draw_areas(db: Session) -> None:
    """Make every area's outline from afar the union of its grids', from the communities upwards."""
    # What the latest edition drew anew in place is drawn again.
    db.execute(
        text(
            "DELETE FROM area_afar f USING area_version v WHERE v.id = f.area_version_id AND upper_inf(v.valid)"
            " AND lower(v.valid) = (SELECT max(effective_at) FROM edition)"
        )
    )
    for kind in ("community", "township", "district", "city"):
        for z in ZOOMS:
            owners, parts = _parts(db, kind, z)
            if len(parts):
                ids, unions = _unions(owners, parts)
                _write(db, "area_afar", "area_version_id", z, ids, unions)


# What an area is put together from: the grids of a community, the areas below any other.
_FROM_GRIDS: Final = (
    "JOIN grid_version p ON p.community_id = a.id JOIN grid_afar f ON f.grid_version_id = p.id AND f.z = :z"
)
_FROM_AREAS: Final = (
    "JOIN area b ON b.parent_id = a.id JOIN area_version p ON p.area_id = b.id"
    " JOIN area_afar f ON f.area_version_id = p.id AND f.z = :z"
)


def _parts(db: Session, kind: str, z: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.object_]]:
    """The parts of all areas of a kind that have no outline at a zoom yet, and the area version each is a part of."""
    below = _FROM_GRIDS if kind == "community" else _FROM_AREAS
    rows = db.execute(
        text(
            f"SELECT v.id, ST_AsBinary(f.tile) AS tile FROM area a JOIN area_version v ON v.area_id = a.id {below}"
            " WHERE a.kind = :kind AND upper_inf(v.valid) AND upper_inf(v.recorded)"
            " AND upper_inf(p.valid) AND upper_inf(p.recorded)"
            " AND NOT EXISTS (SELECT FROM area_afar d WHERE d.area_version_id = v.id AND d.z = :z) ORDER BY v.id"
        ),
        {"kind": kind, "z": z},
    ).all()
    return np.array([row.id for row in rows], dtype=np.int64), _read(row.tile for row in rows)


def _unions(
    owners: npt.NDArray[np.int64], parts: npt.NDArray[np.object_]
) -> tuple[npt.NDArray[np.int64], list[shapely.MultiPolygon]]:
    """Put together what belongs together; `owners` is sorted."""
    ids, starts = np.unique(owners, return_index=True)
    groups = np.split(parts, starts[1:])
    unions = [shapely.coverage_union_all(shapely.get_parts(group)) for group in groups]
    return ids, [shapely.MultiPolygon(shapely.get_parts(union).tolist()) for union in unions]


def _read(shapes: Any) -> npt.NDArray[np.object_]:
    return np.asarray(shapely.from_wkb(np.array([bytes(shape) for shape in shapes], dtype=object)))


def _write(db: Session, table: str, key: str, z: int, ids: Any, shapes: Any) -> None:
    db.execute(
        text(
            f"INSERT INTO {table} ({key}, z, tile) SELECT id, :z, ST_GeomFromWKB(tile, 3857)"
            " FROM unnest(CAST(:ids AS bigint[]), CAST(:tiles AS bytea[])) AS drawn (id, tile)"
        ),
        {"z": z, "ids": [int(i) for i in ids], "tiles": list(shapely.to_wkb(np.asarray(shapes, dtype=object)))},
    )
