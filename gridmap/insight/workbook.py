"""The weekly brief as a workbook: a sheet a table, real numbers and dates, no text that computes."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from geodata.files.sheets import neutral
from gridmap.insight.brief import Cell, heading_of, tables_of
from gridmap.insight.figures import Brief
from gridmap.insight.rules import Rate
from gridmap.language import N_, translate

_HEAD_ROW: Final = 2
"""Above it stand the title and the rule; it stays in sight."""


def write_workbook(brief: Brief, path: Path, locale: str) -> None:
    """
    Write a brief as .xlsx.

    A rate takes three columns: the rate itself as a number of per cent, shown with its sign, and what it is made of.
    """
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": str(path.parent),
    }
    title, told = heading_of(brief, locale)
    with xlsxwriter.Workbook(path, options) as book:
        formats = {
            "title": book.add_format({"bold": True, "font_size": 13}),
            "head": book.add_format({"bold": True, "bottom": 1}),
            "rule": book.add_format({"font_color": "#5a6672"}),
            "count": book.add_format({"num_format": "#,##0"}),
            "rate": book.add_format({"num_format": '0.0" %"'}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        for table in tables_of(brief, locale):
            sheet = book.add_worksheet(table.name)
            sheet.write_string(0, 0, neutral(f"{title} · {table.name}"), formats["title"])
            sheet.write_string(1, 0, neutral(f"{table.rule} {told}"), formats["rule"])
            sheet.freeze_panes(_HEAD_ROW + 1, 1)
            sheet.set_column(0, 0, 30)
            sheet.set_column(1, 16, 16)
            columns = list(zip(*table.rows, strict=True)) or [()] * len(table.head)
            rated = [any(isinstance(cell, Rate) for cell in column) for column in columns]
            _write_row(sheet, _HEAD_ROW, _widened(table.head, rated, locale), formats, head=True)
            for at, row in enumerate(table.rows, _HEAD_ROW + 1):
                _write_row(sheet, at, _parted(row, rated), formats)


def _widened(head: Any, rated: list[bool], locale: str) -> list[Cell]:
    cells: list[Cell] = []
    for word, is_rate in zip(head, rated, strict=True):
        parts = (N_("%(rate)s, part"), N_("%(rate)s, whole"))
        cells.append(word)
        cells += [translate(part, locale, rate=word) for part in parts] if is_rate else []
    return cells


def _parted(row: Any, rated: list[bool]) -> list[Any]:
    cells: list[Any] = []
    for cell, is_rate in zip(row, rated, strict=True):
        if isinstance(cell, Rate):
            cells += [cell.percent, cell.numerator, cell.denominator]
        else:
            cells += [cell, None, None] if is_rate else [cell]
    return cells


def _write_row(sheet: Any, at: int, cells: list[Any], formats: dict[str, Any], *, head: bool = False) -> None:
    for n, cell in enumerate(cells):
        if isinstance(cell, str):
            sheet.write_string(at, n, neutral(cell), formats["head"] if head else None)
        elif isinstance(cell, datetime):
            # A sheet knows no zones: it is told by the district's clock, as on the page.
            sheet.write_datetime(at, n, cell.replace(tzinfo=None), formats["moment"])
        elif isinstance(cell, date):
            sheet.write_datetime(at, n, datetime.combine(cell, datetime.min.time()), formats["day"])
        elif isinstance(cell, int):
            sheet.write_number(at, n, cell, formats["count"])
        elif cell is not None:
            sheet.write_number(at, n, float(cell), formats["rate"])
