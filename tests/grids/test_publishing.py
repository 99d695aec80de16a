"""Editions of a coverage in a real PostGIS."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from gridmap.errors import Conflict, Invalid
from gridmap.grids.drafts import Descent
from gridmap.grids.publishing import publish_coverage
from gridmap.grids.queries import coverage_rows, current_district, grid_of_point
from tests.worlds import BOTTOM, CODE, FOUNDED, LEFT, SIDE, grid_drafts, point, square

LATER = datetime(2025, 6, 1, tzinfo=UTC)


def moved_edge():
    """A gives a strip of 100 m to B; every other grid stays as it is."""
    x, y = LEFT + SIDE, BOTTOM + 2 * SIDE
    strip = shapely.box(x - 100, y, x, y + SIDE)
    drafts = {draft.code: draft for draft in grid_drafts()}
    a, b = drafts[CODE["A"]], drafts[CODE["B"]]
    drafts[CODE["A"]] = replace(a, plane=shapely.normalize(a.plane.difference(strip)))
    drafts[CODE["B"]] = replace(b, plane=shapely.normalize(shapely.union(b.plane, strip)))
    return list(drafts.values())


def test_ids_are_given_in_the_order_of_the_codes(db, town):
    by_code = [town.grid_ids[letter] for letter in sorted(CODE, key=CODE.__getitem__)]
    assert by_code == sorted(by_code)


def test_unchanged_grids_keep_their_version(db, town):
    before = {row.code: row.version_id for row in coverage_rows(db, town.district_id, None)}
    publish_coverage(db, town.district_id, moved_edge(), base_edition=1, effective_at=LATER)
    after = {row.code: row.version_id for row in coverage_rows(db, town.district_id, None)}
    assert {code for code in before if before[code] != after[code]} == {CODE["A"], CODE["B"]}


def test_an_earlier_day_gives_the_same_bytes_after_a_later_publish(db, town):
    before = [(row.code, bytes(row.shape)) for row in coverage_rows(db, town.district_id, None)]
    publish_coverage(db, town.district_id, moved_edge(), base_edition=1, effective_at=LATER)
    then = [(row.code, bytes(row.shape)) for row in coverage_rows(db, town.district_id, LATER - timedelta(days=1))]
    assert then == before


def test_a_point_in_the_strip_changes_its_grid_at_the_hour_of_the_edition(db, town):
    publish_coverage(db, town.district_id, moved_edge(), base_edition=1, effective_at=LATER)
    lon, lat = point(0.9, 2.5)
    assert grid_of_point(db, lon, lat, LATER - timedelta(microseconds=1)) == town.grid_ids["A"]
    assert grid_of_point(db, lon, lat, LATER) == town.grid_ids["B"]
    assert grid_of_point(db, lon, lat, None) == town.grid_ids["B"]
    assert grid_of_point(db, lon, lat, FOUNDED - timedelta(seconds=1)) is None


def test_a_shared_corner_belongs_to_the_lowest_id(db, town):
    lon, lat = point(1, 1)
    assert grid_of_point(db, lon, lat, None) == min(town.grid_ids[letter] for letter in "CDEF")


def test_the_second_of_two_publishers_is_refused(db, town):
    publish_coverage(db, town.district_id, moved_edge(), base_edition=1, effective_at=LATER)
    with pytest.raises(Conflict, match="Another edition"):
        publish_coverage(db, town.district_id, grid_drafts(), base_edition=1, effective_at=LATER + timedelta(days=1))


def test_a_code_that_ended_is_never_used_again(db, town):
    without_f = [draft for draft in grid_drafts() if draft.code != CODE["F"]]
    publish_coverage(db, town.district_id, without_f, base_edition=1, effective_at=LATER)
    with pytest.raises(Invalid, match="never used again"):
        publish_coverage(db, town.district_id, grid_drafts(), base_edition=2, effective_at=LATER + timedelta(days=1))


def test_a_merge_is_remembered_from_both_sides(db, town):
    kept = [draft for draft in grid_drafts() if draft.code not in (CODE["E"], CODE["F"])]
    e = next(draft for draft in grid_drafts() if draft.code == CODE["E"])
    whole = shapely.normalize(shapely.coverage_union_all([square(0, 0), square(1, 0)]))
    publish_coverage(
        db,
        town.district_id,
        [*kept, replace(e, plane=whole, households=800)],
        base_edition=1,
        effective_at=LATER,
        lineage=[Descent(CODE["F"], CODE["E"], "merge", 1.0, 1.0)],
    )
    told = db.execute(
        text(
            "SELECT f.code, t.code, l.op FROM lineage l JOIN grid_version f ON f.id = l.from_version_id"
            " JOIN grid_version t ON t.id = l.to_version_id ORDER BY f.code"
        )
    ).all()
    assert [tuple(row) for row in told] == [
        (CODE["E"], CODE["E"], "boundary"),
        (CODE["F"], CODE["E"], "merge"),
    ]


def test_an_area_is_outlined_by_the_union_of_its_grids(db, town):
    area_m2, grids_m2 = db.execute(
        text(
            "SELECT ST_Area(ST_Transform(v.shape, 4547)), (SELECT sum(ST_Area(plane)) FROM grid_version)"
            " FROM area_version v JOIN area a ON a.id = v.area_id WHERE a.kind = 'district'"
        )
    ).one()
    assert area_m2 == pytest.approx(grids_m2, rel=1e-7)
    assert grids_m2 == pytest.approx(6 * SIDE**2)


def test_the_revision_rises_with_every_edition(db, town):
    before = current_district(db).revision
    publish_coverage(db, town.district_id, moved_edge(), base_edition=1, effective_at=LATER)
    assert current_district(db).revision == before + 1


def test_a_grid_of_a_foreign_community_is_named(db, town):
    stray = replace(grid_drafts()[0], community_code="990106009009")
    with pytest.raises(Invalid, match=CODE["A"]):
        publish_coverage(db, town.district_id, [stray], base_edition=1, effective_at=LATER)


def test_a_crossing_boundary_is_refused(db, town):
    bow = shapely.Polygon([(LEFT, BOTTOM), (LEFT + 9, BOTTOM + 9), (LEFT + 9, BOTTOM), (LEFT, BOTTOM + 9)])
    with pytest.raises(Invalid, match="valid polygon"):
        publish_coverage(
            db, town.district_id, [replace(grid_drafts()[0], plane=bow)], base_edition=1, effective_at=LATER
        )


def test_the_database_refuses_two_versions_of_a_grid_at_once(db, town):
    with pytest.raises(IntegrityError, match="grid_version_time_excl"):
        db.execute(
            text(
                "INSERT INTO grid_version (grid_id, community_id, edition_n, code, name, kind, path, valid, cause,"
                " plane, shape) SELECT grid_id, community_id, 2, code, name, kind, path, valid, 'correction',"
                " plane, shape"
                " FROM grid_version LIMIT 1"
            )
        )


def test_the_database_refuses_a_dedicated_grid_without_an_owner(db, town):
    with pytest.raises(IntegrityError, match="grid_version_owner_check"):
        db.execute(text("UPDATE grid_version SET kind = 'dedicated'"))
