"""How many grids a number of households makes, and in words why it sometimes makes none."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.errors import N_, GeodataError, Note


@dataclass(frozen=True, slots=True)
class Range:
    """
    How many households a grid holds, both ends included.

    Raises
    ------
    GeodataError
        If the two ends are not positive and in order.
    """

    lo: float = 300
    hi: float = 500

    def __post_init__(self) -> None:
        if not 0 < self.lo <= self.hi:
            raise GeodataError(
                N_("From %(lo)s to %(hi)s is no range of households: the first must be above 0, the second not less."),
                lo=self.lo,
                hi=self.hi,
            )

    @property
    def mid(self) -> float:
        """The middle of the range."""
        return (self.lo + self.hi) / 2

    @property
    def half(self) -> float:
        """Half the width of the range, never 0."""
        return max((self.hi - self.lo) / 2, 0.5)

    def breach(self, weight: ArrayLike, count: ArrayLike = 1) -> NDArray[np.float64]:
        """How many households are too many or too few for `count` grids; n values, 0 where they fit."""
        weight, count = np.asarray(weight, float), np.asarray(count, float)
        return np.asarray(np.maximum(0.0, np.maximum(weight - count * self.hi, count * self.lo - weight)))

    def counts(self, weight: float) -> range:
        """The numbers of grids that `weight` households can be divided into; empty if there is none."""
        return range(max(1, math.ceil(weight / self.hi)), math.floor(weight / self.lo) + 1)

    def count(self, weight: float) -> int:
        """
        The number of grids to divide `weight` households into.

        As many as bring each nearest to the middle of the range; where no number fits, the one with the fewest
        households too many or too few.
        """
        fit = self.counts(weight)
        if len(fit):
            return min(max(round(weight / self.mid), fit[0]), fit[-1])
        below = max(1, math.floor(weight / self.hi))
        return min((below, below + 1), key=lambda count: (float(self.breach(weight, count)), count))

    def objection(self, weight: float, name: str) -> Note | None:
        """Why `weight` households of a connected piece make no number of grids; None if they do."""
        if len(self.counts(weight)):
            return None
        told = {"name": name, "weight": round(weight), "lo": self.lo, "hi": self.hi}
        if weight < self.lo:
            return Note(
                N_("%(name)s has %(weight)s households in one piece: %(short)s fewer than a grid needs (%(lo)s)."),
                short=round(self.lo - weight),
                **told,
            )
        few = math.floor(weight / self.hi)
        return Note(
            N_(
                "%(name)s has %(weight)s households in one piece: divided by %(few)s they are %(over)s too many, "
                "divided by %(many)s %(short)s too few for %(lo)s to %(hi)s each. The proposal makes %(made)s."
            ),
            few=few,
            over=round(weight - few * self.hi),
            many=few + 1,
            short=round((few + 1) * self.lo - weight),
            made=self.count(weight),
            **told,
        )
