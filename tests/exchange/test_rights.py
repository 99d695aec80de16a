"""Who may write what was prepared; boundaries in force are changed by two persons, never by one with a file."""

from __future__ import annotations

import pytest

from gridmap.errors import Invalid, NotAllowed
from gridmap.exchange.importing import carry_out, parts, prepare
from gridmap.intake.wishes import Options
from gridmap.people.rules import Role
from tests.exchange.files import grid_rows, write_rows
from tests.exchange.test_sites_and_streets import site_rows
from tests.worlds import NOON, person


def whole(town):
    return str(town.district_id)


def test_a_planner_of_the_district_brings_sites(db, town, tmp_path):
    prepared = prepare(db, "sites", write_rows(tmp_path / "s.geojson", site_rows()), Options(), NOON)
    outcome = carry_out(db, person(db, Role.PLANNER, whole(town)), prepared, NOON)
    assert outcome.counts.new == 3


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.WORKER, Role.ADMIN, Role.AUDITOR])
def test_others_do_not(db, town, tmp_path, role):
    prepared = prepare(db, "sites", write_rows(tmp_path / "s.geojson", site_rows()), Options(), NOON)
    with pytest.raises(NotAllowed):
        carry_out(db, person(db, role, whole(town)), prepared, NOON)


def test_a_planner_of_a_township_brings_nothing_for_the_district(db, town, tmp_path):
    prepared = prepare(db, "sites", write_rows(tmp_path / "s.geojson", site_rows()), Options(), NOON)
    with pytest.raises(NotAllowed):
        carry_out(db, person(db, Role.PLANNER, town.area_path("A", "B")), prepared, NOON)


def test_boundaries_in_force_are_not_changed_by_one_person_with_a_file(db, town, tmp_path):
    grids = grid_rows()
    grids[0]["name"] = "新名"
    prepared = prepare(db, "grids", write_rows(tmp_path / "g.geojson", grids), Options(), NOON)
    assert prepared.counts.changed == 1
    with pytest.raises(NotAllowed, match="second person"):
        carry_out(db, person(db, Role.PLANNER, whole(town)), prepared, NOON)


def test_what_has_grave_defects_is_not_written(db, town, tmp_path):
    rows = site_rows()
    rows[0]["name"] = None
    prepared = prepare(db, "sites", write_rows(tmp_path / "s.geojson", rows), Options(), NOON)
    with pytest.raises(Invalid, match="1 defects"):
        carry_out(db, person(db, Role.PLANNER, whole(town)), prepared, NOON)


def test_reports_are_written_500_at_a_time_and_all_else_in_one_piece(db, town, tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("source,text\n" + "web,a\n" * 1201)
    prepared = prepare(db, "reports", path, Options(), NOON)
    assert [len(part.checked.plan) for part in parts(prepared)] == [500, 500, 201]
    sites = prepare(db, "sites", write_rows(tmp_path / "s.geojson", site_rows()), Options(), NOON)
    assert list(parts(sites)) == [sites]
