"""How commands speak to a person: sentences in their language on standard error, bars where a person is watching."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from gridmap.language import choose_locale, translate

Advance = Callable[[str], None]


def reader_locale() -> str:
    """
    The language of the person at this terminal.

    `GRIDMAP_LANGUAGE` wins, then the shell's own variables; a shell without a language (``C``, or nothing at all)
    reads English, as with every other program.
    """
    if chosen := os.environ.get("GRIDMAP_LANGUAGE"):
        return choose_locale(chosen)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name, ""):
            language = value.partition(".")[0]
            return "en" if language in ("C", "POSIX") else choose_locale(language)
    return "en"


def say(msgid: str, **params: Any) -> None:
    """Say a sentence on standard error, in the reader's language."""
    click.echo(translate(msgid, reader_locale(), **params), err=True)


def keep_traceback(error: BaseException) -> Path:
    """Append a traceback to the log of errors; the directory of the installation, or else the system's for a while."""
    text = "".join(traceback.format_exception(error))
    entry = f"{datetime.now(UTC).isoformat()} {' '.join(sys.argv)}\n{text}\n"
    try:
        return _append(_log_dir() / "errors.log", entry)
    except OSError:
        handle, name = tempfile.mkstemp(prefix="gridmap-error-", suffix=".log")
        os.write(handle, entry.encode())
        os.close(handle)
        return Path(name)


def _log_dir() -> Path:
    from gridmap.settings import default_data_dir

    return Path(os.environ.get("GRIDMAP_DATA_DIR") or default_data_dir()) / "log"


def _append(path: Path, text: str) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as log:
        log.write(text)
    return path


@contextmanager
def progress(total: int) -> Iterator[Advance]:
    """
    Show how far a long work of `total` steps is: a bar for a person, a line a step for a file.

    Yields
    ------
    advance
        Called with the sentence (a msgid) of the step that begins.
    """
    locale = reader_locale()
    if not sys.stderr.isatty():
        yield lambda msgid: click.echo(translate(msgid, locale), err=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(bar_width=24), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        begun = False

        def advance(msgid: str) -> None:
            nonlocal begun
            bar.update(task, description=translate(msgid, locale), advance=1 if begun else 0)
            begun = True

        yield advance


@contextmanager
def counting(total: int | None) -> Iterator[Callable[[int], None]]:
    """
    Show how many rows are done: a bar for a person who watches, nothing in a file.

    Parameters
    ----------
    total
        Rows in all, or about so many; None if nobody knows, and the bar only says that the work goes on.

    Yields
    ------
    count
        Called with the number of rows that were done since.
    """
    if not sys.stderr.isatty():
        yield lambda rows: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

    columns = (BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda rows: bar.advance(task, rows)
