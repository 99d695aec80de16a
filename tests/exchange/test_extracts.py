"""An OpenStreetMap extract becomes the base map of a district."""

from __future__ import annotations

from datetime import UTC, datetime

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import text

from geodata.osm import Extract
from gridmap.errors import Invalid
from gridmap.exchange.extracts import CREDIT, load_extract
from gridmap.grids.queries import map_credit
from gridmap.people.rules import system_actor
from gridmap.system.audit import Doer
from tests.worlds import build_town, point

NOON = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
MACHINE = system_actor(Doer(None, "system"))


def frame(shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)


def block(column, row, side=0.2):
    return shapely.Polygon([point(column + x, row + y) for x, y in ((0, 0), (side, 0), (side, side), (0, side))])


def lines():
    return frame(
        [shapely.LineString([point(0, 1), point(2, 1)]), shapely.LineString([point(1, 0), point(1, 3)])],
        kind=["street", "street"], rank=[2, 4], layer=[0, 0], name=["长安街", None], name_en=["Chang'an St", None],
    )  # fmt: skip


@pytest.fixture
def extract() -> Extract:
    bow_tie = shapely.Polygon([point(0, 0), point(1, 1), point(1, 0), point(0, 1)])
    walls = frame([shapely.LineString([point(0, 0), point(0, 1)])], kind=["wall"], rank=[4], layer=[0], name=[None],
                  name_en=[None])  # fmt: skip
    houses = frame(
        [block(0.2, 0.2), block(1.2, 2.2), bow_tie],
        kind=["yes", "apartments", "yes"], levels=[None, 6, None], street=["长安街", None, None],
        number=["3", None, None], name=[None, "幸福楼", None],
    )  # fmt: skip
    ground = frame([block(0.5, 0.5)], kind=["park"], name=["人民公园"], name_en=["People's Park"])
    nowhere = frame([], level=[], name=[], name_en=[])
    return Extract(lines(), walls, houses, ground, nowhere)


def count(db, table):
    return db.scalar(text(f"SELECT count(*) FROM {table}"))


def test_streets_barriers_buildings_and_ground_find_their_tables(db, extract):
    town = build_town(db)
    loaded = load_extract(db, MACHINE, extract, NOON)
    assert (loaded.ways.new, loaded.buildings.new, loaded.ground, loaded.left_out) == (3, 2, 1, 1)
    houses = db.execute(text("SELECT name, storeys, grid_id FROM site ORDER BY name")).all()
    assert [(name, storeys) for name, storeys, _ in houses] == [("幸福楼", 6), ("长安街 3", None)]
    assert [grid for *_, grid in houses] == [town.grid_ids["B"], town.grid_ids["E"]]
    assert db.execute(text("SELECT kind, name, names ->> 'en' FROM ground")).one() == (
        "park",
        "人民公园",
        "People's Park",
    )


def test_the_same_extract_twice_changes_nothing(db, extract):
    build_town(db)
    load_extract(db, MACHINE, extract, NOON)
    again = load_extract(db, MACHINE, extract, NOON)
    assert (again.ways.new, again.buildings.new) == (0, 0)
    assert (count(db, "way"), count(db, "site"), count(db, "ground")) == (3, 2, 1)


def test_the_map_says_whose_data_it_shows(db, extract):
    build_town(db)
    assert map_credit(db) is None
    load_extract(db, MACHINE, extract, NOON)
    assert map_credit(db) == CREDIT


def test_an_extract_of_another_city_is_refused(db, extract):
    build_town(db)
    elsewhere = [
        part.set_geometry(part.geometry.translate(10, 10)) for part in (extract.streets, extract.barriers,
        extract.buildings, extract.ground, extract.areas)
    ]  # fmt: skip
    with pytest.raises(Invalid, match="Nothing of this extract lies in the district or near it"):
        load_extract(db, MACHINE, Extract(*elsewhere), NOON)
    assert count(db, "way") == 0
