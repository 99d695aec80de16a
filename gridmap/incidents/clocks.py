"""
The clocks of an incident: which stage ran from when to when, and when its time is over.

All of it follows from the log and from the rules of the day on which a stage began, so it can be worked out again at
any time; the table `clock` only keeps the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from gridmap.catalogue.clocks import Progress
from gridmap.incidents.history import Event
from gridmap.incidents.rules import ANSWERED, DUE_WHY, ENDED, OPEN, TERM, State

# While an incident is in one of these states, the clock of the stage runs, or stands still where that was granted.
_DURING: Final[Mapping[str, frozenset[State]]] = {
    "file": frozenset({State.REPORTED, State.VERIFIED}),
    "dispatch": frozenset({State.FILED, State.RETURNED, State.REOPENED}),
    "accept": frozenset({State.DISPATCHED}),
    "handle": frozenset({State.DISPATCHED, State.HANDLING, State.SUSPENDED}),
    "check": frozenset({State.HANDLED}),
    "close": frozenset(OPEN) - {State.REPORTED, State.VERIFIED},
}
# Who is given it anew has the whole time.
_RESTARTS: Final[Mapping[str, frozenset[str]]] = {
    "accept": frozenset({"dispatch"}),
    "handle": frozenset({"dispatch"}),
}
# Side by side with these: from one step of the log to another.
_BETWEEN: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "contact": (frozenset({"report"}), frozenset({"contact", "feedback"})),
    "verify": (frozenset({"ask_verification"}), frozenset({"verify", "file", "fix"})),
}
DECIDING: Final = ("handle", "close")
"""The stages whose deadline is the deadline of the incident."""


@dataclass
class Span:
    """A stage that runs or ran, with what bore on its time meanwhile."""

    stage: str
    since_seq: int
    started_at: datetime
    facts: dict[str, str]
    category: str | None
    stopped_at: datetime | None = None
    pauses: list[tuple[datetime, datetime, str]] = field(default_factory=list)
    extensions: list[tuple[int, str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Clock:
    """A row of the table `clock`."""

    stage: str
    since_seq: int
    rule_id: int | None
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    provisional: bool
    explained: tuple[Mapping[str, Any], ...]

    def row(self, incident_id: UUID) -> dict[str, Any]:
        """The row as JSON values."""
        return {
            "incident_id": str(incident_id),
            "stage": self.stage,
            "since_seq": self.since_seq,
            "rule_id": self.rule_id,
            "started_at": self.started_at.isoformat(),
            "due_at": None if self.due_at is None else self.due_at.isoformat(),
            "stopped_at": None if self.stopped_at is None else self.stopped_at.isoformat(),
            "provisional": self.provisional,
            "explained": [dict(reason) for reason in self.explained],
        }


Ruling = Callable[[Span], Clock | None]
"""Says when the time of a span is over; None where no rule gives it a time."""


def spans_of(events: Sequence[Event], kind: str | None = None) -> list[Span]:
    """
    Read from a log which stage ran when.

    Parameters
    ----------
    events
        The whole log.
    kind
        Of the grid, for rules that ask for it.
    """
    spans: list[Span] = []
    running: dict[str, Span] = {}
    facts: dict[str, str] = {} if kind is None else {"kind": kind}
    category: str | None = None
    for event in events:
        for name in ("severity", "source", "level"):
            if event.columns.get(name) is not None:
                facts[name] = str(event.columns[name])
        category = event.columns.get("category", category)
        for span in running.values():
            span.category = category
            # A log whose beginning is gone says no severity; `gridmap log verify` names it, and its card still opens.
            span.facts["severity"] = facts.get("severity", "")
            _bear(span, event)
        for stage in _stopped(running, event):
            running.pop(stage).stopped_at = event.at
        for stage in _started(running, event, facts.get("source", "")):
            span = Span(stage, event.seq, event.at, dict(facts), category)
            spans.append(span)
            if event.state in ENDED:
                span.stopped_at = event.at
            else:
                running[stage] = span
    return spans


def _bear(span: Span, event: Event) -> None:
    """Note what stops or lengthens the time of a running stage."""
    if span.stage not in DECIDING:
        return
    if event.state is State.SUSPENDED and event.left is not State.SUSPENDED:
        span.pauses.append((event.at, datetime.fromisoformat(event.told["until"]), event.role))
    elif event.left is State.SUSPENDED and event.state is not State.SUSPENDED and span.pauses:
        # Granted until an hour: whoever goes on later has had no more than that.
        begins, until, role = span.pauses[-1]
        span.pauses[-1] = (begins, min(until, event.at), role)
    if event.step == "extend":
        span.extensions.append((event.told["amount"], event.told["unit"], event.role))


def _stopped(running: Mapping[str, Span], event: Event) -> list[str]:
    return [
        stage
        for stage in running
        if event.state in ENDED
        or (stage in _DURING and event.state not in _DURING[stage])
        or event.step in _RESTARTS.get(stage, ())
        or (stage in _BETWEEN and event.step in _BETWEEN[stage][1])
    ]


def _started(running: Mapping[str, Span], event: Event, source: str) -> list[str]:
    started = [stage for stage, states in _DURING.items() if stage not in running and event.state in states]
    for stage, (starts, _) in _BETWEEN.items():
        if event.step in starts and stage not in running and (stage != "contact" or source in ANSWERED):
            started.append(stage)
    # What is settled in one go was filed in it, too.
    if event.step == "fix" and event.state in ENDED and event.left in (State.REPORTED, State.VERIFIED):
        started.append("close")
    return started


def clocks_of(spans: Sequence[Span], ruling: Ruling) -> list[Clock]:
    """Give the clock of each span that has a rule."""
    return [clock for clock in map(ruling, spans) if clock is not None]


def due_of(clocks: Sequence[Clock]) -> datetime | None:
    """The deadline of an incident: of the clocks that decide and run, the first."""
    running = [clock.due_at for clock in clocks if clock.stage in DECIDING and clock.stopped_at is None]
    return min((due for due in running if due is not None), default=None)


def progress_by_severity(span: Span, at: datetime) -> Progress | None:
    """How far the clock of `by_severity` is at an instant."""
    if span.stage != "close" or not span.facts.get("severity"):
        return None
    stood = sum((min(ends, at) - begins).total_seconds() for begins, ends, _ in span.pauses if begins < at)
    return Progress(
        (at - span.started_at).total_seconds() - stood,
        TERM[int(span.facts["severity"])].total_seconds(),
        any(begins <= at < ends for begins, ends, _ in span.pauses),
    )


def by_severity(span: Span) -> Clock | None:
    """The time of a whole case where an installation has no rule of its own: by severity, day and night."""
    if span.stage != "close" or not span.facts.get("severity"):
        return None
    severity = int(span.facts["severity"])
    due = span.started_at + TERM[severity]
    for begins, ends, _ in span.pauses:
        # A pause that began after the time was over gives none back.
        if begins < due:
            due += ends - begins
    why = {"msgid": DUE_WHY[severity], "values": {}}
    return Clock(span.stage, span.since_seq, None, span.started_at, due, span.stopped_at, False, (why,))
