"""Rates and durations: the golden figures through stored incidents, and the same figures from the logs alone."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text

from gridmap.errors import GridmapError
from gridmap.insight.courses import Cut, read_facts, recompute_facts
from gridmap.insight.facts import Period
from gridmap.insight.indicators import INDICATOR_OF, INDICATORS, durations
from gridmap.people.rules import scope_of
from gridmap.settings import load_settings
from tests.desks import over_all, over_south
from tests.incidents.loop import HOUR, build_loop
from tests.worlds import NOON
from webapp import create_app

DAYS = Period(NOON, NOON + timedelta(days=10))


@pytest.fixture
def loop(db, town):
    return build_loop(db, town)


def rate(loop, key, period=DAYS, cut=None, who="operator"):
    facts = read_facts(loop.db, scope_of(loop.actors[who], "indicator.read"), period, cut or Cut())
    return INDICATOR_OF[key].count(facts, period).rate


def settle(loop, *, dispatched_wrong=False, rework=False, late=None, satisfied=None, source="hotline", to="urban"):
    """One matter through the loop; `late` are hours between acceptance and handling."""
    key = loop.incident(source)
    at = NOON
    if source == "hotline":
        loop.step("operator", key, "file", at)
    if dispatched_wrong:
        loop.step("operator", key, "dispatch", at, told={"department": "north"})
        loop.step("bureau", key, "return", at + HOUR)
    loop.step("operator", key, "dispatch", at + HOUR, told={"department": to})
    loop.step(to, key, "accept", at + 2 * HOUR)
    done = at + (3 + (late or 0)) * HOUR
    loop.step(to, key, "handle", done, note="已清运")
    if rework:
        loop.step("chief", key, "rework", done)
        loop.step(to, key, "handle", done + HOUR, note="已重做")
        done += HOUR
    loop.step("chief", key, "check", done + HOUR)
    told = {} if satisfied is None else {"satisfied": satisfied}
    loop.step("operator", key, "feedback", done + HOUR, note="已告知", told=told)
    loop.step("operator", key, "close", done + 2 * HOUR, note="办结")
    return key


def stored(loop, whole, in_time):
    """So many incidents whose handling fell due in the week, of which so many were handled by then."""
    first = loop.incident()
    loop.db.execute(
        text(
            """
            WITH made AS (
                INSERT INTO incident (id, number, category, severity, state, source, path, occurred_at, seq, log_hash,
                    placed)
                SELECT gen_random_uuid(), 'golden-' || n, category, severity, 'handled', source, path, occurred_at, 1,
                    log_hash, 'unplaced' FROM incident, generate_series(1, :whole) n WHERE id = :first
                RETURNING id, number
            ), timed AS (
                INSERT INTO clock (incident_id, stage, since_seq, started_at, due_at, stopped_at)
                SELECT id, 'handle', 1, CAST(:noon AS timestamptz), CAST(:due AS timestamptz), CAST(:due AS timestamptz)
                    + CASE WHEN split_part(number, '-', 2)::int <= :good THEN interval '0' ELSE interval '1 us' END
                FROM made RETURNING incident_id, stopped_at
            )
            INSERT INTO incident_log (incident_id, seq, step_id, at, recorded_at, role, step, from_state, to_state,
                prev_hash, hash)
            SELECT incident_id, 1, gen_random_uuid(), stopped_at, stopped_at, 'department', 'handle', 'handling',
                'handled', '', '' FROM timed
            """
        ),
        {"first": first, "whole": whole, "good": in_time, "noon": NOON, "due": NOON + 48 * HOUR},
    )


@pytest.mark.parametrize(("good", "whole", "printed"), [(220, 248, "88.7 %"), (38, 43, "88.4 %")])
def test_the_golden_figures_print_as_the_district_printed_them(loop, good, whole, printed):
    stored(loop, whole, good)
    found = rate(loop, "handled_on_time")
    assert (found.numerator, found.denominator, str(found)) == (good, whole, printed)
    assert str(rate(loop, "handled")) == "100.0 %"


def test_each_rate_counts_what_its_rule_says(loop):
    settle(loop, satisfied=True)
    settle(loop, dispatched_wrong=True, satisfied=False)
    settle(loop, rework=True, late=60)
    settle(loop, source="patrol")
    rejected = loop.incident("hotline")
    loop.step("operator", rejected, "reject", NOON + HOUR, note="查无此事")
    figures = {each.key: rate(loop, each.key) for each in INDICATORS}
    told = {key: (each.numerator, each.denominator) for key, each in figures.items()}
    assert told["valid"] == (4, 5)
    assert told["active"] == (1, 5)
    assert told["dispatched_right"] == (4, 5)
    assert told["reworked"] == (1, 5)
    assert told["satisfied"] == (1, 2)
    assert told["closed"] == (4, 4)
    # Work that was sent back fell due twice, and was late the first time alone.
    assert told["handled"] == (5, 5)
    assert told["handled_on_time"] == (4, 5)
    assert told["overdue_pending"] == (0, 5)


def test_what_falls_due_later_is_not_owed_yet_and_what_was_left_before_owes_nothing(loop):
    settle(loop)
    early = Period(NOON, NOON + 5 * HOUR)
    assert rate(loop, "handled_on_time", early).denominator == 0
    assert str(rate(loop, "handled_on_time", early)) == "–"
    merged, other = loop.incident(), loop.incident()
    loop.step("operator", merged, "dispatch", NOON, told={"department": "urban"})
    loop.step("operator", merged, "merge", NOON + HOUR, told={"into": str(other)})
    assert rate(loop, "handled_on_time").denominator == 1
    loop.step("operator", other, "dispatch", NOON, told={"department": "urban"})
    assert (rate(loop, "overdue_pending").numerator, rate(loop, "overdue_pending").denominator) == (1, 2)


def test_more_time_moves_what_is_owed_and_is_counted_as_deferred(loop):
    key = loop.incident()
    loop.step("operator", key, "dispatch", NOON, told={"department": "urban"})
    loop.step("urban", key, "accept", NOON)
    loop.step("operator", key, "extend", NOON + HOUR, told={"amount": 24, "unit": "h"})
    loop.step("urban", key, "handle", NOON + 60 * HOUR, note="已清运")
    assert (rate(loop, "deferred").numerator, rate(loop, "handled_on_time").numerator) == (1, 1)


def test_figures_are_of_the_readers_scope_and_of_the_cut_asked_for(loop):
    settle(loop)
    assert rate(loop, "closed", who="township").denominator == 1
    assert rate(loop, "closed", who="stranger").denominator == 0
    assert rate(loop, "closed", cut=Cut(department_id=loop.departments["north"])).denominator == 0
    assert rate(loop, "closed", cut=Cut(department_id=loop.departments["urban"])).denominator == 1
    assert rate(loop, "closed", cut=Cut(root=loop.town.area_path("E", "F"))).denominator == 0


def test_the_figures_of_a_week_come_out_of_the_logs_alone(loop):
    dice = random.Random(7)
    settle(loop, dispatched_wrong=True, rework=True, satisfied=True)
    keys = [loop.incident(dice.choice(["hotline", "patrol"])) for _ in range(6)]
    people = ["operator", "township", "chief", "urban", "worker"]
    names = ["file", "dispatch", "accept", "return", "handle", "rework", "check", "close", "extend", "suspend",
             "resume", "reject", "reopen", "feedback", "contact"]  # fmt: skip
    at = NOON
    for _ in range(400):
        at += timedelta(minutes=dice.choice([1, 7, 90]))
        name = dice.choice(names)
        told = {"dispatch": {"department": "urban"}, "extend": {"amount": 5, "unit": "h"},
                "suspend": {"until": (at + 9 * HOUR).isoformat()}}.get(name)  # fmt: skip
        try:
            with loop.db.begin_nested():
                loop.step(dice.choice(people), dice.choice(keys), name, at, told=told, note="说明")
        except GridmapError:
            continue
    period = Period(NOON + 3 * HOUR, at + 30 * HOUR)
    rows = read_facts(loop.db, scope_of(loop.operator, "indicator.read"), period, Cut())
    logs = recompute_facts(loop.db, period)
    assert len(logs.timed) > 20
    assert Counter(rows.acts) == Counter(logs.acts)
    assert Counter(rows.timed) == Counter(logs.timed)
    assert durations(rows, period) == durations(logs, period)


WHEN = "from=2026-03-03&to=2026-03-14"


@pytest.fixture
def app(tmp_path):
    return create_app(load_settings(api_per_minute=100_000, data_dir=tmp_path))


def test_a_rate_is_told_with_its_parts_its_rule_and_the_incidents_behind_it(app, loop, town):
    late, good = settle(loop, late=60), settle(loop)
    desk = over_all(app, loop.db, town)
    told = {each["key"]: each for each in desk.get(f"/api/v1/indicators?{WHEN}").json["indicators"]}
    figure = told["handled_on_time"]
    assert (figure["numerator"], figure["denominator"], figure["percent"]) == (1, 2, 50.0)
    assert figure["rule"].endswith("。")
    for part, expected in (("all", {late, good}), ("counted", {good}), ("rest", {late})):
        rows = desk.get(f"{figure['rows']}&part={part}").json
        assert ({row["id"] for row in rows["items"]}, rows["total"]) == ({str(key) for key in expected}, len(expected))
    assert told["verified_on_time"]["percent"] is None
    elsewhere = over_south(app, loop.db, town).get(f"/api/v1/indicators?{WHEN}").json
    assert all(each["denominator"] == 0 for each in elsewhere["indicators"])


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("indicators?from=2026-03-14&to=2026-03-03", 422, "一年"),
        ("indicators?from=2024-03-14&to=2026-03-03", 422, "一年"),
        (f"indicators?{WHEN}&department=x-17", 404, "x-17"),
        (f"indicators?{WHEN}&area=000", 404, "000"),
        (f"indicators/beauty/rows?{WHEN}", 404, "handled_on_time"),
        ("indicators", 400, "from"),
    ],
)
def test_what_cannot_be_counted_is_said_in_a_sentence(app, db, town, address, status, says):
    answer = over_all(app, db, town).get(f"/api/v1/{address}")
    assert answer.status_code == status
    assert says in answer.text
