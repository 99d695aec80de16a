"""What is worked out before the turn is what the turn would have worked out, and is dropped as soon as it is not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from gridmap.grids.afar import draw_afar
from gridmap.grids.publishing import wait_for_turn
from gridmap.planning import preparing, publishing
from gridmap.planning.holdings import inherited
from gridmap.planning.preparing import prepare
from gridmap.planning.publishing import publish_due
from tests.planning.turning import (
    CLOCK,
    HOUR,
    approved,
    drawn,
    merged,
    open_incident,
    published,
    rows,
    strip,
    turn,
)
from tests.worlds import CODE, NOON

LATER = NOON + HOUR
HOUSES = (
    "SELECT count(*) FROM site s JOIN grid_version v ON v.grid_id = s.grid_id AND upper_inf(v.valid) WHERE v.code = :c"
)
TALLY = (
    "SELECT path::text, cell_x, cell_y, sum(s1 + s2 + s3 + s4) FROM incident_tally GROUP BY 1, 2, 3"
    " HAVING sum(s1 + s2 + s3 + s4) <> 0 ORDER BY 1, 2, 3"
)


@pytest.fixture
def street(db, street):
    draw_afar(db)
    return street


@pytest.fixture
def worked_out(monkeypatch):
    """How often the turn worked the plan out itself."""
    asked = []

    def counted(db, plan):
        asked.append(plan.id)
        return preparing.work_out(db, plan)

    monkeypatch.setattr(publishing, "work_out", counted)
    return asked


def taken(db, plan_id, ready, at=LATER):
    """What the job does at the hour once it has prepared."""
    wait_for_turn(db)
    done = publish_due(db, CLOCK, plan_id, at, ready)
    assert done is not None
    return done


def outlines(db):
    statement = "SELECT v.code, f.z, ST_AsBinary(f.tile) FROM grid_afar f JOIN grid_version v ON v.id = grid_version_id"
    return {(code, z): bytes(tile) for code, z, tile in rows(db, f"{statement} WHERE v.edition_n = 2")}


def test_what_was_prepared_is_all_that_the_turn_needs(db, street, worked_out):
    here = open_incident(db, (0.9, 2.5))
    plan_id = approved(db, street, strip("A", "B"))
    ready = prepare(db, plan_id)
    late = open_incident(db, (0.95, 2.4))
    assert taken(db, plan_id, ready).edition == 2
    assert worked_out == []
    assert rows(db, HOUSES, c=CODE["B"]) == [(15,)]
    moved = "SELECT v.code FROM incident i JOIN grid_version v ON v.grid_id = duty_grid_id AND upper_inf(v.valid)"
    assert rows(db, f"{moved} WHERE i.id = ANY(:ids)", ids=[here, late]) == [(CODE["B"],)] * 2


def test_outlines_thinned_ahead_are_those_drawn_afterwards(db, street, worked_out):
    plan_id = approved(db, street, strip("A", "B"))
    taken(db, plan_id, prepare(db, plan_id))
    ahead = outlines(db)
    assert len(ahead) >= 6
    db.execute(text("DELETE FROM grid_afar f USING grid_version v WHERE v.id = grid_version_id AND v.edition_n = 2"))
    draw_afar(db)
    assert outlines(db) == ahead
    assert worked_out == []


def test_a_house_that_is_changed_after_preparing_goes_where_it_stands(db, street, worked_out):
    plan_id = approved(db, street, strip("A", "B"))
    ready = prepare(db, plan_id)
    # One of the five that would have stayed in A is surveyed anew: it stands in the strip.
    db.execute(
        text(
            "UPDATE site SET shape = (SELECT ST_Translate(shape, 0.00001, 0) FROM site WHERE name = 'A7')"
            " WHERE name = 'A2'"
        )
    )
    taken(db, plan_id, ready)
    assert worked_out == [plan_id]
    assert rows(db, HOUSES, c=CODE["B"]) == [(16,)]


def test_what_was_prepared_on_an_older_edition_is_dropped(db, street, worked_out):
    plan_id = approved(db, street, strip("A", "B"))
    ready = prepare(db, plan_id)
    assert published(db, street, strip("E", "F")) == 2
    assert taken(db, plan_id, ready, LATER + HOUR).edition == 3
    assert worked_out[-1] == plan_id


def test_a_plan_approved_anew_is_worked_out_anew(db, street, worked_out):
    plan_id = approved(db, street, strip("A", "B"))
    ready = prepare(db, plan_id)
    assert ready is not None
    taken(db, plan_id, replace(ready, approved_at=NOON - HOUR))
    assert worked_out == [plan_id]


def test_a_coverage_found_broken_ahead_is_not_published(db, street):
    plan_id = approved(db, street, strip("A", "B"))
    ready = prepare(db, plan_id)
    assert ready is not None
    assert ready.broken == []
    done = taken(db, plan_id, replace(ready, broken=[CODE["A"]]))
    assert done.edition is None
    assert rows(db, "SELECT state FROM plan WHERE id = :id", id=plan_id) == [("draft",)]


def test_only_an_approved_plan_on_the_newest_edition_is_prepared(db, street):
    draft, behind = drawn(db, street.author, strip("C", "D")), approved(db, street, strip("A", "B"))
    published(db, street, strip("E", "F"))
    assert prepare(db, draft) is None
    assert prepare(db, behind) is None
    assert turn(db, behind, NOON + 2 * HOUR).edition == 3


def test_what_is_surveyed_ahead_and_what_the_impact_says_are_one(db, street):
    open_incident(db, (0.9, 2.5))
    ready = prepare(db, approved(db, street, merged("A", "B")))
    assert ready is not None
    alone, with_it = inherited(db, ready.draft, LATER), inherited(db, ready.draft, LATER, ready.survey)
    assert [thing.id for thing in with_it.things] == [thing.id for thing in alone.things]
    assert (with_it.after, with_it.successors, with_it.altered) == (alone.after, alone.successors, alone.altered)


def test_going_to_another_grid_of_its_community_leaves_the_tally_alone(db, street):
    open_incident(db, (0.9, 2.5))
    open_incident(db, (0.2, 2.5))
    before, n = rows(db, TALLY), rows(db, "SELECT count(*) FROM incident_tally")
    published(db, street, strip("A", "B"))
    assert rows(db, TALLY) == before
    assert rows(db, "SELECT count(*) FROM incident_tally") == n
    db.execute(text("UPDATE incident SET path = subpath(path, 0, -2)"))
    assert [row[1:] for row in rows(db, TALLY)] == [row[1:] for row in before]
    assert {row[0] for row in rows(db, TALLY)} == {row[0].rsplit(".", 1)[0] for row in before}
    db.execute(text("UPDATE incident SET closed_at = :at"), {"at": LATER})
    assert rows(db, TALLY) == []
