"""By when a hazard is to be put right, and when it is looked at again: by the rules of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gridmap.catalogue.calendars import Calendar, instant, micros
from gridmap.catalogue.counting import Unit, count_on
from gridmap.catalogue.pages import local_today
from gridmap.catalogue.rulebook import rulebook_now
from gridmap.database import straight
from gridmap.hazards.rules import Rule, look_backs_after
from gridmap.language import N_

_BY: Final = N_("To be put right within %(amount)s of %(begun_at)s: by %(due_at)s.")
_SAID: Final = N_("To be put right by %(due_at)s, as the notice says.")
# What is on paper in somebody's hands is not counted again behind their back.
_UNKNOWN: Final = N_(
    "For %(years)s there is no calendar yet: Monday to Friday were taken for work-days. The day holds as it is written"
    " here; another one is set by issuing the notice anew."
)
_CALENDAR: Final = "cn"


@dataclass(frozen=True)
class Term:
    """A deadline with its reasons as JSON, worded by `gridmap.catalogue.explaining.sentences`."""

    due_at: datetime | None
    explained: tuple[dict[str, Any], ...]


def rectify_term(db: Session, severity: int, issued_at: datetime, said: datetime | None) -> Term:
    """
    Give the deadline of a notice that is issued now.

    Parameters
    ----------
    said
        The instant that its writer chose; None goes by the rule of the severity that holds on the local day.

    Returns
    -------
    term
        Without a deadline where no rule speaks of the severity.
    """
    calendars = rulebook_now(db).timing.calendars
    calendar = calendars.get(_CALENDAR) or next(iter(calendars.values()))
    if said is not None:
        return Term(said, ({"msgid": _SAID, "values": {"due_at": _local(said, calendar)}},))
    rows = straight(
        db,
        "SELECT amount, unit FROM rectify_term WHERE severity = %(severity)s AND valid @> CAST(%(day)s AS date)",
        {"severity": severity, "day": calendar.day_of(micros(issued_at))},
    )
    return _counted(rows[0], issued_at, calendar) if rows else Term(None, ())


def _counted(row: Any, issued_at: datetime, calendar: Calendar) -> Term:
    count = count_on(Unit(row.unit), row.amount, micros(issued_at), (), calendar)
    due_at = None if count.due is None else instant(count.due)
    values = {
        "amount": {"n": row.amount, "unit": row.unit},
        "begun_at": _local(issued_at, calendar),
        "due_at": None if due_at is None else _local(due_at, calendar),
    }
    told: list[dict[str, Any]] = [{"msgid": _BY, "values": values}]
    if count.unknown_years:
        told.append({"msgid": _UNKNOWN, "values": {"years": sorted(count.unknown_years)}})
    return Term(due_at, tuple(told))


def look_backs_of(db: Session, category: str | None, closed_at: datetime) -> list[datetime]:
    """When a hazard of a class that is closed now is looked at again, the earliest first."""
    path = rulebook_now(db).path_of(category)
    return look_backs_after(look_back_rules(db), path, closed_at, local_today(db, closed_at))


def look_back_rules(db: Session) -> list[Rule]:
    """All rules of looking back, those of other days too."""
    rows = straight(
        db, "SELECT category, days, lower(valid) AS since, upper(valid) AS until FROM look_back_rule ORDER BY days", {}
    )
    return [Rule(row.category, row.days, row.since, row.until) for row in rows]


def _local(at: datetime, calendar: Calendar) -> str:
    """An instant as people there read it."""
    return at.astimezone(ZoneInfo(calendar.zone)).isoformat()
