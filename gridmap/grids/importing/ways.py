"""Import streets, rivers, rails and walls: a file replaces the ways of its kinds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.crs import round_lonlat
from gridmap.grids.importing.standing import require_standing
from gridmap.grids.queries import current_district
from gridmap.intake.copying import copy_rows, hex_wkb
from gridmap.intake.fields import Field, Sort
from gridmap.intake.rows import Rows, english
from gridmap.intake.shapes import require_shapes
from gridmap.intake.wishes import PREVIEWED, Checked, Counts, Note, Options
from gridmap.language import N_
from gridmap.system import audit

KINDS: Final = {
    "street": N_("Street"),
    "road": N_("Road"),
    "motorway": N_("Motorway"),
    "river": N_("River"),
    "rail": N_("Railway"),
    "wall": N_("Wall or fence"),
    "path": N_("Path"),
}
# 0 motorways, rails and rivers, 1 main streets … 4 lanes, 5 paths.
_RANKS: Final = {"motorway": 0, "river": 0, "rail": 0, "road": 2, "street": 3, "wall": 4, "path": 5}

FIELDS: Final = (
    Field("kind", N_("Kind"), Sort.CHOICE, N_("What it is."), choices=KINDS, default="street",
          synonyms=("类型", "类别", "道路类型", "type"), example="street"),
    Field("rank", N_("Rank"), Sort.COUNT, N_("0 motorway, 1 main street, 2 secondary, 3 side street, 4 lane, 5 path."),
          synonyms=("等级", "道路等级"), most=9, example=3),
    Field("layer", N_("Level"), Sort.NUMBER, N_("Over others: 1 for a bridge, -1 for an underpass, else 0."),
          synonyms=("层级", "层次"), default=0, least=-5, most=5, example=0),
    Field("name", N_("Its name"), Sort.TEXT, N_("What people call it."), synonyms=("名称", "路名", "街路名称"),
          example="示例路"),
    Field("name_en", N_("English name"), Sort.TEXT, N_("Its name in English, if it has one."),
          synonyms=("英文名称", "english_name"), example="Example Rd"),
)  # fmt: skip

_COLUMNS: Final = ("kind", "rank", "layer", "name", "names", "line")


@dataclass(frozen=True)
class _Plan:
    """The kinds that are replaced, and the rows for COPY."""

    kinds: list[str]
    lines: list[tuple[Any, ...]]


def check(db: Session, rows: Rows, options: Options, at: datetime) -> Checked:
    """Say what the file would replace; whatever is wrong is noted in `rows`."""
    require_shapes(rows, "lines")
    require_standing(db, rows, current_district(db), options)
    columns = rows.columns
    ranks = [_RANKS.get(kind, 3) if rank is None else rank
             for kind, rank in zip(columns["kind"], columns["rank"], strict=True)]  # fmt: skip
    labels = english(columns["name_en"])
    parts, row = shapely.get_parts(shapely.transform(rows.shapes, round_lonlat), return_index=True)
    lines = [
        (columns["kind"][n], ranks[n], int(columns["layer"][n] or 0), columns["name"][n],
         json.dumps(labels[n], ensure_ascii=False), line)
        for n, line in zip(row.tolist(), hex_wkb(parts), strict=True)
    ]  # fmt: skip
    kinds = sorted({kind for kind in columns["kind"] if kind is not None})
    counts, had = _counted(db, kinds, lines, parts)
    notes = []
    if had:
        notes.append(
            Note(N_("The %(count)s lines of the kinds %(kinds)s that are there now are replaced."),
                 {"count": had, "kinds": ", ".join(kinds)})
        )  # fmt: skip
    if counts.same == len(lines) == had:
        notes = [Note(N_("The lines are as they are already; nothing is replaced."))]
        lines, kinds = [], []
    preview = [
        {"row": int(rows.numbers[n]), "change": "new", "kind": columns["kind"][n], "rank": ranks[n],
         "layer": int(columns["layer"][n] or 0), "name": columns["name"][n], "name_en": labels[n].get("en")}
        for n in range(min(len(rows), PREVIEWED))
    ]  # fmt: skip
    return Checked(counts, preview, notes, _Plan(kinds, lines))


def write(db: Session, doer: audit.Doer, plan: _Plan, at: datetime) -> None:
    """Put the new lines in the place of those of the same kinds."""
    if plan.kinds:
        db.execute(text("DELETE FROM way WHERE kind = ANY(:kinds)"), {"kinds": plan.kinds})
        copy_rows(db, "way", _COLUMNS, plan.lines)
        # What is drawn of them is kept by revision.
        db.execute(text("UPDATE district SET revision = revision + 1"))
    audit.record(db, doer, "way.import", changed={"kinds": plan.kinds, "lines": len(plan.lines)})


def _counted(db: Session, kinds: list[str], lines: list[tuple[Any, ...]], parts: Any) -> tuple[Counts, int]:
    """Lines that are there word for word and vertex for vertex are the same; lines have no name to be known by."""
    there = {
        (row.kind, row.rank, row.layer, row.name, json.dumps(row.names, ensure_ascii=False), bytes(row.line))
        for row in db.execute(
            text("SELECT kind, rank, layer, name, names, ST_AsBinary(line) AS line FROM way WHERE kind = ANY(:kinds)"),
            {"kinds": kinds},
        )
    }
    had: int = db.scalar(text("SELECT count(*) FROM way WHERE kind = ANY(:kinds)"), {"kinds": kinds}) or 0
    wkb = shapely.to_wkb(np.asarray(parts, dtype=object))
    same = sum((*line[:5], bytes(shape)) in there for line, shape in zip(lines, wkb, strict=True))
    return Counts(new=len(lines) - same, same=same, ended=max(had - same, 0)), had
