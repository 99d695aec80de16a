"""`gridmap locate`: which grid holds each point of a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gridmap.cli.coverage import require_column, told_in_words
from gridmap.cli.terminal import counting, reader_locale
from gridmap.errors import Invalid
from gridmap.language import N_, translate

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.datum import Datum
    from gridmap.grids.pointfiles import GridSet, PointLocator

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_DATUM: Final = click.Choice(["wgs84", "gcj02", "bd09", "cgcs2000"])
_CODES: Final = ("code", "grid_code", "编码", "网格编码", "网格代码", "id")
_AT_ONCE: Final = 100_000
_COUNTS: Final = N_(
    "%(rows)s rows: %(inside)s inside a grid, %(edge)s on an edge, %(outside)s outside, %(unplaced)s unplaced."
)


@click.command()
@click.argument("points", type=_FILE)
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write.")
@click.option("--grids", type=_FILE, help="File of grids; without it, those of the database.")
@click.option("--code", metavar="COLUMN", help="Column of the grids' file with their codes.")
@click.option("--grids-crs", metavar="EPSG:N", help="Coordinate system of the grids' file, if it does not say so.")
@click.option("--grids-datum", type=_DATUM, help="Datum of the grids' file.")
@click.option("--x", metavar="COLUMN", help="Column with the longitude, or the easting.")
@click.option("--y", metavar="COLUMN", help="Column with the latitude, or the northing.")
@click.option("--layer", metavar="NAME", help="Layer or sheet of the points' file; the first unless named.")
@click.option("--crs", metavar="EPSG:N", help="Coordinate system of the points, if the file does not say so itself.")
@click.option("--datum", type=_DATUM, help="Datum of the points; without it, a shift that is recognised is named.")
@click.option("--accuracy", metavar="COLUMN", help="Column with the accuracy in metres: adds the probability.")
@click.option(
    "--accuracy-is",
    "convention",
    type=click.Choice(["android68", "ios", "browser95", "ce90", "cep50", "unknown"]),
    default="unknown",
    show_default=True,
    help="What share of positions the accuracy holds, by who states it.",
)
@click.option("--as-of", metavar="DATE", help="The database's grids as they were on a day, or at an instant.")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
def locate(
    points: Path,
    output: Path,
    grids: Path | None,
    code: str | None,
    grids_crs: str | None,
    grids_datum: Any,
    x: str | None,
    y: str | None,
    layer: str | None,
    crs: str | None,
    datum: Any,
    accuracy: str | None,
    convention: str,
    as_of: str | None,
    as_json: bool,
) -> None:
    """
    Write the rows of the file POINTS with the grid that holds each.

    Files of any length pass through. Rows without a usable place are kept, and marked unplaced with the reason.
    """
    from geodata.doubt import Convention
    from geodata.files import LOCAL, Given, batches, count_rows, write
    from gridmap.grids.pointfiles import PointLocator

    _refuse_contradictions(grids, as_of, x, y)
    with told_in_words():
        found = _from_file(grids, code, Given(grids_crs, grids_datum)) if grids else _from_database(as_of)
        # Whoever names the system of the coordinates has said that they are not shifted.
        declared: Datum | None = datum or ("wgs84" if crs else None)
        locator = PointLocator(found, accuracy, Convention(convention), declared, reader_locale())
        with _watched(batches(points, layer=layer, given=Given(crs, datum), limits=LOCAL, x=x, y=y, size=_AT_ONCE),
                      count_rows(points, layer=layer)) as frames:  # fmt: skip
            write((_answered(locator, frame, points) for frame in frames), output)
    _report(locator, output, as_json)


def _refuse_contradictions(grids: Path | None, as_of: str | None, x: str | None, y: str | None) -> None:
    if grids is not None and as_of is not None:
        raise Invalid(N_("--as-of asks the database for a day; a file of grids has none. Leave one of the two out."))
    if (x is None) != (y is None):
        raise Invalid(N_("Name both columns: --x and --y."))


def _from_file(path: Path, code: str | None, given: Any) -> GridSet:
    from geodata.files import LOCAL, read
    from gridmap.grids.pointfiles import GridSet

    frame = read(path, given=given, limits=LOCAL)
    require_column(frame, code, path)
    column = code or next((name for name in _CODES if name in frame.columns), None)
    codes = frame.index.to_series() if column is None else frame[column]
    return GridSet.of_frame(frame, codes)


def _from_database(as_of: str | None) -> GridSet:
    from gridmap.cli.database import opened
    from gridmap.grids.index import coverages
    from gridmap.grids.pointfiles import GridSet
    from gridmap.moment import asked_as_of

    with opened() as (db, _):
        held = coverages.hold(db)
        return GridSet.of_coverage(held.at(asked_as_of(as_of, held.district.time_zone)))


def _answered(locator: PointLocator, frame: gpd.GeoDataFrame, path: Path) -> gpd.GeoDataFrame:
    require_column(frame, locator.accuracy, path)
    return locator.answer(frame)


@contextmanager
def _watched(frames: Iterator[gpd.GeoDataFrame], total: int | None) -> Iterator[Iterator[gpd.GeoDataFrame]]:
    """The frames, with a bar for whoever watches."""
    with counting(total) as count:

        def each() -> Iterator[gpd.GeoDataFrame]:
            for frame in frames:
                yield frame
                count(len(frame))

        yield each()


def _report(locator: PointLocator, output: Path, as_json: bool) -> None:
    counts = {word: locator.counts[word] for word in ("inside", "edge", "outside", "unplaced")}
    if as_json:
        whole = {"rows": sum(counts.values()), **counts, "reasons": dict(locator.reasons), "output": str(output)}
        click.echo(json.dumps(whole, ensure_ascii=False))
        return
    locale = reader_locale()
    figures = {name: f"{count:,}" for name, count in {"rows": sum(counts.values()), **counts}.items()}
    click.echo(translate(_COUNTS, locale, **figures))
    for reason, count in locator.reasons.most_common():
        click.echo(f"{count:>9,} × {reason}")
