"""The reference district, whole: 767 grids."""

import numpy as np
import shapely

from geodata.sample import make_district


def test_the_reference_district_has_its_counts_and_covers_itself():
    from datetime import datetime
    from zoneinfo import ZoneInfo

    district = make_district(1, until=datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai")))
    grids = district.grids
    assert grids["kind"].value_counts().to_dict() == {"rural": 414, "urban": 323, "dedicated": 30}
    assert district.areas["kind"].value_counts().to_dict() == {"community": 96, "township": 10, "district": 1}
    for coverage in (grids, *(edition.grids for edition in district.editions)):
        shapes = coverage.geometry.to_numpy()
        assert shapely.coverage_is_valid(shapes)
        union = shapely.union_all(shapes)
        assert union.equals(district.areas.geometry.iloc[0].geoms[0])
        assert abs(shapely.area(shapes).sum() - union.area) < 0.01
    assert shapely.get_num_geometries(district.areas.geometry.to_numpy()).max() == 1
    urban = grids.loc[grids["kind"] == "urban", "households"]
    assert urban.between(300, 500).sum() == 323 - 3
    kinds = district.sites["kind"].value_counts()
    assert kinds["building"] + kinds["enterprise"] > 7_000
    assert 38_000 < kinds["village_house"] < 52_000
    cameras = district.devices[district.devices["kind"] == "camera"]
    assert cameras["gateway_code"].nunique() == 25
    assert (district.devices["kind"] == "drone_dock").sum() == 3
    assert 350 < district.people["login"].nunique() < 520
    per_day = len(district.incidents) / 365
    assert 136 < per_day < 165
    open_ones = district.incidents["closed_at"].isna().sum()
    assert 150 < open_ones < 350
    assert np.isfinite(shapely.get_coordinates(district.incidents.geometry.to_numpy())).all()
