"""The drawn town with homes, sites, a street and people who answer, for what is printed of it."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.worlds import BOTTOM, FOUNDED, LEFT, SIDE, SRID, Town, add_person

PHONES = {"chief": "13800000001", "worker": "13800000002", "township": "13800000003", "department": "13800000004"}
NAMES = {"chief": "赵网格", "worker": "钱专职", "township": "孙派遣", "department": "李经办"}


def add_site(
    db: Session,
    town: Town,
    letter: str,
    kind: str,
    name: str,
    at: tuple[float, float],
    *,
    households: int = 0,
    storeys: int | None = None,
    since: datetime = FOUNDED,
    until: datetime | None = None,
    name_en: str | None = None,
) -> None:
    """A site of 20 by 12 metres; a hazard is a point."""
    x, y = LEFT + at[0] * SIDE, BOTTOM + at[1] * SIDE
    shape = shapely.Point(x, y) if kind == "hazard_point" else shapely.box(x - 10, y - 6, x + 10, y + 6)
    db.execute(
        text(
            "INSERT INTO site (id, kind, name, names, shape, grid_id, path, households, storeys, valid) VALUES"
            " (:id, :kind, :name, :names, ST_Transform(ST_GeomFromText(:wkt, :srid), 4326), :grid, :path, :households,"
            " :storeys, tstzrange(:since, :until))"
        ),
        {
            "id": uuid.uuid4(), "kind": kind, "name": name, "names": json.dumps({"en": name_en} if name_en else {}),
            "wkt": shape.wkt, "srid": SRID, "grid": town.grid_ids[letter], "path": town.paths[letter],
            "households": households, "storeys": storeys, "since": since, "until": until,
        },
    )  # fmt: skip


def add_street(db: Session, name: str, *points: tuple[float, float]) -> None:
    """A street along places of the drawing."""
    line = shapely.LineString([(LEFT + x * SIDE, BOTTOM + y * SIDE) for x, y in points])
    db.execute(
        text(
            "INSERT INTO way (kind, rank, name, line) VALUES ('street', 2, :name,"
            " ST_Transform(ST_GeomFromText(:wkt, :srid), 4326))"
        ),
        {"name": name, "wkt": line.wkt, "srid": SRID},
    )


def appoint(db: Session, town: Town, role: str, letter: str = "A", **said: Any) -> int:
    """Somebody who answers for a grid: in it, in its township's office, or in a department of the district."""
    person = add_person(db, f"{role}-{uuid.uuid4().hex[:8]}", said.get("name", NAMES[role]))
    db.execute(text("UPDATE person SET phone = :phone WHERE id = :id"), {"phone": PHONES[role], "id": person})
    path = town.paths[letter]
    area, grid, department = None, town.grid_ids[letter], None
    if role == "township":
        path, grid = path.rsplit(".", 2)[0], None
        area = int(path.rsplit(".", 1)[-1])
    if role == "department":
        path, grid = str(town.district_id), None
        department = db.scalar(
            text("INSERT INTO department (code, area_id, name, handler_id) VALUES ('urban', :area, '城管局', :who)"
                 " RETURNING id"),
            {"area": town.district_id, "who": person},
        )  # fmt: skip
    db.execute(
        text(
            "INSERT INTO assignment (person_id, role, post, area_id, grid_id, department_id, path, valid) VALUES"
            " (:who, :role, :post, :area, :grid, :department, :path, tstzrange(:since, :until))"
        ),
        {
            "who": person, "role": role, "post": said.get("post"), "area": area, "grid": grid,
            "department": department, "path": path, "since": said.get("since", FOUNDED), "until": said.get("until"),
        },
    )  # fmt: skip
    return person


def furnish(db: Session, town: Town) -> None:
    """Homes and sites in A, one in B, a street between A and B, and everybody who answers for A."""
    for number in (1, 2, 3):
        add_site(db, town, "A", "building", f"清河小区{number}号楼", (0.2 * number, 2.5), households=20, storeys=6,
                 name_en=f"Qinghe Estate {number}")  # fmt: skip
    add_site(db, town, "A", "enterprise", "永安 <b>五金厂</b>", (0.5, 2.2), storeys=2)
    add_site(db, town, "A", "hazard_point", "化粪池", (0.7, 2.7))
    add_site(db, town, "B", "enterprise", "邻家超市", (1.3, 2.5), storeys=1)
    add_street(db, "人民路", (1, 1), (1, 3))
    for role in PHONES:
        appoint(db, town, role, post="full-time" if role == "worker" else None)
