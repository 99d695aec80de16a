"""The drawn town with people, houses and open work in it, and plans that are drawn, approved and published there."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.coverage.edit import HandOver, Merge, Split
from geodata.crs import shapes_to_lonlat
from gridmap.grids.locating import Told
from gridmap.grids.publishing import wait_for_turn
from gridmap.incidents.opening import open_for_reports
from gridmap.people.rules import Actor, Role, system_actor
from gridmap.planning.actions import PlanDraft, begin_plan
from gridmap.planning.checking import check
from gridmap.planning.drafting import draft_of
from gridmap.planning.editing import apply_edit
from gridmap.planning.notes import give_reason
from gridmap.planning.publishing import Published, publish_due
from gridmap.planning.steps import approve, submit
from gridmap.reports.actions import ReportDraft, receive_reports
from gridmap.system.audit import Doer
from tests.worlds import BOTTOM, CODE, FOUNDED, LEFT, NOON, SIDE, SRID, Town, add_device, build_town, person, point

HOUR = timedelta(hours=1)
CLOCK = Doer(None, "system")
ANYONE = system_actor(CLOCK)


@dataclass(frozen=True)
class Street:
    """The town, two planners of the whole district, and the chief of each grid."""

    town: Town
    author: Actor
    other: Actor
    chiefs: dict[str, int]


def build_street(db: Session) -> Street:
    """Ten houses of 40 households and a chief in each grid, a camera in A, in the middle of its east half."""
    town = build_town(db)
    for letter in CODE:
        _add_houses(db, town, letter)
    add_device(db, town, "cam-1", "A", point(0.75, 2.5))
    planners = [
        person(db, Role.PLANNER, str(town.district_id), area_id=town.district_id) for _ in ("author", "approver")
    ]
    return Street(town, *planners, chiefs={letter: add_staff(db, town, letter, "chief") for letter in CODE})


def add_staff(db: Session, town: Town, letter: str, role: str, since: datetime = FOUNDED) -> int:
    """Somebody who answers for a grid; gives the id of the person."""
    person_id: int = db.scalar(
        text("INSERT INTO person (login, name) VALUES (:login, :login) RETURNING id"),
        {"login": f"{role}-{letter.lower()}-{uuid.uuid4().hex[:6]}"},
    )
    db.execute(
        text(
            "INSERT INTO assignment (person_id, role, grid_id, path, valid)"
            " VALUES (:person, :role, :grid, :path, tstzrange(:since, NULL))"
        ),
        {
            "person": person_id,
            "role": role,
            "grid": town.grid_ids[letter],
            "path": town.paths[letter],
            "since": since,
        },
    )
    return person_id


def _add_houses(db: Session, town: Town, letter: str) -> None:
    """Five in the west half of the square, five in the east."""
    column, row = {"A": (0, 2), "B": (1, 2), "C": (0, 1), "D": (1, 1), "E": (0, 0), "F": (1, 0)}[letter]
    west, south = LEFT + column * SIDE, BOTTOM + row * SIDE
    footprints = [
        shapely.box(west + x, south + y, west + x + 20, south + y + 20)
        for x in (100, 380)
        for y in (50, 130, 210, 290, 370)
    ]
    db.execute(
        text(
            "INSERT INTO site (id, kind, name, shape, grid_id, path, households, valid) VALUES (:id, 'building', :name,"
            " ST_GeomFromWKB(:shape, 4326), :grid, :path, 40, tstzrange(:since, NULL))"
        ),
        [
            {
                "id": uuid.uuid4(),
                "name": f"{letter}{n}",
                "shape": shapely.to_wkb(shape),
                "grid": town.grid_ids[letter],
                "path": town.paths[letter],
                "since": FOUNDED,
            }
            for n, shape in enumerate(shapes_to_lonlat(footprints, SRID))
        ],
    )


def open_incident(db: Session, at: tuple[float, float], when: datetime = NOON) -> UUID:
    """A patrol's report at a place in the drawing; gives the id of its incident."""
    told = Told(*point(*at), error_m=3.0)
    draft = ReportDraft(uuid.uuid4(), "patrol", "0201", "垃圾", told, None, when, {"n": uuid.uuid4().hex})
    stored = receive_reports(db, ANYONE, [draft], when)
    return open_for_reports(db, ANYONE, stored, when)[draft.id].id


def halved(letter: str = "A", new: str = "new-1") -> Split:
    """A grid divided from north to south down its middle."""
    column, row = {"A": (0, 2), "B": (1, 2), "C": (0, 1), "D": (1, 1), "E": (0, 0), "F": (1, 0)}[letter]
    x, y = LEFT + (column + 0.5) * SIDE, BOTTOM + row * SIDE
    return Split(CODE[letter], ((x, y - 5), (x, y + SIDE + 5)), (new,))


def merged(*letters: str) -> Merge:
    """Grids made one; the first of equals keeps its id."""
    return Merge(tuple(CODE[letter] for letter in letters))


def strip(source: str, target: str) -> HandOver:
    """The eastern 120 m of a grid of the western column for its eastern neighbour: five of its ten houses."""
    row = {"A": 2, "C": 1, "E": 0}[source]
    x, y = LEFT + SIDE, BOTTOM + row * SIDE
    ring = ((x - 150, y), (x, y), (x, y + SIDE), (x - 150, y + SIDE), (x - 150, y))
    return HandOver(CODE[source], CODE[target], ring)


def drawn(db: Session, author: Actor, *edits: Any, at: datetime = NOON) -> UUID:
    """A plan with some edits."""
    plan_id = uuid.uuid4()
    begin_plan(db, author, PlanDraft(plan_id, "东边一条街"), at)
    for edit in edits:
        apply_edit(db, author, plan_id, uuid.uuid4(), edit, at)
    return plan_id


def explain(db: Session, author: Actor, plan_id: UUID, at: datetime = NOON) -> None:
    """Give a reason for everything that the check asks about."""
    for finding in check(db, draft_of(db, plan_id), at).unexplained:
        give_reason(db, author, plan_id, uuid.uuid4(), finding.key, "先这样", at)


def approved(db: Session, street: Street, *edits: Any, at: datetime = NOON, hour: datetime | None = None) -> UUID:
    """A plan that was drawn, submitted, and approved by the other planner."""
    plan_id = drawn(db, street.author, *edits, at=at)
    explain(db, street.author, plan_id, at)
    submit(db, street.author, plan_id, uuid.uuid4(), at)
    approve(db, street.other, plan_id, uuid.uuid4(), at, hour)
    return plan_id


def published(db: Session, street: Street, *edits: Any, at: datetime = NOON) -> int:
    """The number of the edition that some edits made."""
    turned = turn(db, approved(db, street, *edits, at=at), at + HOUR)
    assert turned is not None
    assert turned.edition is not None, turned.sentence
    return turned.edition


def turn(db: Session, plan_id: UUID, at: datetime) -> Published | None:
    """What the job does at the hour."""
    wait_for_turn(db)
    return publish_due(db, CLOCK, plan_id, at)


def rows(db: Session, statement: str, **values: Any) -> Sequence[Any]:
    """The rows of a question, as plain tuples."""
    return [tuple(row) for row in db.execute(text(statement), values)]
