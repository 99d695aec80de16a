"""A district small enough to draw, for tests that need places."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.crs import to_lonlat
from gridmap.grids.actions import import_areas
from gridmap.grids.drafts import AreaDraft, GridDraft
from gridmap.grids.publishing import publish_coverage
from gridmap.people.rules import Actor, Grant, Role
from gridmap.system.audit import Doer

SRID = 4547
LEFT, BOTTOM, SIDE = 518000.0, 3954000.0, 500.0
FOUNDED = datetime(2025, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)

#   north township 001                 south township 002
#   +------+------+   community 001    The middle row belongs to the north, too; each square is 500 m.
#   |  A   |  B   |   of the north
#   +------+------+   community 002    Codes: 990106 + township + community + sequence.
#   |  C   |  D   |   of the north
#   +------+------+
#   |  E   |  F   |   community 001 of the south
#   +------+------+
SQUARES = {
    "A": ("990106001001001", 0, 2),
    "B": ("990106001001002", 1, 2),
    "C": ("990106001002001", 0, 1),
    "D": ("990106001002002", 1, 1),
    "E": ("990106002001001", 0, 0),
    "F": ("990106002001002", 1, 0),
}
CODE = {letter: code for letter, (code, _, _) in SQUARES.items()}

AREAS = [
    AreaDraft("990106", None, "district", "淇水区", {"en": "Qishui"}),
    AreaDraft("990106001", "990106", "township", "北镇", {"en": "North"}),
    AreaDraft("990106002", "990106", "township", "南镇", {"en": "South"}),
    AreaDraft("990106001001", "990106001", "community", "清河", {"en": "Qinghe"}),
    AreaDraft("990106001002", "990106001", "community", "玉兰", {"en": "Yulan"}),
    AreaDraft("990106002001", "990106002", "community", "向阳", {"en": "Xiangyang"}),
]


def square(column: int, row: int) -> shapely.Polygon:
    """One grid's square in the working CRS."""
    x, y = LEFT + column * SIDE, BOTTOM + row * SIDE
    return shapely.Polygon([(x, y), (x + SIDE, y), (x + SIDE, y + SIDE), (x, y + SIDE)])


def point(column: float, row: float) -> tuple[float, float]:
    """Longitude and latitude of a place in the drawing, in sides from its lower left corner."""
    lon, lat = to_lonlat(LEFT + column * SIDE, BOTTOM + row * SIDE, SRID)
    return round(float(lon), 9), round(float(lat), 9)


def grid_drafts() -> list[GridDraft]:
    """The six grids as drawn."""
    return [
        GridDraft(code, f"网格 {letter}", "urban", code[:12], 400, square(column, row), {"en": f"Grid {letter}"})
        for letter, (code, column, row) in SQUARES.items()
    ]


@dataclass(frozen=True)
class Town:
    """The drawn district in a database."""

    district_id: int
    grid_ids: dict[str, int]
    paths: dict[str, str]

    def path_of(self, letter: str) -> str:
        """The area path of a grid."""
        return self.paths[letter]

    def area_path(self, *letters: str) -> str:
        """The path of the smallest area that holds these grids."""
        split = [self.paths[letter].split(".")[:-1] for letter in letters]
        shared = [labels[0] for labels in zip(*split, strict=False) if len(set(labels)) == 1]
        return ".".join(shared)


def build_town(db: Session) -> Town:
    """Import the areas and publish the first edition."""
    district_id = import_areas(db, AREAS, srid=SRID, time_zone="Asia/Shanghai", code_scheme="gb15", valid_from=FOUNDED)
    publish_coverage(db, district_id, grid_drafts(), base_edition=0, effective_at=FOUNDED)
    db.execute(
        text(
            "INSERT INTO category (code, name, names, severity) VALUES ('0101', '井盖缺失', :manhole, 2),"
            " ('0201', '暴露垃圾', :litter, 3), ('0301', '消防通道占用', :fire, 2)"
        ),
        {
            "manhole": json.dumps({"en": "Manhole open"}),
            "litter": json.dumps({"en": "Litter"}),
            "fire": json.dumps({"en": "Fire lane blocked"}),
        },
    )
    rows = db.execute(text("SELECT code, grid_id, path::text FROM grid_version WHERE upper_inf(valid)")).all()
    letter_of = {code: letter for letter, code in CODE.items()}
    return Town(
        district_id,
        {letter_of[code]: grid_id for code, grid_id, _ in rows},
        {letter_of[code]: path for code, _, path in rows},
    )


def add_person(db: Session, login: str, name: str = "陈立民") -> int:
    """A person without any role."""
    return db.scalar(
        text("INSERT INTO person (login, name) VALUES (:login, :name) RETURNING id"), {"login": login, "name": name}
    )


def person(db: Session, role: Role, path: str, *, grid_id: int | None = None, area_id: int | None = None) -> Actor:
    """A person with one role over a path, as the policy sees them."""
    person_id = add_person(db, f"{role.value}-{uuid.uuid4().hex[:8]}")
    grants = (Grant(role, path, area_id=area_id, grid_id=grid_id),)
    return Actor("person", person_id, "x", "陈立民", "zh-CN", grants, Doer(person_id, role.value, "127.0.0.1", "test"))


def add_device(db: Session, town: Town, code: str, letter: str, at: tuple[float, float], kind: str = "camera") -> int:
    """A device in a grid, standing at a place since the town was founded."""
    device_id: int = db.scalar(
        text(
            "INSERT INTO device (code, kind, name, grid_id, path) VALUES (:code, :kind, :code, :grid, :path)"
            " RETURNING id"
        ),
        {"code": code, "kind": kind, "grid": town.grid_ids[letter], "path": town.paths[letter]},
    )
    db.execute(
        text(
            "INSERT INTO device_pose (device_id, valid, place) VALUES (:id, tstzrange(:since, NULL),"
            " ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))"
        ),
        {"id": device_id, "since": FOUNDED, "lon": at[0], "lat": at[1]},
    )
    return device_id


def device_actor(device_id: int, code: str, path: str) -> Actor:
    """A device as the policy sees it."""
    return Actor("device", device_id, code, code, "en", (Grant(Role.DEVICE, path),), Doer(None, "device"))


def letters_of(town: Town, grid_ids: Sequence[int]) -> str:
    """Grid ids as letters of the drawing."""
    by_id = {grid_id: letter for letter, grid_id in town.grid_ids.items()}
    return "".join(sorted(by_id[grid_id] for grid_id in grid_ids))
