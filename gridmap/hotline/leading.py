"""At the second repeat of one caller a leader goes there: named, told, and their department called to the place."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import uuid5

from sqlalchemy.orm import Session

from gridmap.catalogue.pages import local_today
from gridmap.catalogue.rulebook import rulebook_now
from gridmap.database import straight
from gridmap.hotline.repeats import SECOND_REPEAT, tell_once
from gridmap.incidents.actions import StepDraft, act
from gridmap.incidents.escalations import Due
from gridmap.incidents.rules import ENDED, State
from gridmap.incidents.steps import STEP_OF
from gridmap.language import DEFAULT_LOCALE, N_, translate
from gridmap.outbox.rules import Said, ToDepartment, ToPerson, ToRole
from gridmap.people.rights import Role
from gridmap.people.rules import is_below, system_actor
from gridmap.system.audit import Doer
from gridmap.whistles.actions import WhistleDraft, whistle

_NOW: Final = """
    SELECT i.number, i.path::text AS path, i.category, i.state, i.holder_department_id, i.occurred_at,
        i.place IS NOT NULL AS placed FROM incident i WHERE i.id = %(id)s
"""
# A leader who works nowhere in the register cannot take part; whistle and notice alone reach them.
_LED: Final = """
    SELECT d.id, d.code, d.leader_id, d.ended_at, a.path::text AS path, p.name AS leader_name,
        EXISTS (SELECT FROM assignment a WHERE a.person_id = d.leader_id
            AND a.valid @> CAST(%(at)s AS timestamptz)
            AND a.role IN ('chief', 'worker', 'department', 'township', 'operator')) AS works,
        EXISTS (SELECT FROM party p WHERE p.incident_id = %(incident)s AND p.person_id = d.leader_id
            AND p.valid @> CAST(%(at)s AS timestamptz)) AS takes_part,
        EXISTS (SELECT FROM whistle_call c WHERE c.incident_id = %(incident)s AND c.department_id = d.id
            AND c.refused_at IS NULL AND c.outcome_at IS NULL) AS called
    FROM department d JOIN area a ON a.id = d.area_id LEFT JOIN person p ON p.id = d.leader_id WHERE d.id = %(id)s
"""
_NAMED: Final = N_("Second repeat: %(leader)s goes there in person, then somebody calls back.")
_UNNAMED: Final = N_("Second repeat: a leader goes there in person, then somebody calls back.")


def send_leader(db: Session, due: Due, at: datetime) -> None:
    """
    Call the department whose duty it is to the place, its leader by name; the desk hears of it, too.

    Where there is nobody to call, or no place to come to, the notices alone say it.
    """
    (row,) = straight(db, _NOW, {"id": due.incident_id})
    led = _led(db, row, due, at)
    targets: list[ToPerson | ToDepartment | ToRole] = [ToRole(Role.OPERATOR.value, row.path)]
    if led is not None:
        targets.append(ToDepartment(led.id) if led.leader_id is None else ToPerson(led.leader_id))
        _add_leader(db, row, led, due, at)
        _call(db, row, led, due, at)
    subject = Said(N_("Second repeat of incident %(number)s: a leader goes there"), {"number": row.number})
    body = Said(N_("The same caller called for the third time about the same matter. Go to the place, then call back."))
    tell_once(db, targets, subject, body, due, at)


def _led(db: Session, row: Any, due: Due, at: datetime) -> Any | None:
    """The department that has the matter, or else should have it, with its leader."""
    department = row.holder_department_id
    if department is None:
        day = local_today(db, row.occurred_at)
        department = rulebook_now(db).route(row.category, row.path, day).owner_department_id
    if department is None:
        return None
    return straight(db, _LED, {"id": department, "incident": due.incident_id, "at": at})[0]


def _add_leader(db: Session, row: Any, led: Any, due: Due, at: datetime) -> None:
    if led.works and not led.takes_part and State(row.state) in STEP_OF["add_party"].origins:
        told = {"person": led.leader_id, "role": "member"}
        draft = StepDraft(uuid5(due.incident_id, SECOND_REPEAT), "add_party", arguments=told)
        act(db, system_actor(Doer(None, "system")), due.incident_id, draft, at)


def _call(db: Session, row: Any, led: Any, due: Due, at: datetime) -> None:
    """Whistle for the department, with its clocks; one that was called and has not answered yet is not called again."""
    over = State(row.state) in ENDED
    if over or not row.placed or led.called or led.ended_at is not None or not is_below(row.path, led.path):
        return
    # The log is written in one language, as what people write into it.
    said = _UNNAMED if led.leader_name is None else _NAMED
    note = translate(said, DEFAULT_LOCALE, leader=led.leader_name)
    draft = WhistleDraft(uuid5(due.incident_id, f"{SECOND_REPEAT}:{due.n}"), due.incident_id, (led.code,), note=note)
    whistle(db, system_actor(Doer(None, "system")), draft, at)
