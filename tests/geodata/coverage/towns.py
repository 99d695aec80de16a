"""Two towns to edit, and hands that draw all over them: often refused, and never to break anything."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import shapely
from shapely import affinity, ops

from geodata.coverage.edit import (
    CarveOut,
    Edit,
    HandOver,
    Houses,
    Merge,
    MoveEdge,
    MoveVertex,
    Part,
    Plot,
    Redraw,
    Reshape,
    Sheet,
    Split,
    Straighten,
)
from geodata.crs import snap_to_lattice
from geodata.sample import make_district

Random = random.Random
TOWNS = ("streets", "villages")


@cache
def _town(name: str) -> tuple[tuple[Plot, ...], Houses]:
    seed, kinds = (1, {"urban", "dedicated"}) if name == "streets" else (2, {"rural"})
    district = make_district(seed, grids=60, until=datetime(2026, 1, 1, tzinfo=UTC))
    grids = district.grids[district.grids["kind"].isin(kinds)]
    homes = district.sites[district.sites["households"] > 0]
    plots = [
        Plot(row.code, row.geometry, row.community_code, row.kind, int(row.households), row.owner_site)
        for row in grids.itertuples()
    ]
    return tuple(plots), Houses(homes.geometry.to_numpy(), homes["households"].to_numpy())


def town(name: str) -> Sheet:
    """One of `TOWNS`, as it was made up: some 30 grids and thousands of buildings."""
    return Sheet(*_town(name))


def drawn_edit(sheet: Sheet, rng: Random, name: str) -> Edit | None:
    """An edit of one kind drawn somewhere; None where there is nothing to draw it on."""
    plot = sheet.plots[rng.choice(list(sheet.plots))]
    others = [sheet.plots[key] for key in sheet.near(plot.plane.bounds) if key != plot.id]
    rng.shuffle(others)
    neighbour = next((other for other in others if _border(plot, other)), None)
    return None if neighbour is None else HANDS[name](rng, sheet, plot, neighbour)


def _border(one: Plot, other: Plot) -> list[shapely.LineString]:
    common = shapely.get_parts(shapely.intersection(one.plane.boundary, other.plane.boundary))
    lines = common[shapely.length(common) > 0]
    return list(shapely.get_parts(shapely.line_merge(shapely.union_all(lines)))) if len(lines) else []


def _on_lattice(places: Any) -> tuple[tuple[float, float], ...]:
    return tuple((x, y) for x, y in snap_to_lattice([tuple(place) for place in places]).tolist())


def _fresh(rng: Random) -> str:
    return f"new-{rng.getrandbits(48):012x}"


def _across(rng: Random, plot: Plot, reach: float) -> tuple[tuple[float, float], ...]:
    """A bent line through a grid, `reach` times as long as the grid is wide each way."""
    west, south, east, north = plot.plane.bounds
    size = max(east - west, north - south)
    x, y, turn = rng.uniform(west, east), rng.uniform(south, north), rng.uniform(0, math.pi)
    far = (reach * size * math.cos(turn), reach * size * math.sin(turn))
    bends = [(x + rng.gauss(0, size / 20), y + rng.gauss(0, size / 20)) for _ in range(rng.randint(0, 2))]
    return _on_lattice([(x - far[0], y - far[1]), *bends, (x + far[0], y + far[1])])


def _split(rng: Random, sheet: Sheet, plot: Plot, other: Plot) -> Edit:
    new = tuple(_fresh(rng) for _ in range(rng.choice([1, 1, 1, 2])))
    return Split(plot.id, _across(rng, plot, rng.choice([0.1, 1.5, 1.5, 1.5])), new)


def _merge(rng: Random, sheet: Sheet, plot: Plot, other: Plot) -> Edit:
    return Merge((plot.id, other.id), rng.choice([None, plot.id]))


def _move_vertex(rng: Random, sheet: Sheet, plot: Plot, other: Plot) -> Edit:
    x, y = rng.choice(plot.plane.exterior.coords[:-1])
    off = rng.choice([0.01, 1, 5, 30])
    return MoveVertex((x, y), _on_lattice([(x + rng.gauss(0, off), y + rng.gauss(0, off))])[0])


def _move_edge(rng: Random, sheet: Sheet, plot: Plot, other: Plot) -> Edit:
    ring = plot.plane.exterior.coords[:-1]
    first, dx, dy = rng.randrange(len(ring)), rng.gauss(0, 5), rng.gauss(0, 5)
    ends = [ring[first], ring[first - 1]]
    return MoveEdge(tuple(zip(ends, _on_lattice((x + dx, y + dy) for x, y in ends), strict=True)))


def _reshape(rng: Random, sheet: Sheet, plot: Plot, other: Plot) -> Edit:
    line = rng.choice(_border(plot, other))
    start, end = (line.interpolate(rng.random(), normalized=True) for _ in range(2))
    bulge = ((start.x + end.x) / 2 + rng.gauss(0, 15), (start.y + end.y) / 2 + rng.gauss(0, 15))
    between = rng.choice([(plot.id, other.id), None])
    return Reshape(_on_lattice([(start.x, start.y), bulge, (end.x, end.y)]), between)


def _piece(rng: Random, sheet: Sheet, plot: Plot, other: Plot) -> tuple[tuple[float, float], ...]:
    """A building of the grid, or a box over its border, cut to the grid or not."""
    near = sheet.houses.near(plot.plane.bounds)
    if len(near) and rng.random() < 0.3:
        return _on_lattice(sheet.houses.footprints[rng.choice(list(near))].exterior.coords)
    at = rng.choice(_border(plot, other)).interpolate(rng.random(), normalized=True)
    width, height = rng.uniform(2, 60), rng.uniform(2, 60)
    box = shapely.box(at.x - width / 2, at.y - height / 2, at.x + width / 2, at.y + height / 2)
    box = affinity.rotate(box, rng.uniform(0, 90))
    cut = box.intersection(plot.plane)
    piece = cut if rng.random() < 0.7 and cut.geom_type == "Polygon" and not cut.is_empty else box
    return _on_lattice(piece.exterior.coords)


def _hand_over(rng: Random, sheet: Sheet, plot: Plot, other: Plot) -> Edit:
    return HandOver(plot.id, other.id, _piece(rng, sheet, plot, other))


def _carve_out(rng: Random, sheet: Sheet, plot: Plot, other: Plot) -> Edit:
    return CarveOut(_fresh(rng), "site", _piece(rng, sheet, plot, other))


def _straighten(rng: Random, sheet: Sheet, plot: Plot, other: Plot) -> Edit:
    return Straighten((plot.id, other.id), rng.choice([0.5, 2, 10]))


def _redraw(rng: Random, sheet: Sheet, plot: Plot, other: Plot) -> Edit:
    ground = shapely.coverage_union_all([plot.plane, other.plane])
    line = shapely.LineString(_across(rng, plot, 3))
    pieces = [piece for part in shapely.get_parts(ground) for piece in ops.split(part, line).geoms]
    ids = [plot.id, other.id, *(_fresh(rng) for _ in pieces)]
    parts = [Part(key, _on_lattice(piece.exterior.coords), "urban") for key, piece in zip(ids, pieces, strict=False)]
    return Redraw((plot.id, other.id), tuple(parts))


Hand = Callable[[Random, Sheet, Plot, Plot], Edit]
HANDS: dict[str, Hand] = {
    "split": _split,
    "merge": _merge,
    "move_vertex": _move_vertex,
    "move_edge": _move_edge,
    "reshape": _reshape,
    "hand_over": _hand_over,
    "carve_out": _carve_out,
    "straighten": _straighten,
    "redraw": _redraw,
}
