"""What an import of rules would do, rule by rule: pure, so that a preview and the import cannot differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, Literal

from gridmap.language import N_

Kind = Literal["added", "changed", "ended", "same"]
Key = tuple[str, ...]

_BEGUN: Final = N_(
    "Another row for this is in force since %(since)s. What held on past days stays: choose a later day to change it."
)
_PAST: Final = N_("%(since)s is past. Rules take effect from today (%(today)s) on.")
_GOES_ON: Final = N_(
    "The row in force goes on after %(until)s, when this one ends. Leave out the end, or write two rows."
)
_OVERLAPS: Final = N_("Row %(first)s says something for the same days already.")
_ENDS_PAST: Final = N_("This ends before today (%(today)s). What held on past days stays: let it end today or later.")
_AT_ONCE: Final = N_("What %(key)s is called and how it is marked changes at once. Import it without a later day.")
_FIXED: Final = N_("%(field)s of “%(key)s” stays as it is: %(why)s")


@dataclass(frozen=True)
class Stored:
    """A row of the table, in the words of files; None is without begin or end."""

    id: str
    key: Key
    values: Mapping[str, Any]
    since: date | None
    until: date | None


@dataclass(frozen=True)
class Wanted:
    """
    A row as somebody wants it; `n` is its place in the file, from 0.

    Attributes
    ----------
    dated
        Whether it says since when; else `since` is the day on which the import takes effect.
    """

    n: int
    key: Key
    values: Mapping[str, Any]
    since: date | None
    until: date | None
    dated: bool = True


@dataclass(frozen=True)
class Change:
    """What becomes of one rule; `n` is None for a row that the file leaves out."""

    kind: Kind
    n: int | None
    key: Key
    since: date | None
    until: date | None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Refusal:
    """Why a row cannot be taken."""

    n: int
    msgid: str
    values: Mapping[str, Any]
    column: str | None = None


@dataclass
class Plan:
    """
    All that an import does.

    Attributes
    ----------
    cut
        Id and new last day (exclusive) of rows that end otherwise; None is open.
    taken_back
        Ids of rows that have not begun and never will.
    put_in, rewritten
        Rows to write, and rows of a key that are written over.
    """

    changes: list[Change] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    cut: list[tuple[str, date | None]] = field(default_factory=list)
    taken_back: list[str] = field(default_factory=list)
    put_in: list[Wanted] = field(default_factory=list)
    rewritten: list[Wanted] = field(default_factory=list)

    def count(self, kind: Kind) -> int:
        """How many rules become what."""
        return sum(change.kind == kind for change in self.changes)

    def refuse(self, n: int, msgid: str, column: str | None = None, **values: Any) -> None:
        """Note why a row cannot be taken."""
        self.refusals.append(Refusal(n, msgid, values, column))


@dataclass(frozen=True)
class Terms:
    """
    Under which an import happens.

    Attributes
    ----------
    today
        Of the district.
    effective
        The day from which what is wanted holds.
    whole
        Whether the file is all there is: what it leaves out ends.
    past
        Whether rows may be put in for past days: what was in force then is never changed.
    """

    today: date
    effective: date
    whole: bool = False
    past: bool = False


def plan_dated(wanted: Sequence[Wanted], stored: Sequence[Stored], terms: Terms) -> Plan:
    """
    Plan for a table in which a key has rows one after the other.

    A row whose key is in force with other values ends that row on its own first day. A row that names the first day
    of one in force and says something else takes effect on `Terms.effective`: so a table can be written out, changed
    and read in again.
    """
    plan = Plan()
    of_key: dict[Key, list[Stored]] = defaultdict(list)
    for there in stored:
        of_key[there.key].append(there)
    asked = [_begin_of_change(row, of_key[row.key], terms) for row in wanted]
    overlapping = _overlaps(asked, plan)
    for row in asked:
        if row.n not in overlapping:
            _fit(row, of_key[row.key], terms, plan)
    if terms.whole:
        named = {row.key for row in asked}
        _end_rest([row for row in stored if row.key not in named], terms, plan)
    return plan


def plan_standing(wanted: Sequence[Wanted], stored: Sequence[Stored], terms: Terms, fixed: Mapping[str, str]) -> Plan:
    """
    Plan for a table in which a key has one row, which is written over.

    Parameters
    ----------
    fixed
        Values that stay once they are written, each with a sentence that says why.
    """
    plan = Plan()
    of_key = {row.key: row for row in stored}
    first: dict[Key, int] = {}
    for row in wanted:
        if first.setdefault(row.key, row.n) != row.n:
            plan.refuse(row.n, _OVERLAPS, first=first[row.key] + 1)
            continue
        there = of_key.get(row.key)
        if there is None:
            plan.put_in.append(row)
            plan.changes.append(Change("added", row.n, row.key, row.since, row.until, None, row.values))
            continue
        # A row that does not say since when leaves that as it is.
        _rewrite(row if row.dated else replace(row, since=there.since), there, terms, fixed, plan)
    if terms.whole:
        _end_rest([row for row in stored if row.key not in first], terms, plan)
    return plan


def _begin_of_change(row: Wanted, stored: Sequence[Stored], terms: Terms) -> Wanted:
    for there in stored:
        if row.dated and there.since == row.since and there.values != row.values and _began(there, terms.effective):
            return replace(row, since=terms.effective, dated=False)
        # What is wanted from the effective day on is so already.
        if not row.dated and there.values == row.values and _holds(there, terms.effective):
            return replace(row, since=there.since)
    return row


def _fit(row: Wanted, stored: Sequence[Stored], terms: Terms, plan: Plan) -> None:
    """Put one wanted row among those of its key."""
    twin = next((there for there in stored if there.since == row.since and there.values == row.values), None)
    if twin is not None:
        others = [there for there in stored if there is not twin and _touch(row, there)]
        if not others:
            _move_end(row, twin, terms, plan)
            return
    if row.since is None or (row.since < terms.today and not terms.past):
        said = "…" if row.since is None else row.since.isoformat()
        plan.refuse(row.n, _PAST, "since", since=said, today=terms.today.isoformat())
        return
    cut, taken, before = [], [], None
    for there in stored:
        if not _touch(row, there):
            continue
        if (there.since or date.min) < row.since and row.since >= terms.today:
            if row.until is not None and (there.until is None or there.until > row.until):
                plan.refuse(row.n, _GOES_ON, "until", until=row.until.isoformat())
                return
            cut.append((there.id, row.since))
        elif (there.since or date.min) > terms.today:
            taken.append(there.id)
        else:
            plan.refuse(row.n, _BEGUN, "since", since=(there.since or date.min).isoformat())
            return
        before = there.values
    plan.cut += cut
    plan.taken_back += taken
    plan.put_in.append(row)
    kind: Kind = "added" if before is None else "changed"
    plan.changes.append(Change(kind, row.n, row.key, row.since, row.until, before, row.values))


def _move_end(row: Wanted, there: Stored, terms: Terms, plan: Plan) -> None:
    if row.until == there.until:
        plan.changes.append(Change("same", row.n, row.key, there.since, there.until, there.values, row.values))
        return
    if min(row.until or date.max, there.until or date.max) < terms.today:
        plan.refuse(row.n, _ENDS_PAST, "until", today=terms.today.isoformat())
        return
    plan.cut.append((there.id, row.until))
    sooner = (row.until or date.max) < (there.until or date.max)
    kind: Kind = "ended" if sooner else "changed"
    plan.changes.append(Change(kind, row.n, row.key, there.since, row.until, there.values, row.values))


def _rewrite(row: Wanted, there: Stored, terms: Terms, fixed: Mapping[str, str], plan: Plan) -> None:
    for name, why in fixed.items():
        if row.values[name] != there.values[name]:
            plan.refuse(row.n, _FIXED, name, field=name, key=" ".join(row.key), why=why)
            return
    if row.values != there.values and terms.effective > terms.today:
        plan.refuse(row.n, _AT_ONCE, key=" ".join(row.key))
        return
    if row.since != there.since and _began(there, terms.today):
        plan.refuse(row.n, _BEGUN, "since", since=(there.since or date.min).isoformat())
        return
    if row.until != there.until and min(row.until or date.max, there.until or date.max) < terms.today and row.until:
        plan.refuse(row.n, _ENDS_PAST, "until", today=terms.today.isoformat())
        return
    same = (row.values, row.since, row.until) == (there.values, there.since, there.until)
    ended = row.values == there.values and (row.until or date.max) < (there.until or date.max)
    kind: Kind = "same" if same else "ended" if ended else "changed"
    plan.changes.append(Change(kind, row.n, row.key, row.since, row.until, there.values, row.values))
    if not same:
        plan.rewritten.append(row)


def _end_rest(rest: Sequence[Stored], terms: Terms, plan: Plan) -> None:
    for there in rest:
        if there.until is not None and there.until <= terms.effective:
            continue
        if (there.since or date.min) < terms.effective:
            plan.cut.append((there.id, terms.effective))
        else:
            plan.taken_back.append(there.id)
        plan.changes.append(Change("ended", None, there.key, there.since, terms.effective, there.values, None))


def _overlaps(wanted: Sequence[Wanted], plan: Plan) -> set[int]:
    """The rows that speak of days another row of the file speaks of, too."""
    seen: dict[Key, list[Wanted]] = defaultdict(list)
    found = set()
    for row in wanted:
        other = next((each for each in seen[row.key] if _touch(row, each)), None)
        if other is not None:
            plan.refuse(row.n, _OVERLAPS, first=other.n + 1)
            found.add(row.n)
        seen[row.key].append(row)
    return found


def _touch(one: Wanted | Stored, other: Wanted | Stored) -> bool:
    begins = max(one.since or date.min, other.since or date.min)
    return begins < min(one.until or date.max, other.until or date.max)


def _holds(row: Stored, day: date) -> bool:
    return (row.since or date.min) <= day < (row.until or date.max)


def _began(row: Stored, day: date) -> bool:
    return (row.since or date.min) <= day
