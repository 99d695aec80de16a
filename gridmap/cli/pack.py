"""`gridmap pack`: one map and two tables of a grid on paper, or of many as a book."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from gridmap.cli.database import connected, machine
from gridmap.cli.map import require_folder
from gridmap.cli.terminal import counting, reader_locale
from gridmap.errors import Invalid
from gridmap.language import LOCALES, N_


@click.command()
@click.argument("grid", required=False)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="A .pdf; a folder with --each.")
@click.option("--area", metavar="CODE", help="All grids of this township or community, as a book.")
@click.option("--all", "everything", is_flag=True, help="All grids of the district, as a book.")
@click.option("--each", is_flag=True, help="A file for each grid, into a folder; it is made if need be.")
@click.option("--as-of", metavar="DAY", help="As of the end of a day, or an instant; now if left out.")
@click.option("--lang", type=click.Choice(LOCALES), help="Language of the pack; the reader's if left out.")
def pack(
    grid: str | None, output: Path, area: str | None, everything: bool, each: bool, as_of: str | None, lang: str | None
) -> None:
    """
    Print the pack of GRID: its map, and who does what in it.

    With --area or --all the packs of many grids make one book, with contents and bookmarks.
    """
    _require_one_wish(grid, area, everything)
    _require_output(output, each)
    from sqlalchemy.orm import Session

    from gridmap.insight.pack import PackWish, pack_sight, read_packs, wanted_grids
    from gridmap.insight.pack_book import print_book, print_each, print_pack
    from gridmap.insight.queries import asked_instant

    locale, now = lang or reader_locale(), datetime.now(UTC)
    with connected() as engine, Session(engine) as db, db.begin():
        at, sight = asked_instant(db, as_of, now), pack_sight(machine())
        rows = wanted_grids(db, sight, PackWish(grid, area, at))
        portions = read_packs(db, sight, rows, at, now)
        with counting(len(rows)) as printed:
            if each:
                output.mkdir(exist_ok=True)
                print_each(portions, output, locale, printed)
            elif grid is not None:
                output.write_bytes(print_pack(next(portions)[0], locale))
            else:
                print_book(portions, len(rows), output, locale, printed=printed)
    click.echo(output)


def _require_one_wish(grid: str | None, area: str | None, everything: bool) -> None:
    if sum((grid is not None, area is not None, everything)) != 1:
        raise Invalid(N_("Name one grid, or an area with --area, or take all of them with --all."))


def _require_output(output: Path, each: bool) -> None:
    """Said at once, and not after the printing."""
    if each:
        if output.exists() and not output.is_dir():
            raise Invalid(N_("%(name)s is a file. Name a folder for the packs."), name=str(output))
        require_folder(output)
        return
    if output.suffix.lower() != ".pdf":
        raise Invalid(N_("%(name)s: a pack is written as .pdf."), name=output.name)
    require_folder(output)
