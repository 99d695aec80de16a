"""Workbooks to fill in: a header in the reader's language, drop-downs for choices, each field explained."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from gridmap.errors import Invalid
from gridmap.exchange.kinds import Kind, kind_of
from gridmap.intake.fields import Field, Sort
from gridmap.intake.rows import shown
from gridmap.language import N_, translate

_ROWS: Final = 5_000
"""Rows below the header that have drop-downs."""
_WIDTH: Final = 18
_SORTS: Final = {
    Sort.TEXT: N_("text"),
    Sort.CODE: N_("a code, as text"),
    Sort.COUNT: N_("a whole number"),
    Sort.NUMBER: N_("a number"),
    Sort.CHOICE: N_("one of the list"),
    Sort.TIME: N_("a time, like 2026-03-01 08:30"),
    Sort.UUID: N_("a UUID"),
}
_LON: Final = Field("lon", N_("Longitude"), Sort.NUMBER, N_("Degrees, WGS 84 unless a datum is declared."), needed=True,
                    least=-180, most=180, example=114.2)  # fmt: skip
_LAT: Final = Field("lat", N_("Latitude"), Sort.NUMBER, N_("Degrees, WGS 84 unless a datum is declared."), needed=True,
                    least=-90, most=90, example=35.72)  # fmt: skip
_RING: Final = "(114.2 35.72, 114.2001 35.72, 114.2001 35.7201, 114.2 35.7201, 114.2 35.72)"
_WKT: Final = {
    "polygons": Field("wkt", "wkt", Sort.TEXT, N_("The outline as well-known text; easier: give a file with shapes."),
                      example=f"POLYGON ({_RING})"),
    "lines": Field("wkt", "wkt", Sort.TEXT, N_("The line as well-known text; easier: give a file with shapes."),
                   example="LINESTRING (114.2 35.72, 114.2001 35.7201)"),
}  # fmt: skip


def write_template(kind: str, path: Path | str, locale: str) -> None:
    """
    Write a workbook that people fill in and that an import takes as it is.

    Parameters
    ----------
    kind
        What it will hold.
    path
        Where to, ending in ``.xlsx``.
    locale
        The language of its words.

    Raises
    ------
    NotFound
        If there is no such kind.
    Invalid
        If the path has another suffix, or its directory is not there.
    """
    import xlsxwriter

    wanted, path = kind_of(kind), Path(path)
    if path.suffix.lower() != ".xlsx":
        raise Invalid(N_("A template is a workbook; let its name end in .xlsx."))
    if not path.parent.is_dir():
        raise Invalid(N_("There is no directory %(name)s."), name=str(path.parent))
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        fields = _fields_of(wanted)
        # The first sheet is the one that an import reads.
        _write_rows(book, book.add_worksheet(translate(wanted.title, locale)), fields, locale)
        _explain(book, book.add_worksheet(translate(N_("Explanations"), locale)), fields, locale)
        _list_choices(book.add_worksheet("choices"), fields, locale)


def _fields_of(kind: Kind) -> list[Field]:
    places = [_WKT[kind.shapes]] if kind.shapes in _WKT else [_LON, _LAT]
    return [*kind.fields, *places]


def _write_rows(book: Any, sheet: Any, fields: list[Field], locale: str) -> None:
    head, needed = book.add_format({"bold": True}), book.add_format({"bold": True, "bg_color": "#FFF2CC"})
    # Text, or a sheet would make 1 of 001 and lose the last digits of a long code.
    as_text = book.add_format({"num_format": "@"})
    sheet.freeze_panes(1, 0)
    for n, field in enumerate(fields):
        title = translate(field.title, locale)
        # Files are asked for their places by the bare names.
        starred = field.needed and field not in (_LON, _LAT)
        sheet.write_string(0, n, f"{title}*" if starred else title, needed if field.needed else head)
        is_text = field.sort in (Sort.CODE, Sort.TEXT, Sort.TIME, Sort.UUID)
        sheet.set_column(n, n, _WIDTH, as_text if is_text else None)
        if field.example is not None:
            example = shown(field.example, field, locale)
            if isinstance(example, str):
                sheet.write_string(1, n, example, as_text)
            else:
                sheet.write_number(1, n, example)
        if (rule := _rule(field, n)) is not None:
            sheet.data_validation(1, n, _ROWS, n, rule)


def _rule(field: Field, column: int) -> dict[str, Any] | None:
    """What a sheet lets people write: a list of choices, which for texts is a proposal, or numbers in bounds."""
    if field.choices:
        letter = _letter(column)
        source = f"=choices!${letter}$1:${letter}${len(field.choices)}"
        return {"validate": "list", "source": source, "error_type": "stop" if field.sort is Sort.CHOICE else "warning"}
    if field.sort is Sort.COUNT:
        return {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": int(field.most or 1_000_000_000)}
    if field.sort is Sort.NUMBER and field.least is not None and field.most is not None:
        return {"validate": "decimal", "criteria": "between", "minimum": field.least, "maximum": field.most}
    return None


def _letter(column: int) -> str:
    assert column < 26, "no kind has so many fields"
    return chr(ord("A") + column)


def _explain(book: Any, sheet: Any, fields: list[Field], locale: str) -> None:
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    head = (N_("Column"), N_("Name in commands"), N_("Needed"), N_("What it takes"), N_("Meaning"), N_("Choices"))
    for n, (title, width) in enumerate(zip(head, (20, 20, 8, 26, 60, 40), strict=True)):
        sheet.write_string(0, n, translate(title, locale), bold)
        sheet.set_column(n, n, width)
    for row, field in enumerate(fields, start=1):
        needed = translate(N_("yes") if field.needed else N_("no"), locale)
        choices = ", ".join(f"{translate(title, locale)} ({value})" for value, title in field.choices.items())
        cells = (translate(field.title, locale), field.name, needed, translate(_SORTS[field.sort], locale),
                 translate(field.meaning, locale), choices)  # fmt: skip
        for n, cell in enumerate(cells):
            sheet.write_string(row, n, cell, wrapped)
    note = N_("The second row of the first sheet is an example: write over it. Columns may stand in any order.")
    sheet.write_string(len(fields) + 2, 0, translate(note, locale))


def _list_choices(sheet: Any, fields: list[Field], locale: str) -> None:
    """The lists of the drop-downs, on a sheet that nobody needs to see."""
    for column, field in enumerate(fields):
        for row, title in enumerate(field.choices.values()):
            sheet.write_string(row, column, translate(title, locale))
    sheet.hide()
