"""Columns find their fields, cells their values; what is none of what is wanted is said."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pytest

from geodata.files import Layer
from gridmap.errors import Invalid
from gridmap.intake.fields import Field, Sort, match_columns
from gridmap.intake.rows import flag_repeated, take_rows
from gridmap.intake.values import as_instant

SHANGHAI = ZoneInfo("Asia/Shanghai")
CODE = Field("code", "Code", Sort.CODE, needed=True, synonyms=("编号",))
KIND = Field(
    "kind", "Kind", Sort.CHOICE, choices={"urban": "Urban", "rural": "Rural"}, synonyms=("类型", "code of kind")
)
COUNT = Field("households", "Households", Sort.COUNT, synonyms=("户数",))
AT = Field("at", "Time", Sort.TIME)
FIELDS = (CODE, KIND, COUNT, AT)


def rows_of(fields=FIELDS, *, form="GeoJSON", **columns):
    frame = gpd.GeoDataFrame(columns, geometry=[None] * len(next(iter(columns.values()))), crs=4326)
    frame.index = range(1, len(frame) + 1)
    frame.attrs["layer"] = Layer("t", form)
    return take_rows(frame, fields, {}, SHANGHAI)


def said(rows):
    return [(defect.row, defect.column) for defect in rows.defects.listed]


@pytest.mark.parametrize("name", ["code", "CODE", " Code *", "编码", "编号", "co_de"])
def test_a_column_is_found_by_its_name_its_title_or_a_synonym(name):
    assert match_columns([name], [CODE], {}) == {"code": name}


def test_what_a_person_says_goes_first_and_own_names_before_synonyms():
    columns = ["code", "kind", "户数", "编号"]
    assert match_columns(columns, FIELDS, {}) == {"code": "code", "kind": "kind", "households": "户数"}
    assert match_columns(columns, FIELDS, {"code": "编号"})["code"] == "编号"


def test_one_column_serves_one_field():
    assert match_columns(["code"], [CODE, Field("number", "Number", Sort.CODE, synonyms=("code",))], {}) == {
        "code": "code"
    }


@pytest.mark.parametrize("mapping", [{"colour": "code"}, {"code": "colour"}])
def test_a_mapping_of_what_is_not_there_is_refused(mapping):
    with pytest.raises(Invalid, match="colour"):
        match_columns(["code"], FIELDS, mapping)


def test_numbers_keep_being_codes():
    rows = rows_of(code=[990106001001001.0, 7.0, np.nan])
    assert rows.columns["code"] == ["990106001001001", "7", None]
    assert said(rows) == [(3, "code")]


@pytest.mark.parametrize(
    ("cell", "value"), [("12", 12), ("12.0", 12), (12.0, 12), ("", None), ("-1", None), ("1.5", None), ("many", None)]
)
def test_a_count_is_a_whole_number_from_0_on(cell, value):
    rows = rows_of(code=["a"], households=[cell])
    assert rows.columns["households"] == [value]
    assert said(rows) == ([] if value is not None or cell == "" else [(1, "households")])


@pytest.mark.parametrize(
    ("cell", "value"), [("urban", "urban"), ("URBAN", "urban"), ("城市", "urban"), ("Stadt", None)]
)
def test_a_choice_is_read_in_every_language(cell, value):
    assert rows_of(code=["a"], kind=[cell]).columns["kind"] == [value]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01", datetime(2026, 2, 28, 16, tzinfo=UTC)),
        ("2026/3/1 8:30", datetime(2026, 3, 1, 0, 30, tzinfo=UTC)),
        ("2026年3月1日", datetime(2026, 2, 28, 16, tzinfo=UTC)),
        ("2026-03-01T08:30:00+01:00", datetime(2026, 3, 1, 7, 30, tzinfo=UTC)),
        ("2026-02-30", None),
        ("2026/2/30", None),
        ("tomorrow", None),
    ],
)
def test_times_are_read_as_people_write_them(text, instant):
    assert as_instant(text, SHANGHAI) == instant


def test_an_apostrophe_of_a_sheet_is_no_part_of_its_text():
    name = Field("name", "Its name", Sort.TEXT)
    assert rows_of([name], form="CSV", name=["'=1+1", "'tis", "-5 层"]).columns["name"] == ["=1+1", "'tis", "-5 层"]
    assert rows_of([name], form="GeoJSON", name=["'=1+1"]).columns["name"] == ["'=1+1"]


def test_a_value_that_stands_twice_names_its_first_row():
    rows = rows_of(code=["a", "b", "a", None, None])
    flag_repeated(rows, CODE)
    repeated = [defect for defect in rows.defects.listed if "already" in defect.msgid]
    assert [(defect.row, defect.params["first"]) for defect in repeated] == [(3, 1)]


def test_what_stops_an_import_is_not_hidden_behind_what_does_not():
    rows = rows_of(code=["a"] * 500)
    rows.flag([True] * 500, "slight", grave=False)
    rows.flag([False] * 499 + [True], "grave")
    assert (rows.defects.count, rows.defects.grave, len(rows.defects.listed)) == (501, 1, 200)
    assert [defect.row for defect in rows.defects.listed if defect.grave] == [500]
