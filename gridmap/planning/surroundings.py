"""What a planner snaps to and clicks: the streets and buildings of a part of the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import shapely
from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.errors import Invalid
from gridmap.language import N_
from gridmap.planning.ground import Ground
from gridmap.planning.rules import BUILDINGS

Box = tuple[float, float, float, float]

MOST: Final = 4000
"""More than a screen of either can be clicked: come nearer."""


@dataclass(frozen=True, slots=True)
class Street:
    """A line to snap to, EPSG:4326."""

    id: int
    kind: str
    rank: int
    name: str | None
    shape: Any


@dataclass(frozen=True, slots=True)
class Building:
    """
    A building to click, EPSG:4326.

    Attributes
    ----------
    inside
        A point inside: the grid that holds it has the building.
    grid
        Id of the grid of the base edition that it stands in.
    """

    id: str
    kind: str
    name: str
    households: int
    grid: str | None
    shape: Any
    inside: tuple[float, float]


def snapping(db: Session, ground: Ground, box: Box) -> tuple[Sequence[Street], Sequence[Building]]:
    """
    Read the lines and the built or owned ground that meet a box.

    Parameters
    ----------
    box
        West, south, east, north in degrees.

    Raises
    ------
    Invalid
        If there are more than `MOST` of either.
    """
    west, south, east, north = box
    values = {"w": west, "s": south, "e": east, "n": north, "kinds": list(BUILDINGS), "most": MOST + 1}
    lines = straight(
        db,
        "SELECT id, kind, rank, name, ST_AsBinary(line) AS shape FROM way WHERE layer >= 0"
        " AND tile && ST_Transform(ST_MakeEnvelope(%(w)s, %(s)s, %(e)s, %(n)s, 4326), 3857) ORDER BY id LIMIT %(most)s",
        values,
    )
    sites = straight(
        db,
        "SELECT id::text AS id, kind, name, households, grid_id, ST_AsBinary(shape) AS shape,"
        " ST_X(p) AS x, ST_Y(p) AS y FROM site, LATERAL ST_PointOnSurface(shape) AS p"
        " WHERE upper_inf(valid) AND GeometryType(shape) IN ('POLYGON', 'MULTIPOLYGON')"
        " AND tile && ST_Transform(ST_MakeEnvelope(%(w)s, %(s)s, %(e)s, %(n)s, 4326), 3857)"
        " ORDER BY id LIMIT %(most)s",
        values,
    )
    if max(len(lines), len(sites)) > MOST:
        raise Invalid(N_("There is too much in this part of the map to snap to. Zoom in."), where="bbox")
    return (
        [Street(row.id, row.kind, row.rank, row.name, shapely.from_wkb(bytes(row.shape))) for row in lines],
        [
            Building(
                row.id,
                row.kind,
                row.name,
                row.households,
                ground.id_of.get(row.grid_id),
                shapely.from_wkb(bytes(row.shape)),
                (round(row.x, 9), round(row.y, 9)),
            )
            for row in sites
        ],
    )
