"""The map of a grid pack: one drawing that a printer takes, made from the district's own ground."""

from __future__ import annotations

from typing import Any, Final

from shapely.geometry.base import BaseGeometry

from gridmap.insight.pack import DWELLINGS, Pack
from gridmap.insight.pack_labels import draw_labels
from gridmap.insight.pack_legend import LEGEND_MM, draw_legend, draw_measures
from gridmap.insight.pack_paper import Paper
from gridmap.insight.pack_rules import MAP_MM
from gridmap.insight.palette import DAY

SIZE_MM: Final = (MAP_MM[0], MAP_MM[1] + LEGEND_MM)
"""Width and height of the whole drawing, its legend below the map."""

# From the lowest up; what is not named is farmland or a yard, and land is drawn as land.
_GROUND: Final = {
    "field_b": "#f1eee4",
    "field_c": "#eeeee0",
    "town": DAY["map-town"],
    "village": "#ece7dc",
    "block": DAY["map-block"],
    "forest": DAY["map-forest"],
    "school_ground": "#ece4ee",
    "plaza": "#ebe7e0",
    "park": DAY["map-park"],
    "track": "#e3cdbd",
    "pitch": "#c3dcb4",
    "water": DAY["map-water"],
    "island": DAY["map-park"],
}
# Metres of a way on the ground, and the least millimetres on the paper.
_WIDTHS: Final = {
    "motorway": (26, 1.5),
    "rail": (4, 0.5),
    "wall": (0.5, 0.25),
    "path": (2, 0.3),
    "street-1": (24, 1.2),
    "street-2": (17, 1.0),
    "street-3": (11, 0.8),
    "street-4": (6.5, 0.6),
    "road-2": (10, 0.9),
    "road-3": (5, 0.6),
}
_OWN_BUILDING, _OTHER_BUILDING, _PREMISES = "#cfc6b6", "#dedad2", "#c9bcd0"
_BUILDING_LINE: Final = "#8d8676"


def draw_map(pack: Pack, locale: str) -> str:
    """
    Draw the map of a pack.

    Parameters
    ----------
    locale
        Its language, one of `gridmap.language.LOCALES`.

    Returns
    -------
    svg
        `SIZE_MM` large, in millimetres; every name in it is text.
    """
    paper = Paper(pack.frame, pack.scale)
    width, height = MAP_MM
    paper.draw("rect", width=width, height=height, fill=DAY["map-land"])
    _draw_ground(paper, pack)
    _draw_ways(paper, pack)
    _draw_buildings(paper, pack)
    _draw_borders(paper, pack)
    draw_labels(paper, pack, locale)
    draw_measures(paper, locale)
    inside = "".join(paper.drawn)
    paper.drawn.clear()
    draw_legend(paper, pack, locale)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE_MM[0]}mm" height="{SIZE_MM[1]}mm"'
        f' viewBox="0 0 {SIZE_MM[0]} {SIZE_MM[1]}">'
        f'<clipPath id="map"><rect width="{width}" height="{height}"/></clipPath>'
        f'<g clip-path="url(#map)">{inside}</g>'
        f'<rect x="0.1" y="0.1" width="{width - 0.2}" height="{height - 0.2}" fill="none"'
        f' stroke="{DAY["township-line"]}" stroke-width="0.3"/>{"".join(paper.drawn)}</svg>'
    )


def _draw_ground(paper: Paper, pack: Pack) -> None:
    by_kind: dict[str, list[BaseGeometry]] = {}
    for row, shape in pack.ground:
        by_kind.setdefault(row.kind, []).append(shape)
    for kind, colour in _GROUND.items():
        for shape in by_kind.get(kind, []):
            line = {"stroke": DAY["map-water-line"], "stroke_width": 0.2} if kind == "water" else {}
            paper.draw_shape(shape, fill=colour, **line)


def _draw_ways(paper: Paper, pack: Pack) -> None:
    """All casings below all streets, so that crossings are open; a river is drawn where it is no area."""
    drawn = []
    for row, shape in pack.ways:
        if row.kind == "river":
            if not any(other.kind == "water" and ground.intersects(shape) for other, ground in pack.ground):
                paper.draw_shape(shape, fill="none", stroke=DAY["map-water-line"], stroke_width=0.6)
        else:
            drawn.append((row, shape, _width_mm(row, pack.scale)))
    for row, shape, width in drawn:
        if row.kind in ("street", "road", "motorway"):
            casing = {"stroke": DAY["map-street-casing"], "stroke_width": round(width + 0.3, 2)}
            paper.draw_shape(shape, fill="none", stroke_linecap="round", stroke_linejoin="round", **casing)
    for row, shape, width in drawn:
        colour = DAY["map-motorway"] if row.kind == "motorway" else DAY["map-street"]
        if row.kind in ("street", "road", "motorway"):
            paper.draw_shape(
                shape, fill="none", stroke=colour, stroke_width=round(width, 2), stroke_linecap="round",
                stroke_linejoin="round",
            )  # fmt: skip
        else:
            dash = {"rail": "2,1", "path": "0.8,0.6"}.get(row.kind)
            paper.draw_shape(
                shape, fill="none", stroke=DAY["map-rail"], stroke_width=round(min(width, 0.6), 2),
                **({"stroke_dasharray": dash} if dash else {}),
            )  # fmt: skip


def _width_mm(row: Any, scale: int) -> float:
    metres, least = _WIDTHS.get(row.kind) or _WIDTHS.get(f"{row.kind}-{row.rank}") or (5, 0.6)
    return max(metres * 1000 / scale, least)


def _draw_buildings(paper: Paper, pack: Pack) -> None:
    for site in pack.sites:
        if site.shape.geom_type == "Point" or not (site.dwelling or site.row.storeys):
            continue
        fill = _OTHER_BUILDING if not site.held else _OWN_BUILDING if site.row.kind in DWELLINGS else _PREMISES
        line = {"stroke": _BUILDING_LINE, "stroke_width": 0.15} if site.held else {}
        paper.draw_shape(site.shape, fill=fill, **line)


def _draw_borders(paper: Paper, pack: Pack) -> None:
    """The neighbours fade; the grid's own border is drawn last and widest, in the colour of its kind."""
    width, height = MAP_MM
    outside = f"M-1,-1H{width + 1}V{height + 1}H-1Z{paper.path(pack.plane)}"
    paper.draw("path", d=outside, fill=DAY["map-halo"], fill_opacity=0.5, fill_rule="evenodd")
    for _, shape in pack.neighbours:
        paper.draw_shape(
            shape, fill="none", stroke=DAY["grid-line"], stroke_width=0.25, stroke_dasharray="1.6,0.9",
            stroke_opacity=0.8,
        )  # fmt: skip
    kind = DAY[f"kind-{pack.row.kind}"]
    paper.draw_shape(
        pack.plane, fill="none", stroke=kind, stroke_width=2.6, stroke_opacity=0.28, stroke_linejoin="round"
    )
    paper.draw_shape(pack.plane, fill="none", stroke=DAY["township-line"], stroke_width=0.75, stroke_linejoin="round")
