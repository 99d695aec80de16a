"""Figures on the grids of another edition: counted anew where there are places, estimated where there are none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from gridmap.errors import NotFound
from gridmap.planning.restating import Link, carried_back, restate
from tests.planning.turning import halved, merged, open_incident, published, strip
from tests.worlds import CODE, NOON

DAY = timedelta(days=1)


def counted(db, edition):
    return {
        grid.code: (sum(grid.by_severity), grid.households, grid.households_today, grid.estimated)
        for grid in restate(db, edition, NOON - DAY, NOON + DAY)
    }


def test_incidents_are_counted_anew_on_the_grids_of_any_edition(db, street):
    for at in ((0.9, 2.5), (0.95, 2.1), (0.3, 2.5), (1.5, 2.5), (0.4, 0.5), (0.2, 0.5)):
        open_incident(db, at)
    open_incident(db, (0.9, 2.5), NOON - 2 * DAY)
    published(db, street, strip("A", "B"), halved("E"))
    then, now = counted(db, 1), counted(db, 2)
    assert [then[CODE[letter]][0] for letter in "ABCDEF"] == [3, 1, 0, 0, 2, 0]
    assert [now[CODE[letter]][0] for letter in "ABCDEF"] == [1, 3, 0, 0, 2, 0]
    assert sum(n for n, *_ in now.values()) == sum(n for n, *_ in then.values()) == 6
    assert restate(db, 1, NOON - DAY, NOON + DAY)[0].by_severity == (0, 0, 3, 0)


def test_a_place_on_a_common_border_counts_once(db, street):
    open_incident(db, (1.0, 2.5))
    assert sum(n for n, *_ in counted(db, 1).values()) == 1


def test_households_of_today_are_carried_back_by_shares_and_called_an_estimate(db, street):
    published(db, street, merged("A", "B"), halved("E"))
    db.execute(text("UPDATE grid_version SET households = 900 WHERE code = :a AND edition_n = 2"), {"a": CODE["A"]})
    then = counted(db, 1)
    # 900 live on what were A and B with 400 each. E is two grids that came out of it alone: their sum is no guess.
    assert then[CODE["A"]][1:] == (400, 450.0, True)
    assert then[CODE["B"]][1:] == (400, 450.0, True)
    assert then[CODE["E"]][1:] == (400, 400.0, False)
    assert then[CODE["F"]][1:] == (400, 400.0, False)


def test_what_is_carried_back_adds_up_to_what_it_was():
    links = [
        [Link(3, 5, 0.25, 400), Link(3, 6, 0.75, 400), Link(4, 6, 1.0, 100)],
        [Link(1, 3, 1.0, 380), Link(2, 4, 1.0, 90)],
    ]
    carried = carried_back({5: 120.0, 6: 480.0, 7: 30.0}, links)
    assert sum(figure for figure, _ in carried.values()) == pytest.approx(630)
    assert carried[1] == (pytest.approx(120 + 480 * 0.75), True)
    assert carried[7] == (30.0, False)


def test_an_edition_that_never_was_is_refused(db, street):
    with pytest.raises(NotFound, match="no edition 9"):
        restate(db, 9, NOON - DAY, NOON)
