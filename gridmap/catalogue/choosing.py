"""Which clock rule is meant: the one that speaks of the matter most closely."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from gridmap.catalogue.clocks import ClockRule, Stage
from gridmap.catalogue.conditions import KEYS


def pick(
    rules: Iterable[ClockRule], category_path: Sequence[str], facts: Mapping[str, str], stage: Stage, day: date
) -> ClockRule | None:
    """
    Choose the rule for a stage: the nearest class wins, then the most conditions.

    Parameters
    ----------
    category_path
        Codes of the class and those above it, the major one first; empty for what has no class yet.
    facts
        What is so: ``severity`` "1" to "4", ``source``, ``level``, ``kind`` of the grid.
    day
        The local day whose rules are asked for.

    Returns
    -------
    rule
        None if no rule speaks of the stage. Of two that are as near, the one with the weightier condition wins (in
        the order of `conditions.KEYS`), then the elder.
    """
    return nearest((rule for rule in rules if rule.stage == stage and day in rule.valid), category_path, facts)


def nearest(rules: Iterable[ClockRule], category_path: Sequence[str], facts: Mapping[str, str]) -> ClockRule | None:
    """Of rules for one stage on one day, the one that speaks of the matter most closely; see `pick`."""
    depth = {code: number for number, code in enumerate(category_path, start=1)}
    fitting = [
        rule
        for rule in rules
        if (rule.category is None or rule.category in depth)
        and all(facts.get(key) == value for key, value in rule.conditions.items())
    ]
    return min(
        fitting,
        key=lambda rule: (
            -depth.get(rule.category or "", 0),
            -len(rule.conditions),
            [KEYS.index(key) for key in rule.conditions],
            rule.id,
        ),
        default=None,
    )
