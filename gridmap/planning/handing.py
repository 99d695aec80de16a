"""The rows behind the figures of an impact: each thing that a plan hands from grid to grid."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from gridmap.people.rules import is_below
from gridmap.planning.drafting import Draft
from gridmap.planning.holdings import Inherited, hands_after, hands_of


@dataclass(frozen=True, slots=True)
class Handed:
    """
    One thing that goes to another grid.

    Attributes
    ----------
    source, target
        Ids of the grids; somebody who takes on a grid besides the own one has that as the source.
    place
        Longitude and latitude; None if it has no place.
    sort
        What lists are ordered by, before the id.
    """

    id: str
    name: str
    number: str | None
    source: str
    target: str
    households: int = 0
    place: tuple[float, float] | None = None
    names: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sort(self) -> str:
        """By the grid it leaves, then the one it goes to."""
        return f"{self.source}>{self.target}"


def handed(
    db: Session,
    draft: Draft,
    gained: Inherited,
    kind: str,
    at: datetime,
    *,
    grid: str | None = None,
    roots: Collection[str] = ("",),
) -> list[Handed]:
    """
    List what a figure counts.

    Parameters
    ----------
    kind
        Of `gridmap.planning.impact.MOVING`; behind households stand the buildings that have any.
    grid
        Only what this grid gives or gets.
    roots
        Area paths: only what stands below them today.
    """
    rows = _hands(db, draft, gained, at) if kind == "staff" else _things(gained, kind)
    found = [
        row
        for row in rows
        if (grid is None or grid in (row.source, row.target))
        and any(is_below(draft.community(draft.base[row.source]).path, root) for root in roots)
    ]
    return sorted(found, key=lambda row: (row.sort, row.id))


def _things(gained: Inherited, kind: str) -> Iterator[Handed]:
    wanted = "buildings" if kind == "households" else kind
    for thing, holder in zip(gained.things, gained.after, strict=True):
        if thing.grid == holder or thing.kind != wanted or (kind == "households" and not thing.households):
            continue
        # Who plans reads of an incident its number, class and grid, not where it lies.
        told = thing.point is not None and kind != "open_incidents"
        place = (round(thing.point.x, 9), round(thing.point.y, 9)) if told else None
        yield Handed(
            thing.id,
            thing.name,
            thing.number,
            thing.grid,
            holder,
            thing.households,
            place,
            json.loads(thing.names_json),
        )


def _hands(db: Session, draft: Draft, gained: Inherited, at: datetime) -> Iterator[Handed]:
    before = hands_of(db, draft.ground, gained.altered, at)
    made = [(old, new) for new, old in gained.parents.items() if new not in gained.back]
    after = hands_after(before, gained)
    for target, returns in gained.back.items():
        for one in returns:
            yield Handed(str(one.hand.person_id), one.hand.name, None, one.source, target)
    heirs = [*gained.successors.items(), *made]
    for source, target in heirs:
        for hand in before.get(source, ()):
            if hand in after.get(target, ()) and hand not in before.get(target, ()):
                yield Handed(str(hand.person_id), hand.name, None, source, target)
