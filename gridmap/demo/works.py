"""How a simulated district works its incidents off: a desk dispatches and checks, a department handles, with photos."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Iterable, Mapping
from typing import Any, Final

import uuid6

from gridmap.demo.door import Answer, Session

_NOTES: Final = ("已到现场处置,恢复原状。", "当事人已整改,复查合格。", "已通知责任单位,处理完毕。")
_TOLD: Final = "已将处理结果告知反映人。"
_TO_DISPATCH: Final = ("filed", "returned", "reopened")
_CONFLICT: Final = 409
_ANSWERS: Final[Mapping[str, Any]] = {"yes-no": False, "number": 2, "text": "当日"}


class Works:
    """
    Takes incidents on, a step at a time.

    Parameters
    ----------
    desk, handler
        The district's desk, and the clerk of a department.
    department
        The code of that department.
    dice
        The chance of this run.
    """

    def __init__(self, desk: Session, handler: Session, department: str, dice: random.Random) -> None:
        self._desk = desk
        self._handler = handler
        self._department = department
        self._dice = dice

    def go_on(self, incidents: Iterable[Mapping[str, Any]], most: int) -> int:
        """Take the next step of each of some incidents, and close no more than `most`; says how many were closed."""
        closed = 0
        for incident in incidents:
            if incident["state"] == "checked":
                closed += closed < most and self._close(incident)
            else:
                self._next(incident)
        return closed

    def _next(self, incident: Mapping[str, Any]) -> None:
        state = incident["state"]
        if state in _TO_DISPATCH:
            self._dispatch(incident)
        elif state == "dispatched":
            # What others were sent is sent anew: their people are not played.
            if not take_step(self._handler, incident, "accept").taken:
                self._dispatch(incident)
        elif state == "handling":
            self._handle(incident)
        elif state == "handled":
            take_step(self._desk, incident, "check")
        elif state == "suspended":
            take_step(self._desk, incident, "resume")

    def _dispatch(self, incident: Mapping[str, Any]) -> None:
        take_step(self._desk, incident, "dispatch", **{"with": {"department": self._department}})

    def _handle(self, incident: Mapping[str, Any]) -> None:
        """Handle what is ours with the photos that its class asks for; what others hold comes back to the desk."""
        card = self._handler.get(f"/api/v1/incidents/{incident['id']}")
        steps = {step["step"]: step for step in card.content["steps"]} if card.taken else {}
        if "handle" not in steps:
            take_step(self._desk, incident, "return", reason="not-ours")
            return
        media = [{"sha256": self._photo(), "role": need} for need in steps["handle"]["needs"] if need != "note"]
        answers = answers_to(
            (item["code"], item["answer"]) for each in card.content["checklists"] for item in each["items"]
        )
        said = {"with": {"checklist": answers}} if answers else {}
        take_step(self._handler, incident, "handle", note=self._dice.choice(_NOTES), media=media, **said)

    def _photo(self) -> str:
        """Send a photo of nothing in particular, and say its hash."""
        from PIL import Image

        drawn = io.BytesIO()
        Image.new("RGB", (64, 48), tuple(self._dice.randbytes(3))).save(drawn, "JPEG")
        sha256 = hashlib.sha256(drawn.getvalue()).hexdigest()
        self._handler.put(f"/api/v1/media/{sha256}", drawn.getvalue())
        return sha256

    def _close(self, incident: Mapping[str, Any]) -> bool:
        """Close what was checked; whoever waits for an answer has it first."""
        note = {"note": self._dice.choice(_NOTES)}
        closing = take_step(self._desk, incident, "close", **note)
        if closing.status == _CONFLICT:
            told = take_step(self._desk, incident, "feedback", note=_TOLD)
            closing = take_step(self._desk, told.content, "close", **note) if told.taken else closing
        return closing.taken


def answers_to(items: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """
    Answer the questions of checklists as somebody does who found all in order.

    Parameters
    ----------
    items
        Code and kind of each question.
    """
    return {code: _ANSWERS[kind] for code, kind in items}


def take_step(who: Session, incident: Mapping[str, Any], step: str, **words: Any) -> Answer:
    """Take a step of an incident as it was listed."""
    content = {"id": str(uuid6.uuid7()), "step": step, "seq": incident["seq"], **words}
    return who.post(f"/api/v1/incidents/{incident['id']}/steps", content)
