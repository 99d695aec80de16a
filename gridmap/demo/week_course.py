"""What happens to one matter in a simulated week, told as a course of steps with the time between them."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, Protocol
from uuid import UUID

from gridmap.demo.week_cast import Cast
from gridmap.demo.works import answers_to
from gridmap.hotline.rules import Outcome, Satisfied
from gridmap.people.rules import Actor, Role
from gridmap.whistles import rules as whistling

Course = Generator[timedelta, None, None]
"""Each value is how long until the next thing happens."""

_NOTE: Final = "现场已处置完毕,恢复原状。"
_RESIDENT: Final = frozenset({"hotline", "web", "wechat", "letter", "visit", "resident"})


@dataclass(frozen=True)
class Matter:
    """One matter: its incident, and what its course depends on."""

    incident_id: UUID
    source: str
    category: str
    severity: int
    path: str
    order_id: UUID | None = None


class Stage(Protocol):
    """What a course may do: each in a transaction of its own, at the instant that the simulated clock shows."""

    cast: Cast
    dice: Random
    now: datetime

    def step(self, who: Actor, matter: Matter, name: str, reason: str | None = None, **told: Any) -> None:
        """Let somebody take a step."""

    def contact(self, who: Actor, matter: Matter) -> None:
        """Speak with who called."""

    def call_back(self, who: Actor, matter: Matter, outcome: Outcome, satisfied: Satisfied | None) -> bool:
        """Call who called about the result; False if there is nobody to be called."""

    def whistle(self, who: Actor, matter: Matter, departments: list[str]) -> UUID:
        """Call departments to the place."""

    def answer(self, who: Actor, whistle: UUID, action: str, department: str, **said: Any) -> None:
        """Answer a whistle, or rate an answer."""

    def state(self, matter: Matter) -> str:
        """Where the incident stands."""


def course_of(stage: Stage, matter: Matter) -> Course:
    """Play a matter from its report to its end, with what comes between for some."""
    desk = stage.dice.choice(stage.cast.operators)
    if matter.order_id is not None:
        yield _minutes(stage, 25)
        stage.contact(desk, matter)
    if matter.source in _RESIDENT:
        yield from _filed(stage, matter, desk)
        if stage.state(matter) != "filed":
            return
    for turn in range(3):
        clerk = yield from _handled(stage, matter, desk)
        yield from _judged(stage, matter, desk, clerk)
        if turn == 2 or not (yield from _called_back(stage, matter, desk)):
            return


def _filed(stage: Stage, matter: Matter, desk: Actor) -> Course:
    worker = stage.cast.at_place(Role.WORKER, matter.path)
    if worker is not None and stage.dice.random() < 0.3:
        yield _minutes(stage, 15)
        stage.step(desk, matter, "ask_verification", person=worker.id)
        yield _minutes(stage, 70)
        stage.step(worker, matter, "verify", found=True)
    yield _minutes(stage, 30)
    if stage.dice.random() < 0.06:
        stage.step(desk, matter, "reject", _reason(stage, "reject"))
    else:
        stage.step(desk, matter, "file")


def _handled(stage: Stage, matter: Matter, desk: Actor) -> Generator[timedelta, None, Actor]:
    """From the desk into hands, back for a wrong address, and on until the work is reported as done."""
    dice, cast = stage.dice, stage.cast
    code = cast.owner(matter.category, matter.path, stage.now, dice)
    yield _minutes(stage, 20)
    if dice.random() < 0.07:
        wrong_id, wrong = dice.choice(cast.departments)
        stage.step(desk, matter, "dispatch", department=wrong)
        yield _minutes(stage, 50)
        stage.step(cast.clerk(wrong_id), matter, "return", _reason(stage, "return"))
        yield _minutes(stage, 30)
    stage.step(desk, matter, "dispatch", department=code)
    clerk = cast.clerk(next(key for key, each in cast.departments if each == code))
    yield _minutes(stage, 60)
    stage.step(clerk, matter, "accept")
    if dice.random() < 0.12:
        yield from _mustered(stage, matter)
    if dice.random() < 0.06:
        yield from _granted(stage, matter, clerk, desk)
    yield _minutes(stage, {1: 60, 2: 240, 3: 1200, 4: 2400}[matter.severity])
    _report_done(stage, matter, clerk)
    return clerk


def _report_done(stage: Stage, matter: Matter, clerk: Actor) -> None:
    """Report the work as done, with an answer to every question that the class asks."""
    day = stage.now.astimezone(stage.cast.zone).date()
    lists = stage.cast.book.checklists_of(matter.category, day)
    answers = answers_to((item.code, item.answer) for each in lists for item in each.items)
    told: dict[str, Any] = {"checklist": answers} if answers else {}
    stage.step(clerk, matter, "handle", note=_NOTE, **told)


def _granted(stage: Stage, matter: Matter, clerk: Actor, desk: Actor) -> Course:
    """More time, or a rest until an hour; both are asked for and granted by another."""
    yield _minutes(stage, 40)
    if stage.dice.random() < 0.6:
        stage.step(clerk, matter, "ask_extend", _reason(stage, "extend"), amount=24, unit="h")
        yield _minutes(stage, 30)
        stage.step(desk, matter, "extend", _reason(stage, "extend"), amount=24, unit="h")
        return
    until = stage.now + timedelta(hours=stage.dice.randint(6, 30))
    stage.step(clerk, matter, "ask_suspend", _reason(stage, "suspend"), until=until.isoformat())
    yield _minutes(stage, 30)
    stage.step(desk, matter, "suspend", _reason(stage, "suspend"), until=until.isoformat())
    # The job lets it go on at that hour.
    yield until - stage.now + timedelta(minutes=30)


def _mustered(stage: Stage, matter: Matter) -> Course:
    """A chief whistles for two departments: one comes, the other is silent, refuses, or comes too."""
    chief = stage.cast.at_place(Role.CHIEF, matter.path)
    near = stage.cast.near(matter.path)
    if chief is None or not near:
        return
    yield _minutes(stage, 15)
    called = stage.dice.sample(near, min(2, len(near)))
    whistle = stage.whistle(chief, matter, [code for _, code in called])
    for n, (key, code) in enumerate(called):
        clerk, chance = stage.cast.clerk(key), stage.dice.random()
        yield _minutes(stage, 20)
        if n and chance < 0.25:
            continue
        if n and chance < 0.45:
            stage.answer(clerk, whistle, "refuse", code, reason=_reason(stage, "refuse_whistle"))
            continue
        stage.answer(clerk, whistle, "acknowledge", code)
        yield _minutes(stage, 30)
        stage.answer(clerk, whistle, "arrive", code)
        yield _minutes(stage, 40)
        stage.answer(clerk, whistle, "outcome", code, outcome=whistling.Outcome.SETTLED, note=_NOTE)
        yield _minutes(stage, 10)
        stage.answer(chief, whistle, "rate", code, rating=stage.dice.choice((3, 4, 5, 5)))


def _judged(stage: Stage, matter: Matter, desk: Actor, clerk: Actor) -> Course:
    """Checked by somebody else, sent back now and then, told to who waits for it, and closed."""
    judge = stage.cast.at_place(Role.CHIEF, matter.path) or desk
    yield _minutes(stage, 120)
    if stage.dice.random() < 0.08:
        stage.step(judge, matter, "rework", _reason(stage, "rework"))
        yield _minutes(stage, 300)
        _report_done(stage, matter, clerk)
        yield _minutes(stage, 60)
    stage.step(judge, matter, "check")
    yield _minutes(stage, 30)
    if matter.source in _RESIDENT:
        stage.step(desk, matter, "feedback", note=_NOTE)
    yield _minutes(stage, 20)
    stage.step(desk, matter, "close", note=_NOTE)


def _called_back(stage: Stage, matter: Matter, desk: Actor) -> Generator[timedelta, None, bool]:
    """Whether who called is dissatisfied, so that the job opens the matter again."""
    if matter.order_id is None:
        return False
    yield _minutes(stage, 300)
    if stage.dice.random() < 0.15:
        stage.call_back(desk, matter, Outcome.NOT_REACHED, None)
        yield timedelta(hours=5)
    satisfied = stage.dice.choices(list(Satisfied), (85, 8, 7))[0]
    stage.call_back(desk, matter, Outcome.REACHED, satisfied)
    yield timedelta(minutes=30)
    return stage.state(matter) == "reopened"


def _reason(stage: Stage, of_list: str) -> str:
    day = stage.now.astimezone(stage.cast.zone).date()
    return stage.dice.choice(stage.cast.book.reasons(of_list, day)).code


def _minutes(stage: Stage, typical: float) -> timedelta:
    """A time around a typical one; half of them are shorter, few are very long."""
    return timedelta(seconds=round(60 * typical * stage.dice.lognormvariate(0, 0.7)))
