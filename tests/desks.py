"""People signed in over areas of the drawn town, and incidents in it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.people.rules import Role
from tests.clients import Browser
from tests.worlds import Town, add_person

LATER = datetime(2026, 1, 1, tzinfo=UTC)


def signed_in(
    app: APIFlask, db: Session, role: Role, path: str, *, area_id: int | None = None, grid_id: int | None = None
) -> Browser:
    """A browser of someone with one role; `person_id` says who."""
    person_id = add_person(db, f"{role.value}-{uuid.uuid4().hex[:8]}")
    db.execute(
        text(
            "INSERT INTO assignment (person_id, role, area_id, grid_id, path, valid)"
            " VALUES (:person, :role, :area, :grid, :path, tstzrange('2020-01-01', NULL))"
        ),
        {"person": person_id, "role": role.value, "area": area_id, "grid": grid_id, "path": path},
    )
    browser = Browser(app, db, person_id)
    browser.person_id = person_id  # type: ignore[attr-defined]
    return browser


def over_all(app: APIFlask, db: Session, town: Town, role: Role = Role.OPERATOR) -> Browser:
    """Someone with a role over the whole district."""
    return signed_in(app, db, role, str(town.district_id), area_id=town.district_id)


def over_south(app: APIFlask, db: Session, town: Town) -> Browser:
    """The desk of the township of E and F."""
    path = south_path(town)
    return signed_in(app, db, Role.TOWNSHIP, path, area_id=int(path.rsplit(".", 1)[-1]))


def south_path(town: Town) -> str:
    """The area path of the township of E and F."""
    return town.area_path("E", "F").rsplit(".", 1)[0]


def in_grid(app: APIFlask, db: Session, town: Town, letter: str) -> Browser:
    """A worker of one grid."""
    return signed_in(app, db, Role.WORKER, town.path_of(letter), grid_id=town.grid_ids[letter])


def add_incident(
    db: Session,
    town: Town,
    letter: str,
    at: tuple[float, float],
    *,
    severity: int = 3,
    state: str = "filed",
    occurred: datetime = LATER,
    due: datetime | None = None,
    closed: datetime | None = None,
    holder: int | None = None,
) -> str:
    """An incident in a grid, as a row alone: no log, no source, no event."""
    key = uuid.uuid4()
    values: dict[str, Any] = {
        "id": key,
        "number": f"T-{key.hex[:12]}",
        "severity": severity,
        "state": state,
        "lon": at[0],
        "lat": at[1],
        "grid": town.grid_ids[letter],
        "path": town.paths[letter],
        "occurred": occurred,
        "due": due,
        "closed": closed,
        "holder": holder,
    }
    db.execute(
        text(
            "INSERT INTO incident (id, number, category, severity, state, source, place, placed, certainty,"
            " grid_version_id, duty_grid_id, path, occurred_at, due_at, closed_at, seq, log_hash, holder_person_id)"
            " SELECT :id, :number, '0101', :severity, :state, 'patrol', ST_SetSRID(ST_MakePoint(:lon, :lat), 4326),"
            " 'inside', 'sure', v.id, :grid, :path, :occurred, :due, :closed, 1, '', :holder"
            " FROM grid_version v WHERE v.grid_id = :grid AND upper_inf(v.valid)"
        ),
        values,
    )
    return str(key)
