"""Plans become editions in a real PostGIS: what moves, what stays, and what the logs say of it."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import text

from gridmap.grids.cards import grid_history
from gridmap.incidents.verify import is_intact, verify_incidents
from gridmap.planning.drafting import draft_of, plan_of
from gridmap.planning.impact import impact
from gridmap.planning.steps import submit
from tests.planning.turning import (
    HOUR,
    approved,
    drawn,
    explain,
    halved,
    merged,
    open_incident,
    published,
    rows,
    strip,
    turn,
)
from tests.worlds import CODE, NOON, point

LATER = NOON + HOUR


def duty(db, incident_id):
    return db.execute(
        text(
            "SELECT v.code, i.path = v.path AS same FROM incident i JOIN grid_version v ON v.grid_id = i.duty_grid_id"
            " AND upper_inf(v.valid) WHERE i.id = :id"
        ),
        {"id": incident_id},
    ).one()


def test_a_split_grid_keeps_its_code_in_one_half_and_the_other_gets_the_next_one(db, street):
    assert published(db, street, halved()) == 2
    grids = rows(db, "SELECT code, households, cause FROM grid_version WHERE edition_n = 2 ORDER BY code")
    assert [row for row in grids if row[2] != "node"] == [
        (CODE["A"], 200, "boundary"),
        ("990106001001003", 200, "split"),
    ]
    # C lies below A, and the line ends on its border: it gains a corner, which no history tells of.
    assert (CODE["C"], 400, "node") in grids
    shares = rows(
        db,
        "SELECT f.code, t.code, l.op, round(l.area_share::numeric, 3), l.household_share FROM lineage l"
        " JOIN grid_version f ON f.id = l.from_version_id JOIN grid_version t ON t.id = l.to_version_id"
        " WHERE l.op <> 'node' ORDER BY t.code",
    )
    assert [(f, t, op, float(a), h) for f, t, op, a, h in shares] == [
        (CODE["A"], CODE["A"], "boundary", 0.5, 0.5),
        (CODE["A"], "990106001001003", "split", 0.5, 0.5),
    ]


def test_open_work_goes_to_the_grid_that_holds_it_and_closed_work_stays(db, street):
    moved, kept, closed = (open_incident(db, at) for at in ((0.9, 2.5), (0.2, 2.5), (0.95, 2.2)))
    happened = rows(db, "SELECT id, grid_version_id FROM incident ORDER BY id")
    db.execute(text("UPDATE incident SET closed_at = :at WHERE id = :id"), {"at": NOON, "id": closed})
    published(db, street, strip("A", "B"))
    assert duty(db, moved) == (CODE["B"], True)
    assert duty(db, kept) == (CODE["A"], True)
    assert duty(db, closed).code == CODE["A"]
    assert rows(db, "SELECT id, grid_version_id FROM incident ORDER BY id") == happened
    assert rows(db, "SELECT v.code, count(*) FROM site s JOIN grid_version v ON v.grid_id = s.grid_id"
                    " AND upper_inf(v.valid) AND s.path = v.path GROUP BY v.code ORDER BY v.code")[:2] == [
        (CODE["A"], 5), (CODE["B"], 15)]  # fmt: skip
    assert rows(db, "SELECT d.path = v.path, v.code FROM device d JOIN grid_version v ON v.grid_id = d.grid_id"
                    " AND upper_inf(v.valid)") == [(True, CODE["B"])]  # fmt: skip


def test_hazards_that_somebody_must_see_to_go_with_their_ground(db, street):
    goes, stays, over = (add_hazard(db, *at) for at in ((0.9, 2.5), (0.2, 2.5), (0.95, 2.2)))
    db.execute(text("UPDATE hazard SET state = 'closed', closed_at = :at WHERE id = :id"), {"at": NOON, "id": over})
    published(db, street, strip("A", "B"))
    found = rows(
        db,
        "SELECT h.id, v.code, h.path = v.path FROM hazard h JOIN grid_version v ON v.grid_id = h.grid_id"
        " AND upper_inf(v.valid) AND upper_inf(v.recorded)",
    )
    assert {key: code for key, code, _ in found} == {goes: CODE["B"], stays: CODE["A"], over: CODE["A"]}
    assert all(same for *_, same in found)


def add_hazard(db, column, row):
    lon, lat = point(column, row)
    return db.scalar(
        text(
            "INSERT INTO hazard (id, number, place, grid_id, path, severity, what, found_at, recorded_at)"
            " SELECT :id, :number, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), v.grid_id, v.path, 3, '堆物', :at,"
            " :at"
            " FROM grid_version v WHERE v.code = :code AND upper_inf(v.valid) RETURNING id"
        ),
        {"id": uuid.uuid4(), "number": f"H-{column}", "lon": lon, "lat": lat, "at": NOON, "code": CODE["A"]},
    )


def test_the_log_of_a_moved_incident_still_rebuilds_its_row(db, street):
    moved = open_incident(db, (0.9, 2.5))
    published(db, street, strip("A", "B"))
    assert is_intact(db, moved)
    assert verify_incidents(db) == []
    step = rows(db, "SELECT step, from_state = to_state, data->>'from', data->>'to', data->>'edition'"
                    " FROM incident_log WHERE incident_id = :id ORDER BY seq DESC LIMIT 1", id=moved)  # fmt: skip
    assert step == [("move", True, CODE["A"], CODE["B"], "2")]


def test_what_the_impact_said_is_what_is_counted_afterwards(db, street):
    for at in ((0.9, 2.5), (0.8, 2.1), (0.3, 2.9), (1.5, 2.5), (0.4, 1.5)):
        open_incident(db, at)
    for at, done in (((0.9, 2.4), None), ((0.2, 2.4), None), ((0.95, 2.6), NOON)):
        db.execute(
            text(
                "INSERT INTO look_back (id, hazard_id, due_at, done_at, outcome)"
                " VALUES (gen_random_uuid(), :hazard, :at, :done, CASE WHEN CAST(:done AS timestamptz) IS NOT NULL"
                " THEN 'held' END)"
            ),
            {"hazard": add_hazard(db, *at), "at": NOON, "done": done},
        )
    plan_id = approved(db, street, strip("A", "B"), halved("C", "new-c"))
    said = impact(db, draft_of(db, plan_id), NOON).after
    turn(db, plan_id, LATER)
    codes = dict(rows(db, "SELECT temp_id, code FROM plan_grid WHERE plan_id = :plan", plan=plan_id))
    for grid, load in said.items():
        counted = db.execute(
            text(
                "SELECT v.households, (SELECT count(*) FROM site s WHERE s.grid_id = v.grid_id),"
                " (SELECT count(*) FROM device d WHERE d.grid_id = v.grid_id),"
                " (SELECT count(*) FROM incident i WHERE i.duty_grid_id = v.grid_id AND i.closed_at IS NULL),"
                " (SELECT count(*) FROM look_back l JOIN hazard h ON h.id = l.hazard_id WHERE h.grid_id = v.grid_id"
                "  AND l.done_at IS NULL),"
                " (SELECT count(DISTINCT a.person_id) FROM assignment a WHERE a.grid_id = v.grid_id AND a.valid @> :at)"
                " FROM grid_version v WHERE v.code = :code AND upper_inf(v.valid)"
            ),
            {"code": codes.get(grid, grid), "at": LATER},
        ).one()
        assert set(said) >= {CODE["A"], CODE["B"], CODE["C"], "new-c"}
        told = (load.households, load.buildings, load.devices, load.open_incidents, load.due_visits, load.staff)
        assert tuple(counted) == told, grid
    assert (said[CODE["A"]].due_visits, said[CODE["B"]].due_visits) == (1, 1)


def test_the_people_of_an_ended_grid_go_to_its_heir_and_a_new_grid_has_the_chief_of_the_old(db, street):
    published(db, street, merged("A", "B"), halved("C"))
    now = rows(
        db,
        "SELECT a.person_id, v.code, a.path = v.path FROM assignment a JOIN grid_version v ON v.grid_id = a.grid_id"
        " AND upper_inf(v.valid) WHERE a.role = 'chief' AND upper_inf(a.valid)",
    )
    assert (street.chiefs["B"], CODE["A"], True) in now
    assert (street.chiefs["C"], "990106001002003", True) in now
    assert not rows(db, "SELECT code FROM grid_version v WHERE upper_inf(valid) AND NOT EXISTS (SELECT FROM assignment"
                        " a WHERE a.grid_id = v.grid_id AND upper_inf(a.valid))")  # fmt: skip
    before = rows(
        db,
        "SELECT v.code FROM assignment a JOIN grid_version v ON v.grid_id = a.grid_id AND v.valid @> CAST(:at AS"
        " timestamptz) WHERE a.person_id = :chief AND a.valid @> CAST(:at AS timestamptz)",
        chief=street.chiefs["B"],
        at=NOON,
    )
    assert before == [(CODE["B"],)]
    assert rows(db, "SELECT changed->>'from', changed->>'to' FROM audit WHERE action = 'assignment.move'"
                    " AND object = :who", who=f"person:{street.chiefs['B']}") == [(CODE["B"], CODE["A"])]  # fmt: skip


def test_an_incident_without_a_place_of_its_own_goes_to_the_heir(db, street):
    incident = open_incident(db, (1.5, 2.5))
    # As an alert of a device whose place nobody knows: held by the path of its grid alone.
    db.execute(text("UPDATE incident SET duty_grid_id = NULL WHERE id = :id"), {"id": incident})
    published(db, street, merged("A", "B"))
    assert rows(db, "SELECT i.path = v.path, i.duty_grid_id FROM incident i, grid_version v WHERE i.id = :id"
                    " AND v.code = :a AND upper_inf(v.valid)", id=incident, a=CODE["A"]) == [(True, None)]  # fmt: skip


def test_nothing_is_published_before_its_hour_and_a_missed_hour_is_made_up_with_the_real_one(db, street):
    plan_id = approved(db, street, halved(), hour=NOON + 2 * HOUR)
    assert turn(db, plan_id, NOON + HOUR) is None
    late = NOON + 5 * HOUR + timedelta(minutes=7)
    assert turn(db, plan_id, late).edition == 2
    assert turn(db, plan_id, late) is None
    assert rows(db, "SELECT effective_at, plan_id, published_by FROM edition WHERE n = 2") == [
        (late, plan_id, street.other.id)
    ]
    plan = plan_of(db, plan_id)
    assert (plan.state, plan.edition_n, plan.published_at) == ("published", 2, late)
    assert rows(db, "SELECT effective_at = lower(v.valid) FROM edition e JOIN grid_version v ON v.edition_n = e.n"
                    " WHERE e.n = 2 GROUP BY 1") == [(True,)]  # fmt: skip


def test_an_earlier_day_keeps_its_bytes_and_its_people(db, street):
    def as_of(moment):
        return rows(
            db,
            "SELECT code, households, path::text, ST_AsBinary(plane), ST_AsBinary(shape) FROM grid_version"
            " WHERE valid @> CAST(:at AS timestamptz) ORDER BY code",
            at=moment,
        )

    before = as_of(NOON)
    published(db, street, strip("A", "B"), halved("C"), merged("E", "F"))
    assert as_of(NOON) == before
    assert as_of(LATER) != before


def test_a_corner_more_is_no_change_in_the_history_of_a_grid(db, street):
    published(db, street, halved("A"))
    assert rows(db, "SELECT cause FROM grid_version WHERE code = :c AND upper_inf(valid)", c=CODE["C"]) == [("node",)]
    assert [(row.cause, row.valid_to, row.went_to) for row in grid_history(db, CODE["C"])] == [("import", None, [])]
    published(db, street, halved("C", "new-c"), at=NOON + 2 * HOUR)
    newest, oldest = grid_history(db, CODE["C"])
    assert newest.valid_from == oldest.valid_to == NOON + 3 * HOUR
    assert sorted(link["op"] for link in oldest.went_to) == ["boundary", "split"]


def test_one_notice_wakes_the_screens_and_the_tiles_from_afar_are_drawn(db, street):
    open_incident(db, (0.9, 2.5))
    db.execute(text("DELETE FROM live_event"))
    published(db, street, strip("A", "B"))
    kinds = dict(rows(db, "SELECT kind, count(*) FROM live_event GROUP BY kind"))
    assert (kinds["edition"], kinds["incident"]) == (1, 1)
    assert not rows(db, "SELECT code FROM grid_version v WHERE upper_inf(valid) AND edition_n = 2"
                        " AND NOT EXISTS (SELECT FROM grid_afar f WHERE f.grid_version_id = v.id)")  # fmt: skip


def test_a_code_that_another_plan_drew_meanwhile_is_never_given_twice(db, street):
    published(db, street, halved("A"))
    published(db, street, halved("B", "new-b"), at=NOON + 2 * HOUR)
    codes = rows(db, "SELECT code FROM grid_version WHERE upper_inf(valid) AND code LIKE '990106001001%' ORDER BY 1")
    assert [code for (code,) in codes] == [f"99010600100100{n}" for n in (1, 2, 3, 4)]


def test_the_story_of_a_plan_names_every_step_and_the_audit_what_moved(db, street):
    open_incident(db, (0.9, 2.5))
    plan_id = approved(db, street, strip("A", "B"))
    turn(db, plan_id, LATER)
    steps = rows(db, "SELECT body, by_id FROM plan_note WHERE kind = 'step' ORDER BY at, body")
    assert sorted(steps) == sorted(
        [("submit", street.author.id), ("approve", street.other.id), ("publish", street.other.id)]
    )
    moved = rows(db, "SELECT changed FROM audit WHERE action = 'plan.publish'")[0][0]
    assert (moved["edition"], moved["incidents"], moved["sites"], moved["devices"]) == (2, 1, 5, 1)


def test_a_call_that_comes_twice_is_answered_once(db, street):
    plan_id, call = drawn(db, street.author, strip("A", "B")), uuid.uuid4()
    explain(db, street.author, plan_id)
    assert submit(db, street.author, plan_id, call, NOON)
    assert not submit(db, street.author, plan_id, call, NOON)
