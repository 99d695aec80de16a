"""`gridmap import`, `gridmap export`, `gridmap template`: files into the database and out of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gridmap.cli.database import connected, machine
from gridmap.cli.terminal import progress, reader_locale, say
from gridmap.errors import Invalid
from gridmap.language import LOCALES, N_, translate

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from gridmap.exchange.importing import Prepared

_DATUMS: Final = ("wgs84", "gcj02", "bd09", "cgcs2000")
_DEFECTS: Final = 1
_STEPS: Final = (
    N_("Reading the file."),
    N_("Checking the rows against the database."),
    N_("Writing."),
)


class _Field(click.ParamType[tuple[str, str]]):
    """``field=column``."""

    name = "FIELD=COLUMN"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, str]:
        """Cut the two apart."""
        field, equals, column = str(value).partition("=")
        if not (field and equals and column):
            raise Invalid(N_("%(value)s is no mapping. Write it like code=网格编码."), value=str(value))
        return field.strip(), column.strip()


@click.command("import")
@click.argument("kind", metavar="KIND")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--datum", type=click.Choice(_DATUMS), help="Datum of its coordinates, if the file does not say so.")
@click.option("--crs", metavar="EPSG:N", help="Coordinate system of the file, if it does not say so itself.")
@click.option("--map", "mapping", type=_Field(), multiple=True, help="Which column holds a field; may be repeated.")
@click.option("--x", metavar="COLUMN", help="Column of a table with the longitude or easting.")
@click.option("--y", metavar="COLUMN", help="Column of a table with the latitude or northing.")
@click.option("--layer", metavar="NAME", help="Layer or sheet; the first if left out.")
@click.option("--dry-run", is_flag=True, help="Check only; nothing is written.")
@click.option("--effective", metavar="DAY", help="Since when it holds; now if left out.")
@click.option("--note", default="", help="Why, for the record.")
@click.option("--working-crs", metavar="EPSG:N", help="The plane of a new district; chosen by its shapes if left out.")
@click.option("--time-zone", default="Asia/Shanghai", show_default=True, help="Of a new district.")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
def import_(
    kind: str,
    file: Path,
    mapping: tuple[tuple[str, str], ...],
    dry_run: bool,
    as_json: bool,
    working_crs: str | None,
    **said: Any,
) -> None:
    """
    Put a FILE of areas, grids, sites, streets, buildings, devices, reports or hotline orders into the database.

    All of it is checked first. If anything grave is wrong, every defect is listed with its row and place, nothing is
    written, and the exit code is 1.
    """
    from geodata.files import LOCAL
    from gridmap.exchange.importing import read_file
    from gridmap.intake.wishes import Options

    options = Options(mapping=dict(mapping), working_srid=_srid(working_crs), limits=LOCAL, **said)
    with progress(len(_STEPS)) as advance:
        advance(_STEPS[0])
        frame = read_file(kind, file, options)
        with connected() as engine:
            prepared, written = _into(engine, kind, file, options, frame, dry_run, advance)
    click.echo(_as_json(prepared, written) if as_json else _as_text(prepared, written))
    raise SystemExit(0 if prepared.can_be_written else _DEFECTS)


def _into(
    engine: Engine, kind: str, file: Path, options: Any, frame: Any, dry_run: bool, advance: Any
) -> tuple[Prepared, bool]:
    """Check and write: in one transaction, or in several where each row is a thing of its own."""
    from sqlalchemy.orm import Session

    from gridmap.exchange.importing import carry_out, parts, prepare
    from gridmap.planning.replacing import carry_out_and_follow
    from gridmap.wiring import wire

    # A repeat among imported orders is merged, which other rooms follow.
    wire()
    now = datetime.now(UTC)
    with Session(engine) as db, db.begin():
        advance(_STEPS[1])
        prepared = prepare(db, kind, file, options, now, frame=frame)
        if dry_run or not prepared.can_be_written:
            return prepared, False
        advance(_STEPS[2])
        if prepared.kind.part is None:
            carry_out_and_follow(db, machine(), prepared, now)
            return prepared, True
    for part in parts(prepared):
        with Session(engine) as db, db.begin():
            carry_out(db, machine(), part, now)
    return prepared, True


def _srid(text: str | None) -> int | None:
    if text is None:
        return None
    number = text.upper().removeprefix("EPSG:")
    if not number.isdigit():
        raise Invalid(N_("%(text)s is no coordinate system. Name one such as EPSG:4547."), text=text)
    return int(number)


def _as_json(prepared: Prepared, written: bool) -> str:
    return json.dumps({"written": written, **prepared.as_json(reader_locale())}, ensure_ascii=False, default=str)


def _as_text(prepared: Prepared, written: bool) -> str:
    locale = reader_locale()
    lines = [translate(note.msgid, locale, **note.params) for note in prepared.checked.notes]
    defects = prepared.defects
    if defects.count:
        lines.append(_defect_table(prepared, locale))
        if defects.count > len(defects.listed):
            lines.append(translate(N_("… and %(count)s more."), locale, count=defects.count - len(defects.listed)))
    if not prepared.can_be_written:
        lines.append(translate(N_("%(count)s defects; nothing was written."), locale, count=defects.grave))
        return "\n".join(lines)
    counts = translate(
        N_("%(new)s new, %(changed)s changed, %(same)s as they are, %(ended)s ended."),
        locale,
        **asdict(prepared.counts),
    )
    lines.append(counts if written else f"{counts} {translate(N_('Nothing was written.'), locale)}")
    return "\n".join(lines)


def _defect_table(prepared: Prepared, locale: str) -> str:
    from gridmap.cli.coverage import table

    head = [translate(word, locale) for word in (N_("row"), N_("longitude"), N_("latitude"), N_("what is wrong"))]
    rows = []
    for defect in prepared.defects.listed:
        lon, lat = (f"{degrees:.6f}" for degrees in defect.place) if defect.place else ("", "")
        mark = "" if defect.grave else f" ({translate(N_('no hindrance'), locale)})"
        rows.append(["" if defect.row is None else str(defect.row), lon, lat, defect.sentence(locale) + mark])
    return table(head, rows, right=(0, 1, 2))


@click.command("export")
@click.argument("kind", metavar="KIND")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write.")
@click.option("--as-of", metavar="DAY", help="As of the end of a day, or an instant; now if left out.")
@click.option("--crs", default="EPSG:4326", show_default=True, help="Coordinate system of the file.")
def export_(kind: str, output: Path, as_of: str | None, crs: str) -> None:
    """
    Write areas, grids, sites, buildings, streets, devices, incidents or reports into a file.

    Its suffix is the format: .geojson .gpkg .shp.zip .fgb .parquet .csv .xlsx .kml
    """
    from sqlalchemy.orm import Session

    from gridmap.exchange.exporting import action_of, as_of_instant, export
    from gridmap.people.rules import scope_of

    with connected() as engine, Session(engine) as db, db.begin():
        scope = scope_of(machine(), action_of(kind))
        notes = export(db, scope, kind, output, as_of_instant(db, as_of), crs=crs)
    for note in notes:
        say(note.msgid, **note.params)
    click.echo(output)


@click.command()
@click.argument("kind", metavar="KIND")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write.")
@click.option("--lang", type=click.Choice(LOCALES), help="Language of the workbook; the reader's if left out.")
def template(kind: str, output: Path, lang: str | None) -> None:
    """Write a workbook to fill in, with drop-downs and explanations, that `gridmap import` takes."""
    from gridmap.exchange.templates import write_template

    write_template(kind, output, lang or reader_locale())
    click.echo(output)
