"""Who may import what; asked before a file is taken, before it is checked, and again by the write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy.orm import Session

from gridmap.errors import NotAllowed, NotFound
from gridmap.exchange.exporting import action_of
from gridmap.exchange.kinds import KINDS, Kind
from gridmap.exchange.sources import SOURCES
from gridmap.grids.queries import DistrictNow, current_district
from gridmap.language import N_
from gridmap.people.rules import Actor, Thing, can, scope_of

_DRAFTS: Final = "boundary.draft"


def importable(db: Session, actor: Actor) -> list[Kind]:
    """The kinds of thing that an actor may bring into the district; before there is one, nobody may by the web."""
    district = _district(db)
    return [] if district is None else [kind for kind in KINDS.values() if _may(actor, kind, district)]


def paths_within(db: Session, actor: Actor, kind: Kind) -> tuple[str, ...] | None:
    """The area paths in which an actor may import a kind; None is the whole district."""
    if actor.kind == "system" or can(actor, kind.action, Thing(current_district(db).path)) is not None:
        return None
    return tuple(path for path, _ in scope_of(actor, kind.action).paths)


def exportable(actor: Actor) -> Iterator[str]:
    """The kinds of thing of which an actor may take a file away."""
    return (kind for kind in SOURCES if can(actor, action_of(kind)) is not None)


def require_import(db: Session, actor: Actor, kind: Kind) -> None:
    """
    Let nobody go on who may not import this over the whole district, or where that is enough, over a part of it.

    Raises
    ------
    NotAllowed
        If none of the actor's roles gives it.
    """
    district = _district(db)
    if district is None or not _may(actor, kind, district):
        raise NotAllowed(N_("Your roles do not include this. An administrator can grant them."))


def require_upload(db: Session, actor: Actor, kind: Kind) -> None:
    """
    Let nobody bring a file who can do nothing with it: import it, or take its grids into a draft of the own ground.

    Raises
    ------
    NotAllowed
        If none of the actor's roles gives either.
    """
    if kind.name != "grids" or _district(db) is None or can(actor, _DRAFTS) is None:
        require_import(db, actor, kind)


def hindrance(db: Session, kind: Kind) -> str | None:
    """Why a kind can be checked here and not written by anybody: a sentence to translate, or None."""
    district = _district(db)
    if kind.name == "grids" and district is not None and district.edition_n > 0:
        return N_("Boundaries in force change by a plan that a second person approves. Whoever runs the machine can"
                  " import them with `gridmap import grids`.")  # fmt: skip
    return None


def _may(actor: Actor, kind: Kind, district: DistrictNow) -> bool:
    return can(actor, kind.action, None if kind.by_area else Thing(district.path)) is not None


def _district(db: Session) -> DistrictNow | None:
    try:
        return current_district(db)
    except NotFound:
        return None
