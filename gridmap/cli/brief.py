"""`gridmap brief`: the figures of a week as a page that opens anywhere, as a workbook, or on paper."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from gridmap.cli.database import connected, machine
from gridmap.cli.map import require_folder
from gridmap.cli.terminal import progress, reader_locale
from gridmap.errors import Invalid
from gridmap.language import LOCALES, N_

_STEPS: Final = (N_("Counting the week."), N_("Writing."))


@click.command()
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="An .html, .xlsx or .pdf."
)
@click.option("--week", metavar="2026-W46", help="A week of ISO 8601; the last whole one if left out.")
@click.option("--area", metavar="CODE", help="Only what happened in this township or community.")
@click.option("--lang", type=click.Choice(LOCALES), help="Language of the brief; the reader's if left out.")
def brief(output: Path, week: str | None, area: str | None, lang: str | None) -> None:
    """Write what happened in a week, how it went, beside the week before and the same week a year before."""
    from sqlalchemy.orm import Session

    from gridmap.grids.queries import current_district
    from gridmap.insight.brief import draw_brief
    from gridmap.insight.brief_print import print_brief
    from gridmap.insight.figures import read_brief
    from gridmap.insight.queries import sight_of
    from gridmap.insight.rules import parse_week, week_of
    from gridmap.insight.workbook import write_workbook

    suffix, locale = output.suffix.lower(), lang or reader_locale()
    if suffix not in (".html", ".htm", ".xlsx", ".pdf"):
        raise Invalid(N_("%(name)s: a brief is written as .html, .xlsx or .pdf."), name=output.name)
    require_folder(output)
    with progress(len(_STEPS)) as advance, connected() as engine, Session(engine) as db, db.begin():
        now = datetime.now(UTC)
        zone = current_district(db).zone
        wanted = parse_week(week, zone, now) if week else week_of(now.astimezone(zone).date(), zone).before
        advance(_STEPS[0])
        read = read_brief(db, sight_of(machine()), wanted, area, now)
        advance(_STEPS[1])
        if suffix == ".xlsx":
            write_workbook(read, output, locale)
        elif suffix == ".pdf":
            output.write_bytes(print_brief(read, locale))
        else:
            output.write_text(draw_brief(read, locale), encoding="utf-8")
    click.echo(output)
