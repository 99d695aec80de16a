"""Who and what serves the made-up district: categories and templates, staff and departments, devices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.crs import shapes_to_lonlat
from gridmap.demo.coverage import beginning, grids_now, site_id
from gridmap.demo.heartbeats import beat
from gridmap.grids.queries import current_district
from gridmap.intake.copying import copy_rows, hex_wkb, known, label_json, span
from gridmap.people.rules import system_actor
from gridmap.system.audit import Doer

if TYPE_CHECKING:
    from geodata.sample.district import District

_POSE: Final = ("height_m", "heading_deg", "tilt_deg", "fov_deg", "range_m")


def load_rules(db: Session, district: District) -> None:
    """Put in the classes of matter, and what the words of devices mean."""
    records = district.categories.to_dict("records")
    # Major classes first: the minor ones name them.
    records.sort(key=lambda row: (known(row["parent"]) is not None, row["code"]))
    copy_rows(
        db,
        "category",
        ("code", "parent", "name", "names", "severity", "evidence"),
        (
            (
                row["code"],
                known(row["parent"]),
                row["name"],
                label_json(row["name_en"]),
                int(row["severity"]),
                row["evidence"],
            )
            for row in records
        ),
    )
    valid = f"[{beginning(district).date().isoformat()},)"
    copy_rows(
        db,
        "template",
        ("scene", "device_kind", "class", "category", "severity", "valid"),
        (
            (row["scene"], row["device_kind"], row["class"], row["category"], int(row["severity"]), valid)
            for row in district.templates.to_dict("records")
        ),
    )


def load_catalogue(db: Session, district: District) -> None:
    """Put in the rest of the example catalogue: more classes, checklists, and who answers for what in each township."""
    from gridmap.catalogue.example import load_example

    areas = district.areas
    townships = areas.loc[areas["kind"] == "township", "code"].tolist()
    zone = current_district(db).zone
    load_example(
        db,
        system_actor(Doer(None, "system")),
        district.until,
        today=district.until.astimezone(zone).date(),
        since=beginning(district).astimezone(zone).date(),
        townships=townships,
    )


def load_staff(db: Session, district: District) -> None:
    """Put in departments, people, and who answers for what since when; nobody has a password yet."""
    areas = _areas(db)
    copy_rows(
        db,
        "department",
        ("code", "area_id", "name", "names"),
        (
            (row["code"], areas[row["area_code"]][0], row["name"], label_json(row["name_en"]))
            for row in district.departments.to_dict("records")
        ),
    )
    records = district.people.to_dict("records")
    persons = {row["login"]: row for row in records}.values()
    copy_rows(
        db,
        "person",
        ("login", "name", "names", "phone"),
        ((row["login"], row["name"], label_json(row["name_en"]), known(row["phone"])) for row in persons),
    )
    person_ids = _ids(db, "person", "login")
    departments = _departments(db)
    grids = _grids_ever(db)
    copy_rows(
        db,
        "assignment",
        ("person_id", "role", "post", "area_id", "grid_id", "department_id", "path", "valid"),
        (
            (
                person_ids[row["login"]],
                row["role"],
                known(row["post"]),
                *_target(row, areas, grids, departments),
                span(row["valid_from"], known(row["valid_to"])),
            )
            for row in records
        ),
    )
    _name_officers(db, district, person_ids)


def load_devices(db: Session, district: District) -> None:
    """Register devices where they stand and look; most were heard a moment ago."""
    grids, home = grids_now(db), current_district(db).path
    records = district.devices.drop(columns="geometry").to_dict("records")
    copy_rows(
        db,
        "device",
        ("code", "kind", "name", "names", "site_id", "grid_id", "path"),
        (
            (
                row["code"],
                row["kind"],
                row["name"],
                label_json(known(row["name_en"])),
                None if known(row["site_code"]) is None else site_id(row["site_code"]),
                *grids.get(row["grid_code"], (None, home)),
            )
            for row in records
        ),
    )
    ids = _ids(db, "device", "code")
    _name_gateways(db, records, ids)
    valid = span(beginning(district))
    places = hex_wkb(shapes_to_lonlat(district.devices.geometry.to_numpy(), district.srid))
    copy_rows(
        db,
        "device_pose",
        ("device_id", "valid", "place", *_POSE),
        (
            (ids[row["code"]], valid, place, *(known(row[name]) for name in _POSE))
            for row, place in zip(records, places, strict=True)
        ),
    )
    beat(db, district.until)


def _name_gateways(db: Session, records: Sequence[Mapping[Any, Any]], ids: Mapping[str, int]) -> None:
    """Say which gateway speaks for which device, once all have an id."""
    spoken_for = [row for row in records if known(row["gateway_code"]) is not None]
    db.execute(
        text(
            "UPDATE device SET gateway_id = g.gateway FROM unnest(CAST(:devices AS bigint[]),"
            " CAST(:gateways AS bigint[])) AS g (device, gateway) WHERE device.id = g.device"
        ),
        {
            "devices": [ids[row["code"]] for row in spoken_for],
            "gateways": [ids[row["gateway_code"]] for row in spoken_for],
        },
    )


def _target(
    row: Mapping[Any, Any],
    areas: Mapping[str, tuple[int, str]],
    grids: Mapping[str, tuple[int, str]],
    departments: Mapping[str, tuple[int, str]],
) -> tuple[int | None, int | None, int | None, str]:
    """Area, grid or department of an assignment, the one that it names, and the path that goes with it."""
    if (code := known(row["grid_code"])) is not None:
        return (None, grids[code][0], None, grids[code][1])
    if (code := known(row["department_code"])) is not None:
        return (None, None, departments[code][0], departments[code][1])
    area_id, path = areas[row["area_code"]]
    return (area_id, None, None, path)


def _areas(db: Session) -> dict[str, tuple[int, str]]:
    """Id and path of the areas by code, as of now."""
    rows = db.execute(
        text(
            "SELECT v.code, a.id, a.path::text FROM area a JOIN area_version v ON v.area_id = a.id"
            " WHERE upper_inf(v.valid) AND upper_inf(v.recorded)"
        )
    )
    return {code: (area_id, path) for code, area_id, path in rows}


def _departments(db: Session) -> dict[str, tuple[int, str]]:
    rows = db.execute(text("SELECT d.code, d.id, a.path::text FROM department d JOIN area a ON a.id = d.area_id"))
    return {code: (department_id, path) for code, department_id, path in rows}


def _ids(db: Session, table: str, key: str) -> dict[str, int]:
    rows = db.execute(text(f"SELECT {key}, id FROM {table} ORDER BY id"))
    return dict(map(tuple, rows))


def _grids_ever(db: Session) -> dict[str, tuple[int, str]]:
    """Grid id and path by code, of the grids that ended too, as they were last."""
    rows = db.execute(
        text(
            "SELECT DISTINCT ON (v.code) v.code, v.grid_id, v.path::text FROM grid_version v"
            " WHERE upper_inf(v.recorded) ORDER BY v.code, lower(v.valid) DESC"
        )
    )
    return {code: (grid_id, path) for code, grid_id, path in rows}


def _name_officers(db: Session, district: District, person_ids: Mapping[str, int]) -> None:
    """Name the three officers of each department: handler, policy specialist, leader in charge."""
    officers = ("handler", "policy", "leader")
    db.execute(
        text(
            "UPDATE department SET handler_id = o.handler, policy_id = o.policy, leader_id = o.leader"
            " FROM unnest(CAST(:codes AS text[]), CAST(:handler AS bigint[]), CAST(:policy AS bigint[]),"
            " CAST(:leader AS bigint[])) AS o (code, handler, policy, leader) WHERE department.code = o.code"
        ),
        {
            "codes": district.departments["code"].tolist(),
            **{name: [person_ids.get(login) for login in district.departments[name]] for name in officers},
        },
    )
