"""The words that documents use, each a sentence to translate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from gridmap.catalogue.conditions import VALUES
from gridmap.language import N_, translate

SEVERITIES: Final[Mapping[int, str]] = {
    1: N_("Life at risk"),
    2: N_("Serious"),
    3: N_("Ordinary"),
    4: N_("Take note"),
}

KINDS: Final[Mapping[str, str]] = {"urban": N_("Urban"), "rural": N_("Rural"), "dedicated": N_("Dedicated")}

SOURCES: Final = VALUES["source"]

WEEKDAYS: Final = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)


def name_of(name: str, names: Mapping[str, Any] | None, locale: str) -> str:
    """The name of anything that has a Chinese and perhaps an English one."""
    return str((names or {}).get("en") or name) if locale == "en" else name


def moment(at: datetime, zone: ZoneInfo) -> str:
    """An instant by the district's clock, such as ``2026-11-21 14:32``."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def figure(count: int) -> str:
    """A count with its thousands set apart, such as ``1,204``."""
    return f"{count:,}"


def weekday(day: date, locale: str) -> str:
    """The name of a day of the week."""
    return translate(WEEKDAYS[day.weekday()], locale)
