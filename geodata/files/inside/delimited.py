"""
CSV: cells stay the text they are, so that a code keeps its zeros and every file is written back as it came.

UTF-8 with or without a mark, else GB 18030; comma, semicolon or tab.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from geodata.errors import N_, TooMuch, Unreadable
from geodata.files.inside.columns import assemble, clean_names
from geodata.files.inside.geojson import too_many_rows
from geodata.files.inside.places import Places
from geodata.files.inside.reader import Reader
from geodata.files.inside.recognise import CSV
from geodata.files.layers import MOST_COLUMNS, Layer, Limits

_CHUNK: Final = 1 << 20
_LONGEST_ROW: Final = 16 << 20
_DELIMITERS: Final = ",;\t"
_UNREADABLE: Final = N_("The CSV cannot be read: %(why)s")
_LONG_ROW: Final = N_("The CSV has a row of more than %(most)s MB; a quote may be missing.")


class Delimited(Reader):
    """A CSV file: one layer."""

    def __init__(self, path: Path, name: str, limits: Limits, x: str | None, y: str | None) -> None:
        self._path, self._name, self._limits = path, name, limits
        self._x, self._y = x, y
        self._wrong_row: tuple[int | None, int, int] | None = None

    def layers(self) -> list[Layer]:
        """The one layer, from its first row."""
        self._encoding = _encoding(self._path)
        header, self._delimiter = self._header()
        self._columns = clean_names(header)
        self._places = Places(self._columns, self._x, self._y, self._limits)
        crs = self._places.crs
        return [Layer(self._name, CSV, crs, columns=tuple(self._columns), encoding=_shown(self._encoding))]

    def batches(self, layer: Layer, size: int) -> Iterator[pa.RecordBatch]:
        """Rows in the order of the file, the header left out."""
        try:
            yield from self._rows(size)
        except (pa.ArrowInvalid, UnicodeDecodeError) as error:
            raise self._refusal(error) from error

    def _header(self) -> tuple[list[str], str]:
        with self._path.open(encoding=self._encoding, newline="") as file:
            start = file.read(_CHUNK)
        first = _first_row(start)
        delimiter = max(_DELIMITERS, key=_outside_quotes(first).count)
        # More columns than the rule allows are refused before they are cut apart.
        if _outside_quotes(first).count(delimiter) >= MOST_COLUMNS:
            raise TooMuch(N_("The table has more than %(most)s columns."), most=MOST_COLUMNS)
        csv.field_size_limit(_CHUNK)
        try:
            return next(csv.reader([*first.splitlines(keepends=True)], delimiter=delimiter)), delimiter
        except (csv.Error, StopIteration) as error:
            raise Unreadable(_UNREADABLE, why=str(error) or N_("it has no header")) from error

    def _rows(self, size: int) -> Iterator[pa.RecordBatch]:
        reader = arrow_csv.open_csv(
            self._path,
            arrow_csv.ReadOptions(
                use_threads=False, block_size=_LONGEST_ROW // 2, column_names=self._columns, encoding=self._encoding
            ),
            arrow_csv.ParseOptions(
                delimiter=self._delimiter, newlines_in_values=True, invalid_row_handler=self._note_wrong_row
            ),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(self._columns, pa.string()), strings_can_be_null=False, check_utf8=True
            ),
        )
        first, is_header = 1, True
        for block in reader:
            if is_header:
                block, is_header = block.slice(1), False
            for at in range(0, block.num_rows, size):
                batch = block.slice(at, size)
                self._judge(batch, first)
                wkb = self._places.shapes({name: batch.column(name) for name in self._columns}, first)
                yield assemble({name: batch.column(name) for name in self._columns}, wkb)
                first += batch.num_rows
        if first == 1:
            empty = {name: pa.array([], pa.string()) for name in self._columns}
            yield assemble(empty, self._places.shapes(empty, 1))

    def _judge(self, batch: pa.RecordBatch, first: int) -> None:
        most = self._limits.features
        if most is not None and first + batch.num_rows - 1 > most:
            raise too_many_rows(most)
        for column in batch.columns:
            zero = pc.index(pc.match_substring(column, "\0"), True).as_py()
            if zero >= 0:
                raise Unreadable(N_("Row %(row)s has text with a character that no text may have."), row=first + zero)

    def _note_wrong_row(self, row: Any) -> str:
        self._wrong_row = (row.number, row.actual_columns, row.expected_columns)
        return "error"

    def _refusal(self, error: Exception) -> Unreadable:
        if self._wrong_row is not None:
            number, found, wanted = self._wrong_row
            return Unreadable(
                N_("Row %(row)s has %(found)s cells where the header has %(wanted)s."),
                row="?" if number is None else number - 1, found=found, wanted=wanted,
            )  # fmt: skip
        if "block" in str(error):
            return TooMuch(_LONG_ROW, most=_LONGEST_ROW >> 20)
        return Unreadable(_UNREADABLE, why=str(error).splitlines()[0][:200])


def _encoding(path: Path) -> str:
    """UTF-8 if all of it is, else GB 18030 if all of it is."""
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        with path.open("rb") as file:
            try:
                while piece := file.read(_CHUNK):
                    decoder.decode(piece)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                continue
        return encoding
    raise Unreadable(N_("The text is neither UTF-8 nor GB 18030."))


def _shown(encoding: str) -> str:
    return "UTF-8" if encoding.startswith("utf-8") else "GB18030"


def _first_row(start: str) -> str:
    """Up to the first line end outside of quotes."""
    quoted = False
    for n, sign in enumerate(start):
        if sign == '"':
            quoted = not quoted
        elif sign in "\r\n" and not quoted:
            return start[:n]
    if len(start) >= _CHUNK:
        raise TooMuch(_LONG_ROW, most=_CHUNK >> 20)
    return start


def _outside_quotes(row: str) -> str:
    return "".join(row.split('"')[::2])
