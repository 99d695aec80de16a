"""Import devices: new ones are registered, moved ones look from another pose from then on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.crs import round_lonlat
from gridmap.grids.importing.sites import holders
from gridmap.grids.importing.standing import require_standing
from gridmap.grids.index import coverages
from gridmap.intake.fields import Field, Sort
from gridmap.intake.rows import Rows, english, flag_repeated
from gridmap.intake.shapes import require_shapes
from gridmap.intake.wishes import PREVIEWED, Checked, Counts, Options
from gridmap.language import N_
from gridmap.system import audit

KINDS: Final = {
    "camera": N_("Camera"),
    "gateway": N_("Gateway"),
    "drone_dock": N_("Drone dock"),
    "drone": N_("Drone"),
    "smoke": N_("Smoke sensor"),
    "charging_pile": N_("Charging pile"),
    "sensor": N_("Sensor"),
}
_POSE: Final = ("height_m", "heading_deg", "tilt_deg", "fov_deg", "range_m")

CODE: Final = Field(
    "code", N_("Code"), Sort.CODE, N_("By which it is known again, and names itself in its alerts."), needed=True,
    synonyms=("编码", "设备编码", "编号", "device", "device_code", "id"), example="cam-0001",
)  # fmt: skip
FIELDS: Final = (
    CODE,
    Field("kind", N_("Kind"), Sort.CHOICE, N_("What it is."), needed=True, choices=KINDS,
          synonyms=("类型", "设备类型", "type"), example="camera"),
    Field("name", N_("Its name"), Sort.TEXT, N_("What people call it; blank: its code."), synonyms=("名称", "设备名称"),
          example="示例小区 1号机"),
    Field("name_en", N_("English name"), Sort.TEXT, N_("Its name in English, if it has one."),
          synonyms=("英文名称", "english_name"), example="Example Camera 1"),
    Field("gateway", N_("Gateway"), Sort.CODE, N_("Code of the gateway that speaks for it."),
          synonyms=("网关", "网关编码", "gateway_code"), example=None),
    Field("height_m", N_("Height (m)"), Sort.NUMBER, N_("Above the ground, metres."),
          synonyms=("高度", "安装高度", "height"), least=-100, most=1000, example=4.5),
    Field("heading_deg", N_("Heading (degrees)"), Sort.NUMBER, N_("Where it looks, clockwise from true north."),
          synonyms=("朝向", "方位角", "heading", "azimuth"), least=-360, most=360, example=135),
    Field("tilt_deg", N_("Tilt (degrees)"), Sort.NUMBER, N_("How far it looks down, below the horizon."),
          synonyms=("俯角", "俯仰角", "tilt", "pitch"), least=-90, most=90, example=20),
    Field("fov_deg", N_("Field of view (degrees)"), Sort.NUMBER, N_("Width of its view."),
          synonyms=("视场角", "fov"), least=0, most=360, example=80),
    Field("range_m", N_("Range (m)"), Sort.NUMBER, N_("How far it sees, metres."), synonyms=("可视距离", "range"),
          least=0, most=100_000, example=60),
)  # fmt: skip

Pose = tuple[float | None, ...]


@dataclass(frozen=True)
class _Draft:
    """A device as the file has it, where it stands, and who answers there."""

    code: str
    kind: str
    name: str
    names: Mapping[str, str]
    gateway: str | None
    place: bytes
    pose: Pose
    grid_id: int | None
    path: str


@dataclass(frozen=True)
class _Plan:
    """Devices that are new, those whose register changes, those that stand or look differently."""

    new: list[_Draft]
    renamed: list[_Draft]
    moved: list[_Draft]
    effective_at: datetime


def check(db: Session, rows: Rows, options: Options, at: datetime) -> Checked:
    """Compare rows with the register; whatever is wrong is noted in `rows`."""
    require_shapes(rows, "points")
    flag_repeated(rows, CODE)
    held = coverages.hold(db)
    require_standing(db, rows, held.district, options)
    known = _known(db)
    shapes = np.asarray(shapely.transform(rows.shapes, round_lonlat), dtype=object)
    grid_ids, paths = holders(held.at(None), shapes, held.district.path)
    _flag_gateways(rows, known)
    labels = english(rows.columns["name_en"])
    new: list[_Draft] = []
    renamed: list[_Draft] = []
    moved: list[_Draft] = []
    preview: list[dict[str, Any]] = []
    for n, place in enumerate(shapely.to_wkb(shapes)):
        had = known.get(rows.columns["code"][n])
        draft = _draft(rows, n, labels[n], place or b"", grid_ids[n], paths[n], had)
        is_renamed = had is not None and _register(had) != (draft.kind, draft.name, draft.names, draft.gateway)
        is_moved = had is not None and (bytes(had.place or b""), _pose(had)) != (draft.place, draft.pose)
        for belongs, drafts in ((had is None, new), (is_renamed, renamed), (is_moved, moved)):
            if belongs:
                drafts.append(draft)
        if n < PREVIEWED:
            change = "new" if had is None else "changed" if is_renamed or is_moved else "same"
            preview.append({"row": int(rows.numbers[n]), "change": change, **_shown(draft)})
    rows.flag([(had := known.get(code)) is not None and had.ended for code in rows.columns["code"]],
              N_("The code %(code)s belonged to a device that ended."), column="code",
              values={"code": rows.columns["code"]})  # fmt: skip
    changed = len({draft.code for draft in (*renamed, *moved)})
    plan = _Plan(new, renamed, moved, options.effective_at(at, held.district.zone))
    return Checked(Counts(len(new), changed, len(rows) - len(new) - changed), preview, plan=plan)


def write(db: Session, doer: audit.Doer, plan: _Plan, at: datetime) -> None:
    """Register, rename and move, each in one statement."""
    if plan.new:
        _register_all(db, plan.new)
    if plan.renamed:
        _rename(db, plan.renamed)
    _name_gateways(db, [*plan.new, *plan.renamed])
    if plan.new or plan.moved:
        _pose_all(db, [*plan.new, *plan.moved], plan.effective_at)
    audit.record(db, doer, "device.import",
                 changed={"new": len(plan.new), "renamed": len(plan.renamed), "moved": len(plan.moved)})  # fmt: skip


def attach_devices(db: Session) -> int:
    """Give every device the grid that holds it now; returns how many answer to another one."""
    moved = db.scalars(
        text(
            "WITH held AS (SELECT DISTINCT ON (p.device_id) p.device_id, v.grid_id, v.path FROM device_pose p"
            " JOIN grid_version v ON upper_inf(v.valid) AND upper_inf(v.recorded) AND ST_Intersects(v.shape, p.place)"
            " WHERE upper_inf(p.valid) ORDER BY p.device_id, v.grid_id)"
            " UPDATE device SET grid_id = held.grid_id, path = held.path FROM held"
            " WHERE held.device_id = device.id AND device.grid_id IS DISTINCT FROM held.grid_id RETURNING device.id"
        )
    )
    return len(moved.all())


def _draft(rows: Rows, n: int, names: dict[str, str], place: bytes, grid_id: int | None, path: str, had: Any) -> _Draft:
    """A row; what the file has no column for stays as it is."""
    cells = {name: column[n] for name, column in rows.columns.items()}
    if had is not None:
        names = names if "name_en" in rows.given else had.names
        cells |= {name: getattr(had, name) for name in ("name", "gateway", *_POSE) if name not in rows.given}
    return _Draft(
        cells["code"] or "",
        cells["kind"] or "",
        cells["name"] or cells["code"] or "",
        names,
        cells["gateway"],
        place,
        tuple(cells[name] for name in _POSE),
        grid_id,
        path,
    )


def _flag_gateways(rows: Rows, known: Mapping[str, Any]) -> None:
    codes, kinds = rows.columns["code"], rows.columns["kind"]
    kind_of = {code: device.kind for code, device in known.items()} | dict(zip(codes, kinds, strict=True))
    named = rows.columns["gateway"]
    wrong = [gateway is not None and kind_of.get(gateway) != "gateway" for gateway in named]
    rows.flag(wrong, N_("There is no gateway %(code)s, neither in the file nor in the register."), column="gateway",
              values={"code": named})  # fmt: skip


def _known(db: Session) -> dict[str, Any]:
    rows = db.execute(
        text(
            "SELECT d.id, d.code, d.kind, d.name, d.names, g.code AS gateway, d.ended_at IS NOT NULL AS ended,"
            f" ST_AsBinary(p.place) AS place, {', '.join(f'p.{name}' for name in _POSE)} FROM device d"
            " LEFT JOIN device g ON g.id = d.gateway_id"
            " LEFT JOIN device_pose p ON p.device_id = d.id AND upper_inf(p.valid)"
        )
    )
    return {row.code: row for row in rows}


def _register(had: Any) -> tuple[Any, ...]:
    return had.kind, had.name, had.names, had.gateway


def _pose(had: Any) -> Pose:
    return tuple(getattr(had, name) for name in _POSE)


def _shown(draft: _Draft) -> dict[str, Any]:
    return {
        "code": draft.code,
        "kind": draft.kind,
        "name": draft.name,
        "name_en": draft.names.get("en"),
        "gateway": draft.gateway,
        **dict(zip(_POSE, draft.pose, strict=True)),
    }


def _register_all(db: Session, new: Sequence[_Draft]) -> None:
    db.execute(
        text(
            "INSERT INTO device (code, kind, name, names, grid_id, path) SELECT code, kind, name,"
            " CAST(labels AS jsonb), grid_id, CAST(path AS ltree) FROM unnest(CAST(:codes AS text[]),"
            " CAST(:kinds AS text[]), CAST(:names AS text[]), CAST(:labels AS text[]), CAST(:grids AS bigint[]),"
            " CAST(:paths AS text[])) AS g (code, kind, name, labels, grid_id, path)"
        ),
        _columns(new),
    )


def _rename(db: Session, renamed: Sequence[_Draft]) -> None:
    db.execute(
        text(
            "UPDATE device SET kind = g.kind, name = g.name, names = CAST(g.labels AS jsonb)"
            " FROM unnest(CAST(:codes AS text[]), CAST(:kinds AS text[]), CAST(:names AS text[]),"
            " CAST(:labels AS text[])) AS g (code, kind, name, labels) WHERE device.code = g.code"
        ),
        {name: values for name, values in _columns(renamed).items() if name in ("codes", "kinds", "names", "labels")},
    )


def _name_gateways(db: Session, drafts: Sequence[_Draft]) -> None:
    """Say which gateway speaks for which device, once all have an id."""
    db.execute(
        text(
            "UPDATE device SET gateway_id = gateway.id FROM unnest(CAST(:codes AS text[]), CAST(:gateways AS text[]))"
            " AS g (code, gateway) LEFT JOIN device gateway ON gateway.code = g.gateway WHERE device.code = g.code"
        ),
        {"codes": [draft.code for draft in drafts], "gateways": [draft.gateway for draft in drafts]},
    )


def _pose_all(db: Session, drafts: Sequence[_Draft], effective_at: datetime) -> None:
    """End the poses in force and begin new ones; one that began at the same instant or later is rewritten."""
    values = {
        **_columns(drafts),
        "places": [draft.place for draft in drafts],
        "at": effective_at,
        **{name: [draft.pose[n] for draft in drafts] for n, name in enumerate(_POSE)},
    }
    names = ", ".join(_POSE)
    given = (
        "(SELECT d.id, CAST(g.grid_id AS bigint) AS grid_id, CAST(g.path AS ltree) AS path,"
        f" ST_GeomFromWKB(g.place, 4326) AS place, {names}"
        " FROM unnest(CAST(:codes AS text[]), CAST(:grids AS bigint[]), CAST(:paths AS text[]),"
        f" CAST(:places AS bytea[]), {', '.join(f'CAST(:{name} AS double precision[])' for name in _POSE)})"
        f" AS g (code, grid_id, path, place, {names}) JOIN device d ON d.code = g.code) AS g"
    )
    values = {name: cells for name, cells in values.items() if name not in ("kinds", "names", "labels")}
    db.execute(
        text(f"UPDATE device SET grid_id = g.grid_id, path = g.path FROM {given} WHERE device.id = g.id"), values
    )
    db.execute(
        text(
            f"UPDATE device_pose p SET place = g.place, {', '.join(f'{name} = g.{name}' for name in _POSE)}"
            f" FROM {given} WHERE p.device_id = g.id AND upper_inf(p.valid) AND lower(p.valid) >= :at"
        ),
        values,
    )
    db.execute(
        text(
            f"UPDATE device_pose p SET valid = tstzrange(lower(p.valid), :at) FROM {given}"
            " WHERE p.device_id = g.id AND upper_inf(p.valid) AND lower(p.valid) < :at"
        ),
        values,
    )
    db.execute(
        text(
            f"INSERT INTO device_pose (device_id, valid, place, {names}) SELECT g.id, tstzrange(:at, NULL), g.place,"
            f" {names} FROM {given} WHERE NOT EXISTS (SELECT FROM device_pose p WHERE p.device_id = g.id"
            " AND upper_inf(p.valid))"
        ),
        values,
    )


def _columns(drafts: Sequence[_Draft]) -> dict[str, list[Any]]:
    return {
        "codes": [draft.code for draft in drafts],
        "kinds": [draft.kind for draft in drafts],
        "names": [draft.name for draft in drafts],
        "labels": [json.dumps(draft.names, ensure_ascii=False) for draft in drafts],
        "grids": [draft.grid_id for draft in drafts],
        "paths": [draft.path for draft in drafts],
    }
