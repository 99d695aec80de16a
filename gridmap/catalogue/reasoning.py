"""Why a deadline is what it is: reasons as JSON of a sentence and its values, kept with the clock, worded when read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from gridmap.catalogue.calendars import Calendar, Micros
from gridmap.catalogue.counting import Count, Unit
from gridmap.language import N_


class Reasons:
    """
    Collects the reasons of one deadline, in the order in which a person asks.

    Names of values say how they are worded: ``…_at`` is an instant, ``…_on`` a day, ``amount`` a number and a unit.
    """

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._told: list[dict[str, Any]] = []

    @property
    def told(self) -> tuple[dict[str, Any], ...]:
        """The reasons so far, JSON all of them."""
        return tuple(self._told)

    def tell_rule(self, rule: int, stage: str, amount: float, unit: Unit, holds: Mapping[str, Any]) -> None:
        """Which time limit it is, and for which class and condition it was made."""
        values = {"rule": rule, "stage": stage, "amount": _amount(amount, unit)}
        if holds:
            self._tell(N_("%(stage)s: %(amount)s, by rule %(rule)s for %(holds)s."), holds=holds, **values)
        else:
            self._tell(N_("%(stage)s: %(amount)s, by rule %(rule)s."), **values)

    def tell_begin(self, begins: Micros, unit: Unit, count: Count) -> None:
        """From when it is counted, and in what time."""
        start_at = self._at(begins)
        if unit == Unit.CLOCK_HOURS:
            self._tell(N_("Counted from %(start_at)s, day and night."), start_at=start_at)
        elif unit == Unit.WORK_HOURS:
            self._tell(
                N_("Counted from %(start_at)s, in the hours of work-days only (%(calendar)s, %(hours)s)."),
                start_at=start_at,
                **self._in_calendar(count),
            )
        else:
            self._tell(
                N_(
                    "Started %(start_at)s. That day does not count: counted from %(first_on)s, in work-days"
                    " (%(calendar)s, %(hours)s)."
                ),
                start_at=start_at,
                first_on=self._calendar.day_of(count.begins).isoformat(),
                **self._in_calendar(count),
            )

    def tell_days(self, counts: Sequence[Count]) -> None:
        """Which days did not count, and which did although they are of a week-end."""
        rest = sorted({day for count in counts for day in count.rest})
        worked = sorted({day for count in counts for day in count.worked})
        if rest:
            self._tell(N_("Not counted: %(days)s."), days=self._spans(rest))
        if worked:
            self._tell(N_("Work-days by decree: %(days)s."), days=self._spans(worked))

    def tell_pause(
        self, begins: Micros, ends: Micros | None, approver: str | None, counted_from: Micros, due: Micros | None
    ) -> None:
        """When the clock stood still, if that was while it ran."""
        if (due is not None and begins >= due) or (ends is not None and ends <= max(begins, counted_from)):
            return
        values: dict[str, Any] = {"begins_at": self._at(begins)}
        if ends is not None:
            values["ends_at"] = self._at(ends)
        if approver:
            values["approver"] = approver
        self._tell(_PAUSES[ends is not None, bool(approver)], **values)

    def tell_extension(self, amount: float, unit: Unit, approver: str | None) -> None:
        """How much more time was granted."""
        if approver:
            self._tell(
                N_("Extended by %(amount)s, approved by %(approver)s."), amount=_amount(amount, unit), approver=approver
            )
        else:
            self._tell(N_("Extended by %(amount)s."), amount=_amount(amount, unit))

    def tell_who_may_pause(self, role: str | None) -> None:
        """Who may stop the clock."""
        if role is None:
            self._tell(N_("Nobody may pause this clock."))
        else:
            self._tell(N_("May be paused by: %(role)s."), role=role)

    def tell_end(self, due: Micros | None, unknown_years: Sequence[int]) -> None:
        """When it is over, and whether that is certain."""
        if due is None:
            self._tell(N_("While the clock stands still there is no deadline."))
        else:
            self._tell(N_("Due %(due_at)s."), due_at=self._at(due))
        if unknown_years:
            self._tell(
                N_(
                    "There is no calendar for %(years)s yet: Monday to Friday are taken for work-days. The deadline is"
                    " provisional and is worked out anew when that calendar is there."
                ),
                years=list(unknown_years),
            )

    def _tell(self, msgid: str, **values: Any) -> None:
        self._told.append({"msgid": msgid, "values": values})

    def _at(self, at: Micros) -> str:
        return self._calendar.local(at).isoformat(timespec="seconds")

    def _in_calendar(self, count: Count) -> dict[str, Any]:
        hours = self._calendar.hours_on(self._calendar.day_of(count.begins))
        return {
            "calendar": dict(self._calendar.called) or self._calendar.name,
            "hours": [[opens.isoformat("minutes"), closes.isoformat("minutes")] for opens, closes in hours],
        }

    def _spans(self, days: Sequence[date]) -> list[dict[str, Any]]:
        """Days of one name that follow on each other as one span; days without a name, week-ends, as their number."""
        spans: list[dict[str, Any]] = []
        nameless = 0
        for day in days:
            names = dict(self._calendar.names.get(day, {}))
            if not names:
                nameless += 1
            elif spans and spans[-1]["names"] == names and (day - date.fromisoformat(spans[-1]["last_on"])).days == 1:
                spans[-1] |= {"last_on": day.isoformat(), "n": spans[-1]["n"] + 1}
            else:
                spans.append({"names": names, "first_on": day.isoformat(), "last_on": day.isoformat(), "n": 1})
        return [*spans, {"names": {}, "n": nameless}] if nameless else spans


_PAUSES = {
    (True, True): N_("Paused from %(begins_at)s to %(ends_at)s, approved by %(approver)s."),
    (True, False): N_("Paused from %(begins_at)s to %(ends_at)s."),
    (False, True): N_("Paused since %(begins_at)s, approved by %(approver)s."),
    (False, False): N_("Paused since %(begins_at)s."),
}


def _amount(amount: float, unit: Unit) -> dict[str, Any]:
    return {"n": int(amount) if amount == int(amount) else amount, "unit": str(unit)}
