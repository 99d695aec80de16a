"""What a file, a register or a plan says an area or a grid should be, before it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import shapely


@dataclass(frozen=True)
class AreaDraft:
    """
    An area as a file or a register names it.

    Attributes
    ----------
    shape
        Its outline in EPSG:4326, where somebody has drawn it; the first edition of the grids draws it anew.
    """

    code: str
    parent_code: str | None
    kind: str
    name: str
    names: dict[str, str] = field(default_factory=dict)
    shape: shapely.Geometry | None = None


@dataclass(frozen=True)
class GridDraft:
    """
    One grid of a coverage that is to be published.

    Attributes
    ----------
    plane
        Its polygon in the district's working CRS, metres, multiples of 1 cm.
    owner_site_id
        The institution of a dedicated grid.
    grid_id
        The grid that it is, where its code alone must not say so: one that ended comes back only under its own id.
    cause
        Why it changes, where whoever publishes knows; None is found out.
    """

    code: str
    name: str
    kind: str
    community_code: str
    households: int
    plane: shapely.Polygon
    names: dict[str, Any] = field(default_factory=dict)
    owner_site_id: UUID | None = None
    grid_id: int | None = None
    cause: str | None = None


@dataclass(frozen=True)
class Descent:
    """That ground of one grid went to another, by code; the shares are of the grid it came from."""

    from_code: str
    to_code: str
    op: str
    area_share: float
    household_share: float
