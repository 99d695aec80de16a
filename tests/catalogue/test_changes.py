"""What an import would do, with bare values."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.catalogue.changes import Stored, Terms, Wanted, plan_dated, plan_standing

TODAY = date(2026, 11, 22)
TERMS = Terms(TODAY, TODAY)


def day(n: int | None) -> date | None:
    return None if n is None else TODAY + timedelta(days=n)


def stored(n: int, since: int | None, until: int | None, value: str = "a") -> Stored:
    return Stored(str(n), ("k",), {"v": value}, day(since), day(until))


def wanted(n: int, since: int, until: int | None = None, value: str = "b", *, dated: bool = True) -> Wanted:
    return Wanted(n, ("k",), {"v": value}, day(since), day(until), dated)


def holding(rows: list[Stored], plan, on: date) -> list[str]:
    """Which values hold on a day after a plan was carried out."""
    cuts = dict(plan.cut)
    left = [(row.since, cuts.get(row.id, row.until), row.values["v"]) for row in rows if row.id not in plan.taken_back]
    left += [(row.since, row.until, row.values["v"]) for row in plan.put_in]
    return [value for since, until, value in left if (since or date.min) <= on < (until or date.max)]


def test_a_row_written_out_and_changed_takes_effect_from_the_day_of_the_import():
    rows = [stored(1, -300, None)]
    plan = plan_dated([wanted(0, -300)], rows, Terms(TODAY, day(30)))
    assert plan.refusals == []
    assert [holding(rows, plan, day(n)) for n in (-1, 29, 30)] == [["a"], ["a"], ["b"]]


def test_an_end_may_be_set_and_moved_but_not_into_the_past():
    rows = [stored(1, -300, None)]
    assert plan_dated([wanted(0, -300, 10, "a")], rows, TERMS).cut == [("1", day(10))]
    assert plan_dated([wanted(0, -300, -10, "a")], rows, TERMS).refusals[0].column == "until"


def test_a_row_that_would_leave_a_hole_behind_it_is_refused():
    plan = plan_dated([wanted(0, 5, 10)], [stored(1, -300, None)], TERMS)
    assert [refusal.column for refusal in plan.refusals] == ["until"]


def test_a_row_written_over_keeps_what_is_fixed():
    rows = [Stored("k", ("k",), {"v": "a", "up": "01"}, None, None)]
    fixed = {"up": "because"}
    plan = plan_standing([Wanted(0, ("k",), {"v": "b", "up": "02"}, None, None, False)], rows, TERMS, fixed)
    assert (plan.rewritten, plan.refusals[0].column) == ([], "up")
    plan = plan_standing([Wanted(0, ("k",), {"v": "b", "up": "01"}, None, None, False)], rows, TERMS, fixed)
    assert ([row.n for row in plan.rewritten], plan.refusals) == ([0], [])


spans = st.lists(st.integers(-40, 40), min_size=2, max_size=6, unique=True).map(sorted)


@given(spans, st.integers(-40, 40), st.none() | st.integers(1, 40), st.booleans(), st.sampled_from("ab"), st.booleans())
def test_no_plan_ever_changes_a_past_day_or_makes_two_rules_hold(edges, since, length, dated, value, past):
    ends = [*edges[1:], None]
    rows = [stored(n, begin, end, "ab"[n % 2]) for n, (begin, end) in enumerate(zip(edges, ends, strict=True))]
    row = wanted(0, since if dated else 0, None if length is None else (since if dated else 0) + length, value,
                 dated=dated)  # fmt: skip
    terms = Terms(TODAY, TODAY, past=past)
    plan = plan_dated([row], rows, terms)
    assert len(plan.refusals) + len(plan.changes) == 1
    nothing = plan_dated([], rows, terms)
    for on in map(day, range(-45, 90)):
        after = holding(rows, plan, on)
        assert len(after) <= 1
        before = holding(rows, nothing, on)
        if plan.refusals or (on < TODAY and (before or not past)):
            assert after == before
        elif row.since <= on < (row.until or date.max):
            assert after == [value]


@pytest.mark.parametrize("whole", [True, False])
def test_only_a_whole_file_ends_what_it_leaves_out(whole):
    rows = [stored(1, -10, None), Stored("2", ("other",), {"v": "x"}, day(-10), None)]
    plan = plan_dated([wanted(0, 0, value="a", dated=False)], rows, Terms(TODAY, TODAY, whole=whole))
    assert plan.cut == ([("2", TODAY)] if whole else [])
