"""`gridmap sample`: the made-up district as files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from gridmap.errors import Invalid
from gridmap.language import N_


@click.command()
@click.option(
    "-o",
    "--output",
    "directory",
    required=True,
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write; made if it is not there.",
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=0), help="Same seed, same bytes.")
@click.option("--grids", default=767, show_default=True, type=click.IntRange(60, 767), help="How many grids.")
@click.option(
    "--until",
    default="2026-01-01T00:00+08:00",
    show_default=True,
    metavar="TIME",
    help="End of the year of incidents, with its zone; fixed, so that the bytes do not depend on today.",
)
def sample(directory: Path, seed: int, grids: int, until: str) -> None:
    """Write the made-up district (淇水区) as GeoJSON and CSV files."""
    from gridmap.cli.terminal import say

    last = _instant(until)
    say(N_("Making up the district. This takes up to half a minute."))
    from geodata.sample import make_district, write_district

    district = make_district(seed, grids=grids, until=last)
    say(N_("Writing files."))
    for path in write_district(district, directory):
        click.echo(path)


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise Invalid(N_("%(text)s is not a time with a zone. Write it like 2026-01-01T00:00+08:00."), text=text)
    return instant
