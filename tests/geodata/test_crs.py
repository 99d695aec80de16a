"""The door between projected systems."""

import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod

from geodata.crs import (
    G,
    NotInMetres,
    require_metres,
    round_lonlat,
    shapes_to_lonlat,
    shapes_to_plane,
    snap_to_lattice,
    to_lonlat,
    to_plane,
    working_srid,
)

SRID = 4547


def test_longitude_comes_first_and_east_comes_first():
    x, y = to_plane([114.0, 114.2], [35.72, 35.72], SRID)
    assert x[0] == pytest.approx(500_000, abs=0.001)  # the central meridian
    assert x[1] - x[0] == pytest.approx(18_096.28, abs=0.01)
    # On the central meridian the northing is the length of the meridian from the equator.
    assert y[0] == pytest.approx(Geod(ellps="GRS80").line_length([114.0, 114.0], [0.0, 35.72]), abs=0.001)


def test_there_and_back_is_the_same_place():
    lon, lat = np.linspace(113, 115, 50), np.linspace(35, 36.5, 50)
    back = to_lonlat(*to_plane(lon, lat, SRID), SRID)
    assert np.allclose(back, [lon, lat], rtol=0, atol=1e-10)


@pytest.mark.parametrize("crs", [None, 4326, 4490, "EPSG:2263"])
def test_what_is_not_in_metres_is_refused(crs):
    with pytest.raises(NotInMetres, match="metres is needed"):
        require_metres(crs)


@pytest.mark.parametrize("crs", [4547, "EPSG:32650", CRS.from_epsg(4548)])
def test_metres_pass(crs):
    require_metres(crs)


def test_degrees_do_not_go_through_the_door_as_metres():
    with pytest.raises(NotInMetres):
        to_plane([114.0], [35.0], 4326)
    with pytest.raises(NotInMetres):
        to_lonlat([1.0], [2.0], 4490)


def test_the_lattice_is_the_double_nearest_to_the_figure():
    metres = np.arange(518_000_00, 518_020_00) * 0.01 + 0.0003
    snapped = snap_to_lattice(metres)
    assert snapped.tolist() == [float(f"{value:.2f}") for value in metres]
    assert snap_to_lattice(snapped).tolist() == snapped.tolist()
    assert G == 0.01


def test_nine_decimals_bring_the_lattice_back_exactly():
    rng = np.random.default_rng(5)
    xy = snap_to_lattice(rng.uniform([505_000, 3_945_000], [530_000, 3_962_000], (5_000, 2)))
    lonlat = round_lonlat(np.column_stack(to_lonlat(*xy.T, SRID)))
    again = snap_to_lattice(np.column_stack(to_plane(*lonlat.T, SRID)))
    assert (again == xy).all()


def test_neighbours_stay_neighbours_in_degrees():
    left = shapely.Polygon([(500_000, 3_954_000), (500_100, 3_954_000), (500_100.37, 3_954_100), (500_000, 3_954_100)])
    right = shapely.Polygon([(500_100, 3_954_000), (500_200, 3_954_000), (500_200, 3_954_100), (500_100.37, 3_954_100)])
    shapes = shapes_to_lonlat([left, right], SRID)
    assert shapely.coverage_is_valid(shapes)
    texts = [f"{value:.9f}" for value in shapely.get_coordinates(shapes).ravel()]
    assert [float(text) for text in texts] == shapely.get_coordinates(shapes).ravel().tolist()


@pytest.mark.parametrize(
    ("lon", "lat", "srid"),
    [
        (114.2, 35.72, 4547),  # central meridian 114 E
        (116.4, 39.9, 4548),
        (121.4, 31.2, 4549),
        (121.6, 31.2, 4550),
        (75.9, 39.5, 4534),
        (134.7, 48.3, 4554),
        (24.94, 60.17, 32635),
        (151.2, -33.9, 32756),
        (180.0, 10.0, 32660),
    ],
)
def test_the_working_system_follows_the_place(lon, lat, srid):
    assert working_srid(lon, lat) == srid
    require_metres(srid)


def test_shapes_come_back_from_the_plane_to_the_same_degrees():
    shape = shapely.box(114.1, 35.6, 114.3, 35.8)
    (plane,) = shapes_to_plane([shape], SRID)
    assert 380e6 < plane.area < 420e6
    assert shapes_to_lonlat([plane], SRID)[0].equals_exact(shape, 1e-9)
    assert shapes_to_plane([None], SRID)[0] is None
