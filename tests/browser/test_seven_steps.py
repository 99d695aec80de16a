"""One matter through the field's seven steps, by five people, each on a page of their own."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.cli import main
from gridmap.incidents.rules import STAGE_OF, Stage, State
from gridmap.people.rules import Role, system_actor
from gridmap.people.sessions import Visit, open_session
from gridmap.residents.codes import make_codes
from gridmap.system.audit import Doer
from tests.browser.desks import DESK, PHONE, Desk, Seat, Strict
from tests.pictures import photo
from tests.residents.doors import add_building
from tests.worlds import add_person, point
from webapp.shared.policy import SESSION_COOKIE

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)

DARK, LIT = ({"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": photo(seed=40 + n)} for n in range(2))
STOOD_AT = (0.5, 2.5)


@contextmanager
def page_of(chromium: Browser, desk: Desk, path: str, seat: Seat | None = None, **device: Any) -> Iterator[Page]:
    """Somebody's own browser, signed in or not; every fault it had fails the test in the end."""
    context = chromium.new_context(viewport=PHONE if device else DESK, **device)
    if seat:
        cookie = {"name": SESSION_COOKIE, "value": seat.token, "domain": "127.0.0.1", "path": "/", "secure": True}
        context.add_cookies([cookie])  # type: ignore[list-item]
    context.set_default_timeout(20_000)
    try:
        strict = Strict(context.new_page(), desk.address)
        strict.page.goto(desk.address + path)
        strict.page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
        yield strict.page
        assert strict.faults == []
    finally:
        context.close()


def seat_of(desk: Desk, role: Role, name: str, **holds: Any) -> Seat:
    """Somebody with one name and one role, over what the columns of an assignment say."""
    columns = {"path": str(desk.town.district_id), **holds}
    with Session(desk.engine) as db, db.begin():
        person = add_person(db, f"{role.value}-{secrets.token_hex(4)}", name)
        db.execute(
            text(
                f"INSERT INTO assignment (person_id, role, valid, {', '.join(columns)}) VALUES (:person, :role,"
                f" tstzrange('2020-01-01', NULL), {', '.join(f':{column}' for column in columns)})"
            ),
            {"person": person, "role": role.value, **columns},
        )
        opened = open_session(db, person, Visit("127.0.0.1", "test", "desk"), datetime.now(UTC))
        return Seat(opened.token, opened.csrf)


@pytest.fixture(scope="module")
def cast(desk) -> dict[str, Seat]:
    """Who works for the district; the fifth is a resident, and has no account."""
    town = desk.town
    with Session(desk.engine) as db, db.begin():
        lights = db.scalar(
            text(
                "INSERT INTO department (code, area_id, name, names) VALUES ('lights', :area, '路灯管理所',"
                ' \'{"en": "Street lighting"}\') RETURNING id'
            ),
            {"area": town.district_id},
        )
        # Of this class both is asked for: how it was, and how it is after the work.
        db.execute(
            text(
                "INSERT INTO category (code, name, names, severity, evidence)"
                " VALUES ('0102', '路灯不亮', '{\"en\": \"Street light out\"}', 3, 'before-after')"
            )
        )
    north = town.area_path("A", "D")
    return {
        "worker": seat_of(desk, Role.WORKER, "韩雪", grid_id=town.grid_ids["A"], path=town.path_of("A")),
        "operator": seat_of(desk, Role.OPERATOR, "周晓岚", area_id=town.district_id),
        "department": seat_of(desk, Role.DEPARTMENT, "陈立民", department_id=lights),
        "township": seat_of(desk, Role.TOWNSHIP, "马建国", area_id=int(north.rsplit(".")[-1]), path=north),
    }


@pytest.fixture(scope="module")
def door(desk, cast) -> str:
    """The path behind the code of a building in grid A."""
    with Session(desk.engine) as db, db.begin():
        add_building(db, desk.town, at=STOOD_AT)
        _, printed = make_codes(db, system_actor(Doer(None, "system")), "990106001001", "building", datetime.now(UTC))
    return f"/r/{printed[0].token}?lang=en"


def told_of(desk: Desk, seat: Seat, path: str) -> dict[str, Any]:
    """What the API answers to somebody."""
    answer = requests.get(desk.address + path, cookies={SESSION_COOKIE: seat.token}, timeout=20)
    answer.raise_for_status()
    said: dict[str, Any] = answer.json()
    return said


def collect(page: Page) -> str:
    """A resident reports at the door, with a photo; gives the number to follow it by."""
    page.get_by_label("Light is out").check()
    page.get_by_label("Photo", exact=True).set_input_files([DARK])
    expect(page.get_by_role("list", name="Photos").get_by_role("listitem")).to_have_count(1)
    page.get_by_placeholder("What is wrong, in a few words").fill("The lamp at the gate is dark")
    page.wait_for_timeout(3200)  # Nobody fills a form in faster, so what comes faster is not taken.
    page.get_by_role("button", name="Send the report").click()
    page.wait_for_url("**/r/follow/**")
    return page.get_by_role("heading", level=1).inner_text()


def ask_the_grid(page: Page, number: str) -> None:
    """The desk of the district has it verified by who is on the spot."""
    row = page.get_by_role("option").filter(has_text="Street light out")
    expect(row).to_contain_text("To file")
    row.click()
    card = page.get_by_role("complementary")
    expect(card).to_contain_text(number)
    card.get_by_role("button", name="Have it verified").click()
    expect(card).to_contain_text("had it verified")


def verify(page: Page) -> None:
    """The worker of the grid stands before it."""
    task = page.get_by_role("main", name="To do today").get_by_role("button").filter(has_text="Street light out")
    task.click()
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("status").filter(has_text="Sent")).to_be_visible()


def file_and_dispatch(page: Page) -> None:
    """The desk of the district files it and gives it to a department."""
    card = page.get_by_role("complementary")
    expect(card.get_by_text("verified it", exact=False).first).to_be_visible()
    card.get_by_role("button", name="File F").click()
    expect(card).to_contain_text("filed it")
    card.get_by_role("button", name="Dispatch").first.click()
    form = card.get_by_role("form", name="Dispatch")
    form.get_by_role("listbox", name="Department").select_option(label="Street lighting")
    form.get_by_role("button", name="Dispatch").click()
    expect(card).to_contain_text("dispatched it")


def handle_and_feed_back(page: Page) -> None:
    """The department accepts, handles with the photo that is asked for, and tells the reporter."""
    page.get_by_role("option").filter(has_text="Street light out").click()
    card = page.get_by_role("complementary")
    card.get_by_role("button", name="Accept").click()
    card.get_by_role("button", name="Report as handled").click()
    form = card.get_by_role("form", name="Report as handled")
    form.get_by_label("How it was settled").fill("New lamp")
    done = form.get_by_role("button", name="Report as handled")
    expect(done).to_be_disabled()
    form.get_by_label("Before").set_input_files([DARK])
    form.get_by_label("After").set_input_files([LIT])
    done.click()
    card.get_by_role("button", name="Tell the reporter").click()
    form = card.get_by_role("form", name="Tell the reporter")
    form.get_by_label("Note").fill("The lamp at the gate is lit again")
    form.get_by_role("button", name="Tell the reporter").click()
    expect(card).to_contain_text("told the reporter")


def check_and_close(page: Page) -> None:
    """The township, which did not handle it, checks it and closes it."""
    page.get_by_role("navigation", name="Lists").get_by_role("button", name="To check").click()
    page.get_by_role("option").filter(has_text="Street light out").click()
    card = page.get_by_role("complementary")
    card.get_by_role("button", name="Check").click()
    expect(card).to_contain_text("checked it")
    card.get_by_role("button", name="Close C").click()
    form = card.get_by_role("form", name="Close")
    form.get_by_label("How it was settled").fill("Seen lit at dusk")
    form.get_by_role("button", name="Close").click()
    expect(card).to_contain_text("closed it")


def rate(page: Page) -> None:
    """The resident reads what was done, and has the last word."""
    page.reload()
    expect(page.get_by_text("The lamp at the gate is lit again")).to_be_visible()
    page.get_by_label("It is well", exact=True).check()
    page.get_by_role("button", name="Send the rating").click()
    expect(page.get_by_role("heading", name="You said: it is well")).to_be_visible()


def test_five_people_take_one_matter_through_all_seven_steps(chromium, desk, cast, door, monkeypatch, capsys, tmp_path):
    lon, lat = point(*STOOD_AT)
    on_the_spot = {"geolocation": {"longitude": lon, "latitude": lat, "accuracy": 9}, "permissions": ["geolocation"],
                   "has_touch": True}  # fmt: skip
    with ExitStack() as pages:
        resident = pages.enter_context(page_of(chromium, desk, door, has_touch=True, is_mobile=True))
        number = collect(resident)
        command = pages.enter_context(page_of(chromium, desk, "/?lang=en", cast["operator"]))
        ask_the_grid(command, number)
        verify(pages.enter_context(page_of(chromium, desk, "/patrol?lang=en", cast["worker"], **on_the_spot)))
        file_and_dispatch(command)
        handle_and_feed_back(pages.enter_context(page_of(chromium, desk, "/desk?lang=en", cast["department"])))
        check_and_close(pages.enter_context(page_of(chromium, desk, "/desk?lang=en", cast["township"])))
        rate(resident)

    (found,) = told_of(desk, cast["operator"], f"/api/v1/incidents?state=closed&q={number}")["items"]
    log = told_of(desk, cast["operator"], f"/api/v1/incidents/{found['id']}/log")
    assert log["intact"]
    steps = list(reversed(log["items"]))
    assert [(row["step"], row["role"], row["actor"] and row["actor"]["name"]) for row in steps] == [
        ("report", "public", None),
        ("ask_verification", "operator", "周晓岚"),
        ("verify", "worker", "韩雪"),
        ("file", "operator", "周晓岚"),
        ("dispatch", "operator", "周晓岚"),
        ("accept", "department", "陈立民"),
        ("handle", "department", "陈立民"),
        ("feedback", "department", "陈立民"),
        ("check", "township", "马建国"),
        ("close", "township", "马建国"),
    ]
    assert list(dict.fromkeys(STAGE_OF[State(row["to"])] for row in steps)) == list(Stage)
    photos = told_of(desk, cast["operator"], f"/api/v1/incidents/{found['id']}")["photos"]
    assert [(shown["role"], shown["by"], shown["state"]) for shown in photos] == [
        ("evidence", "report", "stored"),
        ("before", "step", "stored"),
        ("after", "step", "stored"),
    ]
    assert rating_of(desk, found["id"]) == (True, len(steps))

    monkeypatch.setenv("GRIDMAP_DATABASE_URL", desk.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("GRIDMAP_DATA_DIR", str(tmp_path))
    with pytest.raises(SystemExit) as end:
        main(["log", "verify", "--json"])
    # Before it stands what the server said of its requests.
    verified = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (end.value.code, verified["incidents"], verified["steps"]) == (0, 1, len(steps))
    assert verified["defects"] == verified["incident_defects"] == []


def rating_of(desk: Desk, incident: str) -> tuple[bool, int]:
    """What the reporter said of the end, and of which row of the log that was."""
    with Session(desk.engine) as db:
        row = db.execute(
            text("SELECT satisfied, seq FROM resident_rating WHERE incident_id = :id"), {"id": incident}
        ).one()
    return row.satisfied, row.seq
