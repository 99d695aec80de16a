"""When a tile is made at all, and how it is answered."""

from __future__ import annotations

import gzip
import uuid

import pytest
import shapely
from sqlalchemy import text

from gridmap.grids.drafts import GridDraft
from gridmap.grids.publishing import publish_coverage
from tests.desks import LATER
from tests.webapp.tiles.fetching import address, facts, fetch, read, scatter, tile_at
from tests.worlds import CODE, grid_drafts, square
from webapp.tiles import views
from webapp.tiles.cache import TileCache

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
