"""How sure the grid of a place is: what is stored of it, and what people are told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from geodata.datum import Floats
from geodata.doubt import (
    LEAST_TOLD,
    TOO_WIDE_M,
    Certainty,
    Convention,
    Weighed,
    certainty,
    isotropic,
    lies_plainly,
    settle,
    weigh,
)
from geodata.doubt.certainty import LIKELY
from geodata.locate import Status
from gridmap.grids.index import Coverage, GridRow
from gridmap.language import N_

CONVENTION_OF: Final[Mapping[str, Convention]] = {
    # The patrol and resident faces run in browsers; every other program is not known to mean the same.
    "gps": Convention.BROWSER95,
}
"""What the radius told with a place means, by the method of the place."""

PIN_SIGMA_M: Final = 10.0
"""A pin set by hand without a radius: a finger on a street map."""

MOST_RUNNERS: Final = 5
_DECIMALS: Final = 6

TOO_WIDE: Final = N_("The position is known to more than 100 m only; it names an area and no grid.")
MAY_BE_OUTSIDE: Final = N_("It may well lie outside the district.")
SEVERAL_GRIDS: Final = N_("More than one grid is possible.")
NO_ACCURACY: Final = N_("It came without an accuracy; 50 m were assumed.")


@dataclass(frozen=True)
class Standing:
    """
    How a point with an error stands to the grids of one edition.

    Attributes
    ----------
    status
        ``inside, edge, outside`` or ``unplaced``.
    grid
        The likeliest grid; None outside, and where the error is too wide to name one.
    area
        Path of the area that it belongs to: that of the grid, else the community or township; None outside.
    certainty, probability
        Of `grid`; the probability is None without one.
    runners
        At most five other grids from 0.05 on, the likeliest first.
    p_outside
        Probability of lying in no grid.
    why
        Why it is in doubt, a translatable sentence, or None.
    """

    status: str
    grid: GridRow | None
    area: str | None
    certainty: Certainty | None
    probability: float | None
    runners: tuple[tuple[GridRow, float], ...]
    p_outside: float | None
    why: str | None

    @property
    def candidates(self) -> tuple[tuple[GridRow, float], ...]:
        """The grid and the runners-up with their probabilities."""
        own = () if self.grid is None or self.probability is None else ((self.grid, self.probability),)
        return own + self.runners


NOWHERE: Final = Standing("unplaced", None, None, None, None, (), None, None)


def stand(coverage: Coverage, lon: Floats, lat: Floats, sigma_m: Floats) -> list[Standing]:
    """
    Weigh the grids around points of one edition.

    Parameters
    ----------
    lon, lat
        Degrees, WGS 84, shape (n,); NaN is unplaced.
    sigma_m
        Standard error of each axis, metres, shape (n,).
    """
    # A camera repeats its own place a hundred times: the same question is answered once.
    asked = np.column_stack([lon, lat, sigma_m])
    unlike, again = np.unique(asked, axis=0, return_inverse=True)
    lon, lat, sigma_m = np.ascontiguousarray(unlike.T)
    located = coverage.locate(lon, lat)
    weighed = weigh(coverage.index, lon, lat, isotropic(sigma_m), located)
    likeliest, first = weighed.nth(0)
    verdicts = certainty(first, weighed.nth(1)[1], weighed.outside, sigma_m)
    settled = settle(located, likeliest, first, weighed.outside)
    standings = [
        _wide(coverage, weighed, i)
        if sigma > TOO_WIDE_M and status != Status.UNPLACED
        else _near(coverage, weighed, i, row, Status(status), verdict)
        for i, (row, status, verdict, sigma) in enumerate(
            zip(settled.row.tolist(), settled.status.tolist(), verdicts, sigma_m.tolist(), strict=True)
        )
    ]
    return [standings[i] for i in again.ravel().tolist()]


def stand_one(coverage: Coverage, lon: float, lat: float, sigma_m: float) -> Standing:
    """Weigh the grids around one point, as `stand` does around many."""
    row = lies_plainly(coverage.index, lon, lat, sigma_m)
    if row is None:
        return stand(coverage, np.array([lon]), np.array([lat]), np.array([sigma_m]))[0]
    grid = coverage.rows[row]
    return Standing("inside", grid, grid.path, Certainty.SURE, 1.0, (), 0.0, None)


def belongs_to(shares: Iterable[tuple[str, float]]) -> str | None:
    """
    The area of a place that is too uncertain for a grid.

    Parameters
    ----------
    shares
        Path and probability of the grids that it may lie in.

    Returns
    -------
    path
        The community that holds it with 0.6 or more, else the likeliest township: never the whole district, so that
        a desk has it. None if it is likelier outside of all grids than in any.
    """
    communities: defaultdict[str, float] = defaultdict(float)
    townships: defaultdict[str, float] = defaultdict(float)
    for path, share in shares:
        community = path.rpartition(".")[0]
        communities[community] += share
        townships[community.rpartition(".")[0]] += share
    if sum(townships.values()) <= 0.5:
        return None
    community = max(communities, key=lambda path: (communities[path], path))
    return community if communities[community] >= LIKELY else max(townships, key=lambda path: (townships[path], path))


def _near(coverage: Coverage, weighed: Weighed, i: int, row: int, status: Status, verdict: Certainty) -> Standing:
    if status == Status.UNPLACED:
        return NOWHERE
    grid = None if row < 0 else coverage.rows[row]
    told = weighed.told(i)
    outside = _rounded(weighed.outside[i])
    if grid is None:
        possible = [pair for pair in told if pair[1] >= LEAST_TOLD]
        return Standing("outside", None, None, verdict, None, _runners(coverage, possible), outside, None)
    probability = _rounded(told[0][1])
    why = None
    if verdict is Certainty.REVIEW:
        why = MAY_BE_OUTSIDE if outside > probability else SEVERAL_GRIDS
    runners = _runners(coverage, told[1:])
    return Standing(status.name.lower(), grid, grid.path, verdict, probability, runners, outside, why)


def _wide(coverage: Coverage, weighed: Weighed, i: int) -> Standing:
    area = belongs_to((coverage.rows[row].path, share) for row, share in weighed.pairs(i))
    status = "outside" if area is None else "inside"
    outside = _rounded(weighed.outside[i])
    return Standing(status, None, area, Certainty.REVIEW, None, _runners(coverage, weighed.told(i)), outside, TOO_WIDE)


def _runners(coverage: Coverage, told: Sequence[tuple[int, float]]) -> tuple[tuple[GridRow, float], ...]:
    return tuple((coverage.rows[row], _rounded(share)) for row, share in told[:MOST_RUNNERS])


def _rounded(probability: float) -> float:
    return round(float(probability), _DECIMALS)
