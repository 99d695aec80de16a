"""Import the tree of areas: city, district, townships, communities."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.crs import NotInMetres, require_metres, working_srid
from gridmap.errors import Invalid
from gridmap.grids.actions import LEVELS, add_areas, found_district
from gridmap.grids.drafts import AreaDraft
from gridmap.intake.defects import Defect
from gridmap.intake.fields import Field, Sort
from gridmap.intake.rows import Rows, english, flag_repeated
from gridmap.intake.shapes import require_shapes
from gridmap.intake.wishes import PREVIEWED, Checked, Counts, Note, Options
from gridmap.language import N_
from gridmap.system import audit

KINDS: Final = {
    "city": N_("City"),
    "district": N_("District"),
    "township": N_("Township"),
    "community": N_("Community"),
}
# What an area may stand under.
PARENTS: Final = {"city": None, "district": "city", "township": "district", "community": "township"}
CODE_SCHEME: Final = "gb15"

CODE: Final = Field(
    "code", N_("Code"), Sort.CODE, N_("6 digits for a district, 9 for a township, 12 for a community."), needed=True,
    synonyms=("代码", "编号", "区划代码", "行政区划代码", "adcode"), example="990106001",
)  # fmt: skip
FIELDS: Final = (
    CODE,
    Field(
        "parent_code", N_("Code above"), Sort.CODE,
        N_("Code of the area it belongs to; blank: the code without its last three digits."),
        synonyms=("上级编码", "上级代码", "parent", "parent_id"), example="990106",
    ),
    Field(
        "kind", N_("Kind"), Sort.CHOICE, N_("What it is."), needed=True, choices=KINDS,
        synonyms=("级别", "层级", "level"), example="township",
    ),
    Field("name", N_("Its name"), Sort.TEXT, N_("What people call it."), needed=True, synonyms=("地名",),
          example="示例镇"),
    Field(
        "name_en", N_("English name"), Sort.TEXT, N_("Its name in English, if it has one."),
        synonyms=("英文名称", "english_name"), example="Example Town",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class _Known:
    """An area as the database has it."""

    id: int
    kind: str
    parent_code: str | None
    name: str
    names: Mapping[str, Any]


@dataclass(frozen=True)
class _Plan:
    """Areas to add, versions to renew, and the plane of the district, if it is to be founded."""

    added: list[AreaDraft]
    renewed: list[dict[str, Any]]
    srid: int | None
    time_zone: str
    effective_at: datetime


def check(db: Session, rows: Rows, options: Options, at: datetime) -> Checked:
    """Compare rows with the tree that is there; whatever is wrong is noted in `rows`."""
    columns = rows.columns
    require_shapes(rows, "polygons", optional=True)
    flag_repeated(rows, CODE)
    known = _known(db)
    codes, kinds, names = columns["code"], columns["kind"], columns["name"]
    parents = [_parent(code, parent, kind) for code, parent, kind in
               zip(codes, columns["parent_code"], kinds, strict=True)]  # fmt: skip
    parents = [None if kind == "district" and parent not in {*codes, *known} else parent
               for kind, parent in zip(kinds, parents, strict=True)]  # fmt: skip
    _flag_tree(rows, parents, known)
    founding = not any(area.kind == "district" for area in known.values())
    srid = _founded_in(rows, options) if founding else None
    zone = _zone_of(db) or options.zone()
    labels = english(columns["name_en"])
    added: list[AreaDraft] = []
    renewed, preview = [], []
    for n, code in enumerate(codes):
        had = known.get(code)
        names_of = labels[n] if "name_en" in rows.given or had is None else dict(had.names)
        row = {"code": code, "parent_code": parents[n], "kind": kinds[n], "name": names[n], "names": names_of}
        changed = had is not None and (had.name, dict(had.names)) != (names[n], names_of)
        if had is None:
            added.append(AreaDraft(code, parents[n], kinds[n], names[n], names_of, rows.shapes[n]))
        elif changed:
            renewed.append(row | {"id": had.id})
        if n < PREVIEWED:
            change = "new" if had is None else "changed" if changed else "same"
            preview.append({"row": int(rows.numbers[n]), "change": change, **row, "name_en": names_of.get("en")})
    for row in preview:
        del row["names"]
    notes = [Note(N_("A new district is founded; it is reckoned in EPSG:%(srid)s."), {"srid": srid})] if srid else []
    plan = _Plan(added, renewed, srid, options.time_zone, options.effective_at(at, zone))
    counts = Counts(len(added), len(renewed), len(rows) - len(added) - len(renewed))
    return Checked(counts, preview, notes, plan)


def write(db: Session, doer: audit.Doer, plan: _Plan, at: datetime) -> None:
    """Add what is new, level by level, and give a new version to what was renamed."""
    for kind in LEVELS:
        add_areas(db, [draft for draft in plan.added if draft.kind == kind], plan.effective_at)
    founded = next((draft for draft in plan.added if draft.kind == "district"), None)
    if founded is not None:
        assert plan.srid is not None, "a district that is founded has a plane, or a grave defect"
        found_district(db, founded.code, srid=plan.srid, time_zone=plan.time_zone, code_scheme=CODE_SCHEME)
    if plan.renewed:
        _renew(db, plan.renewed, plan.effective_at)
        db.execute(text("UPDATE district SET revision = revision + 1"))
    audit.record(
        db, doer, "area.import", changed={"new": len(plan.added), "renewed": [row["code"] for row in plan.renewed]}
    )


def _parent(code: str | None, parent: str | None, kind: str | None) -> str | None:
    """The code above, as told or as the code itself tells."""
    if parent is not None or code is None or kind in (None, "city"):
        return parent
    if kind == "district":
        return f"{code[:4]}00" if len(code) == 6 and code.isdigit() else None
    return code[:-3] if code.isdigit() and len(code) in (9, 12) else None


def _flag_tree(rows: Rows, parents: list[str | None], known: Mapping[str, _Known]) -> None:
    codes, kinds = rows.columns["code"], rows.columns["kind"]
    kind_of = {code: area.kind for code, area in known.items()} | dict(zip(codes, kinds, strict=True))
    above = [None if parent is None else kind_of.get(parent) for parent in parents]
    here = np.array([kind is not None for kind in kinds], bool)
    orphan = np.array([
        kind in ("township", "community") and parent is None for kind, parent in zip(kinds, parents, strict=True)
    ], bool)  # fmt: skip
    rows.flag(orphan & here, N_("%(code)s says nothing of the area it belongs to."), column="parent_code",
              values={"code": codes})  # fmt: skip
    lost = np.array([parent is not None and parent not in kind_of for parent in parents], bool)
    rows.flag(lost, N_("There is no area %(parent)s, neither in the file nor in the database."), column="parent_code",
              values={"parent": parents})  # fmt: skip
    misplaced = np.array([
        parent is not None and higher is not None and kind is not None and PARENTS[kind] != higher
        for kind, parent, higher in zip(kinds, parents, above, strict=True)
    ], bool)  # fmt: skip
    rows.flag(misplaced & ~lost, N_("%(code)s cannot belong to %(parent)s: a community belongs to a township, a"
              " township to a district, a district to a city or to nothing."), column="parent_code",
              values={"code": codes, "parent": parents})  # fmt: skip
    moved = np.array([
        (had := known.get(code)) is not None and kind is not None
        and ((had.kind, had.parent_code) != (kind, parent))
        for code, kind, parent in zip(codes, kinds, parents, strict=True)
    ], bool)  # fmt: skip
    rows.flag(moved, N_("%(code)s is known as another kind of area, or under another. An import changes names only."),
              column="parent_code", values={"code": codes})  # fmt: skip
    districts = sorted({code for code, kind in kind_of.items() if kind == "district" and code is not None})
    if len(districts) != 1:
        rows.defects.say(
            N_("There must be one district in all; the file and the database name %(count)s: %(codes)s."),
            column="kind", count=len(districts), codes=", ".join(districts[:5]) or "–",
        )  # fmt: skip


def _founded_in(rows: Rows, options: Options) -> int | None:
    """The working system of a new district: as said, or as its shapes lie."""
    if options.working_srid is not None:
        try:
            require_metres(options.working_srid)
        except NotInMetres as error:
            raise Invalid(
                N_("EPSG:%(srid)s is no projected system in metres. Name one such as EPSG:4547."),
                srid=options.working_srid,
            ) from error
        return options.working_srid
    west, south, east, north = shapely.total_bounds(rows.shapes).tolist()
    if np.isfinite(west):
        return working_srid((west + east) / 2, (south + north) / 2)
    rows.defects.add(
        Defect(N_("The file has no shapes that tell in which plane to reckon. Say --working-crs, such as EPSG:4547."))
    )
    return None


def _zone_of(db: Session) -> ZoneInfo | None:
    name: str | None = db.scalar(text("SELECT time_zone FROM district ORDER BY area_id LIMIT 1"))
    return None if name is None else ZoneInfo(name)


def _known(db: Session) -> dict[str, _Known]:
    rows = db.execute(
        text(
            "SELECT v.code, a.id, a.kind, p.code AS parent_code, v.name, v.names FROM area a"
            " JOIN area_version v ON v.area_id = a.id AND upper_inf(v.valid) AND upper_inf(v.recorded)"
            " LEFT JOIN area_version p ON p.area_id = a.parent_id AND upper_inf(p.valid) AND upper_inf(p.recorded)"
        )
    )
    return {row.code: _Known(row.id, row.kind, row.parent_code, row.name, row.names) for row in rows}


def _renew(db: Session, renewed: list[dict[str, Any]], effective_at: datetime) -> None:
    """End the version of each renamed area and begin one with the new name; one of the same instant is rewritten."""
    values = {
        "at": effective_at,
        "ids": [row["id"] for row in renewed],
        "names": [row["name"] for row in renewed],
        "labels": [json.dumps(row["names"], ensure_ascii=False) for row in renewed],
    }
    given = "unnest(CAST(:ids AS bigint[]), CAST(:names AS text[]), CAST(:labels AS text[])) AS g (id, name, labels)"
    db.execute(
        text(
            f"UPDATE area_version v SET name = g.name, names = CAST(g.labels AS jsonb) FROM {given}"
            " WHERE v.area_id = g.id AND upper_inf(v.valid) AND upper_inf(v.recorded) AND lower(v.valid) >= :at"
        ),
        values,
    )
    db.execute(
        text(
            f"WITH ended AS (UPDATE area_version v SET valid = tstzrange(lower(v.valid), :at) FROM {given}"
            "  WHERE v.area_id = g.id AND upper_inf(v.valid) AND upper_inf(v.recorded) AND lower(v.valid) < :at"
            "  RETURNING v.area_id, v.code, v.shape)"
            " INSERT INTO area_version (area_id, code, name, names, valid, shape) SELECT ended.area_id, ended.code,"
            f" g.name, CAST(g.labels AS jsonb), tstzrange(:at, NULL), ended.shape FROM ended JOIN {given}"
            " ON g.id = ended.area_id"
        ),
        values,
    )
