"""How plans, their edits, checks and impacts look in JSON."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
import shapely

from geodata.coverage.edit import Plot, Remark
from geodata.crs import shapes_to_lonlat
from gridmap.errors import GridmapError
from gridmap.language import translate
from gridmap.planning.checking import Check, Finding, Level
from gridmap.planning.degrees import in_degrees, to_degrees
from gridmap.planning.drafting import Draft
from gridmap.planning.handing import Handed
from gridmap.planning.holdings import Hand
from gridmap.planning.impact import CommunityLoad, Impact
from gridmap.planning.kept_words import told_sentence
from webapp.api.shapes import instant, named
from webapp.shared.pages import current_locale


def person_told(person_id: int | None, name: str, name_en: str | None) -> dict[str, Any]:
    """Who drew, said or did something; English pages show the English name where there is one."""
    return {"id": person_id, "name": name, "name_en": name_en or name}


def plan_told(row: Any, can: Iterable[str]) -> dict[str, Any]:
    """A plan as lists show it; `row` as `gridmap.planning.queries` gives it."""
    figures = row.figures
    return {
        "id": str(row.id),
        "number": row.number,
        "title": row.title,
        "state": row.state,
        "base_edition": row.base_edition,
        "behind": row.behind,
        "author": person_told(row.author_id, row.author, row.author_en),
        "approver": None if row.approver_id is None else person_told(row.approver_id, row.approver, row.approver_en),
        "created_at": instant(row.created_at),
        "edited_at": instant(row.edited_at),
        "submitted_at": instant(row.submitted_at),
        "approved_at": instant(row.approved_at),
        "publish_at": instant(row.publish_at),
        "published_at": instant(row.published_at),
        "edition_n": row.edition_n,
        "reverts_edition": row.reverts_edition,
        "edits": row.edits,
        "seq": row.seq,
        "grids_before": figures.get("grids_before"),
        "grids_after": figures.get("grids_after"),
        "households_moved": figures.get("households_moved", 0),
        "can": list(can),
    }


def edit_told(edit: Any, by: Mapping[str, Any], srid: int) -> dict[str, Any]:
    """An edit as it was drawn, in degrees, and what it did."""
    return {
        "seq": edit.seq,
        "id": str(edit.id),
        "op": edit.op,
        "args": to_degrees(edit.op, edit.args, srid),
        "grids": [
            named({"id": grid["id"], "code": grid["code"]}, grid["name"], grid["names"]) for grid in edit.told["grids"]
        ],
        "moved": edit.told["moved"],
        "was": _was_called(edit),
        "at": instant(edit.at),
        "by": by,
        "undone": edit.undone_at is not None,
        "set_aside": None if edit.set_aside is None else told_sentence(edit.set_aside, current_locale()),
    }


def _was_called(edit: Any) -> dict[str, Any] | None:
    """What a grid was called until it was renamed."""
    if edit.op != "rename":
        return None
    name, english = edit.inverse["plots"][edit.args["grid"]]["called"]
    return named({}, name, {"en": english})


def note_told(row: Any) -> dict[str, Any]:
    """What somebody said about a plan."""
    return {
        "id": str(row.id),
        "at": instant(row.at),
        "by": person_told(row.by_id, row.by, row.by_en),
        "kind": row.kind,
        "item": row.item,
        "body": row.body,
    }


def step_told(row: Any) -> dict[str, Any]:
    """A step that a plan took: its name on the first line of what is kept, a word with it below."""
    step, _, note = row.body.partition("\n")
    by = person_told(row.by_id, row.by, row.by_en)
    # The clock's words are ours and kept with their values; all others are somebody's own.
    told = told_sentence(note, current_locale()) if step == "held" else translate(note, current_locale())
    return {"at": instant(row.at), "by": by, "step": step, "note": told or None}


def grid_features(
    draft: Draft,
    plots: Iterable[Plot],
    hands: Mapping[str, list[Hand]],
    redrawn: Collection[str],
    shapes: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """
    Grids as GeoJSON features, WGS 84, 9 decimals.

    Parameters
    ----------
    hands
        Who answers for each.
    redrawn
        Ids of the grids that change in more than corners.
    shapes
        Polygons in degrees where they are known; the rest are turned here.
    """
    listed = list(plots)
    known = shapes or {}
    fresh = [plot for plot in listed if plot.id not in known]
    turned = shapes_to_lonlat(np.array([plot.plane for plot in fresh], dtype=object), draft.ground.srid)
    shape_of = {**known, **{plot.id: shape for plot, shape in zip(fresh, turned, strict=True)}}
    return [_grid_feature(draft, plot, shape_of[plot.id], len(hands.get(plot.id, ())), redrawn) for plot in listed]


def _grid_feature(draft: Draft, plot: Plot, shape: Any, staff: int, redrawn: Collection[str]) -> dict[str, Any]:
    label, base = draft.labels[plot.id], draft.base.get(plot.id)
    community = draft.community(plot)
    change = "new" if base is None else "changed" if plot.id in redrawn else "same"
    return {
        "type": "Feature",
        "id": plot.id,
        "geometry": geometry_told(shape),
        "properties": {
            **named({"code": label.code}, label.name, label.names),
            "kind": plot.kind,
            "community": community.code,
            "community_name": community.name,
            "community_name_en": community.names.get("en") or community.name,
            "households": plot.households,
            "base_households": None if base is None else base.households,
            "owner": plot.owner,
            "change": change,
            "staff": staff,
        },
    }


def geometry_told(shape: Any) -> Any:
    """A shape in degrees as GeoJSON, every figure as it is kept."""
    return json.loads(shapely.to_geojson(shape))


def pieces_told(draft: Draft, pieces: Iterable[Any]) -> list[dict[str, Any]]:
    """What went from grid to grid, with its ground."""
    listed = list(pieces)
    shapes = shapes_to_lonlat(np.array([piece.piece for piece in listed], dtype=object), draft.ground.srid)
    return [
        {
            "from": piece.from_id,
            "to": piece.to_id,
            "households": piece.households,
            "area_m2": round(piece.area_m2, 2),
            "piece": geometry_told(shape),
        }
        for piece, shape in zip(listed, shapes, strict=True)
    ]


def remark_told(remark: Remark, srid: int) -> dict[str, Any]:
    """A remark of the engine in the reader's language."""
    return {
        "code": remark.code,
        "sentence": GridmapError(remark.sentence, **remark.values).sentence(current_locale()),
        "place": None if remark.place is None else in_degrees([remark.place], srid)[0],
    }


def check_told(check: Check, srid: int) -> dict[str, Any]:
    """What the check found, the heaviest first."""
    return {
        "must": check.count(Level.MUST),
        "look": check.count(Level.LOOK),
        "unexplained": len(check.unexplained),
        "took_ms": round(check.took_ms, 1),
        "items": [_finding(finding, srid) for finding in check.items],
    }


def _finding(finding: Finding, srid: int) -> dict[str, Any]:
    locale = current_locale()
    return {
        "key": finding.key,
        "code": finding.code,
        "level": finding.level,
        "title": finding.title.told(locale),
        "detail": finding.detail.told(locale),
        "grids": list(finding.grids),
        "place": None if finding.place is None else in_degrees([finding.place], srid)[0],
        "reason": finding.reason,
    }


def impact_told(draft: Draft, impact: Impact, grids: frozenset[str] | None = None) -> dict[str, Any]:
    """
    What a plan does to people and open work.

    Parameters
    ----------
    grids
        Only these grids, where somebody asks for some; figures of the whole plan stay whole.
    """
    ids = sorted(impact.before.keys() | impact.after.keys())
    return {
        "grids": [
            {
                **_brief(draft, grid),
                "was": _renamed_from(draft, grid),
                "before": impact.before[grid].told() if grid in impact.before else None,
                "after": impact.after[grid].told() if grid in impact.after else None,
            }
            for grid in ids
            if grids is None or grid in grids
        ],
        "totals": {
            "grids_before": len(draft.base),
            "grids_after": len(draft.sheet.plots),
            "grids_changed": len(ids),
            **{f"{kind}_moved": n for kind, n in impact.moves.items()},
        },
        "moves": [{"kind": kind, "n": n} for kind, n in impact.moves.items()],
        "communities": [_community(community) for community in impact.communities],
    }


def _renamed_from(draft: Draft, grid: str) -> dict[str, Any] | None:
    """What a grid is called today, if the plan gives it another name."""
    today, then = draft.base.get(grid), draft.sheet.plots.get(grid)
    if today is None or then is None or today.called is None or today.called == then.called:
        return None
    name, english = today.called
    return named({}, name, {"en": english})


def _community(load: CommunityLoad) -> dict[str, Any]:
    ids = sorted(load.before.keys() | load.after.keys())
    return {
        **named({"code": load.code}, load.name, load.names),
        "per_person": [
            {"id": grid, "before": _rounded(load.before.get(grid)), "after": _rounded(load.after.get(grid))}
            for grid in ids
        ],
        "spread_before": _rounded(load.spread_before, 3),
        "spread_after": _rounded(load.spread_after, 3),
    }


def _rounded(value: float | None, decimals: int = 1) -> float | None:
    return None if value is None else round(value, decimals)


def handed_told(row: Handed, draft: Draft) -> dict[str, Any]:
    """Something that goes from grid to grid."""
    return {
        **named({"id": row.id, "number": row.number}, row.name, row.names),
        "households": row.households,
        "from": _brief(draft, row.source),
        "to": _brief(draft, row.target),
        "place": row.place,
    }


def _brief(draft: Draft, grid: str) -> dict[str, Any]:
    label = draft.labels[grid]
    return named({"id": grid, "code": label.code}, label.name, label.names)
