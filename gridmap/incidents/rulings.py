"""What the rules of an installation say of an incident: its clocks, its proof, its reasons, whose duty it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gridmap.catalogue.clocks import Extension, Pause, Stage, Unit
from gridmap.catalogue.rulebook import Rulebook, rulebook_now
from gridmap.catalogue.rules import Choice
from gridmap.errors import Conflict, Invalid
from gridmap.incidents.clocks import Clock, Span, by_severity
from gridmap.incidents.steps import Step
from gridmap.language import N_
from gridmap.people.rights import Role

LIST_OF: Final[Mapping[str, str]] = {
    "return": "return",
    "escalate": "escalate",
    "ask_suspend": "suspend",
    "suspend": "suspend",
    "ask_extend": "extend",
    "extend": "extend",
    "refuse": "refuse",
    "rework": "rework",
    "reject": "reject",
    "reopen": "reopen",
}
"""The list of the catalogue that the reason of a step is from."""

_PHOTOS: Final = {"photo": frozenset({"after"}), "before-after": frozenset({"before", "after"})}
_ROLE_WORDS: Final = {role.value: role.label for role in Role}


@dataclass(frozen=True)
class Book:
    """The rules as this transaction sees them, asked of the local day on which something began."""

    rules: Rulebook
    zone: ZoneInfo

    def day(self, at: datetime) -> date:
        """The local day of an instant."""
        return at.astimezone(self.zone).date()

    def ruling(self, span: Span) -> Clock | None:
        """The clock of a stage by the rule of the day on which it began; by severity where no rule speaks of a case."""
        rule = self.rules.clock(span.category, span.facts, Stage(span.stage), span.started_at)
        if rule is None:
            return by_severity(span)
        found = self.rules.timing.deadline(
            rule,
            span.started_at,
            [Pause(begins, ends, _ROLE_WORDS.get(role)) for begins, ends, role in span.pauses],
            [Extension(amount, Unit(unit), _ROLE_WORDS.get(role)) for amount, unit, role in span.extensions],
        )
        return Clock(
            span.stage,
            span.since_seq,
            rule.id,
            span.started_at,
            found.due_at,
            span.stopped_at,
            found.provisional,
            found.explained,
        )

    def photos_of(self, category: str | None, step: Step, at: datetime) -> frozenset[str]:
        """The photos that a step needs for its class, beside those that it needs anyway: of ``before, after``."""
        return _PHOTOS.get(self.rules.needs_of(category, step.name, self.day(at)), frozenset())

    def reasons(self, step: str, at: datetime) -> tuple[Choice, ...]:
        """The reasons that may be given for a step; none for a step that asks for none."""
        return self.rules.reasons(LIST_OF[step], self.day(at)) if step in LIST_OF else ()

    def require_reason(self, step: str, reason: str | None, at: datetime) -> None:
        """
        See to it that the reason of a step is one of its list.

        Raises
        ------
        Invalid
            If it is not; the sentence names those that are.
        """
        if step not in LIST_OF:
            return
        known = [choice.code for choice in self.reasons(step, at)]
        if reason not in known:
            raise Invalid(
                N_("“%(reason)s” is no reason of this step. Choose one of: %(known)s."),
                where="/reason",
                reason=reason or "",
                known=", ".join(known),
            )

    def require_not_withdrawn(self, category: str | None, path: str, at: datetime, level: str) -> None:
        """
        See to it that a matter whose duty was withdrawn from the townships is not sent to one.

        Parameters
        ----------
        path
            Area path of the incident.
        at
            When it was reported: the duty of that day counts.
        level
            That it would be sent to.

        Raises
        ------
        Conflict
            If the duty is on the withdrawn list; the sentence names the row.
        """
        if level != "township":
            return
        route = self.rules.route(category, path, self.day(at))
        if route.list == "withdrawn":
            raise Conflict(
                N_(
                    "This matter was withdrawn from the townships (duty %(row)s of class %(category)s): the district"
                    " handles it. Send it to a department of the district."
                ),
                row=str(route.duty_id),
                category=category or "",
            )


def book_of(db: Session, time_zone: str) -> Book:
    """The rules as they are now, in an IANA time zone; one read of a number if nothing has changed."""
    return Book(rulebook_now(db), ZoneInfo(time_zone))
