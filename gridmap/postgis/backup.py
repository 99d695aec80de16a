"""
All of an installation in one file: the database, the photos, the anchor of the audit, and what they must add up to.

The service goes on meanwhile. First the database is dumped as it was at one instant, then the photos are copied. A
photo is flushed to its place before a row says that it is there, so every photo that the dump knows lies in its place
when the copying begins; those that came since are copied too and belong to nobody, which the sweep of the photos
takes care of. The other way round a report could be in the backup and its photo not.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg

from gridmap import __version__
from gridmap.errors import Invalid
from gridmap.language import N_
from gridmap.postgis import archive
from gridmap.postgis.holdings import Holdings, read_holdings
from gridmap.postgis.programs import Programs, address_of

DUMP: Final = "database.dump"
ANCHOR: Final = "audit.anchor"
MANIFEST: Final = "manifest.json"
MEDIA: Final = "media/"
FORMAT: Final = 1

Say = Callable[[str], None]


@dataclass(frozen=True)
class Manifest:
    """
    What a backup says of itself.

    Attributes
    ----------
    made_at
        The instant of the database in it.
    version
        The gridmap that made it.
    server
        The version of its PostgreSQL.
    holdings
        What its database holds.
    media
        Name of each photo file below the directory of the photos, and its SHA-256 in hex.
    anchored
        Whether an anchor of the audit is in it.
    """

    made_at: datetime
    version: str
    server: int
    holdings: Holdings
    media: dict[str, str]
    anchored: bool

    def to_json(self) -> str:
        """Write it down."""
        said = {"format": FORMAT, **asdict(self), "made_at": self.made_at.isoformat()}
        return json.dumps(said, indent=1)

    @classmethod
    def from_json(cls, text: bytes, file: Path) -> Manifest:
        """
        Read it.

        Raises
        ------
        Invalid
            If it was written by a gridmap that this one does not understand.
        """
        said = json.loads(text)
        if said.pop("format", None) != FORMAT:
            raise Invalid(
                N_("%(file)s was made by gridmap %(version)s in a form that this one does not know. Use that version."),
                file=str(file),
                version=said.get("version", "-"),
            )
        holdings = said.pop("holdings")
        heads = [(chain, seq, digest) for chain, seq, digest in holdings.pop("heads")]
        made_at = datetime.fromisoformat(said.pop("made_at"))
        return cls(made_at=made_at, holdings=Holdings(heads=heads, **holdings), **said)


@dataclass(frozen=True)
class Media:
    """
    The photos of an installation.

    Attributes
    ----------
    root
        Their directory.
    files
        Lists them, when asked.
    """

    root: Path
    files: Callable[[], Iterable[Path]]


@dataclass(frozen=True)
class Made:
    """
    What was backed up.

    Attributes
    ----------
    damaged
        Photos, by their path below the directory of the photos, that are not what they were when they were sealed.
    """

    manifest: Manifest
    bytes: int
    damaged: list[str]


def make_backup(owner_url: str, media: Media, anchor: Path, to: Path, at: datetime, say: Say) -> Made:
    """
    Put an installation into one file, while it serves.

    Parameters
    ----------
    owner_url
        SQLAlchemy address for the role that owns the tables: row-level security hides nothing from it.
    anchor
        Where the anchor of the audit is kept.
    to
        The file to make.
    say
        Told, in a sentence to translate, what begins.

    Raises
    ------
    Conflict
        If the file is there already.
    Invalid
        If the database holds no gridmap.
    ClusterError
        If the dump fails; no file is left behind.
    """
    with archive.writing(to) as part:
        with _snapshot(owner_url) as (connection, snapshot):
            say(N_("Counting what the database holds."))
            holdings = read_holdings(connection)
            if holdings.revision is None:
                raise Invalid(N_("This database holds no gridmap: there is nothing to back up."))
            say(N_("Writing the database."))
            programs = Programs.for_server(owner_url, connection)
            server = connection.info.server_version
            with programs.dumping(snapshot) as dump:
                part.put(DUMP, dump)
        say(N_("Writing the photos."))
        hashes = dict(_put_media(part, media))
        anchored = _put_anchor(part, anchor)
        manifest = Manifest(at, __version__, server, holdings, hashes, anchored)
        part.put(MANIFEST, io.BytesIO(manifest.to_json().encode()))
        say(N_("Sealing the file."))
    return Made(manifest, to.stat().st_size, [name for name, sha256 in hashes.items() if not is_sound(name, sha256)])


def is_sound(name: str, sha256: str) -> bool:
    """Tell whether a file of the photos hashes to its name, where its name is a hash."""
    last = name.rpartition("/")[2]
    return len(last) != hashlib.sha256().digest_size * 2 or last == sha256


@contextmanager
def _snapshot(owner_url: str) -> Iterator[tuple[psycopg.Connection[Any], str]]:
    """Hold the database of one instant, for whoever knows its name."""
    address, environment = address_of(owner_url)
    password = environment.get("PGPASSWORD")
    with psycopg.connect(
        address, password=password, connect_timeout=10, application_name="gridmap backup"
    ) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        (name,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        yield connection, name


def _put_media(part: archive.Archive, media: Media) -> Iterator[tuple[str, str]]:
    for path in media.files():
        name = path.relative_to(media.root).as_posix()
        try:
            file = path.open("rb")
        except FileNotFoundError:  # its term ended since it was listed
            continue
        with file:
            yield name, part.put(MEDIA + name, file)


def _put_anchor(part: archive.Archive, anchor: Path) -> bool:
    try:
        content = anchor.read_bytes()
    except FileNotFoundError:
        return False
    part.put(ANCHOR, io.BytesIO(content))
    return True
