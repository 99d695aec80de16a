"""`gridmap map`: one file that shows a day of the district anywhere, the network pulled out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from gridmap.cli.database import connected, machine
from gridmap.cli.terminal import progress, reader_locale
from gridmap.errors import Invalid
from gridmap.language import LOCALES, N_

_LAYERS: Final = ("kind", "open", "overdue", "areas", "incidents", "ground")
_STEPS: Final = (N_("Reading the map."), N_("Drawing it."))


@click.command("map")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="An .html file.")
@click.option("--as-of", metavar="DAY", help="As of the end of a day, or an instant; now if left out.")
@click.option("--layer", "layers", type=click.Choice(_LAYERS), multiple=True, help="May be repeated; all if left out.")
@click.option("--area", metavar="CODE", help="Only what lies in this township or community.")
@click.option("--lang", type=click.Choice(LOCALES), help="Language of the map; the reader's if left out.")
def map_(output: Path, as_of: str | None, layers: tuple[str, ...], area: str | None, lang: str | None) -> None:
    """Write a map into one HTML file that opens without a network: grids, outlines, open incidents."""
    from sqlalchemy.orm import Session

    from gridmap.insight.maps import draw_map
    from gridmap.insight.queries import asked_instant, sight_of
    from gridmap.insight.situation import LAYERS, Wish, read_situation

    if output.suffix.lower() not in (".html", ".htm"):
        raise Invalid(N_("%(name)s: a map is written as .html."), name=output.name)
    require_folder(output)
    with progress(len(_STEPS)) as advance, connected() as engine, Session(engine) as db, db.begin():
        advance(_STEPS[0])
        now = datetime.now(UTC)
        wish = Wish(layers or LAYERS, area_code=area, at=asked_instant(db, as_of, now))
        situation = read_situation(db, sight_of(machine()), wish, now)
        advance(_STEPS[1])
        output.write_text(draw_map(situation, lang or reader_locale()), encoding="utf-8")
    click.echo(output)


def require_folder(output: Path) -> None:
    """
    Say at once that a file cannot be written, and not after the work.

    Raises
    ------
    Invalid
        If its folder is not there.
    """
    if not output.parent.is_dir():
        raise Invalid(N_("There is no folder %(name)s."), name=str(output.parent))
