"""Base editions: the published coverage that drafts are drawn on, read once by a process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy.orm import Session

from geodata.coverage.edit import Called, Plot, Sheet
from geodata.crs import shapes_to_lonlat
from gridmap.database import straight
from gridmap.errors import Conflict
from gridmap.language import N_

_KEPT: Final = 3
"""Base editions kept by a process: the one in force, and those that older drafts stand on."""


@dataclass(frozen=True)
class Community:
    """A community as the base edition knows it."""

    id: int
    code: str
    name: str
    names: dict[str, Any]
    path: str


@dataclass(frozen=True)
class Label:
    """
    What a grid is called.

    Attributes
    ----------
    id
        Its code in the base edition, or the temporary id of one that the plan makes.
    grid_id, code
        None for a grid that the plan makes: publishing numbers it.
    """

    id: str
    grid_id: int | None
    code: str | None
    name: str
    names: dict[str, Any]

    def renamed(self, to: Called) -> Label:
        """The label of the grid under another name; names in further languages stay."""
        name, english = to
        others = {language: said for language, said in self.names.items() if language != "en"}
        return replace(self, name=name, names=others | ({} if english is None else {"en": english}))


@dataclass(frozen=True)
class Ground:
    """
    A base edition, read once by a process and shared by all drafts on it.

    Attributes
    ----------
    path
        Area path of the district.
    scheme
        Of its codes.
    sheet
        The coverage; a draft edits a copy.
    communities
        By code.
    """

    district_id: int
    path: str
    srid: int
    time_zone: str
    scheme: str
    edition: int
    sheet: Sheet
    labels: Mapping[str, Label]
    communities: Mapping[str, Community]

    @cached_property
    def id_of(self) -> Mapping[int, str]:
        """The plot's id by the number of the grid."""
        return {label.grid_id: label.id for label in self.labels.values() if label.grid_id is not None}

    def plots_of(self, community: str) -> list[Plot]:
        """The grids of a community."""
        return self._by_community.get(community, [])

    @cached_property
    def _by_community(self) -> Mapping[str, list[Plot]]:
        found: dict[str, list[Plot]] = {}
        for plot in self.sheet.plots.values():
            found.setdefault(plot.community, []).append(plot)
        return found

    @cached_property
    def shapes(self) -> Mapping[str, Any]:
        """The polygons in EPSG:4326, by id."""
        plots = list(self.sheet.plots.values())
        shapes = shapes_to_lonlat(np.array([plot.plane for plot in plots], dtype=object), self.srid)
        return {plot.id: shape for plot, shape in zip(plots, shapes, strict=True)}


_grounds: OrderedDict[tuple[Any, ...], Ground] = OrderedDict()
_lock = threading.Lock()


def ground_of(db: Session, district_id: int, edition: int) -> Ground:
    """
    A base edition of a district, from this process's memory if it is there.

    Raises
    ------
    Conflict
        If there is no such edition.
    """
    rows = straight(
        db,
        "SELECT d.srid, d.time_zone, d.code_scheme, d.revision, d.xmin::text AS stamp, a.path::text AS path,"
        " e.effective_at FROM district d JOIN area a ON a.id = d.area_id"
        " JOIN edition e ON e.district_id = d.area_id AND e.n = %(n)s WHERE d.area_id = %(district)s",
        {"n": edition, "district": district_id},
    )
    if not rows:
        raise Conflict(N_("The edition that this plan was drawn on is gone. Begin a new plan on the one in force."))
    key = (district_id, edition, rows[0].effective_at, rows[0].revision, rows[0].stamp)
    with _lock:
        if key in _grounds:
            _grounds.move_to_end(key)
            return _grounds[key]
    ground = _read_ground(db, district_id, edition, rows[0])
    with _lock:
        _grounds[key] = ground
        while len(_grounds) > _KEPT:
            _grounds.popitem(last=False)
    return ground


def _read_ground(db: Session, district_id: int, edition: int, about: Any) -> Ground:
    rows = straight(
        db,
        "SELECT v.grid_id, v.code, v.name, v.names, v.kind, v.households, v.owner_site_id::text AS owner,"
        " c.area_id AS community_id, c.code AS community, c.name AS community_name, c.names AS community_names,"
        " ca.path::text AS community_path, ST_AsBinary(v.plane) AS plane"
        " FROM grid_version v JOIN grid g ON g.id = v.grid_id JOIN area ca ON ca.id = v.community_id"
        " JOIN area_version c ON c.area_id = ca.id AND upper_inf(c.recorded) AND c.valid @> %(at)s"
        " WHERE g.district_id = %(district)s AND upper_inf(v.recorded) AND v.valid @> %(at)s ORDER BY v.code",
        {"district": district_id, "at": about.effective_at},
    )
    planes = shapely.from_wkb([bytes(row.plane) for row in rows])
    plots = [
        Plot(row.code, plane, row.community, row.kind, row.households, row.owner, called(row.name, row.names))
        for row, plane in zip(rows, planes, strict=True)
    ]
    communities = {
        row.community: Community(
            row.community_id, row.community, row.community_name, row.community_names, row.community_path
        )
        for row in rows
    }
    labels = {row.code: Label(row.code, row.grid_id, row.code, row.name, row.names) for row in rows}
    return Ground(
        district_id,
        about.path,
        about.srid,
        about.time_zone,
        about.code_scheme,
        edition,
        Sheet(plots),
        labels,
        communities,
    )


def called(name: str, names: Mapping[str, Any]) -> Called:
    """A name as the engine keeps it."""
    return name, names.get("en") or None


def srid_of(db: Session, district_id: int) -> int:
    """The working CRS of a district, an EPSG code."""
    rows = straight(db, "SELECT srid FROM district WHERE area_id = %(id)s", {"id": district_id})
    return int(rows[0].srid)
