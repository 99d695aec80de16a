"""The figures of a week are what a person would count by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from gridmap.errors import Invalid, NotFound
from gridmap.insight.brief import tables_of
from gridmap.insight.figures import read_brief
from gridmap.insight.queries import sight_of
from gridmap.insight.rules import Rate, Week
from gridmap.people.rules import Role
from tests.desks import south_path
from tests.insight.conftest import NOW
from tests.worlds import person

WEEK = Week(2026, 46, ZoneInfo("Asia/Shanghai"))
MONDAY = datetime(2026, 11, 8, 16, tzinfo=UTC)  # its first instant
DAY, HOUR, TICK = timedelta(days=1), timedelta(hours=1), timedelta(microseconds=1)


@pytest.fixture
def a_week(happened):
    happened("A", MONDAY)  # the first instant belongs to it
    happened("A", MONDAY - TICK)  # and the one before does not
    happened("B", MONDAY + DAY, due=MONDAY + 2 * DAY, closed=MONDAY + 2 * DAY)
    happened("C", MONDAY + DAY, due=MONDAY + 2 * DAY, closed=MONDAY + 3 * DAY, source="hotline")
    happened("E", MONDAY + 7 * DAY - TICK, due=MONDAY + 8 * DAY, source="resident")
    happened("E", MONDAY + 7 * DAY)  # the next week
    happened("F", MONDAY - 5 * DAY, due=MONDAY - 4 * DAY, closed=MONDAY + HOUR, source="camera")
    happened("F", MONDAY - 5 * DAY, due=MONDAY - 4 * DAY, source="camera")


def read(db, machine, week=WEEK, area=None):
    return read_brief(db, sight_of(machine), week, area, NOW)


def test_the_counts_equal_those_of_hand_written_sql(db, machine, a_week):
    brief = read(db, machine)
    by_hand = db.execute(
        text(
            "WITH week AS (SELECT timestamp '2026-11-09' AT TIME ZONE 'Asia/Shanghai' AS start,"
            " timestamp '2026-11-16' AT TIME ZONE 'Asia/Shanghai' AS stop)"
            " SELECT count(*) FILTER (WHERE occurred_at >= start AND occurred_at < stop) AS new,"
            " count(*) FILTER (WHERE closed_at >= start AND closed_at < stop) AS closed,"
            " count(*) FILTER (WHERE closed_at >= start AND closed_at < stop AND closed_at <= due_at) AS in_time,"
            " count(*) FILTER (WHERE occurred_at < stop AND (closed_at IS NULL OR closed_at >= stop)) AS open,"
            " count(*) FILTER (WHERE occurred_at < stop AND (closed_at IS NULL OR closed_at >= stop)"
            "  AND due_at < stop) AS overdue FROM incident, week"
        )
    ).one()
    tally = brief.this.tally
    assert (tally.new, tally.closed, tally.on_time.numerator, brief.this.open, brief.this.overdue) == by_hand
    assert by_hand == (4, 3, 1, 4, 1)
    assert tally.on_time == Rate(1, 3)
    assert tally.active == Rate(2, 4)
    assert [sum(column) for column in zip(*brief.days.values(), strict=True)] == [4, 3]


def test_the_parts_of_every_table_add_up_to_the_week(db, machine, a_week):
    brief = read(db, machine)
    for lines in (brief.classes, brief.townships, brief.communities, brief.sources):
        assert sum(line.this.new for line in lines) == brief.this.tally.new
        assert sum(line.before.closed for line in lines) == brief.before.tally.closed
    assert {line.name: line.this.new for line in brief.townships} == {"北镇": 3, "南镇": 1}


def test_an_incident_counts_where_its_grid_lay_on_its_own_day(db, town, machine, a_week):
    """What has moved since under another township is counted by the boundaries of its day."""
    db.execute(
        text("UPDATE incident SET path = CAST(:path AS ltree), duty_grid_id = :grid WHERE duty_grid_id = :old"),
        {"path": town.paths["F"], "grid": town.grid_ids["F"], "old": town.grid_ids["A"]},
    )
    brief = read(db, machine)
    assert {line.name: line.this.new for line in brief.townships} == {"北镇": 3, "南镇": 1}


def test_a_desk_counts_its_own_township_and_no_other(db, town, a_week):
    desk = person(db, Role.TOWNSHIP, south_path(town))
    brief = read(db, desk)
    assert (brief.this.tally.new, brief.this.tally.closed) == (1, 1)
    assert {line.name for line in brief.townships} == {"南镇"}
    assert len(brief.situation.grids) == 2
    assert {row.grid_name for row in brief.tightest} <= {"网格 E", "网格 F"}


def test_an_area_narrows_every_figure_and_the_map(db, machine, a_week):
    brief = read(db, machine, area="990106002")
    assert (brief.this.tally.new, brief.this.open, len(brief.situation.grids)) == (1, 2, 2)
    with pytest.raises(NotFound, match="no area with the code 990199"):
        read(db, machine, area="990199")


def test_a_week_without_anything_says_so_and_divides_by_nothing(db, machine, town):
    brief = read(db, machine)
    assert brief.empty
    assert brief.this.tally.on_time.percent is None
    figures = tables_of(brief, "en")[0]
    assert all(cell is None for row in figures.rows for cell in row[1:4])


def test_a_running_week_is_told_as_of_now(db, machine, happened):
    happened("A", NOW - HOUR, due=NOW - TICK)
    happened("B", NOW - HOUR, due=NOW + HOUR)
    brief = read(db, machine, WEEK.__class__(2026, 47, WEEK.zone))
    assert brief.running
    assert (brief.this.open, brief.this.overdue) == (2, 1)
    assert [row.grid_name for row in brief.tightest] == ["网格 A", "网格 B"]


def test_who_may_see_figures_only_gets_no_single_incident(db, town, a_week):
    planner = person(db, Role.PLANNER, str(town.district_id))
    brief = read(db, planner)
    assert brief.this.tally.new == 4
    assert not brief.tightest
    assert not brief.situation.incidents
    assert "Tightest deadlines" not in [table.name for table in tables_of(brief, "en")]


def test_a_map_of_no_grid_is_refused_with_a_sentence(db, town, machine):
    with pytest.raises(Invalid, match="nothing to draw"):
        read(db, machine, Week(2020, 3, WEEK.zone))
