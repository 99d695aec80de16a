"""`gridmap zones`: areas grouped into contiguous zones of about the same weight."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmap.cli.coverage import Sheet, proposing, read_sheet, reading, require_column, table, told_in_words
from gridmap.cli.partition import steps
from gridmap.cli.terminal import reader_locale, say
from gridmap.errors import Invalid
from gridmap.language import N_, translate

if TYPE_CHECKING:
    import pandas as pd

    from geodata.partition import Zones, Zoning


@click.command()
@click.argument("areas", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--weight", required=True, metavar="COLUMN", help="Column with population, incidents, staff or the like.")
@click.option("--count", required=True, type=click.IntRange(min=1), help="How many zones.")
@click.option(
    "--skills",
    multiple=True,
    metavar="COLUMN",
    help="What the areas have to offer each other: a column of words, such as `school;clinic`, or several of numbers.",
)
@proposing("the areas")
@reading
def zones(
    areas: Path,
    weight: str,
    count: int,
    skills: tuple[str, ...],
    seed: int,
    output: Path,
    crs: str | None,
    datum: str | None,
    code: str | None,
    as_json: bool,
) -> None:
    """
    Group the file AREAS into --count contiguous zones; up to 20 areas the most even way is found for certain.

    Writes the areas with `zone`, and with --skills `zone_2`, `zone_3` ... for ways that are less even and more
    complementary.
    """
    import pandas as pd

    from geodata import partition as geometry

    sheet = read_sheet(areas, crs, datum, code)
    for column in (weight, *skills):
        require_column(sheet.frame, column, areas)
    amounts = _amounts(sheet.frame, skills) if skills else None
    with steps() as watch, told_in_words():
        found = geometry.zones(
            sheet.shapes,
            pd.to_numeric(sheet.frame[weight], errors="coerce").to_numpy(float),
            count,
            skills=None if amounts is None else amounts.to_numpy(float),
            seed=seed,
            watch=watch,
        )
    _write(sheet, found, output)
    click.echo(_as_json(sheet, found) if as_json else _as_text(sheet, found))


def _amounts(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """How much of each skill an area has: numbers as they stand, or 1 for each word of a text."""
    import pandas as pd

    numbers: pd.DataFrame = frame[list(columns)].apply(pd.to_numeric, errors="coerce")
    if numbers.notna().all(axis=None):
        if (numbers < 0).any(axis=None):
            raise Invalid(N_("Skills below 0 mean nothing. Give 0 where an area has none."))
        return numbers
    words = frame[list(columns)].fillna("").astype(str).agg(";".join, axis=1)
    words = words.str.replace(r"\s*[,;，；、|]\s*", ";", regex=True)
    present: pd.DataFrame = words.str.strip("; ").str.get_dummies(";")
    return present


def _write(sheet: Sheet, found: Zoning, output: Path) -> None:
    from geodata.files import write

    columns = {_name(number): way.zone for number, way in enumerate(found.front, start=1)}
    with told_in_words():
        write(sheet.frame.assign(**columns), output)
    say(N_("Written: %(path)s."), path=str(output))


def _name(number: int) -> str:
    return "zone" if number == 1 else f"zone_{number}"


def _as_json(sheet: Sheet, found: Zoning) -> str:
    def told(way: Zones) -> dict[str, Any]:
        return {
            "imbalance": round(way.imbalance, 6),
            "complementarity": None if way.complementarity is None else round(way.complementarity, 6),
            "weights": [round(float(weight), 6) for weight in way.weight],
            "zones": {sheet.codes[row]: int(zone) for row, zone in zip(sheet.shapes.index, way.zone, strict=True)},
        }

    return json.dumps({"exact": found.exact, "front": [told(way) for way in found.front]}, ensure_ascii=False)


def _as_text(sheet: Sheet, found: Zoning) -> str:
    locale = reader_locale()
    parts = []
    for number, way in enumerate(found.front, start=1):
        rows = []
        for zone, weight in enumerate(way.weight, start=1):
            named = [sheet.codes[row] for row, one in zip(sheet.shapes.index, way.zone, strict=True) if one == zone]
            rows.append([str(zone), f"{weight:,.0f}", ", ".join(named)])
        words = (N_("zone"), N_("weight"), N_("areas"))
        parts.append(table([translate(word, locale) for word in words], rows, right=(1,)))
        parts.append(_figures(_name(number), way, locale) + "\n")
    exact = N_("Every way that could be the most even was looked at.")
    tried = N_("With more than 20 areas not every way can be looked at: these are the best of many tries.")
    return "\n".join([*parts, translate(exact if found.exact else tried, locale)])


def _figures(name: str, way: Zones, locale: str) -> str:
    imbalance = f"{way.imbalance:.1%}"
    if way.complementarity is None:
        return translate(
            N_("Column %(name)s: the heaviest zone is %(imbalance)s above the mean."),
            locale,
            name=name,
            imbalance=imbalance,
        )
    return translate(
        N_("Column %(name)s: the heaviest zone is %(imbalance)s above the mean, complementarity %(alike)s."),
        locale,
        name=name,
        imbalance=imbalance,
        alike=f"{way.complementarity:.3f}",
    )
