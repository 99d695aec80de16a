"""A year of incidents: where, when, by whom."""

import numpy as np
import pandas as pd
import shapely


def test_an_incident_names_the_grid_of_its_own_day(district):
    incidents = district.incidents
    starts = [edition.effective_at for edition in district.editions] + [district.effective_at]
    coverages = [edition.grids for edition in district.editions] + [district.grids]
    edition = np.searchsorted(pd.DatetimeIndex(starts), incidents["occurred_at"], side="right") - 1
    assert len(np.unique(edition)) == 3
    for n, grids in enumerate(coverages):
        rows = incidents[edition == n]
        own = grids.set_index("code").geometry.reindex(rows["grid_code"])
        assert own.notna().all()
        assert shapely.intersects(own.to_numpy(), rows.geometry.to_numpy()).all()


def test_time_runs_forward_and_ends(district):
    incidents = district.incidents
    assert (incidents["occurred_at"] < district.until).all()
    assert (incidents["occurred_at"] >= pd.Timestamp(district.until) - pd.Timedelta(days=366)).all()
    assert (incidents["filed_at"] >= incidents["occurred_at"]).all()
    closed = incidents[incidents["closed_at"].notna()]
    assert (closed["closed_at"] >= closed["filed_at"]).all()
    assert (closed["closed_at"] < district.until).all()
    assert incidents["occurred_at"].is_monotonic_increasing


def test_the_open_ones_are_of_the_last_days(district):
    open_ones = district.incidents[district.incidents["closed_at"].isna()]
    assert 0 < len(open_ones) < 0.02 * len(district.incidents)
    assert (open_ones["filed_at"] > pd.Timestamp(district.until) - pd.Timedelta(days=12)).all()


def test_days_and_weeks_have_a_rhythm(district):
    at = district.incidents["occurred_at"].dt
    by_hour = at.hour.value_counts()
    assert by_hour[9:11].mean() > 4 * by_hour.reindex([2, 3, 4]).mean()
    by_day = at.day_of_week.value_counts()
    assert by_day[0] > 1.15 * by_day[6]


def test_there_are_hot_spots(district):
    by_grid = district.incidents["grid_code"].value_counts()
    assert by_grid.iloc[0] > 3 * by_grid.median()


def test_the_urgent_is_closed_sooner(district):
    incidents = district.incidents
    hours = (incidents["closed_at"] - incidents["filed_at"]).dt.total_seconds() / 3600
    median = hours.groupby(incidents["severity"]).median()
    assert median[1] < median[2] < median[4]


def test_ids_are_shaped_like_version_7_and_follow_time(district):
    ids = district.incidents["id"]
    assert ids.is_unique
    assert ids.str.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}").all()
    ms = ids.map(lambda text: int(text.replace("-", "")[:12], 16))
    seconds = district.incidents["filed_at"].dt.tz_convert("UTC").map(pd.Timestamp.timestamp)
    assert (ms // 1000 == seconds.astype(int)).all()


def test_devices_and_staff_are_named_where_they_reported(district):
    incidents = district.incidents
    by_device = incidents["source"].isin(["camera", "drone", "sensor"])
    assert (incidents["device_code"].notna() == by_device).all()
    assert incidents["device_code"].dropna().isin(district.devices["code"]).all()
    by_staff = incidents["source"].isin(["patrol", "inspection"])
    assert (incidents["reporter_login"].notna() == by_staff).all()
    assert incidents["reporter_login"].dropna().isin(district.people["login"]).all()


def test_what_is_said_is_a_sentence_without_gaps(district):
    texts = district.incidents["text"]
    assert not texts.str.contains(r"[{}]|None|nan").any()
    assert texts.str.len().between(6, 60).all()


def test_categories_are_known_with_their_severity(district):
    known = district.categories.set_index("code")["severity"]
    assert (district.incidents["severity"] == known.reindex(district.incidents["category"]).to_numpy()).all()
    assert (district.incidents["error_m"] > 0).all()
