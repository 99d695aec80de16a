"""Buildings of the town by the use of their block, and the households that live in them."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from geodata.crs import Floats
from geodata.sample.blocks import Blocks
from geodata.sample.cuts import Ints, Shapes, shapes_array
from geodata.sample.land import Land
from geodata.sample.layouts import LAYOUTS, lay_out, place_track, pond_in
from geodata.sample.seeds import DeadEnd
from geodata.sample.size import Size
from geodata.sample.town import Town

STOREYS: Final = {"slabs": (5, 7), "towers": (18, 33), "old": (1, 3)}
"""Storeys of homes; other uses have theirs in `_OTHER_STOREYS`."""

_OTHER_STOREYS: Final = {"shops": (2, 5), "works": (1, 2), "offices": (4, 12), "wards": (5, 12), "classes": (3, 5),
                         "halls": (1, 2), "pavilion": (1, 1)}  # fmt: skip
_FLAT_M2: Final = {"slabs": 118.0, "towers": 96.0, "old": 82.0}

SPARSE: Final = 0.13
"""Least share of a block that its buildings cover; below, another use is tried."""

ON_PURPOSE: Final = (299, 300, 500, 501, 612)
"""Households of a few grids at and beyond the limits of 300 and 500: checks and planners need something to find."""


@dataclass(frozen=True)
class TownBuildings:
    """
    Buildings and what surrounds them.

    Attributes
    ----------
    shapes, use, storeys, households, grid, block
        n values each; `grid` counts urban grids first, then campuses; `block` is the row in the blocks.
    block_use
        Use of each block.
    ground
        Kind and shape of parks, ponds, tracks, school grounds and squares.
    """

    shapes: Shapes
    use: list[str]
    storeys: Ints
    households: Ints
    grid: Ints
    block: Ints
    block_use: list[str]
    ground: list[tuple[str, Polygon]]


@dataclass
class _Site:
    """Work in hand: uses and buildings of the blocks so far."""

    rng: np.random.Generator
    use: list[str]
    buildings: list[Shapes]
    kinds: list[str]
    ground: list[tuple[str, Polygon]] = field(default_factory=list)


def make_buildings(
    land: Land, town: Town, blocks: Blocks, size: Size, rng: np.random.Generator, draws: np.random.Generator
) -> TownBuildings:
    """
    Choose uses block by block until homes for the grid's households stand, then settle the storeys.

    Storeys are the free number: a target is drawn for each grid, shared out over its homes in whole households, and
    each home gets the storeys that hold them, inside the range of its kind.
    """
    targets = household_targets(len(town.grids), draws)
    count = len(blocks.inner)
    site = _Site(rng, [""] * count, [np.empty(0, dtype=object)] * count, [""] * count)
    away = _from_core(blocks, size)
    near_rail = shapely.distance(shapely.centroid(blocks.inner), land.rail) < 520
    by_grid = _rows_by(blocks.grid, len(town.grids) + len(town.campuses))
    for grid, target in enumerate(targets):
        rows = by_grid[grid][rng.permutation(len(by_grid[grid]))]
        _settle_homes(site, blocks, rows, int(target), away)
        for row in rows:
            if not site.use[row]:
                _build_any(site, blocks.inner[row], int(row), _other_uses(site, row, away, near_rail, blocks))
    for number, campus in enumerate(town.campuses):
        for row in by_grid[len(town.grids) + number]:
            _build_other(site, blocks.inner[row], int(row), _CAMPUS_USE[campus.sort])
    return _settle_households(site, blocks, targets)


_CAMPUS_USE: Final = {"school": "school", "college": "school", "hospital": "hospital", "works": "works",
                      "station": "station", "market": "market"}  # fmt: skip


def household_targets(count: int, rng: np.random.Generator) -> Ints:
    """Draw the households of each urban grid, 302 to 498, but for the few on purpose."""
    targets = np.clip(np.rint(rng.normal(400, 46, count)), 302, 498).astype(np.int64)
    rows = rng.choice(count, len(ON_PURPOSE), replace=False)
    targets[rows] = ON_PURPOSE
    return targets


def _settle_homes(site: _Site, blocks: Blocks, rows: Ints, target: int, away: Floats) -> None:
    """Fill blocks with homes until their room is near the target; the rest of the blocks stays for other uses."""
    room = 0.0
    for row in rows:
        if room > 0.93 * target:
            break
        kind = _home_kind(site, blocks, int(row), target - room, float(away[row]))
        homes = lay_out(blocks.inner[row], kind, site.rng)
        if _cover(homes, blocks.inner[row]) < SPARSE:
            continue
        site.use[row], site.kinds[row], site.buildings[row] = kind, kind, homes
        room += capacity(homes, kind).sum()
    # Too few homes: build higher, the largest blocks first.
    for row in rows[np.argsort(-shapely.area(blocks.inner[rows]), kind="stable")].tolist():
        if room > 0.86 * target:
            break
        homes = lay_out(blocks.inner[row], "slabs" if site.use[row] == "old" else "towers", site.rng)
        kind = "slabs" if site.use[row] == "old" else "towers"
        before = capacity(site.buildings[row], site.use[row]).sum() if site.use[row] in STOREYS else 0.0
        gain = float(capacity(homes, kind).sum() - before)
        if gain > 0:
            site.use[row], site.kinds[row], site.buildings[row] = kind, kind, homes
            room += gain


def _home_kind(site: _Site, blocks: Blocks, row: int, missing: float, away: float) -> str:
    area = blocks.inner[row].area / 10_000
    if away < 0.42 and site.rng.random() < (0.66 if away < 0.26 else 0.2):
        return "old"
    if away > 0.3 and missing > 260 * area and site.rng.random() < 0.38:
        return "towers"
    return "slabs"


def capacity(homes: Shapes, kind: str) -> Floats:
    """Households that homes hold at the middle of their range of storeys; n values."""
    low, high = STOREYS[kind]
    per_floor = np.maximum(1, np.rint(shapely.area(homes) / _FLAT_M2[kind]))
    return np.asarray(per_floor * (low + high) / 2)


def _other_uses(site: _Site, row: int, away: Floats, near_rail: np.ndarray, blocks: Blocks) -> list[str]:
    """Draw an order of uses that fit the place: works at the railway, shops in the core, parks farther out."""
    area = blocks.inner[row].area
    if near_rail[row]:
        weights = {"works": 6.0, "shops": 1.5, "park": 1.0, "offices": 0.5}
    elif away[row] < 0.35:
        weights = {"shops": 4.5, "offices": 2.5, "park": 1.3, "square": 0.5}
    elif away[row] < 0.75:
        weights = {"shops": 3.2, "offices": 1.9, "park": 1.3, "school": 0.5 if area > 15_000 else 0.0}
    else:
        weights = {"shops": 2.0, "offices": 1.4, "park": 1.4, "works": 2.4, "school": 0.45 if area > 15_000 else 0.0}
    kinds = list(weights)
    share = np.array([weights[kind] for kind in kinds])
    # The Gumbel trick: an order in which each use comes first as often as its weight says.
    order = np.argsort(-np.log(np.maximum(share, 1e-12)) - site.rng.gumbel(0, 1, len(kinds)), kind="stable")
    return [kinds[n] for n in order if share[n] > 0]


def _cover(buildings: Shapes, block: Polygon) -> float:
    """Share of a block that is built on."""
    return float(shapely.area(buildings).sum() / block.area)


def _build_any(site: _Site, block: Polygon, row: int, uses: list[str]) -> None:
    """Build the first use that fills the block; a block nothing fits into becomes a green."""
    if block.area > 1_800:
        for use in uses:
            buildings = lay_out(block, use, site.rng) if use in LAYOUTS else None
            if buildings is None or _cover(buildings, block) >= SPARSE:
                _build_other(site, block, row, use, buildings)
                return
    _build_other(site, block, row, "park")


def _build_other(site: _Site, block: Polygon, row: int, use: str, buildings: Shapes | None = None) -> None:
    """Build what is not a home: the layout of the use, and the ground around it."""
    site.use[row] = use
    layout = {"hospital": "wards", "market": "halls", "station": "halls"}.get(use, use)
    if use == "school":
        layout = "classes"
        placed = place_track(block)
        site.ground.append(("school_ground", block))
        if placed:
            track, block = placed
            site.ground += [("track", track), ("pitch", track.buffer(-9))]
    elif use in ("park", "square"):
        _lay_park(site, block, row, use)
        return
    elif use in ("station", "market", "hospital"):
        site.ground.append(("plaza", block))
    site.kinds[row] = layout
    if buildings is None:
        buildings = lay_out(block, layout, site.rng)
    if use == "station":
        buildings = buildings[-2:]
    site.buildings[row] = buildings


def _lay_park(site: _Site, block: Polygon, row: int, use: str) -> None:
    site.ground.append(("park" if use == "park" else "plaza", block))
    pond = pond_in(block, site.rng) if use == "park" and site.rng.random() < 0.6 else None
    free: BaseGeometry = block.buffer(-12)
    if pond is not None:
        site.ground.append(("water", pond))
        free = free.difference(pond.buffer(6))
    if free.is_empty:
        return
    middle = shapely.point_on_surface(max(shapely.get_parts(free), key=lambda part: part.area))
    pavilion = middle.buffer(5.5, quad_segs=2)
    site.kinds[row] = "pavilion"
    if block.contains_properly(pavilion):
        site.buildings[row] = shapes_array([pavilion])


def _settle_households(site: _Site, blocks: Blocks, targets: Ints) -> TownBuildings:
    counts = np.array([len(found) for found in site.buildings])
    block = np.repeat(np.arange(len(counts)), counts)
    shapes = np.concatenate([np.empty(0, dtype=object), *site.buildings])
    use = [site.kinds[row] for row in block]
    grid = blocks.grid[block]
    kinds = np.array(use)
    per_floor, middle, low, high = np.ones((4, len(shapes)))
    for kind, (least, most) in {**STOREYS, **_OTHER_STOREYS}.items():
        here = kinds == kind
        low[here], high[here], middle[here] = least, most, (least + most) / 2
        if kind in STOREYS:
            per_floor[here] = np.maximum(1, np.rint(shapely.area(shapes[here]) / _FLAT_M2[kind]))
    home = np.isin(kinds, list(STOREYS))
    households = np.zeros(len(shapes), dtype=np.int64)
    for number, target in enumerate(targets):
        rows = np.flatnonzero(home & (grid == number))
        if not len(rows):
            raise DeadEnd("an urban grid was left without homes")
        varied = per_floor[rows] * middle[rows] * site.rng.uniform(0.9, 1.1, len(rows))
        households[rows] = share_out(int(target), varied)
    lived_in = np.clip(np.ceil(households / per_floor), low, high)
    drawn = np.rint(low + (high - low) * site.rng.random(len(shapes)) ** 1.6)
    storeys = np.where(home, lived_in, drawn).astype(np.int64)
    return TownBuildings(shapes, use, storeys, households, grid, block, site.use, site.ground)


def share_out(total: int, weights: Floats) -> Ints:
    """Split a whole number by weights into whole numbers with the same sum (largest remainder)."""
    exact = total * weights / weights.sum()
    whole = np.floor(exact).astype(np.int64)
    missing = total - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:missing]] += 1
    return np.asarray(whole, dtype=np.int64)


def _from_core(blocks: Blocks, size: Size) -> Floats:
    a, b = size.town_half
    middle = shapely.get_coordinates(shapely.centroid(blocks.inner))
    return np.asarray(np.hypot(middle[:, 0] / a, middle[:, 1] / b))


def _rows_by(owner: Ints, count: int) -> list[Ints]:
    order = np.argsort(owner, kind="stable")
    return np.split(order, np.searchsorted(owner[order], np.arange(1, count)))
