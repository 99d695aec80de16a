"""`gridmap catalogue`: the rules of the district into the database, out of it, and checked."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gridmap.cli.database import connected, machine
from gridmap.cli.terminal import reader_locale, say
from gridmap.errors import Invalid
from gridmap.language import N_, translate

if TYPE_CHECKING:
    from gridmap.catalogue.importing import Prepared

_DEFECTS: Final = 1
_KINDS: Final = {"added": N_("new"), "changed": N_("changed"), "ended": N_("ended"), "same": N_("as it is")}


class _Day(click.ParamType[date]):
    """A day such as 2026-07-01."""

    name = "DAY"

    def convert(self, value: Any, param: Any, ctx: Any) -> date:
        """Read it."""
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            raise Invalid(N_("“%(value)s” is no day. Write it like 2026-07-01."), value=str(value)) from None


@click.group()
def catalogue() -> None:
    """Rules as rows: classes, duties, time limits, evidence, checklists, reasons, words, calendars, supervision."""
    # Some tables belong to rooms that the catalogue itself does not know.
    from gridmap.wiring import wire

    wire()


@catalogue.command("import")
@click.argument("table", required=False)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--reference", is_flag=True, help="Put in the example: classes and checklists to start from.")
@click.option("--effective", type=_Day(), help="The day from which it holds; today if left out.")
@click.option("--whole", is_flag=True, help="The file is all there is: what it leaves out ends.")
@click.option("--past", is_flag=True, help="Rows may begin on past days; what was in force then is never changed.")
@click.option("--dry-run", is_flag=True, help="Check only; nothing is written.")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
def import_(
    table: str | None,
    file: Path | None,
    reference: bool,
    effective: date | None,
    whole: bool,
    past: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """
    Put a FILE (CSV or XLSX) of a TABLE of rules into the database.

    Row by row it says what would be new, changed, ended; if anything is wrong, every reason is listed with its row,
    nothing is written, and the exit code is 1.
    """
    from sqlalchemy.orm import Session

    from geodata.files import LOCAL
    from gridmap.catalogue.changes import Terms
    from gridmap.catalogue.importing import carry_out, prepare, read_rules
    from gridmap.catalogue.pages import local_today
    from gridmap.catalogue.registry import table_called

    if reference != (table is None) or (file is None) != (table is None):
        raise Invalid(N_("Name a table and a file, or --reference alone."))
    if table is None or file is None:
        _import_example(dry_run)
        return
    wanted = table_called(table)
    frame = read_rules(file, LOCAL)
    now = datetime.now(UTC)
    with connected() as engine, Session(engine) as db, db.begin():
        today = local_today(db, now)
        prepared = prepare(db, wanted, frame, Terms(today, effective or today, whole=whole, past=past))
        written = prepared.can_be_written and not dry_run
        if written:
            carry_out(db, machine(), prepared)
    locale = reader_locale()
    answer = {"written": written, **prepared.as_json(locale)}
    click.echo(json.dumps(answer, ensure_ascii=False) if as_json else _as_text(prepared, answer, locale))
    raise SystemExit(0 if prepared.can_be_written else _DEFECTS)


@catalogue.command("export")
@click.argument("table")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write.")
@click.option("--on", type=_Day(), help="Only what holds on this day; all days if left out.")
def export_(table: str, output: Path, on: date | None) -> None:
    """Write a TABLE of rules into a .csv or .xlsx that `gridmap catalogue import` takes as it is."""
    from sqlalchemy.orm import Session

    from gridmap.catalogue.pages import write_rules
    from gridmap.catalogue.registry import table_called

    with connected() as engine, Session(engine) as db, db.begin():
        rows = write_rules(db, table_called(table), output, on)
    click.echo(f"{output}  {rows}")


@catalogue.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON array.")
def list_(as_json: bool) -> None:
    """List the tables of rules and how many rows each has in force."""
    from sqlalchemy.orm import Session

    from gridmap.catalogue.pages import counts_of, local_today
    from gridmap.catalogue.registry import TABLES

    with connected() as engine, Session(engine) as db, db.begin():
        today = local_today(db, datetime.now(UTC))
        counts = {name: counts_of(db, table, today) for name, table in TABLES.items()}
    if as_json:
        click.echo(json.dumps([{"name": name, **count} for name, count in counts.items()], ensure_ascii=False))
        return
    for name, count in counts.items():
        lists = ", ".join(f"{value or '–'} {n}" for value, n in count["lists"].items()) if name == "duties" else ""
        click.echo(f"{name:<18} {count['in_force']:>6} {translate(TABLES[name].title, reader_locale())}  {lists}")


@catalogue.command()
@click.option("--on", type=_Day(), help="As of this day; today if left out.")
def check(on: date | None) -> None:
    """List rules that lead nowhere: what refers to something that ended, and classes nobody answers for; exit 1."""
    from sqlalchemy.orm import Session

    from gridmap.catalogue.pages import local_today
    from gridmap.catalogue.soundness import find_faults

    with connected() as engine, Session(engine) as db, db.begin():
        faults = find_faults(db, on or local_today(db, datetime.now(UTC)))
    locale = reader_locale()
    for fault in faults:
        click.echo(f"{fault.table}: {translate(fault.msgid, locale, **fault.values)}")
    say(N_("%(count)s faults."), count=len(faults))
    raise SystemExit(_DEFECTS if faults else 0)


@catalogue.command()
@click.option("-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="Directory.")
@click.option("--seed", type=int, default=1, show_default=True, help="Which one.")
def reference(output: Path, seed: int) -> None:
    """Write the example catalogue of the made-up district as CSV files, the same bytes for the same seed."""
    from gridmap.catalogue import reference as example

    townships = [f"990106{digits}" for digits in ("001", "002", "003", "004", "005", "100", "101", "102", "103", "200")]
    output.mkdir(parents=True, exist_ok=True)
    tables = {
        "categories": example.classes(),
        "duties": example.duties(townships, seed),
        "checklists": example.checklists(),
        "checklist-items": example.checklist_items(),
    }
    for name, rows in tables.items():
        with (output / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        click.echo(f"{output / name}.csv  {len(rows)}")


def _import_example(dry_run: bool) -> None:
    from sqlalchemy.orm import Session

    from gridmap.catalogue.example import load_example
    from gridmap.catalogue.pages import local_today

    now = datetime.now(UTC)
    with connected() as engine, Session(engine) as db, db.begin():
        today = local_today(db, now)
        done = load_example(db, machine(), now, today=today, since=today)
        if dry_run:
            db.rollback()
    for name, prepared in done.items():
        click.echo(f"{name}: {_counted(prepared, reader_locale())}")


def _as_text(prepared: Prepared, answer: dict[str, Any], locale: str) -> str:
    lines = [f"{defect['row'] or ''}\t{defect['sentence']}" for defect in answer["defects"]["listed"]]
    if not prepared.can_be_written:
        count = prepared.defects.count
        lines.append(translate(N_("%(count)s defects; nothing was written."), locale, count=count))
        return "\n".join(lines)
    lines += [
        f"{change['row'] or ''}\t{translate(_KINDS[change['kind']], locale)}\t{' '.join(change['key'])}"
        for change in answer["changes"]
    ]
    lines.append(_counted(prepared, locale))
    lines += answer["weight"]["sentences"]
    if not answer["written"]:
        lines.append(translate(N_("Nothing was written."), locale))
    return "\n".join(lines)


def _counted(prepared: Prepared, locale: str) -> str:
    counts = prepared.counts
    return translate(
        N_("%(new)s new, %(changed)s changed, %(same)s as they are, %(ended)s ended."),
        locale, new=counts["added"], changed=counts["changed"], same=counts["same"], ended=counts["ended"],
    )  # fmt: skip
