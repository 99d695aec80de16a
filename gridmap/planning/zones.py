"""Zones in force on any day, and making a proposal the zones of today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from geodata.crs import shapes_to_lonlat, shapes_to_plane
from gridmap.database import straight
from gridmap.errors import Conflict, Invalid
from gridmap.grids.queries import current_district
from gridmap.language import N_
from gridmap.people.rules import Actor
from gridmap.planning.proposing import ProposalState
from gridmap.planning.queries import PUBLISHES
from gridmap.planning.tables import PlanProposal, Zone, ZoneArea, ZoneGrid
from gridmap.planning.zone_parts import Group, part_ids
from gridmap.system import audit
from gridmap.system.live import Change, announce
from gridmap.system.receipts import claim, content_digest

_LOCKS: Final = 0x7A_6F_6E_65  # the first of the two keys of the advisory locks under which zones are taken
_LATTICE_M: Final = 0.01

# A grid that was drawn since belongs to the zone on whose ground it lies, until zones are taken anew.
_MEMBERS: Final = """
    SELECT z.id AS zone_id, p.id, v.code, v.name, v.names, p.path::text AS path, ST_AsBinary(v.shape) AS shape
    FROM zone z JOIN zone_area m ON m.zone_id = z.id JOIN area p ON p.id = m.area_id
    JOIN area_version v ON v.area_id = p.id AND upper_inf(v.recorded) AND {v_then}
    WHERE z.id = ANY(%(zones)s)
    UNION ALL
    SELECT z.id, v.grid_id, v.code, v.name, v.names, v.path::text, ST_AsBinary(v.shape)
    FROM zone z JOIN area w ON w.id = z.within_id
    JOIN grid_version v ON v.path <@ w.path AND upper_inf(v.recorded) AND {v_then}
    WHERE z.id = ANY(%(zones)s) AND z.kind = 'grids' AND (
        EXISTS (SELECT FROM zone_grid m WHERE m.zone_id = z.id AND m.grid_id = v.grid_id)
        OR NOT EXISTS (SELECT FROM zone_grid m WHERE m.zone_id = ANY(%(zones)s) AND m.grid_id = v.grid_id)
        AND EXISTS (SELECT FROM zone_grid m JOIN grid_version o ON o.grid_id = m.grid_id AND upper_inf(o.recorded)
            AND o.valid @> lower(z.valid)
            WHERE m.zone_id = z.id AND ST_Covers(o.shape, ST_PointOnSurface(v.shape))))
    ORDER BY 1, 3
"""


@dataclass(frozen=True)
class Member:
    """A part of a zone, as it is called and lies at the moment asked about; the shape in EPSG:4326."""

    id: int
    code: str
    name: str
    names: dict[str, Any]
    path: str
    shape: Any


@dataclass(frozen=True)
class ZoneThen:
    """
    A zone at the moment asked about.

    Attributes
    ----------
    within
        Code of the area whose parts it groups.
    shape
        Its ground, EPSG:4326.
    """

    id: int
    kind: Group
    within_id: int
    within: str
    name: str
    since: datetime
    until: datetime | None
    members: tuple[Member, ...]
    shape: Any


def zones_at(
    db: Session,
    at: datetime | None,
    *,
    scope_paths: Sequence[str],
    within_id: int | None = None,
    group: Group | None = None,
) -> list[ZoneThen]:
    """
    The zones in force at an instant.

    Parameters
    ----------
    at
        None is now.
    scope_paths
        Area paths of the reader: of a zone, the parts below them or above them are shown, and their ground.
    within_id
        Only those that group the parts of this area.
    """
    then = "upper_inf({}.valid)" if at is None else "{}.valid @> %(at)s"
    values: dict[str, Any] = {"at": at, "within": within_id, "kind": group}
    rows = straight(
        db,
        "SELECT z.id, z.kind, z.within_id, v.code AS within, z.name, lower(z.valid) AS since, upper(z.valid) AS until"
        " FROM zone z JOIN area_version v ON v.area_id = z.within_id AND upper_inf(v.recorded)"
        f" AND {then.format('v')} WHERE {then.format('z')}"
        " AND (CAST(%(within)s AS bigint) IS NULL OR z.within_id = %(within)s)"
        " AND (CAST(%(kind)s AS text) IS NULL OR z.kind = %(kind)s) ORDER BY z.within_id, z.kind, z.id",
        values,
    )
    if not rows:
        return []
    members = _members(db, [row.id for row in rows], at, then, scope_paths)
    srid = current_district(db).srid
    return [
        ZoneThen(
            row.id, Group(row.kind), row.within_id, row.within, row.name, row.since, row.until, tuple(own),
            ground_of_all([member.shape for member in own], srid),
        )
        for row in rows
        if (own := members.get(row.id))
    ]  # fmt: skip


def _members(
    db: Session, zones: list[int], at: datetime | None, then: str, scope_paths: Sequence[str]
) -> dict[int, list[Member]]:
    question = (
        f"SELECT * FROM ({_MEMBERS.format(v_then=then.format('v'))}) AS member"
        " WHERE path::ltree <@ ANY(CAST(%(paths)s AS ltree[])) OR path::ltree @> ANY(CAST(%(paths)s AS ltree[]))"
    )
    rows = straight(db, question, {"zones": zones, "at": at, "paths": list(scope_paths)})
    found: dict[int, list[Member]] = {}
    for row in rows:
        member = Member(row.id, row.code, row.name, row.names, row.path, shapely.from_wkb(bytes(row.shape)))
        found.setdefault(row.zone_id, []).append(member)
    return found


def ground_of_all(shapes: Sequence[Any], srid: int) -> Any:
    """The ground of several neighbours as one shape, EPSG:4326; borders drawn a hair apart leave no gap."""
    united = shapely.union_all(shapes_to_plane(shapes, srid), grid_size=_LATTICE_M)
    return shapes_to_lonlat(np.array([united], dtype=object), srid)[0]


def zone_numbers(zones: Sequence[ZoneThen], ids: Sequence[int]) -> NDArray[np.int64]:
    """For each part by its id the number of its zone in the list, from 1; 0 is in none."""
    number = {member.id: n for n, zone in enumerate(zones, start=1) for member in zone.members}
    return np.array([number.get(part, 0) for part in ids], dtype=np.int64)


def take_zones(
    db: Session, actor: Actor, found: PlanProposal, call_id: UUID, choice: int, names: Sequence[str], at: datetime
) -> bool:
    """
    Make one choice of a proposal the zones of today; those in force until now end.

    Parameters
    ----------
    found
        Locked, and the actor's to take.
    call_id
        The sender's own, so that it can be sent again.
    choice
        From 1.
    names
        Of the zones, in their order.

    Returns
    -------
    new
        False if an earlier call took it.

    Raises
    ------
    Conflict
        If it is not done, or zones or parts have changed since it was worked out.
    Invalid
        If there is no such choice, or the names are not one for each zone, all different.
    """
    content = {"proposal": str(found.id), "choice": choice, "names": list(names)}
    if not claim(db, "zones.take", [(call_id, content_digest(content))], at):
        return False
    wanted = _chosen(found, choice, names)
    assert found.area_id is not None, "zones are proposed for an area"
    whole_id, group = found.area_id, Group(found.args["group"])
    # Who takes zones of the same area at the same time waits here, and finds them taken.
    db.execute(text("SELECT pg_advisory_xact_lock(:space, :key)"), {"space": _LOCKS, "key": whole_id & 0x7FFFFFFF})
    ended = _end_todays(db, found, whole_id, group, at)
    made = _begin(db, found, wanted, names, whole_id, group, at)
    found.state = ProposalState.TAKEN.value
    db.flush()
    path = straight(db, "SELECT path::text AS path FROM area WHERE id = %(id)s", {"id": whole_id})[0].path
    changed = {
        "proposal": str(found.id),
        "choice": choice,
        "ended": ended,
        "zones": dict(zip(made, names, strict=True)),
    }
    audit.record(db, actor.doer, PUBLISHES, object_id=f"zones:{whole_id}:{group}", path=path, changed=changed)
    announce(db, [Change("zones", f"{whole_id}:{group}", int(at.timestamp() * 1000), path)])
    return True


def _chosen(found: PlanProposal, choice: int, names: Sequence[str]) -> NDArray[np.int64]:
    """The zone of each part, from 1."""
    if found.state not in (ProposalState.DONE, ProposalState.TAKEN) or found.answer is None:
        raise Conflict(N_("This proposal has nothing to take: it is not done."))
    choices = found.answer["choices"]
    if not 1 <= choice <= len(choices):
        raise Invalid(N_("There are %(n)s choices. Take one of them."), where="/choice", n=len(choices))
    zone = np.array(choices[choice - 1]["zone"], dtype=np.int64)
    if len(names) != zone.max():
        raise Invalid(N_("Give a name to each of the %(n)s zones."), where="/names", n=int(zone.max()))
    if len(set(names)) < len(names):
        raise Invalid(N_("Two zones have the same name. Give each its own."), where="/names")
    return zone


def _end_todays(db: Session, found: PlanProposal, whole_id: int, group: Group, at: datetime) -> list[int]:
    """End the zones in force; refuse if they are not those that the proposal was compared with."""
    assert found.answer is not None
    standing = db.scalars(
        select(Zone).where(Zone.within_id == whole_id, Zone.kind == group.value, func.upper_inf(Zone.valid))
    ).all()
    ended = sorted(zone.id for zone in standing)
    # A zone that began this very instant cannot end in it.
    too_new = any(zone.valid.lower is None or at <= zone.valid.lower for zone in standing)
    if too_new or ended != sorted(found.answer["today"]["ids"]):
        raise Conflict(N_("Other zones were taken since this was worked out. Have it worked out anew."))
    if part_ids(db, whole_id, group) != {part["id"] for part in found.answer["parts"]}:
        raise Conflict(N_("What is grouped has changed since this was worked out. Have it worked out anew."))
    for zone in standing:
        zone.valid = Range(zone.valid.lower, at)
    db.flush()
    return ended


def _begin(
    db: Session,
    found: PlanProposal,
    zone: NDArray[np.int64],
    names: Sequence[str],
    whole_id: int,
    group: Group,
    at: datetime,
) -> list[int]:
    """Write the new zones and what belongs to each; gives their ids."""
    assert found.answer is not None
    district_id, span = current_district(db).id, Range(at, None)
    made = [
        Zone(district_id=district_id, within_id=whole_id, kind=group.value, name=name, valid=span, proposal_id=found.id)
        for name in names
    ]
    db.add_all(made)
    db.flush()
    for part, number in zip(found.answer["parts"], zone.tolist(), strict=True):
        own = made[number - 1].id
        if group is Group.GRIDS:
            db.add(ZoneGrid(zone_id=own, grid_id=part["id"], valid=span))
        else:
            db.add(ZoneArea(zone_id=own, area_id=part["id"], valid=span))
    db.flush()
    return [one.id for one in made]
