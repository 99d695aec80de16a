"""A step as somebody wants to take it, and why it cannot be taken just now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from gridmap.errors import Conflict, Invalid
from gridmap.incidents.history import Event
from gridmap.incidents.rules import State
from gridmap.incidents.steps import STEP_OF, WORDS
from gridmap.language import N_
from gridmap.people.rights import Role
from gridmap.reports.rules import Evidence

_ROLE_WORDS: Final = {role.value: role.label for role in Role}


@dataclass(frozen=True)
class StepDraft:
    """
    A step that somebody wants to take.

    Attributes
    ----------
    id
        Made by the sender: the same id is taken once.
    seq
        How many steps the sender had seen; None when they do not care who was faster.
    evidence
        Photos that come with it; all of them have been sent before.
    told_at
        When it was done by the sender's clock; None is now.
    arguments
        What it is told beside that, as JSON values by name; see `gridmap.incidents.arguments`.
    """

    id: UUID
    step: str
    reason: str | None = None
    note: str | None = None
    seq: int | None = None
    evidence: tuple[Evidence, ...] = ()
    told_at: datetime | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def content(self, incident_id: UUID) -> dict[str, Any]:
        """What a receipt commits to."""
        said: dict[str, Any] = {
            "incident": str(incident_id),
            "step": self.step,
            "reason": self.reason,
            "note": self.note,
        }
        # Left out where there is nothing, as before there were any: a step kept until then is still known again.
        if self.evidence:
            said["media"] = [[photo.sha256.hex(), photo.role] for photo in self.evidence]
        if self.told_at is not None:
            said["at"] = self.told_at.isoformat()
        if self.arguments:
            said["with"] = dict(self.arguments)
        return said

    def given(self) -> set[str]:
        """What comes with it, of the needs that a step may have."""
        words = {"reason": self.reason, "note": self.note}
        return {name for name, said in words.items() if (said or "").strip()} | {photo.role for photo in self.evidence}


class PhotosMissing(Invalid):
    """A step names photos that its sender has not sent."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(
            N_("%(n)s photos of this step have not arrived yet. Send the photos first, then the step."),
            where="/media",
            n=len(missing),
        )
        self.members = {"missing": list(missing)}


class SteppedMeanwhile(Conflict):
    """Somebody else was faster; the sender has not seen what the incident is now."""

    def __init__(self, number: str, state: State, last: Event, who: str | None) -> None:
        known = STEP_OF.get(last.step)
        said = known.label if known else WORDS.get(last.step, last.step)
        super().__init__(
            N_(
                "Incident %(number)s has moved on meanwhile and is %(state)s now: “%(step)s” was taken by %(who)s"
                " (%(role)s). Look at it again before you go on."
            ),
            number=number,
            state=state.label,
            step=said,
            who=who or "gridmap",
            role=_ROLE_WORDS.get(last.role, last.role),
        )
        self.members = {"seq": last.seq, "step": last.step, "at": last.at.isoformat(), "role": last.role, "by": who}


class NotToldYet(Conflict):
    """Somebody waits for an answer, and has none."""

    def __init__(self, number: str) -> None:
        super().__init__(
            N_(
                "Incident %(number)s came from somebody who waits for an answer. Tell them the result first (“Tell the"
                " reporter”), then close it."
            ),
            number=number,
        )
