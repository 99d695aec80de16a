"""
The proof that an edit leaves a coverage a coverage, from the edges it changed alone.

Take every edge of the changed grids with its inside on the left; edges that run both ways cancel. What is left bounds
the sum of the grids, so if the same edges are left before and after, every place is covered as often as before: once.
And because edges cancel only when both ends are equal, neighbours still meet corner to corner. Nothing else need be
looked at, whatever the size of the coverage.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

import shapely

from geodata.coverage.check import SLIVER_M, SLIVER_M2
from geodata.coverage.edit.linework import Edge, place_of, ring_edges
from geodata.coverage.edit.plots import Plot
from geodata.coverage.edit.refusals import EditRefused
from geodata.errors import N_

CHANGED_SINCE: Final = N_("The borders here have changed since. Take back first what was done later.")
_FEW: Final = 20
_SPOT: Final = re.compile(r"\[(\S+) (\S+)\]$")


def require_grids(after: Mapping[str, Plot], before: Mapping[str, Plot | None]) -> None:
    """
    Refuse grids that are none: crossing themselves, in pieces, with a new hole, or too small to be meant.

    Parameters
    ----------
    after
        The changed grids.
    before
        The same ids as they were, None for those that were not there.

    Raises
    ------
    EditRefused
        With the place.
    """
    for key, plot in after.items():
        _require_sound(plot)
        was = before.get(key)
        if _is_sliver(plot.plane) and not (was and _is_sliver(was.plane)):
            raise EditRefused(
                N_("Grid %(grid)s would be under 1 m² or narrower than 1 m. Draw the line elsewhere."),
                places=[plot.inner],
                grids=[key],
                grid=key,
            )
    _require_no_new_hole(after, sum(len(was.plane.interiors) for was in before.values() if was))


def _require_no_new_hole(after: Mapping[str, Plot], allowed: int) -> None:
    holes = [(key, hole) for key, plot in after.items() for hole in plot.plane.interiors]
    if len(holes) > allowed:
        places = [shapely.Polygon(hole).point_on_surface() for _, hole in holes]
        raise EditRefused(
            N_("Grid %(grid)s would have a hole. Draw the piece so that it reaches the border of the grid."),
            places=[(place.x, place.y) for place in places],
            grids=sorted({key for key, _ in holes}),
            grid=holes[-1][0],
        )


def _require_sound(plot: Plot) -> None:
    if plot.plane.is_valid and not plot.plane.is_empty:
        return
    spot = _SPOT.search(str(shapely.is_valid_reason(plot.plane)))
    place = (float(spot[1]), float(spot[2])) if spot else plot.inner
    raise EditRefused(
        N_("The border of grid %(grid)s would cross or touch itself. Move it less far, or by another way."),
        places=[place],
        grids=[plot.id],
        grid=plot.id,
    )


def _is_sliver(plane: shapely.Polygon) -> bool:
    return bool(plane.area < SLIVER_M2 or 2 * plane.area < SLIVER_M * plane.length)


def require_same_ground(
    before: Iterable[Plot], after: Iterable[Plot], outline: Iterable[tuple[Iterable[Edge], Iterable[Edge]]] = ()
) -> None:
    """
    Refuse unless changed grids cover what they covered, once, and meet their neighbours corner to corner.

    Parameters
    ----------
    before, after
        All changed grids, as they were and as they would be; each valid.
    outline
        Where the outline of the coverage gained or lost corners: its edges before, and those in their place.

    Raises
    ------
    EditRefused
        With the places where the borders differ.
    """
    left = Counter[Edge]()
    for sign, plots in ((-1, before), (1, after)):
        for plot in plots:
            _count(left, ring_edges(plot.plane), sign)
    for old, new in outline:
        _count(left, old, 1)
        _count(left, new, -1)
    odd = sorted(edge for edge, count in left.items() if count)
    if odd:
        raise EditRefused(CHANGED_SINCE, places=[place_of(start) for start, _ in odd[:_FEW]])


def _count(left: Counter[Edge], edges: Iterable[Edge], sign: int) -> None:
    for start, end in edges:
        if start < end:
            left[start, end] += sign
        else:
            left[end, start] -= sign
