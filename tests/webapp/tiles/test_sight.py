"""For whom a tile is drawn, and what it keeps from them."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from gridmap.system.tiles import Tile
from tests.desks import add_incident, south_path
from tests.webapp.tiles.fetching import address, census, facts, features, fetch, read, scatter, tile_at
from tests.worlds import CODE, point

# For whom


def test_a_township_desk_sees_no_other_townships_grids(south, operator):
    tile = tile_at(13)
    assert {fact["code"] for fact in facts(south, "grids", tile)} == {CODE["E"], CODE["F"]}
    assert {fact["code"] for fact in facts(south, "grids", tile, name="grid_labels")} == {CODE["E"], CODE["F"]}
    assert {fact["code"] for fact in facts(operator, "grids", tile)} == set(CODE.values())
    # What the operator had drawn is not what the desk is given, however the tile was kept.
    assert {fact["code"] for fact in facts(south, "grids", tile)} == {CODE["E"], CODE["F"]}


def test_a_township_desk_sees_the_areas_it_holds_and_stands_in(south):
    assert {fact["name_en"] for fact in facts(south, "areas", tile_at(13))} == {"Qishui", "South", "Xiangyang"}


def test_anothers_tag_opens_no_tile(south, operator):
    tile = tile_at(13)
    theirs = fetch(operator, "grids", tile).headers["ETag"]
    answer = fetch(south, "grids", tile, **{"If-None-Match": theirs})
    assert {f["properties"]["code"] for f in read(answer)["grids"]["features"]} == {CODE["E"], CODE["F"]}
    assert answer.headers["ETag"] != theirs
    assert {name.strip() for name in answer.headers["Vary"].split(",")} >= {"Cookie", "Authorization"}
    assert answer.headers["Cache-Control"].startswith("private")


@pytest.mark.parametrize("z", [8, 12, 15])
def test_a_township_desk_counts_its_own_incidents_alone(db, town, south, operator, z):
    scatter(db, town, 60)
    own, late = db.execute(
        text(
            "SELECT count(*), count(*) FILTER (WHERE due_at < now()) FROM incident WHERE path <@ CAST(:path AS ltree)"
        ),
        {"path": south_path(town)},
    ).one()
    assert 0 < late < own < 60
    assert census(operator, z)["n"] == 60
    found = census(south, z)
    assert (found["n"], found["overdue"]) == (own, late)


@pytest.mark.parametrize("z", [9, 15])
def test_a_worker_sees_the_own_grid_and_what_is_held_elsewhere(db, town, worker, z):
    add_incident(db, town, "A", point(0.5, 2.5))
    add_incident(db, town, "B", point(1.5, 2.5))
    add_incident(db, town, "F", point(1.5, 0.5), holder=worker.person_id)
    assert census(worker, z)["n"] == 2


@pytest.mark.parametrize("z", [9, 12, 15, 17])
def test_where_only_figures_may_be_seen_no_incident_shows_its_place(db, town, planner, z):
    places = [point(0.31, 2.47), point(1.62, 0.53), point(1.64, 0.55)]
    for letter, at in zip("AFF", places, strict=True):
        add_incident(db, town, letter, at, severity=4)
    tiles = {tile_at(z, *at) for at in places}
    # The middle of a cell of zoom 15 is at most two tiles of zoom 17 away.
    around = range(-2, 3) if z == 17 else range(-1, 2)
    near = {Tile(z, tile.x + dx, tile.y + dy): [] for tile in tiles for dx in around for dy in around}
    for tile in near:
        near[tile] = features(planner, "incidents", tile)
    shown = [feature["properties"] for found in near.values() for feature in found]
    assert sum(fact["n"] for fact in shown) == 3
    assert sum(fact["s4"] for fact in shown) == 3
    assert all(not {"id", "number"} & set(fact) for fact in shown)
    for tile, found in near.items():
        for feature in found:
            x, y = feature["geometry"]["coordinates"]
            west, south, _, _ = tile.bounds
            side = Tile(min(z + 3, 15), 0, 0).side_m
            for metres in (west + x * tile.unit_m, south + y * tile.unit_m):
                # The middle of a cell: half a side from the nearest line of the lattice.
                assert (metres / side) % 1 == pytest.approx(0.5, abs=0.01)


def test_nobody_sees_a_tile_without_signing_in(app):
    answer = app.test_client().get(address("grids", tile_at(13)))
    assert answer.status_code == 401


def test_a_desk_whose_role_ended_is_refused_the_next_tile(db, south):
    assert facts(south, "grids", tile_at(13))
    db.execute(
        text("UPDATE assignment SET valid = tstzrange('2020-01-01', now()) WHERE person_id = :id"),
        {"id": south.person_id},
    )
    assert fetch(south, "grids", tile_at(13)).status_code == 403
