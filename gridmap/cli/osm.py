"""`gridmap osm`: an OpenStreetMap extract as base map, streets, barriers and buildings."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gridmap.cli.coverage import told_in_words
from gridmap.cli.terminal import progress, reader_locale, say
from gridmap.errors import Invalid
from gridmap.language import N_, translate

if TYPE_CHECKING:
    from geodata.osm import Extract
    from gridmap.exchange.extracts import Loaded

_READING: Final = N_("Reading the extract.")
_WRITING: Final = N_("Writing.")
_LAYERS: Final = ("streets", "barriers", "buildings", "ground", "areas")
_LOADED: Final = N_(
    "Ways: %(new_ways)s new, %(same_ways)s as they are. Buildings: %(new_buildings)s new, %(same_buildings)s as they "
    "are. Ground: %(ground)s pieces. Left out as they are no sound shapes: %(left_out)s."
)


@click.command()
@click.argument("extract", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write files into this directory instead of the database.",
)
@click.option("--suffix", default=".gpkg", show_default=True, help="Format of those files.")
def osm(extract: Path, output: Path | None, suffix: str) -> None:
    """
    Take streets, barriers, buildings and ground out of an OpenStreetMap EXTRACT (.osm.pbf).

    They become the base map of the district in the database, or plain files. The data is of OpenStreetMap's
    contributors, under the ODbL: the map says so by itself, whoever passes the files on must.
    """
    from geodata.osm import read_extract

    if output is not None and not output.is_dir():
        raise Invalid(N_("There is no directory %(name)s."), name=str(output))
    with progress(2) as advance:
        advance(_READING)
        with told_in_words():
            found = read_extract(extract)
        advance(_WRITING)
        if output is not None:
            with told_in_words():
                lines = _write(found, output, suffix)
        else:
            lines = [_told(_load(found))]
    for line in lines:
        click.echo(line)


def _write(found: Extract, output: Path, suffix: str) -> list[str]:
    from geodata.files import write
    from gridmap.exchange.extracts import CREDIT

    lines = []
    for name in _LAYERS:
        frame = getattr(found, name)
        if len(frame):
            path = output / f"{name}{suffix}"
            for note in write(frame, path):
                say(note.msgid, **note.params)
            lines.append(f"{path}  {len(frame):,}")
    return [*lines, CREDIT]


def _load(found: Extract) -> Loaded:
    from sqlalchemy.orm import Session

    from gridmap.cli.database import connected, machine
    from gridmap.exchange.extracts import load_extract

    with connected() as engine, Session(engine) as db, db.begin():
        return load_extract(db, machine(), found, datetime.now(UTC))


def _told(loaded: Loaded) -> str:
    return translate(
        _LOADED,
        reader_locale(),
        new_ways=f"{loaded.ways.new:,}",
        same_ways=f"{loaded.ways.same:,}",
        new_buildings=f"{loaded.buildings.new:,}",
        same_buildings=f"{loaded.buildings.same:,}",
        ground=f"{loaded.ground:,}",
        left_out=f"{loaded.left_out:,}",
    )
