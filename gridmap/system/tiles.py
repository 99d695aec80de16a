"""Tiles of the web map: which square of the world one is, and how rows become the bytes of a vector tile."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, TextClause, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm import Session

EXTENT: Final = 4096
"""Units along one side of a tile (Mapbox Vector Tile 2.1)."""
BUFFER: Final = 64
"""Units beyond the rim that lines and areas are drawn into, so that no seam shows."""
WORLD_M: Final = 40075016.685578488
"""Side of the square world in EPSG:3857 metres."""
DEEPEST: Final = 22
MAX_BYTES: Final = 500_000
"""No tile is larger than this before compression; what would be is drawn more coarsely."""


@dataclass(frozen=True)
class Tile:
    """
    One square of the web map: column `x` from the west and row `y` from the north among ``2**z`` at zoom `z`.

    Lengths are EPSG:3857 metres.
    """

    z: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        """Whether the world has such a tile."""
        return 0 <= self.z <= DEEPEST and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z

    @property
    def side_m(self) -> float:
        """Length of its side."""
        return WORLD_M / (1 << self.z)

    @property
    def unit_m(self) -> float:
        """Length of one of its 4,096 units."""
        return self.side_m / EXTENT

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        west, north = self.x * self.side_m - WORLD_M / 2, WORLD_M / 2 - self.y * self.side_m
        return west, north - self.side_m, west + self.side_m, north

    def values(self, buffer: int = BUFFER) -> dict[str, Any]:
        """Everything that `FRAME`, `drawn` and `owned` name, with a rim that is `buffer` units wide."""
        west, south, east, north = self.bounds
        return {
            "west": west,
            "south": south,
            "east": east,
            "north": north,
            "room": buffer * self.unit_m,
            "buffer": buffer,
            "scale": 1 / self.unit_m,
        }


@dataclass(frozen=True)
class Clause:
    """A condition as SQL with its values: what the one filter by scope says, for a statement that is written out."""

    sql: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, condition: ColumnElement[bool], prefix: str = "") -> Clause:
        """Write a condition out; its tables keep their own names, its values are named after `prefix`."""
        compiled = condition.compile(dialect=_NAMED, compile_kwargs={"render_postcompile": True})
        sql = _VALUE.sub(rf"CAST(:{prefix}\1 AS \2)", compiled.string)
        return cls(f"({sql})", {prefix + name: value for name, value in compiled.params.items()})


_NAMED: Final = PGDialect_psycopg(paramstyle="named")  # type: ignore[no-untyped-call]
_VALUE: Final = re.compile(r":(\w+)::(\w+(?:\[\])?)")

# First of every statement: the square of the tile, and the square with its rim.
FRAME: Final = """
WITH frame AS (
    SELECT ST_MakeEnvelope(:west, :south, :east, :north, 3857) AS box,
        ST_MakeEnvelope(:west - :room, :south - :room, :east + :room, :north + :room, 3857) AS rim
)"""


def drawn(shape: str) -> str:
    """
    SQL that puts a geometry into units of the tile, cut at the rim; NULL or empty if nothing of it is left.

    What lies inside the rim needs no cutting, and rounding its corners is all: a tenth of the work of ST_AsMVTGeom,
    which makes every polygon valid anew. Neighbours round a shared corner alike, so they still share it.
    """
    return (
        f"CASE WHEN {shape} @ rim THEN ST_SnapToGrid(ST_TransScale(ST_ForcePolygonCW({shape}), -CAST(:west AS float8),"
        f" -CAST(:north AS float8), :scale, -CAST(:scale AS float8)), 1)"
        f" ELSE ST_AsMVTGeom({shape}, box, {EXTENT}, CAST(:buffer AS integer)) END"
    )


def pointed(point: str) -> str:
    """SQL that puts a point that the tile owns into its units."""
    return (
        f"ST_SnapToGrid(ST_TransScale({point}, -CAST(:west AS float8), -CAST(:north AS float8),"
        f" :scale, -CAST(:scale AS float8)), 1)"
    )


def owned(point: str) -> str:
    """SQL that holds for points of this tile and of no other: its west and north sides are its own."""
    return (
        f"({point} && box AND ST_X({point}) >= :west AND ST_X({point}) < :east"
        f" AND ST_Y({point}) > :south AND ST_Y({point}) <= :north)"
    )


def layer(name: str, rows: str, *, with_id: bool = False) -> str:
    """
    SQL that makes one layer of a tile, as bytes.

    Parameters
    ----------
    rows
        A statement with one feature a row and its geometry as ``geom``; all other columns become properties.
    with_id
        Whether the column ``id`` is the feature's id, and no property.
    """
    last = ", 'id'" if with_id else ""
    return f"(SELECT ST_AsMVT(feature, '{name}', {EXTENT}, 'geom'{last}) FROM ({rows}) AS feature)"


def draw(db: Session, layers: Sequence[str], values: Mapping[str, Any], *, before: str = FRAME) -> bytes:
    """Make a tile of some layers in one statement."""
    made = db.execute(_statement(f"{before} SELECT {', '.join(layers)}"), values).one()
    return b"".join(bytes(part) for part in made if part is not None)


@lru_cache(maxsize=256)
def _statement(sql: str) -> TextClause:
    """A statement that was read for its values once; tiles differ in values alone."""
    return text(sql)
