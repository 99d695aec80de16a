"""What came of a simulated week, counted from the rows and once more from the logs alone."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.demo.week import WeekPlay
from gridmap.insight.courses import Cut, read_facts, recompute_facts
from gridmap.insight.facts import Facts, Period
from gridmap.insight.indicators import INDICATORS, durations
from gridmap.people.rules import scope_of, system_actor
from gridmap.system.audit import Doer


def figures_of(db: Session, play: WeekPlay) -> dict[str, Any]:
    """
    Count a week that was played.

    Returns
    -------
    figures
        ``matters``, ``acts`` by kind, ``states``, ``indicators`` with numerator, denominator and percent,
        ``durations``; ``from_logs`` says whether the same came out of the logs alone, and ``refused`` what was
        refused to whoever came too late.
    """
    ids = frozenset(matter.incident_id for matter in play.matters)
    period = Period(play.start, play.end)
    everything = scope_of(system_actor(Doer(None, "system")), "indicator.read")
    rows = read_facts(db, everything, period, Cut()).of(ids)
    logs = recompute_facts(db, period, since=play.start).of(ids)
    states = db.execute(
        text("SELECT state, count(*) FROM incident WHERE id = ANY(:ids) GROUP BY state ORDER BY state"),
        {"ids": list(ids)},
    )
    return {
        "from": play.start.isoformat(),
        "to": play.end.isoformat(),
        "matters": len(ids),
        "acts": dict(sorted(play.acts.items())),
        "states": {row.state: row.count for row in states},
        "indicators": _indicators(rows, period),
        "durations": [
            {"stage": each.stage, "n": each.n, "median_min": round(each.median_min, 1)}
            for each in durations(rows, period)
        ],
        "from_logs": Counter(rows.acts) == Counter(logs.acts)
        and Counter(rows.timed) == Counter(logs.timed)
        and _indicators(rows, period) == _indicators(logs, period),
        "refused": dict(sorted(play.refused.items())),
    }


def _indicators(facts: Facts, period: Period) -> dict[str, dict[str, Any]]:
    told = {each.key: each.count(facts, period).rate for each in INDICATORS}
    return {
        key: {
            "numerator": rate.numerator,
            "denominator": rate.denominator,
            "percent": None if rate.percent is None else float(rate.percent),
        }
        for key, rate in told.items()
    }
