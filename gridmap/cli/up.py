"""`gridmap up`: everything on one machine, until Ctrl-C."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from gridmap.cli.terminal import progress, reader_locale, say
from gridmap.errors import Unavailable
from gridmap.language import N_, translate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridmap.demo.accounts import DemoAccount
    from gridmap.postgis import DatabaseUrls
    from gridmap.settings import Settings
    from gridmap.supervision import Child, Supervisor

_READY_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.2


@dataclass(frozen=True)
class DemoChoice:
    """Which made-up district to load."""

    seed: int
    grids: int


@dataclass(frozen=True)
class Shown:
    """What the demo shows to whoever tries it: its accounts, and the token of a door."""

    accounts: Sequence[DemoAccount]
    door: str | None


@click.command()
@click.option("--demo", is_flag=True, help="With the made-up district, its accounts and a live simulator.")
@click.option("--host", help="Address to listen on; GRIDMAP_HOST, or 127.0.0.1.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; GRIDMAP_PORT, or 8000.")
@click.option("--seed", type=int, default=1, hidden=True, help="Which made-up district.")
@click.option("--grids", type=click.IntRange(60, 767), default=767, hidden=True, help="How many grids it has.")
def up(demo: bool, host: str | None, port: int | None, seed: int, grids: int) -> None:
    """
    Run everything on this machine: database, web and worker; Ctrl-C stops all.

    The database is a private one, made on first use, unless GRIDMAP_DATABASE_URL names yours.
    """
    from gridmap.listening import refuse_open_demo, refuse_taken_port
    from gridmap.settings import load_settings
    from gridmap.supervision import interrupted_by_signals

    chosen: dict[str, object] = {name: value for name, value in (("host", host), ("port", port)) if value}
    settings = load_settings(**chosen, demo=demo)
    if demo:
        refuse_open_demo(settings.host)
    refuse_taken_port(settings.host, settings.port)
    with suppress(KeyboardInterrupt), interrupted_by_signals():
        _run(settings, DemoChoice(seed, grids) if demo else None)
    say(N_("Everything is stopped."))


def _run(settings: Settings, demo: DemoChoice | None) -> None:
    """Bring all up in order; whatever ends this, the blocks are left in reverse order."""
    from gridmap.postgis import database_urls, holding_database, private_cluster
    from gridmap.supervision import Supervisor

    cluster = private_cluster(settings)
    with Supervisor(_environment(settings, database_urls(settings)), say) as children:
        web = _child(settings, "serve", "--held")
        children.start(web, held=True)
        # Entered twice: the children end before the database does.
        with holding_database(settings, say) as urls, children:
            from gridmap.database import upgrade

            say(N_("Bringing the schema up to date."))
            upgrade(urls.owner)
            shown = None if demo is None else _load_demo(settings, urls, demo)
            _start_catalogue(urls)
            children.let_go(web)
            _wait_until_ready(children, settings)
            children.start(_child(settings, "work"))
            if demo is not None:
                children.start(_child(settings, "simulate", "--url", _address(settings)))
            _greet(settings, urls, shown)
            while True:
                children.look_after()
                if cluster is not None and cluster.revive():
                    say(N_("The database ended unexpectedly and was started again."))
                time.sleep(_LOOK_EVERY_S)


def _start_catalogue(urls: DatabaseUrls) -> None:
    """Give an installation that knows no class of matter the example, for without one nothing can be reported."""
    from datetime import UTC, datetime

    from sqlalchemy.orm import Session

    from gridmap.catalogue.example import is_empty, load_example
    from gridmap.catalogue.pages import local_today
    from gridmap.cli.database import machine
    from gridmap.database import make_engine

    engine = make_engine(urls.app, pool_size=1)
    now = datetime.now(UTC)
    try:
        with Session(engine) as db, db.begin():
            if is_empty(db):
                today = local_today(db, now)
                load_example(db, machine(), now, today=today, since=today)
                say(N_("An example of classes and checklists was put in; `gridmap catalogue` replaces it."))
    finally:
        engine.dispose()


def _load_demo(settings: Settings, urls: DatabaseUrls, demo: DemoChoice) -> Shown:
    from gridmap.database import make_engine
    from gridmap.demo.accounts import ensure_accounts
    from gridmap.demo.load import STEPS, load_demo
    from gridmap.demo.open_door import ensure_door
    from gridmap.reports.mediafiles import MediaFiles
    from gridmap.wiring import wire

    wire()
    # Loading a year takes longer than a request may.
    engine = make_engine(urls.owner, statement_timeout_s=None, lock_timeout_s=30, idle_timeout_s=None, pool_size=3)
    try:
        with progress(len(STEPS)) as advance:
            files = MediaFiles.below(settings.data_dir.expanduser())
            load_demo(engine, seed=demo.seed, grids=demo.grids, advance=advance, files=files)
        accounts = ensure_accounts(engine, settings.data_dir)
        return Shown(accounts, ensure_door(engine, settings.data_dir))
    finally:
        engine.dispose()


def _environment(settings: Settings, urls: DatabaseUrls) -> dict[str, str | None]:
    """What the children get: our settings, the rights of the service and no more."""
    return {
        "GRIDMAP_DATA_DIR": str(settings.data_dir.expanduser().resolve()),
        "GRIDMAP_DATABASE_URL": urls.app,
        "GRIDMAP_DATABASE_OWNER_URL": None,
        "GRIDMAP_HOST": settings.host,
        "GRIDMAP_PORT": str(settings.port),
        "GRIDMAP_DEMO": "1" if settings.demo else "0",
    }


def _child(settings: Settings, command: str, *options: str) -> Child:
    """A command of our own as a child with its log."""
    from gridmap.supervision import Child

    log = settings.data_dir.expanduser().resolve() / "log" / f"{command}.log"
    return Child(command, (sys.executable, "-m", "gridmap", command, *options), log)


def _wait_until_ready(children: Supervisor, settings: Settings) -> None:
    """
    Wait for the web to say that it serves.

    Raises
    ------
    Unavailable
        If it does not within a minute; the sentence names its log.
    """
    deadline = time.monotonic() + _READY_WITHIN_S
    while not _is_ready(settings):
        if time.monotonic() > deadline:
            raise Unavailable(
                N_("The web did not come up within a minute. Its log says why: %(log)s"),
                log=str(settings.data_dir / "log" / "serve.log"),
            )
        children.look_after()
        time.sleep(_LOOK_EVERY_S)


def _is_ready(settings: Settings) -> bool:
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection(_reachable(settings.host), settings.port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _reachable(host: str) -> str:
    """An address to knock at oneself: one that means every address is asked by loopback."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def _address(settings: Settings) -> str:
    host = _reachable(settings.host)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def _greet(settings: Settings, urls: DatabaseUrls, shown: Shown | None) -> None:
    """Say where it is and who may enter, on standard output: this is the result of the command."""
    locale = reader_locale()
    address = settings.public_url or _address(settings)
    click.echo()
    click.echo(translate(N_("gridmap is at %(address)s"), locale, address=address))
    if shown is not None:
        _print_accounts(shown.accounts, locale)
        if shown.door is not None:
            door = f"{address}/r/{shown.door}"
            click.echo(translate(N_("A door to report at, without an account: %(address)s"), locale, address=door))
    elif (code := _first_code(urls)) is not None:
        sentence = N_(
            "Nobody can sign in yet. Make the first administrator at %(address)s/start with this code, good for a day"
            " and once:\n    %(code)s"
        )
        click.echo(translate(sentence, locale, address=settings.public_url or _address(settings), code=code))
    click.echo(translate(N_("Ctrl-C stops everything."), locale))


def _print_accounts(accounts: Sequence[DemoAccount], locale: str) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for heading in (N_("Role"), N_("Login"), N_("Password"), N_("Name")):
        table.add_column(translate(heading, locale), no_wrap=True)
    for account in accounts:
        name = account.name if locale == "zh-CN" else account.name_en
        table.add_row(account.role, account.login, account.password, name)
    click.echo(translate(N_("Demo accounts, with passwords of this data directory alone:"), locale))
    Console(width=100).print(table)


def _first_code(urls: DatabaseUrls) -> str | None:
    """The code that makes the first administrator; None where there is one."""
    from datetime import UTC, datetime

    from sqlalchemy.orm import Session

    from gridmap.cli.database import machine
    from gridmap.database import make_engine
    from gridmap.people.codes import has_administrator, make_first_code

    engine = make_engine(urls.app, pool_size=1)
    try:
        with Session(engine) as db, db.begin():
            return None if has_administrator(db) else make_first_code(db, machine(), datetime.now(UTC)).code
    finally:
        engine.dispose()
