"""Borders from afar: thinned together, so that neighbours still share them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely
from sqlalchemy import text

from gridmap.grids.afar import _new_grids, draw_afar, tolerance_m
from gridmap.grids.drafts import GridDraft
from gridmap.grids.publishing import publish_coverage
from tests.desks import LATER
from tests.worlds import CODE, grid_drafts, square

# From afar


def test_thinned_neighbours_still_share_their_edges_and_old_versions_stay_as_they_were(db, town):
    draw_afar(db)
    assert draw_afar(db) == 0
    rows = "SELECT f.z, ST_AsBinary(f.tile) FROM grid_afar f JOIN grid_version v ON v.id = f.grid_version_id"
    before = dict(db.execute(text("SELECT grid_version_id, ST_AsBinary(tile) FROM grid_afar WHERE z = 12")).all())
    dent = shapely.Polygon([*square(0, 2).exterior.coords])
    bump = shapely.LineString([square(1, 2).exterior.coords[0], square(1, 2).exterior.coords[3]])
    middle = bump.interpolate(0.5, normalized=True)
    corner = (middle.x + 60, middle.y)
    left = shapely.union(dent, shapely.Polygon([bump.coords[0], corner, bump.coords[-1]]))
    right = shapely.difference(square(1, 2), left)
    drafts = {draft.code: draft for draft in grid_drafts()}
    for letter, plane in (("A", left), ("B", right)):
        drafts[CODE[letter]] = GridDraft(
            CODE[letter], f"网格 {letter}", "urban", CODE[letter][:12], 400, plane, {"en": f"Grid {letter}"}
        )
    publish_coverage(db, town.district_id, list(drafts.values()), base_edition=1, effective_at=LATER)
    draw_afar(db)
    for z in (8, 10, 12):
        shapes = [
            shapely.from_wkb(bytes(tile))
            for zoom, tile in db.execute(text(f"{rows} WHERE upper_inf(v.valid)"))
            if zoom == z
        ]
        assert len(shapes) == 6
        assert shapely.coverage_is_valid(shapes)
    after = dict(db.execute(text("SELECT grid_version_id, ST_AsBinary(tile) FROM grid_afar WHERE z = 12")).all())
    assert {key: after[key] for key in before} == before
    assert len(after) == len(before) + 2


def test_what_is_new_is_thinned_with_two_rings_of_neighbours(db, town):
    draw_afar(db)
    drafts = [replace(draft, name="甲") if draft.code == CODE["A"] else draft for draft in grid_drafts()]
    publish_coverage(db, town.district_id, drafts, base_edition=1, effective_at=LATER)
    db.execute(text("DELETE FROM grid_afar f USING grid_version v WHERE v.id = f.grid_version_id AND v.name = '甲'"))
    new, ids, _ = _new_grids(db)
    # A touches B, C and D at once; E and F only by way of C and D.
    assert (int(new.sum()), len(ids)) == (1, 6)


def test_areas_from_afar_are_the_unions_of_their_grids(db, town):
    draw_afar(db)
    for z in (8, 10, 12):
        grids, district = db.execute(
            text(
                "SELECT (SELECT sum(ST_Area(tile)) FROM grid_afar WHERE z = :z),"
                " (SELECT ST_Area(f.tile) FROM area_afar f JOIN area_version v ON v.id = f.area_version_id"
                " JOIN area a ON a.id = v.area_id"
                " WHERE f.z = :z AND a.kind = 'district')"
            ),
            {"z": z},
        ).one()
        assert grids == pytest.approx(district)


def test_outlines_get_coarser_from_farther_away():
    assert tolerance_m(8) == 4 * tolerance_m(10) == 16 * tolerance_m(12)
