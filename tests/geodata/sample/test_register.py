"""What stands in the grids, who answers for them, and that every code leads somewhere."""

import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.sample.buildings import ON_PURPOSE, share_out
from geodata.sample.names import COMMUNITIES, STREETS_ACROSS, STREETS_ALONG, STREETS_SMALL, VILLAGES, pinyin, street_en

HOMES = ["building", "village_house"]


def test_every_code_is_unique(district):
    for name in ("areas", "grids", "sites", "departments", "devices", "categories"):
        codes = getattr(district, name)["code"]
        assert codes.is_unique, name
        assert codes.notna().all(), name
    assert district.areas["name"].is_unique


def test_codes_nest(district):
    grids = district.grids
    assert (grids["code"].str.len() == 15).all()
    assert (grids["code"].str[:12] == grids["community_code"]).all()
    assert list(grids["code"]) == sorted(grids["code"])
    parents = dict(zip(district.areas["code"], district.areas["parent_code"], strict=True))
    assert parents["990106"] is None
    assert all(code.startswith(parent) for code, parent in parents.items() if parent)


def test_grids_are_called_by_their_community_and_number(district):
    areas = dict(zip(district.areas["code"], district.areas["name"], strict=True))
    for grid in district.grids[district.grids["kind"] != "dedicated"].itertuples():
        word, number = grid.name.split(" ")
        assert areas[grid.community_code].startswith(word)
        assert int(number) == int(grid.code[12:])
        assert grid.name_en.split(" ") == [pinyin(word), number]


def test_households_of_the_sites_are_the_households_of_the_grid(district):
    sums = district.sites.groupby("grid_code")["households"].sum()
    told = district.grids.set_index("code")["households"]
    assert (sums.reindex(told.index, fill_value=0) == told).all()
    assert (district.sites.loc[~district.sites["kind"].isin(HOMES), "households"] == 0).all()


def test_urban_grids_have_300_to_500_households_but_for_a_few_on_purpose(district):
    urban = district.grids.loc[district.grids["kind"] == "urban", "households"]
    assert set(ON_PURPOSE) <= set(urban)
    assert ((urban < 302) | (urban > 498)).sum() == len(ON_PURPOSE)
    rural = district.grids.loc[district.grids["kind"] == "rural", "households"]
    assert rural.between(60, 275).all()


def test_storeys_fit_the_homes(district):
    homes = district.sites[(district.sites["kind"] == "building") & (district.sites["households"] > 0)]
    assert homes["storeys"].between(1, 33).all()
    flats = homes["households"] / homes["storeys"]
    assert flats.quantile(0.99) < 12


def test_no_building_is_cut_by_a_border(district):
    for grids in (district.grids, *(edition.grids for edition in district.editions)):
        # What stands in a grid that was carved out later was built later.
        there = (district.sites.geom_type == "Polygon") & district.sites["grid_code"].isin(grids["code"])
        sites = district.sites[there].geometry.to_numpy()
        assert len(sites) > 4_000
        site, grid = shapely.STRtree(grids.geometry.to_numpy()).query(sites, predicate="intersects")
        inside = shapely.area(shapely.intersection(sites[site], grids.geometry.to_numpy()[grid]))
        most = np.zeros(len(sites))
        np.maximum.at(most, site, inside)
        outside = shapely.area(sites) - most
        assert not ((outside > 1) & (outside > 0.01 * shapely.area(sites))).any()


def test_every_site_stands_in_the_grid_it_names(district):
    grids = district.grids.set_index("code").geometry
    own = grids.reindex(district.sites["grid_code"]).to_numpy()
    assert shapely.covers(own, district.sites.geometry.to_numpy()).all()
    gap = shapely.distance(district.sites["entrance"].to_numpy(), district.sites.geometry.to_numpy())
    assert gap.max() < 0.02


def test_buildings_do_not_overlap_or_stand_in_water(district):
    shapes = district.sites.loc[district.sites["kind"].isin(["building", "enterprise", "village_house"])].geometry
    shapes = shapes.to_numpy()
    one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = one < two
    overlap = shapely.area(shapely.intersection(shapes[one[pairs]], shapes[two[pairs]]))
    assert not (overlap > 1).any()
    water = shapely.union_all(district.ground.loc[district.ground["name"].isin(["淇水", "清溪", "云湖"])].geometry)
    assert not shapely.intersects(water, shapes).any()


def test_a_dedicated_grid_has_an_institution(district):
    sites = district.sites.set_index("code")
    for grids in (district.grids, *(edition.grids for edition in district.editions)):
        dedicated = grids[grids["kind"] == "dedicated"]
        assert dedicated["owner_site"].isin(sites.index).all()
        assert grids.loc[grids["kind"] != "dedicated", "owner_site"].isna().all()
    owned = district.grids[district.grids["kind"] == "dedicated"]
    assert list(owned["name"]) == list(sites.loc[owned["owner_site"], "name"])


def test_every_grid_has_a_chief_at_every_instant(district):
    chiefs = district.people[district.people["role"] == "chief"]
    starts = [edition.effective_at for edition in district.editions] + [district.effective_at]
    coverages = [edition.grids for edition in district.editions] + [district.grids]
    for since, until, grids in zip(starts, [*starts[1:], district.until], coverages, strict=True):
        in_force = (chiefs["valid_from"] <= since) & (chiefs["valid_to"].isna() | (chiefs["valid_to"] >= until))
        assert set(grids["code"]) <= set(chiefs.loc[in_force, "grid_code"])


def test_every_urban_grid_has_a_worker(district):
    walked = set(district.people.loc[district.people["role"] == "worker", "grid_code"].dropna())
    assert walked == set(district.grids.loc[district.grids["kind"] == "urban", "code"])


def test_an_assignment_has_one_target_that_exists(district):
    people = district.people
    targets = people[["area_code", "grid_code", "department_code"]]
    assert (targets.notna().sum(axis=1) == 1).all()
    assert people["area_code"].dropna().isin(district.areas["code"]).all()
    assert people["department_code"].dropna().isin(district.departments["code"]).all()
    known = pd.concat([district.grids["code"], *(edition.grids["code"] for edition in district.editions)])
    assert people["grid_code"].dropna().isin(known).all()


def test_people_are_made_up_and_told_apart(district):
    one_each = district.people.drop_duplicates("login")
    assert one_each["phone"].is_unique
    assert one_each["phone"].str.fullmatch(r"199-0000-\d{4}").all()
    assert one_each["login"].str.fullmatch(r"[a-z0-9]{2,64}").all()
    assert (district.people.groupby("login")["name"].nunique() == 1).all()
    assert set(district.people["post"].dropna()) <= {"full-time", "part-time", "micro", "mobile"}


def test_who_administers_neither_sees_data_nor_audits(district):
    held = district.people.groupby("login")["role"].agg(set)
    for role in ("admin", "auditor"):
        holders = held[held.map(lambda roles, role=role: role in roles)]
        assert len(holders)
        assert all(roles == {role} for roles in holders)


def test_departments_are_staffed(district):
    logins = set(district.people["login"])
    for column in ("handler", "policy", "leader"):
        assert set(district.departments[column].dropna()) <= logins
    assert district.departments["area_code"].isin(district.areas["code"]).all()


def test_devices_stand_where_they_say(district):
    devices = district.devices
    assert devices["site_code"].isin(district.sites["code"]).all()
    assert devices["gateway_code"].dropna().isin(devices.loc[devices["kind"] == "gateway", "code"]).all()
    own = district.grids.set_index("code").geometry.reindex(devices["grid_code"]).to_numpy()
    assert shapely.covers(own, devices.geometry.to_numpy()).all()
    cameras = devices[devices["kind"] == "camera"]
    assert cameras["gateway_code"].notna().all()
    assert cameras.groupby("gateway_code").size().between(8, 20).all()
    assert cameras["heading_deg"].between(0, 360).all()
    assert cameras[["height_m", "tilt_deg", "fov_deg", "range_m"]].notna().all().all()


def test_templates_and_categories_fit_together(district):
    categories = district.categories.set_index("code")
    minor = categories[categories["parent"].notna()]
    assert len(minor) >= 40
    assert minor["parent"].isin(categories.index).all()
    assert set(minor["evidence"]) <= {"none", "photo", "before-after"}
    assert district.templates["category"].isin(minor.index).all()
    assert not district.templates.duplicated(["device_kind", "class"]).any()
    assert set(district.templates["device_kind"]) <= set(district.devices["kind"])


def test_layers_are_on_the_lattice_of_the_working_system(district):
    for name in ("areas", "grids", "sites", "ways", "ground", "devices", "incidents"):
        layer = getattr(district, name)
        assert layer.crs.to_epsg() == layer.attrs["srid"] == district.srid == 4547
        assert layer.geometry.is_valid.all(), name
        xy = shapely.get_coordinates(layer.geometry.to_numpy())
        assert (np.abs(xy * 100 - np.rint(xy * 100)) < 1e-4).all(), name


def test_bridges_are_few_and_named(district):
    ways = district.ways
    streets = ways[(ways["kind"] == "street") & (ways["layer"] == 1)]
    river = district.ground.loc[district.ground["name"] == "淇水"].geometry.union_all()
    crossing = streets[shapely.length(shapely.intersection(streets.geometry.to_numpy(), river)) > 40]
    assert len(crossing) == 2
    assert ways.loc[(ways["kind"] == "street") & (ways["rank"] == 1), "name"].notna().all()
    assert set(ways["kind"]) <= {"street", "road", "motorway", "river", "rail", "wall", "path"}


def test_every_name_has_its_pinyin():
    for name in (*COMMUNITIES, *VILLAGES, *STREETS_SMALL):
        assert pinyin(name).isascii()
    assert len({*COMMUNITIES}) == len(COMMUNITIES) >= 50
    assert street_en("文昌路") == "Wenchang Rd"
    assert street_en("淇水北路") == "Qishui Rd N"
    assert street_en("车站大道") == "Chezhan Ave"
    for name in (*STREETS_ACROSS, *STREETS_ALONG["n"], *STREETS_ALONG["s"]):
        assert street_en(name).isascii()


def test_sharing_out_keeps_the_sum():
    assert share_out(10, np.array([1.0, 1.0, 1.0])).tolist() == [4, 3, 3]
    assert share_out(0, np.array([2.0, 5.0])).tolist() == [0, 0]
    weights = np.random.default_rng(1).uniform(1, 9, 37)
    assert share_out(501, weights).sum() == 501
    assert share_out(501, weights) == pytest.approx(501 * weights / weights.sum(), abs=1)
