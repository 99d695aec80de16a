"""Who is told of a step, or of a time that is over: a notice on their screen, written with the step itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.incidents.escalations import Due
from gridmap.language import N_
from gridmap.outbox.actions import send
from gridmap.outbox.rules import Said, ToDepartment, ToPerson, ToRole
from gridmap.people.rights import Role

_BODY: Final = N_("%(category)s. Due: %(due)s.")
_NO_DUE: Final = N_("%(category)s.")
_UNNAMED: Final = {"zh-CN": "未分类", "en": "No class yet"}

_TO_HOLDER: Final[Mapping[str, str]] = {
    "dispatch": N_("Incident %(number)s was dispatched to you"),
    "ask_verification": N_("Incident %(number)s waits for you to verify it"),
    "rework": N_("Incident %(number)s came back to you for rework"),
    "suspend": N_("Incident %(number)s is suspended"),
    "resume": N_("Incident %(number)s goes on"),
    "extend": N_("Incident %(number)s has more time"),
    "refuse": N_("What you asked for incident %(number)s was refused"),
}
_TO_DESK: Final[Mapping[str, str]] = {
    "return": N_("Incident %(number)s was returned"),
    "escalate": N_("Incident %(number)s was handed up to you"),
    "ask_help": N_("Help is asked for with incident %(number)s"),
    "ask_suspend": N_("A suspension is asked for: incident %(number)s"),
    "ask_extend": N_("More time is asked for: incident %(number)s"),
    "handle": N_("Incident %(number)s is handled and waits for its check"),
    "reopen": N_("Incident %(number)s was reopened"),
}
_OVERDUE: Final = N_("Incident %(number)s is overdue: %(stage)s")
_RECOUNTED: Final = N_("Incident %(number)s: the calendar has come, and the deadline was worked out anew")

_NOW: Final = """
    SELECT i.number, i.path::text AS path, i.level, i.due_at, i.holder_department_id, i.holder_person_id,
        jsonb_build_object('zh-CN', c.name) || coalesce(c.names, '{}') AS category
    FROM incident i LEFT JOIN category c ON c.code = i.category WHERE i.id = %(id)s
"""


def tell_of_step(db: Session, step: str, incident_id: Any, step_id: Any, at: datetime) -> None:
    """Tell who has it in hand, or who has to decide, of a step; most steps are told to nobody."""
    if step not in _TO_HOLDER and step not in _TO_DESK:
        return
    (row,) = straight(db, _NOW, {"id": incident_id})
    holders = _holders(row)
    if step in _TO_DESK or not holders:
        _send(db, row, [_desk(row)], _TO_DESK.get(step) or _TO_HOLDER[step], {}, step, incident_id, f"{step_id}", at)
    else:
        _send(db, row, holders, _TO_HOLDER[step], {}, step, incident_id, f"{step_id}", at)


def tell_of_overdue(db: Session, due: Due, at: datetime) -> None:
    """Tell who has it in hand, and the desk above, that the time of a stage is over."""
    (row,) = straight(db, _NOW, {"id": due.incident_id})
    stage = due.kind.removesuffix("_overdue")
    key = f"{due.kind}:{due.incident_id}:{due.n}"
    values = {"stage": _STAGE_NAMES[stage]}
    _send(db, row, [*_holders(row), _desk(row)], _OVERDUE, values, "overdue", due.incident_id, key, at)


def tell_of_recount(db: Session, incident_id: Any, step_id: Any, at: datetime) -> None:
    """Tell who has it in hand that its deadline is another one; the desks see it in their queues."""
    (row,) = straight(db, _NOW, {"id": incident_id})
    _send(db, row, _holders(row), _RECOUNTED, {}, "recount", incident_id, f"{step_id}", at)


_STAGE_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "contact": {"zh-CN": "首次联系", "en": "first contact"},
    "verify": {"zh-CN": "核实", "en": "verification"},
    "file": {"zh-CN": "立案", "en": "filing"},
    "dispatch": {"zh-CN": "派遣", "en": "dispatch"},
    "accept": {"zh-CN": "接收", "en": "acceptance"},
    "handle": {"zh-CN": "处理", "en": "handling"},
    "check": {"zh-CN": "核查", "en": "the check"},
    "close": {"zh-CN": "结案", "en": "closing"},
}


def _holders(row: Any) -> list[ToPerson | ToDepartment | ToRole]:
    if row.holder_person_id is not None:
        return [ToPerson(row.holder_person_id)]
    if row.holder_department_id is not None:
        return [ToDepartment(row.holder_department_id)]
    role = {"micro": Role.WORKER, "full-time": Role.WORKER, "chief": Role.CHIEF}.get(row.level)
    return [] if role is None else [ToRole(role.value, row.path)]


def _desk(row: Any) -> ToRole:
    """Who decides above: the chief, the township or the district, by the level that has it."""
    role = {"micro": Role.CHIEF, "full-time": Role.CHIEF, "chief": Role.TOWNSHIP, "township": Role.TOWNSHIP}
    return ToRole(role.get(row.level, Role.OPERATOR).value, row.path)


def _send(
    db: Session, row: Any, targets: list[ToPerson | ToDepartment | ToRole], subject: str, more: Mapping[str, Any],
    event: str, incident_id: Any, key: str, at: datetime,
) -> None:  # fmt: skip
    category = row.category if row.category.get("zh-CN") else _UNNAMED
    values = {"number": row.number, **more}
    body = Said(_NO_DUE, {"category": category})
    if row.due_at is not None:
        body = Said(_BODY, {"category": category, "due": row.due_at})
    for n, target in enumerate(targets):
        send(
            db,
            "screen",
            target,
            Said(subject, values),
            body,
            event=event,
            about=f"incident:{incident_id}",
            dedupe=f"{key}:{n}",
            now=at,
        )
