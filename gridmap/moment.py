"""The moment a question is about: an instant, or a day in the district's own zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gridmap.errors import Invalid
from gridmap.language import N_

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# In the query of an address, an unescaped + arrives as a blank.
_BLANK_FOR_PLUS = re.compile(r" (\d{2}:\d{2})$")
_YEARS = range(1900, 2200)
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""What is told of lies between these: beyond them some clock, calendar or driver cannot count, for every reader."""


# Clocks of desks and phones may be ahead of ours.
_AHEAD = timedelta(minutes=1)


def is_believable(at: datetime) -> bool:
    """Whether an instant, with zone, lies in the years that everything here can count in."""
    return EARLIEST <= at < LATEST


def asked_as_of(text: str | None, zone: str, now: datetime | None = None) -> datetime | None:
    """
    Read as of when a question is, the same for every command and address: nobody knows what has not come yet.

    Parameters
    ----------
    text
        A day or an instant, as `parse_as_of` takes it; None or nothing is now.
    zone
        IANA name of the district's time zone.
    now
        The clock, with zone; the machine's if left out.

    Returns
    -------
    moment
        An instant in UTC that is past; None is now, and so is today's date.

    Raises
    ------
    Invalid
        If it is neither, or a day after today, or an instant after now; ``where`` is ``/as_of``.
    """
    if not text:
        return None
    now = now or datetime.now(UTC)
    moment = parse_as_of(text, zone)
    district = ZoneInfo(zone)
    is_day = _DAY.fullmatch(text) is not None
    latest = _end_of_day(now.astimezone(district).date(), district) if is_day else now + _AHEAD
    if moment > latest:
        raise Invalid(
            N_("%(text)s has not come yet. as_of takes a day up to today, or an instant up to now."),
            where="/as_of",
            text=text,
        )
    return moment if moment < now else None


def parse_as_of(text: str | None, zone: str) -> datetime:
    """
    Read a day or an instant, past or to come; what a question is about is read by `asked_as_of`.

    Parameters
    ----------
    text
        An instant (RFC 3339, with zone), or a date; None or nothing is now.
    zone
        IANA name of the district's time zone.

    Returns
    -------
    moment
        An instant in UTC; a date is the last microsecond of that local day, so today's equals now.

    Raises
    ------
    Invalid
        If it is neither; ``where`` is ``/as_of``.
    """
    if not text:
        return datetime.now(UTC)
    try:
        moment = (
            _end_of_day(date.fromisoformat(text), ZoneInfo(zone))
            if _DAY.fullmatch(text)
            else datetime.fromisoformat(_BLANK_FOR_PLUS.sub(r"+\1", text))
        )
    except ValueError as error:
        raise _unreadable() from error
    if moment.tzinfo is None or moment.year not in _YEARS:
        raise _unreadable()
    return moment.astimezone(UTC)


def _end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """By the next day's beginning, since not every day has 24 hours."""
    if day.year not in _YEARS:
        raise _unreadable()
    midnight = datetime.combine(day + timedelta(days=1), time(), zone)
    return midnight.astimezone(UTC) - timedelta(microseconds=1)


def _unreadable() -> Invalid:
    return Invalid(
        N_("as_of takes a date such as 2026-03-03, or a time with its zone such as 2026-03-03T14:30:00+08:00."),
        where="/as_of",
    )
