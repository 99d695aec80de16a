"""
The family of rates and durations by which a loop is judged, as pure arithmetic over what the logs say.

The names follow the family of GB/T 30428.4 (evaluation of digitised city management); each rate keeps the incidents
of its numerator and denominator, so that a figure can always be opened, and the sentence of its rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final, TypeVar
from uuid import UUID

from gridmap.insight.facts import DONE_BY, Act, Facts, Period, Timed
from gridmap.insight.rules import ACTIVE_SOURCES, Rate
from gridmap.language import N_

_Each = TypeVar("_Each", Timed, Act)

STAGE_LABELS: Final[Mapping[str, str]] = {
    "contact": N_("First contact"),
    "verify": N_("Verification"),
    "file": N_("Filing"),
    "dispatch": N_("Dispatching"),
    "accept": N_("Acceptance"),
    "handle": N_("Handling"),
    "check": N_("Checking"),
    "close": N_("The whole case"),
}


@dataclass(frozen=True)
class Counted:
    """The incidents that a rate counts; one counts as often as what is counted happened to it."""

    numerator: tuple[UUID, ...]
    denominator: tuple[UUID, ...]

    @property
    def rate(self) -> Rate:
        """The figure."""
        return Rate(len(self.numerator), len(self.denominator))


Count = Callable[[Facts, Period], Counted]


@dataclass(frozen=True)
class Indicator:
    """A rate: its name, the sentence of its rule, and how it is counted."""

    key: str
    label: str
    rule: str
    count: Count


@dataclass(frozen=True)
class Duration:
    """How long a stage took where it was done in a period, in minutes on the clock: the middle, and nine in ten."""

    stage: str
    n: int
    median_min: float
    p90_min: float


def _share(things: Iterable[_Each], counts: Callable[[_Each], bool]) -> Counted:
    whole = list(things)
    return Counted(tuple(each.incident_id for each in whole if counts(each)), tuple(each.incident_id for each in whole))


def _of_stage(stage: str, counts: Callable[[Timed, Period], bool]) -> Count:
    """Of what fell due in the period in a stage, what meets a test."""

    def count(facts: Facts, period: Period) -> Counted:
        owed = (each for each in facts.timed if each.stage == stage and each.owed_in(period))
        return _share(owed, lambda each: counts(each, period))

    return count


def _of_acts(among: Callable[[Act], bool], counts: Callable[[Act], bool]) -> Count:
    """Of the steps of a kind that were taken in the period, those that meet a test."""

    def count(facts: Facts, period: Period) -> Counted:
        taken = (act for act in facts.acts if period.holds(act.at) and among(act))
        return _share(taken, counts)

    return count


def _dispatched_right(facts: Facts, period: Period) -> Counted:
    """A dispatch was wrong if the next that happened to it, before any other dispatch, was that it came back."""
    returned: set[tuple[UUID, int]] = set()
    last: dict[UUID, int] = {}
    for act in sorted(facts.acts, key=lambda act: (act.incident_id, act.seq)):
        if act.step == "dispatch":
            last[act.incident_id] = act.seq
        elif act.step == "return" and act.at < period.end and act.incident_id in last:
            returned.add((act.incident_id, last.pop(act.incident_id)))
    dispatches = (act for act in facts.acts if act.step == "dispatch" and period.holds(act.at))
    return _share(dispatches, lambda act: (act.incident_id, act.seq) not in returned)


def _in_time(each: Timed, _: Period) -> bool:
    return each.in_time


def _done(each: Timed, period: Period) -> bool:
    return each.done_by(period.end)


_ON_TIME: Final = (
    ("filed_on_time", "file", N_("Filed on time"),
     N_("Of the reports whose filing fell due in the period, those filed by then.")),
    ("verified_on_time", "verify", N_("Verified on time"),
     N_("Of the verifications that fell due in the period, those done by then.")),
    ("dispatched_on_time", "dispatch", N_("Dispatched on time"),
     N_("Of the dispatches that fell due in the period, those made by then.")),
    ("handled_on_time", "handle", N_("Handled on time"),
     N_("Of the work that fell due in the period, what was reported as handled by then.")),
    ("checked_on_time", "check", N_("Checked on time"),
     N_("Of the checks that fell due in the period, those done by then.")),
    ("closed_on_time", "close", N_("Closed on time"),
     N_("Of the cases that fell due in the period, those closed by then.")),
    ("contacted_on_time", "contact", N_("Contacted on time"),
     N_("Of the first contacts that fell due in the period, those made by then.")),
)  # fmt: skip

INDICATORS: Final[tuple[Indicator, ...]] = (
    Indicator(
        "valid", N_("Valid reports"),
        N_("Of the reports that were filed or rejected in the period, those filed."),
        _of_acts(
            lambda act: act.step == "reject" or (act.before_filing and act.step in ("file", "fix")),
            lambda act: act.step != "reject",
        ),
    ),
    Indicator(
        "active", N_("Found by staff and devices"),
        N_("Of what was reported in the period, what staff or devices found, and not a complaint."),
        _of_acts(lambda act: act.step == "report", lambda act: act.source in ACTIVE_SOURCES),
    ),
    *(Indicator(key, label, rule, _of_stage(stage, _in_time)) for key, stage, label, rule in _ON_TIME),
    Indicator(
        "dispatched_right", N_("Dispatched rightly"),
        N_("Of the dispatches of the period, those that did not come back as wrong before the period had ended."),
        _dispatched_right,
    ),
    Indicator(
        "handled", N_("Handled"),
        N_("Of the work that fell due in the period, what was reported as handled before the period had ended."),
        _of_stage("handle", _done),
    ),
    Indicator(
        "overdue_pending", N_("Overdue and pending"),
        N_("Of the work that fell due in the period, what was not handled when the period had ended."),
        _of_stage("handle", lambda each, period: not each.done_by(period.end)),
    ),
    Indicator(
        "deferred", N_("Deferred"),
        N_("Of the work that fell due in the period, what had been given more time."),
        _of_stage("handle", lambda each, _: each.extended),
    ),
    Indicator(
        "reworked", N_("Sent back to work"),
        N_("Of the checks of the period, those that sent the work back."),
        _of_acts(lambda act: act.step in ("check", "rework"), lambda act: act.step == "rework"),
    ),
    Indicator(
        "closed", N_("Closed"),
        N_("Of the cases that fell due in the period, those closed before the period had ended."),
        _of_stage("close", _done),
    ),
    Indicator(
        "satisfied", N_("Satisfied"),
        N_("Of the reporters who said in the period what they think of the result, those who are satisfied."),
        _of_acts(lambda act: act.satisfied is not None, lambda act: bool(act.satisfied)),
    ),
)  # fmt: skip

INDICATOR_OF: Final = {indicator.key: indicator for indicator in INDICATORS}


def durations(facts: Facts, period: Period) -> list[Duration]:
    """How long each stage took where it was done in a period; stages that nothing went through are left out."""
    took: dict[str, list[float]] = {}
    for each in facts.timed:
        if each.done and each.stopped_at is not None and period.holds(each.stopped_at):
            took.setdefault(each.stage, []).append((each.stopped_at - each.started_at).total_seconds() / 60)
    told = ((stage, took[stage]) for stage in DONE_BY if stage in took)
    return [Duration(stage, len(minutes), median(minutes), _ninth(minutes)) for stage, minutes in told]


def _ninth(minutes: list[float]) -> float:
    return quantiles(minutes, n=10, method="inclusive")[-1] if len(minutes) > 1 else minutes[0]
