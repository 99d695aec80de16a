"""
A backup back into an empty installation, and the proof that all of it came.

Everything that can be refused is refused before the first change: a file that is not whole, one of a newer gridmap, a
database that holds something. The photos come first and the database after them in one transaction, so that no row
ever promises a photo that is not there.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, Final

import psycopg
from psycopg import sql

from gridmap.durable import flush
from gridmap.errors import Conflict, Invalid
from gridmap.language import N_
from gridmap.postgis import archive
from gridmap.postgis.backup import ANCHOR, DUMP, MANIFEST, MEDIA, Manifest, is_sound
from gridmap.postgis.conf import APP_ROLE
from gridmap.postgis.errors import ClusterError
from gridmap.postgis.holdings import read_holdings
from gridmap.postgis.programs import Programs, address_of

Say = Callable[[str], None]

REPLACE: Final = "replace everything"
"""What whoever restores over a database that holds something must type."""

_OURS: Final = """
    SELECT format('DROP %s %s CASCADE', kind, name) FROM (
        SELECT 'TABLE' AS kind, c.oid::regclass::text AS name, 'pg_class'::regclass AS class, c.oid
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT relispartition
        UNION ALL
        SELECT 'VIEW', c.oid::regclass::text, 'pg_class'::regclass, c.oid
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'v'
        UNION ALL
        SELECT 'SEQUENCE', c.oid::regclass::text, 'pg_class'::regclass, c.oid
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'S'
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i'))
        UNION ALL
        SELECT 'ROUTINE', p.oid::regprocedure::text, 'pg_proc'::regclass, p.oid
        FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    ) o WHERE NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.classid = o.class AND d.objid = o.oid AND d.deptype = 'e')
"""


@dataclass(frozen=True)
class Target:
    """
    Where a backup goes.

    Attributes
    ----------
    owner_url
        SQLAlchemy address for the role that owns the tables.
    media
        The directory of the photos.
    anchor
        Where the anchor of the audit is kept.
    """

    owner_url: str
    media: Path
    anchor: Path


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """
    Open a backup that is whole.

    Raises
    ------
    Invalid
        If it is not, or of a form that this gridmap does not know.
    """
    with archive.reading(path) as packed:
        try:
            manifest = Manifest.from_json(packed.read(MANIFEST), path)
        except KeyError as error:
            raise Invalid(N_("%(file)s is not a backup made by `gridmap db backup`."), file=str(path)) from error
        yield packed, manifest


def restore_backup(packed: zipfile.ZipFile, manifest: Manifest, target: Target, say: Say, *, replace: str) -> list[str]:
    """
    Restore a backup and count what came.

    Parameters
    ----------
    packed, manifest
        As `opened` gave them.
    say
        Told, in a sentence to translate, what begins.
    replace
        `REPLACE`, typed by a person, to restore over a database that holds something; or anything else.

    Returns
    -------
    damaged
        Photos that were damaged already when they were backed up.

    Raises
    ------
    Conflict
        If the database is in use, or holds something and nobody asked to replace it.
    ClusterError
        If the dump cannot be restored: the database holds nothing then; or if another number of rows came.
    """
    address, environment = address_of(target.owner_url)
    with psycopg.connect(address, password=environment.get("PGPASSWORD"), autocommit=True) as connection:
        _require_room(connection, replacing=replace == REPLACE)
        programs = Programs.for_server(target.owner_url, connection)
        say(N_("Restoring the photos."))
        damaged = _restore_media(packed, manifest, target.media)
        _make_folder(target.anchor.parent, _existing(target.anchor.parent).stat())
        _clear(connection)
        say(N_("Restoring the database."))
        programs.restore(partial(archive.copy_part, packed, DUMP))
        say(N_("Counting what came."))
        _require_same(connection, manifest)
        _restore_anchor(packed, manifest, target.anchor)
        # Plans are made from what the tables hold, and nobody has looked yet.
        connection.execute("ANALYZE")
    return damaged


def _require_room(connection: psycopg.Connection[Any], *, replacing: bool) -> None:
    """Refuse a database that is in use, that holds something, or that lacks the role that serves."""
    if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [APP_ROLE]).rowcount:
        raise Conflict(
            N_("The database server has no role %(role)s. Let its superuser say: CREATE ROLE %(role)s LOGIN"),
            role=APP_ROLE,
        )
    others = connection.execute(
        # What a session of another role does is hidden from us, that it is there is not; autovacuum has no role.
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND usesysid IS NOT NULL"
    ).rowcount
    if others:
        raise Conflict(N_("The database is in use by others. Stop the web, the worker and the commands first."))
    held = connection.execute(_OURS).rowcount
    if held and not replacing:
        raise Conflict(
            N_(
                "This database holds %(rows)s rows already, and nothing was changed. To lose them all and have the"
                ' backup instead, say: --replace "%(sentence)s"'
            ),
            rows=f"{read_holdings(connection).total:,}",
            sentence=REPLACE,
        )


def _clear(connection: psycopg.Connection[Any]) -> None:
    """Drop all that is ours, extensions and what belongs to them excepted."""
    with connection.transaction():
        connection.execute("DROP SCHEMA IF EXISTS jobs CASCADE")
        # One that went with another is not asked for again, so each round asks anew.
        while (first := connection.execute(_OURS + " LIMIT 1").fetchone()) is not None:
            connection.execute(sql.SQL(first[0]))


def _restore_media(packed: zipfile.ZipFile, manifest: Manifest, root: Path) -> list[str]:
    """
    Write every photo to its place.

    What is there already stays: a photo is named by its content, or by a name that nobody else has.
    """
    base = _existing(root).stat()
    damaged = []
    folders: set[Path] = set()
    for name, sha256 in manifest.media.items():
        path = root / _safe(name)
        _make_folder(path.parent, base)
        folders.update(above for above in path.parents if above == root or root in above.parents)
        if archive.unpack(packed, MEDIA + name, path, owner=base) != sha256:
            raise ClusterError(N_("%(file)s did not come out of the backup as it went in."), file=name)
        if not is_sound(name, sha256):
            damaged.append(name)
    for folder in sorted(folders, reverse=True):
        flush(folder)
    return damaged


def _safe(name: str) -> str:
    """Refuse a name that leads out of the directory of the photos."""
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise Invalid(N_("The backup names a file outside of the directory of the photos: %(file)s"), file=name)
    return name


def _existing(folder: Path) -> Path:
    return folder if folder.exists() else _existing(folder.parent)


def _make_folder(folder: Path, owner: os.stat_result) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent, owner)
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(folder, owner.st_uid, owner.st_gid)


def _restore_anchor(packed: zipfile.ZipFile, manifest: Manifest, anchor: Path) -> None:
    """Put the anchor back; a later one that is there is kept beside it, as proof of what is lost now."""
    if not manifest.anchored:
        return
    if anchor.exists():
        anchor.replace(anchor.with_name(f"{anchor.name}.before-{manifest.made_at:%Y%m%dT%H%M%S}"))
    archive.unpack(packed, ANCHOR, anchor, owner=_existing(anchor.parent).stat())


def _require_same(connection: psycopg.Connection[Any], manifest: Manifest) -> None:
    differences = manifest.holdings.differences(read_holdings(connection))
    if differences:
        raise ClusterError(
            N_("What came is not what was backed up (in the backup, here): %(differences)s. Do not use this database."),
            differences="; ".join(differences[:5]),
        )
