"""Plans as the planner's page uses them: drawing over HTTP, refusals with their places, lists in scope."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import text

from gridmap.errors import Invalid
from gridmap.people.rules import Role
from gridmap.planning import editing, proposing
from gridmap.settings import load_settings
from tests.clients import Browser
from tests.desks import over_all, signed_in
from tests.worlds import CODE, point
from webapp import create_app


@pytest.fixture(scope="module")
def app():
    return create_app(load_settings(api_per_minute=100_000))


@pytest.fixture
def planner(app, db, street) -> Browser:
    return over_all(app, db, street.town, Role.PLANNER)


def uid():
    return str(uuid.uuid4())


def begin(planner, title="站前街道夏季调优"):
    answer = planner.post("/api/v1/plans", {"id": uid(), "title": title})
    assert answer.status_code == 201
    return answer.json


def draw(planner, plan, op, after=0, **args):
    return planner.post(f"/api/v1/plans/{plan}/edits", {"id": uid(), "after": after, "op": op, "args": args})


def halves(column=0.5, letter="A", row=2):
    return {"grid": CODE[letter], "line": [point(column, row - 0.01), point(column, row + 1.01)], "new": ["new-1"]}


def ends(ring):
    return {tuple(corner) for corner in ring}


def test_a_plan_is_begun_once_with_a_number_of_the_year(planner):
    body = {"id": uid(), "title": "  站前街道夏季调优 "}
    first, again = planner.post("/api/v1/plans", body), planner.post("/api/v1/plans", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    year = first.json["created_at"][:4]
    assert (first.json["number"], first.json["title"]) == (f"P-{year}-01", "站前街道夏季调优")
    assert first.json["can"] == ["edit", "withdraw"]
    assert begin(planner)["number"] == f"P-{year}-02"
    assert planner.post("/api/v1/plans", body | {"title": "别的"}).status_code == 409


def test_a_grid_is_renamed_and_lists_say_what_it_was_called(planner):
    plan = begin(planner)["id"]
    told = draw(planner, plan, "rename", grid=CODE["A"], name="锦绣", name_en="Brocade").json
    (feature,) = told["changed"]
    assert (feature["properties"]["name"], feature["properties"]["name_en"]) == ("锦绣", "Brocade")
    assert (feature["properties"]["code"], feature["properties"]["change"]) == (CODE["A"], "changed")
    was = told["edit"]["was"]["name"]
    (listed,) = planner.get(f"/api/v1/plans/{plan}").json["edits"]
    (counted,) = told["impact"]["grids"]
    assert (listed["was"]["name"], counted["was"]["name"], counted["name"]) == (was, was, "锦绣")
    assert was != "锦绣"
    refused = draw(planner, plan, "rename", after=1, grid=CODE["A"], name="x" * 81)
    assert (refused.status_code, "80" in refused.json["detail"]) == (400, True), refused.json


def test_what_redraws_a_whole_district_has_longer_than_other_requests(planner, db, monkeypatch):
    """767 grids of a file are proved and weighed between two statements; so they are when they are taken back."""
    plan, seen = begin(planner)["id"], []

    def asked(db, *_, **__):
        seen.append(db.scalar(text("SELECT current_setting('idle_in_transaction_session_timeout')")))
        raise Invalid("enough")

    for module, name, path in (
        (proposing, "take", f"proposals/{uid()}/take"),
        (editing, "undo", "undo"),
        (editing, "redo", "redo"),
    ):
        monkeypatch.setattr(module, name, asked)
        db.execute(text("SELECT set_config('idle_in_transaction_session_timeout', '10s', true)"))
        assert planner.post(f"/api/v1/plans/{plan}/{path}", {"id": uid()}).status_code == 422
    assert seen == ["2min"] * 3


def test_a_split_is_drawn_in_degrees_and_all_that_changed_comes_back(planner):
    plan = begin(planner)["id"]
    answer = draw(planner, plan, "split", **halves())
    assert answer.status_code == 201
    told = answer.json
    assert (told["seq"], told["edit"]["op"], told["gone"]) == (1, "split", [])
    changed = {feature["id"]: feature["properties"] for feature in told["changed"]}
    assert {grid: (p["change"], p["households"], p["base_households"], p["staff"]) for grid, p in changed.items()} == {
        CODE["A"]: ("changed", 200, 400, 1),
        "new-1": ("new", 200, None, 0),
        CODE["C"]: ("same", 400, 400, 1),
    }
    (piece,) = told["moved"]
    assert (piece["from"], piece["to"], piece["households"], piece["piece"]["type"]) == (
        CODE["A"],
        "new-1",
        200,
        "Polygon",
    )
    assert told["check"]["must"] == 0
    assert told["check"]["unexplained"] == 2
    assert told["impact"]["totals"]["households_moved"] == 200
    assert told["edit"]["args"]["line"][0] == pytest.approx(point(0.5, 1.99), abs=1e-7)
    both = [next(f for f in told["changed"] if f["id"] == grid)["geometry"] for grid in (CODE["A"], "new-1")]
    shared = ends(both[0]["coordinates"][0]) & ends(both[1]["coordinates"][0])
    assert len(shared) == 2, "the new border has the same ends on both sides, to the last digit"


def test_a_corner_taken_from_the_map_is_found_again_to_the_centimetre(planner):
    plan = begin(planner)["id"]
    features = planner.get(f"/api/v1/plans/{plan}/grids").json["features"]
    rings = [ends(feature["geometry"]["coordinates"][0]) for feature in features]
    (corner,) = [xy for xy in rings[0] if sum(xy in ring for ring in rings) == 4]
    to = point(1.03, 2.02)
    answer = draw(planner, plan, "move_vertex", at=list(corner), to=list(to))
    assert answer.status_code == 201
    assert len(answer.json["changed"]) == 4, "every grid that has the corner follows"


def test_a_refused_edit_is_a_sentence_with_its_places_and_nothing_changes(planner):
    plan = begin(planner)["id"]
    short = halves() | {"line": [point(0.5, 2.2), point(0.5, 2.6)]}
    answer = draw(planner, plan, "split", **short)
    assert answer.status_code == 422
    problem = answer.json
    assert problem["detail"]
    assert problem["grids"] == [CODE["A"]]
    assert all(114 < lon < 115 and 35 < lat < 36 for lon, lat in problem["places"])
    assert problem["places"]
    assert planner.get(f"/api/v1/plans/{plan}").json["edits"] == []


@pytest.mark.parametrize(
    ("op", "args", "status"),
    [
        ("split", {"grid": CODE["A"], "line": [[114.2, 35.7], [114.2, 95]], "new": ["new-1"]}, 422),
        ("split", {"grid": CODE["A"], "line": [[518000, 3954000], [518000, 3955000]], "new": ["new-1"]}, 422),
        ("split", {"grid": CODE["A"], "line": "x", "new": ["new-1"]}, 400),
        ("split", {"grid": CODE["A"], "new": ["new-1"]}, 400),
        ("split", halves() | {"colour": "red"}, 400),
        ("split", halves() | {"new": ["990106001001099"]}, 400),
        ("restore", {"plots": {CODE["A"]: None}}, 422),
        ("redraw", {"grids": [CODE["A"]], "parts": []}, 422),
        ("merge", {"grids": [CODE["A"]]}, 422),
    ],
)
def test_what_is_no_edit_is_refused(planner, op, args, status):
    plan = begin(planner)["id"]
    answer = draw(planner, plan, op, **args)
    assert answer.status_code == status
    assert answer.json["detail"].endswith((".", "。"))
    assert planner.get(f"/api/v1/plans/{plan}").json["edits"] == []


def test_who_drew_on_an_old_state_is_told_what_changed(planner):
    plan = begin(planner)["id"]
    draw(planner, plan, "split", **halves())
    answer = draw(planner, plan, "merge", grids=[CODE["E"], CODE["F"]])
    assert answer.status_code == 409
    assert answer.json["seq"] == 1
    assert [edit["op"] for edit in answer.json["edits"]] == ["split"]
    assert draw(planner, plan, "merge", after=1, grids=[CODE["E"], CODE["F"]]).json["gone"] == [CODE["F"]]


def test_undone_edits_stay_in_the_list_and_come_back(planner):
    plan = begin(planner)["id"]
    draw(planner, plan, "split", **halves())
    draw(planner, plan, "merge", after=1, grids=[CODE["E"], CODE["F"]])
    first = planner.get(f"/api/v1/plans/{plan}").json["edits"][-1]["id"]
    undone = planner.post(f"/api/v1/plans/{plan}/undo", {"id": uid(), "edit": first}).json
    assert (undone["edit"]["id"], undone["edit"]["undone"], undone["gone"]) == (first, True, ["new-1"])
    listed = planner.get(f"/api/v1/plans/{plan}").json
    assert [(edit["seq"], edit["undone"]) for edit in listed["edits"]] == [(2, False), (1, True)]
    assert (listed["edits_n"], listed["grids_after"], listed["households_moved"]) == (1, 5, 400)
    redone = planner.post(f"/api/v1/plans/{plan}/redo", {"id": uid()}).json
    assert "new-1" in {feature["id"] for feature in redone["changed"]}
    assert planner.post(f"/api/v1/plans/{plan}/redo", {"id": uid()}).status_code == 422


def test_the_draft_is_a_map_and_what_differs_is_shown_with_how_it_was(planner):
    plan = begin(planner)["id"]
    draw(planner, plan, "split", **halves())
    whole = planner.get(f"/api/v1/plans/{plan}/grids").json
    assert len(whole["features"]) == 7
    only = planner.get(f"/api/v1/plans/{plan}/grids?changed=1").json
    assert {feature["id"] for feature in only["features"]} == {CODE["A"], "new-1"}
    assert [feature["id"] for feature in only["before"]] == [CODE["A"]]
    west, south, east, north = (*point(0.1, 0.1), *point(0.2, 0.2))
    near = planner.get(f"/api/v1/plans/{plan}/grids?bbox={west},{south},{east},{north}").json
    assert [feature["id"] for feature in near["features"]] == [CODE["E"]]


def test_each_number_opens_its_rows_in_pages(planner):
    plan = begin(planner)["id"]
    draw(planner, plan, "split", **halves())
    seen, link = [], f"/api/v1/plans/{plan}/impact/buildings?limit=2"
    while link:
        page = planner.get(link).json
        seen += [row["id"] for row in page["items"]]
        link = page["next"]
    assert len(set(seen)) == len(seen) == 5
    row = page["items"][0]
    assert (row["from"]["id"], row["to"]["id"], row["households"]) == (CODE["A"], "new-1", 40)
    assert planner.get(f"/api/v1/plans/{plan}/impact/colours").status_code == 404
    one = planner.get(f"/api/v1/plans/{plan}/impact?grids=new-1").json["grids"]
    assert [(grid["id"], grid["before"], grid["after"]["buildings"]) for grid in one] == [("new-1", None, 5)]


def test_a_reason_is_typed_for_what_the_check_asks(planner):
    plan = begin(planner)["id"]
    draw(planner, plan, "split", **halves())
    asked = [
        item["key"] for item in planner.get(f"/api/v1/plans/{plan}/check").json["items"] if item["level"] == "look"
    ]
    for key in asked:
        told = planner.post(f"/api/v1/plans/{plan}/reasons", {"id": uid(), "item": key, "body": "明年交房"}).json
    assert (told["look"], told["unexplained"]) == (2, 0)
    assert {item["reason"] for item in told["items"] if item["level"] == "look"} == {"明年交房"}


def test_another_planner_reads_and_comments_but_does_not_draw(app, db, street, planner):
    plan = begin(planner)["id"]
    draw(planner, plan, "split", **halves())
    other = over_all(app, db, street.town, Role.PLANNER)
    assert draw(other, plan, "merge", after=1, grids=[CODE["E"], CODE["F"]]).status_code == 403
    told = other.post(f"/api/v1/plans/{plan}/notes", {"id": uid(), "body": "东边再看看"})
    assert told.status_code == 201
    assert [note["body"] for note in planner.get(f"/api/v1/plans/{plan}").json["notes"]] == ["东边再看看"]
    assert "edit" not in other.get(f"/api/v1/plans/{plan}").json["can"]


def test_a_planner_of_one_township_sees_plans_on_its_ground_alone(app, db, street, planner):
    mine, theirs = begin(planner, "北边")["id"], begin(planner, "南边")["id"]
    draw(planner, mine, "split", **halves())
    draw(planner, theirs, "split", **halves(letter="E", row=0))  # C, in the north, gains a corner by it
    north = street.town.area_path("A", "D")
    other = signed_in(app, db, Role.PLANNER, north, area_id=int(north.rsplit(".", 1)[-1]))
    assert [plan["title"] for plan in other.get("/api/v1/plans").json["items"]] == ["北边"]
    assert other.get(f"/api/v1/plans/{theirs}/grids").status_code == 404
    assert len(other.get(f"/api/v1/plans/{mine}/grids").json["features"]) == 5
    pages = planner.get("/api/v1/plans?limit=1").json
    assert [plan["id"] for plan in (*pages["items"], *planner.get(pages["next"]).json["items"])] == [theirs, mine]
    assert planner.get("/api/v1/plans?state=published").json["items"] == []


def test_there_is_something_to_snap_to(planner):
    plan = begin(planner)["id"]
    west, south, east, north = (*point(0.0, 2.0), *point(1.0, 3.0))
    features = planner.get(f"/api/v1/plans/{plan}/snap?bbox={west},{south},{east},{north}").json["features"]
    assert {feature["properties"]["grid"] for feature in features} == {CODE["A"]}
    assert len(features) == 10
    assert planner.get(f"/api/v1/plans/{plan}/snap").status_code == 422
