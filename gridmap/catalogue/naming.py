"""What the codes in tables of rules are called, and codes to choose from: rules name things by code, people do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.catalogue.reasoning import Reasons
from gridmap.catalogue.ruletable import RuleTable
from gridmap.catalogue.timing import Timing
from gridmap.errors import NotFound
from gridmap.language import N_

# Code, name and names of each kind of thing; `open_` says which of them a new rule may name.
_NAMED: Final[Mapping[str, str]] = {
    "category": "SELECT code, name, names, upper_inf(valid) AS open_ FROM category",
    "checklist": "SELECT code, name, names, upper_inf(valid) AS open_ FROM checklist",
    "area": "SELECT code, name, names, true AS open_ FROM area_version WHERE upper_inf(valid) AND upper_inf(recorded)",
    "department": "SELECT code, name, names, ended_at IS NULL AS open_ FROM department",
    "calendar": "SELECT code, name, names, true AS open_ FROM calendar",
}
MOST_CHOICES: Final = 50


class Called(NamedTuple):
    """A code with what it is called, as typed and in other languages."""

    code: str
    name: str
    names: Mapping[str, Any]


def names_in(db: Session, table: RuleTable, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Called]]:
    """
    Name the codes that rows of a table refer to.

    Returns
    -------
    called
        By kind of thing: ``category, area, department, checklist, calendar``; a code that is gone is left out.
    """
    codes: dict[str, set[str]] = {}
    for field, kind in table.refers.items():
        wanted = codes.setdefault(_kind(kind), set())
        for row in rows:
            wanted.update(filter(None, str(row[field]).split(", ")))
    return {
        kind: [
            Called(row.code, row.name, row.names)
            for row in db.execute(
                text(f"SELECT * FROM ({_NAMED[kind]}) AS t WHERE code = ANY(:codes) ORDER BY code"),
                {"codes": sorted(wanted)},
            )
        ]
        for kind, wanted in codes.items()
    }


def choices_of(db: Session, kind: str, holding: str) -> list[Called]:
    """
    Find things that a new rule may name, those whose code begins with the text first.

    Parameters
    ----------
    holding
        Text in the code or a name, whatever its capitals; empty is any.

    Raises
    ------
    NotFound
        If there is no such kind of thing.
    """
    if kind not in _NAMED:
        raise NotFound(
            N_("There is no kind of thing %(name)s. There are: %(known)s."), name=kind, known=", ".join(_NAMED)
        )
    rows = db.execute(
        text(
            f"SELECT * FROM ({_NAMED[kind]}) AS t WHERE open_ AND position(lower(:holding) IN"
            " lower(code || ' ' || name || ' ' || coalesce(names ->> 'en', ''))) > 0"
            " ORDER BY starts_with(code, :holding) DESC, code LIMIT :most"
        ),
        {"holding": holding, "most": MOST_CHOICES},
    )
    return [Called(row.code, row.name, row.names) for row in rows]


def say_clocks(timing: Timing, ids: Iterable[int]) -> dict[int, tuple[dict[str, Any], ...]]:
    """Of each time limit that counts, what it says, for `explaining.sentences`."""
    told = {}
    for rule in (timing.rules[each] for each in ids if each in timing.rules):
        reasons = Reasons(timing.calendars[rule.calendar])
        holds = {**({"category": dict(rule.names) or rule.category} if rule.category else {}), **rule.conditions}
        reasons.tell_rule(rule.id, rule.stage.label, rule.amount, rule.unit, holds)
        reasons.tell_who_may_pause(rule.pause_role)
        told[rule.id] = reasons.told
    return told


def _kind(refers: str) -> str:
    return "department" if refers == "departments" else refers
