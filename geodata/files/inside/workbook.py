"""XLSX: a layer per sheet; the values that were last shown, formulas never computed, links never followed."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

import openpyxl
import pyarrow as pa
from openpyxl.utils.exceptions import InvalidFileException

from geodata.errors import N_, TooMuch, Unreadable
from geodata.files.inside.archives import Package
from geodata.files.inside.columns import Kinds, array, as_moment, as_text, assemble, clean_names
from geodata.files.inside.geojson import too_many_rows
from geodata.files.inside.places import Places
from geodata.files.inside.reader import Reader
from geodata.files.inside.recognise import XLSX
from geodata.files.layers import MOST_COLUMNS, Layer, Limits

_DAMAGED: Final = N_("The workbook is damaged.")
_MEMBERS: Final = 500
_HELD_ROWS: Final = 100_000
_MOST_ROWS: Final = 1_048_576
_BLANK_ROWS: Final = 100_000
"""Blank rows are made up by the reader where a row's number leaps: more of them is a sheet that wants to be long."""


class Workbook(Reader):
    """An XLSX file."""

    def __init__(self, path: Path, limits: Limits, x: str | None, y: str | None) -> None:
        self._limits, self._x, self._y = limits, x, y
        package = Package(path, limits, members=_MEMBERS)
        for name in package.members:
            if name.endswith((".xml", ".rels", ".vml")):
                package.refuse_entities(name)
        try:
            # By its content: of a path, the suffix would be asked.
            self._book = openpyxl.load_workbook(path.open("rb"), read_only=True, data_only=True, keep_links=False)
        except (*_WRONG, InvalidFileException) as error:
            raise Unreadable(_DAMAGED) from error
        self._sheets: dict[str, _Sheet] = {}

    def layers(self) -> list[Layer]:
        """Its sheets that have a header."""
        try:
            found = [self._layer(sheet) for sheet in self._book.worksheets]
        except _WRONG as error:
            raise _refusal(error) from error
        layers = [layer for layer in found if layer is not None]
        if not layers:
            raise Unreadable(N_("The workbook has no sheet with a header in its first row."))
        return layers

    def batches(self, layer: Layer, size: int) -> Iterator[pa.RecordBatch]:
        """Rows in the order of the sheet, the header left out; a blank row counts and has no values."""
        try:
            yield from self._sheets[layer.name].batches(size)
        except _WRONG as error:
            raise _refusal(error) from error

    def _layer(self, sheet: Any) -> Layer | None:
        sheet.reset_dimensions()  # what a file declares of its size is not believed
        header = next(sheet.iter_rows(values_only=True, max_row=1, max_col=MOST_COLUMNS + 1), ())
        while header and header[-1] is None:
            header = header[:-1]
        if not header:
            return None
        names = clean_names("" if value is None else as_text(value) for value in header)
        places = Places(names, self._x, self._y, self._limits)
        read = self._sheets[sheet.title] = _Sheet(sheet, names, places, self._limits)
        return Layer(sheet.title, XLSX, places.crs, columns=tuple(names), count=read.look_through())


class _Sheet:
    """One sheet: looked through once for the types of its columns; kept if it is short, read again if long."""

    def __init__(self, sheet: Any, names: list[str], places: Places, limits: Limits) -> None:
        self._sheet, self._names, self._places, self._limits = sheet, names, places, limits
        self._kinds = Kinds()
        self._held: list[tuple[Any, ...]] | None = []

    def look_through(self) -> int:
        """Note the kinds of values and count the rows."""
        last = 0
        most = self._limits.features
        for name in self._names:
            self._kinds.note(name, None)
        for count, row in enumerate(self._rows(), start=1):
            if any(value is not None for value in row):
                last = count
            if count - last > _BLANK_ROWS:
                raise TooMuch(N_("The sheet has more than %(most)s blank rows one after the other."), most=_BLANK_ROWS)
            if (most is not None and last > most) or count > _MOST_ROWS:
                raise too_many_rows(min(most or _MOST_ROWS, _MOST_ROWS))
            for name, value in zip(self._names, row, strict=True):
                self._kinds.note(name, value)
            if self._held is not None:
                self._held.append(row)
                if len(self._held) > _HELD_ROWS:
                    self._held = None
        if self._held is not None:
            del self._held[last:]
        self._count = last
        return last

    def batches(self, size: int) -> Iterator[pa.RecordBatch]:
        rows = islice(self._rows() if self._held is None else iter(self._held), self._count)
        first = 1
        while True:
            taken = list(islice(rows, size))
            if not taken and first > 1:
                return
            values = list(zip(*taken, strict=True)) or [()] * len(self._names)
            columns = {
                name: array(cells, self._kinds.type_of(name), first)
                for name, cells in zip(self._names, values, strict=True)
            }
            yield assemble(columns, self._places.shapes(columns, first))
            first += len(taken)
            if not taken:
                return

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        width = len(self._names)
        for row in self._sheet.iter_rows(min_row=2, values_only=True, max_col=width):
            yield tuple(_value(value) for value in row) + (None,) * (width - len(row))


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return value if value else None
    if isinstance(value, time | timedelta):
        return str(value)
    return as_moment(value)


def _refusal(error: BaseException) -> Unreadable:
    if isinstance(error, Unreadable):
        return error
    if isinstance(error, OverflowError):
        return TooMuch(_DAMAGED)
    return Unreadable(_DAMAGED)


# What openpyxl lets through when the parts of a workbook do not fit each other.
_WRONG: Final = (
    KeyError, ValueError, TypeError, IndexError, AttributeError, SyntaxError, OverflowError, zipfile.BadZipFile,
    EOFError, AssertionError,
)  # fmt: skip
