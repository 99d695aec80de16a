"""What a plan must change, what it does to people and open work; both equal to counting everything anew."""

from __future__ import annotations

import random
import uuid

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import text

from geodata.coverage import find_defects
from geodata.coverage.edit import CarveOut, HandOver, MoveEdge, Restore
from geodata.coverage.edit.edits import Kept
from geodata.crs import shapes_to_lonlat
from gridmap.planning.checking import Level, check
from gridmap.planning.coverage import coverage_defects
from gridmap.planning.drafting import draft_of
from gridmap.planning.editing import apply_edit, undo
from gridmap.planning.ground import ground_of
from gridmap.planning.handing import handed
from gridmap.planning.holdings import inherited
from gridmap.planning.impact import MOVING, impact, kept_impact, loads_of
from gridmap.planning.notes import comment, give_reason
from gridmap.planning.replay import EditNotPossible
from tests.planning.turning import (
    HOUR,
    add_staff,
    approved,
    drawn,
    halved,
    merged,
    open_incident,
    rows,
    strip,
    turn,
)
from tests.worlds import BOTTOM, CODE, LEFT, NOON, SIDE, SRID


def found(db, plan_id, code=None):
    findings = check(db, draft_of(db, plan_id), NOON).items
    return [item for item in findings if item.level is not Level.OK and code in (None, item.code)]


def told(items):
    return [(item.key, item.level) for item in items]


def slice_of(west, east):
    """A piece of A between two distances from its western border, given to B, metres."""
    piece = shapely.box(LEFT + west, BOTTOM + 2 * SIDE, LEFT + east, BOTTOM + 3 * SIDE)
    return HandOver(CODE["A"], CODE["B"], tuple(piece.exterior.coords))


def kind_of(db, letter, kind):
    db.execute(text("UPDATE grid_version SET kind = :k WHERE code = :c"), {"k": kind, "c": CODE[letter]})


def redrawn(db, street, letter, **changes):
    """A plan in which only what is said of a grid changes, as an import may bring it."""
    plan = drawn(db, street.author)
    plot = draft_of(db, plan).base[CODE[letter]]
    kept = Kept(plot.plane.wkb_hex, plot.community, plot.kind, plot.households, plot.owner)
    fields = {name: getattr(kept, name) for name in ("plane", "community", "kind", "households", "owner")} | changes
    apply_edit(db, street.author, plan, uuid.uuid4(), Restore({plot.id: Kept(**fields)}), NOON)
    return plan


@pytest.mark.parametrize(("n", "flagged"), [(299, True), (300, False), (500, False), (501, True)])
def test_an_urban_grid_has_300_to_500_households(db, street, n, flagged):
    plan = redrawn(db, street, "A", households=n)
    items = found(db, plan)
    assert told(items) == ([(f"size:{CODE['A']}", Level.LOOK)] if flagged else [])
    if flagged:
        assert str(n) in items[0].detail.told("en")
        assert (items[0].place[0] - LEFT) // SIDE == 0


def test_rural_and_dedicated_grids_may_have_any_number(db, street):
    kind_of(db, "A", "rural")
    assert found(db, redrawn(db, street, "A", households=7)) == []


def test_a_plan_that_changes_nothing_has_nothing_to_look_at(db, street):
    plan = drawn(db, street.author)
    items = check(db, draft_of(db, plan), NOON).items
    assert {item.level for item in items} == {Level.OK}
    assert {item.code for item in items} == {
        "coverage", "community", "cut", "name", "size", "village", "owner", "staff",
    }  # fmt: skip


def test_a_building_that_a_new_border_cuts_must_be_settled(db, street):
    """Houses of A stand 380 to 400 m east of its western border: the border at 390 m cuts all five."""
    plan = drawn(db, street.author, slice_of(390, 500))
    items = found(db, plan, "cut")
    assert {item.level for item in items} == {Level.MUST}
    assert len(items) == 5
    assert "200.0 m²" in items[0].detail.told("en")
    apply_edit(db, street.author, plan, uuid.uuid4(), slice_of(370, 390), NOON)
    assert found(db, plan, "cut") == []


def test_a_cut_that_stands_today_is_not_the_plans(db, street):
    db.execute(
        text("UPDATE site SET shape = ST_GeomFromWKB(:shape, 4326) WHERE name = 'A0'"),
        {"shape": shapely.to_wkb(lonlat(shapely.box(LEFT - 10, BOTTOM + 1100, LEFT + 30, BOTTOM + 1120)))},
    )
    assert found(db, drawn(db, street.author, strip("A", "B")), "cut") == []


def lonlat(shape):
    return shapes_to_lonlat([shape], SRID)[0]


def test_a_grid_without_anybody_must_be_staffed_first(db, street):
    db.execute(text("DELETE FROM assignment WHERE grid_id = :g AND lower(valid) > now()"), {"g": 0})
    db.execute(
        text("UPDATE assignment SET valid = tstzrange(lower(valid), :t) WHERE grid_id = :g"),
        {"t": NOON, "g": street.town.grid_ids["A"]},
    )
    plan = drawn(db, street.author, halved())
    assert told(found(db, plan, "staff")) == [(f"staff:{CODE['A']}", Level.MUST), ("staff:new-1", Level.MUST)]
    add_staff(db, street.town, "A", "chief")
    assert found(db, plan, "staff") == []


def test_a_rural_grid_of_two_villages_needs_a_reason(db, street):
    for letter in "EF":
        kind_of(db, letter, "rural")
    plan = drawn(db, street.author, merged("E", "F"))
    items = found(db, plan)
    assert told(items) == [(f"village:in:{CODE['E']}", Level.LOOK)]
    assert items[0].detail.told("en") == "网格 E holds houses of 2 villages: 网格 E, 网格 F."


def test_a_village_that_would_be_divided_needs_a_reason(db, street):
    kind_of(db, "E", "rural")
    items = found(db, drawn(db, street.author, halved("E")))
    assert told(items) == [(f"village:of:{CODE['E']}", Level.LOOK)]
    assert items[0].detail.told("en").startswith("The houses of 网格 E would lie in 2 grids")


def test_an_institution_has_one_dedicated_grid(db, street):
    school = uuid.uuid4()
    db.execute(
        text(
            "INSERT INTO site (id, kind, name, shape, path, valid) VALUES (:id, 'school', '柳溪中学',"
            " ST_SetSRID(ST_MakePoint(114.2, 35.72), 4326), '1', tstzrange(NULL, NULL))"
        ),
        {"id": school},
    )
    pieces = [shapely.box(LEFT + x, BOTTOM + 1420, LEFT + x + 60, BOTTOM + 1500) for x in (200, 300)]
    edits = [CarveOut(f"new-{n}", str(school), tuple(piece.exterior.coords)) for n, piece in enumerate(pieces)]
    plan = drawn(db, street.author, *edits)
    assert told(found(db, plan, "owner")) == [("owner:new-1", Level.LOOK)]
    assert "staff" not in {item.code for item in found(db, plan)}, "its people are those of the grid around it"


def test_ground_that_goes_to_another_community_needs_a_reason(db, street):
    y = BOTTOM + 2 * SIDE
    down = MoveEdge(tuple(((LEFT + x * SIDE, y), (LEFT + x * SIDE, y - 20)) for x in (1,)))
    assert [level for _, level in told(found(db, drawn(db, street.author, down), "community"))] == [Level.LOOK] * 2


def test_a_reason_is_kept_for_what_it_explains_and_for_nothing_else(db, street):
    plan = drawn(db, street.author, halved())
    few = [item.key for item in found(db, plan)]
    assert few == [f"size:{CODE['A']}", "size:new-1"]
    give_reason(db, street.author, plan, uuid.uuid4(), few[0], "明年交房", NOON)
    assert [item.key for item in check(db, draft_of(db, plan), NOON).unexplained] == ["size:new-1"]
    with pytest.raises(Exception, match="nothing of this name"):
        give_reason(db, street.author, plan, uuid.uuid4(), "coverage", "不好", NOON)
    comment(db, street.other, plan, uuid.uuid4(), "东边再看看", NOON)
    assert rows(db, "SELECT kind, body FROM plan_note WHERE plan_id = :p ORDER BY kind", p=plan) == [
        ("comment", "东边再看看"),
        ("reason", "明年交房"),
    ]


def random_edit(rng):
    letters = rng.sample("ABCDEF", 2)
    return rng.choice(
        [
            lambda: halved(letters[0], f"new-{rng.randrange(10**9)}"),
            lambda: merged(*letters),
            lambda: strip(rng.choice("ACE"), rng.choice("BDF")),
            lambda: slice_of(rng.choice((200, 300, 410, 440)), 500),
        ]
    )()


def test_check_and_impact_of_what_changed_equal_counting_everything(db, street):
    """Random edits, some undone: after each, the whole coverage is checked and every thing located anew."""
    rng = random.Random(5)
    for at in ((0.75, 2.5), (0.25, 2.4), (1.5, 0.5), (0.9, 1.5)):
        open_incident(db, at)
    plan, done = drawn(db, street.author), 0
    while done < 9:
        try:
            with db.begin_nested():
                if rng.random() < 0.25 and done:
                    undo(db, street.author, plan, uuid.uuid4(), NOON)
                else:
                    apply_edit(db, street.author, plan, uuid.uuid4(), random_edit(rng), NOON)
        except EditNotPossible:
            db.expire_all()
            continue
        done += 1
        draft = draft_of(db, plan)
        assert coverage_defects(draft) == whole_coverage_defects(draft) == []
        figures = impact(db, draft, NOON)
        assert {grid: load.told() for grid, load in figures.after.items()} == located_anew(db, draft, figures)
        urban = [plot for plot in draft.redrawn().values() if plot is not None and plot.kind == "urban"]
        out = {f"size:{plot.id}" for plot in urban if not 300 <= plot.households <= 500}
        assert {item.key for item in found(db, plan, "size")} == out


def whole_coverage_defects(draft):
    shapes = gpd.GeoSeries({key: plot.plane for key, plot in draft.sheet.plots.items()}, crs=SRID)
    return find_defects(shapes, outline=shapely.coverage_union_all([plot.plane for plot in draft.base.values()]))


def located_anew(db, draft, figures):
    """Every thing of the town counted in the polygon that holds it, by the database."""
    counts = {}
    for grid in figures.after:
        plot = draft.sheet.plots[grid]
        shape = shapely.to_wkb(lonlat(plot.plane))
        n = rows(
            db,
            "SELECT (SELECT count(*) FROM site WHERE kind = 'building'"
            "  AND ST_Contains(ST_GeomFromWKB(:s, 4326), ST_PointOnSurface(shape))),"
            " (SELECT sum(households) FROM site WHERE kind = 'building'"
            "  AND ST_Contains(ST_GeomFromWKB(:s, 4326), ST_PointOnSurface(shape))),"
            " (SELECT count(*) FROM device_pose WHERE ST_Contains(ST_GeomFromWKB(:s, 4326), place)),"
            " (SELECT count(*) FROM incident WHERE closed_at IS NULL"
            "  AND ST_Contains(ST_GeomFromWKB(:s, 4326), place))",
            s=shape,
        )[0]
        staff = figures.after[grid].staff
        assert plot.households == (n[1] or 0)
        counts[grid] = {
            "households": n[1] or 0,
            "buildings": n[0],
            "sites": 0,
            "devices": n[2],
            "open_incidents": n[3],
            "due_visits": 0,
            "staff": staff,
            "per_person": round((n[1] or 0) / staff, 1),
        }
    return counts


def test_the_rows_behind_each_figure_are_as_many_as_it_says(db, street):
    for at in ((0.95, 2.5), (0.25, 2.4)):
        open_incident(db, at)
    draft = draft_of(db, drawn(db, street.author, strip("A", "B"), merged("E", "F")))
    gained = inherited(db, draft, NOON)
    figures = impact(db, draft, NOON)
    behind = {kind: handed(db, draft, gained, kind, NOON) for kind in MOVING}
    assert figures.moves == {
        "households": 200 + 400,
        "buildings": 5 + 10,
        "sites": 0,
        "devices": 1,
        "open_incidents": 1,
        "due_visits": 0,
        "staff": 1,
    }
    assert sum(row.households for row in behind["households"]) == figures.moves["households"]
    assert all(len(behind[kind]) == figures.moves[kind] for kind in MOVING if kind != "households")
    told = {(row.source, row.target, row.place) for row in behind["open_incidents"]}
    assert told == {(CODE["A"], CODE["B"], None)}, "who plans does not read where incidents lie"
    assert handed(db, draft, gained, "households", NOON, roots=[street.town.area_path("C")]) == []
    assert len(handed(db, draft, gained, "buildings", NOON, grid=CODE["A"])) == 5


def test_before_is_what_the_grids_answer_for_today(db, street):
    open_incident(db, (0.75, 2.5))
    draft = draft_of(db, drawn(db, street.author, halved()))
    figures = impact(db, draft, NOON)
    assert figures.before == loads_of(db, draft.ground, [CODE["A"]], NOON)
    today = figures.before[CODE["A"]].told()
    assert (today["households"], today["buildings"], today["devices"], today["open_incidents"]) == (400, 10, 1, 1)


def test_loads_are_told_for_the_whole_community(db, street):
    (community,) = impact(db, draft_of(db, drawn(db, street.author, strip("A", "B"))), NOON).communities
    assert community.name == "清河"
    assert community.before == {CODE["A"]: 400, CODE["B"]: 400}
    assert community.after == {CODE["A"]: 200, CODE["B"]: 600}
    assert (community.spread_before, community.spread_after) == (0, 0.5)


def test_what_a_published_plan_did_is_kept_as_it_was_counted(db, street):
    """And it is what is counted afterwards by who answers for each thing."""
    open_incident(db, (0.95, 2.5))
    plan = approved(db, street, strip("A", "B"), halved("E"))
    expected = impact(db, draft_of(db, plan), NOON)
    assert turn(db, plan, NOON + HOUR).edition == 2
    draft = draft_of(db, plan)
    assert kept_impact(draft) == expected
    codes = {grid: draft.labels[grid].code for grid in expected.after}
    ground = ground_of(db, street.town.district_id, 2)
    now = loads_of(db, ground, list(codes.values()), NOON + HOUR)
    assert {grid: now[code] for grid, code in codes.items()} == expected.after
