"""Everything wrong is told at once, with its row and place, and nothing is written."""

from __future__ import annotations

import json

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import text

from geodata.crs import shapes_to_lonlat
from geodata.datum import wgs84_to_gcj02
from geodata.files import write
from tests.exchange.files import area_rows, grid_rows, write_rows
from tests.worlds import BOTTOM, CODE, FOUNDED, LEFT, SIDE, SRID, build_town, point


@pytest.fixture
def town(look):
    built = build_town(look)
    look.commit()
    return built


def told(answer):
    """What is gravely wrong, as (row, sentence)."""
    return [(defect["row"], defect["sentence"]) for defect in answer["defects"]["listed"] if defect["grave"]]


def sentences(answer):
    return " ".join(sentence for _, sentence in told(answer))


def changed(**values):
    """The drawn grids with some values of the first in others' place."""
    rows = grid_rows()
    rows[0] |= values
    return rows


def test_a_hole_in_the_coverage_is_told_with_its_place(founded, imported, look, tmp_path):
    rows = grid_rows()
    # The square B loses a notch where it meets A.
    notch = shapely.box(LEFT + SIDE, BOTTOM + 2.4 * SIDE, LEFT + SIDE + 10, BOTTOM + 2.6 * SIDE)
    rows[1]["geometry"] = rows[1]["geometry"].difference(notch)
    answer = imported("grids", write_rows(tmp_path / "grids.geojson", rows))
    assert answer["exit"] == 1
    (gap,) = [defect for defect in answer["defects"]["listed"] if "gap" in defect["sentence"]]
    assert CODE["A"] in gap["sentence"]
    lon, lat = point(1.01, 2.5)
    assert (gap["lon"], gap["lat"]) == (pytest.approx(lon, abs=1e-4), pytest.approx(lat, abs=1e-4))
    assert look.scalar(text("SELECT count(*) FROM grid_version")) == 0


def test_an_overlap_is_told(founded, imported, tmp_path):
    bigger = grid_rows()[0]["geometry"].union(shapely.box(LEFT + SIDE, BOTTOM + 2.4 * SIDE, LEFT + SIDE + 10,
                                                         BOTTOM + 2.6 * SIDE))  # fmt: skip
    answer = imported("grids", write_rows(tmp_path / "grids.geojson", changed(geometry=bigger)))
    assert "overlap on 1,000 m²" in sentences(answer)


def test_a_ring_that_crosses_itself_is_told_and_not_repaired(founded, imported, tmp_path):
    x, y = LEFT, BOTTOM + 2 * SIDE
    bow = shapely.Polygon([(x, y), (x + SIDE, y + SIDE), (x + SIDE, y), (x, y + SIDE)])
    answer = imported("grids", write_rows(tmp_path / "grids.geojson", changed(geometry=bow)))
    assert (1, "Self-intersection") in [(row, words.split(": ")[1].split(" at")[0]) for row, words in told(answer)
                                        if "not valid: Self" in words]  # fmt: skip


def test_a_grid_of_two_pieces_is_told(founded, imported, tmp_path):
    low, high = BOTTOM + 2 * SIDE, BOTTOM + 3 * SIDE
    pieces = shapely.MultiPolygon(
        [shapely.box(LEFT, low, LEFT + 100, high), shapely.box(LEFT + 200, low, LEFT + SIDE, high)]
    )
    answer = imported("grids", write_rows(tmp_path / "grids.geojson", changed(geometry=pieces)))
    assert "The shape is of 2 pieces" in sentences(answer)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"kind": "suburban"}, "“suburban” is no Kind. There are: urban, rural, dedicated."),
        ({"households": -3}, "“-3” is no Households: a whole number from 0 on is needed."),
        ({"name": ""}, "Its name is missing."),
        ({"name": "字" * 4001}, "Its name has more than 4,000 characters."),
        ({"code": CODE["B"]}, f"The Code {CODE['B']} stands in row 1 already."),
        ({"code": "990106009009001"}, "There is no community 990106009009 in this district. Import areas first."),
        ({"kind": "dedicated"}, "A dedicated grid needs the code of its institution."),
        ({"kind": "dedicated", "owner": "s-9"}, "There is no site s-9. Import sites first."),
        ({"effective_at": "2999-01-01"}, "The row lies ahead of today. Import it when it takes effect."),
        ({"effective_at": "yesterday"}, "“yesterday” is no In force since: write a time like 2026-03-01 08:30."),
        ({"geometry": None}, "The row has no place."),
        ({"geometry": shapely.Point(LEFT, BOTTOM)}, "The shape is Point; a polygon is needed."),
    ],
)
def test_what_is_wrong_in_a_row_is_told(founded, imported, look, tmp_path, values, sentence):
    answer = imported("grids", write_rows(tmp_path / "grids.geojson", changed(**values)))
    assert answer["exit"] == 1
    assert sentence in sentences(answer)
    assert look.scalar(text("SELECT count(*) FROM grid_version")) == 0


def test_all_defects_are_told_at_once(founded, imported, tmp_path):
    rows = changed(kind="?")
    rows[1]["households"] = "many"
    rows[2]["name"] = None
    rows[3]["geometry"] = None
    answer = imported("grids", write_rows(tmp_path / "grids.geojson", rows))
    assert {row for row, _ in told(answer)} >= {1, 2, 3, 4}


def test_a_file_without_a_needed_column_says_which_there_are(founded, imported, tmp_path):
    rows = [{name: value for name, value in row.items() if name != "kind"} for row in grid_rows()]
    answer = imported("grids", write_rows(tmp_path / "grids.geojson", rows))
    assert ("The file has no column for Kind (kind). Name one with --map kind=COLUMN; it has: code, name, name_en,"
            " households.") in sentences(answer)  # fmt: skip


@pytest.mark.parametrize(
    ("row", "values", "sentence"),
    [
        (1, {"parent_code": "990107"}, "There is no area 990107, neither in the file nor in the database."),
        (3, {"parent_code": "990106"}, "990106001001 cannot belong to 990106"),
        (1, {"parent_code": "990106001"}, "990106001 cannot belong to 990106001"),
        (1, {"kind": "district", "parent_code": None}, "There must be one district in all"),
        (0, {"kind": "village"}, "“village” is no Kind"),
        (2, {"code": "990106001"}, "The Code 990106001 stands in row 2 already."),
    ],
)
def test_a_tree_that_cannot_be_is_told(imported, look, tmp_path, row, values, sentence):
    rows = area_rows()
    rows[row] |= values
    answer = imported("areas", write_rows(tmp_path / "areas.csv", rows), "--working-crs", "EPSG:4547")
    assert answer["exit"] == 1
    assert sentence in sentences(answer)
    assert look.scalar(text("SELECT count(*) FROM area")) == 0


def test_parents_may_stand_after_their_children(imported, look, tmp_path):
    answer = imported("areas", write_rows(tmp_path / "areas.csv", area_rows()[::-1]), "--working-crs", "EPSG:4547")
    assert answer["exit"] == 0
    assert look.scalars(text("SELECT nlevel(path) FROM area ORDER BY 1")).all() == [1, 2, 2, 3, 3, 3]


def test_a_new_district_without_shapes_asks_for_its_plane(imported, gridmap, tmp_path):
    path = write_rows(tmp_path / "areas.csv", area_rows())
    assert "--working-crs" in sentences(imported("areas", path))
    code, _, said = gridmap("import", "areas", path, "--working-crs", "EPSG:4326")
    assert code == 2
    assert said.endswith("EPSG:4326 is no projected system in metres. Name one such as EPSG:4547.\n")


def test_a_layer_shifted_by_web_maps_is_named_and_not_corrected(town, imported, look, tmp_path):
    shapes = shapes_to_lonlat([row["geometry"] for row in grid_rows()], SRID)
    shifted = [shapely.transform(shape, lambda at: __import__("numpy").column_stack(wgs84_to_gcj02(*at.T)))
               for shape in shapes]  # fmt: skip
    table = [{name: value for name, value in row.items() if name != "geometry"} for row in grid_rows()]
    write(gpd.GeoDataFrame(table, geometry=shifted, crs=4326), tmp_path / "grids.geojson")
    answer = imported("grids", tmp_path / "grids.geojson")
    assert answer["exit"] == 1
    assert "stands shifted, as gcj02 shifts" in sentences(answer)
    right = imported("grids", tmp_path / "grids.geojson", "--datum", "gcj02", "--dry-run")
    assert (right["exit"], right["counts"]["same"]) == (0, 6), right


def test_swapped_coordinates_are_named(town, imported, look, tmp_path):
    lon, lat = point(0.5, 2.5)
    path = tmp_path / "sites.csv"
    path.write_text(f"code,kind,name,lon,lat\ns-1,school,Q,{lat},{lon - 30}\n")
    assert "swapped" in sentences(imported("sites", path)) or "50 km" in sentences(imported("sites", path))
    path.write_text(f"code,kind,name,lon,lat\ns-1,school,Q,{lon},{lat}\ns-2,school,Q,{lon + 1},{lat}\n")
    assert told(imported("sites", path)) == [(2, "The position lies more than 50 km outside the district.")]
    assert look.scalar(text("SELECT count(*) FROM site")) == 0


def test_one_wrong_row_keeps_all_others_out(town, imported, look, tmp_path):
    lon, lat = point(0.5, 2.5)
    path = tmp_path / "sites.csv"
    good = "".join(f"s-{n},school,Q,{lon},{lat}\n" for n in range(300))
    path.write_text(f"code,kind,name,lon,lat\n{good}s-0,school,Q,{lon},{lat}\n")
    answer = imported("sites", path)
    assert told(answer) == [(301, "The Code s-0 stands in row 1 already.")]
    assert look.scalar(text("SELECT count(*) FROM site")) == 0


def test_a_thousand_defects_are_counted_and_the_first_listed(town, imported, tmp_path):
    lon, lat = point(0.5, 2.5)
    path = tmp_path / "sites.csv"
    path.write_text("code,kind,name,lon,lat\n" + f",school,Q,{lon},{lat}\n" * 1000)
    answer = imported("sites", path)
    assert (answer["defects"]["count"], len(answer["defects"]["listed"])) == (1000, 200)


def test_a_code_that_ended_is_never_used_again(town, imported, tmp_path):
    fewer = [row for row in grid_rows() if row["code"] != CODE["B"]]
    fewer[0]["geometry"] = fewer[0]["geometry"].union(grid_rows()[1]["geometry"])
    assert imported("grids", write_rows(tmp_path / "merged.geojson", fewer))["counts"]["ended"] == 1
    answer = imported("grids", write_rows(tmp_path / "grids.geojson", grid_rows()))
    assert (2, f"The code {CODE['B']} belonged to a grid that ended; codes are never used again.") in told(answer)


def test_an_edition_before_one_that_is_there_is_refused(town, imported, tmp_path):
    path = write_rows(tmp_path / "grids.geojson", changed(name="新名"))
    assert "would come before it" in sentences(imported("grids", path, "--effective", "2024-06-01"))
    assert FOUNDED.year == 2025


def test_editions_of_the_past_come_in_one_file(founded, imported, look, tmp_path):
    first = [row | {"effective_at": "2024-01-01"} for row in grid_rows()]
    second = [row | {"effective_at": "2025-03-01"} for row in grid_rows() if row["code"] != CODE["B"]]
    second[0]["geometry"] = second[0]["geometry"].union(grid_rows()[1]["geometry"])
    third = [row | {"effective_at": None} for row in second]
    third[1] = third[1] | {"name": "新网格"}
    answer = imported("grids", write_rows(tmp_path / "grids.geojson", [*third, *first, *second]))
    assert (answer["exit"], answer["notes"]) == (0, ["3 editions are published, the oldest first."]), answer

    def as_of(day):
        return look.execute(
            text(
                "SELECT count(*), bool_or(name = '新网格') FROM grid_version WHERE valid @> CAST(:day AS timestamptz)"
            ),
            {"day": f"{day}T12:00+08:00"},
        ).one()

    assert [tuple(as_of(day)) for day in ("2023-12-31", "2024-01-01", "2025-02-28", "2025-03-01", "2999-01-01")] == [
        (0, None), (6, False), (6, False), (5, False), (5, True),
    ]  # fmt: skip
    # C did not change between the second edition and the first: one version spans both.
    assert look.scalar(text("SELECT count(*) FROM grid_version WHERE code = :code"), {"code": CODE["F"]}) == 1
    assert look.scalar(text("SELECT min(lower(valid)) FROM area")) < FOUNDED


def test_options_that_mean_nothing_are_one_sentence(founded, gridmap, tmp_path):
    path = write_rows(tmp_path / "grids.geojson", grid_rows())
    for words, sentence in [
        (("--map", "colour=code"), "There is no field colour. There are: code, name,"),
        (("--map", "code=id"), "The file has no column id. It has: code, name,"),
        (("--effective", "2999-01-01"), "2999-01-01 lies ahead. Import the file when it takes effect."),
        (("--effective", "soon"), "soon is no day and no time."),
        (("--layer", "other"), "other"),
    ]:
        code, out, said = gridmap("import", "grids", path, *words)
        assert (code, out) == (2, "")
        assert sentence in said
    assert gridmap("import", "towers", path)[0] == 2


def test_without_a_district_there_is_nothing_to_import_into(gridmap, tmp_path):
    path = write_rows(tmp_path / "grids.geojson", grid_rows())
    code, _, said = gridmap("import", "grids", path)
    assert (code, "No district is loaded yet" in said) == (2, True)


def test_a_person_reads_rows_places_and_sentences(town, gridmap, tmp_path):
    lon, lat = point(0.5, 2.5)
    path = tmp_path / "sites.csv"
    path.write_text(f"code,kind,name,lon,lat\ns-1,school,,{lon},{lat}\n")
    code, out, _ = gridmap("import", "sites", path)
    assert code == 1
    assert f"{lon:.6f}" in out
    assert out.endswith("Its name is missing.\n1 defects; nothing was written.\n")
    assert json.loads(gridmap("import", "sites", path, "--json")[1])["defects"]["grave"] == 1
