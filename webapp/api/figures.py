"""Figures of the command screen: the numbers on its top, and the rhythm of a day at its foot."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flask import request

from gridmap.database import transaction
from gridmap.errors import Invalid
from gridmap.grids.queries import current_district
from gridmap.incidents.counts import QUARTER_S, figures, rhythm
from gridmap.language import N_
from gridmap.moment import parse_as_of
from gridmap.people.rules import scope_of
from gridmap.people.staff import staff_in_force
from gridmap.sensing.queries import count_devices
from webapp.api import api
from webapp.api.grids import asked_moment
from webapp.api.parameters import AS_OF
from webapp.api.shapes import instant
from webapp.shared.policy import current_actor, declares
from webapp.shared.taking import Parameter, takes

_LONGEST: Final = timedelta(days=31)


@api.get("/numbers")
@declares("map.see")
@takes(AS_OF)
def show_numbers() -> dict[str, Any]:
    """Count what the top of the command screen shows, on any day, within the reader's scope."""
    # A wall may count people and devices whom it may not read one by one: a figure is nobody's.
    actor = replace(current_actor(), wall=False)
    scope = scope_of(actor, "incident.read")
    with transaction() as db:
        district = current_district(db)
        past = asked_moment(district.time_zone)
        at = past or datetime.now(UTC)
        counted = figures(db, scope, now=at, day_start=district.day_start(at), at=past)
        day_before = figures(db, scope, now=_yesterday(at), day_start=_yesterday(at), at=_yesterday(at))
        # Heart-beats are not kept, so nobody knows which devices were silent then.
        heard = None if past else count_devices(db, scope_of(actor, "device.read"), at)
        staff = len(staff_in_force(db, scope_of(actor, "person.read"), at))
    return {
        "open": counted.open,
        "overdue": counted.overdue,
        "new_today": counted.new_today,
        "new_yesterday": counted.new_yesterday,
        "open_yesterday": day_before.open,
        "overdue_yesterday": day_before.overdue,
        "by_severity": {str(key): n for key, n in counted.by_severity.items()},
        "staff": staff,
        "devices": heard and heard[0],
        "devices_silent": heard and heard[1],
        "at": instant(at),
    }


def _yesterday(at: datetime) -> datetime:
    """The same hour of the day before."""
    return at - timedelta(days=1)


@api.get("/incidents/rhythm")
@declares("incident.read")
@takes(
    Parameter("from", "The first instant (RFC 3339, with zone).", needed=True),
    Parameter("to", "The instant it ends before; at most 31 days later.", needed=True),
)
def show_rhythm() -> dict[str, Any]:
    """Count what happened by quarters of an hour and severity, for the bars of the day."""
    scope = scope_of(current_actor(), "incident.read")
    with transaction() as db:
        zone = current_district(db).time_zone
        since, until = (parse_as_of(request.args.get(name), zone) for name in ("from", "to"))
        if not timedelta(0) < until - since <= _LONGEST:
            raise Invalid(N_("to stands after from, and at most 31 days later."), where="to")
        bars = rhythm(db, scope, since, until)
    return {
        "from": instant(since),
        "to": instant(until),
        "step_s": QUARTER_S,
        "bars": [{"n": n, "by_severity": {str(key): count for key, count in counts.items()}} for n, counts in bars],
    }
