"""What a planner should know about an edit that was not refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import shapely

from geodata.coverage.edit.houses import Houses
from geodata.coverage.edit.linework import Edge, lines_of, ring_edges
from geodata.coverage.edit.plots import Plot
from geodata.coverage.edit.reckoning import Moved
from geodata.coverage.edit.refusals import Place
from geodata.errors import N_

CUT_M2: Final = 1.0
CUT_SHARE: Final = 0.01
"""A building is cut when more than this lies in another grid than most of it: less is noise of two drawings."""


@dataclass(frozen=True, slots=True)
class Remark:
    """
    A warning with its place.

    Attributes
    ----------
    code
        ``building_cut`` or ``community_moved``.
    sentence
        The English sentence, with ``%(name)s`` where a value goes.
    """

    code: Literal["building_cut", "community_moved"]
    sentence: str
    values: Mapping[str, Any] = field(default_factory=dict)
    place: Place | None = None

    def __str__(self) -> str:
        return self.sentence % self.values


def remarks_on(
    houses: Houses, before: Mapping[str, Plot], after: Mapping[str, Plot], moved: Sequence[Moved]
) -> tuple[Remark, ...]:
    """Remarks on an edit: buildings that a new border cuts, and borders of communities that moved with it."""
    return (*_buildings_cut(houses, before, after), *_communities(before, after, moved))


def _buildings_cut(houses: Houses, before: Mapping[str, Plot], after: Mapping[str, Plot]) -> Iterator[Remark]:
    drawn = _edges(after) - _edges(before)
    if not drawn or not len(houses):
        return
    planes = np.array([plot.plane for plot in after.values()], dtype=object)
    for number in houses.touching(shapely.union_all(lines_of(drawn))):
        footprint = houses.footprints[number]
        shares = np.sort(shapely.area(shapely.intersection(planes, footprint)))[::-1]
        cut_off = float(shares[1:].sum())
        if cut_off > CUT_M2 and cut_off > CUT_SHARE * footprint.area:
            yield Remark(
                "building_cut",
                N_("The border cuts a building: %(area)s m² of it would lie in another grid."),
                {"area": round(cut_off, 1), "building": int(number)},
                (float(houses.inner[number].x), float(houses.inner[number].y)),
            )


def _edges(plots: Mapping[str, Plot]) -> set[Edge]:
    return {min((start, end), (end, start)) for plot in plots.values() for start, end in ring_edges(plot.plane)}


def _communities(before: Mapping[str, Plot], after: Mapping[str, Plot], moved: Sequence[Moved]) -> Iterator[Remark]:
    pairs: dict[tuple[str, str], Moved] = {}
    for one in moved:
        left, joined = before[one.from_id].community, after[one.to_id].community
        if left != joined and not one.piece.is_empty:
            pairs.setdefault((left, joined), one)
    for (left, joined), one in pairs.items():
        point = one.piece.point_on_surface()
        yield Remark(
            "community_moved",
            N_("Ground of community %(one)s would belong to community %(other)s."),
            {"one": left, "other": joined},
            (float(point.x), float(point.y)),
        )
