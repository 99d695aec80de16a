"""What a fitted file comes to: the edit it could be, each grid's difference, and what stands against taking it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import shapely

from geodata.coverage.edit import Plot
from geodata.coverage.fitting import wider_than
from gridmap.language import N_, values_kept
from gridmap.planning.brought import Brought, Places
from gridmap.planning.fitting_in import Fit
from gridmap.planning.ground import Label

_NAMED: Final = 8
"""Rows that a sentence names; the table has them all."""


def answer_of(brought: Brought, plots: Mapping[str, Plot], labels: Mapping[str, Label], srid: int) -> dict[str, Any]:
    """
    Tell what a file comes to.

    Returns
    -------
    answer
        ``grids, parts``: the arguments of a `Redraw`. ``takes``: whether it may become one. ``notes``: sentences to
        translate, what stands against it first. ``file``: ``counts``; ``rows``, one for each row of the file with its
        grid, what differs from today's and what cleaning did to the drawing; ``holes, spill, overlaps, ended`` with
        places; all areas in m², places in degrees.
    """
    fit = brought.fit
    wishes = [_part(brought, row, plots) for row in range(len(brought))]
    changed = [row for row, part in enumerate(wishes) if part is not None and not _is_as_it_was(part, fit, row, plots)]
    overlaps = _overlaps(brought)
    against = [*_against(brought, overlaps), *_ownerless(brought, wishes, changed)]
    parts = [part for row in changed if (part := wishes[row]) is not None]
    if not against and not parts and not fit.ended:
        against = [_note(N_("The file draws the grids as they are; there is nothing to take."))]
    told = Places(labels, plots, srid)
    return {
        "grids": sorted([*(str(part["id"]) for part in parts if part["id"] in plots), *fit.ended]),
        "parts": sorted(parts, key=lambda part: str(part["id"])),
        "takes": not against,
        "notes": [*against, *_to_know(brought, wishes, changed, plots, labels)],
        "file": {
            "counts": {
                "same": len(brought) - len(changed),
                "changed": sum(part["id"] in plots for part in parts),
                "new": sum(part["id"] not in plots for part in parts),
                "ended": len(fit.ended),
                "filled": brought.filled,
                "slivers": fit.slivers,
                "sliver_m2": round(fit.sliver_m2, 2),
            },
            "rows": told.rows(brought, wishes, changed),
            "holes": [told.hole(community, hole) for community, hole in fit.holes],
            "spill": [told.spill(brought, row, piece) for row, piece in fit.spill],
            "overlaps": [told.overlap(brought, *found) for found in overlaps],
            "ended": [told.grid(grid) for grid in fit.ended],
        },
    }


def _part(brought: Brought, row: int, plots: Mapping[str, Plot]) -> dict[str, Any] | None:
    """A row as a part of a redraw; what the file does not state stays as it is today."""
    grid, shape = brought.fit.ids[row], brought.fit.shapes[row]
    if grid is None or shape is None:
        return None
    columns, was = brought.rows.columns, plots.get(grid)
    kind = columns["kind"][row] or (was.kind if was else "urban")
    owner = brought.owners.get(columns["owner"][row] or "") or (was.owner if was else None)
    part = {
        "id": grid,
        "plane": shapely.to_wkb(shape, hex=True),
        "kind": kind,
        "households": columns["households"][row],
    }
    return part | ({"owner": owner} if owner is not None and kind == "dedicated" else {})


def _is_as_it_was(part: Mapping[str, Any], fit: Fit, row: int, plots: Mapping[str, Plot]) -> bool:
    was = plots.get(part["id"])
    return (
        was is not None
        and bool(fit.same[row])
        and part["kind"] == was.kind
        and part["households"] in (None, was.households)
        and part.get("owner") == was.owner
    )


def _overlaps(brought: Brought) -> list[tuple[int, int, Any]]:
    """Ground that two rows draw, wider than noise: who has it is not for cleaning to say."""
    one, other = shapely.STRtree(brought.given).query(brought.given, predicate="intersects")
    one, other = one[one < other], other[one < other]
    both = shapely.intersection(brought.given[one], brought.given[other])
    wide = wider_than(both, 2 * brought.snap_m)
    return [(int(a), int(b), shape) for a, b, shape in zip(one[wide], other[wide], both[wide], strict=True)]


def _note(msgid: str, **params: Any) -> dict[str, Any]:
    return {"msgid": msgid, "params": values_kept(params)}


def _against(brought: Brought, overlaps: Sequence[tuple[int, int, Any]]) -> list[dict[str, Any]]:
    fit, notes = brought.fit, []
    if fit.holes:
        notes.append(
            _note(
                N_("The file leaves %(n)s holes (%(area)s m²) that are in no grid. Draw them into a grid in the file,"
                   " or allow for more noise if they are that."),
                n=len(fit.holes), area=round(sum(hole.area for _, hole in fit.holes), 1),
            )
        )  # fmt: skip
    if overlaps:
        rows = sorted({row for a, b, _ in overlaps for row in (a, b)})
        notes.append(
            _note(
                N_("Rows %(rows)s overlap by more than noise (%(area)s m²). Draw their border once for both."),
                rows=_named(brought, rows), area=round(sum(shape.area for _, _, shape in overlaps), 1),
            )
        )  # fmt: skip
    torn = [row for row, shape in enumerate(fit.shapes) if isinstance(shape, shapely.MultiPolygon)]
    if torn:
        notes.append(
            _note(N_("Rows %(rows)s come out in several pieces. A grid is one piece: draw it so, or give each piece a"
                     " row of its own."), rows=_named(brought, torn))
        )  # fmt: skip
    lost = [row for row, shape in enumerate(fit.shapes) if shape is None]
    if lost:
        notes.append(
            _note(N_("Nothing is left of rows %(rows)s: they lie under others, or on none of the grids. Take them out,"
                     " or draw them elsewhere."), rows=_named(brought, lost))
        )  # fmt: skip
    return notes


def _ownerless(
    brought: Brought, wishes: Sequence[Mapping[str, Any] | None], changed: Sequence[int]
) -> list[dict[str, Any]]:
    rows = [row for row in changed if (part := wishes[row]) and part["kind"] == "dedicated" and "owner" not in part]
    if not rows:
        return []
    return [
        _note(
            N_("Rows %(rows)s are dedicated grids of no institution. Give them the code of a site, or another kind."),
            rows=_named(brought, rows),
        )
    ]


def _to_know(
    brought: Brought,
    wishes: Sequence[Mapping[str, Any] | None],
    changed: Sequence[int],
    plots: Mapping[str, Plot],
    labels: Mapping[str, Label],
) -> list[dict[str, Any]]:
    """What does not stand against taking it: what was cut, what ends, what of the columns is not taken."""
    fit, columns, notes = brought.fit, brought.rows.columns, []
    if fit.spill:
        notes.append(
            _note(N_("Rows %(rows)s reach over their community (%(area)s m²). They are cut at its border."),
                  rows=_named(brought, sorted({row for row, _ in fit.spill})),
                  area=round(sum(piece.area for _, piece in fit.spill), 1))
        )  # fmt: skip
    if fit.ended:
        notes.append(_note(N_("%(n)s of today's grids end: no row goes on with them."), n=len(fit.ended)))
    otherwise = [
        row
        for row, part in enumerate(wishes)
        if part and (name := columns["name"][row]) and part["id"] in plots and name != labels[part["id"]].name
    ]
    fresh = [row for row in changed if (part := wishes[row]) and part["id"] not in plots and _is_called(columns, row)]
    if otherwise or fresh:
        notes.append(
            _note(N_("Names and codes of rows %(rows)s are not taken: a grid keeps its own, and a new one is named and"
                     " numbered by the plan."), rows=_named(brought, sorted([*otherwise, *fresh])))
        )  # fmt: skip
    stated = [row for row in changed if columns["households"][row] is not None]
    if stated:
        notes.append(
            _note(N_("Households of rows %(rows)s are as the file states them; the others are counted by their"
                     " buildings."), rows=_named(brought, stated))
        )  # fmt: skip
    return notes


def _is_called(columns: Mapping[str, Sequence[Any]], row: int) -> bool:
    return columns["name"][row] is not None or columns["code"][row] is not None


def _named(brought: Brought, rows: Sequence[int]) -> str:
    numbers = [str(int(brought.rows.numbers[row])) for row in rows]
    more = f" +{len(numbers) - _NAMED}" if len(numbers) > _NAMED else ""
    return ", ".join(numbers[:_NAMED]) + more
