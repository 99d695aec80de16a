"""How far a clock is, in the time in which it ran: nights, pauses and what was granted are no part of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gridmap.incidents.clocks import Span, spans_of
from gridmap.incidents.history import events_of
from gridmap.incidents.rulings import book_of
from tests.incidents.loop import build_loop

HOUR = timedelta(hours=1)
MORNING = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
"""09:00 in the district; work is from 08:30 to 12:00 and from 14:00 to 17:30."""


@pytest.fixture
def loop(db, town):
    return build_loop(db, town)


def far(loop, incident, stage, at):
    """Seconds used and in all, whether it is paused, and whether it runs at that instant."""
    book = book_of(loop.db, "Asia/Shanghai")
    (span,) = (each for each in spans_of(events_of(loop.db, incident)) if each.stage == stage)
    progress, running = book.progress(span, at)
    return round(progress.used_s), round(progress.total_s), progress.paused, running


def test_a_pause_is_no_part_of_the_time_that_was_used(loop):
    key = loop.incident(at=MORNING)
    loop.step("operator", key, "dispatch", MORNING, told={"department": "urban"})
    loop.step("urban", key, "accept", MORNING + HOUR)
    loop.step("operator", key, "suspend", MORNING + 2 * HOUR, told={"until": (MORNING + 6 * HOUR).isoformat()})
    assert far(loop, key, "handle", MORNING + 3 * HOUR) == (2 * 3600, 48 * 3600, True, False)
    assert far(loop, key, "handle", MORNING + 7 * HOUR) == (3 * 3600, 48 * 3600, False, True)


def test_a_clock_of_work_hours_stands_at_noon(loop):
    key = loop.incident("hotline", at=MORNING)
    loop.step("operator", key, "file", MORNING)
    used = 3 * 3600  # from 9 to 12
    assert far(loop, key, "dispatch", MORNING + 2 * HOUR) == (2 * 3600, 2 * 3600, False, True)
    assert far(loop, key, "dispatch", MORNING + 4 * HOUR) == (used, 2 * 3600, False, False)
    loop.step("operator", key, "dispatch", MORNING + 1.5 * HOUR, told={"department": "urban"})
    assert far(loop, key, "dispatch", MORNING + 9 * HOUR) == (5400, 2 * 3600, False, False)


def test_where_no_rule_speaks_of_a_case_its_severity_does(loop):
    span = Span("close", 1, MORNING, {"severity": "2"}, None)
    span.pauses.append((MORNING + HOUR, MORNING + 3 * HOUR, "operator"))
    book = book_of(loop.db, "Asia/Shanghai")
    progress, running = book.progress(span, MORNING + 2 * HOUR)
    assert (progress.used_s, progress.total_s, progress.paused, running) == (3600, 8 * 3600, True, False)
    progress, running = book.progress(span, MORNING + 4 * HOUR)
    assert (progress.used_s, running) == (2 * 3600, True)
