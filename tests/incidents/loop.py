"""The people of a drawn town who take an incident through its steps."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.grids.locating import Told
from gridmap.incidents.actions import StepDraft, act
from gridmap.incidents.opening import open_for_reports
from gridmap.people.rules import Actor, Grant, Role
from gridmap.reports.actions import ReportDraft, receive_reports
from gridmap.system.audit import Doer
from tests.worlds import NOON, Town, add_person, person, point

HOUR = timedelta(hours=1)
REASON = {"return": "not-ours", "escalate": "overdue", "suspend": "season", "ask_suspend": "season",
                   "extend": "weather", "ask_extend": "weather", "refuse": "not-justified", "rework": "not-solved",
                   "reject": "false-alarm", "reopen": "dissatisfied"}  # fmt: skip


@dataclass
class Loop:
    """A town with its desks, the people of grid A, and departments: `urban` of the district, `north` of a township."""

    db: Session
    town: Town
    actors: dict[str, Actor]
    departments: dict[str, int]

    def __getattr__(self, name: str) -> Actor:
        if name not in self.actors:
            raise AttributeError(name)
        return self.actors[name]

    def incident(
        self, source: str = "patrol", *, category: str = "0201", at=NOON, where=(0.5, 2.5), by="operator"
    ) -> UUID:
        """Something that was told of, in grid A unless said otherwise."""
        said = {"n": uuid.uuid4().hex}
        draft = ReportDraft(uuid.uuid4(), source, category, "垃圾", Told(*point(*where), error_m=8), None, at, said)
        stored = receive_reports(self.db, self.actors[by], [draft], at)
        return open_for_reports(self.db, self.actors[by], stored, at)[draft.id].id

    def step(self, who: str, incident: UUID, name: str, at=NOON, *, told=None, **said) -> bool:
        """Let somebody take a step."""
        said.setdefault("reason", REASON.get(name))
        draft = StepDraft(uuid.uuid4(), name, arguments=told or {}, **said)
        return act(self.db, self.actors[who], incident, draft, at)

    def row(self, incident: UUID):
        """The incident as it stands."""
        return self.db.execute(text("SELECT * FROM incident WHERE id = :id"), {"id": incident}).one()

    def clocks(self, incident: UUID) -> dict[str, object]:
        """Its clocks that run, by stage."""
        rows = self.db.execute(
            text("SELECT * FROM clock WHERE incident_id = :id AND stopped_at IS NULL"), {"id": incident}
        )
        return {row.stage: row for row in rows}


def build_loop(db: Session, town: Town) -> Loop:
    """Give the town its people."""
    north, grid = town.area_path("A", "D"), {"grid_id": town.grid_ids["A"]}
    north_id = int(north.rsplit(".", 1)[-1])
    departments = {}
    for code, area in (("urban", town.district_id), ("north", north_id)):
        departments[code] = db.scalar(
            text("INSERT INTO department (code, area_id, name, names) VALUES (:code, :area, :code, '{}') RETURNING id"),
            {"code": code, "area": area},
        )
    actors = {
        "operator": person(db, Role.OPERATOR, str(town.district_id), area_id=town.district_id),
        "second": person(db, Role.OPERATOR, str(town.district_id), area_id=town.district_id),
        "township": person(db, Role.TOWNSHIP, north, area_id=north_id),
        "chief": person(db, Role.CHIEF, town.path_of("A"), **grid),
        "worker": person(db, Role.WORKER, town.path_of("A"), **grid),
        "colleague": person(db, Role.WORKER, town.path_of("A"), **grid),
        "stranger": person(db, Role.WORKER, town.path_of("F"), grid_id=town.grid_ids["F"]),
        "urban": _clerk(db, departments["urban"], str(town.district_id)),
        "bureau": _clerk(db, departments["north"], north),
        "supervisor": person(db, Role.SUPERVISOR, str(town.district_id), area_id=town.district_id),
    }
    for actor in actors.values():
        _assign(db, actor)
    return Loop(db, town, actors, departments)


def _clerk(db: Session, department: int, path: str) -> Actor:
    key = add_person(db, f"clerk-{uuid.uuid4().hex[:8]}")
    grants = (Grant(Role.DEPARTMENT, path, department_id=department),)
    return Actor("person", key, "x", "陈立民", "zh-CN", grants, Doer(key, "department", "127.0.0.1", "test"))


def _assign(db: Session, actor: Actor) -> None:
    (grant,) = actor.grants
    db.execute(
        text(
            "INSERT INTO assignment (person_id, role, area_id, grid_id, department_id, path, valid)"
            " VALUES (:person, :role, :area, :grid, :department, CAST(:path AS ltree), tstzrange(:since, NULL))"
        ),
        {"person": actor.id, "role": grant.role.value, "area": grant.area_id, "grid": grant.grid_id,
         "department": grant.department_id, "path": grant.path, "since": NOON - 1000 * HOUR},
    )  # fmt: skip
