"""The words on the map of a grid pack: marks of sites first, then streets, neighbours, estates and house numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.insight.pack import Pack, SiteDrawn
from gridmap.insight.pack_paper import Box, Paper, attributes, shortened, text_piece, width_of
from gridmap.insight.pack_rules import MAP_MM, corners
from gridmap.insight.pack_tables import estate_name
from gridmap.insight.palette import DAY
from gridmap.insight.words import name_of

MARK_MM: Final = 4.4
_STREET_MM, _NEIGHBOUR_MM, _ESTATE_MM = 2.5, 2.9, 2.6
_NUMBER_MM: Final = (1.35, 2.6)
"""The least and the largest height of a house's number."""
_LONGEST_MM: Final = 42.0
_ALONG: Final = (0.5, 0.35, 0.65, 0.2, 0.8)
_STEEP_DEG: Final = 55
_ASIDE_MM: Final = 2.6
# Each kind by its shape and its colour, so that it is told apart without colour too.
MARKS: Final = {
    "hazard_point": ("triangle", DAY["sev-1"]),
    "key_premises": ("diamond", DAY["sev-2"]),
    "enterprise": ("square", DAY["accent"]),
    "shop": ("square", DAY["accent"]),
    "market": ("square", DAY["accent"]),
    "park": ("circle", DAY["kind-rural"]),
}
_OTHER_MARK: Final = ("circle", DAY["kind-dedicated"])
_OFFSETS: Final = ((0, 0), *((round(n * math.cos(a), 2), round(n * math.sin(a), 2))
                             for n in (5.0, 8.0, 11.0) for a in (math.tau * i / 8 for i in range(8))))  # fmt: skip


def draw_labels(paper: Paper, pack: Pack, locale: str) -> None:
    """Write all names of a map, the most needed first: what finds no room of its own is left to the tables."""
    paper.taken += corners(pack.scale)
    _draw_marks(paper, [site for site in pack.sites if site.mark])
    _name_ways(paper, pack, locale)
    _name_neighbours(paper, pack, locale)
    _name_estates(paper, [site for site in pack.sites if site.held and site.dwelling], locale)


def mark_piece(kind: str, number: str, x: float, y: float, size: float = MARK_MM) -> str:
    """The mark of a site around a place, with its number in it."""
    shape, colour = MARKS.get(kind, _OTHER_MARK)
    r, low = size / 2, 0.0
    paths = {
        "circle": f"M{x - r},{y}a{r},{r} 0 1 0 {size},0a{r},{r} 0 1 0 {-size},0Z",
        "square": f"M{x - 0.9 * r},{y - 0.9 * r}h{1.8 * r}v{1.8 * r}h{-1.8 * r}Z",
        "diamond": f"M{x},{y - 1.2 * r}L{x + 1.2 * r},{y}L{x},{y + 1.2 * r}L{x - 1.2 * r},{y}Z",
        "triangle": f"M{x},{y - 1.3 * r}L{x + 1.3 * r},{y + r}H{x - 1.3 * r}Z",
    }
    if shape == "triangle":
        low = 0.25 * r
    said = {"d": paths[shape], "fill": colour, "stroke": "#ffffff", "stroke_width": 0.3}
    digits = text_piece(number, x, y + low, (0.56 if len(number) < 3 else 0.44) * size, fill="#ffffff", font_weight=700)
    return f"<path{attributes(said)}/>{digits if number else ''}"


def _draw_marks(paper: Paper, sites: Iterable[SiteDrawn]) -> None:
    """A mark that would cover another steps aside, and a thin line leads back; none is left out."""
    half = MARK_MM * 0.6
    for site in sites:
        x, y = paper.spot(shapely.point_on_surface(site.shape))
        spots = [(x + dx, y + dy) for dx, dy in _OFFSETS]
        found = next((at for at in spots if paper.take(_around(*at, half, half))), None)
        if found is None:
            found = (min(max(x, half), MAP_MM[0] - half), min(max(y, half), MAP_MM[1] - half))
        if found != (x, y):
            paper.draw("line", x1=round(x, 2), y1=round(y, 2), x2=found[0], y2=found[1], stroke=DAY["text-2"],
                       stroke_width=0.2)  # fmt: skip
        paper.drawn.append(mark_piece(site.row.kind, str(site.mark), *found))


def _around(x: float, y: float, wide: float, high: float) -> Box:
    return x - wide, y - high, x + wide, y + high


def _name_ways(paper: Paper, pack: Pack, locale: str) -> None:
    """Each street once, along its longest straight run; one near the grid before one far away."""
    lines: dict[str, list[BaseGeometry]] = {}
    rivers = set()
    for row, shape in pack.ways:
        if row.name:
            name = name_of(row.name, row.names, locale)
            lines.setdefault(name, []).append(shape)
            rivers |= {name} if row.kind == "river" else set()
    near = sorted(lines, key=lambda name: shapely.distance(shapely.union_all(lines[name]), pack.plane))
    for name in near:
        merged = shapely.get_parts(shapely.line_merge(shapely.union_all(lines[name])))
        longest = max((part for part in merged if part.geom_type == "LineString"), key=shapely.length, default=None)
        if longest is not None:
            colour = "#2f6f92" if name in rivers else DAY["map-label"]
            along = _beside_border(paper, paper.line_mm(longest), pack)
            _write_along(paper, along, shortened(name, _STREET_MM, _LONGEST_MM), colour)


def _beside_border(paper: Paper, line: shapely.LineString, pack: Pack) -> shapely.LineString:
    """Where the border of the grid runs along a street, the name stands outside of the border, and not under it."""
    plane = paper.ring_mm(pack.plane)
    under = shapely.intersection(line, shapely.buffer(shapely.boundary(plane), 1.5))
    run = max((part for part in shapely.get_parts(under) if part.geom_type == "LineString"), key=shapely.length,
              default=None)  # fmt: skip
    if run is None or run.length < 0.3 * line.length:
        return line
    aside = [shapely.offset_curve(run, side * _ASIDE_MM) for side in (1, -1)]
    lines = [curve for curve in aside if curve.geom_type == "LineString" and not curve.is_empty]
    return max(lines, key=lambda curve: shapely.distance(curve.centroid, plane), default=line)


def _write_along(paper: Paper, line: shapely.LineString, words: str, colour: str) -> None:
    wide = width_of(words, _STREET_MM)
    for share in _ALONG:
        middle = line.length * share
        if not wide / 2 + 1 <= middle <= line.length - wide / 2 - 1:
            continue
        ends = [line.interpolate(middle - wide / 2), line.interpolate(middle + wide / 2)]
        (x0, y0), (x1, y1) = ((end.x, end.y) for end in ends)
        if math.hypot(x1 - x0, y1 - y0) < 0.97 * wide:
            continue
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        angle = (math.degrees(math.atan2(y1 - y0, x1 - x0)) + 90) % 180 - 90
        upright = abs(angle) > _STEEP_DEG and all(ord(sign) > 0x2E7F for sign in words)
        if paper.take(_turned_box(x, y, wide, angle)):
            _write_turned(paper, words, (x, y), angle, colour, upright=upright)
            return


def _turned_box(x: float, y: float, wide: float, angle: float) -> Box:
    turn = math.radians(angle)
    high = _STREET_MM * 1.1
    across = abs(wide * math.cos(turn)) + abs(high * math.sin(turn))
    down = abs(wide * math.sin(turn)) + abs(high * math.cos(turn))
    return _around(x, y, across / 2, down / 2)


def _write_turned(
    paper: Paper, words: str, at: tuple[float, float], angle: float, colour: str, *, upright: bool
) -> None:
    """Along its street; in a steep one Chinese signs stay upright, one below the other."""
    x, y = at
    wide, high = width_of(words, _STREET_MM) + 0.8, _STREET_MM * 1.25
    plate = {"x": round(-wide / 2, 2), "y": round(-high / 2, 2), "width": round(wide, 2), "height": round(high, 2)}
    below = f"<rect{attributes(plate | {'rx': 0.5, 'fill': DAY['map-street'], 'fill_opacity': 0.82})}/>"
    words_piece = "" if upright else text_piece(words, 0, 0, _STREET_MM, fill=colour)
    turned = f"translate({x:.2f} {y:.2f}) rotate({angle:.1f})"
    paper.drawn.append(f'<g transform="{turned}">{below}{words_piece}</g>')
    if not upright:
        return
    turn = math.radians(angle if angle > 0 else angle + 180)
    middle = (len(words) - 1) / 2
    spots = [((n - middle) * _STREET_MM * math.cos(turn), (n - middle) * _STREET_MM * math.sin(turn))
             for n in range(len(words))]  # fmt: skip
    xs = " ".join(f"{x + dx - _STREET_MM / 2:.2f}" for dx, _ in spots)
    ys = " ".join(f"{y + dy + 0.36 * _STREET_MM:.2f}" for _, dy in spots)
    paper.drawn.append(text_piece(words, 0, 0, _STREET_MM, x=xs, y=ys, fill=colour, text_anchor="start"))


def _name_neighbours(paper: Paper, pack: Pack, locale: str) -> None:
    for row, shape in pack.neighbours:
        name = shortened(name_of(row.name, row.names, locale), _NEIGHBOUR_MM, _LONGEST_MM)
        parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
        if not parts:
            continue
        largest = max(parts, key=shapely.area)
        middle = shapely.get_point(shapely.maximum_inscribed_circle(largest, tolerance=pack.scale / 1000), 0)
        spots = [paper.spot(at) for at in (middle, shapely.centroid(largest), shapely.point_on_surface(largest))]
        if any(_plate(paper, name, *spot, _NEIGHBOUR_MM, DAY["text-3"]) for spot in spots):
            continue
        # At the sides the map often shows only a strip of a neighbour: there its name stands upright.
        wide = width_of(name, _STREET_MM)
        spot = next((spot for spot in spots if paper.take(_turned_box(*spot, wide, -90))), None)
        if spot is not None:
            _write_turned(paper, name, spot, -90, DAY["text-3"], upright=False)


def _plate(paper: Paper, words: str, x: float, y: float, size: float, colour: str) -> bool:
    """Words on a pale plate, if there is room."""
    wide, high = width_of(words, size) + 1.2, size * 1.35
    if not paper.take(_around(x, y, wide / 2, high / 2)):
        return False
    paper.draw("rect", x=round(x - wide / 2, 2), y=round(y - high / 2, 2), width=round(wide, 2), height=round(high, 2),
               rx=0.6, fill=DAY["map-halo"], fill_opacity=0.78)  # fmt: skip
    paper.write(words, x, y, size, fill=colour)
    return True


def _name_estates(paper: Paper, homes: list[SiteDrawn], locale: str) -> None:
    """Numbers within their houses where they can be read, and each estate's name where it hides least of them."""
    # Within their own walls numbers cannot meet, so none of them keeps another away.
    written = [_write_number(paper, site) for site in homes if site.number is not None]
    paper.taken += [box for box in written if box is not None]
    by_stem: dict[str, list[SiteDrawn]] = {}
    for site in homes:
        if site.stem or site.number is None:
            by_stem.setdefault(site.stem or site.row.name, []).append(site)
    for stem, members in by_stem.items():
        shapes = shapely.union_all([site.shape for site in members])
        middle = shapely.centroid(shapes)
        x, y = paper.spot(middle)
        words = shortened(estate_name(stem, members[0].row.names, locale), _ESTATE_MM, _LONGEST_MM)
        for dx, dy in _OFFSETS:
            if _plate(paper, words, x + dx, y + dy, _ESTATE_MM, DAY["text-1"]):
                break


def _write_number(paper: Paper, site: SiteDrawn) -> Box | None:
    """The number of a house within its walls; None where it would be too small to read, or hidden."""
    if not isinstance(site.shape, shapely.Polygon | shapely.MultiPolygon):
        return None
    circle = shapely.maximum_inscribed_circle(site.shape, tolerance=0.5)
    middle, radius = shapely.get_point(circle, 0), shapely.length(circle)
    # Of a long house the widest place may be anywhere; its middle reads better where it is as wide there.
    centre = shapely.centroid(site.shape)
    if site.shape.contains(centre) and shapely.distance(centre, shapely.boundary(site.shape)) >= 0.8 * radius:
        middle = centre
    words, radius = str(site.number), radius * 1000 / paper.scale
    size = min(1.5 * radius, 2.6 * radius / len(words) ** 0.8, _NUMBER_MM[1])
    x, y = paper.spot(middle)
    box = _around(x, y, width_of(words, size) / 2, size / 2)
    if size >= _NUMBER_MM[0] and paper.free(box):
        paper.write(words, x, y, size, fill=DAY["text-1"])
        return box
    return None
