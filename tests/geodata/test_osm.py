"""An OpenStreetMap extract becomes streets, barriers, buildings, ground and areas."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
import shapely

from geodata.errors import GeodataError
from geodata.files import read
from geodata.osm import read_extract

Tags = dict[str, str]


def varint(n: int) -> bytes:
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def signed(n: int) -> int:
    return n << 1 if n >= 0 else (-n << 1) - 1


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def packed(number: int, values: list[int]) -> bytes:
    return field(number, b"".join(map(varint, values))) if values else b""


def deltas(values: list[int]) -> list[int]:
    return [signed(b - a) for a, b in zip([0, *values], values, strict=False)]


class Town:
    """Writes the binary form of OpenStreetMap: nodes, ways and relations of one small town."""

    def __init__(self) -> None:
        self._strings = [""]
        self._nodes: list[bytes] = []
        self._ways: list[bytes] = []
        self._relations: list[bytes] = []
        self._at: dict[tuple[float, float], int] = {}

    def _tags(self, tags: Tags) -> bytes:
        keys, values = [self._word(word) for word in tags], [self._word(word) for word in tags.values()]
        return packed(2, keys) + packed(3, values)

    def _word(self, word: str) -> int:
        if word not in self._strings:
            self._strings.append(word)
        return self._strings.index(word)

    def _node(self, lon: float, lat: float) -> int:
        if (lon, lat) not in self._at:
            number = self._at[lon, lat] = len(self._at) + 1
            node = field(1, signed(number)) + field(8, signed(round(lat * 1e7))) + field(9, signed(round(lon * 1e7)))
            self._nodes.append(field(1, node))
        return self._at[lon, lat]

    def way(self, places: list[tuple[float, float]], tags: Tags) -> int:
        refs = [self._node(*place) for place in places]
        number = len(self._ways) + 1
        self._ways.append(field(3, field(1, number) + self._tags(tags) + packed(8, deltas(refs))))
        return number

    def box(self, west: float, south: float, side: float, tags: Tags) -> int:
        east, north = round(west + side, 7), round(south + side, 7)
        return self.way([(west, south), (east, south), (east, north), (west, north), (west, south)], tags)

    def relation(self, ways: list[int], tags: Tags) -> None:
        roles = packed(8, [self._word("outer")] * len(ways))
        body = field(1, 1) + self._tags({"type": "boundary"} | tags) + roles + packed(9, deltas(ways))
        self._relations.append(field(4, body + packed(10, [1] * len(ways))))

    def write(self, path: Path) -> Path:
        head = b"".join(field(4, name) for name in (b"OsmSchema-V0.6", b"DenseNodes"))
        table = field(1, b"".join(field(1, word.encode()) for word in self._strings))
        groups = [field(2, b"".join(group)) for group in (self._nodes, self._ways, self._relations) if group]
        path.write_bytes(blob(b"OSMHeader", head) + blob(b"OSMData", table + b"".join(groups)))
        return path


def blob(kind: bytes, content: bytes) -> bytes:
    body = field(1, content)
    header = field(1, kind) + field(3, len(body))
    return struct.pack(">I", len(header)) + header + body


@pytest.fixture
def town(tmp_path) -> Path:
    town = Town()
    town.way([(114.20, 35.70), (114.21, 35.70)], {"highway": "primary", "name": "淇水北路", "name:en": "Qishui Rd N"})
    town.way([(114.20, 35.70), (114.20, 35.71)], {"highway": "residential", "tunnel": "yes"})
    town.way([(114.21, 35.70), (114.21, 35.71)], {"highway": "motorway_link", "bridge": "yes", "layer": "2"})
    town.way([(114.21, 35.71), (114.22, 35.72)], {"highway": "footway", "layer": "deep"})
    town.way([(114.21, 35.71), (114.23, 35.72)], {"highway": "proposed"})
    town.way([(114.19, 35.70), (114.19, 35.72)], {"waterway": "river", "name": "淇河"})
    town.way([(114.18, 35.70), (114.18, 35.72)], {"railway": "rail"})
    town.way([(114.18, 35.71), (114.17, 35.72)], {"barrier": "wall"})
    town.box(114.201, 35.701, 0.0005, {"building": "apartments", "building:levels": "6;7", "addr:housenumber": "3"})
    town.box(114.202, 35.702, 0.0005, {"building": "no"})
    town.box(114.203, 35.703, 0.002, {"natural": "water", "name": "湖"})
    town.box(114.206, 35.706, 0.002, {"leisure": "park"})
    rim = [(114.1, 35.6), (114.3, 35.6), (114.3, 35.8), (114.1, 35.8), (114.1, 35.6)]
    halves = [town.way(rim[:3], {}), town.way(rim[2:], {})]
    town.relation(halves, {"boundary": "administrative", "admin_level": "6", "name": "淇水区"})
    return town.write(tmp_path / "town.osm.pbf")


def test_streets_have_a_rank_and_a_layer(town):
    streets = read_extract(town).streets
    assert streets[["kind", "rank", "layer"]].to_numpy().tolist() == [
        ["street", 1, 0], ["street", 4, -1], ["motorway", 0, 2], ["path", 5, 0],
    ]  # fmt: skip
    assert (streets["name"][0], streets["name_en"][0]) == ("淇水北路", "Qishui Rd N")
    assert streets.crs.to_epsg() == 4326
    assert shapely.get_coordinates(streets.geometry[0]).tolist() == [[114.20, 35.70], [114.21, 35.70]]


def test_rivers_rails_and_walls_are_barriers(town):
    barriers = read_extract(town).barriers
    assert barriers[["kind", "rank"]].to_numpy().tolist() == [["river", 0], ["rail", 0], ["wall", 4]]


def test_buildings_have_levels_and_numbers(town):
    buildings = read_extract(town).buildings
    assert buildings[["kind", "levels", "number"]].to_numpy().tolist() == [["apartments", 6, "3"]]
    assert shapely.is_valid(buildings.geometry).all()


def test_ground_is_what_the_base_map_draws(town):
    assert sorted(read_extract(town).ground["kind"]) == ["park", "water"]


def test_areas_are_put_together_from_their_ways(town):
    areas = read_extract(town).areas
    assert areas[["level", "name"]].to_numpy().tolist() == [[6, "淇水区"]]
    assert areas.total_bounds == pytest.approx([114.1, 35.6, 114.3, 35.8])


def test_an_extract_that_holds_nothing_is_empty(tmp_path):
    town = Town()
    town.way([(114.20, 35.70), (114.21, 35.70)], {"power": "line"})
    extract = read_extract(town.write(tmp_path / "a.osm.pbf"))
    assert [len(extract.streets), len(extract.areas), len(extract.buildings)] == [0, 0, 0]


@pytest.mark.parametrize("keep", [0.3, 0.7, 0.95])
def test_an_extract_cut_off_is_refused(town, keep):
    town.write_bytes(town.read_bytes()[: int(town.stat().st_size * keep)])
    with pytest.raises(GeodataError):
        read_extract(town)


def test_an_extract_is_no_layer_and_a_layer_no_extract(town, tmp_path):
    with pytest.raises(GeodataError, match=r"not taken \(OSM PBF\)"):
        read(town)
    (tmp_path / "a.osm.pbf").write_text("lon,lat\n1,2\n")
    with pytest.raises(GeodataError, match="not taken"):
        read_extract(tmp_path / "a.osm.pbf")
