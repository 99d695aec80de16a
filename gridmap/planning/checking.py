"""Whether a plan may be published: what must be changed, what somebody must look at, and what holds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.coverage import Kind
from gridmap.language import N_
from gridmap.planning.buildings import cut_buildings
from gridmap.planning.coverage import coverage_defects
from gridmap.planning.drafting import Draft
from gridmap.planning.findings import Check, Finding, Level, Said
from gridmap.planning.holdings import Hand, Inherited, hands_after, hands_of, inherited
from gridmap.planning.rules import FEWEST, MOST

__all__ = ["Check", "Finding", "Level", "Said", "check"]


_DEFECTS: Final[dict[Kind, str]] = {
    Kind.INVALID: N_("A border crosses itself"),
    Kind.MISSING: N_("Ground without a grid"),
    Kind.GAP: N_("A gap between grids"),
    Kind.OVERLAP: N_("Grids overlap"),
    Kind.DENT: N_("The outline of the district has moved"),
    Kind.SLIVER: N_("A grid too thin to be meant"),
    Kind.MISMATCH: N_("Neighbours draw one border with different corners"),
}


@dataclass(frozen=True)
class _Case:
    """What the rules look at."""

    db: Session
    draft: Draft
    gained: Inherited
    hands: dict[str, list[Hand]]

    def altered(self, *kinds: str) -> Iterator[Any]:
        """The grids of the draft that change in more than corners."""
        plots = self.draft.sheet.plots
        for grid in sorted(self.gained.altered):
            plot = plots.get(grid)
            if plot is not None and (not kinds or plot.kind in kinds):
                yield plot

    def name(self, grid: str) -> str:
        """What a grid is called."""
        return self.draft.labels[grid].name


def check(db: Session, draft: Draft, at: datetime, gained: Inherited | None = None) -> Check:
    """
    Check a plan: all that it changes, against the ground around.

    What was wrong with the base edition elsewhere is not the plan's. What it changes is checked as a whole check would.

    Parameters
    ----------
    gained
        What the plan hands on, if it has been worked out.
    """
    begun = time.perf_counter()
    gained = gained or inherited(db, draft, at)
    hands = hands_after(hands_of(db, draft.ground, gained.altered, at), gained)
    case = _Case(db, draft, gained, hands)
    findings: list[Finding] = []
    for code, title, holds, look in _RULES:
        found = list(look(case))
        findings += found or [Finding(code, code, Level.OK, Said(title), holds(case))]
    reasons = _reasons(db, draft)
    order = list(Level)
    findings = [replace(finding, reason=reasons.get(finding.key)) for finding in findings]
    findings.sort(key=lambda finding: order.index(finding.level))
    return Check(tuple(findings), (time.perf_counter() - begun) * 1000)


def _reasons(db: Session, draft: Draft) -> dict[str, str]:
    rows = db.execute(
        text("SELECT item, body FROM plan_note WHERE plan_id = :plan AND kind = 'reason' ORDER BY at, id"),
        {"plan": draft.plan.id},
    )
    return {row.item: row.body for row in rows}


def _coverage(case: _Case) -> Iterator[Finding]:
    for number, defect in enumerate(coverage_defects(case.draft)):
        size = {"what": _DEFECTS[defect.kind], "size": round(defect.size, 2)}
        yield Finding(
            f"coverage:{number}",
            "coverage",
            Level.MUST,
            Said(N_("The coverage does not hold")),
            Said(N_("%(what)s, %(size)s m.") if defect.unit == "m" else N_("%(what)s, %(size)s m²."), size),
            tuple(str(row) for row in defect.rows),
            defect.place,
        )


def _one_community(case: _Case) -> Iterator[Finding]:
    """A community is the ground of its grids, so its border may move with theirs; somebody must want that."""
    base, plots = case.draft.base, case.draft.sheet.plots
    for piece in case.gained.moved:
        if base[piece.from_id].community != plots[piece.to_id].community:
            inside = piece.piece.point_on_surface()
            yield Finding(
                f"community:{piece.from_id}:{piece.to_id}",
                "community",
                Level.LOOK,
                Said(N_("A community border moves")),
                Said(
                    N_("%(giver)s gives %(area)s m² to %(taker)s, which lies in another community."),
                    {"giver": case.name(piece.from_id), "taker": case.name(piece.to_id), "area": round(piece.area_m2)},
                ),
                (piece.from_id, piece.to_id),
                (inside.x, inside.y),
            )


def _size(case: _Case) -> Iterator[Finding]:
    for plot in case.altered("urban"):
        if not FEWEST <= plot.households <= MOST:
            over = plot.households - MOST if plot.households > MOST else FEWEST - plot.households
            many = plot.households > MOST
            yield Finding(
                f"size:{plot.id}",
                "size",
                Level.LOOK,
                Said(N_("Too many households") if many else N_("Too few households")),
                Said(
                    N_("%(name)s has %(n)s households, %(over)s more than %(limit)s.")
                    if many
                    else N_("%(name)s has %(n)s households, %(over)s fewer than %(limit)s."),
                    {"name": case.name(plot.id), "n": plot.households, "over": over, "limit": MOST if many else FEWEST},
                ),
                (plot.id,),
                plot.inner,
            )


def _villages(case: _Case) -> Iterator[Finding]:
    """A rural grid is one natural village, or one group of villagers: those that the base edition's grids hold."""
    plots, base = case.draft.sheet.plots, case.draft.base
    grids_of: dict[str, set[str]] = {}
    villages_in: dict[str, set[str]] = {}
    for thing, holder in zip(case.gained.things, case.gained.after, strict=True):
        lived_in = thing.kind == "buildings" and thing.households > 0
        if lived_in and base[thing.grid].kind == plots[holder].kind == "rural":
            grids_of.setdefault(thing.grid, set()).add(holder)
            villages_in.setdefault(holder, set()).add(thing.grid)
    mixed, divided = N_("More than one village in a grid"), N_("A village is divided")
    holds = N_("%(name)s holds houses of %(n)s villages: %(others)s.")
    spreads = N_("The houses of %(name)s would lie in %(n)s grids: %(others)s.")
    for key, title, detail, found in (("in", mixed, holds, villages_in), ("of", divided, spreads, grids_of)):
        for grid, others in sorted(found.items()):
            if len(others) > 1:
                names = ", ".join(case.name(other) for other in sorted(others))
                yield Finding(
                    f"village:{key}:{grid}",
                    "village",
                    Level.LOOK,
                    Said(title),
                    Said(detail, {"name": case.name(grid), "n": len(others), "others": names}),
                    (grid,),
                    (plots.get(grid) or base[grid]).inner,
                )


def _owners(case: _Case) -> Iterator[Finding]:
    owned: dict[str, str] = {}
    for plot in case.draft.sheet.plots.values():
        if plot.kind == "dedicated" and plot.owner is not None and plot.id not in case.gained.altered:
            owned[plot.owner] = plot.id
    for plot in case.altered("dedicated"):
        if plot.owner is None:
            title, level = N_("A dedicated grid has no institution"), Level.MUST
            detail = Said(
                N_("%(name)s belongs to nobody. Carve it out for an institution."), {"name": case.name(plot.id)}
            )
        elif plot.owner in owned:
            title, level = N_("An institution has two dedicated grids"), Level.LOOK
            detail = Said(
                N_("%(name)s and %(other)s belong to the same institution."),
                {"name": case.name(plot.id), "other": case.name(owned[plot.owner])},
            )
        else:
            owned[plot.owner] = plot.id
            continue
        yield Finding(f"owner:{plot.id}", "owner", level, Said(title), detail, (plot.id,), plot.inner)


def _names(case: _Case) -> Iterator[Finding]:
    """People say a grid by its name, so a community has each name once."""
    base = case.draft.base
    for plot in case.altered():
        if plot.id in base and base[plot.id].called == plot.called:
            continue
        others = [other for other in case.draft.plots_of(plot.community) if other.id != plot.id]
        if any(case.name(other.id) == case.name(plot.id) for other in others):
            yield Finding(
                f"name:{plot.id}",
                "name",
                Level.LOOK,
                Said(N_("Two grids have one name")),
                Said(N_("Another grid of the community is called %(name)s, too."), {"name": case.name(plot.id)}),
                (plot.id,),
                plot.inner,
            )


def _cut(case: _Case) -> Iterator[Finding]:
    for cut in cut_buildings(case.draft, case.gained):
        yield Finding(
            f"cut:{cut.thing.id}",
            "cut",
            Level.MUST,
            Said(N_("A building is cut")),
            Said(
                N_("%(building)s in %(name)s: the border cuts off %(area)s m²."),
                {"building": cut.thing.name, "name": case.name(cut.grid), "area": round(cut.outside_m2, 1)},
            ),
            (cut.grid,),
            cut.place,
        )


def _staffed(case: _Case) -> Iterator[Finding]:
    for plot in case.altered():
        if not case.hands.get(plot.id):
            yield Finding(
                f"staff:{plot.id}",
                "staff",
                Level.MUST,
                Said(N_("Nobody answers for a grid")),
                Said(N_("Give somebody a role over %(name)s first."), {"name": case.name(plot.id)}),
                (plot.id,),
                plot.inner,
            )


def _n_grids(case: _Case) -> Said:
    return Said(
        N_("%(n)s grids, no gap and no overlap; together they are the district."), {"n": len(case.draft.sheet.plots)}
    )


def _n_changed(case: _Case) -> Said:
    n = sum(1 for _ in case.altered())
    return Said(N_("All %(n)s changed grids are of one piece, each inside its community."), {"n": n})


def _range(case: _Case) -> Said:
    counts = [plot.households for plot in case.altered("urban")]
    if not counts:
        return Said(N_("No urban grid changes."))
    return Said(
        N_("%(fewest)s to %(most)s households in the changed urban grids; %(low)s to %(high)s are right."),
        {"fewest": min(counts), "most": max(counts), "low": FEWEST, "high": MOST},
    )


def _cover(case: _Case) -> Said:
    if not case.gained.parents:
        return Said(N_("Every changed grid has somebody who answers for it."))
    return Said(
        N_("New grids (%(n)s) are covered by the people of the grids they came out of until others are named."),
        {"n": len(case.gained.parents)},
    )


def _plain(msgid: str) -> Callable[[_Case], Said]:
    return lambda case: Said(msgid)


_RULES: Final[tuple[tuple[str, str, Callable[[_Case], Said], Callable[[_Case], Iterator[Finding]]], ...]] = (
    ("coverage", N_("Full coverage"), _n_grids, _coverage),
    ("community", N_("One piece, one community"), _n_changed, _one_community),
    ("cut", N_("No building is cut"), _plain(N_("No new border runs through a building.")), _cut),
    ("size", N_("Households in range"), _range, _size),
    ("village", N_("One village in a rural grid"), _plain(N_("No changed rural grid mixes villages.")), _villages),
    ("owner", N_("Dedicated grids"), _plain(N_("Each belongs to one institution.")), _owners),
    ("name", N_("Names"), _plain(N_("Every changed grid has a name of its own in its community.")), _names),
    ("staff", N_("Every grid is staffed"), _cover, _staffed),
)
