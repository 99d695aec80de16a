"""The calls back to those who had called the hotline: most are made, some are due today, a few are late."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.demo.players import Players
from gridmap.hotline.calling import Called, note_call
from gridmap.hotline.rules import CALL_BACK_WITHIN, MOST_TRIES, NEXT_TRY, Outcome, Satisfied
from gridmap.intake.copying import copy_rows
from gridmap.people.rules import Role

_BEHIND: Final = timedelta(days=35)
_OPEN: Final = timedelta(hours=30)
"""Of what was closed so lately some callers still wait for their call."""
_LEAST: Final = 3
"""Calls that are to be made, however long ago the closings were."""
_WORDS: Final = "来电人说表面清了,根子没解决,要求继续处理。"

# A closing of the log with the closing's end, where the matter was opened again.
_CLOSINGS: Final = """
    SELECT o.id AS order_id, l.incident_id, l.seq, l.at, (SELECT min(r.at) FROM incident_log r
        WHERE r.incident_id = l.incident_id AND r.seq > l.seq AND r.step = 'reopen') AS reopened_at
    FROM hotline_order o JOIN incident_source s ON s.report_id = o.id AND s.left_at IS NULL
    JOIN incident_log l ON l.incident_id = s.incident_id AND l.to_state = 'closed' AND l.from_state <> 'closed'
    WHERE o.real_name AND l.at >= :since AND l.at <= :at ORDER BY l.at, o.id
"""


def load_calls(db: Session, players: Players, at: datetime) -> None:
    """Write the calls for what was closed in the last weeks, and let one caller say no just now."""
    callers = players.all_of(Role.OPERATOR)
    rows = db.execute(text(_CLOSINGS), {"since": at - _BEHIND, "at": at}).all()
    # In a small district little was closed of late; the very latest is the one that says no below.
    calls = [*(_call(row, at) for row in rows[:-_LEAST]), *(_due(row) for row in rows[-_LEAST:])]
    names = ("id", "order_id", "incident_id", "closing_seq", "closed_at", "due_at", "done_at", "outcome", "satisfied",
             "tries")  # fmt: skip
    copy_rows(db, "call_back", names, ([call[name] for name in names] for call in calls))
    made = [call for call in calls if call["outcome"] in ("reached", "refused")]
    copy_rows(
        db,
        "call_back_try",
        ("id", "call_back_id", "at", "person_id", "outcome"),
        (
            (uuid5(call["id"], "try"), call["id"], call["done_at"], callers[call["id"].bytes[0] % len(callers)],
             call["outcome"])
            for call in made
        ),
    )  # fmt: skip
    db.execute(
        text(
            "UPDATE hotline_order o SET satisfied = c.satisfied FROM (SELECT DISTINCT ON (order_id) order_id, satisfied"
            " FROM call_back WHERE satisfied IS NOT NULL ORDER BY order_id, closing_seq DESC) AS c"
            " WHERE o.id = c.order_id"
        )
    )
    _say_no(db, players, calls, at)


def _due(row: Any) -> dict[str, Any]:
    """A call that is to be made."""
    key = uuid5(row.order_id, f"call-back:{row.seq}")
    return {
        "id": key, "order_id": row.order_id, "incident_id": row.incident_id, "closing_seq": row.seq,
        "closed_at": row.at, "due_at": row.at + CALL_BACK_WITHIN, "done_at": None, "outcome": None, "satisfied": None,
        "tries": 0,
    }  # fmt: skip


def _call(row: Any, at: datetime) -> dict[str, Any]:
    """One call, as far as it is made by now."""
    call = _due(row)
    chance = call["id"].bytes
    if row.reopened_at is not None:
        return call | {"done_at": row.reopened_at, "outcome": "reached", "satisfied": "no", "tries": 1}
    if at - row.at < _OPEN and chance[1] % 5 < (4 if at - row.at < timedelta(hours=8) else 2):
        # Who was not reached this morning is tried again.
        return call | ({"tries": 1, "due_at": at + NEXT_TRY / 2} if chance[2] % 6 == 0 else {})
    call["done_at"] = min(row.at + timedelta(minutes=90 + 5 * chance[3]), at)
    if chance[4] < 226:
        return call | {"outcome": "reached", "satisfied": "yes" if chance[5] < 232 else "partly", "tries": 1}
    if chance[4] < 246:
        return call | {"outcome": "not-reached", "tries": MOST_TRIES}
    return call | {"outcome": "refused", "tries": 1}


def _say_no(db: Session, players: Players, calls: list[dict[str, Any]], at: datetime) -> None:
    """The caller of the latest closing is not satisfied: the job opens the matter again, one level higher."""
    waiting = [call for call in calls if call["outcome"] is None and not call["tries"]]
    if waiting:
        desk = players.actor(players.all_of(Role.OPERATOR)[0])
        key: UUID = waiting[-1]["id"]
        called = Called(uuid5(key, "no"), Outcome.REACHED, Satisfied.NO, _WORDS)
        note_call(db, desk, key, called, "zh-CN", at)
