"""Arterials: along the river, across it at few places, one avenue to the station and one ring."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.ops import substring

from geodata.crs import Floats
from geodata.sample.land import Land
from geodata.sample.size import Size

Curve = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Street:
    """A centre line with its rank (1 arterial, 2 collector, 3 local) and what it is, for naming."""

    line: LineString
    rank: int
    sort: str
    layer: int = 0


@dataclass(frozen=True)
class Arterials:
    """
    The frame of the town: streets, the strip between the embankment roads, the bridges' eastings.

    `seams` are the streets across with their unbuilt ends down to mid-river. They divide the strip before the
    embankments, so that each piece of it can join the face behind it.
    """

    streets: tuple[Street, ...]
    seams: tuple[LineString, ...]
    strip: Polygon
    bridges: Floats


def make_arterials(land: Land, size: Size, rng: np.random.Generator) -> Arterials:
    """
    Draw the arterials from the river outwards.

    Those along follow its bends near the water and straighten farther out; those across start at an embankment, each
    bank for itself, and meet over the river only at the bridges.
    """
    half_x, _ = size.town_half
    x = np.arange(-half_x * 1.2 - 400, half_x * 1.2 + 400, 25.0)
    along = _along(land, size, rng, x)
    strip = Polygon(np.vstack([along["bank_n"], along["bank_s"][::-1]]))
    bridges = _bridges(size, rng)
    across, seams = _across(land, size, rng, bridges, strip)
    streets = [Street(LineString(xy), 1, sort) for sort, xy in along.items()]
    streets = _stop_half_way(streets, across, bridges)
    avenue = _avenue(land, bridges, half_x)
    return Arterials((*streets, *across, avenue, _ring(size)), tuple(seams), strip, bridges)


def _along(land: Land, size: Size, rng: np.random.Generator, x: Floats) -> dict[str, Floats]:
    """Curves west to east: two embankment roads, then one every 450 to 700 m."""
    _, half_y = size.town_half
    river = land.river.y(x)
    mean = float(river.mean())
    reach = np.hypot(x[:, None] - x, 0)
    lines: dict[str, Floats] = {}
    for side, sign in (("n", 1.0), ("s", -1.0)):
        # The upper envelope of circles around the centre line is its exact parallel, and never folds.
        lift = np.sqrt(np.clip(land.bank_m**2 - reach**2, 0, None))
        near = np.where(reach <= land.bank_m, sign * river[None, :] + lift, -np.inf).max(axis=1)
        before = _soften(sign * near)
        lines[f"bank_{side}"] = np.column_stack([x, before])
        offset, n = land.bank_m, 0
        while offset < half_y + 350:
            offset += float(rng.uniform(470, 690))
            follow = np.exp(-(offset - 150) / 1_000)
            line = sign * (river * follow + mean * (1 - follow)) + offset
            before = sign * _soften(np.maximum(line, sign * before + 230))
            n += 1
            lines[f"along_{side}{n}"] = np.column_stack([x, before])
    return lines


def _soften(y: Floats) -> Floats:
    """Average over 250 m, so that no corner is left in an arterial."""
    width = 11
    padded = np.concatenate([np.full(width // 2, y[0]), y, np.full(width // 2, y[-1])])
    return np.convolve(padded, np.ones(width) / width, mode="valid")


def _bridges(size: Size, rng: np.random.Generator) -> Floats:
    """Eastings at which a street crosses the river, spread over the town."""
    half_x, _ = size.town_half
    places = (np.arange(size.bridges) + 0.5) / size.bridges * 2 - 1
    return np.asarray(0.86 * half_x * places + rng.uniform(-90, 90, size.bridges) * size.scale)


def _across(
    land: Land, size: Size, rng: np.random.Generator, bridges: Floats, strip: Polygon
) -> tuple[list[Street], list[LineString]]:
    half_x, half_y = size.town_half
    length = half_y * 1.25 + 700
    water = strip.buffer(-0.5)
    streets, seams = [], []
    slants = rng.uniform(-0.05, 0.05, bridges.size)
    for i, (x0, slant) in enumerate(zip(bridges, slants, strict=True)):
        north = _crossing(land, rng, x0, slant, length)
        south = _crossing(land, rng, x0, slant, -length)
        streets.append(Street(LineString(np.vstack([south[::-1], north[1:]])), 1, f"bridge_{i}"))
    edges = np.concatenate([[-half_x - 520], bridges, [half_x + 520]])
    for side, sign in (("n", 1.0), ("s", -1.0)):
        n = 0
        for left, right in pairwise(edges):
            count = int((right - left) / rng.uniform(520, 760))
            at = left + (right - left) * (np.arange(1, count) + rng.uniform(-0.22, 0.22, count - 1)) / count
            for x0 in at if count > 1 else []:
                xy = _crossing(land, rng, x0, float(rng.uniform(-0.05, 0.05)), sign * length)
                ends = shapely.get_parts(LineString(xy).difference(water))
                n += 1
                # From a little beyond mid-river, so that noding finds the meeting.
                seams.append(LineString(np.vstack([xy[0] - [0, 30 * sign], xy])))
                streets.append(Street(max(ends, key=lambda part: part.length), 1, f"across_{side}{n}"))
    return streets, seams


def _crossing(land: Land, rng: np.random.Generator, x0: float, slant: float, length: float) -> Floats:
    """One street away from the river: slanted, with one slow bend."""
    t = np.linspace(0, length, 80)
    y0 = float(land.river.y(np.array(x0)))
    bend = rng.uniform(30, 80) * rng.choice([-1.0, 1.0])
    wave = np.sin(2 * np.pi * t / rng.uniform(2_600, 4_200)) * np.clip(np.abs(t) / 400, 0, 1)
    return np.column_stack([x0 + slant * t + bend * wave, y0 + t])


def _stop_half_way(streets: list[Street], across: list[Street], bridges: Floats) -> list[Street]:
    """End two of the outer streets at a crossing street: not everything runs through."""
    middle = next(street for street in across if street.sort == f"bridge_{bridges.size // 2}")
    stopped = []
    for street in streets:
        if street.sort not in ("along_n2", "along_s3"):
            stopped.append(street)
            continue
        west, east = _cut_at(street.line, middle.line)
        stopped.append(Street(west if street.sort == "along_n2" else east, 1, street.sort))
    return stopped


def _cut_at(line: LineString, other: LineString) -> tuple[LineString, LineString]:
    """Cut `line` where it meets `other`, half a metre past it, so that noding finds the meeting."""
    at = line.project(shapely.get_parts(line.intersection(other))[0])
    west = substring(line, 0, at + 0.5)
    east = substring(line, at - 0.5, line.length)
    return LineString(west.coords), LineString(east.coords)


def _avenue(land: Land, bridges: Floats, half_x: float) -> Street:
    """Lead from the middle bridge's south end to the station beside the railway."""
    x0 = float(bridges[bridges.size // 2])
    start = (x0, float(land.river.y(np.array(x0))) - land.bank_m)
    rail = shapely.get_coordinates(land.rail)
    x1 = x0 + 0.42 * half_x
    end = (x1, float(np.interp(x1, rail[:, 0], rail[:, 1])))
    return Street(LineString([start, end]), 1, "avenue")


def _ring(size: Size) -> Street:
    """Round the town's outline by a superellipse, flat where streets run along it."""
    a, b = (0.9 * half for half in size.town_half)
    t = np.linspace(0, 2 * np.pi, 200)
    power = 2 / 2.7
    xy = np.column_stack(
        [
            a * np.sign(np.cos(t)) * np.abs(np.cos(t)) ** power,
            b * np.sign(np.sin(t)) * np.abs(np.sin(t)) ** power,
        ]
    )
    xy[-1] = xy[0]
    return Street(LineString(xy), 1, "ring")
