"""A stored message in a reader's language and the district's time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gridmap.language import DEFAULT_LOCALE, translate


def worded(said: Mapping[str, Any], locale: str, zone: ZoneInfo) -> str:
    """
    Put what was said into a language.

    Parameters
    ----------
    said
        As `gridmap.outbox.actions.send` stored it: ``text``, or ``msgid`` with ``values``.
    zone
        In which instants are written.
    """
    if "text" in said:
        return str(said["text"])
    values = {name: _value(value, locale, zone) for name, value in said["values"].items()}
    return translate(said["msgid"], locale, **values)


def plain_values(said: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """The values of a sentence for a program: instants as RFC 3339, names in one language."""
    return {name: _named(value, locale) for name, value in said.get("values", {}).items()}


def _value(value: Any, locale: str, zone: ZoneInfo) -> Any:
    if isinstance(value, dict) and "at" in value:
        return datetime.fromisoformat(value["at"]).astimezone(zone).strftime("%m-%d %H:%M")
    return _named(value, locale)


def _named(value: Any, locale: str) -> Any:
    if not isinstance(value, dict):
        return value
    return value["at"] if "at" in value else value.get(locale) or value.get(DEFAULT_LOCALE) or ""
