"""
A week of the made-up district, played in this process by a clock of its own.

Every act goes through the functions that the doors call, each in a transaction of its own, and the jobs run as the
simulated clock comes to them; nothing is written that a real week could not have left behind.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import text

from gridmap.database import transaction
from gridmap.demo.week_cast import Cast
from gridmap.demo.week_course import Course, Matter, course_of
from gridmap.errors import GridmapError
from gridmap.grids.locating import Told
from gridmap.hotline.calling import Called, note_call, note_contact
from gridmap.hotline.intake import receive_orders
from gridmap.hotline.rules import Caller, OrderDraft, Outcome, Satisfied
from gridmap.incidents.actions import StepDraft, act
from gridmap.incidents.escalations import fire_due
from gridmap.incidents.opening import open_for_reports
from gridmap.people.rules import Actor, Role
from gridmap.reports.actions import ReportDraft, receive_reports
from gridmap.whistles.actions import Spot, WhistleDraft, whistle
from gridmap.whistles.ladder import open_due
from gridmap.whistles.mustering import AnswerDraft, answer

LENGTH: Final = timedelta(days=7)
A_DAY: Final = 60
"""Matters a day that are told of, unless said otherwise."""
_JOBS_EVERY: Final = timedelta(minutes=10)
_SOURCES: Final = ("patrol", "inspection", "hotline", "web", "wechat")
_WEIGHTS: Final = (50, 10, 25, 9, 6)
_CHANNEL: Final = "12345"


class WeekPlay:
    """
    One week on the stage.

    Parameters
    ----------
    cast
        Who plays, and where.
    start
        When the simulated clock begins.
    dice
        The chance of this run: the same dice on the same district play the same week.
    a_day
        Matters a day.
    length
        How long it plays: a week, unless said otherwise.
    """

    def __init__(
        self,
        cast: Cast,
        start: datetime,
        dice: Random,
        a_day: int = A_DAY,
        length: timedelta = LENGTH,
    ) -> None:
        self.cast = cast
        self.start, self.end = start, start + length
        self.now = start
        self.dice = dice
        self.matters: list[Matter] = []
        self.acts: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._a_day = a_day
        self._classes = cast.classes(start)
        self._agenda: list[tuple[datetime, int, Course]] = []
        self._numbers = count()

    def run(self) -> None:
        """Play the week; what is not over by its end stays as it stands."""
        self._plan(self.start, self._reports())
        self._plan(self.start, self._jobs())
        while self._agenda and self._agenda[0][0] < self.end:
            self.now, _, course = heapq.heappop(self._agenda)
            try:
                self._plan(self.now + next(course), course)
            except StopIteration:
                continue
            except GridmapError as error:
                # As when somebody comes too late: the matter is left as the others made it.
                self.refused[type(error).__name__] += 1
        self.now = self.end

    def _plan(self, at: datetime, course: Course) -> None:
        heapq.heappush(self._agenda, (at, next(self._numbers), course))

    def _reports(self) -> Course:
        while True:
            busy = _liveliness(self.now.astimezone(self.cast.zone).hour)
            yield timedelta(seconds=round(self.dice.expovariate(self._a_day * busy / 86_400)))
            matter = self._notice()
            self.matters.append(matter)
            self._plan(self.now, course_of(self, matter))

    def _jobs(self) -> Course:
        while True:
            yield _JOBS_EVERY
            with transaction() as db:
                self.acts["escalation"] += fire_due(db, self.now)
            with transaction() as db:
                self.acts["supervision"] += open_due(db, self.now)

    def _notice(self) -> Matter:
        """Something is told of: by a worker on patrol, a caller of the hotline, or who writes to the desk."""
        spot = self.dice.choice(self.cast.spots)
        source = self.dice.choices(_SOURCES, _WEIGHTS)[0]
        category = self.dice.choice(self._classes)
        worker = self.cast.at_place(Role.WORKER, spot.path) if source in ("patrol", "inspection") else None
        who = worker or self.dice.choice(self.cast.operators)
        key, words = uuid4(), f"{category} {source} {len(self.matters) + 1}"
        told = Told(spot.lon, spot.lat, error_m=8.0 if worker else 40.0, method="gps" if worker else "pin")
        with transaction() as db:
            if source == "hotline":
                order = OrderDraft(
                    key, _CHANNEL, f"W{key.hex[:12]}", words, category,
                    Caller("王某", f"139{self.dice.randrange(10**8):08d}"),
                    {"lon": spot.lon, "lat": spot.lat, "accuracy_m": 40.0, "method": "pin"}, self.now,
                )  # fmt: skip
                receive_orders(db, who, [order], self.now)
                row = db.execute(
                    text(
                        "SELECT i.id, i.severity FROM hotline_order o JOIN incident i ON i.id = o.incident_id"
                        " WHERE o.id = :id"
                    ),
                    {"id": key},
                ).one()
                self.acts["order"] += 1
                return Matter(row.id, source, category, row.severity, spot.path, key)
            draft = ReportDraft(key, source, category, words, told, None, self.now, {"n": key.hex})
            stored = receive_reports(db, who, [draft], self.now)
            opened = open_for_reports(db, who, stored, self.now)[key]
        self.acts["report"] += 1
        return Matter(opened.id, source, category, stored[0].severity, spot.path)

    def step(self, who: Actor, matter: Matter, name: str, reason: str | None = None, **told: Any) -> None:
        """Let somebody take a step."""
        note = told.pop("note", None)
        draft = StepDraft(uuid4(), name, reason=reason, note=note, arguments=told)
        with transaction() as db:
            act(db, who, matter.incident_id, draft, self.now)
        self.acts[name] += 1

    def contact(self, who: Actor, matter: Matter) -> None:
        """Speak with who called."""
        if matter.order_id is not None:
            with transaction() as db:
                note_contact(db, who, matter.order_id, uuid4(), "已联系诉求人。", self.now)
            self.acts["contact"] += 1

    def call_back(self, who: Actor, matter: Matter, outcome: Outcome, satisfied: Satisfied | None) -> bool:
        """Call who called about the result; False if there is nobody to be called."""
        with transaction() as db:
            key = db.scalar(
                text("SELECT id FROM call_back WHERE order_id = :order AND done_at IS NULL"), {"order": matter.order_id}
            )
            if key is None:
                return False
            note_call(db, who, key, Called(uuid4(), outcome, satisfied), "zh-CN", self.now)
        self.acts["call-back"] += 1
        return True

    def whistle(self, who: Actor, matter: Matter, departments: list[str]) -> UUID:
        """Call departments to the place."""
        draft = WhistleDraft(uuid4(), matter.incident_id, tuple(departments))
        with transaction() as db:
            whistle(db, who, draft, self.now)
        self.acts["whistle"] += 1
        return draft.id

    def answer(self, who: Actor, whistle: UUID, action: str, department: str, **said: Any) -> None:
        """Answer a whistle, or rate an answer."""
        with transaction() as db:
            if action == "arrive":
                there = text("SELECT ST_X(place) AS lon, ST_Y(place) AS lat FROM whistle WHERE id = :id")
                row = db.execute(there, {"id": whistle}).one()
                said["place"] = Spot(row.lon, row.lat, 10.0)
            answer(db, who, whistle, AnswerDraft(uuid4(), action, department, **said), self.now)
        self.acts[f"whistle {action}"] += 1

    def state(self, matter: Matter) -> str:
        """Where the incident stands."""
        with transaction() as db:
            return str(db.scalar(text("SELECT state FROM incident WHERE id = :id"), {"id": matter.incident_id}))


def _liveliness(hour: int) -> float:
    """How busy an hour is against the mean of the day: a dip at night, peaks before noon and at dusk."""
    angle = hour / 24 * math.tau
    return 1 - 0.3 * math.cos(angle) - 0.12 * math.cos(2 * angle - 0.5)
