"""Tiles of the web map: which square of the world one is, and how rows become the bytes of a vector tile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Function, LargeBinary, Select, and_, func, select
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

    def envelope(self, buffer: int = 0) -> Function[Any]:
        """Its square as a geometry, wider by `buffer` units on every side."""
        west, south, east, north = self.bounds
        room = buffer * self.unit_m
        return func.ST_MakeEnvelope(west - room, south - room, east + room, north + room, 3857, type_=None)

    def meets(self, column: Any, buffer: int = 0) -> ColumnElement[bool]:
        """Rows whose box touches it; the spatial index answers this."""
        found: ColumnElement[bool] = column.op("&&", is_comparison=True)(self.envelope(buffer))
        return found

    def owns(self, point: Any) -> ColumnElement[bool]:
        """Points of this tile and of no other: the west and north rims are its own, the east and south are not."""
        west, south, east, north = self.bounds
        x, y = func.ST_X(point), func.ST_Y(point)
        return and_(self.meets(point), x >= west, x < east, y > south, y <= north)

    def drawn(self, shape: Any, buffer: int = BUFFER) -> Function[Any]:
        """A geometry in units of this tile, cut at its buffered rim; NULL if nothing of it is left."""
        return func.ST_AsMVTGeom(shape, self.envelope(), EXTENT, buffer, True, type_=None)


def layer(name: str, rows: Select[Any], *, id_column: str | None = None) -> ColumnElement[bytes]:
    """
    One layer of a tile as bytes; layers of one tile are joined end to end.

    Parameters
    ----------
    rows
        One feature a row, with its geometry in tile units as ``geom``; all other columns become properties.
    id_column
        The integer column that becomes the feature's id and no property.
    """
    inner = rows.subquery(name)
    arguments: list[Any] = [inner.table_valued(), name, EXTENT, "geom"]
    if id_column is not None:
        arguments.append(id_column)
    # Rows without a geometry are passed over by the aggregate; a condition here would work every geometry out twice.
    made = select(func.ST_AsMVT(*arguments, type_=LargeBinary())).select_from(inner)
    return func.coalesce(made.scalar_subquery(), b"", type_=LargeBinary())


def draw(db: Session, *layers: ColumnElement[bytes]) -> bytes:
    """Make a tile of some layers in one statement."""
    return b"".join(bytes(part) for part in db.execute(select(*layers)).one())
