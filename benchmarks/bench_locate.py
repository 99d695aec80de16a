"""
Locating points: `GridIndex` beside geopandas, a bare R-tree and PostGIS, both sides in the same run.

The single point is also asked of a PostGIS that is made for it and removed.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import numpy as np
import psycopg
import shapely
from coverages import SIZES, irregular_coverage
from numpy.typing import NDArray
from throwaway import throwaway_cluster

from geodata.locate import GridIndex

T = TypeVar("T")

POINTS = 1_000_000
SINGLE_POINTS = 20_000
RESOLUTIONS = (8, 24, 37)
"""Cells across a grid at which the answers are compared; the second is the one in use."""
ROUNDS = 3
"""Our side is so short that the best of a few rounds is taken; the peers run once."""


def locate_bulk(sizes: Sequence[int] = SIZES, points: int = POINTS) -> Iterator[str]:
    """Locate many points: CPU time against `geopandas.sjoin(predicate="intersects")`, its points made beforehand."""
    for size in sizes:
        polygons, ranks = irregular_coverage(size), np.arange(size)
        lon, lat = _points_over(polygons, points)
        grids = gpd.GeoDataFrame(geometry=polygons, crs="EPSG:4326")
        places = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat, crs="EPSG:4326"))
        peer_s, joined = _cpu_s(lambda: gpd.sjoin(places, grids, predicate="intersects"))  # noqa: B023
        expected = np.full(points, -1)
        # On a shared edge the join has a line for each neighbour; the lowest rank is wanted.
        found = joined["index_right"].groupby(level=0).min()
        expected[found.index] = found
        wrong = []
        for cells_across in RESOLUTIONS:
            index = GridIndex.build(polygons, ranks, cells_across=cells_across)
            wrong.append(int((index.locate(lon, lat).row != expected).sum()))
        index = GridIndex.build(polygons, ranks)
        our_s = min(_cpu_s(lambda: index.locate(lon, lat))[0] for _ in range(ROUNDS))  # noqa: B023
        yield (
            f"locate {points:,} points in {size:,} grids: ours {our_s:.3f} CPU s, sjoin intersects {peer_s:.2f} CPU s, "
            f"{peer_s / our_s:.0f} x; other answers than GEOS at {RESOLUTIONS} cells a grid: {wrong}"
        )


def locate_build(sizes: Sequence[int] = SIZES) -> Iterator[str]:
    """Build the index: CPU time beside `shapely.is_valid` on the same polygons, and memory, in a fresh process each."""
    for size in sizes:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
            our_s, peer_s, kept, peak = process.submit(_build_alone, size).result()
        yield (
            f"index {size:,} grids: ours {our_s * 1e3 / size:.3f} CPU s per 1,000 grids, is_valid alone "
            f"{peer_s * 1e3 / size:.3f}, {our_s / peer_s:.1f} x; "
            f"kept {kept / size / 1e3:.1f} kB a grid, at the peak {peak / size / 1e3:.1f} kB"
        )


def locate_one(sizes: Sequence[int] = SIZES) -> Iterator[str]:
    """Locate points one at a time: medians of elapsed time against `STRtree.query` and a prepared PostGIS query."""
    for size in sizes:
        polygons = irregular_coverage(size)
        places = list(zip(*(part.tolist() for part in _points_over(polygons, SINGLE_POINTS)), strict=True))
        index, tree = GridIndex.build(polygons, np.arange(size)), shapely.STRtree(polygons)
        ours = _median_us(index.locate_one, places)
        peers = {
            "STRtree.query(Point, intersects)": _median_us(
                lambda lon, lat: tree.query(shapely.Point(lon, lat), predicate="intersects"),  # noqa: B023
                places,
            ),
            "STRtree.query of a ready Point, boxes only": _median_us(
                tree.query, [(shapely.Point(place),) for place in places]
            ),
        }
        with throwaway_cluster() as cluster:
            dsn = f"host={cluster.socket_dir} user=gridmap_owner dbname=gridmap"
            peers["prepared ST_Covers in PostGIS"] = _postgis_median_us(dsn, polygons, places[:4000])
        for name, peer in peers.items():
            yield f"one point in {size:,} grids: ours {ours:.2f} µs, {name} {peer:.1f} µs, 1/{peer / ours:.0f}"


def _points_over(polygons: NDArray[np.object_], count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    west, south, east, north = shapely.total_bounds(polygons)
    lon, lat = np.random.default_rng(2).uniform([west, south], [east, north], (count, 2)).T
    return np.ascontiguousarray(lon), np.ascontiguousarray(lat)


def _cpu_s(work: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def _median_us(ask: Callable[..., object], arguments: Sequence[tuple[object, ...]]) -> float:
    took = np.empty(len(arguments))
    for number, values in enumerate(arguments):
        start = time.perf_counter_ns()
        ask(*values)
        took[number] = time.perf_counter_ns() - start
    return float(np.median(took)) / 1e3


def _build_alone(size: int) -> tuple[float, float, int, int]:
    """Seconds of ours, seconds of the peer, bytes kept, bytes at the peak; the polygons themselves not counted."""
    warm, polygons = irregular_coverage(20), irregular_coverage(size)
    GridIndex.build(warm, np.arange(20))
    peer_s, _ = _cpu_s(lambda: shapely.is_valid(polygons))
    before = _memory("VmRSS")
    # Forget the highest mark so far.
    Path("/proc/self/clear_refs").write_text("5")
    our_s, index = _cpu_s(lambda: GridIndex.build(polygons, np.arange(size)))
    peak = _memory("VmHWM") - before
    kept = _memory("VmRSS") - before
    assert len(index) == size
    return our_s, peer_s, kept, peak


def _memory(key: str) -> int:
    """Bytes of this process by the name that Linux gives them, without what the allocator merely holds back."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(key))


def _postgis_median_us(dsn: str, polygons: NDArray[np.object_], places: Sequence[tuple[float, float]]) -> float:
    """Median over one open connection, statement prepared, GiST index, fresh statistics."""
    question = (
        "SELECT id FROM bench_grid WHERE ST_Covers(shape, ST_SetSRID(ST_MakePoint(%s, %s), 4326)) ORDER BY id LIMIT 1"
    )
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute("CREATE TEMPORARY TABLE bench_grid (id integer, shape geometry(Polygon, 4326))")
        with db.cursor() as cursor, cursor.copy("COPY bench_grid FROM STDIN") as copy:
            for row, wkb in enumerate(shapely.to_wkb(shapely.set_srid(polygons, 4326), hex=True, include_srid=True)):
                copy.write_row((row, wkb))
        db.execute("CREATE INDEX ON bench_grid USING gist (shape)")
        db.execute("ANALYZE bench_grid")
        with db.cursor() as cursor:
            return _median_us(
                lambda *place: cursor.execute(question, place, prepare=True).fetchone(),
                places,
            )
