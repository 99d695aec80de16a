"""Every route, for every role, at things of its own, beside, above and elsewhere: the table of rights, door by door."""

from __future__ import annotations

import hashlib
import json
import math
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from geodata.coverage.edit import Split
from geodata.partition import Watch
from gridmap.grids.locating import Told
from gridmap.hotline.intake import receive_orders
from gridmap.hotline.rules import Caller, OrderDraft
from gridmap.incidents.actions import StepDraft, act
from gridmap.incidents.opening import open_for_reports
from gridmap.outbox.endpoints import EndpointDraft, add_endpoint, try_endpoint
from gridmap.outbox.outbound import Way
from gridmap.people.rules import Role, system_actor
from gridmap.planning.actions import PlanDraft, begin_plan
from gridmap.planning.editing import apply_edit
from gridmap.planning.proposing import Wish, ask
from gridmap.planning.zone_choices import work_out_zones
from gridmap.planning.zone_parts import Group
from gridmap.planning.zones import take_zones
from gridmap.planning.zoning import ZoneWish, ask_for_zones, zone_proposal, zone_task
from gridmap.reports.actions import ReportDraft, receive_reports
from gridmap.settings import load_settings
from gridmap.system.audit import Doer
from gridmap.whistles.actions import WhistleDraft, whistle
from tests.clients import HOST, Browser, Machine
from tests.database import joined_by_transactions, rolled_back
from tests.desks import in_grid, signed_in
from tests.pictures import photo
from tests.residents.doors import add_door_things
from tests.webapp.matrix import ROLES, ROUTES, TABLE, Door
from tests.worlds import BOTTOM, CODE, LEFT, NOON, SIDE, Town, add_device, add_person, build_town, person, point
from webapp import create_app
from webapp.shared.policy import CSRF_HEADER, SESSION_COOKIE

SAFE = {"GET", "HEAD", "OPTIONS"}
PHONE, REPORTER, NOTE = "13800005678", "赵无极", "说给同事听的话"

# Squares as in `tests.worlds`; K is the community of A and B, D the district: what could not be placed in a grid stands
# there. H and S lie in F: H was sent to the department, S to another one. R lies in F too and was reported, or is held,
# by the worker of A.
SPOTS = {"A": "A", "B": "B", "E": "E", "F": "F", "K": "A", "D": "A", "H": "F", "S": "F", "R": "F", "O": "F"}
IN_GRID = {"own": "A", "sibling": "B", "parent": "K", "other": "E"}
IN_NORTH = {"own": "A", "sibling": "E", "parent": "D", "other": "F"}
IN_DEPARTMENT = {"own": "H", "sibling": "S", "parent": "D", "other": "A"}
WHERE = {"worker": IN_GRID, "chief": IN_GRID, "department": IN_DEPARTMENT}
# What each role may read of, all in all; the rest must not stand in any answer.
WITHIN = {
    "worker": "ARO", "chief": "A", "township": "ABK", "operator": "ABK", "supervisor": "ABK", "planner": "ABK",
    "wall": "ABK", "department": "H", "auditor": "", "admin": "", "device": "", "public": "",
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """The town with something of every kind in every spot, and someone of every role."""

    town: Town
    client: FlaskClient
    headers: dict[str, dict[str, str]]
    things: dict[str, dict[str, str]]  # kind -> spot -> how an address names it
    numbers: dict[str, str]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return create_app(load_settings(demo=False, data_dir=tmp_path_factory.mktemp("data"), api_per_minute=1_000_000))


@pytest.fixture(scope="module")
def built(app, app_engine) -> Iterator[tuple[Session, World]]:
    """The world, made once; each request works in a savepoint of its own."""
    with rolled_back(app_engine) as db, joined_by_transactions(db):
        yield db, build_world(app, db)


@pytest.fixture
def db(built) -> Session:
    return built[0]


@pytest.fixture
def world(built) -> World:
    return built[1]


def build_world(app, db: Session) -> World:
    town = build_town(db)
    desks = people_of(app, db, town)
    worker = desks["worker"].person_id
    clerk = add_person(db, "clerk", REPORTER)
    db.execute(text("UPDATE person SET phone = :phone WHERE id = :id"), {"phone": PHONE, "id": worker})
    db.execute(text("UPDATE person SET locale = 'en'"))
    incidents, numbers = add_incidents(db, town, clerk, worker)
    photos = add_photos(db, desks["worker"], incidents, clerk)
    cameras = {letter: f"cam-{letter}" for letter in "ABEF"}
    devices = {code: add_device(db, town, code, letter, point(0.5, 2.5)) for letter, code in cameras.items()}
    machine = Machine(app, db, devices["cam-A"])
    marks = {role: marks_of(desk) for role, desk in desks.items()}
    marks |= {"device": {"Authorization": f"Bearer {machine.key}"}, "public": {"Origin": f"https://{HOST}"}}
    role_id = db.scalar(text("SELECT id FROM assignment WHERE person_id = :id"), {"id": worker})
    plans = add_plans(db, town, desks["planner"].person_id)
    far_end, message = add_far_end(db)
    things = {
        "incident": incidents,
        "photo": photos,
        **add_whistles(db, incidents),
        "grid": {letter: CODE[letter] for letter in "ABEF"},
        "device": cameras,
        "account": {"A": str(clerk)},
        "role": {"A": str(role_id)},
        "upload": {"A": str(uuid.uuid4())},
        "endpoint": {"A": far_end},
        "message": {"A": message},
        "plan": plans,
        "proposal": {letter: f"{plan}/proposals/{proposal_of(plan)}" for letter, plan in plans.items()},
        "zones": add_zones(db, town),
        **add_shifts(db, town, add_person(db, "sitter", "钱坐席")),
        **add_hazards(db, town),
        **add_orders(db),
        **add_door_things(db, town),
    }
    # Without a jar: a door that signs out must not take the cookie from the next one.
    return World(town, app.test_client(use_cookies=False), marks, things, numbers)


def add_orders(db: Session) -> dict[str, dict[str, str]]:
    """Orders of the hotline in the north and in the south, each with a call to make."""
    at, actor = datetime.now(UTC), system_actor(Doer(None, "system"))
    orders, calls = {}, {}
    for letter, (column, row) in {"A": (0.5, 2.5), "F": (1.5, 0.5)}.items():
        lon, lat = point(column, row)
        caller = Caller("王小明", "13800001234")
        draft = OrderDraft(uuid.uuid4(), "12345", letter, "路灯不亮", "0101", caller, {"lon": lon, "lat": lat})
        receive_orders(db, actor, [draft], at)
        orders[letter], calls[letter] = str(draft.id), str(uuid.uuid4())
        db.execute(
            text("INSERT INTO call_back (id, order_id, incident_id, closing_seq, closed_at, due_at)"
                 " SELECT :id, id, incident_id, 1, :at, :at FROM hotline_order WHERE id = :order"),
            {"id": calls[letter], "order": draft.id, "at": at},
        )  # fmt: skip
    return {"order": orders, "call": calls}


def add_shifts(db: Session, town: Town, clerk: int) -> dict[str, dict[str, str]]:
    """At the desks of the north, of the south and of the district: a turn, and a hand-over that waits."""
    desks = {"A": town.area_path("A", "D"), "F": town.area_path("E", "F").rsplit(".", 1)[0], "D": str(town.district_id)}
    names: dict[str, dict[str, str]] = {"turn": {}, "handover": {}}
    for hour, (spot, path) in enumerate(desks.items()):
        said = {"turn": uuid.uuid4(), "handover": uuid.uuid4(), "path": path, "clerk": clerk, "hour": hour}
        db.execute(
            text(
                "INSERT INTO desk_turn (id, path, person_id, valid, written_by, written_at) VALUES (:turn, :path,"
                " :clerk, tstzrange(now() + :hour * interval '1 hour', now() + (:hour + 1) * interval '1 hour'),"
                " :clerk, now())"
            ),
            said,
        )
        db.execute(
            text(
                "INSERT INTO handover (id, path, given_by, given_at, since, note, matters) VALUES (:handover, :path,"
                ' :clerk, now(), now(), \'交班\', CAST(\'{"figures": {}, "total": 0, "items": []}\' AS jsonb))'
            ),
            said,
        )
        for kind in names:
            names[kind][spot] = str(said[kind])
    return names


def add_hazards(db: Session, town: Town) -> dict[str, dict[str, str]]:
    """A hazard in every spot with its notice and a look-back, and a safe zone."""
    kinds = ("hazard", "notice", "look-back", "safe-zone")
    names: dict[str, dict[str, str]] = {kind: {} for kind in kinds}
    paths = {"K": town.path_of("A").rpartition(".")[0], "D": str(town.district_id)}
    for spot, letter in SPOTS.items():
        keys = {kind: uuid.uuid4() for kind in kinds}
        said = {kind.replace("-", "_"): key for kind, key in keys.items()} | {"spot": spot}
        said |= {"path": paths.get(spot, town.path_of(letter)), "grid": town.grid_ids[letter]}
        said |= {"code": {"H": "urban", "S": "water"}.get(spot)}
        said["what"] = f"密语{spot}"
        for statement in _HAZARDS:
            db.execute(text(statement), said)
        for kind, key in keys.items():
            names[kind][spot] = str(key)
    # Whoever answers for the middle of a zone ends it; to a department none of them is its own.
    names["safe-zone"] = {spot: names["safe-zone"][spot] for spot in "ABEFKD"}
    return names


_HAZARDS = (
    (
        "INSERT INTO hazard (id, number, place, grid_id, path, severity, what, department_id, state, found_at,"
        " recorded_at)"
        " SELECT :hazard, 'H-' || :spot, ST_SetSRID(ST_MakePoint(114.2, 35.7), 4326), :grid, :path, 3, :what,"
        " (SELECT id FROM department WHERE code = :code), 'rectifying', now(), now()"
    ),
    (
        "INSERT INTO notice (id, number, hazard_id, party, demands, locale, issued_at, document, sha256)"
        " VALUES (:notice,"
        " 'RN-' || :spot, :hazard, '物业', '整改', 'en', now(), 'paper', sha256('paper'))"
    ),
    "INSERT INTO look_back (id, hazard_id, due_at) VALUES (:look_back, :hazard, now())",
    (
        "INSERT INTO safe_zone (id, name, shape, path, valid, drawn_at) SELECT :safe_zone, '警戒区',"
        " ST_Buffer(ST_SetSRID("
        "ST_MakePoint(114.2, 35.7), 4326), 0.001), :path, tstzrange(now(), now() + interval '1 day'), now()"
    ),
)


def add_far_end(db: Session) -> tuple[str, str]:
    """A webhook, and a message to it that was given up."""
    admin, end_id = Doer(None, "admin"), uuid.uuid4()
    draft = EndpointDraft("消防", "zh-CN", True, url="https://fire.example/hook", secret="0123456789abcdef")
    add_endpoint(db, admin, end_id, "webhook", draft, Way(), NOON)
    try_endpoint(db, admin, end_id, uuid.uuid4(), NOON)
    return str(end_id), str(db.scalar(text("UPDATE outbox SET dead_at = now() RETURNING id")))


def proposal_of(plan_id: str) -> uuid.UUID:
    return uuid.uuid5(uuid.UUID(plan_id), "proposal")


def add_plans(db: Session, town: Town, planner: int) -> dict[str, str]:
    """A draft of the planner of the north that divides A, and one of somebody else for E and for F."""
    plans = {}
    for spot, column, row in (("A", 0, 2), ("E", 0, 0), ("F", 1, 0)):
        author = person(db, Role.PLANNER, str(town.district_id), area_id=town.district_id)
        author = replace(author, id=planner, doer=Doer(planner, "planner")) if spot == "A" else author
        plan_id = uuid.uuid4()
        begin_plan(db, author, PlanDraft(plan_id, f"划线{spot}"), NOON)
        x, y = LEFT + (column + 0.5) * SIDE, BOTTOM + row * SIDE
        line = ((x, y - 5), (x, y + SIDE + 5))
        apply_edit(db, author, plan_id, uuid.uuid4(), Split(CODE[spot], line, ("new-1",)), NOON)
        ask(db, author, plan_id, proposal_of(str(plan_id)), Wish("split", grid="new-1"), NOON)
        plans[spot] = str(plan_id)
    return plans


def add_zones(db: Session, town: Town) -> dict[str, str]:
    """Zones of the whole district, and a proposal for each township, worked out."""
    planner = person(db, Role.PLANNER, str(town.district_id), area_id=town.district_id)
    wishes = {
        "D": ZoneWish(Group.TOWNSHIPS, 2),
        "A": ZoneWish(Group.GRIDS, 2, "990106001"),
        "F": ZoneWish(Group.GRIDS, 2, "990106002"),
    }
    names = {spot: uuid.uuid4() for spot in wishes}
    for spot, wish in wishes.items():
        ask_for_zones(db, planner, names[spot], wish, NOON)
        answer = work_out_zones(zone_task(db, zone_proposal(db, planner, names[spot]), NOON), Watch())
        found = zone_proposal(db, planner, names[spot])
        found.state, found.answer = "done", answer
    take_zones(db, planner, zone_proposal(db, planner, names["D"]), uuid.uuid4(), 1, ["北片", "南片"], NOON)
    return {spot: str(name) for spot, name in names.items()}


def marks_of(desk: Browser) -> dict[str, str]:
    """What a browser sends with every request of our own page."""
    return {
        "Cookie": f"{SESSION_COOKIE}={desk.session.token}",
        CSRF_HEADER: desk.session.csrf,
        "Origin": f"https://{HOST}",
    }


def people_of(app, db: Session, town: Town) -> dict[str, Browser]:
    """Grid roles have grid A, desks the township of the north, the house's own roles the district."""
    north = town.area_path("A", "D")
    area = {"path": north, "area_id": int(north.rsplit(".", 1)[-1])}
    district = {"path": str(town.district_id), "area_id": town.district_id}
    desks = {"worker": in_grid(app, db, town, "A")}
    desks["chief"] = signed_in(app, db, Role.CHIEF, town.path_of("A"), grid_id=town.grid_ids["A"])
    for role in (Role.TOWNSHIP, Role.OPERATOR, Role.SUPERVISOR, Role.PLANNER):
        desks[role.value] = signed_in(app, db, role, **area)
    for role in (Role.AUDITOR, Role.ADMIN):
        desks[role.value] = signed_in(app, db, role, **district)
    desks["wall"] = signed_in(app, db, Role.OPERATOR, **area)
    db.execute(text("UPDATE session SET kind = 'wall' WHERE person_id = :id"), {"id": desks["wall"].person_id})
    desks["department"] = signed_in(app, db, Role.DEPARTMENT, str(town.district_id), area_id=town.district_id)
    for code in ("urban", "water"):
        db.execute(
            text("INSERT INTO department (code, area_id, name, names) VALUES (:code, :area, '城管局', '{}')"),
            {"code": code, "area": town.district_id},
        )
    db.execute(
        text(
            "UPDATE assignment SET area_id = NULL, department_id = (SELECT id FROM department WHERE code = 'urban')"
            " WHERE person_id = :id"
        ),
        {"id": desks["department"].person_id},
    )
    return desks


def add_incidents(db: Session, town: Town, clerk: int, worker: int) -> tuple[dict[str, str], dict[str, str]]:
    """An incident in every spot, through the doors; then moved to where no report would put it."""
    desk = person(db, Role.OPERATOR, str(town.district_id), area_id=town.district_id)
    where = {"A": (0.5, 2.5), "B": (1.5, 2.5), "E": (0.5, 0.5), "F": (1.5, 0.5)}
    # Who takes a call down has reported nothing: what the worker told of came in person.
    source = {"R": "visit"}
    drafts = {
        spot: ReportDraft(
            uuid.uuid4(),
            source.get(spot, "hotline"),
            "0201",
            f"密语{spot}",
            Told(*point(*where[letter])),
            None,
            NOON,
            {},
        )
        for spot, letter in SPOTS.items()
    }
    opened = open_for_reports(db, desk, receive_reports(db, desk, list(drafts.values()), NOON), NOON)
    incidents = {spot: opened[draft.id].id for spot, draft in drafts.items()}
    for key in incidents.values():
        assert act(db, system_actor(Doer(None, "system")), key, StepDraft(uuid.uuid4(), "file", note=NOTE), NOON)
    db.execute(text("UPDATE report SET reporter_id = :clerk"), {"clerk": clerk})
    db.execute(text("UPDATE report SET reporter_id = :me WHERE id = :id"), {"me": worker, "id": drafts["R"].id})
    paths = {"K": town.path_of("A").rpartition(".")[0], "D": str(town.district_id)}
    for spot, path in paths.items():
        for table, key in (("incident", incidents[spot]), ("report", drafts[spot].id)):
            db.execute(
                text(f"UPDATE {table} SET path = CAST(:path AS ltree) WHERE id = :id"), {"path": path, "id": key}
            )
    for spot, code in (("H", "urban"), ("S", "water")):
        db.execute(
            text("UPDATE incident SET holder_department_id = (SELECT id FROM department WHERE code = :code)"
                 " WHERE id = :id"), {"code": code, "id": incidents[spot]},
        )  # fmt: skip
    db.execute(text("UPDATE incident SET holder_person_id = :me WHERE id = :id"), {"me": worker, "id": incidents["O"]})
    rows = db.execute(text("SELECT id, number FROM incident")).all()
    numbers = {spot: next(number for id_, number in rows if id_ == key) for spot, key in incidents.items()}
    return {spot: str(key) for spot, key in incidents.items()}, numbers


def add_whistles(db: Session, incidents: dict[str, str]) -> dict[str, dict[str, str]]:
    """In every spot a whistle, a contested matter and a notice: at H for the department, elsewhere for another."""
    ourselves = system_actor(Doer(None, "system"))
    things: dict[str, dict[str, str]] = {"whistle": {}, "contested": {}, "supervision": {}}
    for spot, incident in incidents.items():
        office = "urban" if spot == "H" else "water"
        ids = {kind: uuid.uuid4() for kind in things}
        assert whistle(db, ourselves, WhistleDraft(ids["whistle"], uuid.UUID(incident), (office,), note=NOTE), NOON)
        values = {"id": incident, "office": office, "at": NOON, "number": f"T-{spot}", **ids}
        db.execute(
            text("INSERT INTO contested (id, incident_id, seq, opened_at) VALUES (:contested, :id, 1, :at)"), values
        )
        db.execute(
            text(
                "INSERT INTO supervision (id, number, incident_id, seq, tier, cause, opened_at, department_id)"
                " SELECT :supervision, :number, :id, 1, 1, 'by-hand', :at, d.id FROM department d"
                " WHERE d.code = :office"
            ),
            values,
        )
        for kind, key in ids.items():
            things[kind][spot] = str(key)
    return things


def add_photos(db: Session, sender: Browser, incidents: dict[str, str], clerk: int) -> dict[str, str]:
    """A photo with the report of every spot: one is really sent, the others share its files."""
    data = photo()
    first = hashlib.sha256(data).digest()
    assert sender.put(f"/api/v1/media/{first.hex()}", data).status_code == 201
    columns = [
        name
        for name in db.scalars(text("SELECT column_name FROM information_schema.columns WHERE table_name = 'media'"))
        if name not in ("sha256", "uploaded_by")
    ]
    photos = {}
    for spot, incident in incidents.items():
        sha256 = hashlib.sha256(spot.encode()).digest()
        db.execute(
            text(f"INSERT INTO media (sha256, {', '.join(columns)}) SELECT :sha, {', '.join(columns)} FROM media"
                 " WHERE sha256 = :first"), {"sha": sha256, "first": first},
        )  # fmt: skip
        db.execute(
            text("INSERT INTO report_media (report_id, sha256, role) SELECT report_id, :sha, 'evidence'"
                 " FROM incident_source WHERE incident_id = :id"), {"sha": sha256, "id": incident},
        )  # fmt: skip
        db.execute(
            text("INSERT INTO media_sender (sha256, person_id, at) SELECT :sha, reporter_id, now() FROM report r"
                 " JOIN incident_source s ON s.report_id = r.id WHERE s.incident_id = :id"),
            {"sha": sha256, "id": incident},
        )  # fmt: skip
        photos[spot] = sha256.hex()
    return photos


def knock(db: Session, world: World, role: str, method: str, path: str, door: Door, **headers: str) -> TestResponse:
    """Ask, and take back whatever it did."""
    savepoint = db.connection().begin_nested()
    sent = {"json": door.body} if door.body is not None else {"data": door.data}
    answer = world.client.open(
        path,
        method=method,
        base_url=f"https://{HOST}",
        headers={**world.headers[role], "Accept-Language": "en", **headers},
        **(sent if method not in SAFE else {}),
    )
    _ = answer.data
    savepoint.rollback()
    return answer


def doors() -> Iterator[tuple[str, str, Door]]:
    """Method, rule and door of every way through every route."""
    for route, said in ROUTES.items():
        method, rule = route.split(" ")
        for door in said if isinstance(said, tuple) else (said,):
            yield method, rule, door


def address(rule: str, door: Door, name: str = "") -> str:
    """Where to knock; tiles are asked for where the town lies."""
    path = door.path or re.sub(r"<[^>]+>", "{}", rule)
    z = 13
    lon, lat = point(1, 1.5)
    x = int((lon + 180) / 360 * 2**z)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)
    return path.replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y)).format(name)


def spots_of(world: World, role: str, door: Door) -> Iterator[tuple[str, str]]:
    """Where the thing stands, seen from the role, and its name in the address."""
    if door.thing is None:
        yield "own", ""
        return
    things = world.things[door.thing]
    for relation, spot in WHERE.get(role, IN_NORTH).items():
        if spot in things:
            yield relation, things[spot]


def is_refused(answer: TestResponse) -> bool:
    """Whether nobody gets further: not signed in, not allowed, or nothing there for them."""
    to_sign_in = answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in?next=")
    return to_sign_in or answer.status_code in (401, 403, 404)


def test_every_route_of_the_application_is_in_the_table(app):
    known = {
        f"{method} {rule.rule}" for rule in app.url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert known == set(ROUTES)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_passes_a_door_that_is_not_theirs(db, world, role):
    wrong = []
    for method, rule, door in doors():
        cell = TABLE[door.row][role]
        if not cell.none:
            continue
        for relation, name in spots_of(world, role, door):
            answer = knock(db, world, role, method, address(rule, door, name), door)
            # Whether there is such a thing elsewhere is told to nobody: there, both answers keep the secret.
            expected = {401, 303} if role == "public" else {403} if relation == "own" else {403, 404}
            if answer.status_code not in expected or not is_refused(answer):
                wrong.append((method, address(rule, door, name), answer.status_code))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("role", ROLES)
def test_everyone_passes_their_own_doors_and_finds_nothing_of_others_there(db, world, role):
    wrong = []
    for method, rule, door in doors():
        cell = TABLE[door.row][role]
        if cell.none or (door.only is not None and role not in door.only):
            continue
        for relation, name in spots_of(world, role, door):
            answer = knock(db, world, role, method, address(rule, door, name), door)
            mine = door.thing != "upload" and (relation == "own" or cell.reach == "all")
            if is_refused(answer) == mine or answer.status_code >= 500 or (not mine and answer.status_code != 404):
                wrong.append((method, address(rule, door, name), relation, answer.status_code))
            wrong += [(method, address(rule, door, name), leak) for leak in leaks(world, role, answer)]
    assert not wrong, "\n".join(map(str, wrong))


def leaks(world: World, role: str, answer: TestResponse) -> list[str]:
    """What stands in an answer and must not: all of other areas, and what the role sees masked or not at all."""
    if "json" in answer.content_type:
        said = json.dumps(answer.json, ensure_ascii=False)
    else:
        said = answer.data.decode("utf-8", "replace")
    outside = set(SPOTS) - set(WITHIN[role])
    forbidden = [f"{word}{spot}" for spot in outside for word in ("密语", "划线")]
    forbidden += [world.numbers[spot] for spot in outside]
    forbidden += [world.things["photo"][spot] for spot in outside if spot not in WITHIN[role]]
    access = {cell.access for row, cell in ((row, TABLE[row][role]) for row in ("read incident", "staff"))}
    if access != {"full"} and role not in ("admin", "department"):
        forbidden += [PHONE, REPORTER, NOTE]
    if "f" in access:
        forbidden += [f"密语{spot}" for spot in SPOTS]
    return [word for word in forbidden if word in said and f"/{word}" not in answer.request.path]


FIGURES = {"id", "number", "category", "severity", "state", "seq", "grid", "township", "occurred_at", "due_at",
           "closed_at", "overdue"}  # fmt: skip


@pytest.mark.parametrize("path", ["/api/v1/incidents/{}", "/api/v1/incidents?state=all"])
def test_who_sees_figures_sees_neither_place_nor_words(db, world, path):
    answer = knock(db, world, "planner", "GET", path.format(world.things["incident"]["A"]), Door("read incident"))
    (item, *_) = answer.json.get("items", [answer.json])
    said = {name for name, value in item.items() if value not in (None, [], False)}
    assert said <= FIGURES
    assert item["number"]


@pytest.mark.parametrize("role", ["township", "supervisor", "wall"])
def test_who_sees_masked_sees_names_and_numbers_masked_and_no_note(db, world, role):
    path = f"/api/v1/incidents/{world.things['incident']['A']}"
    answer = knock(db, world, role, "GET", path, Door("read incident")).json
    assert answer["sources"][0]["reporter"] == {"name": "赵**", "name_en": "赵**"}
    assert {row["note"] for row in answer["log"]} == {None}
    card = knock(db, world, role, "GET", f"/api/v1/grids/{CODE['A']}", Door("ground")).json
    assert {one["phone"] for one in card["people"]} == (set() if role == "wall" else {None, "138****5678"})


def test_a_wall_shows_nothing_of_the_account_that_opened_it(db, world):
    db.execute(text("UPDATE person SET name = '齐天' WHERE login LIKE 'operator-%'"))
    page = knock(db, world, "wall", "GET", "/account", Door("who am i")).text
    assert "/sign-out" in page
    assert not re.search("齐天|operator-|password|sessions", page)


def test_who_plans_a_part_of_the_district_imports_nothing_and_who_plans_all_of_it_does(app, db, world):
    district = world.town.district_id
    planner = signed_in(app, db, Role.PLANNER, str(district), area_id=district)
    assert planner.get("/api/v1/templates/sites").status_code == 200
    assert planner.post("/api/v1/imports?kind=sites", data=b"no file").status_code == 201
    for method, path in (("GET", "/api/v1/templates/sites"), ("POST", "/api/v1/imports?kind=sites")):
        assert knock(db, world, "planner", method, path, Door("import", data=b"no file")).status_code == 403


def test_what_one_reported_or_holds_is_ones_own_wherever_it_lies(db, world):
    for spot in "RO":
        path = f"/api/v1/incidents/{world.things['incident'][spot]}"
        assert knock(db, world, "worker", "GET", path, Door("read incident")).status_code == 200
        assert knock(db, world, "chief", "GET", path, Door("read incident")).status_code == 404


def unsafe() -> list[tuple[str, str, Door]]:
    seen = {(method, rule): door for method, rule, door in doors() if method not in SAFE}
    return [(method, rule, door) for (method, rule), door in seen.items()]


@pytest.mark.parametrize(
    ("headers", "sentence", "public_too"),
    [
        ({"Origin": "https://elsewhere.example"}, "another site", True),
        ({"Origin": "null"}, "another site", True),
        ({"Origin": ""}, "another site", True),
        ({CSRF_HEADER: "x" * 43}, "out of date", False),
        ({CSRF_HEADER: ""}, "out of date", False),
    ],
)
def test_no_page_of_another_site_changes_anything(db, world, headers, sentence, public_too):
    """An administrator's browser is used: whatever it may do, it does only for our own page."""
    wrong = []
    for method, rule, door in unsafe():
        if door.row == "anyone" and not public_too:
            continue
        path = address(rule, door, next(name for _, name in spots_of(world, "admin", door)))
        answer = knock(db, world, "admin", method, path, door, **headers)
        if answer.status_code != 403 or sentence not in answer.text:
            wrong.append((method, path, answer.status_code))
    assert not wrong, "\n".join(map(str, wrong))
    assert len(unsafe()) > 25
