"""Coverages drawn as letters: each character is a square of 10 m, each letter a grid."""

from __future__ import annotations

import geopandas as gpd
import shapely

SRID = 4547
LEFT, BOTTOM, SIDE = 500_000.0, 3_950_000.0, 10.0


def square(column: float, row: float, side: float = SIDE) -> shapely.Polygon:
    """A square by its lower left corner, counted in sides from the lower left of the drawing."""
    x, y = LEFT + column * SIDE, BOTTOM + row * SIDE
    return shapely.box(x, y, x + side, y + side)


def place(column: float, row: float) -> tuple[float, float]:
    return LEFT + column * SIDE, BOTTOM + row * SIDE


def drawn(*pictures: str) -> gpd.GeoSeries:
    """
    Grids from one picture, or from several that lie on each other.

    The index has the letters in order. A point is empty ground. Every grid has a vertex on each corner of its squares.
    """
    squares: dict[str, list[shapely.Polygon]] = {}
    for picture in pictures:
        rows = picture.split()
        for row, line in enumerate(reversed(rows)):
            for column, letter in enumerate(line):
                if letter != ".":
                    squares.setdefault(letter, []).append(square(column, row))
    letters = sorted(squares)
    shapes = [shapely.coverage_union_all(squares[letter]) for letter in letters]
    return gpd.GeoSeries(
        [shape.geoms[0] if len(shape.geoms) == 1 else shape for shape in map(_multi, shapes)], index=letters, crs=SRID
    )


def _multi(shape: shapely.Geometry) -> shapely.MultiPolygon:
    return shape if isinstance(shape, shapely.MultiPolygon) else shapely.MultiPolygon([shape])


def changed(shapes: gpd.GeoSeries, letter: str, shape: shapely.Geometry) -> gpd.GeoSeries:
    """The same grids, one of them drawn otherwise."""
    other = shapes.copy()
    other[letter] = shape
    return other
