"""What a plan may become and by whom, how its grids are numbered, and who inherits what stands on ground that moves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.errors import Invalid
from gridmap.language import N_

FEWEST, MOST = 300, 500
"""Households of an urban grid, both allowed."""

BUILDINGS: Final = ("building", "village_house")
"""Kinds of site that people live in: they are counted as buildings, all others as sites."""

CODE_WIDTH: Final[Mapping[str, int]] = {"gb15": 15, "cjt349_20": 20}
"""Figures of a grid's code by scheme; a scheme of one's own goes on as its codes are."""

_ENDING: Final = re.compile(r"^(?P<stem>.*?)(?P<number>\d+)$")


class State(StrEnum):
    """Where a plan stands between a draft and an edition."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    REVERTED = "reverted"

    @property
    def label(self) -> str:
        """What a person calls it; a word to translate."""
        return _LABELS[self]


_LABELS: Final = {
    State.DRAFT: N_("a draft"),
    State.SUBMITTED: N_("waiting for approval"),
    State.APPROVED: N_("approved"),
    State.PUBLISHED: N_("published"),
    State.WITHDRAWN: N_("withdrawn"),
    State.REVERTED: N_("reverted"),
}

OPEN: Final = frozenset({State.DRAFT, State.SUBMITTED, State.APPROVED})
"""The states of a plan that may still become an edition."""


@dataclass(frozen=True)
class Standing:
    """
    What decides who may do what with a plan.

    Attributes
    ----------
    behind
        Editions published since the one it was drawn on.
    edits
        Edits that count.
    """

    state: State
    author_id: int
    behind: int
    edits: int


def possible(plan: Standing, person_id: int | None, *, drafts: bool, publishes: bool) -> list[str]:
    """
    Say what somebody may do with a plan as it stands.

    Parameters
    ----------
    drafts, publishes
        Whether the person may draft, and may approve and publish, over all ground that the plan changes.

    Returns
    -------
    steps
        Of ``edit, submit, withdraw, approve, send_back, publish, revert, rebase``.
    """
    own = plan.author_id == person_id and drafts
    other = plan.author_id != person_id and publishes
    allowed = {
        "edit": own and plan.state is State.DRAFT,
        "submit": own and plan.state is State.DRAFT and plan.edits > 0,
        "withdraw": own and plan.state in OPEN,
        "rebase": own and plan.state is State.DRAFT and plan.behind > 0,
        "approve": other and plan.state is State.SUBMITTED,
        "send_back": other and plan.state in (State.SUBMITTED, State.APPROVED),
        "publish": other and plan.state is State.APPROVED,
        "revert": drafts and plan.state is State.PUBLISHED,
    }
    return [step for step, yes in allowed.items() if yes]


def next_codes(scheme: str, community: str, used: Iterable[str], n: int) -> list[str]:
    """
    Number new grids of a community: after the highest number that was ever given there.

    A gap is no free number: whoever had it has it for ever.

    Parameters
    ----------
    scheme
        Of the district, such as ``gb15``: district 6, township 3, community 3, sequence 3.
    used
        Every code that was ever given to a grid, at least those of this community.
    n
        How many are needed.

    Raises
    ------
    Invalid
        If the community has no numbers left.
    """
    own = [code for code in used if code.startswith(community) and code[len(community) :].isdecimal()]
    width = CODE_WIDTH.get(scheme) or max(map(len, own), default=len(community) + 3)
    digits = max(1, width - len(community))
    last = max((int(code[len(community) :]) for code in own), default=0)
    if last + n >= 10**digits:
        raise Invalid(
            N_("Community %(community)s has no number left for another grid: codes are never used again."),
            community=community,
        )
    return [f"{community}{last + step:0{digits}d}" for step in range(1, n + 1)]


def next_names(names: Sequence[str], taken: Iterable[str], n: int) -> list[str]:
    """
    Name new grids after the one they came out of: `` 04`` of a community goes on with its next free number.

    Parameters
    ----------
    names
        The name of the grid they came out of, and others of its community that show how names run there.
    taken
        Names that are in use.
    """
    known = set(taken)
    matches = [match for name in names if (match := _ENDING.match(name))]
    if not matches:
        stem, width, last = f"{names[0]} " if names else "", 1, 1
    else:
        stem, width = matches[0]["stem"], len(matches[0]["number"])
        ends = [match for name in known | set(names) if (match := _ENDING.match(name)) and match["stem"] == stem]
        last = max(int(match["number"]) for match in ends)
    return [f"{stem}{last + step:0{width}d}" for step in range(1, n + 1)]


def heirs(
    owners: Sequence[str],
    points: NDArray[np.object_],
    after: Mapping[str, Any],
    successors: Mapping[str, str],
) -> list[str]:
    """
    Say which grid answers for each thing after ground has been divided anew: it goes with the ground under it.

    What lies on a new border stays where it was. What lies on none of that ground, since somebody put it into its grid
    by hand or it has no place, stays with its grid, or goes to the one that inherits most of it.

    Parameters
    ----------
    owners
        The grid of each of n things before, by id.
    points
        n points in the system of the polygons; None where a thing has no place.
    after
        The polygons of all grids that changed, as they are after, by id.
    successors
        For each grid that is gone, the one that inherits what has no place.

    Returns
    -------
    grids
        n ids.
    """
    result = [successors.get(owner, owner) for owner in owners]
    ids = sorted(after)
    placed = np.flatnonzero(~shapely.is_missing(points))
    if not ids or len(placed) == 0:
        return result
    tree = shapely.STRtree([after[grid] for grid in ids])
    held: dict[int, list[str]] = {}
    for thing, grid in zip(*tree.query(points[placed], predicate="intersects").tolist(), strict=True):
        held.setdefault(int(placed[thing]), []).append(ids[grid])
    for thing, candidates in held.items():
        result[thing] = owners[thing] if owners[thing] in candidates else min(candidates)
    return result


def largest_share(grids: Iterable[str], shapes: Mapping[str, Any], among: Mapping[str, Any]) -> dict[str, str]:
    """
    For each of some grids, the one among others that has most of its ground; of equals the first by id.

    Of grids that are gone this is the successor, of new ones the grid that they came out of.

    Parameters
    ----------
    shapes
        Polygons of the grids, metres, by id.
    among
        Polygons of the others, metres, by id.
    """
    ids = sorted(among)
    if not ids:
        return {}
    others = np.array([among[grid] for grid in ids], dtype=object)
    return {
        grid: ids[int(np.argmax(shapely.area(shapely.intersection(others, shapes[grid]))))] for grid in sorted(grids)
    }


def spread(loads: Iterable[float]) -> float | None:
    """How unlike loads are: standard deviation over mean, 0 for equal ones; None without any."""
    values = np.array(list(loads), dtype=float)
    if len(values) == 0 or values.mean() == 0:
        return None
    return float(values.std() / values.mean())
