"""Vector tiles over HTTP, decoded: what is in them, for whom, and when they are made at all."""

from __future__ import annotations

import gzip
import math
import uuid
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from sqlalchemy import text

from gridmap.grids import tiles as grid_tiles
from gridmap.grids.afar import _new_grids, draw_afar, tolerance_m
from gridmap.grids.drafts import GridDraft
from gridmap.grids.publishing import publish_coverage
from gridmap.incidents.tally import fold_tally
from gridmap.people.rules import Role
from gridmap.settings import load_settings
from gridmap.system.tiles import Tile
from tests.desks import LATER, add_incident, in_grid, over_all, over_south, south_path
from tests.worlds import CODE, add_device, grid_drafts, point, square
from webapp import create_app
from webapp.tiles import views
from webapp.tiles.cache import TileCache

CENTRE = point(1, 1.5)


@pytest.fixture
def app():
    return create_app(load_settings())


@pytest.fixture
def operator(app, db, town):
    return over_all(app, db, town)


@pytest.fixture
def planner(app, db, town):
    return over_all(app, db, town, Role.PLANNER)


@pytest.fixture
def south(app, db, town):
    return over_south(app, db, town)


@pytest.fixture
def worker(app, db, town):
    return in_grid(app, db, town, "A")


def tile_at(z, lon=CENTRE[0], lat=CENTRE[1]):
    n = 1 << z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return Tile(z, int((lon + 180) / 360 * n), int(y * n))


def address(layer, tile, query=""):
    return f"/tiles/{layer}/{tile.z}/{tile.x}/{tile.y}.mvt{query}"


def fetch(browser, layer, tile, query="", **headers):
    return browser.get(address(layer, tile, query), headers={"Accept-Encoding": "gzip", **headers})


def read(answer):
    assert answer.status_code == 200, answer.get_data(as_text=True)
    body = gzip.decompress(answer.data) if answer.headers.get("Content-Encoding") == "gzip" else answer.data
    return mapbox_vector_tile.decode(body)


def features(browser, layer, tile, query="", name=None):
    return read(fetch(browser, layer, tile, query)).get(name or layer, {"features": []})["features"]


def facts(browser, layer, tile, query="", name=None):
    return [feature["properties"] for feature in features(browser, layer, tile, query, name)]


# What a tile holds


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


def scatter(db, town, count, seed=5):
    rng = np.random.default_rng(seed)
    letters = {(0, 2): "A", (1, 2): "B", (0, 1): "C", (1, 1): "D", (0, 0): "E", (1, 0): "F"}
    for column, row in rng.uniform(0, [2, 3], (count, 2)):
        severity = int(rng.integers(1, 5))
        due = LATER if rng.random() < 0.3 else None
        add_incident(db, town, letters[int(column), int(row)], point(column, row), severity=severity, due=due)


def census(browser, z, query=""):
    """Everything that all tiles of a zoom around the town show, added up."""
    total = Counter()
    corners = [tile_at(z, *point(-0.1, 3.1)), tile_at(z, *point(2.1, -0.1))]
    for x in range(corners[0].x, corners[1].x + 1):
        for y in range(corners[0].y, corners[1].y + 1):
            for fact in facts(browser, "incidents", Tile(z, x, y), query):
                total["features"] += 1
                if "n" in fact:
                    total.update({name: fact.get(name, 0) for name in ("n", "s1", "s2", "s3", "s4", "overdue")})
                else:
                    total.update({"n": 1, f"s{fact['severity']}": 1, "overdue": fact["overdue"]})
    return total


@pytest.mark.parametrize("z", [7, 10, 12, 13, 14, 15, 16])
def test_clusters_and_single_ones_add_up_to_all(db, town, operator, z):
    scatter(db, town, 120)
    expected = dict(db.execute(text("SELECT 's' || severity, count(*) FROM incident GROUP BY 1")).all())
    late = db.scalar(text("SELECT count(*) FROM incident WHERE due_at < now()"))
    found = census(operator, z)
    assert {name: found[name] for name in expected} == expected
    assert (found["n"], found["overdue"]) == (120, late)
    assert found["features"] < 60 or z >= 15


def test_clusters_follow_every_change(db, town, operator):
    scatter(db, town, 40)
    assert census(operator, 10)["n"] == 40
    fold_tally(db, LATER)
    keys = db.scalars(text("SELECT id FROM incident ORDER BY id")).all()
    db.execute(text("UPDATE incident SET closed_at = :at WHERE id = ANY(:ids)"), {"at": LATER, "ids": keys[:7]})
    db.execute(text("UPDATE incident SET severity = 1 WHERE id = ANY(:ids)"), {"ids": keys[7:9]})
    db.execute(text("UPDATE incident SET closed_at = NULL WHERE id = :id"), {"id": keys[0]})
    db.execute(text("UPDATE incident SET state = 'filed'"))
    db.execute(text("INSERT INTO live_event (kind, object_id, version, path) VALUES ('incident', 'x', 1, '1')"))
    found = census(operator, 10)
    severe = db.scalar(text("SELECT count(*) FROM incident WHERE closed_at IS NULL AND severity = 1"))
    assert (found["n"], found["s1"]) == (34, severe)


def test_folding_the_tally_changes_no_sum(db, town, operator):
    scatter(db, town, 60)
    sums = "SELECT path::text, cell_x, cell_y, sum(s1), sum(s2), sum(s3), sum(s4), sum(x_cm), sum(y_cm)"
    before = set(db.execute(text(f"{sums} FROM incident_tally GROUP BY 1, 2, 3")))
    assert fold_tally(db, LATER) > 0
    assert set(db.execute(text(f"{sums} FROM incident_tally GROUP BY 1, 2, 3"))) == before
    rows, keys = db.execute(text("SELECT count(*), count(DISTINCT (path, cell_x, cell_y)) FROM incident_tally")).one()
    assert rows == keys
    assert fold_tally(db, LATER) == 0


def test_a_cluster_stands_among_its_members(db, town, operator):
    for column in (0.40, 0.50, 0.60):
        add_incident(db, town, "A", point(column, 2.5))
    tile = tile_at(11, *point(0.5, 2.5))
    (cluster,) = features(operator, "incidents", tile)
    assert cluster["properties"]["n"] == 3
    x, y = cluster["geometry"]["coordinates"]
    west, south, _, _ = tile.bounds
    shown = (west + x * tile.unit_m, south + y * tile.unit_m)
    middle = db.execute(text("SELECT avg(ST_X(tile)), avg(ST_Y(tile)) FROM incident")).one()
    assert shown == pytest.approx(tuple(middle), abs=tile.unit_m)


def test_incidents_as_of_a_day_are_those_open_then(db, town, operator):
    add_incident(db, town, "A", point(0.5, 2.5), occurred=LATER, closed=LATER + timedelta(days=5))
    add_incident(db, town, "B", point(1.5, 2.5), occurred=LATER + timedelta(days=3))
    tile = tile_at(14)
    counts = {day: census(operator, 14, f"?as_of=2026-01-{day:02d}")["n"] for day in (1, 4, 9)}
    assert counts == {1: 1, 4: 2, 9: 1}
    assert census(operator, 10, "?as_of=2026-01-04")["n"] == 2
    assert fetch(operator, "incidents", tile, "?as_of=yesterday").status_code == 422


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


# When it is made


def test_an_unchanged_tile_is_answered_without_being_drawn(operator, monkeypatch):
    tile = tile_at(13)
    first = fetch(operator, "grids", tile, "?v=1")
    monkeypatch.setattr(views, "_draw", pytest.fail)
    again = fetch(operator, "grids", tile, "?v=1", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert fetch(operator, "grids", tile, "?v=1").data == first.data


def test_an_address_with_the_current_revision_may_be_kept_and_others_are_asked_again(operator):
    tile = tile_at(13)
    kept = {query: fetch(operator, "grids", tile, query).headers["Cache-Control"] for query in ("?v=1", "?v=7", "")}
    assert "max-age=86400" in kept["?v=1"]
    assert "max-age=0" in kept["?v=7"]
    assert "max-age=0" in kept[""]
    assert "max-age=0" in fetch(operator, "incidents", tile, "?v=1").headers["Cache-Control"]


def test_a_new_edition_makes_other_tiles_and_the_old_day_stays(db, town, operator):
    tile = tile_at(13)
    before = fetch(operator, "grids", tile, "?v=1")
    drafts = [draft for draft in grid_drafts() if draft.code not in (CODE["E"], CODE["F"])]
    both = shapely.union(square(0, 0), square(1, 0))
    drafts.append(GridDraft(CODE["E"], "网格 E", "urban", CODE["E"][:12], 800, both, {"en": "Grid E"}))
    publish_coverage(db, town.district_id, drafts, base_edition=1, effective_at=LATER)
    after = fetch(operator, "grids", tile, "?v=2", **{"If-None-Match": before.headers["ETag"]})
    assert {f["properties"]["code"] for f in read(after)["grids"]["features"]} == set(CODE.values()) - {CODE["F"]}
    assert {fact["code"] for fact in facts(operator, "grids", tile, "?as_of=2025-06-01")} == set(CODE.values())
    assert {fact["code"] for fact in facts(operator, "grids", tile, "?as_of=2026-01-02")} == set(CODE.values()) - {
        CODE["F"]
    }


def test_any_event_makes_the_tag_of_incidents_another(db, town, operator):
    tile = tile_at(13)

    def announce(number):
        db.execute(
            text(
                "INSERT INTO live_event (id, kind, object_id, version, path) OVERRIDING SYSTEM VALUE"
                " VALUES (:id, 'incident', 'x', 1, '1')"
            ),
            {"id": number},
        )

    announce(900_001)
    announce(900_003)
    first = fetch(operator, "incidents", tile).headers["ETag"]
    # A slower neighbour's event commits with a lower id than one that was seen already.
    announce(900_002)
    assert fetch(operator, "incidents", tile).headers["ETag"] != first


def test_a_reader_that_takes_no_gzip_is_given_plain_bytes(operator):
    answer = operator.get(address("grids", tile_at(13)), headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in answer.headers
    assert len(read(answer)["grids"]["features"]) == 6


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/tiles/sheep/13/1/1.mvt", "sheep"),
        ("/tiles/grids/3/8/1.mvt", "8/1"),
        ("/tiles/grids/23/1/1.mvt", "23"),
        ("/tiles/grids/99999999999/1/1.mvt", "99999999999"),
    ],
)
def test_what_is_no_tile_is_told_in_a_sentence(operator, path, word):
    answer = operator.get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert word in answer.json["detail"]


def test_the_same_tiles_stand_below_the_api(operator):
    tile = tile_at(13)
    assert operator.get("/api/v1" + address("grids", tile)).data == operator.get(address("grids", tile)).data


@pytest.mark.parametrize("z", range(23))
def test_every_zoom_is_answered(db, town, operator, z):
    scatter(db, town, 3)
    for layer in views.LAYERS:
        assert fetch(operator, layer, tile_at(z)).status_code == 200


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


# The cache


def test_the_cache_forgets_the_least_used_first():
    cache = TileCache(limit=150)
    made = []

    def make(name):
        made.append(name)
        return uuid.uuid4().bytes * 2

    for name in ("a", "b", "a", "c", "a", "d", "a"):
        cache.get(name, lambda name=name: make(name))
    assert made.count("a") == 1
    cache.get("b", lambda: make("b"))
    assert made.count("b") == 2


def test_a_tile_that_could_not_be_made_is_tried_again():
    cache = TileCache()
    with pytest.raises(ZeroDivisionError):
        cache.get("a", lambda: bytes(1 // 0))
    assert gzip.decompress(cache.get("a", lambda: b"tile")) == b"tile"
