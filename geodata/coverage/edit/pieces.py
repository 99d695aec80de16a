"""Give a piece of a grid to another one: hand over, carve out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.coverage.check import SLIVER_M, SLIVER_M2
from geodata.coverage.edit.drawn import Drawn, plot_of, require_new
from geodata.coverage.edit.edits import CarveOut, HandOver, Line
from geodata.coverage.edit.linework import cut, dissolved
from geodata.coverage.edit.plots import Plot
from geodata.coverage.edit.refusals import EditRefused, Place
from geodata.coverage.edit.sheet import Sheet
from geodata.coverage.faces import Shapes, holders, mean_width
from geodata.crs import snap_to_lattice
from geodata.errors import N_

NEAR_M: Final = 0.3
"""A piece drawn this near to a border was meant to lie on it: blocks and grids come from different drawings."""


def hand_over(sheet: Sheet, edit: HandOver) -> Drawn:
    """
    Give a piece of a grid to a neighbour.

    Raises
    ------
    EditRefused
        If the piece lies elsewhere, is the whole grid, does not touch the neighbour, or leaves the grid in pieces.
    """
    source, target = plot_of(sheet, edit.source), plot_of(sheet, edit.target)
    if source.id == target.id:
        raise EditRefused(N_("A grid cannot hand over a piece to itself. Choose a neighbour."), grids=[source.id])
    plots = [source, target]
    piece = _piece(edit.piece, plots)
    _require_within(sheet, piece, plots)
    given, rest, others = _taken_out(plots, piece)
    joined = dissolved([*given, *others])
    if len(joined) > 1:
        raise EditRefused(
            N_("The piece does not touch grid %(grid)s. Hand over one that has a common border with it."),
            places=[inside(part) for part in joined[1:]],
            grids=[target.id],
            grid=target.id,
        )
    return Drawn(
        {plot.id: plot for plot in plots},
        {source.id: replace(source, plane=rest), target.id: replace(target, plane=joined[0])},
    )


def carve_out(sheet: Sheet, edit: CarveOut) -> Drawn:
    """
    Make a piece of a grid a dedicated grid.

    Raises
    ------
    EditRefused
        If the piece lies over a border, is the whole grid, or leaves a hole or several pieces.
    """
    require_new(sheet, edit.new)
    rough = _polygon(edit.piece)
    around = [sheet.plots[key] for key in sheet.near(rough.bounds)]
    areas = [plot.plane.intersection(rough).area for plot in around]
    if not areas or max(areas) == 0:
        raise _elsewhere(rough, [])
    host = around[int(np.argmax(areas))]
    piece = _piece(edit.piece, [host])
    _require_within(sheet, piece, [host])
    given, rest, _ = _taken_out([host], piece)
    carved = dissolved(given)
    if len(carved) > 1:
        raise _in_pieces(host, carved)
    new = Plot(edit.new, carved[0], host.community, "dedicated", 0, edit.owner)
    return Drawn({host.id: host}, {host.id: replace(host, plane=rest), new.id: new})


def inside(polygon: shapely.Polygon) -> Place:
    """A point in a polygon, to show it by."""
    point = polygon.point_on_surface()
    return float(point.x), float(point.y)


def _piece(ring: Line, plots: Sequence[Plot]) -> shapely.Polygon:
    """The drawn piece, on the borders of the grids where it runs just beside them."""
    polygon = _polygon(ring)
    borders = shapely.union_all([plot.plane.boundary for plot in plots])
    on_lines = shapely.transform(polygon, lambda xy: _drawn_onto(xy, borders))
    # Its corners lie on the borders now; what is left are corners of the borders just beside its edges.
    near = shapely.transform(shapely.snap(on_lines, borders, NEAR_M), snap_to_lattice)
    return near if near.is_valid and near.geom_type == "Polygon" and near.area >= SLIVER_M2 else polygon


def _drawn_onto(corners: NDArray[np.float64], borders: Any) -> NDArray[np.float64]:
    """Corners just beside a border moved onto it."""
    points = shapely.points(corners)
    near = shapely.distance(points, borders) <= NEAR_M
    ends = shapely.get_point(shapely.shortest_line(points, borders), 1)
    return np.where(near[:, None], shapely.get_coordinates(ends), corners)


def _polygon(ring: Line) -> shapely.Polygon:
    if len(set(ring)) < 3:
        raise EditRefused(N_("A piece needs three corners. Draw it, or choose a block."), places=ring[:1])
    polygon = shapely.Polygon(snap_to_lattice(ring))
    if not polygon.is_valid:
        crossings = shapely.get_coordinates(shapely.node(polygon.exterior))
        places, counts = np.unique(crossings, axis=0, return_counts=True)
        raise EditRefused(
            N_("The border of the piece crosses itself. Draw it without a loop."), places=places[counts > 2]
        )
    if polygon.area < SLIVER_M2:
        raise EditRefused(N_("The piece is under 1 m². Draw a larger one."), places=[inside(polygon)])
    return polygon


def _require_within(sheet: Sheet, piece: shapely.Polygon, plots: Sequence[Plot]) -> None:
    """Refuse a piece that reaches into other grids, or out of the district."""
    if not any(plot.plane.intersection(piece).area > 0 for plot in plots[:1]):
        raise _elsewhere(piece, [plots[0].id])
    over = shapely.get_parts(piece.difference(shapely.union_all([plot.plane for plot in plots])))
    over = over[(shapely.area(over) >= SLIVER_M2) & (mean_width(over) >= NEAR_M)]
    if not len(over):
        return
    own = {plot.id for plot in plots}
    others = [
        key
        for key in sheet.near(piece.bounds)
        if key not in own and shapely.intersects(over, sheet.plots[key].plane.buffer(-NEAR_M)).any()
    ]
    raise EditRefused(
        N_("The piece reaches over the border of grid %(grid)s. Draw it inside of the grid."),
        places=[inside(part) for part in over],
        grids=[plots[0].id, *others],
        grid=plots[0].id,
    )


def _elsewhere(piece: shapely.Polygon, grids: list[str]) -> EditRefused:
    return EditRefused(
        N_("The piece lies outside of the grid. Draw it inside, or choose another grid."),
        places=[inside(piece)],
        grids=grids,
    )


def _taken_out(plots: Sequence[Plot], piece: shapely.Polygon) -> tuple[Shapes, shapely.Polygon, Shapes]:
    """
    Cut a piece out of the first of some grids.

    Returns
    -------
    given, rest, others
        Faces of the piece, with crumbs that it would leave; what is left of the grid; faces of the other grids.
    """
    faces, owner = cut([plot.plane for plot in plots], [piece.exterior])
    in_piece = np.zeros(len(faces), bool)
    in_piece[holders(np.array([piece], dtype=object), shapely.point_on_surface(faces))[0]] = True
    given, left = faces[(owner == 0) & in_piece], faces[(owner == 0) & ~in_piece]
    if not len(given):
        raise _elsewhere(piece, [plots[0].id])
    rest = dissolved(left) if len(left) else []
    real = [part for part in rest if part.area >= SLIVER_M2 and mean_width(np.array([part]))[0] >= SLIVER_M]
    if not real:
        raise EditRefused(
            N_("The piece is the whole of grid %(grid)s. Merge the grid, or draw a smaller piece."),
            places=[inside(piece)],
            grids=[plots[0].id],
            grid=plots[0].id,
        )
    if len(real) > 1:
        raise _in_pieces(plots[0], real)
    crumbs: list[Any] = [part for part in rest if part is not real[0]]
    return np.array([*given, *crumbs], dtype=object), real[0], faces[owner == 1]


def _in_pieces(plot: Plot, pieces: Sequence[shapely.Polygon]) -> EditRefused:
    return EditRefused(
        N_("Grid %(grid)s would fall into %(count)s pieces. Draw the piece so that one part is left."),
        places=[inside(part) for part in pieces],
        grids=[plot.id],
        grid=plot.id,
        count=len(pieces),
    )
