"""Who is told of a whistle, of its silence, and of a supervision notice: on screens, and in groups set up for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.language import N_
from gridmap.outbox.actions import send
from gridmap.outbox.rules import Channel, Said, ToDepartment, ToEndpoints, ToPeople, ToPerson, ToRole
from gridmap.people.rights import Role
from gridmap.whistles.rules import TIERS

_CALLED: Final = N_("Incident %(number)s: you are called to its place")
_BY: Final = N_("%(category)s. Acknowledge by %(due)s.")
_PLAIN: Final = N_("%(category)s.")
_SILENT: Final = N_("Incident %(number)s: %(department)s was called and does not answer")
_LATE: Final = N_("Incident %(number)s: %(department)s was called and is not there yet")
_ANSWERS: Final[Mapping[str, str]] = {
    "acknowledge": N_("Incident %(number)s: %(department)s is on the way"),
    "arrive": N_("Incident %(number)s: %(department)s is there"),
    "outcome": N_("Incident %(number)s: %(department)s told the outcome; rate it"),
    "decline": N_("Incident %(number)s: %(department)s refused to come"),
}
_CONTESTED: Final = N_("Incident %(number)s is contested: two departments refused it. Decide whose it is.")
_DECIDED: Final = N_("Incident %(number)s: it was decided that it is yours")
_NOTICE: Final = N_("Incident %(number)s: supervision notice, tier %(tier)s")
_ANSWER_BY: Final = N_("%(category)s. Answer by %(due)s.")
_ANSWERED: Final = N_("Incident %(number)s: the supervision notice was answered")
_OUTSIDE: Final[tuple[Channel, ...]] = ("webhook", "wecom", "dingtalk")
_UNNAMED: Final = {"zh-CN": "未分类", "en": "No class yet"}


def tell_called(db: Session, row: Any, department_id: int, due: datetime | None, key: str, at: datetime) -> None:
    """Tell a department that it is called: its handler, and groups that an administrator set up for whistles."""
    subject = Said(_CALLED, {"number": row.number})
    body = _body(db, row, _BY, due)
    _to(db, [ToDepartment(department_id)], subject, body, "whistle", row.id, key, at)
    for channel in _OUTSIDE:
        send(
            db, channel, ToEndpoints(row.path), subject, body, event="whistle", about=f"incident:{row.id}",
            dedupe=key, now=at,
        )  # fmt: skip


def tell_answer(db: Session, row: Any, word: str, call: Any, called_by: int | None, key: str, at: datetime) -> None:
    """Tell who called how a department answered."""
    if called_by is not None:
        subject = Said(_ANSWERS[word], {"number": row.number, "department": department_name(db, call.department_id)})
        _to(db, [ToPerson(called_by)], subject, _body(db, row), "whistle", row.id, key, at)


def tell_silence(db: Session, row: Any, call: Any, tier: int, at: datetime, *, late: bool = False) -> None:
    """Tell one tier more that a department does not answer: its leader, the desks above, the supervisors."""
    values = {"number": row.number, "department": department_name(db, call.department_id)}
    targets: Mapping[int, Sequence[ToPeople]] = {
        1: [_leader(db, call.department_id)],
        2: [ToRole(Role.TOWNSHIP.value, row.path), ToRole(Role.OPERATOR.value, row.path)],
        3: [ToRole(Role.SUPERVISOR.value, row.path)],
    }
    key = f"{'late' if late else 'silent'}:{row.id}:{call.seq}:{tier}"
    to = [*targets[1], *targets[2]] if late else targets[tier]
    _to(db, to, Said(_LATE if late else _SILENT, values), _body(db, row), "whistle", row.id, key, at)


def tell_contested(db: Session, row: Any, key: str, at: datetime) -> None:
    """Tell the district desk that it has to decide whose a matter is."""
    subject = Said(_CONTESTED, {"number": row.number})
    _to(db, [ToRole(Role.OPERATOR.value, row.path)], subject, _body(db, row), "contested", row.id, key, at)


def tell_decided(db: Session, row: Any, department_id: int, key: str, at: datetime) -> None:
    """Tell a department that a contested matter is its own."""
    subject = Said(_DECIDED, {"number": row.number})
    _to(db, [ToDepartment(department_id)], subject, _body(db, row), "contested", row.id, key, at)


def tell_notice(
    db: Session, row: Any, tier: int, department_id: int | None, due: datetime | None, key: str, at: datetime
) -> None:
    """Tell who has to answer of a notice; of the highest tier, the leader in charge and the district desk, too."""
    subject = Said(_NOTICE, {"number": row.number, "tier": tier})
    to: list[ToPeople] = [_desk(row)] if department_id is None else [ToDepartment(department_id)]
    if department_id is not None and tier > 1:
        to.append(_leader(db, department_id))
    if tier == max(TIERS):
        to.append(ToRole(Role.OPERATOR.value, row.path))
    _to(db, to, subject, _body(db, row, _ANSWER_BY, due), "supervision", row.id, key, at)


def tell_answered(db: Session, row: Any, key: str, at: datetime) -> None:
    """Tell the supervisors that a notice was answered."""
    subject = Said(_ANSWERED, {"number": row.number})
    _to(db, [ToRole(Role.SUPERVISOR.value, row.path)], subject, _body(db, row), "supervision", row.id, key, at)


def department_name(db: Session, department_id: int) -> dict[str, str]:
    """What a department is called, by language tag."""
    (row,) = straight(db, "SELECT name, names FROM department WHERE id = %(id)s", {"id": department_id})
    return {"zh-CN": row.name, **row.names}


def _leader(db: Session, department_id: int) -> ToPeople:
    (row,) = straight(db, "SELECT leader_id FROM department WHERE id = %(id)s", {"id": department_id})
    return ToDepartment(department_id) if row.leader_id is None else ToPerson(row.leader_id)


def _desk(row: Any) -> ToRole:
    """The desk that has a matter which no department has."""
    return ToRole((Role.OPERATOR if row.level == "district" else Role.TOWNSHIP).value, row.path)


def _body(db: Session, row: Any, sentence: str = _PLAIN, due: datetime | None = None) -> Said:
    rows = straight(db, "SELECT name, names FROM category WHERE code = %(code)s", {"code": row.category})
    category = {"zh-CN": rows[0].name, **rows[0].names} if rows else _UNNAMED
    return Said(_PLAIN, {"category": category}) if due is None else Said(sentence, {"category": category, "due": due})


def _to(
    db: Session, targets: Sequence[ToPeople], subject: Said, body: Said, event: str, incident_id: UUID, key: str,
    at: datetime,
) -> None:  # fmt: skip
    for n, target in enumerate(targets):
        send(
            db, "screen", target, subject, body, event=event, about=f"incident:{incident_id}", dedupe=f"{key}:{n}",
            now=at,
        )  # fmt: skip
