"""What the doors for files out do: written whole into a private directory, sent, and gone."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from flask import Response
from limits import parse as parse_limit
from werkzeug.wsgi import FileWrapper

from geodata.files import SUFFIXES
from gridmap.database import transaction
from gridmap.errors import Invalid, NotAllowed, TooMany
from gridmap.exchange.exporting import action_of, as_of_instant, export
from gridmap.exchange.kinds import kind_of
from gridmap.exchange.permits import exportable, require_import
from gridmap.exchange.sources import SOURCES
from gridmap.exchange.templates import write_template
from gridmap.grids.queries import current_district
from gridmap.language import N_, translate
from gridmap.people.rules import Actor, scope_of
from gridmap.system import audit
from webapp.shared import settings
from webapp.shared.pages import current_locale
from webapp.shared.patience import wait_longer
from webapp.shared.policy import current_actor, now
from webapp.shared.rates import hit

_AN_HOUR: Final = parse_limit("10/hour")
_FORMATS: Final = tuple(suffix.removeprefix(".") for suffix in SUFFIXES)


def kinds() -> dict[str, Any]:
    """The kinds of thing that the reader may take away, and the formats."""
    found = [] if current_actor().wall else exportable(current_actor())
    return {"items": [{"name": kind, "timed": SOURCES[kind].timed} for kind in found], "formats": list(_FORMATS)}


def give(kind: str, suffix: str, as_of: str | None, crs: str) -> Response:
    """
    Send what the reader may see of a kind.

    Raises
    ------
    NotFound, NotAllowed
        If there is no such kind, or none of it is the reader's.
    TooMany
        After ten within an hour.
    Invalid
        If the format, the day or the coordinate system is none.
    """
    if suffix not in _FORMATS:
        raise Invalid(N_("There is no format %(name)s. There are: %(known)s."), name=suffix, known=", ".join(_FORMATS))
    actor, action = reader(), action_of(kind)
    scope = scope_of(actor, action)
    count_export(actor)
    with work_folder() as folder:
        path = folder / f"{kind}.{suffix}"
        with transaction() as db:
            wait_longer(db)
            at = as_of_instant(db, as_of)
            notes = export(db, scope, kind, path, at, crs=crs)
            told = {"kind": kind, "format": suffix, "as_of": at and at.isoformat(), "bytes": path.stat().st_size}
            audit.record(db, actor.doer, "file.export", object_id=f"export:{kind}", changed=told)
            day = (at or now()).astimezone(current_district(db).zone).date().isoformat()
        response = download(path, f"{kind}-{day}.{suffix}")
    said = [translate(note.msgid, current_locale(), **note.params) for note in notes]
    response.headers["X-Notes"] = quote(json.dumps(said, ensure_ascii=False))
    return response


def template(kind: str) -> Response:
    """
    Send a workbook to fill in.

    Raises
    ------
    NotFound, NotAllowed
        If there is no such kind, or it is not the reader's to import.
    """
    wanted = kind_of(kind)
    with transaction() as db:
        require_import(db, reader(), wanted)
    with work_folder() as folder:
        write_template(kind, folder / "template.xlsx", current_locale())
        return download(folder / "template.xlsx", f"{kind}-template.xlsx")


def reader() -> Actor:
    """Who is asking for a file; a wall only looks."""
    actor = current_actor()
    if actor.wall:
        raise NotAllowed(N_("Your roles do not include this. An administrator can grant them."))
    return actor


def count_export(actor: Actor) -> None:
    """Tables leave the house at a walking pace: ten an hour are work, more are a copy of the database."""
    retry_s = hit(_AN_HOUR, "export", f"{actor.kind}:{actor.id}")
    if retry_s is not None:
        raise TooMany(
            N_("More than %(limit)s exports were made within an hour. Try again later."),
            retry_s=retry_s,
            limit=_AN_HOUR.amount,
        )


@contextmanager
def work_folder() -> Iterator[Path]:
    """A private directory for one file; the system's own may be small."""
    data_dir = settings().data_dir
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="export-", dir=data_dir))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def download(path: Path, name: str) -> Response:
    """Send a file; it may be deleted at once, for what is open stays readable until it is sent."""
    size = path.stat().st_size
    response = Response(FileWrapper(path.open("rb")), content_type="application/octet-stream", direct_passthrough=True)
    response.content_length = size
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
