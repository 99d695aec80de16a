"""The made-up district in the database is the one that was made up."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from sqlalchemy import func, select, text

from geodata.crs import shapes_to_lonlat
from gridmap.catalogue.soundness import find_faults
from gridmap.demo import load
from gridmap.demo.coverage import coverages_of
from gridmap.demo.load import STEPS, Step, load_demo
from gridmap.errors import Conflict
from gridmap.grids.actions import attach_sites
from gridmap.grids.queries import in_force
from gridmap.grids.tables import GridVersion
from gridmap.incidents.history import events_of
from gridmap.incidents.log import FIRST_HASH
from gridmap.incidents.replay import clocks_from
from gridmap.incidents.rules import LogRow, fold
from gridmap.incidents.rulings import book_of
from gridmap.incidents.steps import STEP_OF
from gridmap.incidents.taking import hold
from gridmap.incidents.verify import verify_incidents
from gridmap.system.verify import verify_audit
from tests.demo.conftest import GRIDS, UNTIL, YEAR, owner_of
from tests.worlds import build_town

COUNTS = {
    "area": "areas",
    "site": "sites",
    "way": "ways",
    "ground": "ground",
    "department": "departments",
    "assignment": "people",
    "device": "devices",
    "device_pose": "devices",
    "template": "templates",
    "incident": "incidents",
    "incident_source": "incidents",
    "receipt": "incidents",
}


@pytest.mark.parametrize(("table", "frame"), COUNTS.items())
def test_every_row_of_the_frames_is_there(loaded, district, table, frame):
    only = " WHERE left_at IS NULL" if table == "incident_source" else ""
    assert loaded.scalar(text(f"SELECT count(*) FROM {table}{only}")) == len(getattr(district, frame))


def test_the_classes_of_the_district_are_among_those_of_the_catalogue(loaded, district):
    rows = loaded.execute(text("SELECT code, name, severity, evidence, offered FROM category")).all()
    known = {row.code: tuple(row)[1:] for row in rows}
    for row in district.categories.to_dict("records"):
        assert known[row["code"]] == (row["name"], row["severity"], row["evidence"], True)


def test_every_township_has_its_lists_of_duties(loaded, district):
    rows = loaded.execute(text("SELECT list, count(*) FROM duty GROUP BY list ORDER BY list")).all()
    # Of four townships of the ten, for which there are 1,075 basic, 882 assisting and 896 withdrawn ones.
    assert dict(map(tuple, rows)) == {"assisting": 354, "basic": 432, "withdrawn": 360}
    assert find_faults(loaded, UNTIL.date()) == []


def test_reports_and_alerts_together_are_what_was_noticed(loaded, district):
    by_device = district.incidents["device_code"].notna().sum()
    assert loaded.scalar(text("SELECT count(*) FROM alert")) == by_device
    assert loaded.scalar(text("SELECT count(*) FROM report")) == len(district.incidents) - by_device
    assert loaded.scalar(text("SELECT count(*) FROM alert_default")) == 0


@pytest.mark.parametrize("n", range(4))
def test_each_edition_reads_back_byte_for_byte(loaded, district, n):
    effective_at, grids = coverages_of(district)[n]
    rows = loaded.execute(
        select(
            GridVersion.code,
            func.ST_AsBinary(GridVersion.plane, type_=None),
            func.ST_AsBinary(GridVersion.shape, type_=None),
        ).where(in_force(GridVersion, effective_at))
    ).all()
    planes = {code: bytes(plane) for code, plane, _ in rows}
    shapes = {code: bytes(shape) for code, _, shape in rows}
    geometry = grids.geometry.to_numpy()
    assert planes == dict(zip(grids["code"], shapely.to_wkb(geometry), strict=True))
    assert shapes == dict(zip(grids["code"], shapely.to_wkb(shapes_to_lonlat(geometry, district.srid)), strict=True))


def test_ids_of_the_first_coverage_follow_the_codes(loaded, district):
    first = coverages_of(district)[0][1]
    rows = loaded.execute(
        select(GridVersion.code)
        .where(in_force(GridVersion, coverages_of(district)[0][0]))
        .order_by(GridVersion.grid_id)
    )
    assert list(rows.scalars()) == sorted(first["code"])


def test_every_incident_happened_in_the_grid_of_its_own_day(loaded, district):
    strays = loaded.scalar(
        text(
            "SELECT count(*) FROM incident i JOIN grid_version v ON v.id = i.grid_version_id"
            " WHERE NOT (v.valid @> i.occurred_at AND ST_Covers(v.shape, i.place))"
        )
    )
    assert strays == 0
    rows = loaded.execute(
        text(
            "SELECT coalesce(s.report_id, s.alert_id)::text, v.code FROM incident i"
            " JOIN incident_source s ON s.incident_id = i.id AND s.why = 'opened'"
            " JOIN grid_version v ON v.id = i.grid_version_id"
        )
    )
    assert dict(map(tuple, rows)) == dict(zip(district.incidents["id"], district.incidents["grid_code"], strict=True))


def test_open_incidents_lie_with_who_answers_now(loaded):
    astray = loaded.scalar(
        text(
            "SELECT count(*) FROM incident i JOIN grid_version v ON upper_inf(v.valid) AND upper_inf(v.recorded)"
            " AND ST_Covers(v.shape, i.place) WHERE i.closed_at IS NULL AND i.path <> v.path AND NOT ST_Intersects("
            " ST_Boundary(v.shape), i.place)"
        )
    )
    assert loaded.scalar(text("SELECT count(*) FROM incident WHERE closed_at IS NULL")) > 0
    assert astray == 0


def test_every_log_is_whole_and_ends_where_its_incident_stands(loaded, district):
    broken = loaded.scalar(
        text(
            "SELECT count(*) FROM (SELECT l.*, lag(l.hash) OVER chain AS before, row_number() OVER chain AS n"
            "  FROM incident_log l WINDOW chain AS (PARTITION BY incident_id ORDER BY seq)) AS l WHERE l.seq <> l.n"
            " OR l.prev_hash <> coalesce(l.before, :first) OR l.hash <> sha256(l.prev_hash || convert_to("
            " incident_log_canonical((SELECT o FROM incident_log o WHERE o.incident_id = l.incident_id"
            " AND o.seq = l.seq)), 'UTF8'))"
        ),
        {"first": FIRST_HASH},
    )
    assert broken == 0
    loose = loaded.scalar(
        text(
            "SELECT count(*) FROM incident i LEFT JOIN incident_log l ON l.incident_id = i.id AND l.seq = i.seq"
            " AND l.hash = i.log_hash WHERE l.seq IS NULL"
        )
    )
    assert loose == 0
    closed = district.incidents["closed_at"].notna().sum()
    assert loaded.scalar(text("SELECT count(*) FROM incident WHERE closed_at IS NOT NULL")) == closed
    states = set(loaded.scalars(text("SELECT DISTINCT state FROM incident")))
    assert states >= {"filed", "handling", "dispatched", "handled", "closed", "rejected", "merged"}
    illegal = loaded.execute(text("SELECT DISTINCT step, from_state, to_state, role FROM incident_log WHERE seq > 2"))
    for step, left, to, role in illegal:
        if step != "join":
            arrow = STEP_OF[step]
            assert (left in arrow.origins, to, role in arrow.roles) == (True, arrow.to or left, True), step


def test_whoever_handled_it_did_not_check_it_and_who_waited_was_told(loaded):
    def count(said):
        return loaded.scalar(text(f"SELECT count(*) FROM incident i WHERE {said}"))

    by = "SELECT actor_id FROM incident_log l WHERE l.incident_id = i.id AND l.step = '{}'"
    assert count(f"EXISTS ({by.format('check')} INTERSECT ({by.format('handle')}))") == 0
    assert count(f"state = 'closed' AND source = 'hotline' AND NOT EXISTS ({by.format('feedback')})") == 0


def test_the_clocks_of_what_is_open_are_those_of_its_log(loaded):
    for key in loaded.scalars(text("SELECT id FROM incident WHERE closed_at IS NULL ORDER BY id LIMIT 40")).all():
        (held,) = hold(loaded, [key], None, UNTIL).values()
        clocks = clocks_from(events_of(loaded, key), held.grid_kind, book_of(loaded, held.time_zone).ruling)
        kept = loaded.execute(text("SELECT stage, since_seq, due_at FROM clock WHERE incident_id = :id"), {"id": key})
        assert {tuple(row) for row in kept} == {(c.stage, c.since_seq, c.due_at) for c in clocks}


def test_the_loaded_record_is_whole(loaded):
    assert (verify_audit(loaded), verify_incidents(loaded)) == ([], [])


def test_replaying_a_log_gives_the_incident(loaded):
    for state in ("filed", "closed"):
        incident = loaded.execute(
            text("SELECT *, ST_AsEWKT(place) AS told FROM incident WHERE state = :state ORDER BY id LIMIT 1"),
            {"state": state},
        ).one()
        rows = loaded.execute(
            text("SELECT seq, to_state, data, hash FROM incident_log WHERE incident_id = :id ORDER BY seq"),
            {"id": incident.id},
        )
        folded = fold(LogRow(*row) for row in rows)
        times = ("occurred_at", "due_at", "closed_at")
        for name in set(incident._fields) - {"id", "place", "tile", "told", "asks", *times}:
            assert folded.get(name) == getattr(incident, name), name
        assert folded["place"] == incident.told
        for name in times:
            told = loaded.scalar(text("SELECT CAST(:told AS timestamptz)"), {"told": folded.get(name)})
            assert told == getattr(incident, name), name


def test_notes_are_what_the_log_commits_to(loaded):
    assert loaded.scalar(
        text(
            "SELECT bool_and(l.note_digest = sha256(n.salt || convert_to(n.body, 'UTF8'))) FROM incident_note n"
            " JOIN incident_log l USING (incident_id, seq)"
        )
    )


@pytest.mark.parametrize("n", range(4))
def test_every_grid_has_a_chief_at_every_instant(loaded, district, n):
    bare = loaded.scalar(
        text(
            "SELECT count(*) FROM grid_version v WHERE v.valid @> CAST(:at AS timestamptz) AND NOT EXISTS (SELECT FROM"
            " assignment a WHERE a.grid_id = v.grid_id AND a.role = 'chief' AND a.valid @> CAST(:at AS timestamptz))"
        ),
        {"at": coverages_of(district)[n][0]},
    )
    assert bare == 0


def test_sites_stand_in_the_grid_that_holds_them(loaded):
    assert attach_sites(loaded) == 0
    assert loaded.scalar(text("SELECT count(*) FROM site WHERE grid_id IS NULL")) == 0


def test_a_few_devices_are_silent_and_most_are_not(loaded):
    late = np.array(
        loaded.scalars(
            text("SELECT extract(epoch FROM CAST(:at AS timestamptz) - seen_at) FROM device_pulse"), {"at": UNTIL}
        ).all(),
        dtype=float,
    )
    assert 0 < (late > 1800).mean() < 0.2


def test_a_second_load_finds_everything_done(loaded_engine, monkeypatch):
    steps_with(monkeypatch, *YEAR)
    assert not load_demo(loaded_engine, seed=1, grids=GRIDS, advance=pytest.fail)


@pytest.fixture
def empty(fresh_database):
    engine = owner_of(fresh_database)
    yield engine
    engine.dispose()


def steps_with(monkeypatch, *steps: Step) -> None:
    monkeypatch.setattr(load, "STEPS", steps)


def test_a_load_that_was_cut_off_goes_on_where_it_stood(empty, monkeypatch):
    begun: list[str] = []
    cut = Step("cut", "", lambda db, district: (_ for _ in ()).throw(KeyboardInterrupt))

    steps_with(monkeypatch, STEPS[0], cut)
    with pytest.raises(KeyboardInterrupt):
        load_demo(empty, seed=1, grids=GRIDS, now=UNTIL, advance=begun.append)
    steps_with(monkeypatch, STEPS[0], STEPS[2])
    # A later hour: the half that is there was made for the first one, and so is the rest.
    assert load_demo(empty, seed=1, grids=GRIDS, advance=begun.append)

    assert begun == [load.MAKING, STEPS[0].sentence, "", load.MAKING, STEPS[2].sentence]
    with empty.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM edition")) == 4
        assert connection.scalar(text("SELECT value ->> 'until' FROM setting WHERE key = 'demo'")) == UNTIL.isoformat()


def test_half_of_another_district_is_not_completed_with_this_one(empty, monkeypatch):
    with empty.begin() as connection:
        connection.execute(
            text("INSERT INTO setting VALUES ('demo', CAST(:value AS jsonb), now())"),
            {"value": load.Loading(7, 90, UNTIL).as_json()},
        )
    with pytest.raises(Conflict, match="seed 7, 90 grids"):
        load_demo(empty, seed=1, grids=GRIDS, advance=pytest.fail)


def test_nothing_is_put_beside_a_district_of_ones_own(empty):
    from sqlalchemy.orm import Session

    with Session(empty) as db, db.begin():
        build_town(db)
    with pytest.raises(Conflict, match="a district of its own"):
        load_demo(empty, seed=1, grids=GRIDS, advance=pytest.fail)
