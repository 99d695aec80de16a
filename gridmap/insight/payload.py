"""What the script of a map is given: the situation as JSON, as short as it can be."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import shapely

from gridmap.incidents.rules import STATE_LABELS
from gridmap.insight.situation import COLOURINGS, Situation
from gridmap.insight.words import KINDS, SEVERITIES, moment, name_of
from gridmap.language import N_, translate

_DECIMALS = 5
"""Of a degree: about a metre."""


def embedded(data: Any) -> str:
    """Data as JSON that may stand within a script: nothing in it can end the script or begin a comment."""
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        written = written.replace(sign, f"\\u{ord(sign):04x}")
    return written


def bounds_of(situation: Situation) -> list[list[float]]:
    """South-west and north-east corner, latitude first."""
    west, south, east, north = shapely.total_bounds([grid.shape for grid in situation.grids]).tolist()
    return [[south, west], [north, east]]


def written_out(situation: Situation, locale: str) -> dict[str, Any]:
    """All that the script draws and says; latitude first, as Leaflet wants it."""
    words = {
        "open": N_("Open"),
        "overdue": N_("Overdue"),
        "households": N_("Households"),
        "happened": N_("Happened"),
        "due": N_("Due"),
    }
    return {
        "bounds": bounds_of(situation),
        "words": {name: translate(word, locale) for name, word in words.items()}
        | {
            "kinds": {kind: translate(word, locale) for kind, word in KINDS.items()},
            "severities": {level: translate(word, locale) for level, word in SEVERITIES.items()},
        },
        "grids": [_grid(grid, locale) for grid in situation.grids]
        if set(COLOURINGS) & set(situation.wish.layers)
        else [],
        "areas": [
            {
                "kind": area.row.kind,
                "name": name_of(area.row.name, area.row.names, locale),
                "rings": lat_lon_lines(area.shape),
                "label": _lat_lon(area.label),
            }
            for area in situation.areas
        ],
        "ground": {
            kind: [line for shape in shapes for line in lat_lon_lines(shape)]
            for kind, shapes in situation.ground.items()
        },
        **_incidents(situation, locale),
    }


def _grid(grid: Any, locale: str) -> dict[str, Any]:
    above = [area for area in (grid.township, grid.community) if area is not None]
    return {
        "code": grid.row.code,
        "name": name_of(grid.row.name, grid.row.names, locale),
        "kind": grid.row.kind,
        "area": " · ".join(name_of(area.name, area.names, locale) for area in above),
        "households": grid.row.households,
        "open": grid.open,
        "overdue": grid.overdue,
        "rings": lat_lon_lines(grid.shape),
        "label": _lat_lon(grid.label),
    }


def _incidents(situation: Situation, locale: str) -> dict[str, Any]:
    """Rows as short as they can be; words that come again stand in tables of their own."""
    zone = situation.district.zone
    tables: dict[str, dict[str, int]] = {"categories": {}, "grids": {}, "states": {}}

    def kept(table: str, word: str) -> int:
        return tables[table].setdefault(word, len(tables[table]))

    rows = [
        [
            round(row.lat, 5),
            round(row.lon, 5),
            row.severity,
            int(row.due_at is not None and row.due_at < situation.told_at),
            row.number,
            kept("categories", name_of(row.category_name or "", row.category_names, locale)),
            kept("grids", name_of(row.grid_name or "", row.grid_names, locale)),
            kept("states", translate(STATE_LABELS[row.state], locale)),
            moment(row.occurred_at, zone),
            moment(row.due_at, zone) if row.due_at else "",
        ]
        for row in situation.incidents
    ]
    return {"incidents": rows, "tables": {name: list(table) for name, table in tables.items()}}


def _lat_lon(label: tuple[float, float]) -> list[float]:
    return [round(label[1], 5), round(label[0], 5)]


def lat_lon_lines(shape: shapely.Geometry) -> list[Any]:
    """
    A shape as a document keeps it: ``[latitude, longitude]`` in degrees, rounded to about a metre.

    Parameters
    ----------
    shape
        Any lines or polygons, in degrees.

    Returns
    -------
    lines
        Of a polygon its rings, the outer first; of several, one list after the other.
    """
    lines: list[Any] = []
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            lines.append([_points(ring) for ring in (part.exterior, *part.interiors)])
        elif part.geom_type == "LineString":
            lines.append(_points(part))
    return lines


def _points(line: shapely.LineString) -> list[Any]:
    rounded: list[Any] = np.round(shapely.get_coordinates(line)[:, ::-1], _DECIMALS).tolist()
    return rounded
