"""What a person says beside a file, and what an import answers before it writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from geodata.datum import Datum
from geodata.files import IMPORT, Limits
from gridmap.errors import Invalid
from gridmap.intake.values import as_instant
from gridmap.language import N_

PREVIEWED: Final = 20
"""Rows that are shown as they will be written."""


@dataclass(frozen=True)
class Options:
    """
    What a person says beside a file.

    Attributes
    ----------
    crs, datum
        The coordinate system (``EPSG:4547``) and the datum of the file, where it does not say so itself.
    layer
        The layer or sheet; the first if None.
    x, y
        The columns of a table that hold its places.
    mapping
        Column by field.
    effective
        Since when it holds, a day or an instant; now if None.
    note
        Why, for the record.
    working_srid
        EPSG code of the plane in which a new district is reckoned; chosen by its shapes if None.
    time_zone
        IANA name, for a new district.
    limits
        How much the file may hold: `geodata.files.IMPORT` through the web, ``LOCAL`` on the command line.
    within
        Area paths in which what a row tells of must lie; said by who imports, never by the file. None is anywhere.
    """

    crs: str | None = None
    datum: Datum | None = None
    layer: str | None = None
    x: str | None = None
    y: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    effective: str | None = None
    note: str = ""
    working_srid: int | None = None
    time_zone: str = "Asia/Shanghai"
    limits: Limits = IMPORT
    within: tuple[str, ...] | None = None

    @property
    def declared(self) -> bool:
        """Whether the person said where the coordinates are at home."""
        return self.crs is not None or self.datum is not None

    def zone(self) -> ZoneInfo:
        """
        The zone of a new district.

        Raises
        ------
        Invalid
            If there is none of that name.
        """
        if self.time_zone not in available_timezones():
            raise Invalid(N_("There is no time zone %(name)s. Name one such as Asia/Shanghai."), name=self.time_zone)
        return ZoneInfo(self.time_zone)

    def effective_at(self, at: datetime, zone: ZoneInfo) -> datetime:
        """
        The instant from which the file holds.

        Parameters
        ----------
        at
            Our clock.
        zone
            The district's zone: a day begins there.

        Raises
        ------
        Invalid
            If it is no time, or lies ahead: nothing is dated ahead.
        """
        if self.effective is None:
            return at
        moment = as_instant(self.effective, zone)
        if moment is None:
            raise Invalid(N_("%(text)s is no day and no time. Write it like 2026-03-01."), text=self.effective)
        if moment > at:
            raise Invalid(N_("%(text)s lies ahead. Import the file when it takes effect."), text=self.effective)
        return moment


@dataclass(frozen=True)
class Counts:
    """How many things an import would add, change, leave as they are, and end."""

    new: int = 0
    changed: int = 0
    same: int = 0
    ended: int = 0


@dataclass(frozen=True)
class Note:
    """Something to know about what will be done; nothing is wrong."""

    msgid: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Checked:
    """
    What a check of rows against the database found, beside the defects that it noted in them.

    Attributes
    ----------
    counts
        What would be written.
    preview
        The first rows as they would be written: plain values by field, with ``row`` and ``change`` (``new, changed,
        same``).
    notes
        What a person should know before.
    plan
        What the write of the same kind takes; its own business.
    """

    counts: Counts = Counts()
    preview: list[dict[str, Any]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    plan: Any = None
