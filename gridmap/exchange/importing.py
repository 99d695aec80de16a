"""
Import a file in two steps: `prepare` reads and checks and writes nothing, `carry_out` writes what was prepared.

From a web view::

    options = Options(datum="gcj02", mapping={"code": "网格编码"})
    frame = read_file("grids", upload, options)            # no transaction is open while the file is read
    with transaction() as db:
        prepared = prepare(db, "grids", upload, options, now, frame=frame)
        answer = prepared.as_json(locale)                  # defects with places, counts, the first rows
        if wanted and prepared.can_be_written:
            for part in parts(prepared):
                carry_out(db, actor, part, now)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.errors import GeodataError
from geodata.files import Given, batches, read
from gridmap.errors import Invalid, NotAllowed
from gridmap.exchange.kinds import Kind, kind_of
from gridmap.exchange.permits import hindrance, require_import
from gridmap.grids.queries import current_district
from gridmap.intake.defects import Defects
from gridmap.intake.rows import take_rows
from gridmap.intake.wishes import Checked, Counts, Options
from gridmap.language import N_, translate
from gridmap.people.rules import Actor

if TYPE_CHECKING:
    import geopandas as gpd

_HASHED_AT_ONCE: Final = 1 << 20


@dataclass(frozen=True)
class Prepared:
    """
    A file that was read and checked; nothing of it is written yet.

    Attributes
    ----------
    kind
        What it holds.
    rows
        How many rows.
    columns
        Names of the file's columns.
    defects
        All that is wrong, counted; the first of it listed.
    checked
        What would be written.
    sha256
        Of the file, in hexadecimal.
    """

    kind: Kind
    rows: int
    columns: tuple[str, ...]
    defects: Defects
    checked: Checked
    sha256: str

    @property
    def can_be_written(self) -> bool:
        """Whether no grave defect stands against it."""
        return self.defects.grave == 0

    @property
    def counts(self) -> Counts:
        """How many things would be new, changed, the same, ended."""
        return self.checked.counts

    def as_json(self, locale: str = "en") -> dict[str, Any]:
        """
        All of it as plain data.

        Returns
        -------
        answer
            ``kind, rows, columns, sha256``; ``counts`` {new, changed, same, ended}; ``can_be_written``; ``defects``
            {count, grave, listed: [{row, column, sentence, lon, lat, grave}]}; ``notes`` [sentence]; ``fields``
            [{name, title}] and ``preview`` [{row, change, …}], the first rows as they would be written.
        """
        return {
            "kind": self.kind.name,
            "rows": self.rows,
            "columns": list(self.columns),
            "sha256": self.sha256,
            "counts": asdict(self.counts),
            "can_be_written": self.can_be_written,
            "defects": {
                "count": self.defects.count,
                "grave": self.defects.grave,
                "listed": [defect.as_json(locale) for defect in self.defects.listed],
            },
            "notes": [translate(note.msgid, locale, **note.params) for note in self.checked.notes],
            "fields": [{"name": field.name, "title": translate(field.title, locale)} for field in self.kind.fields],
            "preview": self.checked.preview,
        }


@dataclass(frozen=True)
class Outcome:
    """What an import has written."""

    kind: str
    counts: Counts


def read_file(kind: str, path: Path | str, options: Options) -> gpd.GeoDataFrame:
    """
    Read a file of a kind of thing, in a child process that can do no harm; no database is needed.

    Raises
    ------
    NotFound
        If there is no such kind.
    Invalid
        If the file cannot be read, says what cannot be, or does not say what its coordinates mean.
    """
    wanted = kind_of(kind)
    how: dict[str, Any] = {"layer": options.layer, "limits": options.limits, "x": options.x, "y": options.y}
    try:
        if not wanted.keeps_every_row:
            return read(path, given=Given(options.crs, options.datum), **how)
        return _every_row(path, options, how)
    except GeodataError as error:
        raise Invalid(error.msgid, **error.params) from error


def prepare(
    db: Session,
    kind: str,
    path: Path | str,
    options: Options,
    at: datetime,
    *,
    frame: gpd.GeoDataFrame | None = None,
) -> Prepared:
    """
    Read a file and check all of it against itself and the database; nothing is written.

    Parameters
    ----------
    db
        The transaction that will write, if anything is to be written: what was checked holds until it ends.
    kind
        ``areas, grids, sites, streets, buildings, devices`` or ``reports``.
    path
        The file.
    options
        What a person says beside it.
    at
        Our clock.
    frame
        What `read_file` gave, where the file was read before the transaction began.

    Raises
    ------
    NotFound
        If there is no such kind, or no district yet where one is needed.
    Invalid
        If the file cannot be read or an option is wrong. What is wrong inside of the file is no exception but a
        defect in the answer.
    """
    wanted = kind_of(kind)
    frame = read_file(kind, path, options) if frame is None else frame
    zone = current_district(db).zone if wanted.needs_district or _has_district(db) else options.zone()
    sha256 = _sha256(Path(path))
    rows = take_rows(frame, wanted.fields, options.mapping, zone, origin=sha256)
    checked = wanted.check(db, rows, options, at) if len(rows) else Checked()
    if not len(rows):
        rows.defects.say(N_("The file has no rows."))
    columns = tuple(str(name) for name in frame.columns if name != frame.geometry.name)
    return Prepared(wanted, len(rows), columns, rows.defects, checked, sha256)


def carry_out(db: Session, actor: Actor, prepared: Prepared, at: datetime) -> Outcome:
    """
    Write what was prepared, with its audit row, in the transaction of `db`; the caller commits.

    Parameters
    ----------
    db
        The transaction in which it was prepared, unless `parts` made several of it.
    actor
        Who imports.

    Raises
    ------
    NotAllowed
        If the actor may not, or if boundaries that are in force would change without a second person.
    Invalid
        If it has grave defects.
    Conflict
        If the database changed meanwhile so that it no longer fits.
    """
    _refuse_strangers(db, actor, prepared.kind)
    if not prepared.can_be_written:
        raise Invalid(
            N_("The file has %(count)s defects; nothing was written. Repair them and import it again."),
            count=prepared.defects.grave,
        )
    prepared.kind.write(db, actor, prepared.checked.plan, at)
    return Outcome(prepared.kind.name, prepared.counts)


def parts(prepared: Prepared) -> Iterator[Prepared]:
    """
    What to carry out, one after the other, each in a transaction of its own if the caller likes.

    Reports come 500 at a time, as each is a thing of its own and one sent twice is stored once. Everything else comes
    in one piece: it is written whole or not at all.
    """
    if prepared.kind.part is None:
        yield prepared
        return
    plan, size = prepared.checked.plan, prepared.kind.part
    for start in range(0, len(plan), size):
        yield replace(prepared, checked=replace(prepared.checked, plan=plan[start : start + size]))


def _refuse_strangers(db: Session, actor: Actor, kind: Kind) -> None:
    """Whoever runs the machine may import all; a person what the policy says, and nobody alone boundaries in force."""
    if actor.kind == "system":
        return
    require_import(db, actor, kind)
    if (reason := hindrance(db, kind)) is not None:
        raise NotAllowed(reason)


def _has_district(db: Session) -> bool:
    return bool(db.scalar(text("SELECT EXISTS (SELECT FROM district)")))


def _every_row(path: Path | str, options: Options, how: dict[str, Any]) -> gpd.GeoDataFrame:
    """Rows with their positions as they stand, in their own datum: whoever stores a place keeps what was told."""
    import geopandas as gpd
    import pandas as pd

    frames = list(batches(path, given=Given(options.crs, None), **how))
    layer = frames[0].attrs["layer"]
    for frame in frames:
        frame.attrs.clear()  # or pandas compares them all
    whole = gpd.GeoDataFrame(pd.concat(frames) if len(frames) > 1 else frames[0], geometry="geometry", crs=4326)
    whole.attrs["layer"] = layer
    return whole


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_HASHED_AT_ONCE):
            digest.update(piece)
    return digest.hexdigest()
