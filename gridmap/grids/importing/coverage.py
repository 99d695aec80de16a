"""Import grids: one coverage, or several of past editions in one file, published in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.grids.actions import attach_sites
from gridmap.grids.afar import draw_afar
from gridmap.grids.drafts import GridDraft
from gridmap.grids.importing.planes import flag_coverage, flag_pieces, to_planes
from gridmap.grids.importing.standing import require_standing
from gridmap.grids.publishing import publish_coverage
from gridmap.grids.queries import DistrictNow, current_district
from gridmap.intake.fields import Field, Sort
from gridmap.intake.rows import Rows, english, flag_repeated
from gridmap.intake.shapes import require_shapes
from gridmap.intake.wishes import PREVIEWED, Checked, Counts, Note, Options
from gridmap.language import N_
from gridmap.system import audit

KINDS: Final = {"urban": N_("Urban"), "rural": N_("Rural"), "dedicated": N_("Dedicated")}

CODE: Final = Field(
    "code", N_("Code"), Sort.CODE, N_("15 digits: those of the community and three of its own."), needed=True,
    synonyms=("网格编码", "网格编号", "代码", "编号", "grid_code", "wgbm"), example="990106001001001",
)  # fmt: skip
FIELDS: Final = (
    CODE,
    Field("name", N_("Its name"), Sort.TEXT, N_("What people call it."), needed=True,
          synonyms=("网格名称", "grid_name"), example="示例社区 01"),
    Field("name_en", N_("English name"), Sort.TEXT, N_("Its name in English, if it has one."),
          synonyms=("英文名称", "english_name"), example="Example 01"),
    Field("kind", N_("Kind"), Sort.CHOICE, N_("What it is."), needed=True, choices=KINDS,
          synonyms=("网格类型", "类型", "类别", "grid_kind", "type"), example="urban"),
    Field("community_code", N_("Code of the community"), Sort.CODE,
          N_("The community it belongs to; blank: the first 12 digits of its code."),
          synonyms=("社区编码", "社区代码", "community"), example="990106001001"),
    Field("households", N_("Households"), Sort.COUNT, N_("How many households live in it; blank: 0."),
          synonyms=("户数", "住户数", "hh"), example=400),
    Field("owner", N_("Code of the institution"), Sort.CODE,
          N_("The site that owns a dedicated grid; import sites first."),
          synonyms=("单位编码", "owner_site", "所属单位"), example=None),
    Field("effective_at", N_("In force since"), Sort.TIME,
          N_("For past editions in one file: the day each took effect; blank: the present one."),
          synonyms=("生效时间", "生效日期", "版本日期", "edition", "effective"), example=None),
)  # fmt: skip

_Planes = npt.NDArray[np.object_]


@dataclass(frozen=True)
class _Version:
    """A grid as it is in force."""

    name: str
    names: Mapping[str, Any]
    kind: str
    community_code: str
    households: int
    owner_site_id: UUID | None
    plane: shapely.Polygon

    def is_same(self, draft: GridDraft) -> bool:
        """Whether publishing this draft would leave the version alone."""
        return draft.plane is self.plane and all(
            getattr(self, name) == getattr(draft, name)
            for name in ("name", "names", "kind", "community_code", "households", "owner_site_id")
        )


@dataclass(frozen=True)
class _Plan:
    """Editions to publish, the oldest first, on top of what is there."""

    district_id: int
    base_edition: int
    editions: list[tuple[datetime, list[GridDraft]]]
    note: str


def check(db: Session, rows: Rows, options: Options, at: datetime) -> Checked:
    """Compare rows with the coverage that is there; whatever is wrong is noted in `rows`."""
    district = current_district(db)
    require_shapes(rows, "polygons")
    flag_pieces(rows)
    flag_repeated(rows, CODE, among=rows.columns["effective_at"])
    require_standing(db, rows, district, options)
    since = _since(db, rows, district, options, at)
    current = _current(db)
    _flag_codes(db, rows, since, current)
    drafts = _drafts(db, rows, since, current, district.srid)
    published = []
    for instant in sorted(set(since)):
        members = np.array([n for n, when in enumerate(since) if when == instant], dtype=np.int64)
        planes = np.array([drafts[n].plane for n in members], dtype=object)
        outline = shapely.union_all([held.plane for held in current.values()]) if current else None
        flag_coverage(rows, members, planes, district.srid, outline)
        published.append((instant, [drafts[n] for n in members]))
    return _compared(rows, drafts, since, current, _Plan(district.id, district.edition_n, published, options.note))


def write(db: Session, doer: audit.Doer, plan: _Plan, at: datetime) -> None:
    """Publish each edition, draw what is seen from afar, and give every site the grid that holds it now."""
    if plan.base_edition == 0 and plan.editions:
        _found_areas(db, plan.editions[0][0])
    for number, (effective_at, grids) in enumerate(plan.editions, start=plan.base_edition):
        publish_coverage(
            db,
            plan.district_id,
            grids,
            base_edition=number,
            effective_at=effective_at,
            note=plan.note,
            published_by=doer.actor_id,
        )
    if plan.editions:
        draw_afar(db)
        attach_sites(db)
    audit.record(
        db,
        doer,
        "grid.import",
        object_id=f"district:{plan.district_id}",
        purpose=plan.note or None,
        changed={"editions": [{"at": at.isoformat(), "grids": len(grids)} for at, grids in plan.editions]},
    )


def _compared(
    rows: Rows, drafts: list[GridDraft], since: list[datetime], current: Mapping[str, _Version], plan: _Plan
) -> Checked:
    """Count what the newest edition of the file changes in what is in force; the same all over publishes nothing."""
    newest = max(since, default=None)
    counts: Counter[str] = Counter()
    preview = []
    for n, draft in enumerate(drafts):
        had = current.get(draft.code)
        change = "new" if had is None else "same" if had.is_same(draft) else "changed"
        if since[n] == newest:
            counts[change] += 1
        if n < PREVIEWED:
            told = {name: getattr(draft, name) for name in ("code", "name", "kind", "community_code", "households")}
            more = {"name_en": draft.names.get("en"), "owner": rows.columns["owner"][n]}
            preview.append({"row": int(rows.numbers[n]), "change": change, **told, **more,
                            "effective_at": since[n].isoformat()})  # fmt: skip
    coming = {draft.code for draft, when in zip(drafts, since, strict=True) if when == newest}
    ended = len(current.keys() - coming) if drafts else 0
    notes = []
    if len(plan.editions) > 1:
        notes.append(Note(N_("%(count)s editions are published, the oldest first."), {"count": len(plan.editions)}))
    elif not (counts["new"] or counts["changed"] or ended):
        notes.append(Note(N_("The grids are as they are already; no edition is published.")))
        plan = replace(plan, editions=[])
    return Checked(Counts(counts["new"], counts["changed"], counts["same"], ended), preview, notes, plan)


def _since(db: Session, rows: Rows, district: DistrictNow, options: Options, at: datetime) -> list[datetime]:
    """Since when each row holds; noted where an edition would come before one that is there."""
    present = options.effective_at(at, district.zone)
    since = [present if when is None else when for when in rows.columns["effective_at"]]
    rows.flag([when > at for when in since], N_("The row lies ahead of today. Import it when it takes effect."),
              column="effective_at")  # fmt: skip
    there = district.editions
    if there and (early := sorted({when for when in since if when <= there[-1][1]})):
        rows.defects.say(
            N_("The district has an edition of %(last)s; one of %(early)s would come before it. Past editions are"
               " imported before later ones, in one file or one after the other."),
            column="effective_at",
            last=there[-1][1].astimezone(district.zone).isoformat(timespec="minutes"),
            early=early[0].astimezone(district.zone).isoformat(timespec="minutes"),
        )  # fmt: skip
    return since


def _flag_codes(db: Session, rows: Rows, since: list[datetime], current: Mapping[str, _Version]) -> None:
    """Codes that were used before, communities that are not there, institutions that are needed or unknown."""
    codes = rows.columns["code"]
    ended = set(db.scalars(text("SELECT code FROM grid_code"))) - current.keys()
    standing = set(current)
    again = np.zeros(len(rows), bool)
    for instant in sorted(set(since)):
        members = [n for n, when in enumerate(since) if when == instant]
        again[[n for n in members if codes[n] in ended]] = True
        coming = {codes[n] for n in members}
        ended |= standing - coming
        standing = coming
    rows.flag(again, N_("The code %(code)s belonged to a grid that ended; codes are never used again."), column="code",
              values={"code": codes})  # fmt: skip
    communities = set(db.scalars(text(
        "SELECT v.code FROM area_version v JOIN area a ON a.id = v.area_id WHERE a.kind = 'community'"
        " AND upper_inf(v.valid) AND upper_inf(v.recorded)"
    )))  # fmt: skip
    named = [_community(code, told) for code, told in zip(codes, rows.columns["community_code"], strict=True)]
    rows.flag([code is not None and place not in communities for code, place in zip(codes, named, strict=True)],
              N_("There is no community %(code)s in this district. Import areas first."), column="community_code",
              values={"code": named})  # fmt: skip


def _drafts(
    db: Session, rows: Rows, since: list[datetime], current: Mapping[str, _Version], srid: int
) -> list[GridDraft]:
    """A draft for each row; what the file has no column for stays as it is."""
    columns = rows.columns
    owners = _owners(db, rows)
    planes = _as_drawn_before(columns["code"], to_planes(rows.shapes, srid), since, current)
    labels = english(columns["name_en"])
    drafts = []
    for n, code in enumerate(columns["code"]):
        had = current.get(code)
        households, owner = columns["households"][n], owners.get(columns["owner"][n])
        if had is not None:
            households = had.households if "households" not in rows.given else households
            owner = had.owner_site_id if "owner" not in rows.given else owner
            labels[n] = labels[n] if "name_en" in rows.given else dict(had.names)
        drafts.append(
            GridDraft(
                code=code or "",
                name=columns["name"][n] or "",
                kind=columns["kind"][n] or "",
                community_code=_community(code, columns["community_code"][n]) or "",
                households=households or 0,
                plane=planes[n],
                names=labels[n],
                owner_site_id=owner,
            )
        )
    rows.flag([draft.kind == "dedicated" and draft.owner_site_id is None and not columns["owner"][n]
               for n, draft in enumerate(drafts)],
              N_("A dedicated grid needs the code of its institution."), column="owner")  # fmt: skip
    return drafts


def _as_drawn_before(
    codes: list[Any], planes: _Planes, since: list[datetime], current: Mapping[str, _Version]
) -> _Planes:
    """Polygons begun at another vertex, or run the other way round, as they were: the same ground is no new version."""
    before: dict[str, Any] = {code: version.plane for code, version in current.items()}
    for n in sorted(range(len(planes)), key=since.__getitem__):
        had, code = before.get(codes[n]), codes[n]
        if had is not None and planes[n] is not None and _is_same(had, planes[n]):
            planes[n] = had
        before[code] = planes[n]
    return planes


def _is_same(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    return bool(shapely.equals_exact(shapely.normalize(one), shapely.normalize(other), 0.0))


def _community(code: str | None, told: str | None) -> str | None:
    return told or (code[:12] if code is not None and len(code) == 15 and code.isdigit() else None)


def _owners(db: Session, rows: Rows) -> dict[str | None, UUID]:
    named = sorted({code for code in rows.columns["owner"] if code is not None})
    known = db.execute(text("SELECT code, id FROM site WHERE code = ANY(:codes)"), {"codes": named})
    found: dict[str | None, UUID] = {row.code: row.id for row in known}
    rows.flag([code is not None and code not in found for code in rows.columns["owner"]],
              N_("There is no site %(code)s. Import sites first."), column="owner",
              values={"code": rows.columns["owner"]})  # fmt: skip
    return found


def _current(db: Session) -> dict[str, _Version]:
    rows = db.execute(
        text(
            "SELECT g.code, g.name, g.names, g.kind, v.code AS community_code, g.households, g.owner_site_id,"
            " ST_AsBinary(g.plane) AS plane FROM grid_version g JOIN area_version v ON v.area_id = g.community_id"
            " AND upper_inf(v.valid) AND upper_inf(v.recorded) WHERE upper_inf(g.valid) AND upper_inf(g.recorded)"
        )
    ).all()
    planes = shapely.from_wkb(np.array([bytes(row.plane) for row in rows], dtype=object))
    return {
        row.code: _Version(row.name, row.names, row.kind, row.community_code, row.households, row.owner_site_id, plane)
        for row, plane in zip(rows, planes, strict=True)
    }


def _found_areas(db: Session, since: datetime) -> None:
    """Areas that were imported for the sake of these grids were there as long as their first edition says."""
    for table in ("area", "area_version"):
        db.execute(
            text(f"UPDATE {table} SET valid = tstzrange(:since, upper(valid)) WHERE lower(valid) > :since"),
            {"since": since},
        )
