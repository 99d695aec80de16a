"""The rules of looking back and of rectifying as files hold them; the roof registers them with the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gridmap.catalogue.clocks import Unit, require_amount
from gridmap.catalogue.ruletable import DAYS, SEVERITIES, UNITS, VALID, Explained, RuleTable, rows_of
from gridmap.errors import Invalid
from gridmap.hazards.weighing import find_ended_classes, find_missing_terms, weigh_look_backs, weigh_rectify_terms
from gridmap.intake.fields import Field, Sort
from gridmap.language import N_

_LATEST_DAYS: Final = 1096


def _settle_look_back(cells: dict[str, Any]) -> None:
    """A number of days is part of the key, and keys are texts."""
    if not 1 <= cells["days"] <= _LATEST_DAYS:
        raise Invalid(N_("A look-back is 1 to %(most)s days after closing."), where="/days", most=_LATEST_DAYS)
    cells["days"] = str(cells["days"])


def _settle_term(cells: dict[str, Any]) -> None:
    require_amount(cells["amount"], Unit(cells["unit"]))


def _say_look_back(row: Mapping[str, Any]) -> Explained:
    if row["days"] == "1":
        return ({"msgid": N_("Looked at again on the day after closing."), "values": {}},)
    return ({"msgid": N_("Looked at again %(n)s days after closing."), "values": {"n": row["days"]}},)


def _say_term(row: Mapping[str, Any]) -> Explained:
    values = {"severity": row["severity"], "amount": {"n": row["amount"], "unit": row["unit"]}}
    return ({"msgid": N_("Severity %(severity)s: to be put right within %(amount)s."), "values": values},)


_LOOK_BACK_ROWS: Final = rows_of("category text, days smallint")
LOOK_BACK_RULES: Final = RuleTable(
    "look-back-rules", N_("Look-back days"), "look_back_rule",
    (
        Field("category", N_("Class"), Sort.CODE,
              N_("For this class and those below it, in place of what is said above; blank for all.")),
        Field("days", N_("Days"), Sort.COUNT, N_("So many days after closing; a class may have several rows."),
              needed=True, most=_LATEST_DAYS, example="30"),
    ),
    ("category", "days"),
    read=f"SELECT id::text AS id, coalesce(category, '') AS category, days::text AS days, {DAYS} FROM look_back_rule",
    put_in="INSERT INTO look_back_rule (category, days, valid)"
    f" SELECT nullif(category, ''), days, {VALID} FROM {_LOOK_BACK_ROWS}",
    dated=True,
    refers={"category": "category"},
    settle=_settle_look_back,
    by="category",
    say=_say_look_back,
    weigh=weigh_look_backs,
    find_faults=find_ended_classes,
)  # fmt: skip

_TERM_ROWS: Final = rows_of("severity smallint, amount float8, unit text")
RECTIFY_TERMS: Final = RuleTable(
    "rectify-terms", N_("Terms of rectification"), "rectify_term",
    (
        Field("severity", N_("Severity"), Sort.CHOICE, N_("Of the hazard."), needed=True, choices=SEVERITIES),
        Field("amount", N_("Amount"), Sort.NUMBER, N_("How long it may take."), needed=True, least=0, most=9999),
        Field("unit", N_("Unit"), Sort.CHOICE, N_("Clock hours, work-hours or work-days."), needed=True, choices=UNITS),
    ),
    ("severity",),
    read=f"SELECT id::text AS id, severity::text AS severity, amount, unit, {DAYS} FROM rectify_term",
    put_in="INSERT INTO rectify_term (severity, amount, unit, valid)"
    f" SELECT severity, amount, unit, {VALID} FROM {_TERM_ROWS}",
    dated=True,
    settle=_settle_term,
    say=_say_term,
    weigh=weigh_rectify_terms,
    find_faults=find_missing_terms,
)  # fmt: skip
