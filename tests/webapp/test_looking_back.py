"""The district as it was: at an instant of the past all doors tell the same, and what they tell is true."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import mapbox_vector_tile
import pytest
from sqlalchemy import text

from gridmap.grids.drafts import GridDraft
from gridmap.grids.publishing import publish_coverage
from gridmap.people.rules import Role
from gridmap.people.sessions import Visit, open_session
from gridmap.settings import load_settings
from tests.clients import HOST
from tests.desks import add_incident, over_all, over_south
from tests.worlds import CODE, SIDE, grid_drafts, point, square
from webapp import create_app
from webapp.shared.policy import SESSION_COOKIE

T0 = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
# The tile of zoom 11 that holds the whole drawing.
TILE = "/tiles/incidents/11/1673/806.mvt"


@pytest.fixture
def app():
    return create_app(load_settings())


@pytest.fixture
def operator(app, db, town):
    return over_all(app, db, town)


def told(db, incident, *steps, first=1):
    """Write the log of an incident: (step, to, at, what it set)."""
    before = None
    for seq, (step, to, at, sets) in enumerate(steps, first):
        db.execute(
            text(
                "INSERT INTO incident_log (incident_id, seq, step_id, at, recorded_at, role, step, from_state,"
                " to_state, data, prev_hash, hash) VALUES (:incident, :seq, :id, :at, :at, 'operator', :step, :before,"
                " :to, CAST(:data AS jsonb), '', '')"
            ),
            {
                "incident": incident,
                "seq": seq,
                "id": uuid.uuid4(),
                "at": at,
                "step": step,
                "before": before,
                "to": to,
                "data": json.dumps({"set": sets}),
            },
        )
        before = to


def add(db, town, letter, at, *, occurred, filed=None, closed=None, severity=3, term=2 * HOUR):
    """An incident with the log of its life."""
    due = filed and filed + term
    key = add_incident(
        db, town, letter, at, severity=severity, state="closed" if closed else "filed" if filed else "reported",
        occurred=occurred, due=due, closed=closed,
    )  # fmt: skip
    life = [("report", "reported", occurred, {})]
    if filed:
        life.append(("file", "filed", filed, {"due_at": due.isoformat()}))
    if closed:
        life.append(("close", "closed", closed, {"closed_at": closed.isoformat()}))
    told(db, key, *life)
    return key


@pytest.fixture
def day(db, town):
    """A, B: closed within the day. C: open since. E: tomorrow's. F: filed late."""
    return {
        "A": add(db, town, "A", point(0.5, 2.5), occurred=T0, filed=T0 + HOUR, closed=T0 + 6 * HOUR),
        "B": add(db, town, "B", point(1.5, 2.5), occurred=T0 + 2 * HOUR, filed=T0 + 2 * HOUR, closed=T0 + 3 * HOUR),
        "C": add(db, town, "C", point(0.5, 1.5), occurred=T0 + HOUR, filed=T0 + HOUR, term=24 * HOUR, severity=1),
        "E": add(db, town, "E", point(0.5, 0.5), occurred=T0 + 24 * HOUR, filed=T0 + 24 * HOUR),
        "F": add(db, town, "F", point(1.5, 0.5), occurred=T0 + HOUR, filed=T0 + 5 * HOUR),
    }


def asked(browser, path, at, **more):
    query = "&".join(
        f"{name}={value}" for name, value in {"as_of": at.isoformat().replace("+00:00", "Z"), **more}.items()
    )
    answer = browser.get(f"/api/v1{path}?{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.json


def tile_counts(browser, at):
    answer = browser.get(f"{TILE}?as_of={at.isoformat().replace('+00:00', 'Z')}")
    features = mapbox_vector_tile.decode(answer.data).get("incidents", {"features": []})["features"]
    facts = [feature["properties"] for feature in features]
    return sum(fact.get("n") or 1 for fact in facts), sum(fact["overdue"] for fact in facts)


# Hours after T0, and what is open and overdue then, counted by hand on the lives of the fixture and of `deferred`.
BY_HAND = {-1: (0, 0), 0: (2, 0), 1: (4, 0), 2.5: (5, 1), 3: (4, 1), 3.5: (4, 2), 5: (4, 1), 8: (3, 1), 30: (4, 3)}


@pytest.fixture
def deferred(db, town):
    """D: filed at once and due in two hours; in the fourth, its deadline was put off."""
    later = T0 + 30 * HOUR
    key = add(db, town, "D", point(1.5, 1.5), occurred=T0, filed=T0)
    told(db, key, ("defer", "filed", T0 + 4 * HOUR, {"due_at": later.isoformat()}), first=3)
    db.execute(text("UPDATE incident SET due_at = :due WHERE id = :id"), {"due": later, "id": key})


def test_queue_numbers_load_areas_and_tiles_agree_with_each_other_and_with_hand_sql(db, operator, day, deferred):
    for hours, expected in BY_HAND.items():
        at = T0 + hours * HOUR
        assert by_hand(db, at) == expected
        agree_at(operator, at, expected)


def by_hand(db, at):
    rows = db.execute(
        text(
            "SELECT i.id, max(l.data #>> '{set,due_at}') AS due FROM incident i"
            " JOIN incident_log l ON l.incident_id = i.id AND l.at <= :at"
            " GROUP BY i.id HAVING NOT bool_or(l.to_state = 'closed')"
        ),
        {"at": at},
    ).all()
    return len(rows), sum(row.due is not None and datetime.fromisoformat(row.due) < at for row in rows)


def agree_at(operator, at, expected):
    queue = asked(operator, "/incidents", at)
    load = asked(operator, "/grids/load", at)["items"].values()
    numbers = asked(operator, "/numbers", at)
    district, *_ = asked(operator, "/areas", at, kind="district")["items"]
    grids = asked(operator, "/grids", at)["items"]
    assert (queue["total"], sum(row["overdue"] for row in queue["items"])) == expected
    assert (numbers["open"], numbers["overdue"]) == expected
    assert tuple(map(sum, zip(*load, strict=True))) == (expected if load else ())
    assert (district["open"], district["overdue"]) == expected
    assert (sum(grid["open"] for grid in grids), sum(grid["overdue"] for grid in grids)) == expected
    assert tile_counts(operator, at) == expected


def test_an_incident_is_listed_as_it_stood(operator, day):
    rows = {row["id"]: row for row in asked(operator, "/incidents", T0 + 2.5 * HOUR)["items"]}
    assert set(rows) == {day["A"], day["B"], day["C"], day["F"]}
    late = rows[day["F"]]
    # It was told and not filed yet: no clock ran.
    assert (late["state"], late["due_at"], late["overdue"]) == ("reported", None, False)
    # What was closed later was open then, and says nothing of its end.
    assert (rows[day["A"]]["state"], rows[day["A"]]["closed_at"]) == ("filed", None)


def test_the_past_queue_is_in_order_of_the_deadlines_of_that_time(operator, day):
    ids = [row["id"] for row in asked(operator, "/incidents", T0 + 2.5 * HOUR)["items"]]
    assert ids == [day["A"], day["B"], day["C"], day["F"]]
    first = operator.get(f"/api/v1/incidents?limit=1&as_of={(T0 + 2.5 * HOUR).isoformat().replace('+00:00', 'Z')}").json
    walked = [first["items"][0]["id"]]
    while first["next"]:
        first = operator.get(first["next"]).json
        walked.append(first["items"][0]["id"])
    assert walked == ids


def test_states_closed_and_all_are_those_of_then(operator, day):
    at = T0 + 4 * HOUR
    assert [row["id"] for row in asked(operator, "/incidents", at, state="closed")["items"]] == [day["B"]]
    assert {row["id"] for row in asked(operator, "/incidents", at, state="reported")["items"]} == {day["F"]}
    assert {row["id"] for row in asked(operator, "/incidents", at, state="all")["items"]} == set(day.values()) - {
        day["E"]
    }


def test_a_township_looks_back_at_itself_alone(app, db, town, day):
    south = over_south(app, db, town)
    at = T0 + 2.5 * HOUR
    assert [row["id"] for row in asked(south, "/incidents", at)["items"]] == [day["F"]]
    assert asked(south, "/numbers", at)["open"] == 1
    assert tile_counts(south, at)[0] == 1


def test_today_is_now_and_what_has_not_come_yet_is_refused_wherever_it_is_asked(operator, day):
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    assert operator.get(f"/api/v1/numbers?as_of={today}").json["devices"] is not None
    lon, lat = point(0.5, 0.5)
    doors = ["/incidents", "/numbers", "/grids", "/grids/load", "/people", "/maps/document"]
    doors.append(f"/locate?lon={lon}&lat={lat}")
    for door in doors:
        answer = operator.get(f"/api/v1{door}{'&' if '?' in door else '?'}as_of=2199-01-01")
        assert (answer.status_code, answer.json["where"]) == (422, "/as_of"), door
    many = operator.post("/api/v1/locate", {"points": [[lon, lat]], "as_of": "2199-01-01"})
    assert many.status_code == 422
    assert operator.get("/tiles/grids/10/836/403.mvt?as_of=2199-01-01").status_code == 422


def test_an_edition_that_takes_effect_at_an_hour_turns_grids_load_and_queue_at_that_hour(db, operator, town, day):
    change = T0 + 2 * HOUR + timedelta(minutes=15)
    # C gives way: B's lower neighbour D takes the whole row over.
    wide = square(0, 1).union(square(1, 1))
    drafts = [draft for draft in grid_drafts() if draft.code not in (CODE["C"], CODE["D"])]
    drafts.append(GridDraft(CODE["D"], "网格 D", "urban", CODE["D"][:12], 800, wide, {"en": "Grid D"}))
    publish_coverage(db, town.district_id, drafts, base_edition=1, effective_at=change)
    before, after = change - timedelta(minutes=1), change + timedelta(minutes=1)
    assert wide.area == 2 * SIDE**2

    def holder(at):
        row = next(row for row in asked(operator, "/incidents", at)["items"] if row["id"] == day["C"])
        return row["grid"]["code"]

    assert (holder(before), holder(after)) == (CODE["C"], CODE["D"])
    assert str(town.grid_ids["C"]) in asked(operator, "/grids/load", before)["items"]
    assert str(town.grid_ids["D"]) in asked(operator, "/grids/load", after)["items"]
    assert (asked(operator, "/grids/load", before)["edition"], asked(operator, "/grids/load", after)["edition"]) == (
        1,
        2,
    )
    assert len(asked(operator, "/grids", before)["items"]) == 6
    assert len(asked(operator, "/grids", after)["items"]) == 5
    card = asked(operator, f"/grids/{CODE['D']}", after)
    assert [row["id"] for row in card["incidents"]] == [day["C"]]
    gone = operator.get(f"/api/v1/grids/{CODE['C']}?as_of={after.isoformat().replace('+00:00', 'Z')}")
    assert gone.status_code == 404
    assert "那一天" in gone.json["detail"]
    editions = operator.get("/api/v1/editions").json["items"]
    assert [edition["n"] for edition in editions] == [1, 2]


def test_the_rhythm_counts_quarters_by_severity(operator, day):
    answer = operator.get("/api/v1/incidents/rhythm?from=2026-01-05T01:00:00Z&to=2026-01-06T01:00:00Z").json
    assert answer["bars"] == [
        {"n": 0, "by_severity": {"3": 1}},
        {"n": 4, "by_severity": {"1": 1, "3": 1}},
        {"n": 8, "by_severity": {"3": 1}},
    ]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=2026-01-05", 400),
        ("from=2026-01-06&to=2026-01-05", 422),
        ("from=2026-01-01&to=2026-03-01", 422),
        ("from=x&to=2026-01-05", 422),
    ],
)
def test_a_rhythm_of_no_time_or_of_too_much_is_refused(operator, query, status):
    assert operator.get(f"/api/v1/incidents/rhythm?{query}").status_code == status


def test_a_history_brings_the_outlines_for_its_small_maps(db, operator, town):
    drafts = grid_drafts()
    drafts[0] = GridDraft(
        CODE["A"], "网格 A", "urban", CODE["A"][:12], 400, square(0, 2).intersection(square(0, 2).buffer(-50)), {}
    )
    newest, oldest = history_after(db, operator, town, drafts)
    assert newest["outline"]["type"] == oldest["outline"]["type"] == "Polygon"
    assert newest["outline"] != oldest["outline"]
    assert newest["from"][0]["outline"] == oldest["outline"]


def history_after(db, operator, town, drafts):
    publish_coverage(db, town.district_id, drafts, base_edition=1, effective_at=T0)
    return operator.get(f"/api/v1/grids/{CODE['A']}/history").json["items"]


def test_a_wall_sees_figures_of_people_and_devices_and_neither_of_them(app, db, operator, town, day):
    wall = app.test_client()
    opened = open_session(db, operator.person_id, Visit("127.0.0.1", "test", "wall"), datetime.now(UTC))
    wall.set_cookie(SESSION_COOKIE, opened.token, domain=HOST, secure=True)

    def get(path):
        return wall.get(path, base_url=f"https://{HOST}")

    numbers = get("/api/v1/numbers")
    assert numbers.status_code == 200
    assert set(numbers.json) >= {"open", "open_yesterday", "overdue_yesterday", "staff", "devices_silent"}
    assert [get(f"/api/v1/{door}").status_code for door in ("people", "devices")] == [403, 403]
    assert get("/wall").status_code == 200
    # Whoever signed in for a wall is shown the wall, not a desk without rights.
    assert get("/").headers["Location"] == "/wall"


def test_the_numbers_of_yesterday_are_those_of_this_hour_a_day_ago(operator, day):
    answer = asked(operator, "/numbers", T0 + 26.5 * HOUR)
    then = asked(operator, "/numbers", T0 + 2.5 * HOUR)
    assert (answer["open_yesterday"], answer["overdue_yesterday"]) == (then["open"], then["overdue"])
    assert then["open"] == 4


def test_who_may_see_no_place_may_still_look_back_at_its_own(app, db, town, day):
    planner = over_all(app, db, town, Role.PLANNER)
    rows = asked(planner, "/incidents", T0 + 2.5 * HOUR)["items"]
    assert {row["place"] for row in rows} == {None}


def test_who_sees_figures_alone_finds_a_number_without_its_place(app, db, town, operator):
    key = add_incident(db, town, "A", point(0.5, 2.5))
    db.execute(text("UPDATE incident SET number = '2026-0101-0001' WHERE id = :id"), {"id": key})
    for reader, placed in ((operator, True), (over_all(app, db, town, Role.PLANNER), False)):
        (hit,) = [hit for hit in reader.get("/api/v1/search?q=2026-0101").json["items"] if hit["kind"] == "incident"]
        assert (hit["id"], hit["lon"] is not None, hit["lat"] is not None) == (key, placed, placed)
