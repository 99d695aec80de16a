"""Split a grid by a line, and merge grids into one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any, Final

import numpy as np
import shapely

from geodata.coverage.edit.drawn import Drawn, plot_of, require_new
from geodata.coverage.edit.edits import Line, Merge, Split
from geodata.coverage.edit.linework import cut, dissolved
from geodata.coverage.edit.plots import Plot
from geodata.coverage.edit.reckoning import shares
from geodata.coverage.edit.refusals import EditRefused, Place
from geodata.coverage.edit.sheet import Sheet
from geodata.crs import snap_to_lattice
from geodata.errors import N_

REACH_M: Final = 0.5
"""An end of a line that stops this short of a border was meant to reach it."""


def split(sheet: Sheet, edit: Split) -> Drawn:
    """
    Divide a grid.

    Raises
    ------
    EditRefused
        If the line does not leave exactly as many parts as there are ids for.
    """
    plot = plot_of(sheet, edit.grid)
    require_new(sheet, *edit.new)
    line = drawn_line(edit.line)
    faces, _ = cut([plot.plane], [reaching(line, plot.plane)])
    if len(faces) == 1:
        raise _does_not_divide(plot, line)
    if len(faces) != len(edit.new) + 1:
        raise EditRefused(
            N_(
                "The line would leave %(parts)s parts of grid %(grid)s, and %(wanted)s are wanted. "
                "Draw one that crosses the grid once for each new part."
            ),
            places=_crossings(line, plot),
            grids=[plot.id],
            grid=plot.id,
            parts=len(faces),
            wanted=len(edit.new) + 1,
        )
    parts = [piece for face in faces for piece in dissolved([face])]
    households = shares(sheet.houses, plot, parts)
    ranked = sorted(range(len(parts)), key=lambda n: (-households[n], -parts[n].area, parts[n].bounds))
    ids = [plot.id, *edit.new]
    after = {key: parts[number] for key, number in zip(ids, ranked, strict=True)}
    named = {
        key: replace(plot, plane=plane)
        if key == plot.id
        else Plot(key, plane, plot.community, plot.kind, 0, plot.owner)
        for key, plane in after.items()
    }
    return Drawn({plot.id: plot}, named)


def drawn_line(line: Line) -> shapely.LineString:
    """
    The drawn line on the lattice.

    Raises
    ------
    EditRefused
        If it has no length, or crosses itself.
    """
    drawn = shapely.remove_repeated_points(shapely.LineString(snap_to_lattice(line)))
    if drawn.length == 0:
        raise EditRefused(N_("The line has no length. Draw it from one place to another."), places=line[:1])
    if not drawn.is_simple:
        raise EditRefused(
            N_("The line crosses itself. Draw it without a loop."), places=_self_crossings(drawn) or line[:1]
        )
    return drawn


def reaching(line: shapely.LineString, ground: Any) -> shapely.LineString:
    """The line with an end that stops just short of the border of `ground` drawn on to it."""
    border = ground.boundary
    xy = shapely.get_coordinates(line)
    ends = []
    for end in (xy[0], xy[-1]):
        point = shapely.Point(end)
        short = ground.contains(point) and point.distance(border) <= REACH_M
        ends.append(snap_to_lattice(shapely.shortest_line(point, border).coords[1:]) if short else np.empty((0, 2)))
    return shapely.remove_repeated_points(shapely.LineString(np.vstack([ends[0], xy, ends[1]])))


def _does_not_divide(plot: Plot, line: shapely.LineString) -> EditRefused:
    """The sentence for a line that leaves a grid whole: it misses it, runs along its border, or stops inside."""
    told: dict[str, Any] = {"grids": [plot.id], "grid": plot.id}
    within = line.intersection(plot.plane)
    if within.is_empty or within.length == 0:
        middle = line.interpolate(0.5, normalized=True)
        return EditRefused(
            N_("The line does not cross grid %(grid)s. Draw it from border to border."),
            places=[(middle.x, middle.y)],
            **told,
        )
    if within.difference(plot.plane.boundary.buffer(REACH_M / 10)).length == 0:
        middle = within.representative_point()
        return EditRefused(
            N_("The line runs along the border of grid %(grid)s. Draw it through the grid."),
            places=[(middle.x, middle.y)],
            **told,
        )
    ends = [shapely.Point(end) for end in (line.coords[0], line.coords[-1])]
    inside = [(end.x, end.y) for end in ends if plot.plane.contains(end)]
    return EditRefused(N_("The line ends inside grid %(grid)s. Draw it from border to border."), places=inside, **told)


def _crossings(line: shapely.LineString, plot: Plot) -> list[Place]:
    met = shapely.get_parts(line.intersection(plot.plane.boundary))
    return sorted((float(x), float(y)) for x, y in shapely.get_coordinates(shapely.point_on_surface(met)))


def _self_crossings(line: shapely.LineString) -> list[Place]:
    """Corners that noding the line adds, or that it passes twice."""
    noded = shapely.node(line)
    ends = [xy for part in shapely.get_parts(noded) for xy in (part.coords[0], part.coords[-1])]
    return sorted({(float(x), float(y)) for x, y in ends if ends.count((x, y)) > 2})


def merge(sheet: Sheet, edit: Merge) -> Drawn:
    """
    Join grids.

    Raises
    ------
    EditRefused
        If they do not hang together by common borders, or lie in several communities.
    """
    plots = {key: plot_of(sheet, key) for key in edit.grids}
    if len(plots) < 2:
        raise EditRefused(N_("It takes two grids to merge. Choose another one."), grids=edit.grids)
    communities = sorted({plot.community for plot in plots.values()})
    if len(communities) > 1:
        raise EditRefused(
            N_("The grids lie in several communities (%(communities)s). Only grids of one community can be merged."),
            places=[plot.inner for plot in plots.values()],
            grids=plots,
            communities=", ".join(communities),
        )
    kept = _kept(plots, edit.keep)
    pieces = dissolved([plot.plane for plot in plots.values()])
    if len(pieces) > 1:
        raise _apart(list(plots.values()), pieces)
    return Drawn(plots, {kept.id: replace(kept, plane=pieces[0])})


def _kept(plots: dict[str, Plot], keep: str | None) -> Plot:
    if keep is None:
        return min(plots.values(), key=lambda plot: (-plot.households, -plot.plane.area, plot.id))
    if keep not in plots:
        raise EditRefused(
            N_("Grid %(grid)s is not among those to merge, so it cannot be the one that stays."),
            grids=[keep],
            grid=keep,
        )
    return plots[keep]


def _apart(plots: list[Plot], pieces: list[shapely.Polygon]) -> EditRefused:
    """The sentence for grids without a common border; the places are where they touch in a point, if they do."""
    corners = Counter(place for piece in pieces for place in {(x, y) for x, y in shapely.get_coordinates(piece)})
    twice = sorted(place for place, count in corners.items() if count > 1)
    if twice:
        return EditRefused(
            N_("The grids touch in a point only. Grids can be merged when they have a common border."),
            places=twice,
            grids=[plot.id for plot in plots],
        )
    return EditRefused(
        N_("The grids do not touch. Grids can be merged when they have a common border."),
        places=[plot.inner for plot in plots],
        grids=[plot.id for plot in plots],
    )
