"""Write hazards into the ledger and close them; what follows is scheduled with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from geoalchemy2 import WKBElement
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.catalogue.rulebook import rulebook_now
from gridmap.errors import Invalid, NotAllowed, NotFound, OtherContent
from gridmap.grids.locating import Told, place_all
from gridmap.grids.queries import current_district
from gridmap.grids.tables import Area, Site
from gridmap.hazards.news import tell_screens
from gridmap.hazards.queries import require_hazard, thing_of
from gridmap.hazards.rules import JUDGE, WORK, HazardDraft, State, require_found, require_standing
from gridmap.hazards.tables import Hazard, HazardMedia, LookBack
from gridmap.hazards.terms import look_backs_of
from gridmap.incidents.drafts import PhotosMissing
from gridmap.incidents.queries import thing_of as incident_thing
from gridmap.incidents.resolving import find_incident
from gridmap.incidents.tables import Incident
from gridmap.language import N_
from gridmap.people.rules import Actor, Thing, can, is_below
from gridmap.people.tables import Department
from gridmap.reports.media import unsent_photos
from gridmap.system import audit
from gridmap.system.numbers import next_number

SERIES: Final = "hazard"


@dataclass(frozen=True)
class Spot:
    """Where a hazard is: the point, the grid of its day, and who answers there now."""

    lon: float
    lat: float
    grid_version_id: int | None
    grid_id: int
    path: str


def record_hazard(
    db: Session, actor: Actor, draft: HazardDraft, at: datetime, *, again: Hazard | None = None
) -> Hazard:
    """
    Write a hazard into the ledger.

    Parameters
    ----------
    again
        The closed hazard that has come again: this one stands at its place and names it as its origin.

    Raises
    ------
    Invalid
        If its place, class, department or incident cannot be, or a photo has not been sent.
    NotAllowed
        If it lies where the actor writes no ledger.
    OtherContent
        If another hazard has its id.
    """
    if db.get(Hazard, draft.id) is not None:
        # As when what came again is sent under the id of what it came again after.
        raise OtherContent(draft.id)
    require_found(draft.found_at, at)
    spot = _spot_of(db, draft, at) if again is None else _spot_again(db, again)
    found_by = actor.id if actor.kind == "person" else None
    department_id = again.department_id if again is not None else _named_office(db, draft.department, spot.path)
    if can(actor, WORK, Thing(spot.path, holder_department_id=department_id)) is None:
        raise NotAllowed(N_("This place lies outside of your area. Whoever answers there writes it down."))
    if draft.category is not None and rulebook_now(db).category(draft.category) is None:
        raise Invalid(N_("There is no class %(code)s."), where="/category", code=draft.category)
    found_at = min(draft.found_at or at, at)
    year = at.astimezone(current_district(db).zone).year
    hazard = Hazard(
        id=draft.id,
        number=f"H-{year}-{next_number(db, SERIES, year):04d}",
        site_id=draft.site_id if again is None else again.site_id,
        place=func.ST_SetSRID(func.ST_MakePoint(spot.lon, spot.lat), 4326),
        grid_version_id=spot.grid_version_id,
        grid_id=spot.grid_id,
        path=spot.path,
        category=draft.category,
        severity=draft.severity,
        what=draft.what,
        party=draft.party,
        department_id=department_id,
        state=State.OPEN,
        found_at=found_at,
        found_by=found_by,
        recorded_at=at,
        origin_id=None if again is None else again.id,
        incident_id=_incident(db, actor, draft.incident),
    )
    db.add(hazard)
    db.flush()
    add_photos(db, actor, hazard.id, hazard.id, draft.evidence)
    said = {"number": hazard.number, "severity": draft.severity, "category": draft.category}
    audit.record(db, actor.doer, WORK, object_id=f"hazard:{draft.id}", path=spot.path, changed=said)
    tell_screens(db, hazard, at)
    return hazard


def close_hazard(db: Session, actor: Actor, hazard_id: UUID, note: str, at: datetime) -> None:
    """
    Close a hazard that was put right, and schedule the looks back at it; closed twice, it was once.

    Raises
    ------
    NotFound, NotAllowed
        If it is not the actor's to see, or to close.
    """
    hazard = held_hazard(db, actor, hazard_id, JUDGE)
    if hazard.state == State.CLOSED:
        return
    hazard.state, hazard.closed_at, hazard.closing_note = State.CLOSED, at, note
    hazard.closed_by = actor.id
    dates = look_backs_of(db, hazard.category, at)
    db.add_all(
        LookBack(id=uuid5(hazard.id, f"look back {due.isoformat()}"), hazard_id=hazard.id, due_at=due) for due in dates
    )
    db.flush()
    said = {"state": "closed", "look_backs": [due.isoformat() for due in dates]}
    audit.record(db, actor.doer, JUDGE, object_id=f"hazard:{hazard.id}", path=hazard.path, changed=said)
    tell_screens(db, hazard, at)


def held_hazard(db: Session, actor: Actor, hazard_id: UUID, action: str, *wanted: State) -> Hazard:
    """
    Lock a hazard for somebody who may do something to it.

    Raises
    ------
    NotFound
        If they may not see it.
    NotAllowed
        If they may see it, and not do this.
    Conflict
        If it stands in none of `wanted`, where any is said.
    """
    row = require_hazard(db, actor, hazard_id)
    if can(actor, action, thing_of(row)) is None:
        raise NotAllowed(N_("Your roles do not include this. An administrator can grant them."))
    hazard = db.get_one(Hazard, hazard_id, with_for_update=True)
    if wanted:
        require_standing(hazard.number, hazard.state, *wanted)
    return hazard


def add_photos(db: Session, actor: Actor, hazard_id: UUID, about: UUID, hashes: Sequence[bytes]) -> None:
    """
    Say what photos show: a hazard, the answer to a notice, or what a look-back saw.

    Raises
    ------
    PhotosMissing
        If the actor has not sent one of them whole.
    """
    if missing := unsent_photos(db, actor, hashes) if hashes else []:
        raise PhotosMissing(missing)
    db.add_all(HazardMedia(hazard_id=hazard_id, about=about, sha256=sha256) for sha256 in dict.fromkeys(hashes))
    db.flush()


def _spot_of(db: Session, draft: HazardDraft, at: datetime) -> Spot:
    told = draft.told
    if (told is None) == (draft.site_id is None):
        raise Invalid(N_("A hazard has a place or is at a site: give one of them."), where="/place")
    if draft.site_id is not None:
        told = _told_of_site(db, draft.site_id)
    assert told is not None  # one of the two was given
    (placed,) = place_all(db, [(told, min(draft.found_at or at, at))])
    grid = placed.duty_grid
    if placed.lon is None or placed.lat is None or grid is None:
        reason = placed.reason or N_("This place lies in no grid of the district.")
        raise Invalid(reason, where="/place")
    then = placed.grid
    return Spot(placed.lon, placed.lat, None if then is None else then.version_id, grid.id, grid.path)


def _told_of_site(db: Session, site_id: UUID) -> Told:
    inside = func.ST_PointOnSurface(Site.shape)
    row = db.execute(
        select(func.ST_X(inside), func.ST_Y(inside)).where(Site.id == site_id, func.upper_inf(Site.valid))
    ).one_or_none()
    if row is None:
        raise Invalid(N_("There is no such site."), where="/site")
    return Told(row[0], row[1], method="site")


def _spot_again(db: Session, again: Hazard) -> Spot:
    place: WKBElement = again.place
    lon, lat = db.execute(select(func.ST_X(place), func.ST_Y(place))).one()
    return Spot(lon, lat, again.grid_version_id, again.grid_id, again.path)


def find_office(db: Session, code: str, path: str) -> int:
    """
    Find the department that shall have a hazard.

    Parameters
    ----------
    path
        Area path of the hazard.

    Raises
    ------
    Invalid
        If there is none of that code, or it answers for other places.
    """
    found = db.execute(
        select(Department.id, Area.path)
        .join(Area, Area.id == Department.area_id)
        .where(Department.code == code, Department.ended_at.is_(None))
    ).one_or_none()
    if found is None:
        raise Invalid(N_("There is no department %(code)s."), where="/department", code=code)
    if not is_below(path, found.path):
        raise Invalid(N_("Department %(code)s does not answer for this place."), where="/department", code=code)
    return int(found.id)


def _named_office(db: Session, code: str | None, path: str) -> int | None:
    return None if code is None else find_office(db, code, path)


def _incident(db: Session, actor: Actor, name: str | None) -> UUID | None:
    """The incident in which it was found, of those that the actor may see."""
    if name is None:
        return None
    incident: Any = db.get(Incident, find_incident(db, name, "/incident"))
    if incident is None or can(actor, "incident.read", incident_thing(db, actor, incident)) is None:
        raise NotFound(N_("There is no such incident in your area."))
    return incident.id  # type: ignore[no-any-return]
