"""What the doors for files do: read without a transaction, check in one, write in one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from flask import request
from sqlalchemy.orm import Session

from geodata.errors import GeodataError
from geodata.files import IMPORT, Layer, describe
from gridmap.database import transaction
from gridmap.errors import Conflict, Invalid, NotAllowed, TooLarge, Unavailable
from gridmap.exchange import uploads
from gridmap.exchange.importing import Prepared, parts, prepare, read_file
from gridmap.exchange.importing import carry_out as write
from gridmap.exchange.kinds import Kind, kind_of
from gridmap.exchange.permits import hindrance, importable, paths_within, require_import, require_upload
from gridmap.exchange.picture import picture_of
from gridmap.grids.queries import current_district
from gridmap.intake.fields import match_columns
from gridmap.intake.wishes import Options
from gridmap.language import N_, translate
from gridmap.people.rules import Actor
from gridmap.system import audit
from webapp.shared import settings
from webapp.shared.pages import current_locale
from webapp.shared.patience import wait_longer
from webapp.shared.policy import current_actor, now

if TYPE_CHECKING:
    import geopandas as gpd

_PIECE: Final = 1 << 16
_MIB: Final = 1 << 20
# A child that reads a file may take 1 GiB and a core for 10 s: more at once would be felt by everyone else.
_READERS: Final = BoundedSemaphore(2)
_READER_WAIT_S: Final = 20


def kinds() -> dict[str, Any]:
    """The kinds of thing that the reader may import."""
    with transaction() as db:
        found = [(kind, hindrance(db, kind)) for kind in importable(db, current_actor())]
    locale = current_locale()
    items = [
        {"name": kind.name, "title": translate(kind.title, locale), "shapes": kind.shapes,
         "hindrance": _translated(reason, locale)}
        for kind, reason in found
    ]  # fmt: skip
    return {"items": items, "most_bytes": IMPORT.bytes}


def keep(kind_name: str, name: str) -> dict[str, Any]:
    """
    Keep the body of this request, and say what is in it.

    Raises
    ------
    NotFound, NotAllowed
        If there is no such kind, or it is not the reader's to import.
    TooLarge
        If the file is larger than is taken.
    Invalid
        If it is no file that can be read; it is not kept.
    """
    actor, kind = person(), kind_of(kind_name)
    with transaction() as db:
        require_upload(db, actor, kind)
    upload = kept(actor, kind.name, name)
    try:
        with reading():
            layers = describe(upload.path)
    except GeodataError as error:
        upload.drop()
        raise Invalid(error.msgid, **error.params) from error
    with transaction() as db:
        told = {"kind": kind.name, "name": upload.name, "bytes": upload.bytes, "format": layers[0].format}
        audit.record(db, actor.doer, "file.upload", object_id=f"upload:{upload.id}", changed=told)
    return _upload_answer(upload, kind, layers)


def check(upload_id: UUID, said: dict[str, Any]) -> dict[str, Any]:
    """
    Say what importing a file would do; nothing is written.

    Raises
    ------
    NotFound
        If there is no such upload of the reader's.
    Invalid
        If the file cannot be read with these options.
    """
    actor, options = person(), Options(**said)
    upload, kind, frame = _read(actor, upload_id, options)
    with transaction() as db:
        prepared = _prepared(db, actor, upload, kind, options, frame)
        reason, edition = hindrance(db, kind), current_district(db).edition_n
    locale = current_locale()
    picture = picture_of(frame, prepared, options.datum)
    answer = prepared.as_json(locale)
    for defect in answer["defects"]["listed"]:
        if defect["lon"] is None and defect["row"] in picture["places"]:
            defect["lon"], defect["lat"] = picture["places"][defect["row"]]
    layer: Layer = frame.attrs["layer"]
    return answer | {
        "hindrance": _translated(reason, locale),
        "edition": edition,
        "read": {"format": layer.format, "crs": layer.crs, "datum": layer.datum, "layer": layer.name},
        **{name: picture[name] for name in ("shapes", "left_out", "bounds")},
    }


def carry_out(upload_id: UUID, said: dict[str, Any], seen: dict[str, int]) -> dict[str, Any]:
    """
    Write a file as it was checked.

    Parameters
    ----------
    seen
        The counts that the check gave: anything else would be a surprise.

    Raises
    ------
    NotAllowed, Invalid, Conflict
        If the reader may not, it has grave defects, or it would come out otherwise than the check said.
    """
    actor, options = person(), Options(**said)
    upload, kind, frame = _read(actor, upload_id, options)
    at = now()
    with transaction() as db:
        prepared = _prepared(db, actor, upload, kind, options, frame)
        _refuse_surprises(db, prepared, seen)
        if kind.part is None:
            write(db, actor, prepared, at)
    if kind.part is not None:
        for part in parts(prepared):
            with transaction() as db:
                wait_longer(db)
                write(db, actor, part, at)
    upload.drop()
    with transaction() as db:
        edition = current_district(db).edition_n
    return {"kind": kind.name, "counts": asdict(prepared.counts), "edition": edition}


def forget(upload_id: UUID) -> None:
    """Delete an upload of the reader's."""
    uploads.find(settings().data_dir, upload_id, person().id or 0).drop()


def person() -> Actor:
    """Uploads belong to people: neither a key nor a wall brings files."""
    actor = current_actor()
    if actor.kind != "person" or actor.wall:
        raise NotAllowed(N_("Your roles do not include this. An administrator can grant them."))
    return actor


def kept(actor: Actor, kind_name: str, name: str) -> uploads.Upload:
    """Keep the body of this request as an upload of its sender; see `gridmap.exchange.uploads.keep`."""
    most = IMPORT.bytes or 0
    # Everything else takes one mebibyte; this one route takes files.
    request.max_content_length = most
    if (request.content_length or 0) > most:
        raise TooLarge(N_("The file is larger than the %(most)s MB taken here."), most=most // _MIB)
    pieces = iter(lambda: request.stream.read(_PIECE), b"")
    return uploads.keep(settings().data_dir, actor.id or 0, kind_name, name, pieces, most_bytes=most)


def _read(actor: Actor, upload_id: UUID, options: Options) -> tuple[uploads.Upload, Kind, gpd.GeoDataFrame]:
    """The file of an upload; no transaction is open meanwhile."""
    upload = uploads.find(settings().data_dir, upload_id, actor.id or 0)
    kind = kind_of(upload.kind)
    with transaction() as db:
        require_import(db, actor, kind)
    with reading():
        return upload, kind, read_file(kind.name, upload.path, options)


def _prepared(
    db: Session, actor: Actor, upload: uploads.Upload, kind: Kind, options: Options, frame: gpd.GeoDataFrame
) -> Prepared:
    wait_longer(db)
    require_import(db, actor, kind)
    options = replace(options, within=paths_within(db, actor, kind))
    return prepare(db, kind.name, upload.path, options, now(), frame=frame)


def _refuse_surprises(db: Session, prepared: Prepared, seen: dict[str, int]) -> None:
    """A person agreed to what the check said; since then somebody may have changed the same things."""
    reason = hindrance(db, prepared.kind)
    if reason is not None:
        raise NotAllowed(reason)
    if prepared.can_be_written and asdict(prepared.counts) != seen:
        raise Conflict(
            N_("What is stored has changed since the file was checked; nothing was written. Check it again.")
        )


@contextmanager
def reading() -> Iterator[None]:
    """Hold one of the few places for reading a file; whoever finds none within some seconds is told to come back."""
    if not _READERS.acquire(timeout=_READER_WAIT_S):
        raise Unavailable(N_("Other files are being read just now. Try again in a moment."), retry_s=5)
    try:
        yield
    finally:
        _READERS.release()


def _upload_answer(upload: uploads.Upload, kind: Kind, layers: list[Layer]) -> dict[str, Any]:
    locale = current_locale()
    return {
        "id": upload.id,
        "kind": kind.name,
        "name": upload.name,
        "bytes": upload.bytes,
        "layers": [
            {"name": layer.name, "format": layer.format, "crs": layer.crs, "count": layer.count,
             "columns": list(layer.columns), "matched": match_columns(layer.columns, kind.fields, {})}
            for layer in layers
        ],
        "fields": [
            {"name": field.name, "title": translate(field.title, locale),
             "meaning": translate(field.meaning, locale) if field.meaning else "", "needed": field.needed}
            for field in kind.fields
        ],
    }  # fmt: skip


def _translated(msgid: str | None, locale: str) -> str | None:
    return None if msgid is None else translate(msgid, locale)
