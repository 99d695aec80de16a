"""What became of the grids between any two days: who came, ended or changed, and which ground changed hands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.errors import Invalid
from gridmap.grids.queries import DistrictNow
from gridmap.grids.shifted import Piece, Stand, households_of, pieces_between
from gridmap.grids.standing import (
    Spell,
    causes_in,
    count_grids,
    houses_on,
    recorded_ops,
    stands_that_change,
)
from gridmap.language import N_


@dataclass(frozen=True)
class Share:
    """
    What one grid gave another.

    Attributes
    ----------
    op
        How, as the lineage has it: split, merge, boundary or carve; of several editions in a row, the last.
    area_share, household_share
        0..1 of what the giver was on the earlier day.
    """

    from_id: int
    to_id: int
    op: str
    area_m2: float
    households: int
    area_share: float
    household_share: float


@dataclass(frozen=True)
class Changed:
    """
    A grid that is not what it was.

    Attributes
    ----------
    before, after
        As it stood on the two days; no `before` came, no `after` ended.
    what
        Of ``border, name, code, kind, community, owner, households``; empty for who came or ended.
    causes
        Edition and cause of every version that began between the two days, the oldest first.
    came_from, went_to
        What others gave it, and what it gave others.
    """

    before: Stand | None
    after: Stand | None
    what: tuple[str, ...]
    causes: tuple[tuple[int, str], ...]
    came_from: tuple[Share, ...]
    went_to: tuple[Share, ...]

    @property
    def stand(self) -> Stand:
        """As it is now, or as it was last."""
        return self.after or self.before  # type: ignore[return-value]

    @property
    def fate(self) -> str:
        """Of ``came, ended, changed``."""
        return "came" if self.before is None else "ended" if self.after is None else "changed"


@dataclass(frozen=True)
class Difference:
    """
    Two days compared.

    Attributes
    ----------
    editions
        Those in force on the two days; the same if nothing was published between.
    grids_n
        How many grids the district, or the area asked for, had on the two days.
    grids
        By code.
    pieces
        Ground that changed hands between them, with its households.
    stands
        Every grid that is named here by id, as it is now or was last.
    """

    editions: tuple[int, int]
    grids_n: tuple[int, int]
    grids: tuple[Changed, ...]
    pieces: tuple[tuple[Piece, int], ...]
    stands: Mapping[int, Stand]


def differences(
    db: Session,
    district: DistrictNow,
    since: datetime,
    until: datetime,
    scope_paths: Sequence[str],
    area_id: int | None = None,
) -> Difference:
    """
    Compare the grids of two instants, as we believe them today.

    Parameters
    ----------
    since, until
        Both past, `since` not after `until`.
    scope_paths
        Area paths; a grid that lay below any of them on either day is told of, and the ground that it gave or got.
    area_id
        Only what lay below this area on either day.

    Raises
    ------
    Invalid
        If `since` comes after `until`, or before the first edition.
    """
    editions = _editions_on(district, since, until)
    before, after = stands_that_change(db, district.id, since, until), stands_that_change(db, district.id, until, since)
    pieces = pieces_between(before, after)
    counted = households_of(pieces, before, houses_on(db, before, district.srid, until))
    told = _told_paths(db, scope_paths, area_id)
    grids = _changes(db, before, after, list(zip(pieces, counted, strict=True)), (since, until))
    shown = [grid for grid in grids if _is_below(grid, told)]
    ids = {grid.stand.id for grid in shown}
    return Difference(
        editions,
        (count_grids(db, district.id, since, told), count_grids(db, district.id, until, told)),
        tuple(shown),
        tuple(pair for pair in zip(pieces, counted, strict=True) if ids & {pair[0].from_id, pair[0].to_id}),
        {grid.stand.id: grid.stand for grid in grids},
    )


def _editions_on(district: DistrictNow, since: datetime, until: datetime) -> tuple[int, int]:
    if since > until:
        raise Invalid(N_("from stands before to, or on the same day."), where="from")
    if not district.editions or since < district.editions[0][1]:
        opening = district.editions[0][1].astimezone(district.zone).date() if district.editions else "-"
        raise Invalid(
            N_("On that day there were no grids yet: the first boundaries took effect on %(day)s."),
            where="from",
            day=str(opening),
        )
    first, last = ([n for n, at in district.editions if at <= moment][-1] for moment in (since, until))
    return first, last


def _what_changed(before: Stand, after: Stand, moved: Collection[int]) -> tuple[str, ...]:
    parts = {
        "border": before.id in moved,
        "name": (before.name, before.names) != (after.name, after.names),
        "code": before.code != after.code,
        "kind": before.kind != after.kind,
        "community": before.community["id"] != after.community["id"],
        "owner": before.owner != after.owner,
        "households": before.households != after.households,
    }
    return tuple(part for part, differs in parts.items() if differs)


def _changes(
    db: Session,
    before: Sequence[Stand],
    after: Sequence[Stand],
    pieces: Sequence[tuple[Piece, int]],
    span: Spell,
) -> list[Changed]:
    was, now = {stand.id: stand for stand in before}, {stand.id: stand for stand in after}
    moved = {grid for piece, _ in pieces for grid in (piece.from_id, piece.to_id) if grid is not None}
    causes = causes_in(db, list(was | now), span)
    given, got = _shares(db, was, now, pieces, span)
    changes = [
        Changed(
            was.get(grid),
            now.get(grid),
            _what_changed(was[grid], now[grid], moved) if grid in was and grid in now else (),
            tuple(causes.get(grid, ())),
            tuple(got.get(grid, ())),
            tuple(given.get(grid, ())),
        )
        for grid in was | now
    ]
    # Who only got a corner more on a border that stands, or became again what it was, has not changed for anybody.
    told = [change for change in changes if change.fate != "changed" or change.what]
    return sorted(told, key=lambda change: change.stand.code)


def _shares(
    db: Session,
    was: Mapping[int, Stand],
    now: Mapping[int, Stand],
    pieces: Sequence[tuple[Piece, int]],
    span: Spell,
) -> tuple[dict[int, list[Share]], dict[int, list[Share]]]:
    """What each grid gave and got, by its id."""
    recorded = recorded_ops(db, list(was), span)
    given, got = defaultdict[int, list[Share]](list), defaultdict[int, list[Share]](list)
    for piece, households in pieces:
        source, target = piece.from_id, piece.to_id
        if source is None or target is None:
            continue
        usual = "split" if target not in was else "merge" if source not in now else "boundary"
        giver = was[source]
        area_share = min(1.0, piece.area_m2 / giver.plane.area)
        share = min(1.0, households / giver.households) if giver.households else area_share
        op = recorded.get((source, target), usual)
        one = Share(source, target, op, piece.area_m2, households, area_share, share)
        given[source].append(one)
        got[target].append(one)
    return given, got


def _told_paths(db: Session, scope_paths: Sequence[str], area_id: int | None) -> list[str]:
    """The paths of what is in scope and in the area, if one is asked for."""
    if area_id is None:
        return list(scope_paths)
    path = db.scalar(text("SELECT path::text FROM area WHERE id = :id"), {"id": area_id})
    if path is None:
        return []
    # Of an area and a scope one lies in the other, or they have nothing in common.
    pairs = [(path, scope) for scope in scope_paths if _lies_in(path, scope) or _lies_in(scope, path)]
    return [max(pair, key=len) for pair in pairs]


def _lies_in(path: str, area: str) -> bool:
    return path == area or path.startswith(f"{area}.")


def _is_below(grid: Changed, paths: Sequence[str]) -> bool:
    return any(_lies_in(stand.path, path) for stand in (grid.before, grid.after) if stand for path in paths)
