"""
A live day in the made-up district, played from outside: staff report, devices alert, the desk sends a department.

Everything goes through the doors that people and devices use; nothing here knows the database.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any, Final
from zoneinfo import ZoneInfo

import shapely
import shapely.geometry
import uuid6

from gridmap.demo import SIMULATOR_FILE, TIME_ZONE
from gridmap.demo.door import Answer, Door, Session, Stopped
from gridmap.demo.works import Works, take_step
from gridmap.errors import NotFound
from gridmap.language import N_

Say = Callable[..., None]

RATE: Final = 15.0
"""Reports and alerts a minute, on average over a day."""
OPEN: Final = 250
"""How many incidents the desk lets stand open."""

_ALERTS: Final = 0.4
_TEND_EVERY_S: Final = 10.0
_AT_ONCE: Final = 24
# What people tell a desk, and what staff see on their way.
_TOLD: Final = ("hotline", "hotline", "wechat", "resident", "web")


@dataclass(frozen=True)
class Word:
    """A matter that people report: its class, how often, and how it is put."""

    category: str
    weight: float
    text: str


class Simulator:
    """
    Plays the district until told to end.

    Parameters
    ----------
    door
        The server to play to.
    known
        What the loader of the made-up district left: ``people`` with role and password, ``devices`` with key, the
        ``words`` that people use for a matter and the ``classes`` that devices of a kind know, each with how often.
    dice
        The chance of this run.
    say
        Told in a sentence what a person should know.
    """

    def __init__(
        self,
        door: Door,
        known: Mapping[str, Any],
        dice: random.Random,
        say: Say,
        *,
        rate: float = RATE,
        keep_open: int = OPEN,
    ) -> None:
        roles = ("operator", "department", "worker")
        accounts = {role: [row for row in known["people"] if row["role"] == role] for role in roles}
        self._door = door
        self._dice = dice
        self._say = say
        self._desk = Session(door, accounts["operator"][0]["login"], accounts["operator"][0]["password"])
        clerk = accounts["department"][0]
        handler = Session(door, clerk["login"], clerk["password"])
        self._works = Works(self._desk, handler, known["departments"][clerk["login"]], dice)
        self._workers = [Session(door, row["login"], row["password"]) for row in accounts["worker"]]
        self._devices: list[dict[str, Any]] = known["devices"]
        self._rate = rate
        self._keep_open = keep_open
        self._words = [Word(**word) for word in known["words"]]
        self._classes: dict[str, dict[str, float]] = known["classes"]
        self._grids: dict[str, list[str]] = {}
        self._shapes: dict[str, shapely.Geometry] = {}
        self._names: dict[str, str] = {}
        self._docks: dict[str, tuple[float, float]] = {}

    def run(self) -> None:
        """Report and alert in an uneven rhythm, and tend the queue now and then; ends by `Stopped`."""
        tend_at = 0.0
        while True:
            answer = self.happen()
            if not answer.taken:
                self._say(N_("The server refused something (%(status)s)."), status=answer.status)
            if time.monotonic() >= tend_at:
                self.tend()
                tend_at = time.monotonic() + _TEND_EVERY_S
            mean_s = 60 / (self._rate * _liveliness(datetime.now(UTC)))
            self._door.wait(min(self._dice.expovariate(1 / mean_s), 3 * mean_s))

    def happen(self) -> Answer:
        """Let one thing be noticed, by a device or by a person."""
        if self._devices and self._dice.random() < _ALERTS:
            return self.alert()
        if self._workers and self._dice.random() < 0.6:
            return self.patrol(self._dice.choice(self._workers))
        return self.tell()

    def patrol(self, worker: Session) -> Answer:
        """A worker reports what they stand before, in one of their own grids."""
        lon, lat, name = self._somewhere(worker)
        word = self._word()
        accuracy_m = round(self._dice.lognormvariate(math.log(8), 0.5), 1)
        return worker.post(
            "/api/v1/reports",
            {
                "id": str(uuid6.uuid7()),
                "source": "patrol",
                "category": word.category,
                "text": word.text.format(place=name),
                "occurred_at": datetime.now(UTC).isoformat(),
                "place": {"lon": lon, "lat": lat, "accuracy_m": accuracy_m, "method": "gps"},
            },
        )

    def tell(self) -> Answer:
        """Somebody calls or writes; the desk puts a pin where they say it is, or has nothing but words."""
        lon, lat, name = self._somewhere(self._desk)
        word = self._word()
        report: dict[str, Any] = {
            "id": str(uuid6.uuid7()),
            "source": self._dice.choice(_TOLD),
            "category": word.category,
            "text": word.text.format(place=name),
            "occurred_at": datetime.now(UTC).isoformat(),
        }
        if self._dice.random() > 0.03:
            report["place"] = {"lon": lon, "lat": lat, "accuracy_m": 40.0, "method": "pin"}
        return self._desk.post("/api/v1/reports", report)

    def alert(self) -> Answer:
        """A device sees or feels something; a camera's alert comes from the server of its estate."""
        sender = self._dice.choices(self._devices, [_talkative(row) for row in self._devices])[0]
        kind = "camera" if sender["kind"] == "gateway" else sender["kind"]
        words = self._classes.get(kind, {"unknown": 1.0})
        device = self._dice.choice(sender["speaks_for"]) if sender["kind"] == "gateway" else sender["code"]
        alert: dict[str, Any] = {
            "id": str(uuid6.uuid7()),
            "device": device,
            "class": self._dice.choices(list(words), list(words.values()))[0],
            "score": round(self._dice.betavariate(8, 2), 2),
            "at": datetime.now(UTC).isoformat(),
        }
        if kind == "camera":
            x, y = self._dice.randint(80, 1500), self._dice.randint(200, 800)
            alert |= {"box": [x, y, x + self._dice.randint(60, 300), y + self._dice.randint(80, 260)]}
            alert |= {"image": [1920, 1080]}
        if kind == "drone_dock" and (place := self._seen_from(device)) is not None:
            alert["place"] = place
        headers = {"Authorization": f"Bearer {sender['key']}", "Content-Type": "application/json"}
        return self._door.send("POST", "/api/v1/alerts", json.dumps(alert).encode(), headers)

    def tend(self) -> int:
        """File what waits to be filed, and work on what is due first while more stand open than the desk allows."""
        for incident in self._listed("reported", 20):
            take_step(self._desk, incident, "file")
        total = self._desk.get("/api/v1/incidents?state=open&limit=1")
        surplus = (total.content["total"] if total.taken else 0) - self._keep_open
        return self._works.go_on(self._listed("open", _AT_ONCE), surplus) if surplus > 0 else 0

    def _listed(self, state: str, limit: int) -> list[dict[str, Any]]:
        answer = self._desk.get(f"/api/v1/incidents?state={state}&limit={limit}")
        return list(answer.content["items"]) if answer.taken else []

    def _word(self) -> Word:
        return self._dice.choices(self._words, [word.weight for word in self._words])[0]

    def _somewhere(self, who: Session) -> tuple[float, float, str]:
        """Longitude, latitude and the name of a grid: a place inside one of the grids that somebody works in."""
        if who.login not in self._grids:
            items: list[dict[str, Any]] = []
            path: str | None = "/api/v1/grids?limit=500"
            while path is not None:
                answer = who.get(path)
                if not answer.taken:
                    break
                items += answer.content["items"]
                path = answer.content["next"]
            if not items:
                raise NotFound(
                    N_("The account %(login)s sees no grid; start `gridmap up --demo` once more."), login=who.login
                )
            self._grids[who.login] = [item["code"] for item in items]
        code = self._dice.choice(self._grids[who.login])
        if code not in self._shapes:
            card = who.get(f"/api/v1/grids/{code}")
            if not card.taken:
                # Redrawn since: look again at what there is.
                del self._grids[who.login]
                return self._somewhere(who)
            self._shapes[code] = shapely.geometry.shape(card.content["geometry"])
            self._names[code] = card.content["name"]
        lon, lat = self._point_in(self._shapes[code])
        return lon, lat, self._names[code]

    def _point_in(self, shape: shapely.Geometry) -> tuple[float, float]:
        west, south, east, north = shapely.bounds(shape)
        for _ in range(100):
            lon, lat = self._dice.uniform(west, east), self._dice.uniform(south, north)
            if shapely.contains_xy(shape, lon, lat):
                return round(lon, 7), round(lat, 7)
        inner = shapely.get_coordinates(shapely.point_on_surface(shape))[0]
        return float(inner[0]), float(inner[1])

    def _seen_from(self, dock: str) -> dict[str, float] | None:
        """What a drone of this dock sees lies within a few hundred metres of it."""
        if dock not in self._docks:
            card = self._desk.get(f"/api/v1/devices/{dock}")
            if not card.taken:
                return None
            self._docks[dock] = (card.content["lon"], card.content["lat"])
        lon, lat = self._docks[dock]
        away_m, bearing = self._dice.uniform(60, 700), self._dice.uniform(0, math.tau)
        north_deg = away_m * math.cos(bearing) / 111_000
        east_deg = away_m * math.sin(bearing) / (111_000 * math.cos(math.radians(lat)))
        return {"lon": round(lon + east_deg, 7), "lat": round(lat + north_deg, 7), "error_m": 6.0}


def simulate(url: str, data_dir: Path, stop: Event, say: Say, *, seed: int = 1, rate: float = RATE) -> None:
    """
    Play the made-up district of a data directory to a server, until `stop` is set.

    Raises
    ------
    NotFound
        If the directory holds no made-up district.
    """
    try:
        known = json.loads((data_dir / SIMULATOR_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotFound(
            N_("%(path)s holds no made-up district. `gridmap up --demo` makes one."), path=str(data_dir)
        ) from error
    door = Door(url, stop)
    say(N_("Simulating at %(rate)s reports and alerts a minute; Ctrl-C ends it."), rate=f"{rate:g}")
    try:
        dice = random.Random(seed)  # noqa: S311 - no secret hangs on it
        Simulator(door, known, dice, say, rate=rate).run()
    except Stopped:
        return
    finally:
        door.close()


def _talkative(device: Mapping[str, Any]) -> float:
    """How often a device speaks: a server for each of its cameras, a dock whenever it flies, a sensor hardly ever."""
    if device["kind"] == "gateway":
        return float(len(device["speaks_for"]))
    return 6.0 if device["kind"] == "drone_dock" else 0.15


def _liveliness(now: datetime) -> float:
    """How busy an hour is against the mean of the day: a dip at night, peaks before noon and at dusk."""
    hour = now.astimezone(ZoneInfo(TIME_ZONE))
    angle = (hour.hour + hour.minute / 60) / 24 * math.tau
    return 1 - 0.3 * math.cos(angle) - 0.12 * math.cos(2 * angle - 0.5)
