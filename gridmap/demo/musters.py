"""Whistles, contested matters and supervision notices of the made-up district, each in the log of its incident."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.demo.players import Players
from gridmap.people.rules import Actor, Role, is_below
from gridmap.whistles.actions import Spot, WhistleDraft, whistle
from gridmap.whistles.contested import Ruling, decide
from gridmap.whistles.ladder import climb
from gridmap.whistles.mustering import AnswerDraft, answer
from gridmap.whistles.rules import Outcome
from gridmap.whistles.supervising import answer_notice, close_notice, open_by_hand

_NOTE: Final = "现场几家都有份,请到场一起看,当面定下来谁先动手。"


@dataclass(frozen=True)
class _Call:
    """What one called department does: its answers, each so many minutes after the whistle."""

    answers: tuple[tuple[str, int], ...] = ()
    outcome: Outcome = Outcome.SETTLED
    rating: int = 5


_SILENT: Final = _Call()
_HEARD: Final = _Call((("acknowledge", 6),))
_THERE: Final = _Call((("acknowledge", 9), ("arrive", 34)))
_DONE: Final = _Call((("acknowledge", 5), ("arrive", 28), ("outcome", 75)))
_RATED: Final = _Call((("acknowledge", 4), ("arrive", 21), ("outcome", 64), ("rate", 90)))
_PARTLY: Final = _Call((("acknowledge", 30), ("arrive", 110), ("outcome", 160), ("rate", 190)), Outcome.PARTLY, 3)
_REFUSED: Final = _Call((("refuse", 18),))
# Hours ago, and what each called department did. Of one with two refusals whose it is is asked; `decided` says so.
_WHISTLES: Final = (
    (0.2, (_SILENT, _HEARD), None),
    (0.4, (_SILENT,), None),
    (1.1, (_THERE, _HEARD), None),
    (1.6, (_DONE,), None),
    (2.2, (_DONE, _THERE), None),
    (3.5, (_RATED, _SILENT), None),
    (9, (_RATED, _PARTLY), None),
    (14, (_REFUSED, _RATED), None),
    (5, (_REFUSED, _REFUSED), None),
    (20, (_REFUSED, _REFUSED), None),
    (26, (_REFUSED, _REFUSED), "路灯杆件由市政代管,照职责目录第三条,先修后议费用。"),
    (40, (_REFUSED, _REFUSED), "位置在小区红线外,属公共道路,由道路养护单位处置。"),
    (30, (_RATED,), None),
    (44, (_PARTLY, _RATED), None),
)
_NOTICES: Final = (
    (1, 30, "请说明何时完成、由谁负责。", "今天 18:00 前完成,由分管副站长负责。", "已按期完成,核实销号。"),
    (1, 8, "同一地点本月第三次,请查根子。", "已约物业和社区明早现场会商。", None),
    (2, 4, "超期较久,请分管领导过问。", None, None),
)  # fmt: skip
"""Supervision notices: tier, hours ago, what is asked, what is answered, what it is closed with."""


def load_musters(db: Session, at: datetime) -> None:
    """Whistle for open incidents, let departments answer or not, decide what two refused, and supervise."""
    players = Players(db, at)
    mine = [grant.grid_id for grant in players.actor(players.all_of(Role.CHIEF)[0]).grants]
    rows = db.execute(text(_OPEN), {"at": at, "n": 2 * len(_WHISTLES), "mine": mine}).all()
    matters = _ordered(players, [row for row in rows if players.at_place(Role.CHIEF, row.path) is not None])
    # Every other one calls the department that whoever tries the demo signs in to.
    home = players.actor(players.all_of(Role.DEPARTMENT)[0]).grants[0].department_id
    for n, ((hours, calls, ground), row) in enumerate(zip(_WHISTLES, matters, strict=False)):
        near = _near(db, row, len(calls), home if n % 2 == 0 else None)
        _blow(db, players, row, at - timedelta(hours=hours), list(zip(near, calls, strict=False)), ground)
    for notice, row in zip(_NOTICES, matters[2::4], strict=False):
        _supervise(db, players, row, at, *notice)
    _climb(db, at)


# Those of the chief whose account is shown first; what had something written lately last, for no step is older than the
# one before it.
_OPEN: Final = """
    SELECT i.id, i.number, i.path::text AS path, i.category, ST_X(i.place) AS lon, ST_Y(i.place) AS lat
    FROM incident i WHERE i.closed_at IS NULL AND i.place IS NOT NULL AND i.duty_grid_id IS NOT NULL
        AND i.state IN ('dispatched', 'handling', 'filed', 'returned') AND i.source <> 'hotline'
    ORDER BY i.duty_grid_id <> ALL(:mine), (SELECT max(l.at) FROM incident_log l WHERE l.incident_id = i.id)
        > CAST(:at AS timestamptz) - interval '2 hours', md5(i.number) LIMIT :n
"""
# The township's own and those of the district, in an order that hangs on the incident, but for the one that is shown.
_NEAR: Final = """
    SELECT d.id, d.code FROM department d JOIN area a ON a.id = d.area_id
    WHERE d.ended_at IS NULL AND a.path @> CAST(:path AS ltree)
    ORDER BY d.id IS DISTINCT FROM CAST(:shown AS bigint), md5(d.code || :number) LIMIT :n
"""


def _near(db: Session, row: Any, n: int, shown: int | None) -> list[Any]:
    """The departments that are called to an incident."""
    values = {"path": row.path, "number": row.number, "n": n, "shown": shown}
    return list(db.execute(text(_NEAR), values))


def _ordered(players: Players, matters: list[Any]) -> list[Any]:
    """Those of the chief and of the township whose accounts are shown first, so that their desks have some of each."""
    chief = players.all_of(Role.CHIEF)[0]
    home = players.actor(players.all_of(Role.TOWNSHIP)[0]).grants[0].path
    mine = [row for row in matters if players.at_place(Role.CHIEF, row.path) is players.actor(chief)]
    near = [row for row in matters if row not in mine and is_below(row.path, home)]
    rest = iter([row for row in matters if row not in mine and row not in near])
    ordered = [*mine]
    for row in near:
        ordered += [row, *itertools.islice(rest, 2)]
    return [*ordered, *rest]


def _blow(
    db: Session, players: Players, row: Any, at: datetime, called: Sequence[tuple[Any, _Call]], ground: str | None
) -> None:
    """Blow one whistle and play the answers in the order of their times."""
    chief = players.at_place(Role.CHIEF, row.path)
    assert chief is not None  # only such incidents are chosen
    key = uuid5(NAMESPACE_OID, f"whistle:{row.id}:{at.isoformat()}")
    whistle(db, chief, WhistleDraft(key, row.id, tuple(each.code for each, _ in called), None, _NOTE), at)
    acts = [
        (at + timedelta(minutes=minutes), action, department, call)
        for department, call in called
        for action, minutes in call.answers
    ]
    for when, action, department, call in sorted(acts, key=lambda act: act[0]):
        clerk = players.clerk(department.id)
        if clerk is not None:
            draft = _answer(key, action, department.code, call, row)
            answer(db, chief if action == "rate" else clerk, key, draft, when)
    if ground is not None:
        _rule(db, players, row, called[0][0].code, ground, at + timedelta(hours=3))


def _answer(key: UUID, action: str, department: str, call: _Call, row: Any) -> AnswerDraft:
    said: dict[str, dict[str, Any]] = {
        "acknowledge": {"note": "收到,这就出发。"},
        "arrive": {"place": Spot(row.lon + 0.0002, row.lat - 0.0001, 8.0)},
        "outcome": {"outcome": call.outcome, "note": "已到场,分工明确,今天内处置完毕。"},
        "refuse": {"reason": "not-ours", "note": "查了目录,这里不归我们管。"},
        "rate": {"rating": call.rating},
    }
    return AnswerDraft(uuid5(key, f"{action}:{department}"), action, department, **said[action])


def _rule(db: Session, players: Players, row: Any, department: str, ground: str, at: datetime) -> None:
    """Let the district desk say whose it is."""
    contested: UUID | None = db.scalar(
        text("SELECT id FROM contested WHERE incident_id = :id AND decided_at IS NULL"), {"id": row.id}
    )
    if contested is not None:
        ruling = Ruling(uuid5(contested, "ruling"), department, ground)
        decide(db, players.actor(players.all_of(Role.OPERATOR)[0]), contested, ruling, at)


def _supervise(
    db: Session, players: Players, row: Any, at: datetime, tier: int, hours: float, asked: str, told: str | None,
    closing: str | None,
) -> None:  # fmt: skip
    """Issue a notice by hand; the desk of the township answers it, and it is closed."""
    when = at - timedelta(hours=hours)
    bureau = players.at_place(Role.SUPERVISOR, row.path)
    desk: Actor | None = players.at_place(Role.TOWNSHIP, row.path)
    if bureau is None or desk is None:
        return
    key = uuid5(NAMESPACE_OID, f"notice:{row.id}:{when.isoformat()}")
    open_by_hand(db, bureau, row.id, key, tier, asked, when)
    if told is not None:
        answer_notice(db, desk, key, uuid5(key, "answer"), told, when + timedelta(hours=2))
    if closing is not None:
        close_notice(db, bureau, key, uuid5(key, "close"), closing, when + timedelta(hours=20))


def _climb(db: Session, at: datetime) -> None:
    """What is late climbs the ladder by its rules, as the job would let it."""
    late = db.scalars(
        text("SELECT id FROM incident WHERE closed_at IS NULL AND due_at < :at ORDER BY due_at, id LIMIT 40"),
        {"at": at},
    ).all()
    for incident_id in late:
        climb(db, incident_id, at)
