"""The weekly brief as tables, which a page and a workbook both write; beside each rate stands its rule."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from gridmap.incidents.rules import STATE_LABELS
from gridmap.insight.figures import Brief, Line, Standing
from gridmap.insight.maps import draw_map, title_of
from gridmap.insight.palette import style_variables
from gridmap.insight.rules import RULES, Rate, Tally
from gridmap.insight.sheet import CONTENT_POLICY, asset, page_piece
from gridmap.insight.words import SEVERITIES, SOURCES, figure, moment, name_of, weekday
from gridmap.language import N_, translate

Cell = str | int | Rate | date | datetime | None

AREAS_RULE: Final = N_(
    "Every incident counts in the area that its grid belonged to on its own day. Earlier weeks are counted by the"
    " boundaries of those weeks."
)
STANDING_RULE: Final = N_("As it stood at the end of each week; while the week runs, as it stands now.")
_YEAR_RULE: Final = N_("The same week a year before has the same number; the 53rd stands beside the 52nd.")
_LINE_HEAD: Final = (
    N_("New"),
    N_("Week before"),
    N_("Year before"),
    N_("Closed"),
    N_("Closed on time"),
)


@dataclass(frozen=True)
class Table:
    """
    One table of the brief, in the reader's language.

    Attributes
    ----------
    name
        Its title; of a workbook the name of its sheet, so no more than 31 letters.
    rule
        How it was counted.
    rows
        One cell for each word of `head`; None is a dash.
    long
        The page keeps it folded.
    """

    name: str
    rule: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    long: bool = False


def tables_of(brief: Brief, locale: str) -> list[Table]:
    """All tables of a brief, the figures of the week first."""

    def say(word: str) -> str:
        return translate(word, locale)

    line_head = [say(word) for word in _LINE_HEAD]
    tables = [
        _figures(brief, locale),
        Table(
            say(N_("By day")),
            say(N_("Days are days of the district's time zone.")),
            [say(N_("Day")), say(N_("Weekday")), say(N_("New")), say(N_("Closed"))],
            [[day, weekday(day, locale), *counts] for day, counts in brief.days.items()],
        ),
    ]
    on_time = say(RULES["on_time"])
    for word, rule, lines in (
        (N_("By class"), on_time, brief.classes),
        (N_("By township"), f"{say(AREAS_RULE)} {on_time}", brief.townships),
        (N_("By community"), f"{say(AREAS_RULE)} {on_time}", brief.communities),
        (N_("By source"), f"{say(RULES['active'])} {on_time}", brief.sources),
    ):
        rows = [_line(line, brief, locale) for line in lines]
        tables.append(Table(say(word), rule, [say(word), *line_head], rows, long=lines is brief.communities))
    if not brief.situation.figures_only:
        tables.append(_tightest(brief, locale))
    return tables


def _figures(brief: Brief, locale: str) -> Table:
    weeks = (brief.this, brief.before, brief.year_before)

    def row(word: str, read: Any, rule: str = "") -> list[Cell]:
        cells: list[Cell] = [_or_dash(standing, read(standing)) for standing in weeks]
        return [translate(word, locale), *cells, translate(rule, locale) if rule else ""]

    return Table(
        translate(N_("The week"), locale),
        translate(_YEAR_RULE, locale),
        [translate(N_("Figure"), locale), *(standing.week.name for standing in weeks), translate(N_("Rule"), locale)],
        [
            row(N_("New"), lambda each: each.tally.new),
            row(N_("Closed"), lambda each: each.tally.closed),
            row(N_("Closed on time"), lambda each: each.tally.on_time, RULES["on_time"]),
            row(N_("Closed in the week"), lambda each: each.tally.closing, RULES["closing"]),
            row(N_("Found actively"), lambda each: each.tally.active, RULES["active"]),
            row(N_("Open"), lambda each: each.open, STANDING_RULE),
            row(N_("Overdue"), lambda each: each.overdue, STANDING_RULE),
        ],
    )


def _or_dash(standing: Standing, cell: Cell) -> Cell:
    """Before there was any record, there is no figure either."""
    return None if _blank(standing.tally) and not standing.open else cell


def _blank(tally: Tally) -> bool:
    return not (tally.new or tally.closed)


def _line(line: Line, brief: Brief, locale: str) -> list[Cell]:
    name = name_of(line.name, line.names, locale) if line.name else translate(N_("Not known"), locale)
    return [
        translate(SOURCES[name], locale) if name in SOURCES else name,
        line.this.new,
        _or_dash(brief.before, line.before.new),
        _or_dash(brief.year_before, line.year_before.new),
        line.this.closed,
        line.this.on_time,
    ]


def _tightest(brief: Brief, locale: str) -> Table:
    zone = brief.situation.district.zone
    words = (N_("Number"), N_("Class"), N_("Severity"), N_("Grid"), N_("State"), N_("Due"))
    rows: list[list[Cell]] = [
        [
            row.number,
            name_of(row.category_name or "", row.category_names, locale),
            f"{row.severity} {translate(SEVERITIES[row.severity], locale)}",
            name_of(row.grid_name or "", row.grid_names, locale),
            translate(STATE_LABELS[row.state], locale),
            row.due_at.astimezone(zone),
        ]
        for row in brief.tightest
    ]
    rule = translate(N_("Open incidents whose deadline is nearest or longest past."), locale)
    return Table(translate(N_("Tightest deadlines"), locale), rule, [translate(word, locale) for word in words], rows)


def heading_of(brief: Brief, locale: str) -> tuple[str, str]:
    """Title and subtitle of a brief."""
    week, district = brief.this.week, brief.situation.district
    title = translate(N_("Weekly brief %(week)s"), locale, week=week.name)
    told = translate(
        N_("%(first)s to %(last)s · made %(moment)s (%(zone)s)"),
        locale,
        first=str(week.days[0]),
        last=str(week.days[-1]),
        moment=moment(brief.made_at, district.zone),
        zone=district.time_zone,
    )
    return f"{title_of(brief.situation, locale)} · {title}", told


def draw_brief(brief: Brief, locale: str) -> str:
    """
    Write a brief as one page that opens without a network, its map inside.

    Parameters
    ----------
    locale
        Its language, one of `gridmap.language.LOCALES`.
    """
    title, told = heading_of(brief, locale)
    first, *rest = tables_of(brief, locale)
    return page_piece(
        "brief.html",
        locale=locale,
        policy=CONTENT_POLICY,
        variables=style_variables(),
        style=asset("pages", "brief.css"),
        title=title,
        told=told,
        notes=notes_of(brief, locale),
        first=shown(first),
        cards=[
            {"word": row[0], "figure": _text(row[1]), "parts": _parts(row[1]), "before": _text(row[2]),
             "year_before": _text(row[3]), "rule": row[4]}
            for row in first.rows
        ],
        tables=[shown(table) for table in rest],
        words={
            name: translate(word, locale)
            for name, word in {
                "before": N_("Week before"), "year_before": N_("Year before"), "map": N_("The map"),
                "none": N_("Nothing to list."), "unfold": N_("Show the lines"),
            }.items()
        },
        # An attribute's value: the page within is read back exactly, and stays shut in by the frame's sandbox.
        map=html.escape(draw_map(brief.situation, locale)),
    )  # fmt: skip


def notes_of(brief: Brief, locale: str) -> list[str]:
    """What a reader should know before the figures."""
    notes = []
    if brief.empty:
        notes.append(translate(N_("Nothing happened and nothing was closed in this week."), locale))
    if brief.running:
        notes.append(translate(N_("The week is still running; its figures are those so far."), locale))
    return notes


def shown(table: Table) -> dict[str, Any]:
    """A table as the page writes it: text alone, with bars for the days."""
    most = max((cell for row in table.rows for cell in row[2:] if isinstance(cell, int)), default=0)
    return {
        "name": table.name,
        "rule": table.rule,
        "long": table.long,
        "head": table.head,
        "rows": [
            [
                {
                    "text": _text(cell),
                    "parts": _parts(cell),
                    "number": isinstance(cell, int | Rate) or cell is None,
                    "share": round(100 * cell / most, 1) if isinstance(cell, int) and most else None,
                }
                for cell in row
            ]
            for row in table.rows
        ],
    }


def _parts(cell: Cell) -> str:
    """What a rate is made of."""
    return f"{figure(cell.numerator)} / {figure(cell.denominator)}" if isinstance(cell, Rate) else ""


def _text(cell: Cell) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, int):
        return figure(cell)
    return cell.strftime("%Y-%m-%d %H:%M") if isinstance(cell, datetime) else str(cell)
