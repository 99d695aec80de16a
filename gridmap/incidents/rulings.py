"""What the rules of an installation say of an incident: its clocks, its proof, its reasons, whose duty it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gridmap.catalogue.clocks import ClockRule, Extension, Pause, Progress, Stage, Unit
from gridmap.catalogue.rulebook import Rulebook, rulebook_now
from gridmap.catalogue.rules import Checklist, Choice
from gridmap.errors import Conflict, Invalid, NotAllowed
from gridmap.incidents.clocks import DECIDING, Clock, Span, by_severity, progress_by_severity
from gridmap.incidents.rules import LEVELS, TERM
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
_A_SECOND: Final = timedelta(seconds=1)
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
        rule = self._rule(span)
        if rule is None:
            # Time that was granted counts on the calendar, whatever the term itself came from.
            return self._extended(span) or by_severity(span)
        found = self.rules.timing.deadline(rule, span.started_at, *_granted(span))
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

    def _extended(self, span: Span) -> Clock | None:
        """The clock by severity of a case that was given more time; None of any other."""
        term, plain = self._term(span), by_severity(span)
        if term is None or plain is None:
            return None
        found = self.rules.timing.deadline(term, span.started_at, *_granted(span))
        # The first reason names the rule, and there is none.
        why = (*plain.explained, *found.explained[1:])
        return replace(plain, due_at=found.due_at, provisional=found.provisional, explained=why)

    def _term(self, span: Span) -> ClockRule | None:
        """The time by severity as a rule of a calendar, for a case that was given more time; None of any other."""
        calendar = next(iter(sorted(self.rules.timing.calendars)), None)
        if not span.extensions or span.stage != "close" or calendar is None or not span.facts.get("severity"):
            return None
        hours = TERM[int(span.facts["severity"])] // timedelta(hours=1)
        return ClockRule(0, None, "", Stage.CLOSE, hours, Unit.CLOCK_HOURS, calendar=calendar)

    def require_pause_right(self, running: Sequence[Span], roles: frozenset[Role]) -> None:
        """
        See to it that a clock is stopped by those whom its rule names, or by the district's desk.

        Raises
        ------
        NotAllowed
            If a clock that a pause would stop names somebody else.
        """
        for span in running:
            rule = self._rule(span) if span.stage in DECIDING else None
            if rule is None or rule.pause_role is None or not roles.isdisjoint({Role(rule.pause_role), Role.OPERATOR}):
                continue
            raise NotAllowed(
                N_("The clock of this matter may be stopped by %(role)s alone: rule %(rule)s says so. Ask there."),
                role=Role(rule.pause_role).label,
                rule=str(rule.id),
            )

    def progress(self, span: Span, at: datetime) -> tuple[Progress, bool] | None:
        """
        How far the clock of a stage is at an instant, and whether it runs then; None where no rule gives it a time.

        A clock that was stopped stands as it stood then.
        """
        then = at if span.stopped_at is None else min(at, span.stopped_at)
        now, next_ = self._progress(span, then), self._progress(span, then + _A_SECOND)
        if now is None or next_ is None:
            return None
        return now, span.stopped_at is None and next_.used_s > now.used_s

    def _progress(self, span: Span, at: datetime) -> Progress | None:
        rule = self._rule(span) or self._term(span)
        if rule is None:
            return progress_by_severity(span, at)
        return self.rules.timing.progress(rule, span.started_at, *_granted(span), now=at)

    def _rule(self, span: Span) -> ClockRule | None:
        return self.rules.clock(span.category, span.facts, Stage(span.stage), span.started_at)

    def photos_of(self, category: str | None, step: Step, at: datetime) -> frozenset[str]:
        """The photos that a step needs for its class, beside those that it needs anyway: of ``before, after``."""
        return _PHOTOS.get(self.rules.needs_of(category, step.name, self.day(at)), frozenset())

    def checklists(self, category: str | None, occurred_at: datetime) -> tuple[Checklist, ...]:
        """What is asked on the spot in a class, by the lists of the day on which the matter happened."""
        return self.rules.checklists_of(category, self.day(occurred_at))

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
        See to it that a matter whose duty was withdrawn from the townships is sent neither to one nor to its grids.

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
        if LEVELS.index(level) > LEVELS.index("township"):
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


def _granted(span: Span) -> tuple[list[Pause], list[Extension]]:
    """What was granted of a span's time, with who granted it as a word."""
    return (
        [Pause(begins, ends, _ROLE_WORDS.get(role)) for begins, ends, role in span.pauses],
        [Extension(amount, Unit(unit), _ROLE_WORDS.get(role)) for amount, unit, role in span.extensions],
    )


def book_of(db: Session, time_zone: str) -> Book:
    """The rules as they are now, in an IANA time zone; one read of a number if nothing has changed."""
    return Book(rulebook_now(db), ZoneInfo(time_zone))
