"""What can be wrong with a coverage."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

Unit = Literal["m2", "m", "households"]


class Kind(StrEnum):
    """The kinds of defect, in the order in which a planner should look at them."""

    INVALID = "invalid"
    """A ring that crosses itself, or a row without a polygon."""
    MISSING = "missing"
    """A place as big as a grid that no grid covers."""
    GAP = "gap"
    """A smaller place between grids that no grid covers."""
    OVERLAP = "overlap"
    """A place that two or more grids cover."""
    DENT = "dent"
    """A place along the outline that is on one side of it and should be on the other."""
    SLIVER = "sliver"
    """A grid, or a detached piece of one, too thin or too small to be meant."""
    MISMATCH = "mismatch"
    """A common border that both neighbours draw along the same line with different vertices."""
    SIZE = "size"
    """An urban grid with too few or too many households."""


@dataclass(frozen=True, slots=True)
class Defect:
    """
    One thing that is wrong, with its place and size.

    Attributes
    ----------
    kind
        What is wrong.
    rows
        Labels of the rows concerned, ascending: those that overlap, or the neighbours of a gap.
    place
        A point on the spot, in the system of the input; None for a row that has no shape.
    size
        How much, in `unit`: area of a gap, length of a mismatched border, number of households.
    unit
        ``m2``, ``m`` or ``households``.
    geometry
        Where exactly, a shapely geometry in the system of the input; None for a row that has no shape.
    reason
        For an invalid ring, what GEOS says about it, else empty.
    """

    kind: Kind
    rows: tuple[Hashable, ...]
    place: tuple[float, float] | None
    size: float
    unit: Unit
    geometry: Any
    reason: str = ""
