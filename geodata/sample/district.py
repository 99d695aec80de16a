"""The made-up district as a whole: one call, a few seconds, the same result for the same seed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.sample.areas import make_membership
from geodata.sample.blocks import make_blocks
from geodata.sample.buildings import make_buildings
from geodata.sample.catalogue import make_categories, make_templates
from geodata.sample.devices import make_devices
from geodata.sample.editions import Edition, make_history
from geodata.sample.fabric import make_fabric
from geodata.sample.frames import SRID, layer
from geodata.sample.ground import make_ground
from geodata.sample.houses import make_fields, make_houses
from geodata.sample.incidents import make_incidents
from geodata.sample.land import make_land
from geodata.sample.people import make_people
from geodata.sample.register import make_register
from geodata.sample.roads import make_roads
from geodata.sample.seeds import DeadEnd, Dice, Step
from geodata.sample.sites import make_sites
from geodata.sample.size import FULL, Size, size_of
from geodata.sample.streets import make_arterials
from geodata.sample.town import make_town
from geodata.sample.villages import make_villages
from geodata.sample.ways import make_ways

_ATTEMPTS: Final = 8
"""Draws before a seed is given up. Few seeds need a second one."""


@dataclass(frozen=True)
class District:
    """
    Everything known of the made-up district.

    Layers are in EPSG:4547 (`srid`), metres, every coordinate a multiple of 1 cm; each also says so in
    `attrs["srid"]`. Times are instants in Asia/Shanghai. What is missing is None, NaN or NaT.

    Attributes
    ----------
    effective_at
        When the present coverage, `grids`, came into force.
    areas
        code, parent_code, kind (district, township, community), name, name_en, MultiPolygon; parents first.
    grids
        code, name, name_en, kind (urban, rural, dedicated), community_code, households, owner_site, Polygon; by code.
    editions
        Three earlier coverages, oldest first, each with the lineage that leads to the next.
    sites
        code, kind, name, name_en, households, storeys (0: none), grid_code, entrance (Point), geometry.
    ways
        kind, rank (0 motorway, rail and river, 1 arterial ... 4 lane, 5 path), layer, name, name_en, LineString.
    ground
        kind, name, name_en, Polygon, in drawing order.
    departments
        code, name, name_en, area_code, and the logins of handler, policy specialist and leader.
    people
        One row an assignment: login, name, name_en, phone, role, post, one of area_code, grid_code and
        department_code, valid_from, valid_to.
    devices
        code, kind, name, name_en, site_code, grid_code, gateway_code, height_m, heading_deg, tilt_deg, fov_deg,
        range_m, Point. Gateways come before the devices they speak for.
    incidents
        id, category, severity, source, text, occurred_at, filed_at, closed_at (NaT: open), grid_code (of its own
        day), error_m, device_code, reporter_login, Point; by occurred_at.
    """

    seed: int
    srid: int
    until: datetime
    effective_at: datetime
    areas: gpd.GeoDataFrame
    grids: gpd.GeoDataFrame
    editions: list[Edition]
    sites: gpd.GeoDataFrame
    ways: gpd.GeoDataFrame
    ground: gpd.GeoDataFrame
    departments: pd.DataFrame
    people: pd.DataFrame
    devices: gpd.GeoDataFrame
    templates: pd.DataFrame
    categories: pd.DataFrame
    incidents: gpd.GeoDataFrame


def make_district(seed: int = 1, *, grids: int = FULL, until: datetime) -> District:
    """
    Make up a district.

    Parameters
    ----------
    seed
        The same seed gives the same bytes.
    grids
        How many grids: 767 is the reference district, fewer make a smaller one in the same proportions.
    until
        The instant at which the year of incidents ends, with a zone.

    Raises
    ------
    ValueError
        If `grids` is not in 60 to 767, or `until` has no zone.
    DeadEnd
        If none of a few draws works out, which no seed is known to do.
    """
    if until.tzinfo is None:
        raise ValueError("The last instant needs a time zone.")
    size = size_of(grids)
    for attempt in range(_ATTEMPTS - 1):
        try:
            return _make(size, Dice(seed, attempt), until)
        except DeadEnd:
            continue
    return _make(size, Dice(seed, _ATTEMPTS - 1), until)


def _make(size: Size, dice: Dice, until: datetime) -> District:
    land = make_land(size, dice.of(Step.LAND))
    arterials = make_arterials(land, size, dice.of(Step.STREETS))
    town = make_town(land, arterials, size, dice.of(Step.TOWN))
    villages = make_villages(land, town, size, dice.of(Step.VILLAGES), dice.of(Step.STEPPED_EDGES))
    roads = make_roads(land, town, villages, size, dice.of(Step.ROADS))
    blocks = make_blocks(land, town, arterials.strip, size, dice.of(Step.BLOCKS))
    fabric = make_fabric(land, town, villages, roads, blocks, dice.of(Step.HISTORY))
    membership = make_membership(fabric.shapes, fabric.in_town, fabric.parent, land, size, dice.of(Step.AREAS))
    register = make_register(fabric, membership, town, roads, dice.of(Step.NAMES))
    buildings = make_buildings(land, town, blocks, size, dice.of(Step.BUILDINGS), dice.of(Step.HOUSEHOLDS))
    cells = fabric.shapes[fabric.first[2] : fabric.first[3]]
    houses = make_houses(cells, villages, land, roads, dice.of(Step.HOUSES))
    fields = make_fields(cells, houses, land, roads, dice.of(Step.FIELDS))
    sites = make_sites(fabric, register, blocks, buildings, houses, roads, dice.of(Step.SITES))
    history = make_history(fabric, register, sites, until, dice.of(Step.EDITIONS))
    people, departments = make_people(history, dice.of(Step.PEOPLE))
    devices = make_devices(register, blocks, buildings, sites, size, dice.of(Step.DEVICES))
    ways = make_ways(land, town, roads, blocks, dice.of(Step.STREET_NAMES))
    incidents = make_incidents(sites.layer, devices, people, history, size, until, dice.of(Step.INCIDENTS))
    return District(
        seed=dice.seed,
        srid=SRID,
        until=until,
        effective_at=history.effective_at,
        areas=register.areas,
        grids=history.grids,
        editions=history.editions,
        sites=sites.layer,
        ways=layer({str(name): ways[name].tolist() for name in ways.columns.drop("geometry")}, _lines(ways)),
        ground=make_ground(land, town, roads, blocks, register, buildings, houses, fields),
        departments=departments,
        people=people,
        devices=devices,
        templates=make_templates(),
        categories=make_categories(),
        incidents=incidents,
    )


def _lines(ways: pd.DataFrame) -> np.ndarray:
    return np.asarray(ways["geometry"].to_numpy(), dtype=object)
