"""Places with an error in a drawn district, on a real PostGIS: which grid they get, and what is said of the doubt."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import text

from gridmap.grids import doubt
from gridmap.grids.doubt import NO_ACCURACY, SEVERAL_GRIDS, TOO_WIDE, belongs_to, stand
from gridmap.grids.index import coverages
from gridmap.grids.locating import Told, place_all, sigma_m
from tests.worlds import CODE, FOUNDED, NOON, SIDE, point


def place(db, column, row, **told):
    (placed,) = place_all(db, [(Told(*point(column, row), **told), NOON)])
    return placed


def codes(runners):
    return [grid.code for grid, _ in runners]


# --- the pure rules


def test_an_uncertain_place_belongs_to_the_community_that_holds_most_of_it():
    assert belongs_to([("1.2.3.g7", 0.4), ("1.2.3.g8", 0.3), ("1.2.4.g9", 0.3)]) == "1.2.3"


def test_torn_between_communities_it_belongs_to_the_likeliest_township():
    assert belongs_to([("1.2.3.g7", 0.35), ("1.2.4.g8", 0.2), ("1.5.6.g9", 0.45)]) == "1.2"


def test_likelier_outside_it_belongs_to_no_area():
    assert belongs_to([("1.2.3.g7", 0.3), ("1.5.6.g9", 0.19)]) is None
    assert belongs_to([]) is None


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (Told(114.2, 35.7, error_m=24.477), 10.0),  # a browser means 95 %
        (Told(114.2, 35.7, error_m=20.0, method="device"), 20 / math.sqrt(2)),
        (Told(114.2, 35.7, method="pin"), 10.0),
        (Told(114.2, 35.7), 50.0),
        (Told(114.2, 35.7, error_m=1.0), 3.0),
        (Told(114.2, 35.7, "gcj02", error_m=24.477), math.hypot(10.0, 0.7)),
    ],
)
def test_the_standard_error_goes_by_who_states_the_radius(told, expected):
    assert sigma_m(told) == pytest.approx(expected, rel=1e-4)


# --- in the database's coverage


def test_far_from_every_border_a_place_is_sure(db, town):
    placed = place(db, 0.5, 2.5, error_m=20)
    assert (placed.grid.code, placed.then.certainty, placed.then.probability) == (CODE["A"], "sure", 1.0)
    assert (placed.then.runners, placed.then.p_outside, placed.doubt_reason) == ((), 0.0, None)


def test_near_a_border_the_neighbour_is_kept_as_runner_up(db, town):
    # 5 m from the border of A and B, 10 m of standard error: 69 % and 31 %.
    placed = place(db, 1 - 5 / SIDE, 2.5, error_m=24.477)
    assert (placed.grid.code, placed.then.certainty) == (CODE["A"], "likely")
    assert placed.then.probability == pytest.approx(0.6915, abs=1e-3)
    assert codes(placed.then.runners) == [CODE["B"]]
    assert placed.then.runners[0][1] == pytest.approx(0.3085, abs=1e-3)


def test_at_a_corner_a_person_must_look(db, town):
    placed = place(db, 1 - 1 / SIDE, 2 + 1 / SIDE, error_m=30)
    assert (placed.grid.code, placed.then.certainty, placed.doubt_reason) == (CODE["A"], "review", SEVERAL_GRIDS)
    assert set(codes(placed.then.runners)) == {CODE["B"], CODE["C"], CODE["D"]}


def test_over_a_hundred_metres_only_the_area_is_set(db, town):
    # 244 m of standard error in the middle of C and D, which are the community 002 of the north.
    placed = place(db, 1, 1.5, error_m=500)
    assert (placed.status, placed.grid, placed.duty_grid) == ("inside", None, None)
    assert placed.path == town.area_path("C", "D")
    assert (placed.then.certainty, placed.then.probability, placed.doubt_reason) == ("review", None, TOO_WIDE)
    assert codes(placed.then.runners)[:2] in ([CODE["C"], CODE["D"]], [CODE["D"], CODE["C"]])


def test_wider_still_it_is_the_township(db, town):
    placed = place(db, 1, 2, error_m=700)
    assert placed.path == town.area_path("A", "C")
    assert placed.path.count(".") == town.path_of("A").count(".") - 2


def test_wider_than_the_district_it_is_outside(db, town):
    placed = place(db, 1, 1.5, error_m=100_000)
    assert (placed.status, placed.path, placed.grid) == ("outside", None, None)
    assert placed.then.p_outside > 0.5


def test_just_outside_the_district_it_may_still_be_inside(db, town):
    near = place(db, 0 - 1 / SIDE, 2.5, error_m=24.477)
    assert (near.status, near.grid, near.then.certainty) == ("outside", None, "review")
    assert near.then.p_outside == pytest.approx(0.54, abs=0.01)
    assert codes(near.then.runners) == [CODE["A"]]
    far = place(db, -0.5, 2.5, error_m=24.477)
    assert (far.status, far.then.runners, far.then.p_outside) == ("outside", (), 1.0)


def test_without_an_accuracy_fifty_metres_are_assumed_and_said(db, town):
    placed = place(db, 0.5, 2.5)
    assert (placed.sigma_m, placed.then.certainty, placed.doubt_reason) == (50.0, "sure", NO_ACCURACY)


def test_an_unplaced_position_has_no_certainty(db, town):
    (placed,) = place_all(db, [(Told(35.7, 114.2, error_m=10), NOON)])
    columns = placed.columns()
    assert (columns["placed"], columns["certainty"], columns["probability"], columns["cov_ee"]) == (
        "unplaced", None, None, None,
    )  # fmt: skip
    assert "swapped" in columns["unplaced_reason"]


def test_a_place_of_an_earlier_day_is_weighed_in_the_grids_of_that_day(db, town):
    before = FOUNDED - timedelta(days=1)
    (placed,) = place_all(db, [(Told(*point(0.5, 2.5), error_m=10), before)])
    assert (placed.status, placed.grid) == ("outside", None)
    assert placed.duty_grid.code == CODE["A"]


def test_a_batch_is_the_same_as_one_by_one_and_asks_once_for_what_repeats(db, town, monkeypatch):
    rng = np.random.default_rng(4)
    spots = rng.uniform(0, [2, 3], (40, 2))
    told = [(Told(*point(*spot), error_m=float(error)), NOON) for spot in spots for error in (8, 60, 400)]
    whole = [placed.then for placed in place_all(db, told * 3)]
    single = [place_all(db, [one])[0].then for one in told]
    assert whole == single * 3
    asked = []
    weigh = doubt.weigh
    monkeypatch.setattr(doubt, "weigh", lambda index, lon, *rest: asked.append(len(lon)) or weigh(index, lon, *rest))
    place_all(db, told * 3)
    assert asked == [len(told)]


def test_probabilities_and_outside_are_the_whole(db, town):
    coverage = coverages.hold(db).at(None)
    lon, lat = np.array([point(x, y) for x in np.linspace(-0.1, 2.1, 9) for y in np.linspace(-0.1, 3.1, 9)]).T
    for standing in stand(coverage, lon, lat, np.full(len(lon), 15.0)):
        told = sum(share for _, share in standing.candidates) + standing.p_outside
        # Grids under 5 % are left out of what is told.
        assert 0.88 < told <= 1 + 5e-6


def test_what_is_stored_is_what_was_weighed(db, town):
    placed = place(db, 1 - 5 / SIDE, 2.5, error_m=24.477)
    columns = placed.columns()
    version = db.scalar(text("SELECT id FROM grid_version WHERE code = :code"), {"code": CODE["B"]})
    assert columns["runners"] == [{"grid_version_id": version, "probability": placed.then.runners[0][1]}]
    assert (columns["certainty"], columns["doubt_reason"]) == ("likely", None)
