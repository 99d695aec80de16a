"""Conditions of a rule as text: ``severity=1;source=hotline``, all of which must be so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gridmap.errors import Invalid
from gridmap.language import N_

KEYS: Final = ("severity", "source", "level", "kind")
"""What a condition may ask for, the weightiest first, which is also the order in which it is written."""

VALUES: Final[Mapping[str, Mapping[str, str]]] = {
    "severity": {"1": N_("severity 1"), "2": N_("severity 2"), "3": N_("severity 3"), "4": N_("severity 4")},
    "source": {
        "patrol": N_("Patrol"),
        "resident": N_("Resident"),
        "hotline": N_("Hotline"),
        "letter": N_("Letter"),
        "visit": N_("Visit"),
        "web": N_("Web"),
        "wechat": N_("WeChat"),
        "inspection": N_("Inspection"),
        "camera": N_("Camera"),
        "drone": N_("Drone"),
        "sensor": N_("Sensor"),
        "deliberation": N_("Deliberation"),
    },
    "level": {
        "micro": N_("Micro-grid worker"),
        "full-time": N_("Full-time grid worker"),
        "chief": N_("Grid chief"),
        "township": N_("Township"),
        "district": N_("District"),
    },
    "kind": {"urban": N_("urban grid"), "rural": N_("rural grid"), "dedicated": N_("dedicated grid")},
}
"""What each key may be, and its words, translatable."""

_PART = re.compile(r"([a-z]+)=([a-z0-9-]+)")


def read_condition(text: str) -> Mapping[str, str]:
    """
    Read a condition.

    Returns
    -------
    wanted
        Values by key, in the order of `KEYS`; none for an empty text.

    Raises
    ------
    Invalid
        If a part is not ``key=value``, a key is unknown or comes twice, or a value is none of its key.
    """
    wanted: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        found = _PART.fullmatch(part)
        if found is None or found[1] not in KEYS or found[1] in wanted:
            raise Invalid(
                N_("“%(part)s” is no condition. Write such as severity=1;source=hotline; the keys are %(keys)s."),
                where="/condition",
                part=part,
                keys=", ".join(KEYS),
            )
        if found[2] not in VALUES[found[1]]:
            raise Invalid(
                N_("“%(value)s” is no %(key)s. Possible are %(values)s."),
                where="/condition",
                value=found[2],
                key=found[1],
                values=", ".join(sorted(VALUES[found[1]])),
            )
        wanted[found[1]] = found[2]
    return MappingProxyType({key: wanted[key] for key in KEYS if key in wanted})


def write_condition(wanted: Mapping[str, str]) -> str:
    """The one way to write a condition, so that two that mean the same are the same text."""
    return ";".join(f"{key}={wanted[key]}" for key in KEYS if key in wanted)
