"""How far a phone's ground reaches: the own grids, and the townships around them."""

from __future__ import annotations

from collections.abc import Iterable

from gridmap.people.rules import is_below

_TOWNSHIP_DEPTH = 2


def township_of(path: str) -> str:
    """The township that an area path lies in, or the path itself where it reaches over townships."""
    return ".".join(path.split(".")[:_TOWNSHIP_DEPTH])


def townships_of(paths: Iterable[str]) -> tuple[str, ...]:
    """
    The townships whose boundaries a phone keeps.

    Somebody who stands at the rim of the own grid must be told the neighbour's name, so the ground reaches as far as
    the desk that answers for both.

    Parameters
    ----------
    paths
        Area paths of what one answers for: a grid, a community, a township, the district.

    Returns
    -------
    roots
        Area paths in order; none lies below another.
    """
    roots = {township_of(path) for path in paths}
    return tuple(sorted(root for root in roots if not any(is_below(root, other) for other in roots - {root})))


def is_own(path: str, own: Iterable[str]) -> bool:
    """Whether a grid with this area path is one that somebody answers for."""
    return any(is_below(path, root) for root in own)
