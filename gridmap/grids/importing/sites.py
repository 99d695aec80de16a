"""Import sites and buildings: each known by its code, each in the grid that holds it now."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.crs import round_lonlat
from gridmap.grids.importing.standing import require_standing
from gridmap.grids.index import Coverage, coverages
from gridmap.grids.queries import DistrictNow
from gridmap.intake.copying import copy_rows, hex_wkb, span
from gridmap.intake.fields import Field, Sort
from gridmap.intake.rows import Rows, english, flag_repeated
from gridmap.intake.shapes import require_shapes
from gridmap.intake.wishes import PREVIEWED, Checked, Counts, Options
from gridmap.language import N_
from gridmap.system import audit

BUILDINGS: Final = {"building": N_("Building"), "village_house": N_("Village house")}
KINDS: Final = {
    "enterprise": N_("Enterprise"),
    "key_premises": N_("Key premises"),
    "hazard_point": N_("Hazard point"),
    "school": N_("School"),
    "hospital": N_("Hospital"),
    "park": N_("Park"),
    "market": N_("Market"),
    "station": N_("Station"),
    "works": N_("Works"),
    **BUILDINGS,
}

_CODE: Final = Field(
    "code", N_("Code"), Sort.CODE, N_("By which it is known again: the same code is the same thing."), needed=True,
    synonyms=("编码", "代码", "编号", "场所编码", "建筑编码", "site_code", "id"), example="s-000001",
)  # fmt: skip
_KIND: Final = Field(
    "kind", N_("Kind"), Sort.TEXT, N_("What it is; other words are taken too."), needed=True, choices=KINDS,
    synonyms=("类型", "类别", "场所类型", "type"), example="school",
)  # fmt: skip
_NAME: Final = Field(
    "name", N_("Its name"), Sort.TEXT, N_("What people call it."), needed=True,
    synonyms=("名称", "场所名称", "建筑名称", "楼名"), example="示例小学",
)  # fmt: skip
_REST: Final = (
    Field("name_en", N_("English name"), Sort.TEXT, N_("Its name in English, if it has one."),
          synonyms=("英文名称", "english_name"), example="Example School"),
    Field("households", N_("Households"), Sort.COUNT, N_("How many households live in it; blank: 0."),
          synonyms=("户数", "住户数", "hh"), example=0),
    Field("storeys", N_("Storeys"), Sort.COUNT, N_("How many storeys it has."),
          synonyms=("层数", "楼层", "floors", "levels", "building:levels"), most=300, example=4),
)  # fmt: skip
SITE_FIELDS: Final = (_CODE, _KIND, _NAME, *_REST)
BUILDING_FIELDS: Final = (
    Field("code", N_("Code"), Sort.CODE, N_("By which it is known again; blank: by its outline."),
          synonyms=_CODE.synonyms, example="b-000001"),
    Field("kind", N_("Kind"), Sort.CHOICE, N_("What it is."), choices=BUILDINGS, default="building",
          synonyms=_KIND.synonyms, example="building"),
    Field("name", N_("Its name"), Sort.TEXT, N_("What people call it; blank: its code."), synonyms=_NAME.synonyms,
          example="示例小区 1号楼"),
    *_REST,
)  # fmt: skip

_Row = tuple[Any, ...]
"""The values of `_COLUMNS` without ``valid``."""
_NAMESPACE: Final = uuid.UUID("4bb0a6a8-3c5c-4a0e-9d0a-4f5b8b1c1d52")
_COLUMNS: Final = ("id", "kind", "code", "name", "names", "shape", "grid_id", "path", "households", "storeys", "valid")
_COPIED_AT_ONCE: Final = 50_000


@dataclass(frozen=True)
class _Plan:
    """Rows for COPY as new ones, and the same columns of those that change; ``valid`` begins at `effective_at`."""

    new: list[_Row]
    changed: list[_Row]
    effective_at: datetime


def check_sites(db: Session, rows: Rows, options: Options, at: datetime) -> Checked:
    """Compare rows with the sites that are there; whatever is wrong is noted in `rows`."""
    flag_repeated(rows, _CODE)
    return _check(db, rows, options, at)


def check_buildings(db: Session, rows: Rows, options: Options, at: datetime) -> Checked:
    """Compare rows with the buildings that are there; whatever is wrong is noted in `rows`."""
    flag_repeated(rows, _CODE)
    rows.columns["name"] = [
        name or code or "" for name, code in zip(rows.columns["name"], rows.columns["code"], strict=True)
    ]
    return _check(db, rows, options, at)


def write(db: Session, doer: audit.Doer, plan: _Plan, at: datetime) -> None:
    """Add what is new in one stream, and rewrite what changed in one statement."""
    valid = span(plan.effective_at)
    for start in range(0, len(plan.new), _COPIED_AT_ONCE):
        part = plan.new[start : start + _COPIED_AT_ONCE]
        copy_rows(db, "site", _COLUMNS, ((*row, valid) for row in part))
    if plan.changed:
        _rewrite(db, plan.changed)
    if plan.new or plan.changed:
        # What is drawn of them is kept by revision.
        db.execute(text("UPDATE district SET revision = revision + 1"))
    audit.record(db, doer, "site.import", changed={"new": len(plan.new), "changed": len(plan.changed)})


def holders(coverage: Coverage, shapes: npt.NDArray[np.object_], outside: str) -> tuple[list[int | None], list[str]]:
    """
    Find the grid of each shape by a point inside it.

    Parameters
    ----------
    shapes
        n shapes in EPSG:4326, longitude first; None is in no grid.
    outside
        The path of what lies in no grid.

    Returns
    -------
    grid_ids, paths
        n of each.
    """
    points = np.array(shapes, dtype=object)
    wide = shapely.get_type_id(points) > 0
    points[wide] = shapely.point_on_surface(points[wide])
    row = coverage.locate(shapely.get_x(points), shapely.get_y(points)).row.tolist()
    grids = coverage.rows
    return [None if at < 0 else grids[at].id for at in row], [outside if at < 0 else grids[at].path for at in row]


def _check(db: Session, rows: Rows, options: Options, at: datetime) -> Checked:
    require_shapes(rows, "any")
    held = coverages.hold(db)
    require_standing(db, rows, held.district, options)
    now = held.at(None)
    labels = english(rows.columns["name_en"])
    drafts = _drafts(rows, labels, now, held.district)
    known = _known(db, rows.columns["code"], [draft[0] for draft in drafts])
    new: list[_Row] = []
    changed: list[_Row] = []
    preview: list[dict[str, Any]] = []
    ended = np.zeros(len(rows), bool)
    for n, draft in enumerate(drafts):
        had = known.get(draft[2] or draft[0])
        if had is not None:
            draft, labels[n] = _kept(draft, labels[n], had, rows.given)
            ended[n] = had.ended
        change = "new" if had is None else "same" if _is_same(had, draft, labels[n]) else "changed"
        if change != "same":
            (new if had is None else changed).append(draft)
        if n < PREVIEWED:
            preview.append({"row": int(rows.numbers[n]), "change": change, **_shown(draft, labels[n])})
    rows.flag(ended, N_("The code %(code)s belonged to something that ended."), column="code",
              values={"code": rows.columns["code"]})  # fmt: skip
    _name_grids(now, preview)
    plan = _Plan(new, changed, options.effective_at(at, held.district.zone))
    return Checked(Counts(len(new), len(changed), len(rows) - len(new) - len(changed)), preview, plan=plan)


def _drafts(rows: Rows, labels: list[dict[str, str]], now: Coverage, district: DistrictNow) -> list[_Row]:
    """Every row as if it were new."""
    columns = rows.columns
    shapes = _rounded(rows.shapes)
    grid_ids, paths = holders(now, shapes, district.path)
    return list(
        zip(
            _ids(district.code, columns["code"], shapes),
            columns["kind"],
            columns["code"],
            columns["name"],
            [json.dumps(names, ensure_ascii=False) if names else "{}" for names in labels],
            hex_wkb(shapes),
            grid_ids,
            paths,
            [households or 0 for households in columns["households"]],
            columns["storeys"],
            strict=True,
        )
    )


def _kept(draft: _Row, names: dict[str, str], had: Any, given: frozenset[str]) -> tuple[_Row, dict[str, str]]:
    """A row of something that is there: what the file has no column for stays as it is."""
    _, kind, code, name, _, shape, grid_id, path, households, storeys = draft
    names = names if "name_en" in given else had.names
    households = households if "households" in given else had.households
    storeys = storeys if "storeys" in given else had.storeys
    label = json.dumps(names, ensure_ascii=False)
    return (had.id, kind, code, name, label, shape, grid_id, path, households, storeys), names


def _rounded(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Shapes on 9 decimals; points alone are made anew, which is faster than changing them."""
    xy = shapely.get_coordinates(shapes)
    if len(xy) == len(shapes) and (shapely.get_type_id(shapes) == 0).all():
        return np.asarray(shapely.points(round_lonlat(xy)), dtype=object)
    return np.asarray(shapely.transform(shapes, round_lonlat), dtype=object)


def _ids(district: str, codes: Sequence[str | None], shapes: npt.NDArray[np.object_]) -> list[str]:
    """
    The same thing has the same id in every import: by its code, or by its outline if it has none.

    They are UUIDs of version 5, made all at once: the library's own take longer than finding the grids.
    """
    nameless = np.array([code is None for code in codes], bool)
    outlines = iter(shapely.to_wkb(shapely.normalize(shapes[nameless]), hex=True))
    names = [f"{district} {code}" if code else f"{district} {next(outlines)}" for code in codes]
    space = _NAMESPACE.bytes
    digests = b"".join(hashlib.sha1(space + name.encode(), usedforsecurity=False).digest()[:16] for name in names)
    octets = np.frombuffer(digests, np.uint8).reshape(-1, 16).copy()
    octets[:, 6] = octets[:, 6] & 0x0F | 0x50
    octets[:, 8] = octets[:, 8] & 0x3F | 0x80
    text = octets.tobytes().hex()
    return [text[at : at + 32] for at in range(0, len(text), 32)]


def _known(db: Session, codes: Sequence[str | None], ids: Sequence[str]) -> dict[str, Any]:
    """Sites that are there under the codes, or under the ids of those that have no code."""
    found = db.execute(
        text(
            "SELECT id, code, kind, name, names, households, storeys, grid_id, upper(valid) IS NOT NULL AS ended,"
            " ST_AsEWKB(shape) AS shape FROM site"
            " WHERE code = ANY(CAST(:codes AS text[])) OR (code IS NULL AND id = ANY(CAST(:ids AS uuid[])))"
        ),
        {
            "codes": [code for code in codes if code],
            "ids": [i for i, code in zip(ids, codes, strict=True) if not code],
        },
    )
    return {row.code or row.id.hex: row for row in found}


def _is_same(had: Any, row: _Row, names: dict[str, str]) -> bool:
    _, kind, _, name, _, shape, grid_id, _, households, storeys = row
    if (had.kind, had.name, had.names, had.households, had.storeys, had.grid_id) != (
        kind, name, names, households, storeys, grid_id,
    ):  # fmt: skip
        return False
    if bytes(had.shape) == bytes.fromhex(shape):
        return True
    one, other = shapely.from_wkb([bytes(had.shape), shape])
    return bool(shapely.equals_exact(shapely.normalize(one), shapely.normalize(other), 0.0))


def _shown(row: _Row, names: dict[str, str]) -> dict[str, Any]:
    _, kind, code, name, _, _, grid_id, _, households, storeys = row
    return {"code": code, "kind": kind, "name": name, "name_en": names.get("en"), "households": households,
            "storeys": storeys, "grid": grid_id}  # fmt: skip


def _name_grids(coverage: Coverage, preview: list[dict[str, Any]]) -> None:
    """Put the codes of grids in the place of their ids."""
    code_of = {grid.id: grid.code for grid in coverage.rows}
    for row in preview:
        row["grid"] = code_of.get(row["grid"])


def _rewrite(db: Session, changed: list[_Row]) -> None:
    ids, kinds, _, names, labels, shapes, grids, paths, households, storeys = zip(*changed, strict=True)
    db.execute(
        text(
            "UPDATE site SET kind = g.kind, name = g.name, names = CAST(g.labels AS jsonb),"
            " shape = CAST(g.shape AS geometry), grid_id = g.grid_id, path = CAST(g.path AS ltree),"
            " households = g.households, storeys = g.storeys"
            " FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:names AS text[]),"
            " CAST(:labels AS text[]), CAST(:shapes AS text[]), CAST(:grids AS bigint[]), CAST(:paths AS text[]),"
            " CAST(:households AS bigint[]), CAST(:storeys AS bigint[]))"
            " AS g (id, kind, name, labels, shape, grid_id, path, households, storeys) WHERE site.id = g.id"
        ),
        {
            "ids": list(ids),
            "kinds": list(kinds),
            "names": list(names),
            "labels": list(labels),
            "shapes": list(shapes),
            "grids": list(grids),
            "paths": list(paths),
            "households": list(households),
            "storeys": list(storeys),
        },
    )
