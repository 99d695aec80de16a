"""Times to answer that were counted without a calendar, counted again once it is there; as the clocks of incidents."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.incidents.recounting import WORD
from gridmap.people.rules import system_actor
from gridmap.system.apart import each_apart
from gridmap.system.audit import Doer
from gridmap.whistles import chronicle
from gridmap.whistles.actions import LATE, SILENT
from gridmap.whistles.chronicle import Held
from gridmap.whistles.rules import silence_number
from gridmap.whistles.terms import Term, recounted

_AT_ONCE: Final = 500

# What nobody waits for any more keeps the time by which it was judged.
_HAS_COME: Final = """
    EXISTS (SELECT FROM jsonb_path_query(explained, '$.**.years[*]') AS named
        JOIN calendar_year y ON to_jsonb(y.year) = named)
"""
_WAITING: Final = f"""
    SELECT incident_id FROM whistle_call WHERE refused_at IS NULL AND arrived_at IS NULL AND {_HAS_COME}
    UNION SELECT incident_id FROM supervision WHERE closed_at IS NULL AND answered_at IS NULL AND {_HAS_COME}
    ORDER BY incident_id
"""
_CALLS: Final = """
    SELECT c.whistle_id, c.department_id, c.seq, c.explained, c.acknowledged_at, c.acknowledge_due_at,
        c.arrive_due_at, d.code FROM whistle_call c JOIN department d ON d.id = c.department_id
    WHERE c.incident_id = %(id)s AND c.refused_at IS NULL AND c.arrived_at IS NULL ORDER BY c.seq
"""
_NOTICES: Final = """
    SELECT id, number, explained, answer_due_at FROM supervision
    WHERE incident_id = %(id)s AND closed_at IS NULL AND answered_at IS NULL ORDER BY number
"""


def recount_calls(db: Session, at: datetime) -> int:
    """
    Work out anew the times of calls and notices whose calendar has come, each incident in its own transaction.

    Parameters
    ----------
    db
        To look in; nothing is written through it.
    at
        Our clock.

    Returns
    -------
    recounted
        At how many incidents something was changed, 500 at most; the next run goes on with the others.
    """
    waiting = [row.incident_id for row in straight(db, _WAITING, {})]
    return each_apart("recount of calls", waiting, lambda own, incident_id: recount(own, incident_id, at), _AT_ONCE)


def recount(db: Session, incident_id: UUID, at: datetime) -> bool:
    """Work out anew the times of the calls and notices of one incident; False if that changes nothing."""
    held = chronicle.hold(db, incident_id, system_actor(Doer(None, "system")), at)
    calls, notices = straight(db, _CALLS, {"id": incident_id}), straight(db, _NOTICES, {"id": incident_id})
    changed = [_recount_call(db, held, call) for call in calls]
    changed += [_recount_notice(db, held, notice) for notice in notices]
    return any(changed)


def _recount_call(db: Session, held: Held, call: Any) -> bool:
    waits = ("arrive",) if call.acknowledged_at is not None else ("acknowledge", "arrive")
    found = {what: recounted(db, call.explained.get(what, ())) for what in waits}
    terms = {what: term for what, term in found.items() if term is not None}
    if not terms:
        return False
    due = {what: _due(terms, what, getattr(call, f"{what}_due_at")) for what in ("acknowledge", "arrive")}
    explained = call.explained | {what: list(term.explained) for what, term in terms.items()}
    told = {"whistle": str(call.whistle_id), "department": call.code,
            **{f"{what}_due_at": None if term.due_at is None else term.due_at.isoformat()
               for what, term in terms.items()}}  # fmt: skip
    held.write(WORD, _key(call.whistle_id, call.code, terms), told)
    straight(
        db,
        "UPDATE whistle_call SET acknowledge_due_at = %(acknowledge)s, arrive_due_at = %(arrive)s,"
        " explained = CAST(%(explained)s AS jsonb)"
        " WHERE whistle_id = %(whistle)s AND department_id = %(department)s",
        {**due, "explained": json.dumps(explained, ensure_ascii=False), "whistle": call.whistle_id,
         "department": call.department_id},
    )  # fmt: skip
    for kind, n, what in ((SILENT, silence_number(call.seq, 1), "acknowledge"), (LATE, call.seq, "arrive")):
        straight(
            db,
            "UPDATE escalation SET fire_at = %(due)s WHERE incident_id = %(id)s AND kind = %(kind)s AND n = %(n)s"
            " AND fired_at IS NULL AND CAST(%(due)s AS timestamptz) IS NOT NULL",
            {"due": due[what], "id": held.row.id, "kind": kind, "n": n},
        )
    return True


def _recount_notice(db: Session, held: Held, notice: Any) -> bool:
    term = recounted(db, notice.explained)
    if term is None:
        return False
    due_at = None if term.due_at is None else term.due_at.isoformat()
    told = {"supervision": str(notice.id), "notice": notice.number, "answer_due_at": due_at}
    held.write(WORD, _key(notice.id, notice.number, {"answer": term}), told)
    straight(
        db,
        "UPDATE supervision SET answer_due_at = %(due)s, explained = CAST(%(explained)s AS jsonb) WHERE id = %(id)s",
        {"due": term.due_at, "explained": json.dumps(list(term.explained), ensure_ascii=False), "id": notice.id},
    )
    return True


def _due(terms: dict[str, Term], what: str, before: datetime | None) -> datetime | None:
    return terms[what].due_at if what in terms else before


def _key(about: UUID, name: str, terms: dict[str, Term]) -> UUID:
    """The id of the row of the log: the same for the same answer."""
    return uuid5(about, f"{WORD}:{name}:{[term.explained for term in terms.values()]}")
