"""JSON, XML and CSV that would read something else, never end, or mean two things."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

VRT = '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{source}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
POINT = '{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[114.2,35.7]}}'


def text(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def collection(*features: str, more: str = "") -> str:
    return f'{{"type":"FeatureCollection"{more},"features":[{",".join(features)}]}}'


@pytest.mark.parametrize("suffix", [".geojson", ".csv", ".kml", ".gpkg", ".shp.zip"])
@pytest.mark.parametrize("source", ["/etc/passwd", "/vsicurl/http://127.0.0.1:1/a.geojson"])
def test_a_disguised_vrt_is_refused_by_what_it_is(tmp_path, refused, suffix, source):
    refused(text(tmp_path / f"grids{suffix}", VRT.format(source=source)), r"not taken \(VRT\)")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("\ufeff <!-- a --><?x y?>\n" + VRT.format(source="x"), "VRT"),
        ('<?xml version="1.0"?><gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml"/>', "GML"),
        ("<gpx/>", "GPX"),
        ("<OGRWFSDataSource><URL>http://127.0.0.1:1/</URL></OGRWFSDataSource>", "WFS"),
        ("  0\nSECTION\n  2\nHEADER\n", "DXF"),
        ('Version 300\nCharset "WindowsLatin1"\nColumns 1\n', "MapInfo"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "XLS"),
        (b"SQLite format 3\0" + b"\0" * 500, "SQLite"),
        ('{"type":"Topology","objects":{}}', "TopoJSON"),
        ('{"type":"gdal_streamed_alg","command_line":"gdal vector pipeline read /etc/passwd"}', "JSON"),
        ("[]", None),
        (b"\x00\x01\x02\x03" * 100, None),
    ],
)
def test_a_foreign_format_is_refused_whatever_its_name(tmp_path, refused, content, kind):
    said = rf"not taken \({kind}\).*Taken are" if kind else "Taken are|broken"
    refused(text(tmp_path / "grids.geojson", content), said)


LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
DOCUMENT = "<kml><Placemark><name>{}</name></Placemark></kml>"
DECLARED = {
    "a billion laughs": f'<!DOCTYPE kml [<!ENTITY l0 "ha">{LAUGHS}]>{DOCUMENT.format("&l9;")}',
    "one long entity many times": f'<!DOCTYPE kml [<!ENTITY a "{"x" * 50_000}">]>{DOCUMENT.format("&a;" * 5_000)}',
    "a file of the machine": f'<!DOCTYPE kml [<!ENTITY f SYSTEM "file:///etc/passwd">]>{DOCUMENT.format("&f;")}',
    "a page of the network": f'<!DOCTYPE kml [<!ENTITY f SYSTEM "http://127.0.0.1:1/">]>{DOCUMENT.format("&f;")}',
    "a document type elsewhere": f'<!DOCTYPE kml SYSTEM "http://127.0.0.1:1/a.dtd">{DOCUMENT.format("a")}',
    "an entity of parameters": f'<!DOCTYPE kml [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]>{DOCUMENT.format("a")}',
    "a document type behind a long comment": f"<!--{'x' * 70_000}--><!DOCTYPE kml>{DOCUMENT.format('a')}",
}


@pytest.mark.parametrize("case", DECLARED)
def test_xml_that_declares_is_not_opened(tmp_path, refused, case):
    refused(text(tmp_path / "a.kml", DECLARED[case]), "document type or entities|not taken")


def test_a_document_type_behind_the_root_is_no_xml(tmp_path, refused):
    refused(text(tmp_path / "a.kml", "<kml><!DOCTYPE kml></kml>"), "document type|broken in line 1")


def test_kml_nested_without_end_is_refused(tmp_path, refused):
    refused(text(tmp_path / "a.kml", "<kml>" + "<Folder>" * 100_000), "nests things too deep")


def test_kml_nested_shapes_are_refused(tmp_path, refused):
    inner = "<MultiGeometry>" * 20 + "<Point><coordinates>114,35</coordinates></Point>" + "</MultiGeometry>" * 20
    refused(text(tmp_path / "a.kml", f"<kml><Placemark>{inner}</Placemark></kml>"), "collection of collections")


@pytest.mark.parametrize("places", ["nan,nan 1,1", "1e999,35", "114;35", "a,b", "1"])
def test_kml_coordinates_that_are_none_are_refused(tmp_path, refused, places):
    line = f"<kml><Placemark><LineString><coordinates>{places} 114,35</coordinates></LineString></Placemark></kml>"
    refused(text(tmp_path / "a.kml", line), "row 1 (is damaged|is no GeoJSON)|Row 1 has a coordinate")


@pytest.mark.parametrize("cut", [5, 20, 60, 90])
def test_kml_cut_off_is_refused(tmp_path, refused, cut):
    point = "<Point><coordinates>114,35</coordinates></Point>"
    whole = f"<kml><Document><Placemark><name>a</name>{point}</Placemark></Document></kml>"
    refused(text(tmp_path / "a.kml", whole[:cut]), "broken in line 1")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e400", "9" * 5_000])
@pytest.mark.parametrize("place", ["coordinates", "properties"])
def test_json_numbers_that_are_none_are_refused(tmp_path, refused, number, place):
    point = POINT.replace("114.2", number) if place == "coordinates" else POINT.replace("{}", f'{{"a":{number}}}')
    refused(text(tmp_path / "a.geojson", collection(point)), "which is no number|Row 1 has a coordinate")


def test_json_nested_without_end_is_refused(tmp_path, refused):
    refused(text(tmp_path / "a.geojson", '{"type":' + "[" * 1_000_000), "nests things too deep")
    deep = POINT.replace("{}", '{"a":' + "[" * 100_000 + "]" * 100_000 + "}")
    refused(text(tmp_path / "b.geojson", collection(deep)), "nests things too deep")


@pytest.mark.parametrize(
    "content",
    [
        '{"type":"FeatureCollection","type":"FeatureCollection","features":[]}',
        collection(POINT).replace('"features"', '"features":[],"features"'),
        collection(POINT.replace("{}", '{"code":"1","code":"2"}')),
        collection(POINT.replace('"geometry"', '"geometry":null,"geometry"')),
    ],
)
def test_json_that_says_one_thing_twice_is_refused(tmp_path, refused, content):
    refused(text(tmp_path / "a.geojson", content), "a key is repeated|broken near")


@pytest.mark.parametrize("letters", ["\\ud800", "\\u0000", "a\\udfffb"])
def test_text_with_half_letters_or_zeros_is_refused(tmp_path, refused, letters):
    content = collection(POINT, POINT.replace("{}", f'{{"name":"{letters}"}}'))
    refused(text(tmp_path / "a.geojson", content), "Row 2 has text with a character that no text may have")


def test_column_names_of_half_letters_become_printable(tmp_path, read_right):
    content = collection(POINT.replace("{}", '{"\\ud800":1,"a\\u0000\\u202eb":2,"":3," a b ":4,"geometry":5}'))
    frame = read_right(text(tmp_path / "a.geojson", content))
    assert list(frame.columns) == ["column_1", "a b", "column_3", "a b_2", "geometry_2", "geometry"]


@pytest.mark.parametrize("cut", [1, 15, 30, 45, 60, 100, 120])
def test_json_cut_off_is_refused(tmp_path, refused, cut):
    whole = collection(POINT)
    refused(text(tmp_path / "a.geojson", whole[:cut]), "broken near character")


@pytest.mark.parametrize("more", ["x", "{}", "]", collection(POINT)])
def test_json_with_something_behind_its_end_is_refused(tmp_path, refused, more):
    refused(text(tmp_path / "a.geojson", collection(POINT) + more), "broken near character")


@pytest.mark.parametrize(
    "content", [b'{"type":"FeatureCollection","features":[{"a":"\xff"}]}', '{"a":1}'.encode("utf-16")]
)
def test_json_that_is_not_utf_8_is_refused(tmp_path, refused, content):
    refused(text(tmp_path / "a.geojson", content), "UTF-8|UTF-16")


@pytest.mark.parametrize("feature", ["1", "null", "[]", '"a"', "{}", '{"type":"Feature","properties":[]}'])
def test_what_is_no_feature_is_refused_by_its_row(tmp_path, refused, feature):
    refused(text(tmp_path / "a.geojson", collection(POINT, feature)), "Row 2 is no GeoJSON feature")


@pytest.mark.parametrize("name", ["EPSG:4547", "urn:ogc:def:crs:EPSG::4547"])
def test_a_foreign_crs_member_asks_to_be_declared(tmp_path, refused, name):
    crs = f',"crs":{json.dumps({"type": "name", "properties": {"name": name}})}'
    refused(text(tmp_path / "a.geojson", collection(POINT, more=crs)), "Declare --crs EPSG:4547")


@pytest.mark.parametrize(
    "crs",
    [
        '"EPSG:4326"',
        "[]",
        '{"type":"link","properties":{"href":"http://127.0.0.1:1/"}}',
        '{"properties":{"name":"/etc/passwd"}}',
    ],
)
def test_a_crs_member_that_names_nothing_known_is_refused(tmp_path, refused, crs):
    refused(text(tmp_path / "a.geojson", collection(POINT, more=f',"crs":{crs}')), "names no coordinate system")


def test_the_usual_crs_member_is_fine_wherever_it_stands(tmp_path, read_right):
    crs = '"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}'
    assert (
        len(read_right(text(tmp_path / "a.geojson", f'{{"type":"FeatureCollection","features":[{POINT}],{crs}}}'))) == 1
    )


def test_coordinates_that_look_swapped_are_named(tmp_path, refused):
    swapped = POINT.replace("[114.2,35.7]", "[35.7,114.2]")
    refused(text(tmp_path / "a.geojson", collection(POINT, swapped)), "Row 2.*look swapped")


def test_metres_without_a_word_ask_to_be_declared(tmp_path, refused):
    metres = POINT.replace("[114.2,35.7]", "[38500000,3950000]")
    refused(text(tmp_path / "a.geojson", collection(metres)), "Row 1.*Declare the coordinate system")
    refused(text(tmp_path / "a.csv", "x,y\n500000,3950000\n"), "Row 1.*Declare the coordinate system")


def test_empty_files_are_refused(tmp_path, refused):
    refused(text(tmp_path / "a.geojson", ""), "The file is empty")
    refused(text(tmp_path / "b.csv", "  \n"), "Taken are|no header")
    refused(tmp_path / "missing.csv", "There is no file")
    refused(tmp_path, "is no file")


def test_a_file_over_the_limit_is_refused_unopened(tmp_path, refused):
    path = tmp_path / "a.geojson"
    with path.open("wb") as file:
        file.truncate(51 << 20)
    refused(path, "larger than 50 MB")


def test_a_collection_without_features_is_an_empty_layer(tmp_path, read_right):
    assert len(read_right(text(tmp_path / "a.geojson", collection()))) == 0


def test_more_features_than_the_door_takes_are_refused(tmp_path, refused):
    refused(text(tmp_path / "a.geojson", collection(*[POINT] * 50_001)), "more than 50000 rows")


def test_a_csv_of_one_line_of_50_mb_is_refused(tmp_path, refused):
    refused(text(tmp_path / "a.csv", b"a" * 50_000_000), "row of more than 1 MB")
    refused(text(tmp_path / "b.csv", b'lon,lat,a\n1,2,"' + b"a" * 49_000_000), "row of more than 16 MB|cannot be read")


def test_a_csv_of_a_hundred_thousand_columns_is_refused(tmp_path, refused):
    refused(text(tmp_path / "a.csv", ",".join("a" for _ in range(100_000)) + "\n"), "more than 2000 columns")


def test_json_of_a_hundred_thousand_columns_is_refused(tmp_path, refused):
    many = ",".join(f'"{n}":1' for n in range(100_000))
    refused(text(tmp_path / "a.geojson", collection(POINT.replace("{}", f"{{{many}}}"))), "more than 2000 columns")


@pytest.mark.parametrize("row", ["1,2", "1,2,3,4"])
def test_a_csv_row_of_another_length_is_named(tmp_path, refused, row):
    refused(text(tmp_path / "a.csv", f"lon,lat,a\n114,35,x\n{row}\n"), "Row 2 has . cells where the header has 3")


def test_a_csv_in_no_known_letters_is_refused(tmp_path, refused):
    refused(text(tmp_path / "a.csv", b"lon,lat\n114,\xff\xff\xff\n"), "neither UTF-8 nor GB 18030")


def test_a_zero_byte_in_a_csv_is_named(tmp_path, refused):
    filler = "114,35,x\n" * 10_000
    refused(
        text(tmp_path / "a.csv", f"lon,lat,a\n{filler}114,35,a\0b\n"),
        "Row 10001 has text with a character|cannot be read",
    )


@pytest.mark.parametrize("cell", ["nan", "inf", "1e999", "", "abc", "１１４", "0x10", "114°"])
def test_a_csv_cell_that_is_no_number_gives_no_place(tmp_path, read_right, cell):
    frame = read_right(text(tmp_path / "a.csv", f"name,lon,lat\na,{cell},35.7\nb,114.2,35.7\n"))
    assert frame.geometry[1] is None
    assert frame.geometry[2].x == 114.2


@pytest.mark.parametrize("depth", [500, 100_000])
def test_well_known_text_nested_deep_is_refused(tmp_path, refused, depth):
    nested = "GEOMETRYCOLLECTION(" * depth + "POINT(1 1)" + ")" * depth
    refused(
        text(tmp_path / "a.csv", f'name,wkt\na,"{nested}"\n'), "row 1 is a collection of collections|row of more than 1"
    )


def test_a_path_given_for_a_system_is_not_opened(tmp_path, refused):
    from geodata.files import Given

    points = text(tmp_path / "a.csv", "x,y\n1,2\n")
    for name in ("/etc/passwd", "+init=/etc/passwd:1", "http://127.0.0.1:1/", "EPSG:1", "CRS", "EPSG:4547.9"):
        refused(points, "no coordinate system that is known", given=Given(crs=name))
