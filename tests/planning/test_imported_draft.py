"""A file of grids as a draft: cleaned, fitted in, told grid by grid, and nothing changed before it is taken."""

from __future__ import annotations

import uuid
import zipfile
from dataclasses import replace

import geopandas as gpd
import pytest
import shapely

from geodata.coverage import find_defects
from geodata.crs import shapes_to_lonlat
from geodata.datum import wgs84_to_gcj02
from geodata.files import write
from gridmap.errors import Conflict, Invalid, NotAllowed, NotFound
from gridmap.exchange import uploads
from gridmap.exchange.exporting import action_of, export
from gridmap.language import translate
from gridmap.people.rules import scope_of
from gridmap.planning import workbench
from gridmap.planning.drafting import draft_of
from gridmap.planning.editing import apply_edit, undo
from gridmap.planning.importing import FileWish, ask_for_file
from gridmap.planning.proposing import cancel, proposal_of, take
from tests.exchange.files import grid_rows, write_rows
from tests.planning.turning import drawn, halved, rows
from tests.worlds import BOTTOM, CODE, LEFT, NOON, SIDE, SRID, square


@pytest.fixture
def plan(db, street):
    return drawn(db, street.author)


@pytest.fixture
def bring(db, street, plan, tmp_path):
    """Bring a file, have the worker fit it in, and give what came of it; the draft is byte for byte as before."""

    def brought(path, **said):
        before = stored(db, plan)
        upload = kept(street, tmp_path, path)
        name = uuid.uuid4()
        wish = FileWish(upload.id, **said)
        ask_for_file(db, street.author, plan, name, tmp_path, wish, NOON)
        assert workbench.work_next(None, tmp_path)
        assert stored(db, plan) == before
        return proposal_of(db, street.author, plan, name)

    return brought


def kept(street, data_dir, path, kind="grids"):
    return uploads.keep(data_dir, street.author.id, kind, path.name, [path.read_bytes()], most_bytes=1 << 24)


def stored(db, plan):
    """All that a draft is, to the byte."""
    query = "SELECT temp_id, kind, households, gone, ST_AsBinary(plane) FROM plan_grid WHERE plan_id = :plan ORDER BY 1"
    return rows(db, query, plan=plan)


def said(found, locale="en"):
    return " ".join(translate(note["msgid"], locale, **note["params"]) for note in found.answer["notes"])


def with_shapes(**shapes):
    """The rows of the drawn town, some of them drawn otherwise, None left out."""
    letters = {code: letter for letter, code in CODE.items()}
    changed = [{**row, "geometry": shapes.get(letters[row["code"]], row["geometry"])} for row in grid_rows()]
    return [row for row in changed if row["geometry"] is not None]


def box(west, south, east, north):
    """A rectangle in metres from the lower left corner of the town."""
    return shapely.box(LEFT + west, BOTTOM + south, LEFT + east, BOTTOM + north)


def shaken(shape, east, north):
    return shapely.affinity.translate(shape, east, north)


def taken(db, street, plan, found):
    return take(db, street.author, plan, found.id, uuid.uuid4(), NOON)


# Grid A gives its eastern 150 m to B, with five houses of 40 households.
MOVED = {"A": box(0, 1000, 350, 1500), "B": box(350, 1000, 1000, 1500)}


@pytest.mark.parametrize("suffix", ["geojson", "shp.zip", "gpkg"])
def test_what_was_exported_comes_back_and_nothing_changes(db, street, plan, bring, tmp_path, suffix):
    path = tmp_path / f"grids.{suffix}"
    export(db, scope_of(street.author, action_of("grids")), "grids", path)
    found = bring(path)
    assert found.state == "done"
    assert not found.answer["takes"]
    assert "draws the grids as they are" in said(found)
    assert found.answer["file"]["counts"] | {"filled": 0, "slivers": 0} == {
        "same": 6, "changed": 0, "new": 0, "ended": 0, "filled": 0, "slivers": 0, "sliver_m2": 0.0,
    }  # fmt: skip
    assert (found.answer["grids"], found.answer["parts"]) == ([], [])
    with pytest.raises(Conflict):
        taken(db, street, plan, found)


def test_noise_is_cleaned_each_difference_told_and_taking_it_is_an_edit_that_can_be_undone(
    db, street, plan, bring, tmp_path
):
    noisy = {"A": shaken(MOVED["A"], 0.2, -0.1), "B": shaken(MOVED["B"], -0.1, 0.2), "D": shaken(square(1, 1), 0, 0.3)}
    file = [row | {"households": None} for row in with_shapes(**noisy)]
    found = bring(write_rows(tmp_path / "noisy.geojson", file))
    answer = found.answer
    assert answer["takes"], said(found)
    assert [answer["file"][name] for name in ("holes", "spill", "overlaps", "ended")] == [[], [], [], []]
    line = {line["id"]: line for line in answer["file"]["rows"]}
    assert line[CODE["A"]]["status"] == line[CODE["B"]]["status"] == "changed"
    assert line[CODE["A"]]["lost_m2"] == pytest.approx(150 * SIDE, rel=0.02)
    assert line[CODE["B"]]["gained_m2"] == pytest.approx(150 * SIDE, rel=0.02)
    assert line[CODE["A"]]["drawn"]["moved_m"] < 1
    assert line[CODE["F"]]["status"] == "same"
    outcome = taken(db, street, plan, found)
    assert outcome.edit.op == "redraw"
    plots = draft_of(db, plan).sheet.plots
    assert set(plots) == set(CODE.values())
    assert find_defects(gpd.GeoSeries([plot.plane for plot in plots.values()], crs=SRID)) == []
    assert shapely.equals(shapely.union_all([p.plane for p in plots.values()]), box(0, 0, 1000, 1500))
    assert (plots[CODE["A"]].households, plots[CODE["B"]].households) == (200, 600), "by the buildings"
    undo(db, street.author, plan, uuid.uuid4(), NOON)
    assert stored(db, plan) == []


def test_a_file_of_two_grids_leaves_the_others_and_a_third_of_their_ground_is_new(db, street, plan, bring, tmp_path):
    file = [
        {"code": CODE["A"], "households": 210, "geometry": box(0, 1000, 250, 1500)},
        {"code": "990106001001077", "name": "新格", "kind": "urban", "geometry": box(250, 1000, 500, 1500)},
    ]
    found = bring(write_rows(tmp_path / "two.gpkg", file))
    assert found.answer["takes"], said(found)
    assert "not taken" in said(found)
    assert "as the file states them" in said(found)
    fresh = f"new-{found.id.hex[:8]}-1"
    assert {line["id"]: line["status"] for line in found.answer["file"]["rows"]} == {CODE["A"]: "changed", fresh: "new"}
    taken(db, street, plan, found)
    plots = draft_of(db, plan).sheet.plots
    assert (plots[CODE["A"]].households, plots[fresh].households) == (210, 200)
    assert len(plots) == 7


def test_a_file_without_codes_is_matched_by_ground_and_what_no_row_goes_on_with_ends(db, street, plan, bring, tmp_path):
    file = [{"name": "whole", "geometry": box(0, 1000, 1000, 1500)}]
    found = bring(write_rows(tmp_path / "one.geojson", file))
    assert [grid["id"] for grid in found.answer["file"]["ended"]] == [CODE["B"]]
    taken(db, street, plan, found)
    plots = draft_of(db, plan).sheet.plots
    assert CODE["B"] not in plots
    assert plots[CODE["A"]].households == 800


DIRTY = {
    "a gap": ({"A": box(0, 1000, 480, 1500)}, "holes", "leaves 1 holes (10000.0 m²)"),
    "a hole": ({"D": square(1, 1) - box(700, 700, 750, 760)}, "holes", "leaves 1 holes (3000.0 m²)"),
    "a grid left half": ({"B": None, "A": box(0, 1000, 600, 1500)}, "holes", "leaves 1 holes (200000.0 m²)"),
    "an overlap": ({"A": box(0, 1000, 530, 1500)}, "overlaps", "Rows 1, 2 overlap by more than noise (15000.0 m²)"),
    "two pieces": ({"A": box(0, 1000, 100, 1500) | box(400, 1000, 500, 1500), "B": box(500, 1000, 1000, 1500)}, "holes",
                   "come out in several pieces"),
    "the same twice": ({"B": square(0, 2)}, "overlaps", "Nothing is left of rows 2"),
    "elsewhere": ({"A": box(3000, 1000, 3500, 1500)}, None, "Nothing is left of rows 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", DIRTY)
def test_what_is_no_noise_is_listed_with_its_place_and_cannot_be_taken(db, street, plan, bring, tmp_path, name):
    shapes, listed, sentence = DIRTY[name]
    found = bring(write_rows(tmp_path / "dirty.geojson", with_shapes(**shapes)))
    assert found.state == "done"
    assert sentence in said(found)
    if listed is not None:
        west, south, east, north = found.answer["file"][listed][0]["bbox"]
        assert 114 < west < east < 115
        assert 35 < south < north < 36
    with pytest.raises(Conflict):
        taken(db, street, plan, found)


def test_what_reaches_over_a_community_is_cut_there_and_told(db, street, plan, bring, tmp_path):
    file = [{"code": CODE["A"], "geometry": box(0, 960, 500, 1500)}]
    found = bring(write_rows(tmp_path / "over.geojson", file))
    (spill,) = found.answer["file"]["spill"]
    assert spill["area_m2"] == pytest.approx(20_000, rel=0.01)
    assert "cut at its border" in said(found)
    assert found.answer["file"]["rows"][0]["status"] == "same"


def test_a_finger_is_counted(bring, tmp_path):
    """A gap like a T between three grids goes to one of them, whose border then reaches around another."""
    file = with_shapes(A=box(0, 1000.6, 499.7, 1500), B=box(500.3, 1000.6, 1000, 1500), E=None, F=None)
    found = bring(write_rows(tmp_path / "finger.geojson", file))
    assert max(line["fingers"] for line in found.answer["file"]["rows"]) == 1


def lonlat(shapes):
    return gpd.GeoDataFrame({"code": list(CODE.values())[: len(shapes)]}, geometry=list(shapes), crs=4326)


def test_a_shifted_file_is_named_and_only_taken_once_somebody_says_its_datum(db, street, plan, bring, tmp_path):
    shapes = shapes_to_lonlat([row["geometry"] for row in grid_rows()], SRID)
    shifted = shapely.transform(shapes, lambda xy: shapely.get_coordinates(shapely.points(*wgs84_to_gcj02(*xy.T))))
    write(lonlat(shifted), tmp_path / "shifted.geojson")
    found = bring(tmp_path / "shifted.geojson")
    assert found.state == "failed"
    assert "gcj02" in said(found)
    assert "draws the grids as they are" in said(bring(tmp_path / "shifted.geojson", datum="gcj02", snap_m=0.5))


def as_bow(shape):
    west, south, east, north = shape.bounds
    return shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])


@pytest.mark.parametrize(
    ("file", "options", "sentence"),
    [
        ("line", {}, "a polygon is needed"),
        ("far", {}, "district"),
        ("bow", {}, "not valid"),
        ("plain", {"crs": "EPSG:99999999"}, "EPSG:99999999"),
        ("plain", {"layer": "nowhere"}, "nowhere"),
        ("twice", {}, "stands in row 1 already"),
        ("owner", {}, "There is no site NO-SUCH"),
    ],
)
def test_a_file_that_cannot_be_is_refused_in_a_sentence(bring, tmp_path, file, options, sentence):
    first = grid_rows()[0]
    files = {
        "plain": [first],
        "line": [first | {"geometry": shapely.boundary(first["geometry"])}],
        "far": [first | {"geometry": shaken(first["geometry"], 0, 900_000)}],
        "bow": [first | {"geometry": as_bow(first["geometry"])}],
        "twice": [first, first],
        "owner": [first | {"kind": "dedicated", "owner": "NO-SUCH"}],
    }
    found = bring(write_rows(tmp_path / "file.geojson", files[file]), **options)
    assert found.state == "failed"
    assert sentence in said(found)


def test_of_two_layers_the_named_one_is_taken(bring, tmp_path):
    write_rows(tmp_path / "two.gpkg", [{"code": CODE["A"], "geometry": square(0, 2)}])
    lines = gpd.GeoDataFrame({"name": ["x"]}, geometry=[shapely.LineString([(114, 35), (115, 36)])], crs=4326)
    lines.to_file(tmp_path / "two.gpkg", layer="streets", driver="GPKG")
    assert bring(tmp_path / "two.gpkg", layer="streets").state == "failed"
    assert "as they are" in said(bring(tmp_path / "two.gpkg", layer="two"))


def test_a_ring_that_crosses_itself_is_repaired_only_when_asked_and_that_is_told(bring, tmp_path):
    x, y = LEFT, BOTTOM + 2 * SIDE
    crossed = shapely.Polygon(
        [
            (x, y),
            (x + 500, y),
            (x + 500, y + 500),
            (x + 0.3, y + 500),
            (x, y + 500.2),
            (x, y + 499),
            (x + 0.3, y + 500.2),
            (x, y + 499.9),
        ]
    )
    assert not crossed.is_valid
    found = bring(write_rows(tmp_path / "crossed.geojson", [{"code": CODE["A"], "geometry": crossed}]), repair=True)
    assert found.state == "done"
    assert found.answer["file"]["rows"][0]["repaired"]


def test_it_is_fitted_into_the_draft_as_it_is_not_into_what_is_in_force(db, street, plan, bring, tmp_path):
    apply_edit(db, street.author, plan, uuid.uuid4(), halved(), NOON)
    file = [{"geometry": box(0, 1000, 200, 1500)}, {"geometry": box(200, 1000, 500, 1500)}]
    found = bring(write_rows(tmp_path / "again.geojson", file))
    assert {line["id"] for line in found.answer["file"]["rows"]} == {CODE["A"], "new-1"}
    taken(db, street, plan, found)
    assert shapely.equals(draft_of(db, plan).sheet.plots["new-1"].plane, box(200, 1000, 500, 1500)) or shapely.equals(
        draft_of(db, plan).sheet.plots["new-1"].plane, box(0, 1000, 200, 1500)
    )


def test_an_upload_of_somebody_else_or_of_something_else_is_refused(db, street, plan, tmp_path):
    path = write_rows(tmp_path / "grids.geojson", grid_rows())
    mine, sites = kept(street, tmp_path, path), kept(street, tmp_path, path, kind="sites")
    strange = uploads.keep(tmp_path, street.other.id, "grids", "x", [b"x"], most_bytes=9)
    for upload, refusal in ((sites, Invalid), (strange, NotFound), (replace(mine, id=uuid.uuid4()), NotFound)):
        with pytest.raises(refusal):
            ask_for_file(db, street.author, plan, uuid.uuid4(), tmp_path, FileWish(upload.id), NOON)
    with pytest.raises(NotAllowed):
        ask_for_file(db, street.other, plan, uuid.uuid4(), tmp_path, FileWish(strange.id), NOON)


def test_asking_twice_is_asking_once_a_file_that_went_is_said_and_one_that_waits_is_stopped(db, street, plan, tmp_path):
    upload = kept(street, tmp_path, write_rows(tmp_path / "grids.geojson", grid_rows()))
    wish, gone, stopped = FileWish(upload.id), uuid.uuid4(), uuid.uuid4()
    assert ask_for_file(db, street.author, plan, gone, tmp_path, wish, NOON)
    assert not ask_for_file(db, street.author, plan, gone, tmp_path, wish, NOON)
    ask_for_file(db, street.author, plan, stopped, tmp_path, wish, NOON)
    cancel(db, street.author, plan, stopped, NOON)
    upload.drop()
    assert workbench.work_next(None, tmp_path)
    found = proposal_of(db, street.author, plan, gone)
    assert found.state == "failed"
    assert "not here any more" in said(found)
    assert proposal_of(db, street.author, plan, stopped).state == "cancelled"


def test_a_zip_that_holds_no_layer_is_refused(bring, tmp_path):
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing here")
    found = bring(tmp_path / "empty.zip")
    assert found.state == "failed"
    assert said(found)
