"""Cells of a row of rules into the one form in which they are stored; what means nothing together is refused."""

from __future__ import annotations

import re
from datetime import UTC
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from gridmap.catalogue.clocks import Unit, require_amount
from gridmap.catalogue.conditions import read_condition
from gridmap.errors import Invalid
from gridmap.intake.values import as_instant
from gridmap.language import N_
from gridmap.people.rights import Role

MAY_PAUSE: Final = (Role.CHIEF, Role.TOWNSHIP, Role.DEPARTMENT, Role.OPERATOR, Role.SUPERVISOR, Role.ADMIN)
"""Whose approval may stop a clock."""

PLAIN_DAYS: Final = ZoneInfo("UTC")
"""Of cells that hold a day: in a sheet they have an hour, too, and no zone, and the day is the one that is written."""

NO_DAY: Final = N_("“%(value)s” is no day. Write it like 2026-07-01.")
_PARTED: Final = re.compile(r"[\s,;，；、]+")
_CALENDAR_CODE: Final = re.compile(r"[a-z0-9-]{1,64}")
# A cell of a sheet that holds a time has seconds, and maybe a day before it.
_HOUR: Final = re.compile(r"(?:.*[T ])?(\d{1,2}):(\d{2})(?::00(?:\.0+)?)?")
_FIRST_YEAR, _LAST_YEAR = 1990, 2199


def settle_clock(cells: dict[str, Any]) -> None:
    """Order the parts of a condition, so that two that mean the same are the same text."""
    require_amount(cells["amount"], Unit(cells["unit"]))
    cells["condition"] = ";".join(f"{key}={value}" for key, value in read_condition(cells["condition"]).items())


def settle_day(cells: dict[str, Any]) -> None:
    """Write a day as ISO 8601."""
    moment = as_instant(cells["day"], PLAIN_DAYS)
    if moment is None:
        raise Invalid(NO_DAY, where="/day", value=cells["day"])
    cells["day"] = moment.astimezone(UTC).date().isoformat()


def settle_year(cells: dict[str, Any]) -> None:
    """Refuse what is no year."""
    if not (cells["year"].isdecimal() and _FIRST_YEAR <= int(cells["year"]) <= _LAST_YEAR):
        raise Invalid(
            N_("“%(value)s” is no year from %(first)s to %(last)s."),
            where="/year", value=cells["year"], first=_FIRST_YEAR, last=_LAST_YEAR,
        )  # fmt: skip


def settle_calendar(cells: dict[str, Any]) -> None:
    """Refuse a code that no address could hold, and a time zone that there is not."""
    if _CALENDAR_CODE.fullmatch(cells["code"]) is None:
        raise Invalid(N_("“%(value)s” is no code: small letters, figures and dashes."), where="/code",
                      value=cells["code"])  # fmt: skip
    if cells["time_zone"] not in available_timezones():
        raise Invalid(N_("There is no time zone %(name)s. Name one such as Asia/Shanghai."), where="/time_zone",
                      name=cells["time_zone"])  # fmt: skip


def settle_hours(cells: dict[str, Any]) -> None:
    """Write both times as hours and minutes; the second is the later one."""
    for name in ("opens", "closes"):
        found = _HOUR.fullmatch(cells[name])
        if found is None or (int(found[1]), int(found[2])) > (23, 59) or int(found[2]) > 59:
            raise Invalid(N_("“%(value)s” is no time of day. Write it like 08:30."), where=f"/{name}",
                          value=cells[name])  # fmt: skip
        cells[name] = f"{int(found[1]):02}:{found[2]}"
    if cells["opens"] >= cells["closes"]:
        raise Invalid(N_("It ends before it begins."), where="/closes")


def settle_helpers(cells: dict[str, Any]) -> None:
    """Write codes once each, in order, with commas."""
    cells["assisting"] = ", ".join(sorted(set(filter(None, _PARTED.split(cells["assisting"])))))
