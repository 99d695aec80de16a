"""Move corners that several grids share, and leave out those that a border does not need."""

from __future__ import annotations

from dataclasses import replace

import shapely

from geodata.coverage.edit.drawn import Drawn, plot_of
from geodata.coverage.edit.edits import MoveEdge, MoveVertex, Position, Straighten
from geodata.coverage.edit.linework import (
    Corner,
    frame_of,
    lines_of,
    moved_corners,
    place_of,
    ring_corners,
    ring_edges,
)
from geodata.coverage.edit.plots import Plot
from geodata.coverage.edit.refusals import EditRefused
from geodata.coverage.edit.sheet import Sheet
from geodata.crs import G
from geodata.errors import N_


def move_vertex(sheet: Sheet, edit: MoveVertex) -> Drawn:
    """Move one corner, as `move_edge` does."""
    return _move(sheet, [(edit.at, edit.to)])


def move_edge(sheet: Sheet, edit: MoveEdge) -> Drawn:
    """
    Move corners at once, in every grid that has them.

    Raises
    ------
    EditRefused
        If a place is no corner, or one of the outline.
    """
    return _move(sheet, list(edit.moves))


def _move(sheet: Sheet, moves: list[tuple[Position, Position]]) -> Drawn:
    wanted: dict[Corner, Corner | None] = {corner_at(at): corner_at(to) for at, to in moves}
    before: dict[str, Plot] = {}
    for at in wanted:
        holders = _holders(sheet, at)
        _require_inner(at, holders)
        before |= {plot.id: plot for plot in holders}
    after = {key: replace(plot, plane=moved_corners(plot.plane, wanted)) for key, plot in sorted(before.items())}
    return Drawn(dict(sorted(before.items())), after)


def corner_at(place: Position) -> Corner:
    """A place in metres as a corner of the lattice."""
    return round(place[0] * 100), round(place[1] * 100)


def _holders(sheet: Sheet, at: Corner) -> list[Plot]:
    """Grids that have a corner there."""
    x, y = place_of(at)
    plots = [sheet.plots[key] for key in sheet.near((x - G, y - G, x + G, y + G))]
    return [plot for plot in plots if at in _corners(plot.plane)]


def _corners(polygon: shapely.Polygon) -> set[Corner]:
    return {corner for ring in (polygon.exterior, *polygon.interiors) for corner in ring_corners(ring)}


def _require_inner(at: Corner, holders: list[Plot]) -> None:
    """Refuse a place without corner, and one where an edge has a grid on one side only."""
    if not holders:
        raise EditRefused(N_("No grid has a corner here. Choose a corner of a border."), places=[place_of(at)])
    if any(at in edge for edge in frame_of(plot.plane for plot in holders)):
        raise EditRefused(
            N_("This corner stands on the outline of the district. The outline cannot be moved here."),
            places=[place_of(at)],
            grids=[plot.id for plot in holders],
        )


def straighten(sheet: Sheet, edit: Straighten) -> Drawn:
    """
    Leave out corners of a common border; where it ends, and where it meets other grids, it stays.

    Raises
    ------
    EditRefused
        If the grids have no common border, or it is straight already.

    References
    ----------
    Douglas and Peucker (1973), Cartographica 10(2), 112-122.
    """
    one, other = (plot_of(sheet, key) for key in edit.between)
    of_other = set(ring_edges(other.plane))
    common = {(start, end) for start, end in ring_edges(one.plane) if (end, start) in of_other}
    if not common:
        raise EditRefused(
            N_("Grids %(one)s and %(other)s have no common border."),
            places=[one.inner, other.inner],
            grids=edit.between,
            one=one.id,
            other=other.id,
        )
    lines = shapely.get_parts(shapely.line_merge(shapely.union_all(lines_of(common))))
    left_out: dict[Corner, Corner | None] = {}
    for line in lines:
        kept = {corner_at(xy) for xy in shapely.simplify(line, edit.tolerance_m, preserve_topology=False).coords}
        left_out |= {corner: None for corner in map(corner_at, line.coords) if corner not in kept}
    if not left_out:
        raise EditRefused(
            N_("The border is straight within %(tolerance)s m already. Allow more, or draw it anew."),
            places=[place_of(start) for start, _ in sorted(common)[:1]],
            grids=edit.between,
            tolerance=edit.tolerance_m,
        )
    before = {plot.id: plot for plot in (one, other)}
    return Drawn(
        before, {key: replace(plot, plane=moved_corners(plot.plane, left_out)) for key, plot in before.items()}
    )
