"""What each layer of a tile holds."""

from __future__ import annotations

import math
import uuid
from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from gridmap.grids import tiles as grid_tiles
from gridmap.system.tiles import Tile
from tests.desks import LATER, add_incident
from tests.webapp.tiles.fetching import facts, features, fetch, read, tile_at
from tests.worlds import CODE, add_device, point, square


def test_a_tile_of_grids_holds_every_grid_with_its_label(operator, town):
    layers = read(fetch(operator, "grids", tile_at(13)))
    grids = {feature["properties"]["code"]: feature for feature in layers["grids"]["features"]}
    assert set(grids) == set(CODE.values())
    one = grids[CODE["A"]]
    assert one["id"] == town.grid_ids["A"]
    assert one["properties"] == {
        "code": CODE["A"],
        "short": "A",
        "name": "网格 A",
        "name_en": "Grid A",
        "kind": "urban",
        "community": int(town.paths["A"].split(".")[-2]),
    }
    labels = {feature["properties"]["code"]: feature for feature in layers["grid_labels"]["features"]}
    assert set(labels) == set(CODE.values())
    # Half a side, longer on the map than on the ground by the latitude.
    assert labels[CODE["A"]]["properties"]["r"] == pytest.approx(250 / math.cos(math.radians(35.72)), rel=0.01)
    assert layers["grids"]["extent"] == 4096


def test_neighbours_share_their_edge_to_the_unit(operator):
    shapes = [shapely.geometry.shape(f["geometry"]) for f in features(operator, "grids", tile_at(14))]
    assert len(shapes) == 6
    whole = shapely.union_all(shapes)
    assert sum(shape.area for shape in shapes) == whole.area
    assert whole.geom_type == "Polygon"
    assert not whole.interiors


def test_rings_run_as_the_format_wants(operator):
    for tile in (tile_at(13), tile_at(16)):
        for feature in features(operator, "grids", tile):
            shape = shapely.geometry.shape(feature["geometry"])
            for part in shapely.get_parts(shape):
                assert not shapely.is_ccw(part.exterior)


def test_a_grid_that_crosses_the_rim_goes_on_in_the_next_tile(operator):
    tile = tile_at(16)
    own = {fact["code"] for fact in facts(operator, "grids", tile)}
    beside = {fact["code"] for fact in facts(operator, "grids", Tile(16, tile.x + 1, tile.y))}
    assert own & beside
    for feature in features(operator, "grids", tile):
        west, south, east, north = shapely.geometry.shape(feature["geometry"]).bounds
        assert west >= -64
        assert south >= -64
        assert east <= 4096 + 64
        assert north <= 4096 + 64


def test_areas_come_with_their_names_and_labels(operator):
    layers = read(fetch(operator, "areas", tile_at(13)))
    kinds = Counter(feature["properties"]["kind"] for feature in layers["areas"]["features"])
    assert kinds == {"district": 1, "township": 2, "community": 3}
    assert {f["properties"]["name_en"] for f in layers["area_labels"]["features"]} >= {"Qishui", "North", "South"}


def test_from_afar_lower_areas_are_left_out(operator):
    assert {fact["kind"] for fact in facts(operator, "areas", tile_at(4))} == {"district"}
    assert {fact["kind"] for fact in facts(operator, "areas", tile_at(7))} == {"district", "township"}


def test_from_afar_communities_stand_in_for_grids(operator, town):
    found = features(operator, "grids", tile_at(8))
    assert {feature["properties"]["kind"] for feature in found} == {"community"}
    # An id would be taken for a grid's.
    assert {feature.get("id", 0) for feature in found} == {0}
    assert {feature["properties"]["area"] for feature in found} == {int(p.split(".")[-2]) for p in town.paths.values()}


def test_where_grids_would_be_too_many_their_communities_are_drawn(db, town, operator, monkeypatch):
    monkeypatch.setattr(grid_tiles, "_MOST_GRIDS", 5)
    monkeypatch.setattr(grid_tiles, "_MOST_FULL_GRIDS", 5)
    zoom = grid_tiles.grids_from(db)
    labels = db.execute(text("SELECT ST_X(label), ST_Y(label) FROM grid_version")).all()
    share = np.array(labels) / grid_tiles.WORLD_M
    fullest = {z: Counter(map(tuple, np.floor(share * (1 << z)).astype(int))).most_common(1)[0][1] for z in (9, zoom)}
    assert fullest[9] > 5 >= fullest[zoom]
    assert {fact["kind"] for fact in facts(operator, "grids", tile_at(zoom - 1))} == {"community"}
    assert {fact["kind"] for fact in facts(operator, "grids", tile_at(zoom))} == {"urban"}


def test_the_base_map_holds_ground_ways_and_buildings(db, operator):
    box = square(0, 2)
    db.execute(
        text(
            "INSERT INTO ground (kind, name, names, shape) SELECT 'park', '清河公园', '{\"en\": \"Qinghe Park\"}',"
            " ST_Transform(ST_GeomFromText(:park, 4547), 4326);"
        ),
        {"park": box.buffer(-50).wkt},
    )
    for kind, rank, name, dx in (("street", 1, "鹿台路", 0), ("street", 4, None, 5), ("river", 0, "淇水", 10)):
        line = shapely.LineString([(box.bounds[0] + dx, box.bounds[1]), (box.bounds[2], box.bounds[3] - dx)])
        db.execute(
            text(
                "INSERT INTO way (kind, rank, name, line)"
                " VALUES (:kind, :rank, :name, ST_Transform(ST_GeomFromText(:line, 4547), 4326))"
            ),
            {"kind": kind, "rank": rank, "name": name, "line": line.wkt},
        )
    add_site(db, "building", box.buffer(-200), storeys=6)
    near = read(fetch(operator, "basemap", tile_at(15, *point(0.5, 2.5))))
    assert near["ground"]["features"][0]["properties"] == {
        "kind": "park",
        "name": "清河公园",
        "name_en": "Qinghe Park",
    }
    ways = {(w["properties"]["kind"], w["properties"]["rank"]): w["properties"] for w in near["way"]["features"]}
    assert ways["street", 1]["name"] == "鹿台路"
    assert set(ways) == {("street", 1), ("street", 4), ("river", 0)}
    assert near["water_label"]["features"][0]["properties"]["name"] == "淇水"
    assert near["building"]["features"][0]["properties"] == {"kind": "building"}
    afar = read(fetch(operator, "basemap", tile_at(10)))
    assert {(w["properties"]["kind"], w["properties"]["rank"]) for w in afar["way"]["features"]} == {
        ("street", 1),
        ("river", 0),
    }
    assert "building" not in afar


def add_site(db, kind, plane, *, path="1", storeys=None):
    key = uuid.uuid4()
    db.execute(
        text(
            "INSERT INTO site (id, kind, name, shape, path, storeys, valid) VALUES (:id, :kind, :name,"
            " ST_Transform(ST_GeomFromText(:shape, 4547), 4326), :path, :storeys, tstzrange('2020-01-01', NULL))"
        ),
        {"id": key, "kind": kind, "name": f"{kind} one", "shape": plane.wkt, "path": path, "storeys": storeys},
    )
    return str(key)


def test_sites_are_points_and_buildings_are_none_of_them(db, town, operator):
    shop = add_site(db, "shop", square(0, 2).buffer(-100), path=town.paths["A"])
    add_site(db, "building", square(0, 2).buffer(-100), path=town.paths["A"], storeys=3)
    found = features(operator, "sites", tile_at(15, *point(0.5, 2.5)))
    assert [feature["properties"] for feature in found] == [{"id": shop, "kind": "shop", "name": "shop one"}]
    assert found[0]["geometry"]["type"] == "Point"
    assert facts(operator, "sites", tile_at(12)) == []


def test_devices_say_which_way_they_look_and_whether_they_are_silent(db, town, operator):
    add_device(db, town, "cam-1", "A", point(0.5, 2.5))
    speaking = add_device(db, town, "cam-2", "B", point(1.5, 2.5))
    add_device(db, town, "gate-1", "B", point(1.5, 2.4), kind="gateway")
    db.execute(text("UPDATE device_pose SET heading_deg = 120, fov_deg = 60, range_m = 90"))
    db.execute(
        text("INSERT INTO device_pulse (device_id, seen_at) VALUES (:id, :at)"),
        {"id": speaking, "at": datetime.now(UTC)},
    )
    found = {fact["code"]: fact for fact in facts(operator, "devices", tile_at(13))}
    assert set(found) == {"cam-1", "cam-2"}
    assert found["cam-2"] == {
        "code": "cam-2",
        "kind": "camera",
        "heading": 120,
        "fov": 60,
        "range": 90,
        "silent": False,
    }
    assert found["cam-1"]["silent"]
    assert facts(operator, "devices", tile_at(9)) == []


# Incidents


def test_an_incident_near_by_is_drawn_with_what_the_map_needs(db, town, operator):
    key = add_incident(db, town, "A", point(0.5, 2.5), severity=2, due=LATER)
    add_incident(db, town, "B", point(1.5, 2.5), state="closed", closed=LATER)
    (found,) = facts(operator, "incidents", tile_at(15, *point(0.5, 2.5)))
    assert found == {
        "id": key,
        "number": f"T-{uuid.UUID(key).hex[:12]}",
        "severity": 2,
        "state": "filed",
        "category": "0101",
        "overdue": 1,
    }
