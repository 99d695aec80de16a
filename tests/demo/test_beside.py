"""What lies beside the year of the made-up district: hotline, residents, hazards, whistles, rosters."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.demo.load import STEPS, load_demo
from gridmap.demo.open_door import ensure_door
from gridmap.hazards import notices
from gridmap.incidents.verify import verify_incidents
from gridmap.reports.mediafiles import MediaFiles
from gridmap.residents.codes import find_door
from gridmap.roster.queries import turns
from gridmap.system.verify import verify_audit
from gridmap.wiring import wire
from tests.demo.conftest import GRIDS, UNTIL, YEAR, owner_of

# What is new is dated around the load, not around the end of the year.
NOW = UNTIL + timedelta(hours=3)


@pytest.fixture(scope="module")
def updated(older_urls, tmp_path_factory):
    """The district of an older release after the load of this one: its engine, what the load said, its photos."""
    wire()
    engine, files = owner_of(older_urls), MediaFiles.below(tmp_path_factory.mktemp("photos"))
    begun: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        # How a letter is printed is not asked here, and takes longer than all the rest.
        patch.setattr(notices, "print_letter", lambda letter, locale: letter.number.encode())
        load_demo(engine, seed=1, grids=GRIDS, now=NOW, advance=begun.append, files=files)
    yield engine, begun, files
    engine.dispose()


@pytest.fixture
def db(updated):
    with Session(updated[0]) as session:
        yield session
        session.rollback()


def counted(db, said):
    return dict(map(tuple, db.execute(text(said)).all()))


def test_an_older_district_gains_the_new_steps_once(updated):
    engine, begun, files = updated
    assert begun == [step.sentence for step in STEPS if step not in YEAR]
    assert not load_demo(engine, seed=1, grids=GRIDS, advance=pytest.fail, files=files)


def test_the_hotline_has_callers_who_wait_who_were_called_and_who_call_again(db):
    (row,) = db.execute(
        text(
            "SELECT count(*) AS n, count(first_contact_at) AS contacted, count(c.report_id) AS named,"
            " count(*) FILTER (WHERE first_contact_at < received_at) AS before, max(repeat_n) AS again"
            " FROM hotline_order o LEFT JOIN contact c ON c.report_id = o.id"
        )
    )
    assert row.n > row.contacted > row.n / 2
    assert row.n > row.named > row.n / 2
    assert row.before == 0
    assert row.again == 2
    coming = counted(db, "SELECT kind, count(*) FROM escalation GROUP BY 1")
    assert (coming["second_repeat"], coming["dissatisfied"]) == (1, 1)
    calls = counted(db, "SELECT coalesce(outcome || ' ' || coalesce(satisfied, ''), 'due'), count(*) FROM call_back"
                        " GROUP BY 1")  # fmt: skip
    assert set(calls) >= {"reached yes", "reached partly", "reached no", "due"}
    # Whoever called thrice stands behind one incident, and all numbers with it.
    thrice = (
        "SELECT max(n) FROM (SELECT count(*) AS n FROM hotline_order o JOIN incident_source s ON s.report_id = o.id"
        " AND s.left_at IS NULL GROUP BY s.incident_id) AS each"
    )
    assert db.scalar(text(thrice)) == 3


def test_residents_have_doors_and_the_desk_has_something_to_judge(db, updated):
    found = counted(db, "SELECT moderation, count(*) FROM report JOIN resident_report ON report_id = id GROUP BY 1")
    assert set(found) == {"waiting", "shown", "hidden"}
    assert db.scalar(text("SELECT count(*) FROM resident_rating WHERE again AND decided_at IS NULL")) == 3
    names = db.scalars(
        text(
            "SELECT shown_name FROM media m WHERE EXISTS (SELECT FROM report_media r WHERE r.sha256 = m.sha256"
            " AND r.enclosed)"
        )
    ).all()
    assert names
    assert all(updated[2].read_copy(name, "coarse") for name in names)
    astray = "SELECT count(*) FROM resident_report t JOIN qr q ON q.id = t.qr_id JOIN report r ON r.id = t.report_id"
    assert db.scalar(text(f"{astray} WHERE q.site_id <> r.site_id OR q.made_at > r.received_at")) == 0


def test_the_ledger_has_every_stage_and_looks_that_are_due(db):
    assert set(counted(db, "SELECT state, count(*) FROM hazard GROUP BY 1")) == {"open", "rectifying", "closed"}
    assert db.scalar(text("SELECT count(*) FROM hazard WHERE origin_id IS NOT NULL")) > 0
    served = db.execute(text("SELECT due_at, delivered_at, answered_at FROM notice")).all()
    assert {(row.answered_at is not None, row.due_at < NOW) for row in served} >= {(True, True), (False, True),
                                                                                    (False, False)}  # fmt: skip
    due = db.scalars(text("SELECT due_at FROM look_back WHERE done_at IS NULL")).all()
    assert min(due) < NOW < max(due)
    assert any(NOW < day < NOW + timedelta(days=1) for day in due)
    zones = db.scalars(text("SELECT ended_at IS NULL FROM safe_zone")).all()
    assert sorted(zones) == [False] * 3 + [True] * 3


def test_whistles_stand_everywhere_a_whistle_can_stand(db):
    (row,) = db.execute(
        text(
            "SELECT count(*) AS n, count(acknowledged_at) AS heard, count(arrived_at) AS there, count(outcome) AS done,"
            " count(rating) AS rated, count(refused_at) AS refused FROM whistle_call"
        )
    )
    assert row.n - row.refused > row.heard > row.there > row.done > row.rated > 0
    assert set(counted(db, "SELECT decided_at IS NULL, count(*) FROM contested GROUP BY 1")) == {True, False}
    tiers = db.execute(text("SELECT count(*), count(answered_at), count(closed_at) FROM supervision")).one()
    assert tiers[0] > tiers[1] > tiers[2] > 0


def test_somebody_sits_at_every_desk_and_has_it_to_take_over(db):
    paths = db.scalars(
        text("SELECT DISTINCT path::text FROM assignment WHERE role IN ('operator', 'township') AND upper_inf(valid)")
    ).all()
    for path in paths:
        (now,) = turns(db, path, NOW, NOW)
        waiting = db.execute(
            text("SELECT given_by FROM handover WHERE path = CAST(:path AS ltree) AND taken_at IS NULL"), {"path": path}
        ).one()
        assert waiting.given_by != now.person["id"]


def test_all_of_it_stands_in_logs_that_are_whole(db):
    assert (verify_audit(db), verify_incidents(db)) == ([], [])


def test_a_door_can_be_tried_for_as_long_as_the_directory_is_there(updated, db, tmp_path):
    engine = updated[0]
    token = ensure_door(engine, tmp_path)
    assert ensure_door(engine, tmp_path) == token
    assert find_door(db, token).ended_at is None
    db.rollback()
    (tmp_path / "other").mkdir()
    other = ensure_door(engine, tmp_path / "other")
    assert find_door(db, other).ended_at is None
    assert ensure_door(engine, tmp_path) not in (None, other)
