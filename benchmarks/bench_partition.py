"""Households into grids beside METIS k-way and spopt's MaxP, grids balanced, areas into zones."""

from __future__ import annotations

import importlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from towns import SRID, Town, make_town

from geodata.partition import Proposal, Range, Watch, balance, partition, zones
from geodata.partition.blocks import lay_blocks
from geodata.partition.given import Given, gather
from geodata.partition.network import dissolved, summed, totals
from geodata.partition.score import Score, score_of
from geodata.partition.solving import units_of
from geodata.partition.units import Units

T = TypeVar("T")

LIMITS: Final = Range(300, 500)
PEER_S: Final = 30
"""CPU seconds that a slow peer is given."""

OUT_BY: Final = (1.3, 1.6, 0.6, 0.35)
"""What the households of one grid are multiplied by, to bring it out of the range."""


def partition_town() -> Iterator[str]:
    """Divide 100,000 households in 25,600 buildings, with lanes everywhere, with half of them, and with none."""
    for gone, told in ((0.06, "lanes everywhere"), (0.6, "few lanes"), (1.0, "no lanes")):
        town = make_town(32, 32, lanes_gone=gone, communities=8)
        wall_s, cpu_s, proposal = _timed(lambda: _proposal(town))  # noqa: B023
        yield f"{_size(town)}, {told}: {wall_s:.1f} s, {cpu_s:.1f} CPU s; {_told(proposal.score)}"
        yield f"{told}, {_beside_metis(town, proposal.score)}"


def partition_houses() -> Iterator[str]:
    """Divide 10,000 buildings without any barrier, so that each is a unit; spopt's MaxP on as many as it can."""
    town = make_town(20, 20, communities=10)
    wall_s, cpu_s, proposal = _timed(lambda: _proposal(town, barriers=False))
    yield f"{_size(town)}, no barriers: {wall_s:.1f} s, {cpu_s:.1f} CPU s; {_told(proposal.score)}"
    yield f"no barriers, {_beside_metis(town, proposal.score, barriers=False)}"
    yield from _beside_maxp()


def balance_grids() -> Iterator[str]:
    """Bring one grid of a community out of the range, and look how many households keep their grid."""
    town = make_town(16, 16, communities=8)
    today = _proposal(town)
    kept, mended, tries, cpu_s = [], 0, 0, 0.0
    for code, rows in today.grids.groupby("community"):
        grids = gpd.GeoSeries(rows.geometry.to_numpy(), index=rows["code"], crs=SRID)
        here = town.buildings[shapely.covers(town.communities[code], town.buildings.centroid.to_numpy())]
        for number, factor in enumerate(OUT_BY):
            inside = shapely.covers(grids.iloc[number], here.centroid.to_numpy())
            households = np.where(inside, np.round(here["households"] * factor), here["households"])
            _, spent_s, proposal = _timed(
                lambda: balance(grids, here.geometry, households, barriers=town.barriers)  # noqa: B023
            )
            kept.append(1 - (proposal.moved or 0) / households.sum())
            mended += not len(proposal.flagged)
            tries += 1
            cpu_s += spent_s
    yield (
        f"one grid of a community out of the range, {tries} times: mended {mended}; households that keep their grid "
        f"{np.mean(kept):.1%} in the mean, {min(kept):.1%} at least; {cpu_s / tries:.2f} CPU s each"
    )


def group_zones() -> Iterator[str]:
    """Group 10 townships into 4 zones, and 20, exactly."""
    rng = np.random.default_rng(4)
    for columns, rows, count in ((5, 2, 4), (5, 4, 4), (5, 4, 6)):
        x, y = np.meshgrid(np.arange(columns) * 900.0, np.arange(rows) * 900.0)
        areas = gpd.GeoSeries(shapely.box(x, y, x + 900, y + 900).ravel(), crs=SRID)
        weight, skills = rng.integers(100, 900, columns * rows), rng.integers(0, 9, (columns * rows, 4))
        wall_s, cpu_s, found = _timed(lambda: zones(areas, weight, count, skills=skills))  # noqa: B023
        assert found.exact
        yield (
            f"{columns * rows} areas into {count}: {wall_s:.2f} s, {cpu_s:.2f} CPU s; imbalance "
            f"{found.front[0].imbalance:.2%}, {len(found.front)} ways on the front"
        )


def _proposal(town: Town, *, barriers: bool = True) -> Proposal:
    buildings = town.buildings
    lines = town.barriers if barriers else None
    return partition(town.communities, buildings.geometry, buildings["households"].to_numpy(), barriers=lines)


def _units(town: Town, barriers: bool) -> tuple[Given, Units]:
    lines = town.barriers if barriers else None
    given = gather(town.communities, town.buildings.geometry, town.buildings["households"].to_numpy(), lines)
    return given, units_of(lay_blocks(given), given, LIMITS, Watch())


def _size(town: Town) -> str:
    return f"{town.buildings['households'].sum():,} households in {len(town.buildings):,} buildings"


def _told(score: Score) -> str:
    return (
        f"{len(score.weight)} grids, {score.in_range.mean():.1%} in the range, {int((score.pieces > 1).sum())} torn, "
        f"{score.houses_cut} buildings cut, {score.on_barriers:.1%} of the inner border on barriers, compactness "
        f"{score.compactness.mean():.3f}"
    )


def _beside_metis(town: Town, ours: Score, *, barriers: bool = True) -> str:
    """Compactness and range of METIS k-way on the same units, contiguous, by length of border."""
    try:
        pymetis: Any = importlib.import_module("pymetis")
    except ImportError:
        return "no peer: pymetis is not installed"
    given, units = _units(town, barriers)
    start = time.process_time()
    label = _metis(pymetis, units)
    cpu_s = time.process_time() - start
    shapes = dissolved(units.blocks.faces, label[units.blocks.block], int(label.max()) + 1)
    score = score_of(shapes, given, LIMITS, totals(label, units.graph.weight))
    better = ours.compactness.mean() / score.compactness.mean()
    peer = f"METIS k-way on the same {len(label):,} units, {cpu_s:.1f} CPU s: {_told(score)}"
    return f"{peer}; ours {better:.2f} x as compact"


def _metis(pymetis: Any, units: Units) -> NDArray[np.int64]:
    """Grids of METIS, as many for each piece as ours, edges weighed by their length in decimetres."""
    borders, block = units.blocks.borders, units.blocks.block
    one, two, length = summed(block[borders.one], block[borders.two], borders.length_m)
    label, first = np.zeros(len(units.graph.weight), dtype=np.int64), 0
    for piece in range(units.pieces):
        members = np.flatnonzero(units.piece == piece)
        local = np.full(len(label), -1)
        local[members] = np.arange(len(members))
        near: list[list[tuple[int, int]]] = [[] for _ in members]
        inside = (local[one] >= 0) & (local[two] >= 0) & (one != two)
        for a, b, metres in zip(local[one[inside]], local[two[inside]], length[inside], strict=True):
            near[a].append((int(b), max(1, round(10 * metres))))
            near[b].append((int(a), max(1, round(10 * metres))))
        count = LIMITS.count(float(units.graph.weight[members].sum()))
        _, parts = pymetis.part_graph(
            count,
            xadj=np.cumsum([0, *(len(row) for row in near)]).tolist(),
            adjncy=[other for row in near for other, _ in row],
            vweights=units.graph.weight[members].astype(int).tolist(),
            eweights=[weight for row in near for _, weight in row],
            recursive=False,
            contiguous=True,
        )
        label[members] = first + np.array(parts)
        first += count
    return label


class _OutOfTime(Exception):
    """A peer has used up the CPU time it was given."""


def _beside_maxp(side: int = 3) -> Iterator[str]:
    """CPU time of spopt's MaxP on a town small enough for it, as long as `PEER_S` lasts, and of ours on the same."""
    try:
        spopt: Any = importlib.import_module("spopt.region")
        weights: Any = importlib.import_module("libpysal.weights")
    except ImportError:
        yield "no peer: spopt is not installed"
        return
    town = make_town(side, side, communities=side)
    _, units = _units(town, barriers=False)
    _, our_s, proposal = _timed(lambda: _proposal(town, barriers=False))
    near: dict[int, list[int]] = {unit: [] for unit in range(len(units.graph.weight))}
    for a, b in zip(units.graph.one.tolist(), units.graph.two.tolist(), strict=True):
        near[a].append(b)
        near[b].append(a)
    middle = shapely.get_coordinates(shapely.centroid(dissolved(units.blocks.faces, units.blocks.block, len(near))))
    frame = gpd.GeoDataFrame({"weight": units.graph.weight, "x": middle[:, 0], "y": middle[:, 1]})
    peer = spopt.MaxPHeuristic(frame, weights.W(near, silence_warnings=True), ["x", "y"], "weight", 300, 2)
    yield (
        f"{len(town.buildings):,} buildings: ours {our_s:.2f} CPU s, {proposal.score.in_range.mean():.0%} in range; "
        f"spopt MaxP {_spent(peer.solve, our_s)}"
    )


def _spent(work: Callable[[], object], our_s: float) -> str:
    """How long a peer took beside us, or that it was not done when its time was over."""

    def stop(*_: object) -> None:
        raise _OutOfTime

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, PEER_S)
    try:
        _, spent_s, _ = _timed(work)
    except _OutOfTime:
        return f"not done after {PEER_S} CPU s: over {PEER_S / our_s:.0f} x ours"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    return f"{spent_s:.2f} CPU s: {spent_s / our_s:.0f} x ours"


def _timed(work: Callable[[], T]) -> tuple[float, float, T]:
    wall, cpu = time.perf_counter(), _cpu_s()
    result = work()
    return time.perf_counter() - wall, _cpu_s() - cpu, result


def _cpu_s() -> float:
    """CPU time of this process and of those it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
