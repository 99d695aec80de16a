"""A grid whistles: departments are called to a place, each with its time to answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.errors import Conflict, Invalid, NotAllowed, NotFound
from gridmap.incidents import taking
from gridmap.incidents.escalations import schedule
from gridmap.incidents.merging import family_of
from gridmap.incidents.queries import held_thing
from gridmap.language import N_
from gridmap.people.rules import Actor, can, is_below
from gridmap.system.receipts import claim, content_digest
from gridmap.whistles import chronicle
from gridmap.whistles.chronicle import Held
from gridmap.whistles.rules import MOST_CALLED, silence_number
from gridmap.whistles.telling import tell_called
from gridmap.whistles.terms import Term, terms_of

SILENT: Final = "whistle_silent"
LATE: Final = "whistle_late"


@dataclass(frozen=True)
class Spot:
    """A place: longitude and latitude in degrees, WGS 84, and the error of the position in metres, where known."""

    lon: float
    lat: float
    error_m: float | None = None

    @property
    def told(self) -> dict[str, float]:
        """The same as JSON."""
        error = {} if self.error_m is None else {"error_m": self.error_m}
        return {"lon": self.lon, "lat": self.lat, **error}


@dataclass(frozen=True)
class WhistleDraft:
    """
    A whistle that somebody wants to blow.

    Attributes
    ----------
    id
        Made by the sender: the same id calls once.
    departments
        Codes of those called, 1 to 8.
    place
        Where to; None is where the incident is.
    note
        What is wanted there.
    """

    id: UUID
    incident_id: UUID
    departments: tuple[str, ...]
    place: Spot | None = None
    note: str | None = None

    @property
    def content(self) -> dict[str, Any]:
        """What a receipt commits to."""
        return {
            "incident": str(self.incident_id),
            "departments": list(self.departments),
            "place": None if self.place is None else self.place.told,
            "note": self.note,
        }


def whistle(db: Session, actor: Actor, draft: WhistleDraft, at: datetime) -> bool:
    """
    Call departments to a place for an incident; True if they were called now, False if the same id called before.

    Parameters
    ----------
    at
        Our clock.

    Raises
    ------
    NotFound, NotAllowed
        If the incident is not in the actor's scope, or is there and calling for it is for others.
    Conflict
        If it has ended, or a department was called for it already and has not answered yet.
    Invalid
        If a department is unknown, ended or answers elsewhere, or there is no place to come to in the district.
    """
    held = _held(db, actor, draft.incident_id, at)
    if not claim(db, "whistle", [(draft.id, content_digest(draft.content))], at):
        return False
    held.require_open()
    called = _departments(db, held, draft.departments)
    spot = _place_of(db, held) if draft.place is None else _inside(db, draft.place)
    terms = terms_of(db, held.row.severity, held.at, "acknowledge", "arrive")
    straight(
        db,
        "INSERT INTO whistle (id, incident_id, place, called_by, role, at) VALUES (%(id)s, %(incident)s,"
        " ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), %(by)s, %(role)s, %(at)s)",
        {"id": draft.id, "incident": held.row.id, "lon": spot.lon, "lat": spot.lat, "by": actor.id,
         "role": actor.doer.role, "at": held.at},
    )  # fmt: skip
    for department in called:
        _call(db, held, draft, department, spot, terms)
    return True


def _held(db: Session, actor: Actor, incident_id: UUID, at: datetime) -> Held:
    held = chronicle.hold(db, incident_id, actor, at)
    if can(actor, "incident.read", held_thing(actor, held.row)) is None:
        raise NotFound(N_("There is no such incident, or it is not yours to see."))
    if can(actor, "whistle.call", held_thing(actor, held.row, acting=True)) is None:
        raise NotAllowed(N_("You may see this incident; departments are called by the chief or the desk above."))
    return held


_DEPARTMENTS: Final = """
    SELECT d.id, d.code, d.ended_at, a.path::text AS path,
        EXISTS (SELECT FROM whistle_call c WHERE c.incident_id = ANY(%(incidents)s) AND c.department_id = d.id
            AND c.refused_at IS NULL AND c.outcome_at IS NULL) AS waits
    FROM department d JOIN area a ON a.id = d.area_id WHERE d.code = ANY(%(codes)s)
"""


def _departments(db: Session, held: Held, codes: Sequence[str]) -> list[Any]:
    if not 0 < len(codes) <= MOST_CALLED or len(set(codes)) < len(codes):
        raise Invalid(N_("Call 1 to %(most)s departments, each once."), where="/departments", most=MOST_CALLED)
    rows = straight(db, _DEPARTMENTS, {"incidents": family_of(db, held.row.id), "codes": list(codes)})
    known = {row.code: row for row in rows}
    for n, code in enumerate(codes):
        where, row = f"/departments/{n}", known.get(code)
        if row is None:
            raise Invalid(N_("There is no department %(code)s."), where=where, code=code)
        if row.ended_at is not None:
            raise Invalid(N_("Department %(code)s answers for nothing new any more."), where=where, code=code)
        if not is_below(held.row.path, row.path):
            raise Invalid(N_("Department %(code)s does not answer for this place."), where=where, code=code)
        if row.waits:
            raise Conflict(
                N_("Department %(code)s was called for incident %(number)s already, and has not told an outcome yet."),
                code=code,
                number=held.row.number,
            )
    return [known[code] for code in codes]


def _place_of(db: Session, held: Held) -> Spot:
    (row,) = straight(
        db, "SELECT ST_X(place) AS lon, ST_Y(place) AS lat FROM incident WHERE id = %(id)s", {"id": held.row.id}
    )
    if row.lon is None:
        raise Invalid(N_("This incident has no place yet. Say where the departments shall come to."), where="/place")
    return Spot(row.lon, row.lat)


def _inside(db: Session, spot: Spot) -> Spot:
    """A place that somebody chose, if one of the grids of today holds it."""
    holds = (
        "SELECT 1 FROM grid_version WHERE upper_inf(valid) AND upper_inf(recorded)"
        " AND ST_Covers(shape, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)) LIMIT 1"
    )
    if not straight(db, holds, {"lon": spot.lon, "lat": spot.lat}):
        raise Invalid(N_("This place lies in no grid of the district."), where="/place")
    return spot


def _call(db: Session, held: Held, draft: WhistleDraft, department: Any, spot: Spot, terms: dict[Any, Term]) -> None:
    acknowledge, arrive = terms["acknowledge"], terms["arrive"]
    due = {"acknowledge_due_at": acknowledge.due_at, "arrive_due_at": arrive.due_at}
    told = {
        "whistle": str(draft.id),
        "department": department.code,
        "place": spot.told,
        **{name: None if value is None else value.isoformat() for name, value in due.items()},
    }
    # Who is called takes part: it may read the incident.
    party = {"department_id": department.id, "person_id": None, "role": "assist", "until": None}
    seq = held.write("whistle", uuid5(draft.id, department.code), told, more={"party": party}, note=draft.note)
    taking.add_party(db, held.row.id, seq, department.id, None, "assist", held.at, None)
    straight(
        db,
        "INSERT INTO whistle_call (whistle_id, department_id, incident_id, seq, acknowledge_due_at, arrive_due_at,"
        " explained) SELECT w, d, i, s, a, r, e FROM jsonb_to_record(CAST(%(row)s AS jsonb)) AS"
        " x(w uuid, d bigint, i uuid, s bigint, a timestamptz, r timestamptz, e jsonb)",
        {"row": json.dumps({"w": str(draft.id), "d": department.id, "i": str(held.row.id), "s": seq,
                       "a": told["acknowledge_due_at"], "r": told["arrive_due_at"],
                       "e": {"acknowledge": list(acknowledge.explained), "arrive": list(arrive.explained)}})},
    )  # fmt: skip
    if acknowledge.due_at is not None:
        schedule(db, held.row.id, SILENT, silence_number(seq, 1), acknowledge.due_at)
    if arrive.due_at is not None:
        schedule(db, held.row.id, LATE, seq, arrive.due_at)
    tell_called(db, held.row, department.id, acknowledge.due_at, f"{draft.id}:{department.code}", held.at)
