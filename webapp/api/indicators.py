"""Indicators: rates and durations of any period, each with its rule, and the incidents behind it one click away."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from flask import request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.database import transaction
from gridmap.errors import Invalid, NotFound
from gridmap.grids.queries import current_district
from gridmap.incidents.queries import readable, summary_columns
from gridmap.incidents.tables import Incident
from gridmap.insight.courses import Cut, read_facts
from gridmap.insight.facts import Facts, Period
from gridmap.insight.indicators import INDICATOR_OF, INDICATORS, STAGE_LABELS, Counted, durations
from gridmap.insight.queries import root_of
from gridmap.language import N_, translate
from gridmap.moment import parse_as_of
from gridmap.people.rules import Access, Actor, Thing, can, scope_of
from gridmap.people.tables import Department
from webapp.api import api
from webapp.api.parameters import one_of
from webapp.api.shapes import incident_summary, instant
from webapp.shared.pages import current_locale
from webapp.shared.patience import wait_longer
from webapp.shared.policy import current_actor, declares
from webapp.shared.taking import Parameter, takes

_LONGEST: Final = timedelta(days=366)
_MOST_ROWS: Final = 500
_PERIOD: Final = (
    Parameter("from", "The first instant (RFC 3339, with zone), or a day.", needed=True),
    Parameter("to", "The instant it ends before, or the last day; at most a year later.", needed=True),
    Parameter("area", "Code of an area: only what happened below it."),
    Parameter("department", "Code of a department: only what it has, or had, in hand."),
)


@api.get("/indicators")
@declares("indicator.read")
@takes(*_PERIOD)
def show_indicators() -> dict[str, Any]:
    """Give every rate with its numerator, denominator and rule, and how long each stage took."""
    actor, locale = current_actor(), current_locale()
    with transaction() as db:
        period = _period(db)
        facts = _facts(db, actor, period)
    asked: dict[str, Any] = request.args.to_dict()
    return {
        "from": instant(period.start),
        "to": instant(period.end),
        "indicators": [
            {
                "key": each.key,
                "label": translate(each.label, locale),
                "rule": translate(each.rule, locale),
                **_figure(each.count(facts, period)),
                "rows": url_for("api.list_counted", key=each.key, **asked),
            }
            for each in INDICATORS
        ],
        "durations": [
            {
                "stage": each.stage,
                "label": translate(STAGE_LABELS[each.stage], locale),
                "n": each.n,
                "median_min": round(each.median_min, 1),
                "p90_min": round(each.p90_min, 1),
            }
            for each in durations(facts, period)
        ],
    }


@api.get("/indicators/<key>/rows")
@declares("indicator.read")
@takes(*_PERIOD, one_of("part", "Which of them; all unless given.", "all", "counted", "rest"))
def list_counted(key: str) -> dict[str, Any]:
    """List the incidents behind a rate: all that it divides by, those it counts, or the rest; at most 500."""
    indicator = INDICATOR_OF.get(key)
    if indicator is None:
        raise NotFound(
            N_("There is no indicator %(key)s. There are: %(known)s."), key=key[:40], known=", ".join(INDICATOR_OF)
        )
    actor = current_actor()
    with transaction() as db:
        period = _period(db)
        counted = indicator.count(_facts(db, actor, period), period)
        wanted = _part(counted, request.args.get("part", "all"))
        items = _rows(db, actor, wanted)
    return {"items": items, "total": len(wanted), **_figure(counted)}


def _period(db: Session) -> Period:
    """The period asked for; what has not come yet is left out of it."""
    wait_longer(db)
    zone = current_district(db).time_zone
    start, end = (_edge(name, zone) for name in ("from", "to"))
    if not timedelta(0) < end - start <= _LONGEST:
        raise Invalid(N_("to stands after from, and at most a year later."), where="to")
    return Period(start, min(end, datetime.now(UTC)))


def _edge(name: str, zone: str) -> datetime:
    text = request.args[name]
    at = parse_as_of(text, zone)
    # A day stands for its last instant: a period begins with the day and ends after it.
    if len(text) == len("2026-11-22"):
        return at - timedelta(days=1) + timedelta(microseconds=1) if name == "from" else at + timedelta(microseconds=1)
    return at


def _facts(db: Session, actor: Actor, period: Period) -> Facts:
    code = request.args.get("department")
    department = None
    if code is not None:
        department = db.scalar(select(Department.id).where(Department.code == code))
        if department is None:
            raise NotFound(N_("There is no department %(code)s."), code=code[:40])
    cut = Cut(root_of(db, request.args.get("area")), department)
    return read_facts(db, scope_of(actor, "indicator.read"), period, cut)


def _part(counted: Counted, part: str) -> list[UUID]:
    if part == "counted":
        return list(dict.fromkeys(counted.numerator))
    if part == "rest":
        return list(Counter(counted.denominator) - Counter(counted.numerator))
    return list(dict.fromkeys(counted.denominator))


def _rows(db: Session, actor: Actor, ids: list[UUID]) -> list[dict[str, Any]]:
    """The incidents that the reader may see, the latest first."""
    now = datetime.now(UTC)
    rows = db.execute(
        summary_columns()
        .where(Incident.id.in_(ids), readable(scope_of(actor, "incident.read")))
        .order_by(Incident.occurred_at.desc(), Incident.id)
        .limit(_MOST_ROWS)
    )
    return [incident_summary(row, _access(actor, row), now) for row in rows]


def _access(actor: Actor, row: Any) -> Access:
    thing = Thing(row.path, holder_person_id=row.holder_person_id, holder_department_id=row.holder_department_id)
    return can(actor, "incident.read", thing) or Access.FIGURES


def _figure(counted: Counted) -> dict[str, Any]:
    rate = counted.rate
    percent = None if rate.percent is None else float(rate.percent)
    return {"numerator": rate.numerator, "denominator": rate.denominator, "percent": percent}
