"""
An example catalogue in the manner of GB/T 30428.2, for a start: classes, checklists, and duties for any townships.

It is the same to the byte whenever it is made: what chance decides, a hash of the seed and the codes decides.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Final

Row = dict[str, str]

# How many rows of a list a township has: 107 or 108 basic ones and so on, so that ten townships have 1,075 basic,
# 882 assisting and 896 withdrawn ones. `list: (least, how many of ten townships have one more)`.
_QUOTAS: Final = {"basic": (107, 5), "assisting": (88, 2), "withdrawn": (89, 6)}
_TOWNSHIPS: Final = 10


def classes() -> list[Row]:
    """The classes, major ones first, in the columns of their table."""
    return [{name: row[name] for name in row if name not in ("list", "owner")} for row in _classes()]


def checklists() -> list[Row]:
    """The checklists, in the columns of their table."""
    return _read("checklists.csv")


def checklist_items() -> list[Row]:
    """The questions of the checklists, in the columns of their table."""
    return _read("checklist-items.csv")


def duties(townships: Sequence[str], seed: int = 1) -> list[Row]:
    """
    Who answers for which class in which township.

    Parameters
    ----------
    townships
        Nine-digit codes. A team ``enforce-`` with the last three digits answers for what is basic; the departments
        are those of the made-up district.
    seed
        Decides which classes a township does not know. Those that are offered to whoever reports it always knows.

    Returns
    -------
    rows
        In the columns of their table, by township, list and class; ten townships have 2,853.
    """
    return [row for n, township in enumerate(sorted(townships)) for row in _duties_of(n, township, seed)]


def _duties_of(n: int, township: str, seed: int) -> Iterator[Row]:
    team = f"enforce-{township[6:]}"
    for name, (least, more) in _QUOTAS.items():
        count = least + (n % _TOWNSHIPS < more)
        listed = [row for row in _classes() if row["list"] == name]
        listed.sort(key=lambda row: (row["offered"] != "yes", _chance(seed, township, row["code"])))
        for row in sorted(listed[:count], key=lambda row: row["code"]):
            yield {
                "category": row["code"],
                "area": township,
                "list": name,
                "owner": team if name == "basic" else row["owner"],
                "assisting": _helper(name, team, row, seed, township),
            }


def _helper(name: str, team: str, row: Row, seed: int, township: str) -> str:
    if name == "assisting":
        return team
    # Of what is a township's own, the trade's department lends a hand in every third.
    lends = name == "basic" and int(_chance(seed, township, row["code"])[-4:], 16) % 3 == 0
    return row["owner"] if lends else ""


def _chance(seed: int, township: str, code: str) -> str:
    return hashlib.sha256(f"{seed}:{township}:{code}".encode()).hexdigest()


def _classes() -> list[Row]:
    return _read("classes.csv")


def _read(name: str) -> list[Row]:
    return list(csv.DictReader((files(__name__) / name).read_text(encoding="utf-8").splitlines()))
