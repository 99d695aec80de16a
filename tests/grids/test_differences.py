"""Two days compared: who came, ended and changed, which ground moved, and what a notice says of it."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
import shapely
from sqlalchemy import text

from geodata.crs import shapes_to_lonlat
from gridmap.errors import Invalid
from gridmap.grids.difference_words import tell
from gridmap.grids.differences import differences
from gridmap.grids.drafts import Descent, GridDraft
from gridmap.grids.publishing import publish_coverage
from gridmap.grids.queries import current_district
from gridmap.grids.shifted import Stand, pieces_between
from tests.worlds import BOTTOM, CODE, FOUNDED, LEFT, SIDE, SRID, grid_drafts, square

TURNS = [datetime(2025, month, 1, tzinfo=UTC) for month in (3, 5, 7, 8)]
NOW = datetime(2025, 8, 1, tzinfo=UTC)
DAYS = (date(2025, 1, 2), date(2025, 8, 1))
NEW = "990106001001003"


def strip(width: float) -> shapely.Polygon:
    """The eastern edge of C, where its houses stand."""
    x, y = LEFT + SIDE, BOTTOM + SIDE
    return shapely.box(x - width, y, x, y + SIDE)


def add_house(db, x: float, y: float, households: int) -> None:
    footprint = shapes_to_lonlat([shapely.box(x - 5, y - 5, x + 5, y + 5)], SRID)[0]
    db.execute(
        text(
            "INSERT INTO site (id, kind, name, names, shape, path, households, attrs, valid) SELECT :id, 'building',"
            " 'h', '{}', ST_SetSRID(ST_GeomFromText(:wkt), 4326), path, :n, '{}', tstzrange(:since, NULL)"
            " FROM area LIMIT 1"
        ),
        {"id": uuid.uuid4(), "wkt": footprint.wkt, "n": households, "since": FOUNDED},
    )


@pytest.fixture
def years(db, town):
    """
    Three turns after the founding: A splits, and F goes into E; C gives D a strip; B is renamed, and D is rural.

    C has two houses, one of them in the strip; the other grids have none.
    """
    add_house(db, LEFT + SIDE - 50, BOTTOM + 1.5 * SIDE, 47)
    add_house(db, LEFT + 100, BOTTOM + 1.5 * SIDE, 353)
    grids = {draft.code: draft for draft in grid_drafts()}
    x, y = LEFT, BOTTOM + 2 * SIDE
    west, east = shapely.box(x, y, x + 200, y + SIDE), shapely.box(x + 200, y, x + SIDE, y + SIDE)

    grids[CODE["A"]] = replace(grids[CODE["A"]], plane=west, households=160)
    grids[NEW] = GridDraft(NEW, "网格 新", "urban", NEW[:12], 240, east, {"en": "Grid New"})
    whole = shapely.normalize(shapely.union(square(0, 0), square(1, 0)))
    grids[CODE["E"]] = replace(grids[CODE["E"]], plane=whole, households=800)
    del grids[CODE["F"]]
    lineage = [Descent(CODE["A"], NEW, "split", 0.6, 0.6), Descent(CODE["F"], CODE["E"], "merge", 1.0, 1.0)]
    turn(db, town, grids, 1, lineage)

    c, d = grids[CODE["C"]], grids[CODE["D"]]
    grids[CODE["C"]] = replace(c, plane=shapely.normalize(c.plane.difference(strip(100))), households=353)
    grids[CODE["D"]] = replace(d, plane=shapely.normalize(d.plane.union(strip(100))), households=447)
    turn(db, town, grids, 2, [Descent(CODE["C"], CODE["D"], "boundary", 0.2, 0.1175)])

    grids[CODE["B"]] = replace(grids[CODE["B"]], name="东关 03", names={"en": "Dongguan 03"})
    grids[CODE["D"]] = replace(grids[CODE["D"]], kind="rural")
    turn(db, town, grids, 3, [])
    return town


def turn(db, town, grids, base, lineage):
    # Neighbours share every corner of a border: a grid that did not change may get one more.
    corners = shapely.MultiPoint(shapely.get_coordinates([draft.plane for draft in grids.values()]))
    for code, draft in grids.items():
        grids[code] = replace(draft, plane=shapely.normalize(shapely.snap(draft.plane, corners, 0.001)))
    publish_coverage(
        db,
        town.district_id,
        list(grids.values()),
        base_edition=base,
        effective_at=TURNS[base - 1],
        lineage=lineage,
    )


def _names(code: str) -> dict[str, str]:
    return {"en": "Grid New"} if code == NEW else next(grid.names for grid in grid_drafts() if grid.code == code)


def compare(db, since, until=NOW, paths=None, area=None):
    district = current_district(db)
    return differences(db, district, since, until, paths or [district.path], area)


def by_letter(found):
    letters = {code: letter for letter, code in CODE.items()} | {NEW: "N"}
    return {letters[grid.stand.code]: grid for grid in found.grids}


def test_every_grid_tells_what_became_of_it(db, years):
    found = by_letter(compare(db, FOUNDED))
    assert {letter: grid.fate for letter, grid in found.items()} == {
        "A": "changed", "B": "changed", "C": "changed", "D": "changed", "E": "changed", "F": "ended", "N": "came",
    }  # fmt: skip
    assert {letter: grid.what for letter, grid in found.items() if grid.what} == {
        "A": ("border", "households"),
        "B": ("name",),
        "C": ("border", "households"),
        "D": ("border", "kind", "households"),
        "E": ("border", "households"),
    }
    gave = {letter: [(share.op, share.to_id) for share in grid.went_to] for letter, grid in found.items()}
    ids = {letter: grid.stand.id for letter, grid in found.items()}
    assert gave["A"] == [("split", ids["N"])]
    assert gave["C"] == [("boundary", ids["D"])]
    assert gave["F"] == [("merge", ids["E"])]


def test_what_left_equals_what_came(db, years):
    found = compare(db, FOUNDED)
    moved = sum(piece.area_m2 for piece, _ in found.pieces)
    assert moved == pytest.approx(300 * SIDE + SIDE**2 + 100 * SIDE)
    for grid in found.grids:
        was, now = ((stand.plane.area if stand else 0) for stand in (grid.before, grid.after))
        came = sum(share.area_m2 for share in grid.came_from)
        left = sum(share.area_m2 for share in grid.went_to)
        assert now - was == pytest.approx(came - left, abs=0.01), grid.stand.code


def test_households_go_with_their_houses_and_where_none_are_counted_with_the_ground(db, years):
    found = by_letter(compare(db, FOUNDED))
    assert [(share.households, share.household_share) for share in found["D"].came_from] == [(47, 47 / 400)]
    assert [share.households for share in found["N"].came_from] == [240]
    assert [share.household_share for share in found["E"].came_from] == [1.0]


def test_each_turn_alone_tells_its_own_changes(db, years):
    instants = [FOUNDED, *TURNS[:3]]
    told = ["".join(sorted(by_letter(compare(db, since, until)))) for since, until in pairwise(instants)]
    assert told == ["AEFN", "CD", "BD"]
    assert [compare(db, since, until).editions for since, until in pairwise(instants)] == [(1, 2), (2, 3), (3, 4)]


def test_equal_days_and_days_between_which_nothing_was_published_give_nothing(db, years):
    for since, until in ((FOUNDED, FOUNDED), (TURNS[0], TURNS[1] - timedelta(microseconds=1)), (NOW, NOW)):
        found = compare(db, since, until)
        assert (found.grids, found.pieces) == ((), ())
        assert tell(found, DAYS, "en") == ["2 January 2025 to 1 August 2025: the grids did not change."]


def test_what_became_again_what_it_was_is_not_told(db, years):
    grids = {grid.code: grid for grid in grid_drafts()}
    back = {code: grids[code] for code in (CODE["B"], CODE["C"], CODE["D"])}
    rows = db.execute(
        text(
            "SELECT code, name, kind, households, ST_AsBinary(plane) AS plane FROM grid_version WHERE upper_inf(valid)"
        )
    )
    for code, name, kind, households, plane in rows:
        back.setdefault(
            code, GridDraft(code, name, kind, code[:12], households, shapely.from_wkb(bytes(plane)), _names(code))
        )
    turn(db, years, back, 4, [])
    assert set(by_letter(compare(db, FOUNDED))) == set("AEFN")
    assert set(by_letter(compare(db, TURNS[2]))) == set("BCD")


def test_a_reader_sees_the_differences_of_the_own_ground_with_its_neighbours_names(db, years):
    found = compare(db, FOUNDED, paths=[years.path_of("C")])
    assert set(by_letter(found)) == {"C"}
    assert [(piece.from_id, piece.to_id) for piece, _ in found.pieces] == [(years.grid_ids["C"], years.grid_ids["D"])]
    assert found.stands[years.grid_ids["D"]].name == "网格 D"
    assert found.grids_n == (1, 1)
    south = int(years.path_of("E").split(".")[-3])
    assert set(by_letter(compare(db, FOUNDED, area=south))) == {"E", "F"}
    assert compare(db, FOUNDED, paths=[years.path_of("C")], area=south).grids == ()


def test_sentences_say_it_in_both_languages(db, years):
    found = compare(db, FOUNDED)
    english = tell(found, DAYS, "en")
    assert english[0] == "2 January 2025 to 1 August 2025: grids before: 6, after: 6; households that moved: 687."
    assert "Grid New was split off from Grid A: 15.0 ha, households: 240." in english
    assert "Grid F was merged into Grid E: 25.0 ha, households: 400." in english
    assert "Ground went from Grid C to Grid D: 5.0 ha, households: 47." in english
    assert "Grid B is called Dongguan 03 now." in english
    assert "Grid D is a rural grid now." in english
    assert len(english) == len(set(english))
    chinese = tell(found, DAYS, "zh-CN")
    assert len(chinese) == len(english)
    assert any("网格 C" in line and "网格 D" in line and "47" in line for line in chinese)
    assert not any(letter.isascii() and letter.isalpha() for line in chinese for letter in line.translate(LETTERS))


LETTERS = str.maketrans("", "", "ABCDEF")


def test_a_day_before_the_first_edition_and_days_the_wrong_way_round_are_refused(db, years):
    with pytest.raises(Invalid, match="no grids yet"):
        compare(db, FOUNDED - timedelta(days=1))
    with pytest.raises(Invalid, match="from stands before to"):
        compare(db, NOW, FOUNDED)


def stand(grid: int, plane: shapely.Polygon) -> Stand:
    community = {"id": 1, "code": "c", "name": "c", "names": {}}
    return Stand(grid, grid, str(grid), "g", {}, "urban", 0, community, None, "1", plane)


def test_a_corner_put_into_a_border_moves_no_ground():
    was = [stand(1, shapely.box(0, 0, 100, 100)), stand(2, shapely.box(100, 0, 200, 100))]
    # On the lattice the corner stands a hundredth of a metre beside the line.
    left = shapely.Polygon([(0, 0), (100, 0), (100.01, 37.41), (100, 100), (0, 100)])
    right = shapely.Polygon([(100, 0), (200, 0), (200, 100), (100, 100), (100.01, 37.41)])
    assert pieces_between(was, [stand(1, left), stand(2, right)]) == []
    assert len(pieces_between(was, [stand(1, shapely.box(0, 0, 99, 100)), stand(2, shapely.box(99, 0, 200, 100))])) == 1


def test_ground_that_the_district_won_came_from_no_grid():
    was = [stand(1, shapely.box(0, 0, 100, 100))]
    pieces = pieces_between(was, [stand(1, shapely.box(0, 0, 100, 150))])
    assert [(piece.from_id, piece.to_id, piece.area_m2) for piece in pieces] == [(None, 1, 5000.0)]
