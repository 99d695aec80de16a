"""The command line: one lazily loaded module a command, every failure one sentence and an exit code."""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Final, NoReturn

import click

from gridmap import __version__

if TYPE_CHECKING:
    from gridmap.errors import GridmapError

# Command -> what it does in a line. The module of a command is imported when the command runs and not before:
# geopandas and its like take longer to import than most commands take to run.
COMMANDS: Final[Mapping[str, str]] = {
    "up": "Run everything on this machine: database, web, worker; with --demo a made-up district.",
    "serve": "Run the web.",
    "work": "Run the worker: the anchor of the audit, partitions, retention.",
    "simulate": "Keep the map of the made-up district alive, through the real doors.",
    "db": "Start, stop and upgrade the database.",
    "user": "Make and change accounts.",
    "device": "Register devices and their keys.",
    "outbox": "List messages that wait or were given up, and send those again.",
    "log": "Verify the hash chains of the record.",
    "clock": "Say when a time limit is over, and why then.",
    "import": "Put a file of areas, grids, sites, streets, buildings, devices or reports into the database.",
    "export": "Write areas, grids, sites, buildings, streets, devices, incidents or reports into a file.",
    "template": "Write a workbook to fill in for an import.",
    "catalogue": "Rules as rows: import, export, check classes, duties, time limits, checklists, reasons.",
    "check": "Check grids: every gap, overlap, sliver and size breach with its place.",
    "clean": "Make a valid coverage from a dirty file of grids, and tell the difference.",
    "partition": "Propose grids from buildings, streets and community lines, with a score card.",
    "zones": "Group areas into contiguous zones of about the same weight.",
    "osm": "Take base map, streets, barriers and buildings out of an OpenStreetMap extract.",
    "locate": "Say which grid holds each point of a file of any length.",
    "map": "Write a map into one file that opens without a network.",
    "brief": "Write the figures of a week, with its map: a page, a workbook or a PDF.",
    "pack": "Print grid packs, a map and two tables each: of one grid, of an area, or of all.",
    "sample": "Write the made-up district as files.",
    "settings": "List every setting, its default and its meaning.",
    "bench": "Run the project's own benchmarks, a line of figures each.",
}

# Where a command lives that is not the one of its own module.
_ELSEWHERE: Final[Mapping[str, str]] = {
    "import": "exchange.import_",
    "export": "exchange.export_",
    "template": "exchange.template",
    "map": "map.map_",
}

USAGE: Final = 2
UNEXPECTED: Final = 3
INTERRUPTED: Final = 130


class LazyGroup(click.Group):
    """A group that knows its commands by name and line, and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order of their table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = _ELSEWHERE.get(cmd_name, f"{cmd_name}.{cmd_name}").partition(".")
        command = getattr(importlib.import_module(f"gridmap.cli.{module}"), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gridmap")
@click.option("--debug", is_flag=True, help="Show the traceback of an unexpected error.")
def cli(debug: bool) -> None:
    """
    Grid governance of a district: every report finds its grid.

    Results go to standard output, progress and errors to standard error. Exit codes: 0 fine, 1 defects found,
    2 bad input or usage, 3 an error of our own.
    """
    # The interpreter asks this hook, and nobody else, about errors that nothing in the program expects.
    sys.excepthook = functools.partial(_tell_unexpected, debug)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run one command; whatever happens, the person reads a sentence and the shell gets a code."""
    from gridmap.errors import GridmapError

    try:
        code = cli.main(arguments, prog_name="gridmap", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = USAGE
    except click.Abort:
        click.echo(err=True)
        code = INTERRUPTED
    except GridmapError as error:
        _tell(error)
        code = USAGE
    raise SystemExit(code if isinstance(code, int) else 0)


def _tell(error: GridmapError) -> None:
    from gridmap.cli.terminal import reader_locale

    where = f" ({error.where})" if error.where else ""
    click.echo(error.sentence(reader_locale()) + where, err=True)


def _tell_unexpected(
    debug: bool, kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> NoReturn:
    """Say what the system or the database refuses; keep the traceback of all else in a file and say where."""
    from gridmap.cli.terminal import keep_traceback, say
    from gridmap.language import N_

    if debug:
        sys.__excepthook__(kind, error, trace)
        raise SystemExit(UNEXPECTED)
    if isinstance(error, OSError) and error.filename:
        click.echo(f"{error.filename}: {error.strerror}", err=True)
        raise SystemExit(USAGE)
    if _is_lost_database(error):
        say(N_("The database does not answer. `gridmap db status` tells whether it runs."))
        raise SystemExit(USAGE)
    say(
        N_("Something went wrong that gridmap did not expect (%(kind)s). The details are in %(path)s."),
        kind=kind.__name__,
        path=str(keep_traceback(error)),
    )
    raise SystemExit(UNEXPECTED)


def _is_lost_database(error: BaseException) -> bool:
    # Asked of the modules that are loaded: without the driver there is no such error either.
    drivers = [sys.modules.get(name) for name in ("sqlalchemy.exc", "psycopg")]
    return any(driver is not None and isinstance(error, driver.OperationalError) for driver in drivers)
