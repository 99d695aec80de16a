"""What the codes in a file of rules may refer to, and what is wrong with those that do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.catalogue.changes import Wanted
from gridmap.catalogue.clocks import DayRange
from gridmap.catalogue.ruletable import RuleTable
from gridmap.language import N_

_NONE: Final = N_("%(field)s: there is none with the code %(value)s.")
_NOT_THEN: Final = N_("%(field)s: %(value)s does not hold on %(day)s.")
_ENDED: Final = N_("%(field)s: the department %(value)s ended. Name another one.")
_CYCLE: Final = N_("The classes above it go round in a circle: %(circle)s.")

# The codes of each kind with the days on which they may be used; departments that ended are marked apart.
_READ: Final[Mapping[str, str]] = {
    "category": "SELECT code, lower(valid), upper(valid), false FROM category",
    "checklist": "SELECT code, lower(valid), upper(valid), false FROM checklist",
    "area": "SELECT code, NULL::date, NULL::date, false FROM area_version"
    " WHERE upper_inf(valid) AND upper_inf(recorded)",
    "department": "SELECT code, NULL::date, NULL::date, ended_at IS NOT NULL FROM department",
    "calendar": "SELECT code, NULL::date, NULL::date, false FROM calendar",
}


class Trouble(NamedTuple):
    """What is wrong with a row; `n` is its place in the file, from 0."""

    n: int
    column: str
    msgid: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Known:
    """The codes that there are, by kind, each with its days, and the departments that ended."""

    codes: Mapping[str, Mapping[str, DayRange]]
    ended: frozenset[str]
    above: Mapping[str, str]


def read_known(db: Session, table: RuleTable) -> Known:
    """Read the codes that a table refers to."""
    codes: dict[str, dict[str, DayRange]] = {}
    ended: set[str] = set()
    for kind in {each.removesuffix("s") if each == "departments" else each for each in table.refers.values()}:
        rows = db.execute(text(_READ[kind])).all()
        codes[kind] = {code: DayRange(first, end) for code, first, end, _ in rows}
        ended |= {code for code, _, _, gone in rows if gone}
    parents = db.execute(text("SELECT code, parent FROM category WHERE parent IS NOT NULL")).all()
    return Known(codes, frozenset(ended), {row.code: row.parent for row in parents})


def troubles(table: RuleTable, wanted: Sequence[Wanted], known: Known, day: date) -> Iterator[Trouble]:
    """
    Name every code that refers to nothing, to what does not hold then, or round in a circle.

    Parameters
    ----------
    wanted
        The rows of the file: classes may stand above one another in it.
    day
        When a row takes effect that does not say so itself.
    """
    own = {row.values.get("code") or row.key[0] for row in wanted} if table.name == "categories" else set()
    for row in wanted:
        told = dict(zip(table.key, row.key, strict=True)) | dict(row.values)
        for name, kind in table.refers.items():
            for code in filter(None, str(told[name]).split(", ")):
                if code in own:
                    continue
                yield from _trouble(row, name, "department" if kind == "departments" else kind, code, known, day)
    if table.name == "categories":
        yield from _circles(wanted, known)


def _trouble(row: Wanted, column: str, kind: str, code: str, known: Known, day: date) -> Iterator[Trouble]:
    valid = known.codes[kind].get(code)
    then = row.since or day
    if valid is None:
        yield Trouble(row.n, column, _NONE, {"value": code})
    elif kind == "department" and code in known.ended:
        yield Trouble(row.n, column, _ENDED, {"value": code})
    elif then not in valid:
        yield Trouble(row.n, column, _NOT_THEN, {"value": code, "day": then.isoformat()})


def _circles(wanted: Sequence[Wanted], known: Known) -> Iterator[Trouble]:
    above = {**known.above, **{row.key[0]: row.values["parent"] for row in wanted if row.values["parent"]}}
    for row in wanted:
        walked = [row.key[0]]
        while (code := above.get(walked[-1])) is not None and code not in walked:
            walked.append(code)
        if code == row.key[0]:
            yield Trouble(row.n, "parent", _CYCLE, {"circle": " → ".join([*walked, code])})
