"""Draw a common border anew."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from geodata.coverage.edit.dividing import drawn_line, reaching
from geodata.coverage.edit.drawn import Drawn, plot_of
from geodata.coverage.edit.edits import Reshape
from geodata.coverage.edit.linework import cut, dissolved, frame_of, ring_edges
from geodata.coverage.edit.pieces import NEAR_M, inside
from geodata.coverage.edit.plots import Plot
from geodata.coverage.edit.refusals import EditRefused
from geodata.coverage.edit.sheet import Sheet
from geodata.coverage.faces import Numbers, Shapes
from geodata.errors import N_


def reshape(sheet: Sheet, edit: Reshape) -> Drawn:
    """
    Draw the border of two grids anew: what the line cuts off one of them goes to the other.

    Raises
    ------
    EditRefused
        If the line does not meet the common border twice, leaves the two grids, or does not say which they are.
    """
    line = drawn_line(edit.line)
    if edit.between is not None:
        one, other = (plot_of(sheet, key) for key in edit.between)
        return _redrawn(one, other, line)
    entered = [plot for plot in _around(sheet, line) if line.intersection(plot.plane.buffer(-NEAR_M)).length > 0]
    if len(entered) == 2:
        return _redrawn(entered[0], entered[1], line)
    drawn = _every_neighbour(sheet, entered[0], line) if len(entered) == 1 else []
    if len(drawn) == 1:
        return drawn[0]
    middle = line.interpolate(0.5, normalized=True)
    raise EditRefused(
        N_("The line does not say which border is meant. Choose the two grids, then draw the line."),
        places=[(middle.x, middle.y)],
        grids=[plot.id for plot in entered],
    )


def _around(sheet: Sheet, shape: Any) -> list[Plot]:
    return [plot for key in sheet.near(shape.bounds) if (plot := sheet.plots[key]).plane.intersects(shape)]


def _every_neighbour(sheet: Sheet, plot: Plot, line: shapely.LineString) -> list[Drawn]:
    """What the line would draw between a grid and each of its neighbours, where it draws anything."""
    found = []
    for other in _around(sheet, plot.plane):
        if other.id != plot.id:
            try:
                found.append(_redrawn(plot, other, line))
            except EditRefused:
                continue
    return found


def _redrawn(one: Plot, other: Plot, line: shapely.LineString) -> Drawn:
    plots = (one, other)
    line = reaching(reaching(line, one.plane), other.plane)
    _require_one_stretch(plots, line)
    faces, owner = cut([plot.plane for plot in plots], [line])
    new_owner = _swapped(faces, owner)
    if (new_owner == owner).all():
        raise EditRefused(
            N_("The line does not cut anything off at the border of %(one)s and %(other)s. Start and end it on it."),
            places=shapely.get_coordinates(line)[[0, -1]].tolist(),
            grids=[one.id, other.id],
            one=one.id,
            other=other.id,
        )
    after = {}
    for number, plot in enumerate(plots):
        pieces = dissolved(faces[new_owner == number])
        if len(pieces) > 1:
            raise EditRefused(
                N_("Grid %(grid)s would fall into %(count)s pieces. Draw the border in one stretch."),
                places=[inside(piece) for piece in pieces],
                grids=[plot.id],
                grid=plot.id,
                count=len(pieces),
            )
        after[plot.id] = replace(plot, plane=pieces[0])
    return Drawn({plot.id: plot for plot in plots}, after)


def _require_one_stretch(plots: tuple[Plot, Plot], line: shapely.LineString) -> None:
    """Refuse a line that leaves the two grids and comes back."""
    ground = shapely.union_all([plot.plane for plot in plots])
    stretches = [part for part in shapely.get_parts(line.intersection(ground)) if part.length > NEAR_M]
    if len(shapely.get_parts(shapely.line_merge(shapely.MultiLineString(stretches)))) > 1:
        outside = [part for part in shapely.get_parts(line.difference(ground)) if part.length > 0]
        raise EditRefused(
            N_("The line leaves grids %(one)s and %(other)s on its way. Draw it inside of the two."),
            places=[(middle.x, middle.y) for part in outside if (middle := part.interpolate(0.5, normalized=True))],
            grids=[plot.id for plot in plots],
            one=plots[0].id,
            other=plots[1].id,
        )


def _swapped(faces: Shapes, owner: Numbers) -> Numbers:
    """
    Find whose each face becomes.

    A grid keeps the face that has most of its border with the rest of the world; the line cuts off the others, and they
    change sides.
    """
    outer = frame_of(faces)
    scores = [
        (sum(np.hypot(*np.subtract(end, start)) for start, end in ring_edges(face) if (start, end) in outer), face.area)
        for face in faces
    ]
    result = 1 - owner
    for number in (0, 1):
        own = np.flatnonzero(owner == number)
        result[max(own, key=lambda face: scores[face])] = number
    return result
