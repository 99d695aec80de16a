"""The steps of the people of a grid: to accept, and to fix on the spot with proof."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import text

from gridmap.errors import Invalid, NotAllowed, NotFound
from gridmap.grids.locating import Told
from gridmap.incidents.actions import PhotosMissing, StepDraft, act
from gridmap.incidents.opening import open_for_reports
from gridmap.incidents.photos import photo_rows
from gridmap.incidents.refusing import LifeAtRisk, StepNotAllowed, step_to_take
from gridmap.incidents.rules import LogRow, State, fold
from gridmap.incidents.steps import STEPS, Asker, steps_from
from gridmap.incidents.verify import is_intact
from gridmap.people.rules import Role
from gridmap.reports.actions import ReportDraft, receive_reports
from gridmap.reports.rules import Evidence
from tests.worlds import NOON, person, point

BEFORE, AFTER = (hashlib.sha256(word).digest() for word in (b"before", b"after"))
PROOF = (Evidence(BEFORE, "before"), Evidence(AFTER, "after"))
HOUR = timedelta(hours=1)


@pytest.fixture
def operator(db, town):
    return person(db, Role.OPERATOR, str(town.district_id), area_id=town.district_id)


@pytest.fixture
def worker(db, town):
    return person(db, Role.WORKER, town.path_of("A"), grid_id=town.grid_ids["A"])


@pytest.fixture
def incident(db, operator):
    return incident_of(db, operator, "patrol")


def incident_of(db, actor, source, *, category="0201", at=NOON):
    draft = ReportDraft(
        uuid.uuid4(), source, category, "垃圾", Told(*point(0.5, 2.5)), None, at, {"n": uuid.uuid4().hex}
    )
    stored = receive_reports(db, actor, [draft], at)
    return open_for_reports(db, actor, stored, at)[draft.id].id


def sent(db, actor, *hashes):
    """Photos that somebody has sent whole, as rows alone."""
    for sha256 in hashes:
        db.execute(
            text(
                "INSERT INTO media (sha256, bytes, kind, state, shown_name, shown_sha256, width, height, orientation,"
                " uploaded_by, received_at) VALUES (:sha256, 9, 'jpeg', 'stored', gen_random_uuid(), :sha256, 4, 3, 1,"
                " :person, :at) ON CONFLICT DO NOTHING"
            ),
            {"sha256": sha256, "person": actor.id, "at": NOON},
        )
        db.execute(
            text("INSERT INTO media_sender (sha256, person_id, at) VALUES (:sha256, :person, :at)"),
            {"sha256": sha256, "person": actor.id, "at": NOON},
        )


def step(name, **said):
    return StepDraft(uuid.uuid4(), name, **said)


def fix(**said):
    return step("fix", **({"note": "已清理", "evidence": PROOF} | said))


def row_of(db, incident):
    return db.execute(text("SELECT * FROM incident WHERE id = :id"), {"id": incident}).one()


def log_of(db, incident):
    return db.execute(text("SELECT * FROM incident_log WHERE incident_id = :id ORDER BY seq"), {"id": incident}).all()


def test_who_accepts_holds_it_and_its_deadline_stays(db, worker, incident):
    due = row_of(db, incident).due_at
    act(db, worker, incident, step("accept"), NOON + HOUR)
    row = row_of(db, incident)
    assert (row.state, row.holder_person_id, row.due_at, row.closed_at) == ("handling", worker.id, due, None)


def test_a_fix_needs_a_note_and_a_photo_from_before_and_after(db, worker, incident):
    sent(db, worker, BEFORE, AFTER)
    with pytest.raises(Invalid, match="note"):
        act(db, worker, incident, fix(note=" "), NOON)
    for evidence in ((), PROOF[:1], PROOF[1:], (Evidence(BEFORE, "evidence"), PROOF[1])):
        with pytest.raises(Invalid, match="one from after"):
            act(db, worker, incident, fix(evidence=evidence), NOON)
    with pytest.raises(Invalid, match="two photos"):
        act(db, worker, incident, fix(evidence=(PROOF[0], Evidence(BEFORE, "after"))), NOON)
    assert row_of(db, incident).state == "filed"
    act(db, worker, incident, fix(), NOON)
    assert row_of(db, incident).closed_at == NOON


@pytest.mark.parametrize("origin", ["reported", "filed", "handling"])
def test_an_ordinary_matter_is_fixed_from_wherever_it_stands(db, operator, worker, origin):
    incident = incident_of(db, operator, "deliberation" if origin == "reported" else "patrol")
    if origin == "handling":
        act(db, worker, incident, step("accept"), NOON)
    sent(db, worker, BEFORE, AFTER)
    act(db, worker, incident, fix(), NOON + HOUR)
    row = row_of(db, incident)
    assert (row.state, row.closed_at) == ("closed", NOON + HOUR)
    assert row.due_at is not None, "what is settled in one go was filed in it, too"


def test_the_log_commits_to_the_photos_and_rebuilds_the_row(db, worker, incident):
    sent(db, worker, BEFORE, AFTER)
    act(db, worker, incident, step("accept"), NOON)
    act(db, worker, incident, fix(), NOON + HOUR)
    log = log_of(db, incident)
    assert log[-1].data["media"] == [
        {"sha256": BEFORE.hex(), "role": "before"},
        {"sha256": AFTER.hex(), "role": "after"},
    ]
    assert is_intact(db, incident)
    folded = fold(LogRow(row.seq, row.to_state, row.data, bytes(row.hash)) for row in log)
    folded["log_hash"] = "\\x" + folded["log_hash"].hex()
    rebuilt = db.execute(
        text("SELECT * FROM jsonb_populate_record(NULL::incident, CAST(:row AS jsonb))"), {"row": json.dumps(folded)}
    ).one()
    names = ("state", "holder_person_id", "due_at", "closed_at", "seq", "log_hash")
    assert [getattr(rebuilt, name) for name in names] == [getattr(row_of(db, incident), name) for name in names]
    assert [(row.role, row.by, row.here) for row in photo_rows(db, incident)] == [
        ("before", "step", True),
        ("after", "step", True),
    ]


def test_a_step_waits_for_its_photos(db, operator, worker, incident):
    sent(db, worker, BEFORE)
    sent(db, operator, AFTER)  # somebody else's photo proves nothing of what this worker saw
    with pytest.raises(PhotosMissing) as refused:
        act(db, worker, incident, fix(), NOON)
    assert refused.value.members == {"missing": [AFTER.hex()]}
    assert row_of(db, incident).state == "filed"


def test_where_life_is_at_risk_nothing_is_fixed_on_the_spot(db, operator, worker):
    db.execute(text("INSERT INTO category (code, name, severity) VALUES ('0104', '燃气泄漏', 1)"))
    incident = incident_of(db, operator, "patrol", category="0104")
    sent(db, worker, BEFORE, AFTER)
    with pytest.raises(LifeAtRisk):
        act(db, worker, incident, fix(), NOON)
    act(db, worker, incident, step("accept"), NOON)


def test_a_desk_neither_accepts_nor_fixes(db, operator, incident):
    for draft in (step("accept"), fix()):
        with pytest.raises(NotAllowed, match="is a step of others: Grid worker, Grid chief"):
            act(db, operator, incident, draft, NOON)


def test_a_worker_of_another_grid_does_not_see_it(db, town, incident):
    other = person(db, Role.WORKER, town.path_of("F"), grid_id=town.grid_ids["F"])
    with pytest.raises(NotFound):
        act(db, other, incident, step("accept"), NOON)


def test_a_second_one_to_accept_is_told_what_is_possible(db, town, worker, incident):
    act(db, worker, incident, step("accept"), NOON)
    second = person(db, Role.WORKER, town.path_of("A"), grid_id=town.grid_ids["A"])
    with pytest.raises(StepNotAllowed, match=r"“Accept” does not lead on from there\. Possible now: "):
        act(db, second, incident, step("accept"), NOON)


def test_what_was_done_without_network_counts_from_when_it_was_done(db, worker, incident):
    sent(db, worker, BEFORE, AFTER)
    act(db, worker, incident, fix(told_at=NOON + HOUR), NOON + 9 * HOUR)
    last = log_of(db, incident)[-1]
    assert (last.at, last.recorded_at) == (NOON + HOUR, NOON + 9 * HOUR)
    assert last.data["told_at"] == (NOON + HOUR).isoformat()
    assert row_of(db, incident).closed_at == NOON + HOUR


@pytest.mark.parametrize(
    ("told", "counted", "suspect"),
    [
        (-3 * HOUR, timedelta(0), None),  # before the incident was opened
        (10 * HOUR, 9 * HOUR, True),  # a clock that runs ahead
        (-60 * 24 * HOUR, 9 * HOUR, True),
    ],
)
def test_a_clock_that_cannot_be_right_moves_nothing(db, worker, incident, told, counted, suspect):
    act(db, worker, incident, step("accept", told_at=NOON + told), NOON + 9 * HOUR)
    last = log_of(db, incident)[-1]
    assert (last.at, last.data.get("clock_suspect")) == (NOON + counted, suspect)
    assert last.data["told_at"] == (NOON + told).isoformat()


def test_the_same_step_is_taken_once_with_its_photos(db, worker, incident):
    sent(db, worker, BEFORE, AFTER)
    draft = fix(told_at=NOON)
    assert act(db, worker, incident, draft, NOON + HOUR)
    assert not act(db, worker, incident, draft, NOON + 2 * HOUR)
    assert len(photo_rows(db, incident)) == 2


def test_every_refusal_names_what_is_possible_in_both_languages():
    people = {*Role} - {Role.DEVICE, Role.PUBLIC}
    everything = {"reason", "note", "before", "after"}
    for state, severity, role, step in product(State, (1, 2, 3, 4), people, STEPS):
        asker = Asker({role})
        possible = {arrow.name for arrow in steps_from(state, severity, asker)}

        def take(state=state, severity=severity, asker=asker, step=step):
            return step_to_take("1", state, severity, step.name, asker=asker, given=everything)

        if step.name in possible:
            assert take() is step
        else:
            with pytest.raises((StepNotAllowed, LifeAtRisk, NotAllowed)) as refusal:
                take()
            assert refusal.value.sentence("zh-CN") != refusal.value.sentence("en")
