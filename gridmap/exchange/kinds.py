"""What can be imported: for each kind its fields, its check against the database and its write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from gridmap.errors import NotFound
from gridmap.grids.importing import areas, coverage, sites, ways
from gridmap.hotline import importing as orders
from gridmap.incidents.opening import open_for_reports
from gridmap.intake.fields import Field
from gridmap.intake.rows import Rows
from gridmap.intake.shapes import Want
from gridmap.intake.wishes import Checked, Options
from gridmap.language import N_
from gridmap.people.rules import Actor
from gridmap.reports import importing as reports
from gridmap.reports.actions import receive_reports
from gridmap.sensing import importing as devices
from gridmap.sensing.importing import attach_devices


@dataclass(frozen=True)
class Kind:
    """
    A kind of thing that can be imported.

    Attributes
    ----------
    name, title
        As the commands name it, and as people do.
    fields
        What a row of it holds, beside its shape.
    shapes
        What its shape is.
    action
        The right that a person needs, as the policy names it.
    check
        Compares rows with the database, notes what is wrong in them, and says what would be written.
    write
        Writes the plan of a check: one unit of work.
    needs_district
        Whether there must be a district already.
    keeps_every_row
        Whether positions that cannot be are kept for the check to judge, rather than refused with the file.
    by_area
        Whether who has the right in a part of the district imports what lies there; rows that lie elsewhere are left
        out. Else the right is needed over the whole district.
    part
        How many rows are written in one transaction at most; None is all.
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    shapes: Want
    action: str
    check: Callable[[Session, Rows, Options, datetime], Checked]
    write: Callable[[Session, Actor, Any, datetime], None]
    needs_district: bool = True
    keeps_every_row: bool = False
    by_area: bool = False
    part: int | None = None


def _by_doer(write: Callable[..., None]) -> Callable[[Session, Actor, Any, datetime], None]:
    """A write of the rooms below people, which know who acts by the name in the audit alone."""
    return lambda db, actor, plan, at: write(db, actor.doer, plan, at)


def _publish(db: Session, actor: Actor, plan: Any, at: datetime) -> None:
    """Grids, and who answers for the devices that stand in them."""
    coverage.write(db, actor.doer, plan, at)
    attach_devices(db)


def _receive(db: Session, actor: Actor, plan: Any, at: datetime) -> None:
    """Reports, and what is made of them: the same two steps as at the door."""
    open_for_reports(db, actor, receive_reports(db, actor, plan, at, recorded=True), at)


_ALL: Final = (
    Kind("areas", N_("Areas"), areas.FIELDS, "polygons", "boundary.publish", areas.check, _by_doer(areas.write),
         needs_district=False),
    Kind("grids", N_("Grids"), coverage.FIELDS, "polygons", "boundary.publish", coverage.check, _publish),
    Kind("sites", N_("Sites"), sites.SITE_FIELDS, "any", "boundary.draft", sites.check_sites, _by_doer(sites.write)),
    Kind("streets", N_("Streets"), ways.FIELDS, "lines", "boundary.draft", ways.check, _by_doer(ways.write)),
    Kind("buildings", N_("Buildings"), sites.BUILDING_FIELDS, "any", "boundary.draft", sites.check_buildings,
         _by_doer(sites.write)),
    Kind("devices", N_("Devices"), devices.FIELDS, "points", "account.manage", devices.check,
         _by_doer(devices.write)),
    Kind("reports", N_("Reports"), reports.FIELDS, "any", "report.create", reports.check, _receive,
         keeps_every_row=True, part=reports.AT_ONCE),
    Kind("orders", N_("Hotline orders"), orders.FIELDS, "any", "hotline.work", orders.check, orders.write,
         keeps_every_row=True, by_area=True),
)  # fmt: skip
KINDS: Final[Mapping[str, Kind]] = {kind.name: kind for kind in _ALL}


def kind_of(name: str) -> Kind:
    """
    Find a kind by its name.

    Raises
    ------
    NotFound
        If nothing of that name can be imported.
    """
    if name not in KINDS:
        raise NotFound(N_("%(name)s cannot be imported. These can: %(known)s."), name=name, known=", ".join(KINDS))
    return KINDS[name]
