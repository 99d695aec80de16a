"""
How grids and areas look from afar: thinned outlines in which neighbours still share every edge.

Thinning each polygon by itself would leave slivers between neighbours. The coverage is thinned as a whole, once an
edition, and kept a row a version; tiles below `FULL_FROM` read it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import ForeignKey, SmallInteger, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from gridmap.database import Base, straight
from gridmap.system.tiles import EXTENT, WORLD_M

ZOOMS: Final = (8, 10, 12)
"""Zooms for which outlines are kept; a tile takes the next one at or below its own scale."""
FULL_FROM: Final = 13
"""From this zoom on a tile draws every vertex."""
_TOLERANCE_UNITS: Final = 8

Outlines = npt.NDArray[np.object_]


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


def draw_afar(db: Session, ahead: Mapping[int, Outlines] | None = None) -> int:
    """
    Thin what is in force and has no outline from afar yet; a publish calls this once it has turned the versions.

    Only new versions are written. They are thinned together with two rings of neighbours, so that the corners where
    three grids meet are the same as in the whole coverage, and an edge shared with an old version stays the same line.

    Parameters
    ----------
    ahead
        What `thin_ahead` made of some of the new versions, by their id.

    Returns
    -------
    drawn
        How many grid versions were thinned.
    """
    known = dict(ahead or {})
    _write(db, "grid_afar", "grid_version_id", list(known), list(known.values()))
    new, ids, shapes = _new_grids(db)
    if len(ids):
        _write(db, "grid_afar", "grid_version_id", ids[new].tolist(), np.column_stack(_thinned(shapes))[new])
    _draw_areas(db)
    return len(known) + int(new.sum())


def thin_ahead(db: Session, drawn: Mapping[str, Any], leaving: Collection[int]) -> dict[str, Outlines]:
    """
    Thin grids that an edition will begin, as `draw_afar` would once it has turned.

    It holds as long as the edition in force is the same.

    Parameters
    ----------
    drawn
        Polygons in EPSG:4326, by whatever the caller calls them.
    leaving
        Ids of the grids that they replace, and of those that end.

    Returns
    -------
    outlines
        One for each of `ZOOMS`, EPSG:3857, by the same names.
    """
    if not drawn:
        return {}
    rows = straight(
        db,
        "WITH fresh AS MATERIALIZED (SELECT name, ST_Transform(ST_GeomFromWKB(shape, 4326), 3857) AS tile"
        "  FROM unnest(CAST(%(names)s AS text[]), CAST(%(shapes)s AS bytea[])) AS d (name, shape)),"
        " near AS MATERIALIZED (SELECT DISTINCT n.id FROM fresh JOIN grid_version n ON n.tile && fresh.tile"
        f"  AND {_STAYS.format('n')}),"
        " ring AS MATERIALIZED (SELECT v.tile FROM near JOIN grid_version v USING (id)"
        "  UNION ALL SELECT tile FROM fresh),"
        " around AS (SELECT DISTINCT o.id FROM ring JOIN grid_version o ON o.tile && ring.tile"
        f"  AND {_STAYS.format('o')})"
        " SELECT CAST(NULL AS text) AS name, v.id, ST_AsBinary(v.tile) AS tile FROM around JOIN grid_version v"
        "  USING (id) UNION ALL SELECT name, NULL, ST_AsBinary(tile) FROM fresh ORDER BY id, name",
        {
            "names": list(drawn),
            "shapes": list(shapely.to_wkb(np.array(list(drawn.values()), dtype=object))),
            "leaving": list(leaving),
        },
    )
    outlines = np.column_stack(_thinned(_read(row.tile for row in rows)))
    return {row.name: thinned for row, thinned in zip(rows, outlines, strict=True) if row.name is not None}


def _thinned(shapes: Outlines) -> list[Outlines]:
    """A coverage in EPSG:3857 as it looks at each of the zooms that are kept."""
    return [np.asarray(shapely.coverage_simplify(shapes, tolerance_m(z)), dtype=object) for z in ZOOMS]


_STAYS: Final = "upper_inf({0}.valid) AND upper_inf({0}.recorded) AND {0}.grid_id <> ALL(%(leaving)s)"
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
        owners, zooms, parts = _parts(db, kind)
        if len(parts):
            ids, unions = _unions(owners, zooms, parts)
            _write(db, "area_afar", "area_version_id", ids, unions)


# What an area is put together from: the grids of a community, the areas below any other.
_FROM_GRIDS: Final = "JOIN grid_version p ON p.community_id = a.id JOIN grid_afar f ON f.grid_version_id = p.id"
_FROM_AREAS: Final = (
    "JOIN area b ON b.parent_id = a.id JOIN area_version p ON p.area_id = b.id"
    " JOIN area_afar f ON f.area_version_id = p.id"
)


def _parts(db: Session, kind: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Outlines]:
    """The parts of areas of a kind that have no outlines yet: the area version each belongs to, its zoom, its shape."""
    below = _FROM_GRIDS if kind == "community" else _FROM_AREAS
    rows = db.execute(
        text(
            f"SELECT v.id, f.z, ST_AsBinary(f.tile) AS tile FROM area a JOIN area_version v ON v.area_id = a.id {below}"
            " WHERE a.kind = :kind AND upper_inf(v.valid) AND upper_inf(v.recorded)"
            " AND upper_inf(p.valid) AND upper_inf(p.recorded)"
            " AND NOT EXISTS (SELECT FROM area_afar d WHERE d.area_version_id = v.id) ORDER BY v.id, f.z"
        ),
        {"kind": kind},
    ).all()
    return (
        np.array([row.id for row in rows], dtype=np.int64),
        np.array([row.z for row in rows], dtype=np.int64),
        _read(row.tile for row in rows),
    )


def _unions(
    owners: npt.NDArray[np.int64], zooms: npt.NDArray[np.int64], parts: Outlines
) -> tuple[list[int], list[list[shapely.MultiPolygon]]]:
    """Put together what belongs together, for every area all zooms; rows are sorted by area and zoom."""
    starts = np.flatnonzero((np.diff(owners, prepend=-1) != 0) | (np.diff(zooms, prepend=-1) != 0))
    found: dict[int, list[shapely.MultiPolygon]] = {}
    for owner, group in zip(owners[starts].tolist(), np.split(parts, starts[1:]), strict=True):
        union = shapely.coverage_union_all(shapely.get_parts(group))
        found.setdefault(owner, []).append(shapely.MultiPolygon(shapely.get_parts(union).tolist()))
    return list(found), list(found.values())


def _read(shapes: Any) -> npt.NDArray[np.object_]:
    return np.asarray(shapely.from_wkb(np.array([bytes(shape) for shape in shapes], dtype=object)))


def _write(db: Session, table: str, key: str, ids: Sequence[int], outlines: Sequence[Any] | Outlines) -> None:
    """Keep the outlines of some versions, of each one a zoom."""
    if not ids:
        return
    straight(
        db,
        f"INSERT INTO {table} ({key}, z, tile) SELECT id, z, ST_GeomFromWKB(tile, 3857) FROM unnest("
        "CAST(%(ids)s AS bigint[]), CAST(%(zooms)s AS smallint[]), CAST(%(tiles)s AS bytea[])) AS drawn (id, z, tile)",
        {
            "ids": np.repeat(np.asarray(ids, dtype=np.int64), len(ZOOMS)).tolist(),
            "zooms": list(ZOOMS) * len(ids),
            "tiles": list(shapely.to_wkb(np.array([list(zooms) for zooms in outlines], dtype=object).ravel())),
        },
    )
