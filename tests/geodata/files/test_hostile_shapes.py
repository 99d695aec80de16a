"""Shapes: too many of anything is refused before it is built, what is invalid is found so, nothing is mended."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pytest
import shapely
from pyarrow import parquet

from geodata.errors import GeodataError
from geodata.files import IMPORT, LOCAL, write
from geodata.files.wkb import Scales

GEO = {"version": "1.1.0", "primary_column": "g", "columns": {"g": {"encoding": "WKB", "geometry_types": []}}}


def stored(path: Path, *shapes: bytes | None) -> Path:
    """A GeoParquet of bare bytes, which nobody has looked at."""
    table = pa.table({"g": pa.array(shapes, pa.binary())})
    parquet.write_table(table.replace_schema_metadata({"geo": json.dumps(GEO)}), path)
    return path


def collection_of(geometry: object) -> str:
    feature = {"type": "Feature", "properties": {}, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


def circle(n: int) -> list[list[float]]:
    angle = np.linspace(0, 2 * np.pi, n)
    ring = np.column_stack([114.2 + 0.01 * np.cos(angle), 35.7 + 0.01 * np.sin(angle)])
    ring[-1] = ring[0]
    return ring.tolist()


def star(n: int) -> list[list[float]]:
    """A polygon that crosses itself at every turn."""
    at = circle(n + 1)[:-1]
    order = [(k * 149) % n for k in range(n)]
    return [at[k] for k in [*order, order[0]]]


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".fgb", ".shp.zip", ".parquet", ".kml"])
def test_a_polygon_that_crosses_itself_300_times_is_read_and_found_invalid(tmp_path, read_right, suffix):
    path = tmp_path / f"star{suffix}"
    frame = gpd.GeoDataFrame({"a": ["1"]}, geometry=[shapely.Polygon(star(300))], crs=4326)
    write(frame, path)
    shape = read_right(path).geometry[1]
    assert not shapely.is_valid(shape)
    assert shapely.get_num_coordinates(shape) == 301


@pytest.mark.parametrize("n", [100_001, 1_000_000])
def test_a_shape_of_more_vertices_than_any_border_is_refused(tmp_path, refused, n):
    path = tmp_path / "a.geojson"
    path.write_text(collection_of({"type": "Polygon", "coordinates": [circle(n)]}))
    refused(path, "row 1 has more than 100000 vertices")


def test_more_vertices_in_all_than_a_district_has_are_refused(tmp_path, refused):
    ring = shapely.to_wkb(shapely.Polygon(circle(90_001)))
    refused(stored(tmp_path / "a.parquet", *[ring] * 23), "more than 2000000 vertices")


def test_ten_thousand_rings_are_refused(tmp_path, refused):
    ring = [[114, 35], [114.1, 35], [114.1, 35.1], [114, 35]]
    path = tmp_path / "a.geojson"
    path.write_text(collection_of({"type": "Polygon", "coordinates": [ring] * 10_000}))
    refused(path, "row 1 has more than 1000 rings")
    path.write_text(collection_of({"type": "MultiPolygon", "coordinates": [[ring]] * 1_001}))
    refused(path, "row 1 has more than 1000 (rings|parts)")


@pytest.mark.parametrize("depth", [5, 90, 500])
def test_nested_collections_are_refused(tmp_path, refused, depth):
    geometry: object = {"type": "Point", "coordinates": [114, 35]}
    for _ in range(depth):
        geometry = {"type": "GeometryCollection", "geometries": [geometry]}
    path = tmp_path / "a.geojson"
    text = collection_of({"type": "Point", "coordinates": [114, 35]})
    inner = (
        '{"type": "GeometryCollection", "geometries": [' * depth
        + '{"type": "Point", "coordinates": [1, 1]}'
        + "]}" * depth
    )
    path.write_text(text.replace('{"type": "Point", "coordinates": [114, 35]}', inner))
    refused(path, "collection of collections|is no GeoJSON geometry|too deep")


def test_binary_nested_a_hundred_thousand_deep_is_refused_before_it_is_built(tmp_path, refused):
    nested = struct.pack("<BII", 1, 7, 1) * 100_000 + shapely.to_wkb(shapely.Point(1, 1))
    refused(stored(tmp_path / "a.parquet", nested), "collection of collections")


POINT = struct.pack("<BIdd", 1, 1, 114.2, 35.7)
WRONG = {
    "nothing": b"",
    "half a head": b"\x01\x01\x00",
    "a foreign order": b"\x07" + POINT[1:],
    "a point cut off": POINT[:-1],
    "a point and more": POINT + b"\0",
    "a count of 4 thousand millions": struct.pack("<BII", 1, 2, 2**32 - 1),
    "a count of rings of 4 thousand millions": struct.pack("<BII", 1, 3, 2**32 - 1),
    "a ring that does not close": struct.pack("<BIII", 1, 3, 1, 4) + struct.pack("<8d", 0, 0, 1, 0, 1, 1, 0, 1),
    "a ring of three": struct.pack("<BIII", 1, 3, 1, 3) + struct.pack("<6d", 0, 0, 1, 0, 0, 0),
    "a line of one": struct.pack("<BII", 1, 2, 1) + struct.pack("<2d", 0, 0),
    "a point among polygons": struct.pack("<BII", 1, 6, 1) + POINT,
    "a curve": struct.pack("<BII", 1, 8, 0),
    "no kind at all": struct.pack("<BI", 1, 99) + b"\0" * 16,
    "half a number": struct.pack("<BIdd", 1, 1, float("nan"), 35.7),
    "beyond all bounds": struct.pack("<BIdd", 1, 1, float("inf"), 35.7),
    "a line to nowhere": struct.pack("<BII", 1, 2, 2) + struct.pack("<4d", 0, 0, float("nan"), 0),
}


@pytest.mark.parametrize("case", WRONG)
def test_binary_that_is_no_shape_is_refused_by_its_row(case):
    with pytest.raises(GeodataError, match=r"row 7|Row 7"):
        Scales(IMPORT).flat(WRONG[case], 7)


@pytest.mark.parametrize("case", ["nothing", "a curve", "a line to nowhere", "a count of rings of 4 thousand millions"])
def test_binary_that_is_no_shape_is_refused_through_the_door(tmp_path, refused, case):
    refused(stored(tmp_path / "a.parquet", POINT, WRONG[case]), "[Rr]ow 2")


def test_local_files_are_held_to_the_same_form():
    for case in ("a ring that does not close", "half a number", "a count of 4 thousand millions"):
        with pytest.raises(GeodataError):
            Scales(LOCAL).flat(WRONG[case], 1)


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Point(1, 2, 3),
        shapely.from_wkt("POINT M (1 2 3)"),
        shapely.from_wkt("LINESTRING ZM (0 0 1 2, 1 1 3 4)"),
        shapely.from_wkt("MULTIPOLYGON Z (((0 0 9, 1 0 9, 1 1 9, 0 0 9)))"),
        shapely.from_wkt("GEOMETRYCOLLECTION Z (POINT Z (1 2 3), LINESTRING Z (0 0 1, 1 1 1))"),
    ],
)
@pytest.mark.parametrize("flavor", ["iso", "extended"])
@pytest.mark.parametrize("order", [0, 1])
def test_heights_and_measures_are_dropped(shape, flavor, order):
    wkb = shapely.to_wkb(shape, output_dimension=4, flavor=flavor, byte_order=order)
    flat = shapely.from_wkb(Scales(IMPORT).flat(wkb, 1))
    assert not shapely.has_z(flat)
    assert not shapely.has_m(flat)
    assert flat.equals_exact(shapely.force_2d(shape), 0)


@pytest.mark.parametrize("wkt", ["POINT EMPTY", "POLYGON EMPTY", "MULTIPOLYGON EMPTY", "GEOMETRYCOLLECTION EMPTY"])
def test_an_empty_shape_is_no_place(wkt):
    assert Scales(IMPORT).flat(shapely.to_wkb(shapely.from_wkt(wkt)), 1) is None


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": ["114", "35"]},
        {"type": "Point", "coordinates": [114]},
        {"type": "Point", "coordinates": [True, False]},
        {"type": "Point", "coordinates": None},
        {"type": "Point"},
        {"type": "Circle", "coordinates": [1, 2]},
        {"type": "LineString", "coordinates": [["1", "2"], ["3", "4"]]},
        {"type": "LineString", "coordinates": [1, 2, 3]},
        {"type": "LineString", "coordinates": [[[1, 2]], [[3, 4]]]},
        {"type": "Polygon", "coordinates": [[1, 2], [3, 4]]},
        {"type": "Polygon", "coordinates": {}},
        {"type": "GeometryCollection", "geometries": [1]},
        {"type": "GeometryCollection"},
        [1, 2],
        "POINT (1 2)",
        7,
    ],
)
def test_what_is_no_geojson_geometry_is_refused(tmp_path, refused, geometry):
    path = tmp_path / "a.geojson"
    path.write_text(collection_of(geometry))
    refused(path, "row 1 is no GeoJSON geometry")


@pytest.mark.parametrize(
    "geometry", [None, {"type": "Point", "coordinates": []}, {"type": "Polygon", "coordinates": []}]
)
def test_a_feature_without_a_shape_is_a_row_without_a_place(tmp_path, read_right, geometry):
    path = tmp_path / "a.geojson"
    path.write_text(collection_of(geometry))
    assert read_right(path).geometry[1] is None


def test_mixed_kinds_and_heights_are_read_side_by_side(tmp_path, read_right):
    path = tmp_path / "a.geojson"
    shapes = [
        {"type": "Point", "coordinates": [1, 2, 3, 4]},
        {"type": "LineString", "coordinates": [[0, 0], [1, 1, 5]]},
    ]
    features = [
        {"type": "Feature", "properties": {"a": n}, "geometry": shape} for n, shape in enumerate([*shapes, None])
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    frame = read_right(path)
    assert [None if shape is None else shape.wkt for shape in frame.geometry] == [
        "POINT (1 2)",
        "LINESTRING (0 0, 1 1)",
        None,
    ]
    assert list(frame.index) == [1, 2, 3]


def test_memory_is_limited(tmp_path, refused):
    path = tmp_path / "a.geojson"
    path.write_text(collection_of({"type": "LineString", "coordinates": [[1.5, 2.5]] * 2_000_000}))
    refused(path, "needs more memory|broke off", limits=replace(IMPORT, memory_bytes=400 << 20, vertices_each=None))


def test_time_is_limited(tmp_path, refused):
    path = tmp_path / "a.geojson"
    path.write_text(collection_of({"type": "Point", "coordinates": [1, 2]}))
    refused(path, "takes too long", limits=replace(IMPORT, wall_s=0.01))
    path.write_text(collection_of({"type": "LineString", "coordinates": [[1.5, 2.5]] * 2_000_000}))
    refused(path, "takes too long", limits=replace(IMPORT, cpu_s=1, vertices_each=None))


def test_what_comes_out_is_limited(tmp_path, refused):
    path = tmp_path / "a.geojson"
    path.write_text(collection_of({"type": "LineString", "coordinates": [[1.5, 2.5]] * 50_000}))
    refused(path, "More comes out", limits=replace(IMPORT, output_bytes=100_000))
