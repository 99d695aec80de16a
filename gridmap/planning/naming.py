"""What the grids that a plan makes are called, and the codes that publishing gives them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from sqlalchemy.orm import Session

from geodata.coverage.edit import Applied, Edit
from geodata.sample.areas import row_order
from gridmap.database import straight
from gridmap.errors import Invalid
from gridmap.language import N_
from gridmap.planning.drafting import Draft
from gridmap.planning.ground import Label
from gridmap.planning.rules import next_codes, next_names


def name_new_grids(db: Session, draft: Draft, edit: Edit, applied: Applied) -> None:
    """
    Call the grids that an edit made: a dedicated one by its institution, others by the next number of their community.

    Raises
    ------
    Invalid
        If the institution of a dedicated grid is no site.
    """
    fresh = [grid for grid, plot in applied.after.items() if plot is not None and grid not in draft.labels]
    for grid in fresh:
        plot = draft.sheet.plots[grid]
        if plot.owner is not None:
            name, names = _institution(db, plot.owner)
        else:
            name, names = _numbered(draft, grid, applied)
        draft.name(grid, Label(grid, None, None, name, names))


def _institution(db: Session, owner: str) -> tuple[str, dict[str, Any]]:
    try:
        rows = straight(db, "SELECT name, names FROM site WHERE id = %(id)s AND upper_inf(valid)", {"id": UUID(owner)})
    except ValueError:
        rows = []
    if not rows:
        raise Invalid(
            N_("There is no site %(owner)s that a dedicated grid could belong to. Choose an institution."),
            where="/args/owner",
            owner=owner,
        )
    return rows[0].name, rows[0].names


def _numbered(draft: Draft, grid: str, applied: Applied) -> tuple[str, dict[str, Any]]:
    community = draft.sheet.plots[grid].community
    others = [
        draft.labels[plot.id]
        for plot in (*draft.ground.plots_of(community), *draft.plots_of(community))
        if plot.id in draft.labels and plot.kind != "dedicated"
    ]
    origin = [draft.labels[piece.from_id] for piece in applied.moved if piece.to_id == grid]
    first = [*origin, *others] or [Label("", None, None, draft.ground.communities[community].name, {})]
    name = next_names([label.name for label in first], [label.name for label in others], 1)[0]
    english = [label.names["en"] for label in first if label.names.get("en")]
    taken = [label.names["en"] for label in others if label.names.get("en")]
    return name, {"en": next_names(english, taken, 1)[0]} if english else {}


def codes_of(db: Session, draft: Draft) -> dict[str, str]:
    """
    The codes that the grids the plan makes get when it is published: the next ones of their communities.

    Until then they are promised to nobody: of two plans, the one published first has the lower numbers.

    Returns
    -------
    codes
        By temporary id; inside a community in rows from north to south, west to east within a row.

    Raises
    ------
    Invalid
        If a community has no number left.
    """
    fresh: dict[str, list[str]] = defaultdict(list)
    for grid, plot in draft.changed().items():
        if plot is not None and draft.labels[grid].code is None:
            fresh[plot.community].append(grid)
    used = straight(
        db,
        "SELECT c.code FROM grid_code c JOIN unnest(CAST(%(communities)s AS text[])) AS k (prefix)"
        " ON starts_with(c.code, k.prefix)",
        {"communities": list(fresh)},
    )
    codes: dict[str, str] = {}
    for community, grids in sorted(fresh.items()):
        planes = np.array([draft.sheet.plots[grid].plane for grid in grids], dtype=object)
        middles = shapely.get_coordinates(shapely.centroid(planes))
        order = row_order(middles, np.sqrt(shapely.area(planes)))
        numbers = next_codes(draft.ground.scheme, community, [row.code for row in used], len(grids))
        codes |= {grid: numbers[place - 1] for grid, place in zip(grids, order.tolist(), strict=True)}
    return codes
