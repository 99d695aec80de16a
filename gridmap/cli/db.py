"""`gridmap db`: the private cluster and the schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmap.cli.terminal import progress, reader_locale, say
from gridmap.errors import Invalid
from gridmap.language import N_, translate
from gridmap.postgis import PrivateCluster, database_urls, holding_database, private_cluster
from gridmap.settings import Settings, load_settings

if TYPE_CHECKING:
    from gridmap.postgis.backup import Media

_BACKUP_STEPS = 4
_RESTORE_STEPS = 5
_SHOWN = 50


@click.group()
def db() -> None:
    """Start, stop, upgrade, back up and restore the database."""


@db.command()
def start() -> None:
    """Start the private cluster, making it on first use; it runs until `db stop`."""
    cluster = _private_cluster()
    cluster.start()
    click.echo(cluster.url("app"))


@db.command()
def stop() -> None:
    """Stop the private cluster; refused while a gridmap uses it."""
    cluster = _private_cluster()
    cluster.stop()
    say(N_("The database is stopped."))


@db.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def status(as_json: bool) -> None:
    """Tell whether the private cluster runs; exit 1 if it does not."""
    found = _private_cluster().status()
    if as_json:
        click.echo(json.dumps(asdict(found)))
    elif found.running:
        click.echo(f"running  PostgreSQL {found.major}, process {found.pid}, {found.data_dir}")
    else:
        click.echo(f"stopped  {found.data_dir}")
    raise SystemExit(0 if found.running else 1)


@db.command()
@click.option("--role", type=click.Choice(["app", "owner"]), default="app", show_default=True)
def url(role: str) -> None:
    """Print the SQLAlchemy address of the database; starts nothing."""
    urls = database_urls(load_settings())
    click.echo(urls.owner if role == "owner" else urls.app)


@db.command()
@click.option("--revision", default="head", show_default=True, help="The migration to go to.")
def upgrade(revision: str) -> None:
    """Bring the schema to the newest migration, as the owner role."""
    from gridmap import database

    with holding_database(load_settings(), say) as urls:
        say(N_("Bringing the schema up to date."))
        database.upgrade(urls.owner, revision)


@db.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def backup(file: Path, as_json: bool) -> None:
    """
    Put database, photos and the anchor of the audit into FILE, while the service goes on.

    Exit 1 if a photo was found damaged: it is in the backup as it is, and named.
    """
    from gridmap.postgis.backup import make_backup
    from gridmap.system.verify import anchor_file

    settings = load_settings()
    with holding_database(settings, say) as urls, progress(_BACKUP_STEPS) as begins:
        at = datetime.now(UTC)
        made = make_backup(urls.owner, _media(settings), anchor_file(settings.data_dir), file, at, begins)
        _note(
            urls.app, "database.backup", {"file": file.name, "bytes": made.bytes, "rows": made.manifest.holdings.total}
        )
    told = {
        "file": str(file),
        "bytes": made.bytes,
        "made_at": at.isoformat(),
        "revision": made.manifest.holdings.revision,
        "rows": made.manifest.holdings.total,
        "photos": len(made.manifest.media),
        "damaged": made.damaged,
    }
    _tell(N_("%(file)s holds %(rows)s rows and %(photos)s photo files, %(mb)s MB."), told, as_json)
    raise SystemExit(1 if made.damaged else 0)


@db.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", default="", metavar="SENTENCE", help="Over a database that holds something; it says which.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def restore(file: Path, replace: str, as_json: bool) -> None:
    """
    Put the backup FILE into an empty installation, and prove by counts, hashes and chains that all of it came.

    Exit 1 if the record or a photo in it was damaged before it was backed up.
    """
    from gridmap.postgis.restore import Target, opened, restore_backup
    from gridmap.system.verify import anchor_file

    settings = load_settings()
    with progress(_RESTORE_STEPS) as begins:
        begins(N_("Reading the backup."))
        with opened(file) as (packed, manifest):
            _require_known(manifest.holdings.revision or "-", manifest.version)
            with holding_database(settings, say) as urls:
                target = Target(urls.owner, _media(settings).root, anchor_file(settings.data_dir))
                damaged = restore_backup(packed, manifest, target, begins, replace=replace)
                wrong = _bring_up_and_verify(urls.app, urls.owner, settings)
                told: dict[str, Any] = {
                    "file": str(file),
                    "bytes": file.stat().st_size,
                    "made_at": manifest.made_at.isoformat(),
                    "rows": manifest.holdings.total,
                    "photos": len(manifest.media),
                    "damaged": [*damaged, *wrong],
                }
                _note(urls.app, "database.restore", {name: told[name] for name in ("made_at", "rows", "photos")})
    _tell(N_("%(rows)s rows and %(photos)s photo files of %(made_at)s are back, counted and verified."), told, as_json)
    raise SystemExit(1 if told["damaged"] else 0)


def _media(settings: Settings) -> Media:
    from gridmap.postgis.backup import Media
    from gridmap.reports.mediafiles import MediaFiles

    files = MediaFiles.below(settings.data_dir)

    def list_files() -> Iterator[Path]:
        # What is still arriving is left: its sender has it, and goes on.
        return chain(files.sealed_names().values(), *files.copy_names().values())

    return Media(files.root, list_files)


def _require_known(revision: str, version: str) -> None:
    """Refuse a backup whose tables only a later gridmap understands."""
    from gridmap import database

    if not database.is_known_revision(revision):
        raise Invalid(
            N_("The backup was made by gridmap %(version)s, which is newer than this one. Install that version first."),
            version=version,
        )


def _bring_up_and_verify(app_url: str, owner_url: str, settings: Settings) -> list[str]:
    """Upgrade what an older version made, and name whatever in the record is not as it was written."""
    from sqlalchemy.orm import Session

    from gridmap import database
    from gridmap.incidents.verify import verify_incidents
    from gridmap.system.verify import anchor_file, read_anchor, verify_audit

    database.upgrade(owner_url)
    engine = database.make_engine(app_url, statement_timeout_s=None, idle_timeout_s=None, pool_size=1)
    try:
        with Session(engine.execution_options(isolation_level="REPEATABLE READ")) as db:
            audit = verify_audit(db, read_anchor(anchor_file(settings.data_dir)))
            logs = verify_incidents(db)
    finally:
        engine.dispose()
    locale = reader_locale()
    return [
        *(translate(one.msgid, locale, chain=one.chain, seq=one.seq) for one in audit),
        *(translate(one.msgid, locale, number=one.number, seq=one.seq, columns=", ".join(one.columns)) for one in logs),
    ]


def _note(app_url: str, action: str, changed: Mapping[str, Any]) -> None:
    """Leave an audit row: a backup takes everything out, and a restore brings the past back."""
    from sqlalchemy.orm import Session

    from gridmap import database
    from gridmap.system.audit import Doer, record

    engine = database.make_engine(app_url, pool_size=1)
    try:
        if database.current_revision(engine) != database.head_revision():
            return  # a backup before an upgrade; the functions of the audit may be others
        with Session(engine) as db, db.begin():
            record(db, Doer(None, "system"), action, changed=changed)
    finally:
        engine.dispose()


def _tell(msgid: str, told: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for one in told["damaged"][:_SHOWN]:
        click.echo(translate(N_("damaged: %(what)s"), reader_locale(), what=one))
    if len(told["damaged"]) > _SHOWN:
        click.echo(
            translate(N_("… and %(n)s more; --json lists all."), reader_locale(), n=len(told["damaged"]) - _SHOWN)
        )
    shown = {**told, "rows": f"{told['rows']:,}", "mb": f"{told['bytes'] / 1e6:,.1f}"}
    click.echo(translate(msgid, reader_locale(), **shown))


def _private_cluster() -> PrivateCluster:
    cluster = private_cluster(load_settings(), say)
    if cluster is None:
        raise Invalid(
            N_(
                "GRIDMAP_DATABASE_URL names a database of your own, and gridmap does not start or stop that one."
                " Unset it to use the private one."
            )
        )
    return cluster
