"""The weekly brief on paper: its tables unfolded, and the map of what is open drawn once and for all."""

from __future__ import annotations

import base64
from typing import Final

import numpy as np
import shapely

from gridmap.insight.brief import heading_of, notes_of, shown, tables_of
from gridmap.insight.figures import Brief
from gridmap.insight.pack_paper import attributes
from gridmap.insight.palette import DAY, style_variables
from gridmap.insight.rules import LOAD_STEPS, load_step
from gridmap.insight.sheet import asset, page_piece
from gridmap.insight.situation import Situation
from gridmap.language import N_, translate
from gridmap.printing import to_pdf

_MAP_MM: Final = (186.0, 120.0)


def print_brief(brief: Brief, locale: str) -> bytes:
    """
    Print a brief as a PDF.

    Parameters
    ----------
    locale
        Its language, one of `gridmap.language.LOCALES`.
    """
    title, told = heading_of(brief, locale)
    return to_pdf(
        page_piece(
            "brief-print.html",
            locale=locale,
            title=title,
            told=told,
            variables=style_variables(),
            style=asset("pages", "pack.css"),
            notes=notes_of(brief, locale),
            map="data:image/svg+xml;base64," + base64.b64encode(_load_map(brief.situation).encode()).decode(),
            steps=LOAD_STEPS,
            tables=[shown(table) for table in tables_of(brief, locale)],
            words={
                "map": translate(N_("Open per grid"), locale),
                "none": translate(N_("Nothing to list."), locale),
            },
        )
    )


def _load_map(situation: Situation) -> str:
    """Every grid in the colour of what is open in it, and the outlines of townships over them."""
    shapes = [grid.shape for grid in situation.grids]
    west, south, east, north = shapely.total_bounds(shapes)
    # A degree of longitude is shorter than one of latitude by the cosine of the latitude.
    narrow = float(np.cos(np.radians((south + north) / 2)))
    scale = min(_MAP_MM[0] / ((east - west) * narrow), _MAP_MM[1] / (north - south))
    left = (_MAP_MM[0] - (east - west) * narrow * scale) / 2

    def path(shape: shapely.Geometry) -> str:
        said = ""
        for ring in (ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)):
            lonlat = shapely.get_coordinates(ring)
            x, y = left + (lonlat[:, 0] - west) * narrow * scale, (north - lonlat[:, 1]) * scale
            said += "M" + "L".join(f"{a:.2f},{b:.2f}" for a, b in zip(x, y, strict=True)) + "Z"
        return said

    line = {"stroke": DAY["grid-line"], "stroke_width": 0.1}
    pieces = [
        f"<path{attributes({'d': path(grid.shape), 'fill': DAY[f'load-{load_step(grid.open)}']} | line)}/>"
        for grid in situation.grids
    ]
    bold = {"fill": "none", "stroke": DAY["township-line"], "stroke_width": 0.45}
    pieces += [
        f"<path{attributes({'d': path(area.shape)} | bold)}/>"
        for area in situation.areas
        if area.row.kind == "township"
    ]
    size = f'width="{_MAP_MM[0]}mm" height="{_MAP_MM[1]}mm" viewBox="0 0 {_MAP_MM[0]} {_MAP_MM[1]}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(pieces)}</svg>'
