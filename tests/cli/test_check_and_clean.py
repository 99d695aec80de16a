"""`gridmap check` and `gridmap clean` on plain files."""

from __future__ import annotations

import json

import geopandas as gpd
import pytest
import shapely
from click.testing import CliRunner

from geodata.crs import shapes_to_lonlat, working_srid
from gridmap.cli.check import check
from gridmap.cli.clean import clean
from gridmap.errors import Invalid

SRID = 4547
LEFT, BOTTOM = 518_000.0, 3_954_000.0


def box(left: float, low: float, right: float, high: float) -> shapely.Polygon:
    return shapely.box(LEFT + left, BOTTOM + low, LEFT + right, BOTTOM + high)


#   +---+---+   100 m each; B is one of the town, the others are villages
#   | A | B |
#   +---+---+
#   | C | D |
#   +---+---+
SOUND = {"A": box(0, 100, 100, 200), "B": box(100, 100, 200, 200), "C": box(0, 0, 100, 100), "D": box(100, 0, 200, 100)}
GAP = SOUND | {"B": box(102, 100, 200, 200)}
OVERLAP = SOUND | {"B": box(90, 100, 200, 200)}
CROSSED = SOUND | {
    "B": shapely.Polygon(
        [(LEFT + x, BOTTOM + y) for x, y in ((100, 100), (200, 100), (100, 200), (200, 200), (200, 150))]
    )
}


@pytest.fixture
def write(tmp_path):
    def write(shapes, name="grids.geojson", households=400, **columns):
        frame = gpd.GeoDataFrame(
            {"code": list(shapes), "kind": ["urban" if code == "B" else "rural" for code in shapes]},
            geometry=shapes_to_lonlat(list(shapes.values()), SRID),
            crs=4326,
        )
        path = tmp_path / name
        frame.assign(households=households, **columns).to_file(path, driver="GeoJSON")
        return path

    return write


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setenv("GRIDMAP_LANGUAGE", "en")


def run(command, *arguments):
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_a_sound_file_is_fine(write):
    result = run(check, write(SOUND))
    assert (result.exit_code, result.stdout) == (0, "4 grids, no gap, no overlap, nothing wrong.\n")


def test_a_gap_is_listed_with_its_place_its_size_and_its_neighbours(write):
    result = run(check, write(GAP))
    assert result.exit_code == 1
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("gap")]
    assert "200 m²" in line
    assert "A, B" in line
    assert "114.2" in line
    assert "35.71" in line


def test_an_overlap_is_counted_at_the_end(write):
    result = run(check, write(OVERLAP))
    assert result.exit_code == 1
    assert "overlap 1" in result.stdout.splitlines()[-1]
    assert "1,000 m²" in result.stdout


def test_programs_get_the_same_as_json(write):
    result = run(check, write(OVERLAP), "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert told["counts"]["overlap"] == 1
    (overlap,) = [one for one in told["defects"] if one["kind"] == "overlap"]
    assert overlap["grids"] == ["A", "B"]
    assert overlap["size"] == pytest.approx(1000, abs=0.5)
    assert overlap["lon"] == pytest.approx(114.2, abs=0.01)


def test_defects_are_written_as_shapes(write, tmp_path):
    target = tmp_path / "defects.gpkg"
    assert run(check, write(OVERLAP), "-o", target).exit_code == 1
    written = gpd.read_file(target)
    assert "overlap" in set(written["kind"])
    area = written[written["kind"] == "overlap"].to_crs(SRID).area.sum()
    assert area == pytest.approx(1000, abs=1)


def test_a_missing_grid_shows_against_the_district(write):
    district = write({"all": box(0, 0, 200, 200)}, name="district.geojson")
    rest = write({code: shape for code, shape in SOUND.items() if code != "D"})
    assert run(check, rest).exit_code == 0
    result = run(check, rest, "--district", district, "--json")
    assert result.exit_code == 1
    assert [one["kind"] for one in json.loads(result.stdout)["defects"]] == ["missing"]


def test_only_grids_of_the_town_are_judged_by_households(write):
    grids = write(SOUND, households=[100, 501, 100, 100])
    result = run(check, grids, "--households", "households", "--json")
    assert [(one["grids"], one["size"]) for one in json.loads(result.stdout)["defects"]] == [(["B"], 501)]
    assert run(check, grids, "--households", "households", "--max", "501").exit_code == 0


def test_an_unknown_column_is_named_with_those_that_there_are(write):
    result = run(check, write(SOUND), "--households", "hh")
    assert isinstance(result.exception, Invalid)
    assert "hh" in result.exception.sentence()
    assert "households" in result.exception.sentence()


def test_a_file_that_is_none_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "grids.geojson"
    path.write_text("no json")
    result = run(check, path)
    assert isinstance(result.exception, Invalid)
    assert result.exception.sentence().endswith(".")


def test_people_read_chinese(write, monkeypatch):
    monkeypatch.setenv("GRIDMAP_LANGUAGE", "zh-CN")
    result = run(check, write(OVERLAP))
    assert "重叠" in result.stdout
    assert "overlap" not in result.stdout


def test_a_dirty_file_becomes_a_sound_one(write, tmp_path):
    target = tmp_path / "clean.gpkg"
    dirty = write(SOUND | {"B": box(100.3, 100.2, 200, 200)}, note=["a", "b", "c", "d"])
    assert run(check, dirty).exit_code == 1
    result = run(clean, dirty, "-o", target)
    assert result.exit_code == 0, result.output
    assert run(check, target).exit_code == 0
    written = gpd.read_file(target)
    assert list(written["code"]) == list("ABCD")
    assert list(written["note"]) == list("abcd")
    assert "4 grids" in result.stdout


def test_a_wide_hole_is_told_and_left(write, tmp_path):
    hole = write(SOUND | {"A": box(0, 100, 100, 200).difference(box(60, 100, 100, 140))})
    result = run(clean, hole, "-o", tmp_path / "clean.geojson", "--json")
    assert result.exit_code in (0, 1)
    told = json.loads(result.stdout)
    assert [round(one["size"]) for one in told["unassigned"]] == [1600]
    assert result.exit_code == 1


def test_a_crossed_ring_is_repaired_only_when_asked(write, tmp_path):
    target = tmp_path / "clean.geojson"
    refused = run(clean, write(CROSSED), "-o", target)
    assert isinstance(refused.exception, Invalid)
    assert "Row 2" in refused.exception.sentence()
    assert not target.exists()
    result = run(clean, write(CROSSED), "-o", target, "--repair", "--json")
    assert target.exists()
    assert [one["repaired"] for one in json.loads(result.stdout)["grids"]] == [False, True, False, False]


def test_chinese_grids_are_reckoned_in_their_zone_of_three_degrees(write):
    assert (
        json.loads(run(check, write(SOUND), "--json").stdout)["crs"]
        == f"EPSG:{working_srid(114.2, 35.7)}"
        == "EPSG:4547"
    )
