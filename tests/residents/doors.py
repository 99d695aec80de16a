"""A building with a code at its door, and strangers who scan it."""

from __future__ import annotations

import html
import io
import re
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from gridmap.incidents.actions import act
from gridmap.incidents.drafts import StepDraft
from gridmap.people.rules import Actor, Role, stranger, system_actor
from gridmap.residents.codes import Door, find_door, make_codes
from gridmap.residents.following import story_of
from gridmap.residents.rating import RatingDraft, rate
from gridmap.residents.rules import Chip, Message
from gridmap.residents.seals import form_ticket, secret_of
from gridmap.residents.sending import receive
from gridmap.system.audit import Doer
from gridmap.wiring import wire
from tests.clients import HOST
from tests.worlds import FOUNDED, Town, person, point

NAME = "清河小区3号楼"
# Two of the shipped choices.
CHIPS = {
    "road": Chip("road", "manhole", "井盖路面", {"en": "Manhole, road"}, "0101", "井盖缺失"),
    "litter": Chip("litter", "bin", "垃圾", {"en": "Rubbish"}, "0301", "暴露垃圾"),
}


def add_building(db: Session, town: Town, letter: str = "A", name: str = NAME, at: tuple[float, float] = (0.5, 2.5)):
    """A building of 20 m in a grid; gives its id."""
    lon, lat = point(*at)
    site_id = uuid.uuid4()
    db.execute(
        text(
            "INSERT INTO site (id, kind, name, names, shape, grid_id, path, households, valid) VALUES (:id, 'building',"
            " :name, '{\"en\": \"Qinghe 3\"}', ST_Buffer(ST_SetSRID(ST_MakePoint(:lon, :lat),"
            " 4326)::geography, 10)::geometry, :grid, :path, 36, tstzrange(:since, NULL))"
        ),
        {
            "id": site_id, "name": name, "lon": lon, "lat": lat, "grid": town.grid_ids[letter],
            "path": town.paths[letter], "since": FOUNDED,
        },
    )  # fmt: skip
    return site_id


def desk(db: Session, town: Town, role: Role = Role.OPERATOR, path: str | None = None) -> Actor:
    """Somebody at a desk."""
    return person(db, role, path or str(town.district_id))


def new_code(db: Session, town: Town, area: str = "990106001001", *, replace: bool = False) -> str:
    """A building's token, as it is printed."""
    _, printed = make_codes(db, desk(db, town), area, "building", datetime.now(UTC), replace=replace)
    return printed[0].token


def message(chip: str = "litter", words: str = "楼下垃圾三天没人收", **other: Any) -> Message:
    """What a stranger writes."""
    told: dict[str, Any] = {
        "id": uuid.uuid4(), "chip": CHIPS[chip], "text": words, "name": None, "phone": None, "elsewhere": False,
        "where": "", "lon": None, "lat": None, "accuracy_m": None,
    }  # fmt: skip
    return Message(**(told | other))


@dataclass
class Phone:
    """A stranger's browser without a script, at a door."""

    client: FlaskClient
    token: str
    fields: dict[str, str] = field(default_factory=dict)

    def open(self) -> str:
        """Open the form, keep what is hidden in it, and give the page."""
        page = self.client.get(f"/r/{self.token}", base_url=f"https://{HOST}", headers={"Accept": "text/html"})
        self.fields = hidden(page.text)
        return page.text

    def send(self, *photos: bytes, origin: str | None = f"https://{HOST}", **told: str) -> TestResponse:
        """Send the form with what is typed into it."""
        data: dict[str, Any] = {**self.fields, **told}
        data["photo"] = [(io.BytesIO(photo), f"{n}.jpg") for n, photo in enumerate(photos)]
        return post(self.client, f"/r/{self.token}", data, origin)


def post(client: FlaskClient, path: str, data: dict[str, Any], origin: str | None = f"https://{HOST}") -> TestResponse:
    """Send a form as a browser does."""
    headers = {"Accept": "text/html"} | ({} if origin is None else {"Origin": origin})
    return client.post(path, base_url=f"https://{HOST}", data=data, headers=headers, content_type="multipart/form-data")


def hidden(page: str) -> dict[str, str]:
    """Names and values of the hidden fields of a page that hold something."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def patient(db: Session, phone: Phone, ago: timedelta = timedelta(seconds=20)) -> Phone:
    """The form as if it had been opened a while ago."""
    door: Door = find_door(db, phone.token)
    at = datetime.now(UTC) - ago
    phone.fields["ticket"] = form_ticket(secret_of(db), uuid.UUID(phone.fields["id"]), door.hash, at)
    return phone


def add_door_things(db: Session, town: Town) -> dict[str, dict[str, str]]:
    """In the north and in the south: a code, what came through it, and a wish to take it up again."""
    wire()
    at = datetime.now(UTC)
    things: dict[str, dict[str, str]] = {"qr": {}, "resident report": {}, "rating": {}}
    spots = {"A": ("990106001001", (0.5, 2.5)), "F": ("990106002001", (1.5, 0.5))}
    for letter, (area, place) in spots.items():
        add_building(db, town, letter, f"密码楼{letter}", place)
        door = find_door(db, new_code(db, town, area))
        said = message("road", name="王小明", phone="13812345678")
        receive(db, stranger(Doer(None, "public")), door, said, [], [], "zh-CN", at)
        story = story_of(db, said.id, at)
        reason = db.scalar(text("SELECT code FROM reason WHERE list = 'reject' ORDER BY code LIMIT 1"))
        reject = StepDraft(uuid.uuid4(), "reject", reason=reason)
        act(db, system_actor(Doer(None, "system")), story.incident_id, reject, at)
        wish = RatingDraft(uuid.uuid4(), False, "还没修", True)
        rate(db, stranger(Doer(None, "public")), said.id, wish, at)
        things["qr"][letter], things["resident report"][letter] = str(door.qr_id), str(said.id)
        things["rating"][letter] = str(wish.id)
    return things
