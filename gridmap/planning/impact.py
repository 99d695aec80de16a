"""What a plan does to people and open work, before it is approved: counted as it will stand after publishing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from geodata.coverage.edit import Plot
from gridmap.planning.drafting import Draft
from gridmap.planning.ground import Ground
from gridmap.planning.holdings import Hand, Inherited, hands_after, hands_of, inherited
from gridmap.planning.rules import spread
from gridmap.planning.things import Thing, things_of

MOVING: Final = ("households", "buildings", "sites", "devices", "open_incidents", "due_visits", "staff")
"""What can go from grid to grid. Due visits are look-backs at hazards; rounds are not planned here yet."""

_KEPT: Final = "impact"


@dataclass(frozen=True, slots=True)
class Load:
    """
    What one grid answers for.

    Attributes
    ----------
    due_visits
        Look-backs at hazards that are still to be made.
    staff
        People who answer for it, chiefs among them.
    per_person
        Households a person; None where nobody answers.
    """

    households: int
    buildings: int
    sites: int
    devices: int
    open_incidents: int
    due_visits: int
    staff: int

    @property
    def per_person(self) -> float | None:
        """Households for each of the people who answer for the grid."""
        return None if self.staff == 0 else self.households / self.staff

    def told(self) -> dict[str, Any]:
        """As JSON."""
        share = self.per_person
        return {**asdict(self), "per_person": None if share is None else round(share, 1)}


@dataclass(frozen=True)
class CommunityLoad:
    """Households a person in the grids of a community, by id, before and after; None where nobody answers."""

    code: str
    name: str
    names: Mapping[str, Any]
    before: Mapping[str, float | None]
    after: Mapping[str, float | None]

    @property
    def spread_before(self) -> float | None:
        """How unlike the loads are today."""
        return spread(load for load in self.before.values() if load is not None)

    @property
    def spread_after(self) -> float | None:
        """How unlike they become."""
        return spread(load for load in self.after.values() if load is not None)


@dataclass(frozen=True)
class Impact:
    """
    What a plan does.

    Attributes
    ----------
    before, after
        Loads by grid, of every grid that changes in more than corners; those that are new or end are in one of them.
    moves
        How much of each kind goes to another grid.
    """

    before: Mapping[str, Load]
    after: Mapping[str, Load]
    moves: Mapping[str, int]
    communities: tuple[CommunityLoad, ...]


def impact(db: Session, draft: Draft, at: datetime, gained: Inherited | None = None) -> Impact:
    """
    Work out what a plan does to the grids that it changes.

    Parameters
    ----------
    gained
        What the plan hands on, if it has been worked out.
    """
    gained = gained or inherited(db, draft, at)
    homes = _communities(draft, gained.altered)
    ids = gained.altered | {plot.id for code in homes for plot in draft.ground.plots_of(code)}
    hands = hands_of(db, draft.ground, ids, at)
    later = hands_after(hands, gained)
    before = counted(draft.base, gained.altered, gained.things, [thing.grid for thing in gained.things], hands)
    after = counted(draft.sheet.plots, gained.altered, gained.things, gained.after, later)
    return Impact(
        before,
        after,
        _moves(gained, hands, later),
        tuple(_community_load(draft, code, hands, later) for code in homes),
    )


def keep_figures(draft: Draft, gained: Inherited) -> None:
    """Note what lists say of a plan."""
    draft.plan.figures = {
        "grids_before": len(draft.base),
        "grids_after": len(draft.sheet.plots),
        "households_moved": sum(piece.households for piece in gained.moved),
    }


def keep_impact(db: Session, draft: Draft, at: datetime, gained: Inherited) -> None:
    """Keep what a plan does as it is published: afterwards everything has moved, and cannot be counted any more."""
    found = impact(db, draft, at, gained)
    draft.plan.figures = {**draft.plan.figures, _KEPT: asdict(found)}


def kept_impact(draft: Draft) -> Impact | None:
    """What a published plan did, as it was counted when it was published; None of other plans."""
    kept = draft.plan.figures.get(_KEPT)
    if kept is None:
        return None
    return Impact(
        before={grid: Load(**load) for grid, load in kept["before"].items()},
        after={grid: Load(**load) for grid, load in kept["after"].items()},
        moves=kept["moves"],
        communities=tuple(CommunityLoad(**load) for load in kept["communities"]),
    )


def counted(
    plots: Mapping[str, Plot],
    grids: Iterable[str],
    things: Iterable[Thing],
    holders: Iterable[str],
    hands: Mapping[str, Collection[Hand]],
) -> dict[str, Load]:
    """
    Count what grids of a coverage answer for.

    Parameters
    ----------
    plots
        The coverage.
    grids
        Which of it to count; those that it has not are left out.
    holders
        The grid that answers for each thing.
    """
    n: Counter[tuple[str, str]] = Counter((holder, thing.kind) for thing, holder in zip(things, holders, strict=True))
    return {
        grid: Load(
            households=plots[grid].households,
            buildings=n[grid, "buildings"],
            sites=n[grid, "sites"],
            devices=n[grid, "devices"],
            open_incidents=n[grid, "open_incidents"],
            due_visits=n[grid, "due_visits"],
            staff=len(hands.get(grid, ())),
        )
        for grid in sorted(grids)
        if grid in plots
    }


def loads_of(db: Session, ground: Ground, grids: Collection[str], at: datetime) -> dict[str, Load]:
    """What grids of a published edition answer for, counted by who answers today."""
    things = things_of(db, ground, grids, at)
    hands = hands_of(db, ground, grids, at)
    return counted(ground.sheet.plots, grids, things, [thing.grid for thing in things], hands)


def _communities(draft: Draft, altered: Iterable[str]) -> list[str]:
    coverages = (draft.base, draft.sheet.plots)
    return sorted({plots[grid].community for grid in altered for plots in coverages if grid in plots})


def _moves(gained: Inherited, hands: Mapping[str, list[Hand]], later: Mapping[str, list[Hand]]) -> dict[str, int]:
    moved = Counter(
        thing.kind for thing, holder in zip(gained.things, gained.after, strict=True) if thing.grid != holder
    )
    staff = sum(hand not in hands.get(grid, ()) for grid, people in later.items() for hand in people)
    households = sum(piece.households for piece in gained.moved)
    return {kind: moved[kind] for kind in MOVING} | {"households": households, "staff": staff}  # type: ignore[index]


def _community_load(
    draft: Draft, code: str, hands: Mapping[str, list[Hand]], later: Mapping[str, list[Hand]]
) -> CommunityLoad:
    community = draft.ground.communities[code]
    return CommunityLoad(
        code,
        community.name,
        community.names,
        _per_person(draft.ground.plots_of(code), hands),
        _per_person(draft.plots_of(code), later),
    )


def _per_person(plots: Iterable[Plot], hands: Mapping[str, list[Hand]]) -> dict[str, float | None]:
    """Dedicated grids have no households and do not count among those to be balanced."""
    return {
        plot.id: plot.households / len(hands[plot.id]) if hands.get(plot.id) else None
        for plot in plots
        if plot.kind != "dedicated"
    }
