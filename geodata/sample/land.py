"""Outline, water, hills, railway and motorway: what stood before the town. Metres around the district's centre."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely import LineString, Point, Polygon, affinity
from shapely.geometry.base import BaseGeometry

from geodata.crs import Floats
from geodata.sample.size import Size

# Placed by hand for the full size, metres around the centre; a smaller district has them scaled.
_TRIBUTARY: Final = ((-6_600.0, 9_500.0), (-5_600.0, 5_900.0), (-4_500.0, 4_700.0), (-3_700.0, 3_000.0),
                     (-2_500.0, 1_900.0), (-2_500.0, 900.0), (-2_250.0, 700.0))  # fmt: skip
_BROOK: Final = ((6_000.0, 2_800.0), (5_600.0, 1_700.0), (5_900.0, 900.0), (5_500.0, 700.0))
_RAIL: Final = ((-12_500, -1_600), (-7_000, -2_900), (-3_200, -2_560), (800, -2_420), (4_200, -2_650),
                (7_600, -2_050), (12_500, -2_900))  # fmt: skip
_MOTORWAY: Final = ((-12_500, 2_500), (-7_000, 3_500), (-2_800, 3_550), (1_800, 3_420), (5_200, 4_650),
                    (9_000, 5_000), (12_500, 4_000))  # fmt: skip


@dataclass(frozen=True)
class River:
    """
    A centre line y(x): three sines and a slight slope.

    In the town it stays a function of x, which streets beside it need; outside, meanders lean over.
    """

    amplitudes: Floats
    lengths: Floats
    phases: Floats
    slope: float

    def y(self, x: Floats) -> Floats:
        """Northing of the centre line at easting `x`, metres, n values."""
        waves = self.amplitudes * np.sin(2 * np.pi * np.asarray(x)[..., None] / self.lengths + self.phases)
        return np.asarray(waves.sum(axis=-1) + self.slope * np.asarray(x))


@dataclass(frozen=True)
class Land:
    """The ground a town is put on. Lines run past the outline, areas end at it."""

    outline: Polygon
    river: River
    river_line: LineString
    river_area: BaseGeometry
    island: Polygon
    north: Polygon
    bank_m: float
    tributary: LineString
    tributary_area: BaseGeometry
    brook_area: BaseGeometry
    lake: Polygon
    hills: tuple[Polygon, ...]
    rail: LineString
    motorway: LineString

    @property
    def water(self) -> BaseGeometry:
        """All open water but ponds."""
        return shapely.union_all([self.river_area, self.tributary_area, self.brook_area, self.lake])


def make_land(size: Size, rng: np.random.Generator) -> Land:
    """Draw the district before anybody lived there."""
    s = size.scale
    outline = _blob(rng, 0, 0, 10_300 * s, 7_300 * s, noise=0.13, points=max(240, int(720 * s)))
    river = River(
        amplitudes=np.array([560.0, 300.0, 90.0]) * s,
        lengths=np.array([8_200.0, 3_350.0, 1_500.0]) * s,
        phases=rng.uniform([2.2, 0.0, 0.0], [3.4, 6.28, 6.28]),
        slope=float(rng.uniform(-0.03, -0.01)),
    )
    line, half_widths = _river_course(river, size, rng)
    bank = 90 * math.sqrt(s) + 22
    area, island = _river_area(line, half_widths, s)
    lake = _blob(rng, 6_300 * s, 3_300 * s, 1_050 * s, 720 * s, noise=0.16, points=160)
    tributary = _course(_TRIBUTARY, river, s)
    brook = _course(_BROOK, river, s)
    return Land(
        outline=outline,
        river=river,
        river_line=line,
        river_area=area.intersection(outline),
        island=island,
        north=_north_side(line),
        bank_m=bank,
        tributary=tributary,
        tributary_area=tributary.buffer(16 * math.sqrt(s)).intersection(outline),
        brook_area=brook.buffer(9 * math.sqrt(s)).intersection(outline),
        lake=lake,
        hills=_hills(rng, s, outline),
        rail=_smooth(np.array(_RAIL) * s),
        motorway=_smooth(np.array(_MOTORWAY) * s),
    )


def _course(places: tuple[tuple[float, float], ...], river: River, s: float) -> LineString:
    """Lead a stream through places to the river, which it meets below the last of them."""
    xy = np.array(places) * s
    mouth = [xy[-1, 0], float(river.y(xy[-1, 0]))]
    return _smooth(np.vstack([xy, mouth]))


def _blob(rng: np.random.Generator, x: float, y: float, rx: float, ry: float, *, noise: float, points: int) -> Polygon:
    """Close a curve around (x, y): harmonics 2 to 15 with amplitude falling as 1/k."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    k = np.arange(2, 16)
    depth = noise / k * rng.normal(0, 1, k.size)
    phase = rng.uniform(0, 2 * np.pi, k.size)
    radius = 1 + (depth * np.cos(angle[:, None] * k + phase)).sum(axis=1)
    return Polygon(np.column_stack([x + rx * radius * np.cos(angle), y + ry * radius * np.sin(angle)]))


def _smooth(points: Floats, rounds: int = 4) -> LineString:
    """Cut the corners of a hand-placed line (Chaikin 1974), keeping its ends."""
    xy = points
    for _ in range(rounds):
        a, b = xy[:-1], xy[1:]
        cut = np.stack([0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b], axis=1).reshape(-1, 2)
        xy = np.vstack([xy[:1], cut, xy[-1:]])
    return LineString(xy)


def _river_course(river: River, size: Size, rng: np.random.Generator) -> tuple[LineString, Floats]:
    """Lay the centre line from edge to edge, and its half width at each point."""
    s = size.scale
    x = np.arange(-12_400 * s, 12_400 * s + 1, 60 * math.sqrt(s))
    y = river.y(x)
    # Meanders lean over where no street needs y(x): outside the town, growing over some distance.
    lean = np.clip((np.abs(x) - 4_250 * s) / (1_900 * s), 0, 1) ** 2
    phase = rng.uniform(0, 2 * np.pi)
    turn = 2 * np.pi * x / (2_500 * s) + phase
    xy = np.column_stack([x + 150 * s * lean * np.sin(2 * turn + 0.6), y + 430 * s * lean * np.sin(turn)])
    smooth = np.column_stack([np.convolve(np.pad(c, 3, mode="edge"), np.ones(7) / 7, mode="valid") for c in xy.T])
    xy = np.where(lean[:, None] > 0, smooth, xy)
    wave = np.sin(2 * np.pi * x / (5_300 * s) + rng.uniform(0, 6.28)) * np.sin(2 * np.pi * x / (1_900 * s))
    return LineString(xy), (75 + 15 * wave) * math.sqrt(s)


def _river_area(line: LineString, half_widths: Floats, s: float) -> tuple[BaseGeometry, Polygon]:
    """Widen the centre line to the river, with an island where it turns least outside the town."""
    xy = shapely.get_coordinates(line)
    heading = np.unwrap(np.arctan2(*np.diff(xy, axis=0).T[::-1]))
    turning = np.convolve(np.abs(np.diff(heading)), np.ones(9), mode="same")
    away = (np.abs(xy[1:-1, 0]) > 4_600 * s) & (np.abs(xy[1:-1, 0]) < 8_600 * s)
    at = int(np.argmin(np.where(away, turning, np.inf))) + 1
    spread = np.exp(-(((np.arange(len(xy)) - at) / 4.0) ** 2))
    wide = half_widths * (1 + 0.9 * spread)
    pieces = shapely.buffer(shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1)), wide[:-1])
    close = 160 * s
    area = shapely.union_all(pieces).buffer(close).buffer(-close)
    along = (xy[at + 1] - xy[at - 1]) / np.hypot(*(xy[at + 1] - xy[at - 1]))
    # Beside the centre line, which is a grid border and must stay in the water.
    centre = xy[at] + np.array([-along[1], along[0]]) * 62 * math.sqrt(s)
    disc = affinity.scale(Point(0, 0).buffer(1.0, quad_segs=16), 210 * math.sqrt(s), 30 * math.sqrt(s))
    turned = affinity.rotate(disc, math.degrees(math.atan2(along[1], along[0])), origin=(0, 0))
    island = affinity.translate(turned, *centre)
    return area.difference(island), island


def _north_side(line: LineString) -> Polygon:
    xy = shapely.get_coordinates(line)
    far = 1e5
    return Polygon([*xy, (xy[-1, 0], far), (xy[0, 0], far)])


def _hills(rng: np.random.Generator, s: float, outline: Polygon) -> tuple[Polygon, ...]:
    places = [(-7_200, 4_300, 1_500, 900), (-5_200, 6_100, 1_100, 700), (7_300, -4_300, 1_350, 800),
              (4_600, -5_700, 900, 520), (-8_200, -2_900, 800, 560)]  # fmt: skip
    drawn = [_blob(rng, x * s, y * s, a * s, b * s, noise=0.34, points=120) for x, y, a, b in places]
    kept = [hill.intersection(outline) for hill in drawn]
    return tuple(max(shapely.get_parts(hill), key=lambda part: part.area) for hill in kept if not hill.is_empty)
