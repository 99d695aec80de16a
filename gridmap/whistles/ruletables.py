"""The terms of calls and the rules of the ladder as files hold them; the roof registers them with the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gridmap.catalogue.clocks import Unit, require_amount
from gridmap.catalogue.ruletable import DAYS, UNITS, VALID, Explained, RuleTable, rows_of
from gridmap.errors import Invalid
from gridmap.intake.fields import Field, Sort
from gridmap.language import LOCALES, N_, translate
from gridmap.whistles.rules import BY_HAND, CAUSES, SILENT_TIERS, TIERS
from gridmap.whistles.weighing import find_missing_terms, weigh_ladder, weigh_terms

_SAYS_TERM: Final[Mapping[str, str]] = {
    "acknowledge": N_("Severity %(grade)s: who is called acknowledges within %(amount)s."),
    "arrive": N_("Severity %(grade)s: who is called is there within %(amount)s."),
    "answer": N_("Tier %(grade)s: a supervision notice is answered within %(amount)s."),
}
_SAYS_RULE: Final[Mapping[str, str]] = {
    "overdue": N_("%(tier)s: when a matter is past its deadline by more than %(n)s times its time limit."),
    "repeats": N_("%(tier)s: when the same person has told of a matter %(n)s times."),
    "silent": N_("%(tier)s: when a whistle has no answer though tier %(n)s of its reminders was told."),
    "unanswered": N_("%(tier)s: when so many supervision notices of a matter were not answered in time: %(n)s."),
}
_OVERDUE: Final[Mapping[float, str]] = {
    0: N_("%(tier)s: as soon as a matter is past its deadline."),
    1: N_("%(tier)s: when a matter is past its deadline by more than its whole time limit."),
}
_GRADES: Final = {"1": N_("grade 1"), "2": N_("grade 2"), "3": N_("grade 3"), "4": N_("grade 4")}
# Fewer is never so, more never comes: the first time is no repeat, and each tier has one notice at a time.
_BOUNDS: Final[Mapping[str, tuple[int, int]]] = {
    "repeats": (2, 99),
    "silent": (1, SILENT_TIERS),
    "unanswered": (1, len(TIERS)),
}


def _settle_term(cells: dict[str, Any]) -> None:
    require_amount(cells["amount"], Unit(cells["unit"]))
    if cells["what"] == "answer" and int(cells["grade"]) not in TIERS:
        raise Invalid(N_("Supervision notices have tiers from 1 to %(most)s."), where="/grade", most=max(TIERS))


def _settle_rule(cells: dict[str, Any]) -> None:
    bounds = _BOUNDS.get(cells["cause"])
    if bounds is not None and not (bounds[0] <= cells["at_least"] <= bounds[1] and cells["at_least"] % 1 == 0):
        raise Invalid(
            N_("Here a whole number from %(first)s to %(last)s is meant."),
            where="/at_least", first=bounds[0], last=bounds[1],
        )  # fmt: skip


def _say_term(row: Mapping[str, Any]) -> Explained:
    values = {"grade": row["grade"], "amount": {"n": row["amount"], "unit": row["unit"]}}
    return ({"msgid": _SAYS_TERM[row["what"]], "values": values},)


def _say_rule(row: Mapping[str, Any]) -> Explained:
    tier = {tag: translate(TIERS[int(row["tier"])], tag) for tag in LOCALES}
    msgid = _SAYS_RULE[row["cause"]]
    if row["cause"] == "overdue":
        msgid = _OVERDUE.get(row["at_least"], msgid)
    return ({"msgid": msgid, "values": {"tier": tier, "n": f"{row['at_least']:g}"}},)


_TERM_ROWS: Final = rows_of("what text, grade smallint, amount float8, unit text")
CALL_TERMS: Final = RuleTable(
    "call-terms", N_("Terms of whistles and notices"), "call_term",
    (
        Field("what", N_("Stage"), Sort.CHOICE, N_("What is to be done in time."), needed=True,
              choices={"acknowledge": N_("Acknowledge a whistle"), "arrive": N_("Be there"),
                       "answer": N_("Answer a supervision notice")}),
        Field("grade", N_("Grade"), Sort.CHOICE,
              N_("Severity of the matter, 1 the gravest; of a supervision notice, its tier."), needed=True,
              choices=_GRADES),
        Field("amount", N_("Amount"), Sort.NUMBER, N_("How long it may take."), needed=True, least=0, most=9999),
        Field("unit", N_("Unit"), Sort.CHOICE, N_("Clock hours, work-hours or work-days."), needed=True, choices=UNITS),
    ),
    ("what", "grade"),
    read=f"SELECT id::text AS id, what, grade::text AS grade, amount, unit, {DAYS} FROM call_term",
    put_in="INSERT INTO call_term (what, grade, amount, unit, valid)"
    f" SELECT what, grade, amount, unit, {VALID} FROM {_TERM_ROWS}",
    dated=True,
    settle=_settle_term,
    by="what",
    say=_say_term,
    weigh=weigh_terms,
    find_faults=find_missing_terms,
)  # fmt: skip

_RULE_ROWS: Final = rows_of("tier smallint, cause text, at_least float8")
SUPERVISION_RULES: Final = RuleTable(
    "supervision-rules", N_("Rules of supervision"), "supervision_rule",
    (
        Field("tier", N_("Tier"), Sort.CHOICE, N_("Onto which a matter comes by itself."), needed=True,
              choices={str(tier): word for tier, word in TIERS.items()}),
        Field("cause", N_("Cause"), Sort.CHOICE, N_("What brings it there."), needed=True,
              choices={cause: word for cause, word in CAUSES.items() if cause != BY_HAND}),
        Field("at_least", N_("How much"), Sort.NUMBER,
              N_("Past the deadline: more than so many time limits, 0 is at once. Of all else: how many."), needed=True,
              least=0, most=9999),
    ),
    ("tier", "cause"),
    read=f"SELECT id::text AS id, tier::text AS tier, cause, at_least, {DAYS} FROM supervision_rule",
    put_in="INSERT INTO supervision_rule (tier, cause, at_least, valid)"
    f" SELECT tier, cause, at_least, {VALID} FROM {_RULE_ROWS}",
    dated=True,
    settle=_settle_rule,
    by="tier",
    say=_say_rule,
    weigh=weigh_ladder,
)  # fmt: skip
