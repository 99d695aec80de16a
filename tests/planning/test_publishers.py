"""What a published plan leaves for those who look back: who stood for it, and differences true to its lineage."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from gridmap.grids.differences import differences
from gridmap.grids.queries import current_district
from gridmap.planning.publishers import publications
from gridmap.settings import load_settings
from tests.clients import Browser
from tests.planning.turning import HOUR, halved, merged, published, strip
from tests.worlds import CODE, FOUNDED, NOON
from webapp import create_app

NEW = "990106001001003"


@pytest.fixture
def street(db, street):
    published(db, street, halved(), strip("C", "D"))
    published(db, street, merged("E", "F"), at=NOON + 2 * HOUR)
    return street


def test_an_edition_names_its_plan_its_author_and_its_approver(db, street):
    names = {row.id: row.name for row in db.execute(text("SELECT id, name FROM person"))}
    db.execute(text("UPDATE person SET name = '沈一鸣' WHERE id = :id"), {"id": street.author.id})
    first, second, _ = publications(db, street.town.district_id).values()
    assert (first.plan_id, first.author, first.publisher) == (None, None, None)
    assert (second.title, second.author, second.approver) == ("东边一条街", "沈一鸣", names[street.other.id])
    assert second.number.startswith("P-2026-")


def test_the_difference_of_one_edition_has_the_shares_of_its_lineage(db, street):
    district = current_district(db)
    turned = district.editions[1][1]
    found = differences(db, district, FOUNDED, turned, [district.path])
    told = {(found.stands[share.from_id].code, found.stands[share.to_id].code): share
            for grid in found.grids for share in grid.went_to}  # fmt: skip
    recorded = {
        (source, target): (op, area, households)
        for source, target, op, area, households in db.execute(
            text(
                "SELECT f.code, t.code, l.op, l.area_share, l.household_share FROM lineage l JOIN grid_version f"
                " ON f.id = l.from_version_id JOIN grid_version t ON t.id = l.to_version_id"
                " WHERE t.edition_n = 2 AND f.grid_id <> t.grid_id"
            )
        )
    }
    assert set(recorded) == {(CODE["A"], NEW), (CODE["C"], CODE["D"])}
    assert {pair: (share.op, share.area_share, share.household_share) for pair, share in told.items()} == {
        pair: (op, pytest.approx(area), pytest.approx(households)) for pair, (op, area, households) in recorded.items()
    }


def test_the_address_tells_it_with_names_to_those_who_know_the_staff(db, street):
    app = create_app(load_settings(api_per_minute=100_000))
    db.execute(
        text(
            "INSERT INTO assignment (person_id, role, area_id, path, valid)"
            " VALUES (:person, 'planner', :area, :path, tstzrange('2020-01-01', NULL))"
        ),
        {"person": street.author.id, "area": street.town.district_id, "path": str(street.town.district_id)},
    )
    db.execute(text("UPDATE person SET locale = 'en'"))
    planner = Browser(app, db, street.author.id)
    answer = planner.get("/api/v1/differences?from=2025-02-01").json
    assert [(edition["n"], edition["plan"]["title"]) for edition in answer["editions"]] == [
        (2, "东边一条街"), (3, "东边一条街"),
    ]  # fmt: skip
    assert all(edition["author"] and edition["approver"] for edition in answer["editions"])
    fates = {grid["code"]: grid["fate"] for grid in answer["grids"]}
    assert fates == {CODE["A"]: "changed", NEW: "came", CODE["C"]: "changed", CODE["D"]: "changed",
                     CODE["E"]: "changed", CODE["F"]: "ended"}  # fmt: skip
    assert answer["totals"] | {"area_m2_moved": 0} == {
        "grids_before": 6, "grids_after": 6, "came": 1, "ended": 1, "changed": 4, "households_moved": 800,
        "area_m2_moved": 0,
    }  # fmt: skip
    roles = [feature["properties"]["role"] for feature in answer["features"]["features"]]
    assert (roles.count("before"), roles.count("after"), roles.count("moved")) == (5, 5, 3)
    assert set(answer["sentences"]) == {"zh-CN", "en"}
    newest = planner.get(f"/api/v1/grids/{CODE['A']}/history").json["items"][0]
    assert newest["publication"]["plan"]["number"].startswith("P-2026-")
    assert newest["geometry"]["type"] == "Polygon"
    assert [share["own"] for share in newest["from"]] == [True]
    refused = planner.get("/api/v1/differences?from=2024-02-01")
    assert (refused.status_code, "no grids yet" in refused.json["detail"]) == (422, True)
    assert planner.get("/api/v1/differences").status_code == 400
    assert planner.get("/api/v1/differences?from=2025-02-01&until=x").status_code == 400
