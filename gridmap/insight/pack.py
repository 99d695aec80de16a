"""A grid pack: everything that one map and two tables say of a grid, as far as its reader may see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from gridmap.grids.queries import DistrictNow, current_district, map_credit
from gridmap.insight.pack_queries import answering, grounds, neighbours, pack_grids, sites, ways
from gridmap.insight.pack_rules import Frame, frame_of, split_name
from gridmap.insight.queries import area_names, root_of
from gridmap.people.queries import shown_phone
from gridmap.people.rules import Access, Actor, Role, Scope, can, scope_of

PORTION: Final = 16
"""Grids that are read, drawn and printed at a time: what bounds the memory of a whole district."""

DWELLINGS: Final = ("building", "village_house")
_DEPARTMENT_PARTS: Final = ("leader", "handler", "policy", None)
Layer = Sequence[tuple[Any, BaseGeometry]]
"""Rows with a shape in metres each."""


@dataclass(frozen=True)
class PackSight:
    """Whose grids a reader may have packed, and where those who answer for them are shown and how much of them."""

    grids: Scope
    people: Scope


@dataclass(frozen=True)
class Answering:
    """Somebody who answers for a grid; `phone` as the reader may see it, and `seen` if that is the whole number."""

    row: Any
    role: Role
    phone: str | None
    seen: bool


@dataclass(frozen=True)
class SiteDrawn:
    """
    A site in the frame of a map.

    Attributes
    ----------
    held
        Whether it is the grid's own; the rest is surroundings.
    stem, number
        The parts of a name that ends in a number, as ``丰泽小区`` and ``6``; a name without one is all stem.
    mark
        The number by which map and table name it; 0 for dwellings and for what is not the grid's own.
    """

    row: Any
    shape: BaseGeometry
    held: bool
    stem: str
    number: int | None
    mark: int

    @property
    def dwelling(self) -> bool:
        """Whether people live there, so that its own number names it."""
        return self.row.kind in DWELLINGS


@dataclass(frozen=True)
class Pack:
    """
    One grid on one day.

    Attributes
    ----------
    row
        As `gridmap.insight.pack_queries.pack_grids` gives it.
    plane
        Its polygon in metres of the district's system; `frame` is the part of the plane that its map shows.
    neighbours, ways, ground
        Rows with ``shape``, beside their shapes.
    """

    district: DistrictNow
    row: Any
    community: Any | None
    township: Any | None
    told_at: datetime
    made_at: datetime
    credit: str | None
    plane: BaseGeometry
    frame: Frame
    scale: int
    neighbours: Layer
    ways: Layer
    ground: Layer
    sites: Sequence[SiteDrawn]
    office: Sequence[Answering]
    people: Sequence[Answering]

    @property
    def seen(self) -> list[int]:
        """Whose whole telephone number is in it."""
        return [each.row.person_id for each in (*self.office, *self.people) if each.seen]


@dataclass(frozen=True)
class PackWish:
    """Which packs: of one grid, of the grids of an area, or of all; as of an instant, None being now."""

    code: str | None = None
    area_code: str | None = None
    at: datetime | None = None


def pack_sight(actor: Actor) -> PackSight:
    """
    What a pack for this reader may hold: the people and numbers that the card of the grid would show them.

    Raises
    ------
    NotAllowed
        If none of the actor's roles gives documents, or grids, at all.
    """
    scope_of(actor, "indicator.read")
    people = scope_of(actor, "person.read") if can(actor, "person.read") is not None else Scope()
    return PackSight(scope_of(actor, "grid.read"), people)


def wanted_grids(db: Session, sight: PackSight, wish: PackWish) -> Sequence[Any]:
    """
    The grids of a wish, by code; read them with `read_packs`.

    Raises
    ------
    NotFound
        If there is no such grid or area on that day, or it is outside the reader's scope.
    """
    return pack_grids(db, sight.grids, wish.at, code=wish.code, root=root_of(db, wish.area_code))


def read_packs(
    db: Session, sight: PackSight, rows: Sequence[Any], at: datetime | None, now: datetime
) -> Iterator[list[Pack]]:
    """
    Read packs a portion at a time, so that those of a whole district never lie in memory together.

    Parameters
    ----------
    rows
        As `wanted_grids` gives them.
    at
        The instant that they were asked for; None is now.
    now
        Our clock, which the paper names.

    Yields
    ------
    packs
        At most `PORTION`, in the order of `rows`.
    """
    district, names, credit = current_district(db), area_names(db, at), map_credit(db)
    for first in range(0, len(rows), PORTION):
        portion = rows[first : first + PORTION]
        planes = {row.id: shapely.from_wkb(bytes(row.plane)) for row in portion}
        framed = {grid: frame_of(plane.bounds) for grid, plane in planes.items()}
        frames = {grid: frame for grid, (frame, _) in framed.items()}
        around = _by_frame(neighbours(db, frames, district.srid, at))
        lines = _by_frame(ways(db, frames, district.srid))
        below = _by_frame(grounds(db, frames, district.srid))
        standing = _by_frame(sites(db, frames, district.srid, at))
        people = _people(db, sight, {row.id: row.path for row in portion}, at or now)
        yield [
            Pack(
                district,
                row,
                names.get(row.path.rsplit(".", 1)[0]),
                names.get(row.path.rsplit(".", 2)[0]),
                at or now,
                now,
                credit,
                planes[row.id],
                *framed[row.id],
                around.get(row.id, []),
                lines.get(row.id, []),
                below.get(row.id, []),
                _drawn_sites(standing.get(row.id, [])),
                *people[row.id],
            )
            for row in portion
        ]


def _by_frame(rows: Sequence[Any]) -> dict[int, list[tuple[Any, BaseGeometry]]]:
    """Rows with their shapes, by the grid around which they lie; what a frame only touches is left out."""
    found: dict[int, list[tuple[Any, BaseGeometry]]] = {}
    shapes = shapely.from_wkb([bytes(row.shape) for row in rows])
    for row, shape in zip(rows, shapes, strict=True):
        if not shape.is_empty:
            found.setdefault(row.frame, []).append((row, shape))
    return found


def _drawn_sites(pairs: Layer) -> list[SiteDrawn]:
    """Number what is the grid's own and no dwelling, in the order of the rows."""
    drawn, mark = [], 0
    for row, shape in pairs:
        marked = row.held and row.kind not in DWELLINGS
        mark += marked
        drawn.append(SiteDrawn(row, shape, row.held, *split_name(row.name), mark if marked else 0))
    return drawn


def _people(
    db: Session, sight: PackSight, paths: dict[int, str], at: datetime
) -> dict[int, tuple[list[Answering], list[Answering]]]:
    """By grid: the cadres of the offices, those nearest first, and the people of the grid; each of them once a part."""
    found: dict[int, tuple[list[Answering], list[Answering]]] = {grid: ([], []) for grid in paths}
    met: set[tuple[int, int, str, int | None]] = set()
    for row in answering(db, paths, at):
        role, key = Role(row.role), (row.grid_id, row.person_id, row.role, row.department_id)
        if key in met or sight.people.covers(paths[row.grid_id]) is None:
            continue
        met.add(key)
        # The number of a cadre is shown to whom the cadre's own office is in scope, not to each grid that it serves.
        access = sight.people.covers(row.path) or Access.FIGURES
        phone = shown_phone(row.phone, access)
        seen = phone is not None and access is Access.FULL
        office, people = found[row.grid_id]
        (people if role is Role.WORKER else office).append(Answering(row, role, phone, seen))
    for office, _ in found.values():
        office.sort(key=_rank)
    return found


def _rank(each: Answering) -> tuple[int, int, int, int]:
    """Chief, then township desk, then departments: the nearer office first, and of each the leader."""
    order = (Role.CHIEF, Role.TOWNSHIP, Role.DEPARTMENT)
    nearer = -each.row.path.count(".")
    return order.index(each.role), nearer, each.row.department_id or 0, _DEPARTMENT_PARTS.index(each.row.part)
