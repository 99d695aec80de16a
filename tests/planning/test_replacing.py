"""A file that replaces the coverage in force moves what is open, as a plan that is published does."""

from __future__ import annotations

from dataclasses import replace

import shapely
from sqlalchemy import text

from gridmap.exchange.importing import Prepared
from gridmap.exchange.kinds import kind_of
from gridmap.grids.importing import coverage
from gridmap.intake.defects import Defects
from gridmap.intake.wishes import Checked
from gridmap.planning.replacing import carry_out_and_follow
from tests.planning.turning import ANYONE, HOUR, open_incident, rows
from tests.worlds import CODE, NOON, grid_drafts

LATER = NOON + HOUR


def test_a_coverage_that_a_file_replaces_takes_open_work_and_people_along(db, street):
    """The file gives the whole of A to B: A ends, what is open there is B's, and so are A's people."""
    here, closed = open_incident(db, (0.2, 2.5)), open_incident(db, (0.7, 2.5))
    db.execute(text("UPDATE incident SET closed_at = :at WHERE id = :id"), {"at": NOON, "id": closed})
    drafts = {draft.code: draft for draft in grid_drafts()}
    both = shapely.union_all([drafts.pop(CODE["A"]).plane, drafts[CODE["B"]].plane])
    drafts[CODE["B"]] = replace(drafts[CODE["B"]], plane=both)
    checked = Checked(plan=coverage._Plan(street.town.district_id, 1, [(LATER, list(drafts.values()))], "file"))
    prepared = Prepared(kind_of("grids"), 5, (), Defects(), checked, "")
    carry_out_and_follow(db, ANYONE, prepared, LATER)
    ids = street.town.grid_ids
    assert rows(db, "SELECT id, duty_grid_id FROM incident WHERE id = :i", i=here) == [(here, ids["B"])]
    assert rows(db, "SELECT id, duty_grid_id FROM incident WHERE id = :i", i=closed) == [(closed, ids["A"])]
    ((step,),) = rows(db, "SELECT data FROM incident_log WHERE incident_id = :i AND step = 'move'", i=here)
    assert (step["edition"], step["from"], step["to"]) == (2, CODE["A"], CODE["B"])
    assert rows(
        db,
        "SELECT a.grid_id FROM assignment a WHERE person_id = :p AND upper_inf(valid)",
        p=street.chiefs["A"],
    ) == [(ids["B"],)]
