"""
What stands on ground that changed hands, and what is open there, goes with it: in the transaction that publishes.

Where something happened never moves. Who answers for it now does, and its log says by which edition.
"""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.incidents.commitments import HEADS, committed
from gridmap.incidents.log import Head, LogEntry, append
from gridmap.planning.holdings import Inherited
from gridmap.planning.things import Thing
from gridmap.system.audit import Doer, record
from gridmap.system.live import Change, announce

_HEADS_AT_ONCE: Final = 1000


@dataclass(frozen=True)
class Redrawn:
    """
    What an edition changed, by the ids that its plan gave the grids.

    Attributes
    ----------
    at
        When it took effect.
    ids, codes
        Number and code of every grid that changed, ended or is new.
    paths
        Area path of those in force.
    former
        Area path of those that changed or ended, as it was.
    inherited
        Which grid answers for what, as the impact of the plan said it.
    """

    edition: int
    at: datetime
    ids: Mapping[str, int]
    codes: Mapping[str, str]
    paths: Mapping[str, str]
    former: Mapping[str, str]
    inherited: Inherited

    @property
    def before(self) -> list[int]:
        """Numbers of the grids that changed or ended."""
        return [self.ids[grid] for grid in self.former]

    def heir(self, grid: str) -> str:
        """The grid that takes what had no place in this one: itself, or its successor if it ended."""
        return self.inherited.successors.get(grid, grid)


@dataclass(frozen=True)
class Moved:
    """How many of each kind went to another grid."""

    sites: int
    devices: int
    incidents: int
    hazards: int


def hold_incidents(db: Session, grids: Sequence[int], paths: Sequence[str]) -> Sequence[Any]:
    """
    Lock the open incidents that some grids answer for, before it is worked out which grid will.

    A step that is being taken is waited for; no report is on its way, since whoever places one waits for us.

    Parameters
    ----------
    paths
        Area paths of the grids: an alert of a device without a place has no more.
    """
    return straight(
        db,
        "SELECT id, number, seq, log_hash, state, duty_grid_id, path::text AS path FROM incident"
        " WHERE closed_at IS NULL AND (duty_grid_id = ANY(%(grids)s) OR path = ANY(CAST(%(paths)s AS ltree[])))"
        " ORDER BY id FOR NO KEY UPDATE",
        {"grids": list(grids), "paths": list(paths)},
    )


def move_work(db: Session, doer: Doer, redrawn: Redrawn, incidents: Sequence[Any]) -> Moved:
    """
    Move sites, devices, open incidents, and hazards that somebody still has to see to, to the grids that hold them now.

    Parameters
    ----------
    incidents
        As `hold_incidents` gave them.
    """
    to: dict[tuple[str, str], str] = {}
    sites: list[tuple[Thing, str]] = []
    devices: list[tuple[Thing, str]] = []
    for thing, grid in zip(redrawn.inherited.things, redrawn.inherited.after, strict=True):
        if thing.kind == "open_incidents":
            to[thing.kind, thing.id] = grid
        elif thing.kind != "due_visits":  # those go with their hazard
            (devices if thing.kind == "devices" else sites).append((thing, grid))
    return Moved(
        _rehouse(db, "site", "id = k.key::uuid", sites, redrawn),
        _rehouse(db, "device", "code = k.key", devices, redrawn),
        _move_incidents(db, doer, incidents, to, redrawn),
        _move_hazards(db, redrawn),
    )


def _rehouse(db: Session, table: str, same: str, things: Iterable[tuple[Thing, str]], redrawn: Redrawn) -> int:
    """Give sites or devices the grids that hold them now; returns how many went to another."""
    going: dict[str, list[str]] = defaultdict(list)
    away = 0
    for thing, grid in things:
        if thing.grid != grid or redrawn.former[thing.grid] != redrawn.paths[grid]:
            going[grid].append(thing.id)
            away += thing.grid != grid
    if going:
        straight(
            db,
            f"UPDATE {table} AS t SET grid_id = w.grid_id, path = w.path FROM unnest(CAST(%(keys)s AS jsonb[]),"
            " CAST(%(grids)s AS bigint[]), CAST(%(paths)s AS ltree[])) AS w (keys, grid_id, path),"
            f" jsonb_array_elements_text(w.keys) AS k (key) WHERE t.{same}",
            {
                "keys": [json.dumps(keys) for keys in going.values()],
                "grids": [redrawn.ids[grid] for grid in going],
                "paths": [redrawn.paths[grid] for grid in going],
            },
        )
    return away


# Where no grid in force covers a point, as on an outer edge that moved, the heir of its grid takes it.
_HAZARDS: Final = """
    WITH goes AS (
        SELECT h.id, h.grid_id AS was, coalesce((SELECT v.grid_id FROM grid_version v WHERE upper_inf(v.valid)
            AND upper_inf(v.recorded) AND ST_Covers(v.shape, h.place) ORDER BY v.grid_id LIMIT 1), w.heir) AS holder
        FROM hazard h JOIN unnest(CAST(%(before)s AS bigint[]), CAST(%(heirs)s AS bigint[])) AS w (grid_id, heir)
            ON w.grid_id = h.grid_id
        WHERE h.closed_at IS NULL OR EXISTS (SELECT FROM look_back l WHERE l.hazard_id = h.id AND l.done_at IS NULL)
        FOR NO KEY UPDATE OF h
    )
    UPDATE hazard h SET grid_id = v.grid_id, path = v.path FROM goes JOIN grid_version v ON v.grid_id = goes.holder
        AND upper_inf(v.valid) AND upper_inf(v.recorded)
    WHERE h.id = goes.id RETURNING goes.was <> goes.holder AS away
"""


def _move_hazards(db: Session, redrawn: Redrawn) -> int:
    """Open hazards, and closed ones that are still looked back at; what was found where stays in the ledger."""
    before = list(redrawn.former)
    heirs = [redrawn.ids[redrawn.heir(grid)] for grid in before]
    rows = straight(db, _HAZARDS, {"before": [redrawn.ids[grid] for grid in before], "heirs": heirs})
    return sum(row.away for row in rows)


def _move_incidents(
    db: Session, doer: Doer, rows: Sequence[Any], to: Mapping[tuple[str, str], str], redrawn: Redrawn
) -> int:
    """One step of each log that says who answers now; a closed incident keeps what it had on its last day."""
    grid_of = {redrawn.ids[grid]: grid for grid in redrawn.former}
    grid_at = {path: grid for grid, path in redrawn.former.items()}
    moving = []
    for row in rows:
        owner = grid_of[row.duty_grid_id] if row.duty_grid_id is not None else grid_at[row.path]
        holder = to.get(("open_incidents", str(row.id))) or redrawn.heir(owner)
        if row.path != redrawn.paths[holder] or row.duty_grid_id not in (None, redrawn.ids[holder]):
            moving.append((row, owner, holder))
    if not moving:
        return 0
    entries = [_step(row, owner, holder, redrawn) for row, owner, holder in moving]
    heads = append(db, entries, redrawn.at, {row.id: Head(row.seq, bytes(row.log_hash)) for row, _, _ in moving})
    _fold(db, moving, heads, redrawn)
    _tell(db, doer, moving, heads, redrawn)
    return sum(owner != holder for _, owner, holder in moving)


def _columns(row: Any, holder: str, redrawn: Redrawn) -> dict[str, Any]:
    duty = {} if row.duty_grid_id is None else {"duty_grid_id": redrawn.ids[holder]}
    return {**duty, "path": redrawn.paths[holder]}


def _step(row: Any, owner: str, holder: str, redrawn: Redrawn) -> LogEntry:
    return LogEntry(
        incident_id=row.id,
        step_id=uuid.uuid5(row.id, f"edition {redrawn.edition}"),
        at=redrawn.at,
        actor_id=None,
        role="system",
        step="move",
        from_state=row.state,
        to_state=row.state,
        data={
            "set": _columns(row, holder, redrawn),
            "edition": redrawn.edition,
            "from": redrawn.codes[owner],
            "to": redrawn.codes[holder],
            "why": "the boundaries were redrawn",
        },
    )


def _fold(db: Session, moving: Sequence[Any], heads: Mapping[UUID, Head], redrawn: Redrawn) -> None:
    columns = [_columns(row, holder, redrawn) for row, _, holder in moving]
    straight(
        db,
        "UPDATE incident AS i SET duty_grid_id = m.duty_grid_id, path = m.path, seq = m.seq, log_hash = m.hash"
        " FROM unnest(CAST(%(ids)s AS uuid[]), CAST(%(grids)s AS bigint[]), CAST(%(paths)s AS ltree[]),"
        " CAST(%(seqs)s AS bigint[]), CAST(%(hashes)s AS bytea[])) AS m (id, duty_grid_id, path, seq, hash)"
        " WHERE i.id = m.id",
        {
            "ids": [row.id for row, _, _ in moving],
            "grids": [told.get("duty_grid_id") for told in columns],
            "paths": [told["path"] for told in columns],
            "seqs": [heads[row.id].seq for row, _, _ in moving],
            "hashes": [heads[row.id].hash for row, _, _ in moving],
        },
    )


def _tell(db: Session, doer: Doer, moving: Sequence[Any], heads: Mapping[UUID, Head], redrawn: Redrawn) -> None:
    """Name the new seal of every log in the audit, and tell the screens."""
    seals = [
        seal
        for row, _, _ in moving
        for seal in committed(row.id, row.number, heads[row.id].seq, heads[row.id].hash)[HEADS]
    ]
    for start in range(0, len(seals), _HEADS_AT_ONCE):
        changed = {"edition": redrawn.edition, HEADS: seals[start : start + _HEADS_AT_ONCE]}
        record(db, doer, "incident.move", changed=changed)
    announce(
        db,
        [Change("incident", str(row.id), heads[row.id].seq, redrawn.paths[holder]) for row, _, holder in moving],
    )
