"""GeoPackages that act, workbooks that explode, tables that lie about their size."""

from __future__ import annotations

import re
import sqlite3
import struct
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyarrow as pa
import pytest
import xlsxwriter
from pyarrow import parquet

from geodata.files import write


@pytest.fixture
def package(tmp_path, blocks) -> Path:
    path = tmp_path / "blocks.gpkg"
    write(blocks, path)
    return path


def changed(path: Path, *statements: str, unsafe: bool = False) -> Path:
    db = sqlite3.connect(path)
    if unsafe:
        db.execute("PRAGMA writable_schema=ON")
    # The triggers that keep the index call functions which only GDAL has.
    for (name,) in db.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'blocks'"
    ).fetchall():
        db.execute(f'DROP TRIGGER "{name}"')
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()
    return path


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("CREATE TRIGGER t AFTER INSERT ON blocks BEGIN SELECT load_extension('/tmp/x'); END", "a trigger, t"),
        ("CREATE TRIGGER rtree_x AFTER INSERT ON blocks BEGIN SELECT load_extension('x'); END", "a trigger, rtree_x"),
        (
            (
                "CREATE TRIGGER rtree_x AFTER INSERT ON blocks"
                " BEGIN DELETE FROM rtree_blocks_geom; DELETE FROM blocks; END"
            ),
            "a trigger, rtree_x",
        ),
        ("CREATE VIEW v AS SELECT * FROM blocks", "a view, v"),
        (
            "CREATE VIEW v AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT * FROM r",
            "a view, v",
        ),
        ("CREATE VIRTUAL TABLE f USING fts5(a)", "a virtual table, f"),
        ("ALTER TABLE blocks ADD COLUMN g AS (hex(code))", "a computed column, g"),
    ],
)
def test_a_geopackage_that_acts_is_refused(package, refused, statement, said):
    refused(changed(package, statement), said)


def test_a_virtual_table_behind_the_name_of_an_index_is_refused(package, refused):
    sql = "CREATE VIRTUAL TABLE \"rtree_v\" USING VirtualOGR(''/etc/passwd'')"
    changed(
        package,
        "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql)"
        f" VALUES ('table', 'rtree_v', 'rtree_v', 0, '{sql}')",
        unsafe=True,
    )
    refused(package, "a virtual table, rtree_v|GeoPackage is damaged")


def test_a_geopackage_keeps_its_own_index_and_is_read(package, read_right, blocks):
    frame = read_right(package)
    assert list(frame["code"]) == list(blocks["code"])
    assert "fid" not in frame


@pytest.mark.parametrize("name", ["no such", 'a"; DROP TABLE blocks; --'])
def test_a_table_that_is_not_there_is_a_damage(package, refused, name):
    quoted = name.replace("'", "''")
    refused(changed(package, f"UPDATE gpkg_contents SET table_name = '{quoted}'"), "damaged|no layer")


@pytest.mark.parametrize(
    ("blob", "said"),
    [
        ("x'00'", "row 1 is damaged"),
        ("x'47500001e6100000'", "row 1 is damaged"),
        ("'text'", "row 1 is damaged"),
        ("x'475000ffe6100000" + "00" * 40 + "'", "row 1 is damaged"),
        ("x'47500001e6100000" + "0106000000ffffffff'", "row 1 is damaged"),
        ("x'47500001e6100000" + "0108000000" + "00000000'", "a curve or a surface"),
    ],
)
def test_a_shape_that_is_none_is_named_by_its_row(package, refused, blob, said):
    refused(changed(package, f"UPDATE blocks SET geom = {blob} WHERE code = '001'"), said)


@pytest.mark.parametrize("at", [1000, 4096, 20_000, 60_000])
def test_a_corrupted_page_is_a_damage_or_harmless(package, outcome, at):
    content = bytearray(package.read_bytes())
    content[at : at + 2000] = b"\xff" * 2000
    package.write_bytes(content)
    assert re.search("^[0-3] rows|damaged|[Rr]ow [1-3]|no layer", outcome(package))


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.95])
def test_a_geopackage_cut_off_is_refused(package, refused, share):
    package.write_bytes(package.read_bytes()[: int(package.stat().st_size * share)])
    refused(package, "damaged|row . is damaged|no layer")


def workbook(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def rewritten(path: Path, member: str, change, add: dict[str, bytes] | None = None) -> Path:
    with zipfile.ZipFile(path) as package:
        members = {name: package.read(name) for name in package.namelist()}
    members[member] = change(members.get(member, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in (members | (add or {})).items():
            package.writestr(name, content)
    return path


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize("member", [SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml", "_rels/.rels"])
def test_a_document_type_in_any_part_of_a_workbook_is_refused(tmp_path, refused, member):
    path = workbook(tmp_path / "a.xlsx", [["name"], ["a"]])
    declared = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    rewritten(path, member, lambda xml: declared + xml.split(b"?>", 1)[-1])
    refused(path, "document type or entities")


def test_links_to_other_workbooks_are_not_followed(tmp_path, read_right):
    path = workbook(tmp_path / "a.xlsx", [["name", "n"], ["a", "='[http://127.0.0.1:1/b.xlsx]S'!A1"]])
    link = b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    rewritten(path, SHEET, lambda xml: xml, {"xl/externalLinks/externalLink1.xml": link})
    frame = read_right(path)
    assert frame["n"].isna().all()


def test_formulas_are_never_computed(tmp_path, read_right):
    frame = read_right(
        workbook(tmp_path / "a.xlsx", [["a", "b"], [1, "=1+1"], [2, '=WEBSERVICE("http://127.0.0.1:1/")']])
    )
    assert frame["b"].isna().all()
    assert list(frame["a"]) == [1, 2]


def test_a_huge_declared_size_of_a_sheet_is_not_believed(tmp_path, read_right):
    path = workbook(tmp_path / "a.xlsx", [["name", "lon", "lat"], ["a", 114.2, 35.7]])
    rewritten(path, SHEET, lambda xml: xml.replace(b'ref="A1:C2"', b'ref="A1:XFD1048576"'))
    assert read_right(path).shape == (1, 4)


def test_a_row_at_the_end_of_the_sheet_is_too_many(tmp_path, refused):
    path = workbook(tmp_path / "a.xlsx", [["name"], ["a"]])
    rewritten(path, SHEET, lambda xml: xml.replace(b'r="2"', b'r="1048576"').replace(b'"A2"', b'"A1048576"'))
    refused(path, "more than 100000 blank rows")


def test_a_row_beyond_the_end_of_any_sheet_is_refused(tmp_path, refused):
    path = workbook(tmp_path / "a.xlsx", [["name"], ["a"]])
    rewritten(path, SHEET, lambda xml: xml.replace(b'r="2"', b'r="999999999"').replace(b'"A2"', b'"A999999999"'))
    refused(path, "more than 100000 blank rows")


def test_shared_strings_that_explode_are_refused(tmp_path, refused):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_string(0, 0, "name")
    bomb = b"<si><t>" + b"a" * 60_000_000 + b"</t></si></sst>"
    rewritten(path, "xl/sharedStrings.xml", lambda xml: xml.replace(b"</sst>", bomb))
    refused(path, "unpacks to more than 100 : 1")


@pytest.mark.parametrize("member", ["xl/workbook.xml", SHEET, "xl/_rels/workbook.xml.rels"])
@pytest.mark.parametrize("content", [b"", b"<a/>", b"<a", b"\0\0"])
def test_parts_that_do_not_fit_are_a_damage(tmp_path, refused, member, content):
    path = workbook(tmp_path / "a.xlsx", [["name"], ["a"]])
    rewritten(path, member, lambda _: content)
    refused(path, "damaged|broken in line|no sheet with a header")


def test_a_workbook_without_a_header_is_refused(tmp_path, refused):
    refused(workbook(tmp_path / "a.xlsx", []), "no sheet with a header")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.99])
def test_parquet_cut_off_is_refused(tmp_path, refused, blocks, share):
    path = tmp_path / "a.parquet"
    write(blocks, path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    refused(path, "damaged|Taken are")


@pytest.mark.parametrize("at", range(20, 420, 40))
def test_parquet_with_foreign_bytes_is_a_damage_or_harmless(tmp_path, outcome, blocks, at):
    path = tmp_path / "a.parquet"
    write(blocks, path)
    content = bytearray(path.read_bytes())
    for start in (at, len(content) - at):
        content[start : start + 8] = b"\xff\x7f\xff\xff\xff\xff\xff\x7f"
    path.write_bytes(content)
    assert re.search("^[0-3] rows|damaged|broke off|[Rr]ow [1-3]|more memory|system|row.* than|Declare", outcome(path))


def test_parquet_that_lies_about_its_footer_is_refused(tmp_path, refused, blocks):
    path = tmp_path / "a.parquet"
    write(blocks, path)
    path.write_bytes(path.read_bytes()[:-8] + struct.pack("<I", 2**31 - 1) + b"PAR1")
    refused(path, "damaged")


def test_parquet_that_unpacks_to_gigabytes_is_refused(tmp_path, refused):
    path = tmp_path / "a.parquet"
    text = pa.array(["a" * 1000] * 1_000).take(pa.array([0] * 1_000))
    column = pa.chunked_array([text] * 50)
    with parquet.ParquetWriter(path, pa.schema({"a": pa.string()}), compression="zstd", use_dictionary=False) as writer:
        for _ in range(12):
            writer.write_table(pa.table({"a": column}))
    refused(path, "more than 50000 rows|More comes out")


@pytest.mark.parametrize(
    "geo",
    [
        b"{",
        b"[]",
        b'{"primary_column":"x","columns":{}}',
        b'{"primary_column":"g","columns":{"g":{"encoding":"point"}}}',
    ],
)
def test_parquet_whose_metadata_mean_nothing_is_refused(tmp_path, refused, geo):
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"g": [b"a"]}).replace_schema_metadata({"geo": geo}), path)
    refused(path, "damaged|not written as WKB")


def test_parquet_values_of_any_depth_become_text(tmp_path, read_right):
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"a": [[{"b": [1, 2]}]], "b": [b"\0\1"]}), path)
    frame = read_right(path)
    assert list(frame["a"]) == ['[{"b": [1, 2]}]']
    assert "b" not in frame


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


@pytest.fixture
def parts(tmp_path, blocks) -> dict[str, bytes]:
    write(blocks.rename(columns={"households": "homes", "名称": "name"}), tmp_path / "b.shp.zip")
    return parts_of(tmp_path / "b.shp.zip")


@pytest.mark.parametrize("suffix", [".shx", ".dbf"])
def test_a_shapefile_without_a_part_is_refused_by_its_name(tmp_path, refused, parts, suffix):
    del parts[f"b{suffix}"]
    refused(packed(tmp_path / "a.shp.zip", parts), f"no {suffix}. Zip .shp")


def test_a_shapefile_without_a_system_asks_for_one(tmp_path, refused, parts):
    del parts["b.prj"]
    refused(packed(tmp_path / "a.shp.zip", parts), "Declare it with --crs")


@pytest.mark.parametrize("prj", [b'LOCAL_CS["a"]', b"/etc/passwd", b"PROJCS[" * 5_000, b"\xff\xfe", b"x" * 200_000])
def test_a_system_that_is_none_is_refused(tmp_path, refused, parts, prj):
    parts["b.prj"] = prj
    refused(packed(tmp_path / "a.shp.zip", parts), "is not known|too large to be one")


@pytest.mark.parametrize("rows", [0, 1_000, 2**32 - 1])
def test_a_table_that_lies_about_its_rows_is_refused(tmp_path, aside, refused, parts, rows):
    parts["b.dbf"] = parts["b.dbf"][:4] + struct.pack("<I", rows) + parts["b.dbf"][8:]
    path = packed(tmp_path / "a.shp.zip", parts)
    refused(path, "dbf of the shapefile (is cut off|has another number of rows)")


@pytest.mark.parametrize(
    ("part", "keep"), [("b.shp", 120), ("b.shp", 300), ("b.dbf", 20), ("b.dbf", 150), ("b.shx", 50), ("b.shx", 104)]
)
def test_a_shapefile_with_a_part_cut_off_is_refused(tmp_path, refused, parts, part, keep):
    parts[part] = parts[part][:keep]
    refused(packed(tmp_path / "a.shp.zip", parts), "damaged|cut off|another number of rows")


def test_a_shapefile_that_lies_about_its_vertices_is_refused(tmp_path, refused, parts):
    shp = bytearray(parts["b.shp"])
    shp[100 + 8 + 4 + 32 + 4 : 100 + 8 + 4 + 32 + 8] = struct.pack("<I", 2**31 - 1)
    parts["b.shp"] = bytes(shp)
    refused(packed(tmp_path / "a.shp.zip", parts), "damaged|broke off")


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.95])
def test_flatgeobuf_cut_off_is_refused(tmp_path, refused, blocks, share):
    path = tmp_path / "a.fgb"
    write(blocks, path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    refused(path, "damaged|broke off")


@pytest.mark.parametrize("at", range(8, 200, 24))
def test_flatgeobuf_with_foreign_bytes_is_a_damage_or_harmless(tmp_path, outcome, blocks, at):
    path = tmp_path / "a.fgb"
    write(blocks, path)
    content = bytearray(path.read_bytes())
    content[at : at + 4] = b"\xff\xff\xff\x7f"
    path.write_bytes(content)
    assert re.search("^[0-3] rows|damaged|broke off|[Rr]ow [1-3]|more memory|system|row.* than|Declare", outcome(path))


def test_an_empty_layer_of_each_format_is_empty(tmp_path, read_right, blocks):
    for suffix in (".geojson", ".gpkg", ".fgb", ".parquet", ".csv", ".xlsx", ".kml"):
        path = tmp_path / f"empty{suffix}"
        write(blocks.iloc[:0], path)
        frame = read_right(path)
        assert isinstance(frame, gpd.GeoDataFrame), suffix
        assert len(frame) == 0, suffix
