"""A frame as it was read becomes rows of typed values, with everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gridmap.intake.defects import MOST_LISTED, Defect, Defects
from gridmap.intake.fields import Field, Sort, match_columns
from gridmap.intake.values import Flags, convert, texts
from gridmap.language import N_, translate

if TYPE_CHECKING:
    import geopandas as gpd

_SHEETS: Final = ("CSV", "XLSX")
_LONGEST_SHOWN: Final = 60
_NEEDED_COLUMN: Final = N_(
    "The file has no column for %(field)s (%(name)s). Name one with --map %(name)s=COLUMN; it has: %(known)s."
)


@dataclass(frozen=True)
class Rows:
    """
    n rows as they may be written.

    Attributes
    ----------
    numbers
        The rows as people count them, n whole numbers.
    columns
        n typed values by field, None for a blank; every field is there, whether or not the file has it.
    given
        The fields that the file has a column for.
    shapes
        n geometries in EPSG:4326, longitude first; None where a row has none.
    defects
        What was found so far; checks add to it.
    origin
        The SHA-256 of the file, in hexadecimal: with a row's number it names a row for good.
    """

    numbers: npt.NDArray[np.int64]
    columns: dict[str, list[Any]]
    given: frozenset[str]
    shapes: npt.NDArray[np.object_]
    defects: Defects = field(default_factory=Defects)
    origin: str = ""

    def __len__(self) -> int:
        return len(self.numbers)

    def flag(
        self,
        wrong: Flags | Sequence[bool],
        msgid: str,
        *,
        column: str | None = None,
        grave: bool = True,
        values: Mapping[str, Sequence[Any]] | None = None,
        **params: Any,
    ) -> None:
        """
        Note a defect for every row that is marked.

        Parameters
        ----------
        wrong
            n flags.
        values
            Values of the sentence that differ from row to row, n each.
        params
            Values of the sentence that are the same in all.
        """
        for n in np.flatnonzero(np.asarray(wrong, bool)).tolist():
            own = {name: _short(cells[n]) for name, cells in (values or {}).items()}
            place = self.place_of(n) if len(self.defects.listed) < MOST_LISTED else None
            self.defects.add(Defect(msgid, {**params, **own}, int(self.numbers[n]), column, place, grave))

    def place_of(self, n: int) -> tuple[float, float] | None:
        """A point of the n-th row's shape, degrees, for a map to show."""
        xy = shapely.get_coordinates(self.shapes[n])
        if not len(xy) or not np.isfinite(xy[0]).all():
            return None
        middle = (xy.min(axis=0) + xy.max(axis=0)) / 2
        return round(float(middle[0]), 6), round(float(middle[1]), 6)


def take_rows(
    frame: gpd.GeoDataFrame,
    fields: Sequence[Field],
    mapping: Mapping[str, str],
    zone: ZoneInfo,
    *,
    origin: str = "",
) -> Rows:
    """
    Give the columns of a frame their meaning and their types.

    Parameters
    ----------
    frame
        n rows as `geodata.files.read` gives them.
    fields
        What is wanted.
    mapping
        Column by field, as a person said it.
    zone
        Whose time a time without a zone is.
    origin
        The SHA-256 of the file.

    Returns
    -------
    rows
        With a defect for each cell that is missing, of another sort, too long, or no known choice. A wrong cell's
        value is None.

    Raises
    ------
    Invalid
        If `mapping` names a field or a column that does not exist.
    """
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    column_of = match_columns(names, fields, mapping)
    rows = Rows(
        np.asarray(frame.index, dtype=np.int64),
        {},
        frozenset(column_of),
        np.asarray(frame.geometry, dtype=object),
        origin=origin,
    )
    layer = frame.attrs.get("layer")
    from_sheet = layer is not None and layer.format in _SHEETS
    for wanted in fields:
        column = column_of.get(wanted.name)
        if column is None:
            rows.columns[wanted.name] = [wanted.default] * len(rows)
            if wanted.needed:
                rows.defects.say(
                    _NEEDED_COLUMN, column=wanted.name, field=wanted.title, name=wanted.name, known=", ".join(names)
                )
            continue
        rows.columns[wanted.name] = _taken(rows, wanted, texts(frame[column], from_sheet=from_sheet), zone)
    return rows


def _taken(rows: Rows, wanted: Field, cells: list[str | None], zone: ZoneInfo) -> list[Any]:
    values, wrong, msgid = convert(wanted, cells, zone)
    if wrong.any():
        rows.flag(
            wrong,
            msgid,
            column=wanted.name,
            values={"value": cells},
            field=wanted.title,
            known=", ".join(wanted.choices),
            least=f"{wanted.least:g}" if wanted.least is not None else "",
            most=f"{wanted.most:g}" if wanted.most is not None else "",
        )
        values = [None if bad else value for value, bad in zip(values, wrong.tolist(), strict=True)]
    if wanted.needed:
        blank = np.array([cell is None for cell in cells], bool)
        rows.flag(blank, N_("%(field)s is missing."), column=wanted.name, field=wanted.title)
    if wanted.default is not None:
        values = [wanted.default if value is None else value for value in values]
    return values


def flag_repeated(rows: Rows, wanted: Field, among: Iterable[Any] | None = None) -> None:
    """
    Note every row whose value another row has too.

    Parameters
    ----------
    among
        n keys; values are compared only within the rows of one key. None compares all.
    """
    keys = [None] * len(rows) if among is None else list(among)
    cells = pd.DataFrame({"key": keys, "value": rows.columns[wanted.name]}, dtype=object)
    again = cells.duplicated(keep=False).to_numpy() & cells["value"].notna().to_numpy()
    if not again.any():
        return
    firsts = cells.assign(row=rows.numbers).groupby(["key", "value"], dropna=False)["row"].transform("min")
    later = again & (firsts.to_numpy() != rows.numbers)
    rows.flag(
        later,
        N_("The %(field)s %(value)s stands in row %(first)s already."),
        column=wanted.name,
        values={"value": rows.columns[wanted.name], "first": firsts.tolist()},
        field=wanted.title,
    )


def english(names: Sequence[str | None]) -> list[dict[str, str]]:
    """The names by language tag of n rows with an English name or none."""
    return [{"en": name} if name else {} for name in names]


def shown(value: Any, wanted: Field | None, locale: str) -> Any:
    """A value as a person reads it: a choice by its title."""
    if wanted is not None and wanted.sort in (Sort.CHOICE, Sort.TEXT) and value in wanted.choices:
        return translate(wanted.choices[value], locale)
    return value


def _short(value: Any) -> Any:
    return f"{value[:_LONGEST_SHOWN]}…" if isinstance(value, str) and len(value) > _LONGEST_SHOWN else value
