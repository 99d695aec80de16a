"""Cells into values: a whole column at once, with the cells that are none of what is wanted."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import MAXYEAR, UTC, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridmap.intake.fields import Field, Sort, key_of
from gridmap.language import LOCALES, N_, translate
from gridmap.moment import EARLIEST

Flags = npt.NDArray[np.bool_]
Taken = tuple[list[Any], Flags, str]
"""Values with None for blanks; which cells are wrong; the sentence about those."""

MOST_LETTERS: Final = 4_000
_MOST_CODE: Final = 64
_MOST_COUNT: Final = 1_000_000_000
_NEUTRALISED: Final = re.compile(r"'[=+\-@\t\r]")
_CODE: Final = re.compile(r"[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?\Z")
_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]+(\d{1,2}:\d{2}(?::\d{2})?))?\Z")


def texts(column: pd.Series[Any], *, from_sheet: bool) -> list[str | None]:
    """
    The cells of a column as texts without blanks around them; None for an empty cell.

    Parameters
    ----------
    from_sheet
        Whether the file is a spreadsheet: there an apostrophe keeps a text from being computed, and is no part of it.
    """
    if column.dtype == object:
        cells = [None if cell is None or cell != cell else str(cell).strip() for cell in column.tolist()]
    elif pd.api.types.is_bool_dtype(column.dtype):
        cells = [None if pd.isna(cell) else str(bool(cell)).lower() for cell in column.tolist()]
    elif pd.api.types.is_float_dtype(column.dtype):
        cells = [
            None if cell != cell else repr(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
            for cell in column.tolist()
        ]
    elif pd.api.types.is_datetime64_any_dtype(column.dtype):
        cells = [None if pd.isna(cell) else cell.isoformat() for cell in column.tolist()]
    elif column.hasnans:
        cells = [None if pd.isna(cell) else str(cell) for cell in column.tolist()]
    else:
        cells = [str(cell) for cell in column.tolist()]
    if from_sheet:
        cells = [cell[1:] if cell and cell[0] == "'" and _NEUTRALISED.match(cell) else cell for cell in cells]
    return [cell or None for cell in cells]


def convert(wanted: Field, cells: list[str | None], zone: ZoneInfo) -> Taken:
    """Values of the field's sort; a time without a zone is one of `zone`."""
    return _CONVERTERS[wanted.sort](wanted, cells, zone)


def _text(wanted: Field, cells: list[str | None], _: ZoneInfo) -> Taken:
    values = cells
    if known := _titles(wanted):
        meant = {cell: known.get(key_of(cell), cell) for cell in set(cells) if cell is not None}
        values = [None if cell is None else meant[cell] for cell in cells]
    wrong = np.array([cell is not None and len(cell) > MOST_LETTERS for cell in cells], bool)
    return values, wrong, N_("%(field)s has more than 4,000 characters.")


def _code(_: Field, cells: list[str | None], __: ZoneInfo) -> Taken:
    wrong = [cell is not None and (len(cell) > _MOST_CODE or not _CODE.match(cell)) for cell in cells]
    return cells, np.array(wrong, bool), N_("“%(value)s” is no %(field)s: at most 64 characters in one line.")


def _count(wanted: Field, cells: list[str | None], zone: ZoneInfo) -> Taken:
    numbers = _parsed(cells)
    there = np.array([cell is not None for cell in cells], bool)
    most = _MOST_COUNT if wanted.most is None else wanted.most
    with np.errstate(invalid="ignore"):
        right = (numbers >= 0) & (numbers <= most) & (numbers == np.floor(numbers))
    values = [int(number) if fine else None for number, fine in zip(numbers.tolist(), right.tolist(), strict=True)]
    return values, there & ~right, N_("“%(value)s” is no %(field)s: a whole number from 0 on is needed.")


def _number(wanted: Field, cells: list[str | None], zone: ZoneInfo) -> Taken:
    numbers = _parsed(cells)
    there = np.array([cell is not None for cell in cells], bool)
    with np.errstate(invalid="ignore"):
        right = np.isfinite(numbers)
        right &= numbers >= (-np.inf if wanted.least is None else wanted.least)
        right &= numbers <= (np.inf if wanted.most is None else wanted.most)
    values = [number if fine else None for number, fine in zip(numbers.tolist(), right.tolist(), strict=True)]
    if wanted.least is not None and wanted.most is not None:
        return values, there & ~right, N_("“%(value)s” is no %(field)s: a number from %(least)s to %(most)s is needed.")
    return values, there & ~right, N_("“%(value)s” is no %(field)s: a number is needed.")


def _choice(wanted: Field, cells: list[str | None], _: ZoneInfo) -> Taken:
    known = _titles(wanted)
    meant = {cell: known.get(key_of(cell)) for cell in set(cells) if cell is not None}
    values = [None if cell is None else meant[cell] for cell in cells]
    wrong = [cell is not None and value is None for cell, value in zip(cells, values, strict=True)]
    return values, np.array(wrong, bool), N_("“%(value)s” is no %(field)s. There are: %(known)s.")


def _time(_: Field, cells: list[str | None], zone: ZoneInfo) -> Taken:
    known = {cell: as_instant(cell, zone) for cell in set(cells) if cell is not None}
    values = [None if cell is None else known[cell] for cell in cells]
    wrong = [cell is not None and value is None for cell, value in zip(cells, values, strict=True)]
    return values, np.array(wrong, bool), N_("“%(value)s” is no %(field)s: write a time like 2026-03-01 08:30.")


def _uuid(_: Field, cells: list[str | None], __: ZoneInfo) -> Taken:
    values = [None if cell is None else _as_uuid(cell) for cell in cells]
    wrong = [cell is not None and value is None for cell, value in zip(cells, values, strict=True)]
    return values, np.array(wrong, bool), N_("“%(value)s” is no %(field)s: a UUID is needed, or nothing.")


def as_instant(text: str, zone: ZoneInfo) -> datetime | None:
    """
    Read a time as people write it: ISO 8601, with slashes or in Chinese; a bare day is its first instant.

    Parameters
    ----------
    zone
        Whose time it is if it does not say so.
    """
    moment: datetime | None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
        if (day := _DAY.match(text)) is not None:
            year, month, date, clock = day.groups()
            clock = (clock or "0:00").zfill(5)
            try:
                moment = datetime.fromisoformat(f"{year}-{month:>02}-{date:>02}T{clock.rjust(5, '0')}")
            except ValueError:
                moment = None
    if moment is None:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    # What lies ahead is told apart by whoever asks; the last year that can be written has hours that no zone can.
    return moment.astimezone(UTC) if moment >= EARLIEST and moment.year < MAXYEAR else None


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _parsed(cells: list[str | None]) -> npt.NDArray[np.float64]:
    return np.asarray(pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce"), dtype=float)


def _titles(wanted: Field) -> dict[str, str]:
    """The value of each choice by itself and by its title in every language."""
    known = {key_of(value): value for value in wanted.choices}
    for value, title in wanted.choices.items():
        for locale in LOCALES:
            known.setdefault(key_of(translate(title, locale)), value)
    return known


_CONVERTERS: Final[dict[Sort, Callable[[Field, list[str | None], ZoneInfo], Taken]]] = {
    Sort.TEXT: _text,
    Sort.CODE: _code,
    Sort.COUNT: _count,
    Sort.NUMBER: _number,
    Sort.CHOICE: _choice,
    Sort.TIME: _time,
    Sort.UUID: _uuid,
}
