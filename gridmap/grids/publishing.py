"""Publish a coverage: the whole of it turns at one instant, and every earlier day stays as it was."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.errors import Conflict
from gridmap.grids.drafts import Descent, GridDraft
from gridmap.grids.outlines import redraw_outlines
from gridmap.grids.queries import PUBLISH_LOCK
from gridmap.grids.staging import number_new_grids, refuse_bad_rows, stage, unstage
from gridmap.language import N_
from gridmap.system.live import Change, announce

_NOW: Final = "upper_inf({0}.valid) AND upper_inf({0}.recorded)"


@dataclass(frozen=True)
class Turn:
    """
    What an edition is published with.

    Attributes
    ----------
    base_edition
        The edition this was made on: if another was published meanwhile, nothing happens.
    effective_at
        When it takes effect; after every earlier edition.
    """

    base_edition: int
    effective_at: datetime
    note: str = ""
    published_by: int | None = None
    plan_id: UUID | None = None


@dataclass(frozen=True)
class Turned:
    """
    What an edition changed.

    Attributes
    ----------
    edition
        Its number.
    begun
        Grid id and version id of every new version, by code.
    ended
        The version that each changed or ended grid had before, by grid id.
    """

    edition: int
    begun: Mapping[str, tuple[int, int]]
    ended: Mapping[int, int]


class PublishedMeanwhile(Conflict):
    """The compare-and-swap failed: somebody else's edition is the newest."""

    def __init__(self) -> None:
        super().__init__(N_("Another edition of the boundaries was published meanwhile. Load it and try again."))


def wait_for_turn(db: Session) -> None:
    """
    Keep everyone else from storing places and from publishing until this transaction ends.

    Whoever publishes asks this first and reads the clock then: what was placed before lies before the edition, and
    what waits will find the new one.
    """
    db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": PUBLISH_LOCK})


def publish_coverage(
    db: Session,
    district_id: int,
    grids: Sequence[GridDraft],
    *,
    base_edition: int,
    effective_at: datetime,
    lineage: Sequence[Descent] = (),
    note: str = "",
    published_by: int | None = None,
    plan_id: UUID | None = None,
) -> int:
    """
    Make `grids` the whole coverage of a district from an instant on.

    Grids are known by their codes: one that is the same in every respect keeps its version, one that changed gets a
    new version, a new code a new grid, and a code that is missing ends. Readers see the old or the new coverage.

    Parameters
    ----------
    base_edition
        The edition this was made on: if another was published meanwhile, nothing happens.
    effective_at
        When it takes effect; after every earlier edition.
    lineage
        Where ground went, for grids that were split, merged or carved; plain changes of one grid are seen here.

    Returns
    -------
    edition
        The number of the new edition.

    Raises
    ------
    Conflict
        If another edition was published since `base_edition`.
    Invalid
        If a grid names no community of the district, a code was used before, or a shape is not one valid polygon.
    """
    turn = Turn(base_edition, effective_at, note, published_by, plan_id)
    turned = _turn(db, district_id, grids, None, turn)
    write_lineage(db, turned, [*lineage, *_own_changes(db, turned)])
    return turned.edition


def publish_changes(
    db: Session, district_id: int, changed: Sequence[GridDraft], gone: Collection[int], turn: Turn
) -> Turned:
    """
    Publish only what differs from the edition in force; every other grid is neither read nor written.

    That the whole is still a coverage is for the caller to prove, and so is the lineage to write.

    Parameters
    ----------
    changed
        Grids that change or are new; one that ended and comes back is named by its id.
    gone
        Ids of the grids that end.

    Raises
    ------
    PublishedMeanwhile, Invalid
        As for `publish_coverage`.
    """
    return _turn(db, district_id, changed, gone, turn)


def _turn(
    db: Session, district_id: int, grids: Sequence[GridDraft], gone: Collection[int] | None, turn: Turn
) -> Turned:
    """Turn to a new edition; `gone` None means that whatever is not among the grids ends."""
    wait_for_turn(db)
    moved = db.execute(
        text(
            "UPDATE district SET edition_n = edition_n + 1, revision = revision + 1"
            " WHERE area_id = :id AND edition_n = :base RETURNING edition_n, revision, srid"
        ),
        {"id": district_id, "base": turn.base_edition},
    ).one_or_none()
    if moved is None:
        raise PublishedMeanwhile
    edition, revision, srid = moved
    stage(db, grids, srid)
    refuse_bad_rows(db, district_id)
    db.execute(
        text(
            "INSERT INTO edition (district_id, n, effective_at, plan_id, published_by, note)"
            " VALUES (:district, :n, :effective_at, :plan_id, :published_by, :note)"
        ),
        {"district": district_id, "n": edition, **vars(turn)},
    )
    number_new_grids(db, district_id)
    turned, communities = _turn_versions(db, district_id, edition, turn.effective_at, gone)
    redraw_outlines(db, turn.effective_at, None if gone is None else communities)
    unstage(db)
    district_path = db.scalar(text("SELECT path::text FROM area WHERE id = :id"), {"id": district_id})
    announce(db, [Change("edition", str(edition), revision, district_path)])
    return turned


def _turn_versions(
    db: Session, district_id: int, edition: int, effective_at: datetime, gone: Collection[int] | None
) -> tuple[Turned, set[int]]:
    """End what changed or is gone, begin what changed or is new; everything else is not touched."""
    _see_what_changed(db)
    values = {"district": district_id, "n": edition, "at": effective_at, "gone": list(gone or ())}
    ends = (
        "NOT EXISTS (SELECT FROM staged_grid s WHERE s.grid_id = v.grid_id AND s.cause IS NULL)"
        if gone is None
        else "(v.grid_id = ANY(:gone) OR v.grid_id IN (SELECT grid_id FROM staged_grid WHERE cause IS NOT NULL))"
    )
    ended = db.execute(
        text(
            "UPDATE grid_version v SET valid = tstzrange(lower(v.valid), :at)"
            " FROM grid g WHERE g.id = v.grid_id AND g.district_id = :district"
            f" AND {_NOW.format('v')} AND {ends} RETURNING v.grid_id, v.id, v.community_id"
        ),
        values,
    ).all()
    begun = db.execute(
        text(
            "INSERT INTO grid_version (grid_id, community_id, edition_n, code, name, names, kind,"
            "  owner_site_id, households, path, valid, cause, plane, shape)"
            " SELECT s.grid_id, s.community_id, :n, s.code, s.name, s.names, s.kind, s.owner_site_id, s.households,"
            "  a.path || ('g' || s.grid_id), tstzrange(:at, NULL), s.cause, s.plane, s.shape"
            " FROM staged_grid s JOIN area a ON a.id = s.community_id WHERE s.cause IS NOT NULL ORDER BY s.code"
            " RETURNING code, grid_id, id, community_id"
        ),
        values,
    ).all()
    turned = Turned(edition, {row.code: (row.grid_id, row.id) for row in begun}, {row.grid_id: row.id for row in ended})
    return turned, {row.community_id for row in (*ended, *begun)}


def _see_what_changed(db: Session) -> None:
    """Give each staged grid its community and why it changes; no cause is no change."""
    db.execute(
        text(
            "UPDATE staged_grid s SET community_id = av.area_id, cause = CASE"
            "  WHEN v.id IS NULL THEN coalesce(s.cause, 'import')"
            "  WHEN ST_AsBinary(v.plane) <> ST_AsBinary(s.plane) THEN coalesce(s.cause, 'boundary')"
            "  WHEN (v.code, v.name, v.names, v.kind, v.households, v.community_id, v.owner_site_id)"
            "   IS DISTINCT FROM (s.code, s.name, s.names, s.kind, s.households, av.area_id, s.owner_site_id)"
            "  THEN 'rename' END"
            " FROM staged_grid o JOIN area_version av ON av.code = o.community_code AND upper_inf(av.valid)"
            "  AND upper_inf(av.recorded)"
            f" LEFT JOIN grid_version v ON v.grid_id = o.grid_id AND {_NOW.format('v')}"
            " WHERE o.code = s.code"
        )
    )


def write_lineage(db: Session, turned: Turned, lineage: Iterable[Descent]) -> None:
    """
    Link versions of an edition to what they came from; of two links between the same versions the first counts.

    A grid that came from one that did not change keeps that one's version as its origin.
    """
    rows = list(lineage)
    if not rows:
        return
    db.execute(
        text(
            "WITH told AS (SELECT DISTINCT ON (f.grid_id, t.grid_id) f.grid_id AS from_id, t.grid_id AS to_id, d.*"
            "  FROM unnest(CAST(:froms AS text[]), CAST(:tos AS text[]), CAST(:ops AS text[]),"
            "   CAST(:areas AS float8[]), CAST(:households AS float8[])) WITH ORDINALITY"
            "   AS d (from_code, to_code, op, area_share, household_share, n)"
            "  JOIN grid_code f ON f.code = d.from_code JOIN grid_code t ON t.code = d.to_code"
            "  ORDER BY f.grid_id, t.grid_id, d.n)"
            " INSERT INTO lineage (from_version_id, to_version_id, op, area_share, household_share)"
            " SELECT o.id, v.id, told.op, told.area_share, told.household_share FROM told"
            " JOIN LATERAL (SELECT v.id, v.edition_n FROM grid_version v WHERE v.grid_id = told.to_id"
            f"  AND {_NOW.format('v')}) v ON true"
            " JOIN LATERAL (SELECT o.id FROM grid_version o WHERE o.grid_id = told.from_id AND upper_inf(o.recorded)"
            "  AND (o.edition_n < :n) ORDER BY upper(o.valid) DESC LIMIT 1) o ON o.id <> v.id"
            " ON CONFLICT DO NOTHING"
        ),
        {
            "n": turned.edition,
            "froms": [row.from_code for row in rows],
            "tos": [row.to_code for row in rows],
            "ops": [row.op for row in rows],
            "areas": [row.area_share for row in rows],
            "households": [row.household_share for row in rows],
        },
    )


def _own_changes(db: Session, turned: Turned) -> list[Descent]:
    """That each grid which changed came from its own last version."""
    rows = db.execute(
        text(
            "SELECT f.code AS from_code, t.code AS to_code, t.cause AS op,"
            " least(1, ST_Area(ST_Intersection(f.plane, t.plane)) / ST_Area(f.plane)) AS area_share"
            " FROM grid_version t JOIN grid_version f ON f.grid_id = t.grid_id AND f.id = ANY(:ended)"
            f" WHERE t.edition_n = :n AND {_NOW.format('t')}"
        ),
        {"n": turned.edition, "ended": list(turned.ended.values())},
    )
    return [Descent(row.from_code, row.to_code, row.op, row.area_share, 1.0) for row in rows]
