"""How soon whoever is called has to answer, by the rules of the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gridmap.catalogue.calendars import Calendar, instant, micros
from gridmap.catalogue.counting import Unit, count_on
from gridmap.catalogue.timing import timing_now
from gridmap.database import straight
from gridmap.language import N_

What = Literal["acknowledge", "arrive", "answer"]

_BY: Final[Mapping[What, str]] = {
    "acknowledge": N_("To be acknowledged within %(amount)s of %(begun_at)s: by %(due_at)s."),
    "arrive": N_("To be there within %(amount)s of %(begun_at)s: by %(due_at)s."),
    "answer": N_("To be answered within %(amount)s of %(begun_at)s: by %(due_at)s."),
}
_UNKNOWN: Final = N_("For %(years)s there is no calendar yet: the deadline is provisional.")
_CALENDAR: Final = "cn"


@dataclass(frozen=True)
class Term:
    """A deadline with its reasons as JSON, worded by `gridmap.catalogue.explaining.sentences`."""

    due_at: datetime | None
    explained: tuple[dict[str, Any], ...]


_NONE: Final = Term(None, ())
_OURS: Final = frozenset((*_BY.values(), _UNKNOWN))


def terms_of(db: Session, grade: int, begun_at: datetime, *whats: What) -> dict[What, Term]:
    """
    Give the deadlines of a call that begins now, by the rules that hold on its local day.

    Parameters
    ----------
    grade
        The severity of the matter; of an answer, the tier of the notice.
    begun_at
        With zone.

    Returns
    -------
    terms
        One for each of `whats`; without a deadline where no row speaks of it.
    """
    calendar = _calendar(db)
    rows = straight(
        db,
        "SELECT what, amount, unit FROM call_term WHERE grade = %(grade)s AND what = ANY(%(whats)s)"
        " AND valid @> CAST(%(day)s AS date)",
        {"grade": grade, "whats": list(whats), "day": calendar.day_of(micros(begun_at))},
    )
    found = {row.what: _term(_BY[row.what], row.amount, row.unit, begun_at, calendar) for row in rows}
    return {what: found.get(what, _NONE) for what in whats}


def recounted(db: Session, explained: Sequence[Mapping[str, Any]]) -> Term | None:
    """
    Count a provisional deadline again, when a year that it waits for has its calendar.

    Parameters
    ----------
    explained
        Why it is what it is, as it was kept; reasons of others among them stay.

    Returns
    -------
    term
        None if nothing that it waits for has come.
    """
    calendar = _calendar(db)
    waits = {year for reason in explained for year in reason["values"].get("years", ())}
    if waits.isdisjoint(calendar.years):
        return None
    (counted,) = (reason for reason in explained if reason["msgid"] in _BY.values())
    amount, begun_at = counted["values"]["amount"], datetime.fromisoformat(counted["values"]["begun_at"])
    term = _term(counted["msgid"], amount["n"], amount["unit"], begun_at, calendar)
    others = tuple(dict(reason) for reason in explained if reason["msgid"] not in _OURS)
    return Term(term.due_at, (*others, *term.explained))


def _calendar(db: Session) -> Calendar:
    calendars = timing_now(db).calendars
    return calendars.get(_CALENDAR) or next(iter(calendars.values()))


def _term(msgid: str, amount: float, unit: str, begun_at: datetime, calendar: Calendar) -> Term:
    count = count_on(Unit(unit), amount, micros(begun_at), (), calendar)
    due_at = None if count.due is None else instant(count.due)
    values = {
        "amount": {"n": amount, "unit": unit},
        "begun_at": _local(begun_at, calendar),
        "due_at": None if due_at is None else _local(due_at, calendar),
    }
    told: list[dict[str, Any]] = [{"msgid": msgid, "values": values}]
    if count.unknown_years:
        told.append({"msgid": _UNKNOWN, "values": {"years": sorted(count.unknown_years)}})
    return Term(due_at, tuple(told))


def _local(at: datetime, calendar: Calendar) -> str:
    """An instant as people there read it."""
    return at.astimezone(ZoneInfo(calendar.zone)).isoformat()
