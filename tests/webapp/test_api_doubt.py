"""How sure a grid is, as the doors say it: to whoever asks where, and with every incident."""

from __future__ import annotations

import uuid

import numpy as np
import pytest
from sqlalchemy import text

from geodata.datum import wgs84_to_gcj02
from gridmap.people.rules import Role
from gridmap.settings import load_settings
from tests.clients import Browser
from tests.worlds import CODE, SIDE, add_person, point
from webapp import create_app

NEAR_B = (1 - 5 / SIDE, 2.5)


@pytest.fixture(scope="module")
def app():
    return create_app(load_settings(api_per_minute=100_000))


@pytest.fixture
def operator(app, db, town):
    person_id = add_person(db, "op")
    db.execute(
        text(
            "INSERT INTO assignment (person_id, role, area_id, path, valid)"
            " VALUES (:person, :role, :area, :path, tstzrange('2020-01-01', NULL))"
        ),
        {"person": person_id, "role": Role.OPERATOR, "area": town.district_id, "path": str(town.district_id)},
    )
    return Browser(app, db, person_id)


def locate(operator, spot, **query):
    lon, lat = point(*spot)
    return operator.get("/api/v1/locate", query_string={"lon": lon, "lat": lat, **query})


def shares(answer):
    return [(one["code"], one["probability"]) for one in answer["candidates"]]


def test_an_accuracy_brings_certainty_probability_and_candidates(operator):
    answer = locate(operator, NEAR_B, accuracy=24.477, convention="browser95").json
    assert (answer["grid"]["code"], answer["status"], answer["certainty"]) == (CODE["A"], "inside", "likely")
    (own, p), (second, q) = shares(answer)
    assert (own, second) == (CODE["A"], CODE["B"])
    assert (p, q) == pytest.approx((0.6915, 0.3085), abs=1e-3)
    assert answer["probability"] == p
    assert p + q + answer["p_outside"] == pytest.approx(1, abs=1e-5)
    assert set(answer["candidates"][1]) == {"id", "code", "name", "name_en", "kind", "probability"}


def test_the_same_radius_means_less_or_more_by_who_states_it(operator):
    found = [
        locate(operator, NEAR_B, accuracy=20, convention=name).json["probability"]
        for name in ("browser95", "ce90", "android68", "unknown", "cep50")
    ]
    assert found == sorted(found, reverse=True)
    assert locate(operator, NEAR_B, accuracy=20).json["probability"] == found[3]


def test_without_an_accuracy_nothing_is_said_of_doubt(operator):
    answer = locate(operator, NEAR_B).json
    assert answer["grid"]["code"] == CODE["A"]
    assert (answer["certainty"], answer["probability"], answer["candidates"]) == (None, None, [])


def test_over_a_hundred_metres_no_grid_is_named(operator):
    answer = locate(operator, (0.5, 2.5), accuracy=500).json
    assert (answer["grid"], answer["certainty"], answer["status"]) == (None, "review", "inside")
    assert "100 m" in answer["reason"]
    assert shares(answer)[0][0] == CODE["A"]
    assert answer["responsible"] == []


@pytest.mark.parametrize("convention", ["", "gps", "Browser95"])
def test_an_unknown_convention_gets_a_sentence(operator, convention):
    answer = locate(operator, NEAR_B, accuracy=5, convention=convention)
    assert answer.status_code == 422
    assert "browser95" in answer.json["detail"]


def test_points_of_a_batch_are_weighed_each_by_its_own_accuracy(operator):
    lon, lat = point(*NEAR_B)
    points = [
        {"lon": lon, "lat": lat, "accuracy": 24.477},
        {"lon": lon, "lat": lat},
        [lon, lat],
        {"lon": lon, "lat": lat, "accuracy": 1},
    ]
    items = operator.post("/api/v1/locate", {"points": points, "convention": "browser95"}).json["items"]
    assert [item["certainty"] for item in items] == ["likely", None, None, "sure"]
    assert (
        items[0]["candidates"] == locate(operator, NEAR_B, accuracy=24.477, convention="browser95").json["candidates"]
    )


def test_a_converted_point_is_a_little_less_sure(operator):
    lon, lat = point(*NEAR_B)
    asked = {"points": [{"lon": lon, "lat": lat, "accuracy": 4}], "convention": "unknown"}
    plain = operator.post("/api/v1/locate", asked).json["items"][0]["probability"]
    assert plain == pytest.approx(0.952, abs=2e-3)
    x, y = (float(part[0]) for part in wgs84_to_gcj02(np.array([lon]), np.array([lat])))
    asked["points"][0] |= {"lon": x, "lat": y}
    assert 0.9 < operator.post("/api/v1/locate", asked | {"datum": "gcj02"}).json["items"][0]["probability"] < plain


def tell(operator, spot, accuracy_m):
    lon, lat = point(*spot)
    sent = {"id": str(uuid.uuid4()), "source": "patrol", "category": "0201", "text": "x",
            "place": {"lon": lon, "lat": lat, "accuracy_m": accuracy_m}}  # fmt: skip
    return operator.post("/api/v1/reports", sent).json


def test_an_incident_shows_its_candidates_in_lists_and_alone(operator):
    told = tell(operator, NEAR_B, 24.477)
    assert told["certainty"] == "likely"
    listed = operator.get("/api/v1/incidents").json["items"][0]
    shown = operator.get(f"/api/v1/incidents/{told['incident']['id']}").json
    for item in (listed, shown):
        assert [code for code, _ in shares(item)] == [CODE["A"], CODE["B"]]
        assert item["place"]["certainty"] == "likely"
        assert item["place"]["probability"] == told["probability"] == shares(item)[0][1]
        assert item["place"]["error_m"] == pytest.approx(24.5, abs=0.05)
    assert shown["sources"][0]["place"]["probability"] == told["probability"]


def test_an_incident_too_uncertain_for_a_grid_says_why(operator):
    told = tell(operator, (0.5, 2.5), 800)
    assert (told["grid"], told["placed"], told["certainty"]) == (None, "inside", "review")
    shown = operator.get(f"/api/v1/incidents/{told['incident']['id']}").json
    assert shown["grid"] is None
    assert shown["township"]["name_en"] == "North"
    assert shown["place"]["reason"] == told["reason"]
    assert "100 m" in told["reason"]
    assert shown["candidates"][0]["code"] == CODE["A"]


@pytest.mark.parametrize(
    "place",
    [
        None,
        {"spot": (0.5, 2.5), "accuracy_m": 9.0},
        {"spot": NEAR_B, "accuracy_m": 24.477},
        {"spot": NEAR_B},
        {"spot": (0.5, 2.5), "accuracy_m": 3000.0},
        {"spot": (-3, 2.5), "accuracy_m": 9.0},
        {"spot": (4000, 2.5), "accuracy_m": 9.0},
        {"spot": (0.5, 2.5), "accuracy_m": 9.0, "datum": "gcj02"},
    ],
    ids=["nowhere", "sure", "likely", "no accuracy", "too wide", "outside", "far away", "shifted"],
)
@pytest.mark.parametrize("source", ["patrol", "hotline"])
def test_what_a_sender_is_told_first_is_what_is_stored(operator, place, source):
    sent = {"id": str(uuid.uuid4()), "source": source, "category": "0201", "text": "垃圾"}
    if place is not None:
        lon, lat = point(*place["spot"])
        sent["place"] = {"lon": lon, "lat": lat} | {key: place[key] for key in place if key != "spot"}
    first, again = (operator.post("/api/v1/reports", sent) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert first.json["incident"]["state"] == ("filed" if source == "patrol" else "reported")
