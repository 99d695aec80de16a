"""How buildings stand in a block: rows of slabs, towers, old courtyards, shops, sheds; a school with its track."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely import Polygon

from geodata.crs import Floats
from geodata.sample.cuts import Shapes, long_axis, shapes_array


@dataclass(frozen=True)
class Rows:
    """Ranges in metres of a layout in rows: length and depth of a building, gap inside and between rows."""

    length: tuple[float, float]
    depth: tuple[float, float]
    gap: tuple[float, float]
    row_gap: tuple[float, float]
    outline: str = "plain"
    follows_block: float = 0.75
    skipped: float = 0.05


LAYOUTS: Final = {
    "slabs": Rows((36, 62), (11, 14), (7, 13), (15, 20), "stepped"),
    "towers": Rows((24, 31), (15, 18), (20, 27), (20, 27), "winged"),
    "old": Rows((8, 19), (7, 12), (0.6, 5), (2.5, 7), follows_block=1.0, skipped=0.08),
    "shops": Rows((34, 70), (24, 40), (9, 18), (14, 22), "angled"),
    "works": Rows((60, 105), (26, 40), (14, 22), (14, 20), follows_block=1.0, skipped=0.08),
    "offices": Rows((30, 52), (15, 22), (18, 30), (24, 34), "angled", skipped=0.1),
    "wards": Rows((52, 84), (15, 19), (14, 20), (20, 26), "stepped"),
    "classes": Rows((44, 66), (12, 15), (10, 16), (20, 26), skipped=0.0),
    "halls": Rows((54, 88), (30, 44), (12, 18), (14, 20), skipped=0.0),
}

TRACK_M: Final = (150.0, 82.0)
"""Outer length and width of a running track of 400 m."""


def block_angle(block: Polygon) -> float:
    """Return how far the block's nearest side direction is turned from east, radians, within ±45°."""
    axis = long_axis(shapes_array([block]))[1][0]
    angle = float(np.arctan2(axis[1], axis[0]))
    return angle - np.pi / 2 * round(angle / (np.pi / 2))


def lay_out(block: Polygon, kind: str, rng: np.random.Generator) -> Shapes:
    """
    Fill a block with buildings in rows.

    Parameters
    ----------
    block
        What may be built on, metres.
    kind
        A key of `LAYOUTS`.

    Returns
    -------
    buildings
        Polygons inside the block, in rows from south to north; perhaps none.
    """
    rows = LAYOUTS[kind]
    angle = block_angle(block) * rows.follows_block
    turn = _rotation(-angle)
    ring = shapely.get_coordinates(block.exterior) @ turn.T
    found: list[Polygon] = []
    for y, depth in _row_heights(ring, rows, rng):
        span = _free_span(ring, y, y + depth)
        if span is not None:
            found += _row(span, y, depth, rows, rng)
    if not found:
        return np.empty(0, dtype=object)
    back = _rotation(angle)
    buildings = shapely.transform(shapes_array(found), lambda xy: xy @ back.T)
    inside = shapely.contains_properly(block, buildings)
    return np.asarray(buildings[inside], dtype=object)


def _row_heights(ring: Floats, rows: Rows, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Stack as many rows as fit where the block is wide enough, and stretch the gaps between them."""
    least = rows.depth[0]
    levels = np.arange(ring[:, 1].min() + 0.1, ring[:, 1].max() - least, 2.0)
    wide = levels[_widths(ring, levels, least) >= rows.length[0]]
    if not len(wide):
        return []
    low, high = float(wide[0]), float(wide[-1]) + least
    stacked: list[tuple[float, float]] = []
    y = low
    while y + least <= high:
        depth = min(float(rng.uniform(*rows.depth)), high - y)
        stacked.append((y, depth))
        y += depth + rows.row_gap[0] * float(rng.uniform(1.0, 1.08))
    spare = high - sum(stacked[-1])
    wider = min(spare / max(len(stacked) - 1, 1), 10.0)
    start = (spare - wider * (len(stacked) - 1)) / 2
    return [(y + start + wider * n, depth) for n, (y, depth) in enumerate(stacked)]


def _row(span: tuple[float, float], y: float, depth: float, rows: Rows, rng: np.random.Generator) -> list[Polygon]:
    """Fill one row, stretching the gaps so that it reaches both ends."""
    lengths: list[float] = []
    gaps: list[float] = []
    free = span[1] - span[0]
    while True:
        length, gap = float(rng.uniform(*rows.length)), rows.gap[0] * float(rng.uniform(1.0, 1.2))
        if free < length:
            shorter = free if free >= rows.length[0] else 0.0
            if shorter:
                lengths.append(shorter)
            break
        lengths.append(length)
        gaps.append(gap)
        free -= length + gap
    if not lengths:
        return []
    gaps = gaps[: len(lengths) - 1]
    spare = (span[1] - span[0]) - sum(lengths) - sum(gaps)
    x = span[0] + (0.0 if gaps else spare * float(rng.uniform(0.2, 0.8)))
    stretch = spare / len(gaps) if gaps else 0.0
    row = []
    for i, length in enumerate(lengths):
        shift = float(rng.uniform(-0.5, 0.5))
        if rng.random() >= rows.skipped:
            row.append(_building(x, y + shift, length, depth, rows.outline, rng))
        x += length + (gaps[i] + stretch if i < len(gaps) else 0.0)
    return row


def _building(x: float, y: float, w: float, d: float, outline: str, rng: np.random.Generator) -> Polygon:
    if outline == "stepped" and rng.random() < 0.5:
        step, at = float(rng.uniform(1.5, 2.6)), w * float(rng.uniform(0.4, 0.6))
        return Polygon([(x, y), (x + at, y), (x + at, y + step), (x + w, y + step), (x + w, y + d),
                        (x + at, y + d), (x + at, y + d - step), (x, y + d - step)])  # fmt: skip
    if outline == "winged":
        u, v = 0.3 * w, 0.26 * d
        return Polygon([(x, y + v), (x + u, y + v), (x + u, y), (x + w - u, y), (x + w - u, y + v), (x + w, y + v),
                        (x + w, y + d - v), (x + w - u, y + d - v), (x + w - u, y + d), (x + u, y + d),
                        (x + u, y + d - v), (x, y + d - v)])  # fmt: skip
    if outline == "angled" and rng.random() < 0.4:
        a, b = w * float(rng.uniform(0.4, 0.6)), d * float(rng.uniform(0.45, 0.6))
        left = rng.random() < 0.5
        xy = [(x, y), (x + w, y), (x + w, y + b), (x + a, y + b), (x + a, y + d), (x, y + d)]
        return Polygon(xy if left else [(2 * x + w - px, py) for px, py in xy])
    return Polygon([(x, y), (x + w, y), (x + w, y + d), (x, y + d)])


def _widths(ring: Floats, levels: Floats, depth: float) -> Floats:
    """Measure how wide the ring is at each level and `depth` above it, from its outermost sides; n values."""
    a, b = ring[:-1], ring[1:]
    rise = np.where(a[:, 1] == b[:, 1], 1.0, b[:, 1] - a[:, 1])
    left, right = np.full(len(levels), -np.inf), np.full(len(levels), np.inf)
    for y in (levels[:, None], levels[:, None] + depth):
        across = (a[:, 1] <= y) != (b[:, 1] <= y)
        x = a[:, 0] + (y - a[:, 1]) / rise * (b[:, 0] - a[:, 0])
        left = np.maximum(left, np.where(across, x, np.inf).min(axis=1))
        right = np.minimum(right, np.where(across, x, -np.inf).max(axis=1))
    return np.asarray(right - left)


def _free_span(ring: Floats, y0: float, y1: float) -> tuple[float, float] | None:
    """Find the longest stretch of x that lies inside the ring at both heights and between them."""
    low, high = -np.inf, np.inf
    for y in (y0, (y0 + y1) / 2, y1):
        crossings = _crossings(ring, y)
        if len(crossings) < 2:
            return None
        pairs = crossings[: len(crossings) // 2 * 2].reshape(-1, 2)
        left, right = pairs[int(np.argmax(pairs[:, 1] - pairs[:, 0]))]
        low, high = max(low, left), min(high, right)
    # A hair inside, so that "contains properly" agrees.
    return (low + 0.05, high - 0.05) if high - low > 4 else None


def _crossings(ring: Floats, y: float) -> Floats:
    a, b = ring[:-1], ring[1:]
    across = (a[:, 1] <= y) != (b[:, 1] <= y)
    a, b = a[across], b[across]
    return np.sort(a[:, 0] + (y - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0]))


def place_track(block: Polygon) -> tuple[Polygon, Polygon] | None:
    """
    Put a running track (a stadium shape) into a block, scaled down where 400 m do not fit.

    Returns
    -------
    track, rest
        The track's outline and the largest part of the block beside it, or None when even a small one does not fit.
    """
    angle = block_angle(block)
    for turned in (angle, angle + np.pi / 2):
        local = rotated(block, -turned)
        x0, y0, x1, y1 = local.bounds
        for scale in (1.0, 0.85, 0.7, 0.55):
            w, d = (side * scale for side in TRACK_M)
            # To one end of the block, so that the classrooms get the other in one piece.
            for x in (x0 + w / 2 + 2, x1 - w / 2 - 2):
                for y in ((y0 + y1) / 2, y0 + d / 2 + 2, y1 - d / 2 - 2):
                    core = shapely.LineString([(x - w / 2 + d / 2, y), (x + w / 2 - d / 2, y)])
                    track = core.buffer(d / 2, quad_segs=12)
                    if not local.contains(track):
                        continue
                    rest = max(shapely.get_parts(local.difference(track.buffer(12))), key=lambda part: part.area)
                    if rest.area > 2_500:
                        return rotated(track, turned), rotated(rest, turned)
    return None


def pond_in(park: Polygon, rng: np.random.Generator) -> Polygon | None:
    """Draw a pond in the widest part of a park, or None when it would be a puddle."""
    circle = shapely.maximum_inscribed_circle(park, tolerance=2.0)
    x, y = circle.coords[0]
    radius = min(0.55 * circle.length, 46)
    if radius < 12:
        return None
    angle = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    wave = 1 + 0.16 * np.sin(2 * angle + rng.uniform(0, 6)) + 0.1 * np.sin(3 * angle + rng.uniform(0, 6))
    wide = rng.uniform(1.0, 1.25)
    ring = np.column_stack([x + radius * wave * np.cos(angle) * wide, y + radius * wave * np.sin(angle) / wide])
    pond = Polygon(ring).intersection(park.buffer(-4))
    return pond if isinstance(pond, Polygon) and not pond.is_empty else None


def rotated(shape: Polygon, angle: float) -> Polygon:
    """Turn a polygon without holes around the origin, radians counter-clockwise."""
    return Polygon(shapely.get_coordinates(shape.exterior) @ _rotation(angle).T)


def _rotation(angle: float) -> Floats:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s], [s, c]])
