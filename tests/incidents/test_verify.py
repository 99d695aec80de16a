"""Whoever bends, removes or cuts the log of an incident is found; the incident and its first wrong step are named."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from gridmap.database import make_engine
from gridmap.grids.locating import Told
from gridmap.incidents.actions import StepDraft, act
from gridmap.incidents.commitments import commit_unnamed
from gridmap.incidents.opening import open_for_alerts, open_for_reports
from gridmap.incidents.verify import verify_incidents
from gridmap.people.rules import Actor, Role
from gridmap.reports.actions import ReportDraft, receive_reports
from gridmap.sensing.actions import AlertDraft, receive_alerts
from gridmap.system.audit import Doer
from gridmap.system.verify import Defect, verify_audit, write_anchor
from tests.database import rolled_back
from tests.worlds import NOON, Town, add_device, build_town, device_actor, person, point

# What a keeper of the database can do who knows how rows are sealed: make every row of a log follow the one before.
RECHAIN = """
    DO $$ DECLARE l incident_log; before bytea := decode(repeat('00', 32), 'hex');
    BEGIN
        FOR l IN SELECT * FROM incident_log WHERE incident_id = '{id}' ORDER BY seq LOOP
            l.prev_hash := before;
            before := sha256(l.prev_hash || convert_to(incident_log_canonical(l), 'UTF8'));
            UPDATE incident_log SET prev_hash = l.prev_hash, hash = before WHERE incident_id = l.incident_id
                AND seq = l.seq;
        END LOOP;
        UPDATE incident i SET log_hash = before, seq = n.seq
            FROM (SELECT max(seq) AS seq FROM incident_log WHERE incident_id = '{id}') n WHERE i.id = '{id}';
    END $$
"""


def report(n: int = 0) -> ReportDraft:
    report_id = uuid.uuid4()
    told = Told(*point(0.5, 2.5), error_m=20)
    return ReportDraft(report_id, "hotline", "0201", "垃圾成堆", told, None, NOON, {"id": str(report_id), "n": n})


def take_in(db, actor, *drafts):
    opened = open_for_reports(db, actor, receive_reports(db, actor, drafts, NOON), NOON)
    return [incident.id for incident in opened.values()]


def step(db, actor, incident, name, note=None, reason=None):
    draft = StepDraft(uuid.uuid4(), name, note=note, reason=reason)
    assert act(db, actor, incident, draft, NOON + timedelta(hours=1))


@dataclass(frozen=True)
class World:
    """A town, its desk, and an incident with three steps; two others stand beside it, in the same batch and alone."""

    town: Town
    desk: Actor
    settled: UUID


@pytest.fixture(scope="module")
def built(owner_engine) -> Iterator[tuple[Session, World]]:
    """The world, made once; each test works in a savepoint of its own."""
    with rolled_back(owner_engine) as db:
        # With the other heads away, every writer takes the first chain of the audit.
        db.execute(text("DELETE FROM audit_head WHERE chain > 0"))
        town = build_town(db)
        desk = person(db, Role.OPERATOR, town.area_path("A", "F"), area_id=town.district_id)
        settled, _ = take_in(db, desk, report(1), report(2))
        take_in(db, desk, report(3))
        step(db, desk, settled, "file")
        step(db, desk, settled, "reject", note="清理完毕", reason="false-alarm")
        yield db, World(town, desk, settled)


@pytest.fixture
def world(built) -> World:
    return built[1]


@pytest.fixture
def settled(world) -> UUID:
    return world.settled


@pytest.fixture
def owner_db(built) -> Iterator[Session]:
    """The session of the schema's owner, who may do anything to the rows."""
    db = built[0]
    savepoint = db.begin_nested()
    yield db
    savepoint.rollback()


@pytest.fixture
def bend(owner_db, settled):
    """Change the database as its owner; `{id}` is the settled incident."""

    def change(*statements: str) -> None:
        for statement in statements:
            owner_db.execute(text(statement.format(id=settled)))

    return change


@pytest.fixture
def named(owner_db, settled):
    """What the verifier finds, which must all be of the settled incident: its faults and their steps."""
    number = owner_db.scalar(text("SELECT number FROM incident WHERE id = :id"), {"id": settled})

    def look() -> list[tuple[str, int]]:
        found = verify_incidents(owner_db)
        assert {(defect.incident_id, defect.number) for defect in found} <= {(settled, number)}
        return [(defect.fault, defect.seq) for defect in found]

    return look


def test_honest_logs_are_whole(named):
    assert named() == []


def test_what_devices_told_is_whole_too(owner_db, world):
    device = add_device(owner_db, world.town, "cam-1", "A", point(0.5, 2.5))
    actor = device_actor(device, "cam-1", world.town.path_of("A"))
    alert = AlertDraft(uuid.uuid4(), "cam-1", "fire_lane", NOON, 0.9, None, None, None, {"n": 1})
    assert open_for_alerts(owner_db, actor, receive_alerts(owner_db, actor, [alert], NOON), NOON)
    assert verify_incidents(owner_db) == []


def test_an_incident_and_its_creation_are_one_row_of_the_audit(owner_db, settled):
    rows = owner_db.execute(
        text("SELECT changed->'heads' FROM audit WHERE action = 'incident.open' ORDER BY at")
    ).scalars()
    assert [len(heads) for heads in rows] == [2, 1]


@pytest.mark.parametrize(
    "change",
    [
        "actor_id = 99",
        "at = at + interval '1 microsecond'",
        "recorded_at = recorded_at - interval '1 day'",
        "role = 'chief'",
        "step = 'x'",
        "from_state = NULL",
        "to_state = 'closed'",
        "reason = 'x'",
        "data = '{{}}'",
        """data = '{{"set": {{"severity": "no number"}}}}'""",
        "note_digest = decode(repeat('ab', 32), 'hex')",
        "step_id = gen_random_uuid()",
        "prev_hash = decode(repeat('ab', 32), 'hex')",
        "hash = decode(repeat('ab', 32), 'hex')",
    ],
)
def test_a_changed_step_is_named(bend, named, change):
    bend(f"UPDATE incident_log SET {change} WHERE incident_id = '{{id}}' AND seq = 2")
    assert named() == [("changed", 2)]


@pytest.mark.parametrize("seq", [1, 2])
def test_a_removed_step_is_named(bend, named, seq):
    bend(f"DELETE FROM incident_log WHERE incident_id = '{{id}}' AND seq = {seq}")
    assert named() == [("missing", seq)]


def test_a_log_whose_end_was_cut_is_named(bend, named):
    bend(
        "DELETE FROM incident_note WHERE incident_id = '{id}'",
        "DELETE FROM incident_log WHERE incident_id = '{id}' AND seq = 3",
    )
    assert named() == [("cut", 3)]


def test_a_log_whose_end_was_cut_and_whose_incident_was_set_back_is_named(bend, named):
    bend(
        "DELETE FROM incident_note WHERE incident_id = '{id}'",
        "DELETE FROM incident_log WHERE incident_id = '{id}' AND seq = 3",
        "UPDATE incident SET state = 'filed', closed_at = NULL WHERE id = '{id}'",
        RECHAIN,
    )
    assert named() == [("cut", 3)]


WHOLLY = (
    "DELETE FROM incident_source WHERE incident_id = '{id}'",
    "DELETE FROM incident_note WHERE incident_id = '{id}'",
    "DELETE FROM incident_log WHERE incident_id = '{id}'",
    "DELETE FROM incident WHERE id = '{id}'",
)


def test_an_incident_that_is_gone_with_its_log_is_named_by_its_number(bend, named):
    bend(*WHOLLY)
    assert named() == [("gone", 1)]


def test_a_log_that_is_gone_while_its_incident_stays_is_named(bend, named):
    bend(*WHOLLY[:3])
    assert named() == [("cut", 1)]


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_a_log_that_was_rewritten_from_a_step_on_is_named(bend, named, seq):
    bend(f"UPDATE incident_log SET reason = 'x' WHERE incident_id = '{{id}}' AND seq = {seq}", RECHAIN)
    assert named() == [("rewritten", seq)]


def test_a_step_that_was_slipped_in_past_the_service_is_named(bend, named):
    bend(
        "INSERT INTO incident_log (incident_id, seq, step_id, at, recorded_at, role, step, to_state, data, prev_hash,"
        " hash) SELECT id, 4, gen_random_uuid(), now(), now(), 'system', 'file', 'closed',"
        """ '{{"set": {{"severity": "no number"}}}}', log_hash, log_hash FROM incident WHERE id = '{id}'""",
        RECHAIN,
    )
    assert named() == [("unnamed", 4)]


def test_an_incident_that_nobody_reported_is_named(owner_db, settled):
    forged = uuid.uuid4()
    owner_db.execute(
        text(
            "INSERT INTO incident_log (incident_id, seq, step_id, at, recorded_at, role, step, to_state, data,"
            " prev_hash, hash) SELECT :forged, 1, gen_random_uuid(), at, recorded_at, role, step, to_state,"
            " jsonb_set(jsonb_set(data, '{set,id}', to_jsonb(CAST(:forged AS text))), '{set,number}', '\"X-1\"'),"
            " prev_hash, hash FROM incident_log WHERE incident_id = :id AND seq = 1"
        ),
        {"forged": forged, "id": settled},
    )
    owner_db.execute(
        text(
            "INSERT INTO incident (id, number, category, severity, state, source, place, placed, path, occurred_at,"
            " seq, log_hash) SELECT l.incident_id, 'X-1', category, severity, 'reported', source, place, placed, path,"
            " occurred_at, 1, l.hash FROM incident i, incident_log l WHERE i.id = :id AND l.incident_id = :forged"
        ),
        {"forged": forged, "id": settled},
    )
    found = verify_incidents(owner_db)
    assert [(defect.number, defect.fault, defect.seq) for defect in found] == [("X-1", "unnamed", 1)]


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ("number = 'X-1'", "number"),
        ("category = '0301'", "category"),
        ("severity = 4", "severity"),
        ("state = 'closed'", "state"),
        ("level = 'chief'", "level"),
        ("place = ST_Translate(place, 0.000000001, 0)", "place"),
        ("duty_grid_id = NULL", "duty_grid_id"),
        ("path = subpath(path, 0, 1)", "path"),
        ("due_at = due_at + interval '1 day'", "due_at"),
        ("closed_at = NULL", "closed_at"),
        ("runners = '[1]'", "runners"),
        ("seq = 9", "seq"),
        ("log_hash = decode(repeat('ab', 32), 'hex')", "log_hash"),
    ],
)
def test_an_incident_that_is_not_what_its_log_says_is_named_with_the_column(owner_db, bend, settled, change, column):
    bend(f"UPDATE incident SET {change} WHERE id = '{{id}}'")
    (defect,) = verify_incidents(owner_db)
    assert (defect.incident_id, defect.fault, defect.columns) == (settled, "row", (column,))


def test_a_note_that_was_changed_is_named(bend, named):
    bend("UPDATE incident_note SET body = '没有问题' WHERE incident_id = '{id}'")
    assert named() == [("note", 3)]


def test_a_note_that_the_law_had_erased_leaves_the_log_whole(bend, named):
    bend("DELETE FROM incident_note WHERE incident_id = '{id}'")
    assert named() == []


def test_a_photo_that_was_laid_to_a_step_afterwards_is_named(bend, named):
    bend(
        "INSERT INTO media (sha256, bytes, kind, state, width, height, orientation, received_at) VALUES"
        " (decode(repeat('cd', 32), 'hex'), 9, 'jpeg', 'erased', 1, 1, 1, now())",
        "INSERT INTO incident_log_media VALUES ('{id}', 3, decode(repeat('cd', 32), 'hex'), 'after')",
    )
    assert named() == [("photos", 3)]


def test_an_incident_that_is_cut_together_with_its_audit_is_found_by_the_anchor(owner_db, bend, tmp_path):
    """The audit names the logs, and the anchor outside of the database names the audit."""
    anchor = write_anchor(owner_db, tmp_path / "anchor", NOON)
    newest = owner_db.scalar(text("SELECT max(seq) FROM audit"))
    bend(
        "DELETE FROM incident_note WHERE incident_id = '{id}'",
        "DELETE FROM incident_log WHERE incident_id = '{id}' AND seq = 3",
        "UPDATE incident SET state = 'filed', closed_at = NULL WHERE id = '{id}'",
        RECHAIN,
        f"DELETE FROM audit WHERE seq = {newest}",
        "UPDATE audit_head SET (seq, hash) = (SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1)",
    )
    assert (verify_incidents(owner_db), verify_audit(owner_db)) == ([], [])
    assert verify_audit(owner_db, anchor) == [Defect(0, newest, "cut")]


def test_logs_that_the_audit_does_not_name_are_named_at_once_and_only_once(owner_db, settled):
    owner_db.execute(text("DELETE FROM audit WHERE action LIKE 'incident.%'"))
    assert [(defect.fault, defect.seq) for defect in verify_incidents(owner_db)] == [("unnamed", 1)] * 3
    assert commit_unnamed(owner_db, Doer(None, "system"), "test") == 3
    assert verify_incidents(owner_db) == []
    assert commit_unnamed(owner_db, Doer(None, "system"), "test") == 0


def test_steps_taken_while_it_walks_are_no_defects(fresh_database):
    """Before each of its statements a report comes in and a step is taken, and committed."""
    writing = make_engine(fresh_database.app, idle_timeout_s=None)
    looking = make_engine(fresh_database.app, idle_timeout_s=None)
    with Session(writing) as other, Session(looking.execution_options(isolation_level="REPEATABLE READ")) as db:
        town = build_town(other)
        desk = person(other, Role.OPERATOR, town.area_path("A", "F"), area_id=town.district_id)
        incidents = take_in(other, desk, *(report(n) for n in range(20)))
        other.commit()

        @event.listens_for(looking, "before_cursor_execute")
        def write(*_: object) -> None:
            step(other, desk, incidents.pop(), "file")
            take_in(other, desk, report())
            other.commit()

        assert (verify_audit(db), verify_incidents(db)) == ([], [])
        assert len(incidents) < 20
    for engine in (writing, looking):
        engine.dispose()
