"""A year of incidents: rhythm of days and weeks, seasons, hot spots, and how long each took."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geodata.crs import Floats, snap_to_lattice
from geodata.sample.catalogue import category_habits
from geodata.sample.cuts import Ints
from geodata.sample.editions import History
from geodata.sample.frames import SRID, table
from geodata.sample.seeds import DeadEnd
from geodata.sample.size import Size

_DAYS: Final = 365
_ZONE: Final = "Asia/Shanghai"
_WEEK: Final = np.array([1.1, 1.06, 1.03, 1.03, 1.05, 0.88, 0.82])

# Share of an hour in a day: people at work, people at home, devices.
_HOURS: Final = {
    "work": [1, 0.6, 0.4, 0.3, 0.4, 1, 3, 6, 11, 14, 13, 9, 6, 8, 12, 13, 11, 8, 6, 5, 4, 3, 2, 1.4],
    "home": [2, 1.2, 0.8, 0.6, 0.6, 1, 2.5, 5, 7, 8, 8, 7, 7, 6, 6, 6, 7, 9, 11, 12, 12, 10, 7, 4],
    "device": [4, 4, 4, 3, 3, 3, 4, 6, 7, 7, 6, 6, 7, 6, 6, 6, 7, 9, 9, 8, 8, 7, 6, 5],
}
# Factor by month, January first, for classes that have a season.
_SEASONS: Final = {
    "0206": [0.2, 0.2, 0.4, 0.6, 0.9, 1.6, 3.2, 2.8, 1.2, 0.5, 0.3, 0.2],
    "0804": [0.1, 0.1, 0.2, 0.4, 0.8, 1.8, 3.5, 3.2, 1.2, 0.3, 0.1, 0.1],
    "0401": [0.5, 0.6, 1.3, 1.2, 0.9, 1.3, 2.0, 1.9, 0.8, 0.5, 0.5, 0.5],
    "1001": [0.4, 0.3, 0.4, 0.5, 1.6, 3.0, 0.6, 0.4, 1.3, 2.8, 1.0, 0.5],
    "1003": [0.1, 0.1, 0.4, 0.8, 1.4, 2.0, 2.4, 2.2, 1.4, 0.7, 0.3, 0.1],
    "0603": [0.6, 0.6, 0.9, 1.1, 1.5, 1.6, 1.3, 1.2, 1.0, 0.9, 0.7, 0.6],
    "0502": [1.5, 1.5, 1.1, 0.9, 0.8, 0.8, 0.8, 0.8, 0.8, 0.9, 1.1, 1.4],
    "0103": [1.8, 1.4, 0.9, 0.8, 0.8, 0.8, 0.9, 0.9, 0.8, 0.8, 1.1, 1.6],
    "0701": [0.6, 0.6, 0.9, 1.1, 1.2, 1.3, 1.3, 1.3, 1.1, 1.0, 0.8, 0.7],
}
_SOURCES: Final = ("patrol", "resident", "hotline", "letter", "visit", "web", "wechat", "inspection",
                   "camera", "drone", "sensor")  # fmt: skip
_USUAL: Final = [0.4, 0.08, 0.22, 0.006, 0.014, 0.03, 0.14, 0.11, 0, 0, 0]
_MIX: Final = {
    "0501": [0.28, 0.06, 0.12, 0, 0, 0, 0.06, 0.06, 0.42, 0, 0],
    "0502": [0.02, 0, 0, 0, 0, 0, 0, 0, 0.14, 0, 0.84],
    "0105": [0.15, 0.1, 0.12, 0, 0, 0, 0.08, 0, 0, 0, 0.55],
    "0801": [0.04, 0.14, 0.12, 0, 0, 0, 0.1, 0, 0.6, 0, 0],
    "0803": [0.12, 0.03, 0, 0, 0, 0, 0, 0, 0.85, 0, 0],
    "0601": [0.3, 0.05, 0.18, 0.01, 0.02, 0.02, 0.08, 0.1, 0, 0.24, 0],
    "0505": [0.1, 0, 0, 0, 0, 0, 0, 0, 0, 0.9, 0],
    "1003": [0.4, 0.05, 0.1, 0, 0, 0, 0.05, 0.1, 0, 0.3, 0],
    "0603": [0.06, 0.12, 0.5, 0.01, 0.01, 0.06, 0.24, 0, 0, 0, 0],
    "0901": [0.4, 0.12, 0.22, 0, 0.1, 0, 0.16, 0, 0, 0, 0],
    "0902": [0.1, 0.12, 0.46, 0.04, 0.04, 0.08, 0.16, 0, 0, 0, 0],
}
# Median minutes from what happened to when it was filed, and the stated error of the place in metres.
_DELAY_MIN: Final = dict(zip(_SOURCES, (5, 25, 16, 2_000, 240, 55, 30, 9, 1.5, 3, 1), strict=True))
_ERROR_M: Final = dict(zip(_SOURCES, (7, 25, 60, 90, 70, 45, 30, 9, 6, 4, 5), strict=True))
_DEVICE_OF: Final = {"camera": ("camera",), "drone": ("drone_dock",), "sensor": ("smoke", "charging_pile")}


@dataclass(frozen=True)
class _World:
    """What incidents are placed by: sites by grid, devices, staff."""

    sites: gpd.GeoDataFrame
    devices: gpd.GeoDataFrame
    people: pd.DataFrame
    history: History


def make_incidents(
    sites: gpd.GeoDataFrame, devices: gpd.GeoDataFrame, people: pd.DataFrame, history: History, size: Size,
    until: datetime, rng: np.random.Generator,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Draw the incidents of the 365 days before `until`, sorted by when they happened."""
    world = _World(sites, devices, people, history)
    habits = category_habits()
    n = size.incidents
    weight = habits["weight"].to_numpy()
    category = rng.choice(len(habits), n, p=weight / weight.sum())
    source = _draw_sources(habits, category, rng)
    occurred = _draw_times(habits, category, source, until, rng)
    order = np.argsort(occurred, kind="stable")
    category, source, occurred = category[order], source[order], occurred[order]
    site = _draw_sites(world, habits, category, rng)
    device = _draw_devices(world, habits, category, source, rng)
    xy = _draw_places(world, site, device, rng)
    grid_code, outside = _locate(world.history, xy, occurred)
    if outside.any():
        raise DeadEnd("an incident fell outside the district")
    delay = np.array([_DELAY_MIN[name] for name in _SOURCES])[source] * rng.lognormal(0, 0.7, n)
    filed = occurred + np.rint(delay * 60).astype(np.int64)
    last = int(until.timestamp())
    filed = np.minimum(filed, last - 1)
    closed = filed + np.rint(_draw_hours(habits, category, rng) * 3_600).astype(np.int64)
    error = np.array([_ERROR_M[name] for name in _SOURCES])[source] * rng.lognormal(0, 0.35, n)
    columns: dict[str, Any] = {
        "id": _uuids(filed, rng),
        "category": habits["code"].to_numpy()[category],
        "severity": habits["severity"].to_numpy()[category].astype(np.int64),
        "source": np.array(_SOURCES, dtype=object)[source],
        "text": _texts(world, habits, category, site),
        "occurred_at": _instants(occurred),
        "filed_at": _instants(filed),
        "closed_at": _instants(np.where(closed < last, closed, np.iinfo(np.int64).min)),
        "grid_code": grid_code,
        "error_m": np.round(error, 1),
        "device_code": _codes(world.devices["code"], device),
        "reporter_login": _reporters(world, source, grid_code, rng),
    }
    frame = gpd.GeoDataFrame(table(columns), geometry=gpd.GeoSeries(shapely.points(xy), crs=SRID))
    frame.attrs["srid"] = SRID
    return frame


def _draw_sources(habits: pd.DataFrame, category: Ints, rng: np.random.Generator) -> Ints:
    mix = np.array([_MIX.get(code, _USUAL) for code in habits["code"]], dtype=float)
    share = (mix / mix.sum(axis=1, keepdims=True)).cumsum(axis=1)[category]
    return np.asarray((rng.random(len(category))[:, None] > share[:, :-1]).sum(axis=1), dtype=np.int64)


def _draw_times(habits: pd.DataFrame, category: Ints, source: Ints, until: datetime, rng: np.random.Generator) -> Ints:
    """Draw seconds since 1970: the day by week and season, the hour by who reports."""
    days = pd.date_range(end=pd.Timestamp(until).normalize(), periods=_DAYS + 1, freq="D")[:-1]
    usual = _WEEK[days.day_of_week.to_numpy()] * (1 + 0.09 * np.sin(2 * np.pi * (days.month.to_numpy() - 4) / 12))
    usual = usual * rng.lognormal(0, 0.06, _DAYS)
    day = np.empty(len(category), dtype=np.int64)
    for row, code in enumerate(habits["code"]):
        here = category == row
        weight = usual * np.array(_SEASONS.get(code, [1.0] * 12))[days.month.to_numpy() - 1]
        day[here] = rng.choice(_DAYS, int(here.sum()), p=weight / weight.sum())
    kind = np.select([source >= 8, np.isin(source, [0, 3, 4, 7])], [2, 0], 1)
    second = np.empty(len(category), dtype=np.int64)
    for row, name in enumerate(("work", "home", "device")):
        here = kind == row
        share = np.array(_HOURS[name], dtype=float)
        hour = rng.choice(24, int(here.sum()), p=share / share.sum())
        second[here] = hour * 3_600 + rng.integers(0, 3_600, int(here.sum()))
    midnight = days.as_unit("s").asi8
    # What would fall after the last instant (it may not be midnight) moves one day back.
    at = midnight[day] + second
    last = int(until.timestamp())
    return np.asarray(np.where(at >= last, at - 86_400, at), dtype=np.int64)


def _draw_sites(world: _World, habits: pd.DataFrame, category: Ints, rng: np.random.Generator) -> Ints:
    """Draw the site each incident is near: first a grid, by kind and hot spots, then one of its sites."""
    grids = world.history.grids
    row_of = {code: row for row, code in enumerate(grids["code"])}
    owner = world.sites["grid_code"].map(row_of).to_numpy()
    order = np.argsort(owner, kind="stable")
    start = np.searchsorted(owner[order], np.arange(len(grids) + 1))
    kind = grids["kind"].to_numpy()
    usual = np.select([kind == "urban", kind == "rural"], [1.0, 0.17], 0.55) * rng.lognormal(0, 0.42, len(grids))
    hot = rng.choice(np.flatnonzero(kind == "urban"), max(2, round(9 * len(grids) / 767)), replace=False)
    usual[hot] *= rng.uniform(2.2, 3.6, len(hot))
    site = np.empty(len(category), dtype=np.int64)
    major = habits["code"].str[:2].to_numpy()[category]
    for code in np.unique(major):
        here = np.flatnonzero(major == code)
        weight = usual * (kind == "rural") if code == "10" else usual.copy()
        own = rng.choice(np.flatnonzero(weight > 0), max(2, len(grids) // 90), replace=False)
        weight[own] *= 3.0
        grid = rng.choice(len(grids), len(here), p=weight / weight.sum())
        pick = start[grid] + (rng.random(len(here)) * (start[grid + 1] - start[grid])).astype(np.int64)
        site[here] = order[pick]
    return site


def _draw_devices(world: _World, habits: pd.DataFrame, category: Ints, source: Ints, rng: np.random.Generator) -> Ints:
    """Draw a device for what devices reported, some of them far busier than others; -1 for the rest."""
    device = np.full(len(category), -1, dtype=np.int64)
    kinds = world.devices["kind"].to_numpy()
    codes = habits["code"].to_numpy()[category]
    for row, name in enumerate(_SOURCES):
        if name not in _DEVICE_OF:
            continue
        for code in np.unique(codes[source == row]):
            here = np.flatnonzero((source == row) & (codes == code))
            fit = _DEVICE_OF[name] if name != "sensor" else ("smoke",) if code == "0502" else ("charging_pile",)
            rows = np.flatnonzero(np.isin(kinds, fit))
            weight = rng.lognormal(0, 0.8, len(rows))
            device[here] = rng.choice(rows, len(here), p=weight / weight.sum())
    return device


def _draw_places(world: _World, site: Ints, device: Ints, rng: np.random.Generator) -> Floats:
    """Place each incident beside its site; what a camera saw stands in its view, what a sensor felt at the sensor."""
    n = len(site)
    middle = shapely.get_coordinates(shapely.centroid(world.sites.geometry.to_numpy()))[site]
    reach = np.sqrt(np.maximum(shapely.area(world.sites.geometry.to_numpy()), 1.0))[site]
    away = np.minimum(reach * 0.55, 45) + rng.gamma(2.0, 4.0, n)
    angle = rng.uniform(0, 2 * np.pi, n)
    xy = middle + away[:, None] * np.column_stack([np.sin(angle), np.cos(angle)])
    seen = device >= 0
    kinds = world.devices["kind"].to_numpy()[device]
    at = shapely.get_coordinates(world.devices.geometry.to_numpy())[device]
    heading = np.radians(np.nan_to_num(world.devices["heading_deg"].to_numpy(float)))[device]
    heading = heading + rng.uniform(-0.45, 0.45, n)
    ahead = rng.uniform(8, 38, n)[:, None] * np.column_stack([np.sin(heading), np.cos(heading)])
    camera = seen & (kinds == "camera")
    sensor = seen & np.isin(kinds, ["smoke", "charging_pile"])
    xy = np.where(camera[:, None], at + ahead, np.where(sensor[:, None], at, xy))
    inside = _inside_any(world.history.grids, xy)
    return snap_to_lattice(np.where(inside[:, None], xy, middle))


def _inside_any(grids: gpd.GeoDataFrame, xy: Floats) -> npt.NDArray[np.bool_]:
    inside = np.zeros(len(xy), dtype=bool)
    inside[shapely.STRtree(grids.geometry.to_numpy()).query(shapely.points(xy), predicate="intersects")[0]] = True
    return inside


def _locate(history: History, xy: Floats, occurred: Ints) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.bool_]]:
    """Find the grid of each point in the edition of its own day; on a border the lowest code."""
    steps = [(edition.effective_at, edition.grids) for edition in history.editions]
    steps.append((history.effective_at, history.grids))
    begins = np.array([int(at.timestamp()) for at, _ in steps])
    edition = np.searchsorted(begins, occurred, side="right") - 1
    found = np.full(len(xy), "", dtype=object)
    for n, (_, grids) in enumerate(steps):
        rows = np.flatnonzero(edition == n)
        codes = grids["code"].to_numpy()
        point, grid = shapely.STRtree(grids.geometry.to_numpy()).query(shapely.points(xy[rows]), predicate="intersects")
        # Descending, so that the lowest row is written last.
        last = np.argsort(-grid, kind="stable")
        found[rows[point[last]]] = codes[grid[last]]
    return found, found == ""


def _draw_hours(habits: pd.DataFrame, category: Ints, rng: np.random.Generator) -> Floats:
    """Draw how long it took: around the class's median, seldom far beyond what a district of this kind promises."""
    median = habits["hours"].to_numpy(float)[category]
    promised = np.array([0, 2, 8, 48, 120], dtype=float)[habits["severity"].to_numpy(int)[category]]
    drawn = 3.0 * median * rng.lognormal(0, 0.75, len(category))
    return np.asarray(np.minimum(drawn, promised * rng.uniform(0.7, 1.45, len(category))))


def _texts(world: _World, habits: pd.DataFrame, category: Ints, site: Ints) -> list[str]:
    community = dict(zip(world.history.grids["code"], world.history.grids["name"], strict=True))
    place = world.sites["name"].to_numpy().copy()
    house = (world.sites["kind"] == "village_house").to_numpy()
    where = world.sites["grid_code"].map(community).str.split(" ").str[0].to_numpy()
    place[house] = where[house] + place[house]
    said = habits["text"].tolist()
    return [said[c].format(place=p) for c, p in zip(category.tolist(), place[site].tolist(), strict=True)]


def _reporters(
    world: _World, source: Ints, grid_code: npt.NDArray[np.object_], rng: np.random.Generator
) -> list[str | None]:
    """Name the grid's worker (its chief where there is none) for patrols, and a supervisor for inspections."""
    held = world.people.dropna(subset=["grid_code"])
    chief, worker = (
        dict(zip(rows["grid_code"].tolist(), rows["login"].tolist(), strict=True))
        for rows in (held[held["role"] == "chief"], held[held["role"] == "worker"])
    )
    inspectors = world.people.loc[world.people["role"] == "supervisor", "login"].tolist()
    pick = rng.integers(0, len(inspectors), len(source)).tolist()
    draw = (rng.random(len(source)) < 0.2).tolist()
    logins: list[str | None] = []
    for kind, code, row, by_chief in zip(source.tolist(), grid_code.tolist(), pick, draw, strict=True):
        if kind == 0:
            logins.append(chief[code] if by_chief else worker.get(code, chief[code]))
        else:
            logins.append(inspectors[row] if kind == 7 else None)
    return logins


def _codes(codes: pd.Series, rows: Ints) -> list[str | None]:
    known = codes.tolist()
    return [known[row] if row >= 0 else None for row in rows.tolist()]


def _instants(seconds: Ints) -> pd.DatetimeIndex:
    """Turn seconds since 1970 into instants of the district's zone; the least integer is "not yet"."""
    return pd.DatetimeIndex(seconds.astype("datetime64[s]"), tz="UTC").tz_convert(_ZONE)


def _uuids(seconds: Ints, rng: np.random.Generator) -> list[str]:
    """Shape ids as UUID version 7: 48 bits of milliseconds, then chance from the seed."""
    ms = seconds * 1_000 + rng.integers(0, 1_000, len(seconds))
    a = rng.integers(0, 1 << 12, len(seconds))
    b = rng.integers(0, 1 << 14, len(seconds))
    c = rng.integers(0, 1 << 48, len(seconds))
    return [
        f"{t >> 16:08x}-{t & 0xFFFF:04x}-7{x:03x}-{0x8000 | y:04x}-{z:012x}"
        for t, x, y, z in zip(ms.tolist(), a.tolist(), b.tolist(), c.tolist(), strict=True)
    ]
