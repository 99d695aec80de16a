"""Publish a plan of forty grids with all that is open on them, and count a million incidents on another edition."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from uuid import UUID

import numpy as np
import shapely
from numpy.typing import NDArray
from serving import SRID, database, load_coverage
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.coverage.edit import Merge, Sheet
from geodata.crs import shapes_to_lonlat
from gridmap.database import straight
from gridmap.grids.drafts import GridDraft
from gridmap.grids.publishing import publish_coverage, wait_for_turn
from gridmap.people.rules import Actor, Grant, Role
from gridmap.planning.actions import PlanDraft, begin_plan
from gridmap.planning.drafting import draft_of
from gridmap.planning.editing import apply_edit
from gridmap.planning.preparing import prepare
from gridmap.planning.publishing import publish_due
from gridmap.planning.restating import restate
from gridmap.system.audit import Doer

GRIDS, PAIRS, PLANS = 767, 20, 3
HOUSES, OPEN = 72, 8_000
INCIDENTS = 1_000_000
NOW = datetime(2026, 11, 21, tzinfo=UTC)
CLOCK = Doer(None, "system")
_TICKS = os.sysconf("SC_CLK_TCK")


def publish_plan(grids: int = GRIDS) -> Iterator[str]:
    """
    Publish plans that redraw 40 grids each, with all that stands and is open on them: seconds from turn to commit.

    What is worked out before the turn, while everybody else goes on, is told beside it; so is the whole coverage
    staged anew in the same run, which is how an edition comes in from a file.
    """
    with database() as (db, _):
        district = load_coverage(db, grids)
        author, approver = (_planner(db, district, login) for login in ("author", "approver"))
        _populate(db)
        db.commit()
        draft = draft_of(db, _begun(db, author))
        pairs = _pairs(draft.sheet, PLANS * PAIRS)
        taken = []
        for nth in range(PLANS):
            plan_id = _drawn(db, author, approver, pairs[nth::PLANS])
            db.commit()
            ahead, turn = _published(db, plan_id)
            taken.append(turn)
            moved = db.execute(
                text("SELECT changed FROM audit WHERE action = 'plan.publish' ORDER BY at DESC LIMIT 1")
            ).scalar_one()
            yield (
                f"{2 * PAIRS} of {grids:,} grids in {turn.told()}, after {ahead.told()} of working out while everybody"
                f" goes on: the whole coverage proven; {moved['incidents']} open incidents, {moved['sites']} houses,"
                f" {moved['devices']} cameras, {moved['assignments']} roles moved"
            )
        yield (
            f"median of {PLANS}: {median(turn.wall_s for turn in taken):.2f} s from turn to commit,"
            f" {median(turn.here_s + turn.server_s for turn in taken):.2f} CPU s"
        )
        yield f"the same by staging all {grids:,} grids, with nothing moved: {_staged(db, district):.2f} s"


@dataclass(frozen=True)
class _Took:
    """Seconds that something took: by the clock, of CPU in this process, of CPU in the database."""

    wall_s: float
    here_s: float
    server_s: float

    def told(self) -> str:
        """In words."""
        return f"{self.wall_s:.2f} s ({self.here_s:.2f} CPU s here, {self.server_s:.2f} in the database)"


def _published(db: Session, plan_id: UUID) -> tuple[_Took, _Took]:
    """Publish a plan as the job does: what preparing it took, and what its turn took until it was committed."""
    marks = [(time.perf_counter(), *_cpu(db))]
    ready = prepare(db, plan_id)
    marks.append((time.perf_counter(), *_cpu(db)))
    wait_for_turn(db)
    done = publish_due(db, CLOCK, plan_id, datetime.now(UTC), ready)
    db.commit()
    marks.append((time.perf_counter(), *_cpu(db)))
    assert done is not None
    assert done.edition is not None, done.sentence
    ahead, turn = (_Took(*(b - a for a, b in zip(*pair, strict=True))) for pair in pairwise(marks))
    return ahead, turn


def restate_incidents(incidents: int = INCIDENTS) -> Iterator[str]:
    """Count a million incidents on the grids of another edition: CPU seconds, beside a join in PostGIS."""
    with database() as (db, _):
        district = load_coverage(db, GRIDS)
        _scatter(db, incidents)
        drafts = _drafts(db)
        publish_coverage(
            db,
            district,
            [*drafts[:-1], _renamed(drafts[-1])],
            base_edition=1,
            effective_at=NOW - timedelta(days=30),
        )
        db.commit()
        db.execute(text("ANALYZE incident"))
        since, until = NOW - timedelta(days=400), NOW
        restate(db, 1, since, until)  # the index of the edition is there once somebody asked for it
        own, server = _cpu(db)
        found = restate(db, 1, since, until)
        own_2, server_2 = _cpu(db)
        counted = {grid.id: sum(grid.by_severity) for grid in found}
        joined, joined_s = _joined(db, since, until)
        same = sum(counted[grid] == n for grid, n in joined.items())
        mine = own_2 - own + server_2 - server
        yield (
            f"{sum(counted.values()):,} of {incidents:,} incidents on {len(counted)} grids of edition 1:"
            f" {mine:.2f} CPU s ({own_2 - own:.2f} here, {server_2 - server:.2f} in the database); PostGIS, grids"
            f" driving, {joined_s:.2f} CPU s, {joined_s / mine:.1f} x; {same} of {len(joined)} counts equal"
        )


def _planner(db: Session, district: int, login: str) -> Actor:
    person = db.scalar(text("INSERT INTO person (login, name) VALUES (:login, :login) RETURNING id"), {"login": login})
    grants = (Grant(Role.PLANNER, str(district), area_id=district),)
    return Actor("person", person, login, login, "en", grants, Doer(person, "planner"))


def _populate(db: Session) -> None:
    """Houses in every grid, a chief and a worker, a camera in most, and open incidents all over."""
    rng = np.random.default_rng(7)
    rows = straight(
        db,
        "SELECT grid_id, path::text AS path, ST_AsBinary(plane) AS plane FROM grid_version ORDER BY grid_id",
        {},
    )
    planes = shapely.from_wkb([bytes(row.plane) for row in rows])
    homes, xy = _points_in(planes, HOUSES, rng)
    shapes = shapes_to_lonlat(shapely.box(xy[:, 0] - 6, xy[:, 1] - 6, xy[:, 0] + 6, xy[:, 1] + 6), SRID)
    straight(
        db,
        "INSERT INTO site (id, kind, name, shape, grid_id, path, households, valid)"
        " SELECT gen_random_uuid(), 'building', 'house', ST_GeomFromWKB(s, 4326), g, p, 5, '[2026-01-01,)'"
        " FROM unnest(CAST(%(s)s AS bytea[]), CAST(%(g)s AS bigint[]), CAST(%(p)s AS ltree[])) AS h (s, g, p)",
        {
            "s": list(shapely.to_wkb(shapes)),
            "g": [rows[n].grid_id for n in homes],
            "p": [rows[n].path for n in homes],
        },
    )
    straight(
        db,
        "WITH made AS (INSERT INTO device (code, kind, name, grid_id, path) SELECT 'cam-' || grid_id, 'camera',"
        "  'camera', grid_id, path FROM grid_version RETURNING id, grid_id)"
        " INSERT INTO device_pose (device_id, valid, place) SELECT made.id, '[2026-01-01,)',"
        "  ST_PointOnSurface(v.shape) FROM made JOIN grid_version v USING (grid_id)",
        {},
    )
    straight(
        db,
        "WITH who AS (INSERT INTO person (login, name) SELECT role || '-' || grid_id, role FROM grid_version,"
        "  unnest(ARRAY['chief', 'worker']) AS role RETURNING id, login)"
        " INSERT INTO assignment (person_id, role, grid_id, path, valid) SELECT who.id, split_part(login, '-', 1),"
        "  grid_id, path, '[2026-01-01,)' FROM who"
        "  JOIN grid_version v ON v.grid_id = split_part(login, '-', 2)::bigint",
        {},
    )
    _open_incidents(db, rows, planes, rng)


def _points_in(planes: NDArray[np.object_], n: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray]:
    """About n points in every polygon: the number of the polygon, and the place in metres."""
    bounds = shapely.bounds(planes)
    grid = np.repeat(np.arange(len(planes)), n * 2)
    xy = rng.uniform(bounds[grid, :2], bounds[grid, 2:])
    inside = shapely.contains_xy(planes[grid], xy[:, 0], xy[:, 1])
    return grid[inside], xy[inside]


def _open_incidents(db: Session, rows: list, planes: NDArray[np.object_], rng: np.random.Generator) -> None:
    grid, xy = _points_in(planes, OPEN // len(planes) + 1, rng)
    places = shapes_to_lonlat(shapely.points(xy), SRID)
    straight(
        db,
        "INSERT INTO incident (id, number, severity, state, source, place, placed, duty_grid_id, path, occurred_at,"
        " seq, log_hash, certainty) SELECT gen_random_uuid(), 'n-' || n, 3, 'filed', 'patrol', ST_GeomFromWKB(s, 4326),"
        " 'inside', g, p, '2026-11-01', 1, '\\x00', 'review'"
        " FROM unnest(CAST(%(s)s AS bytea[]), CAST(%(g)s AS bigint[]), CAST(%(p)s AS ltree[]))"
        " WITH ORDINALITY AS i (s, g, p, n)",
        {
            "s": list(shapely.to_wkb(places)),
            "g": [rows[n].grid_id for n in grid],
            "p": [rows[n].path for n in grid],
        },
    )
    db.execute(text("ANALYZE"))


def _pairs(sheet: Sheet, wanted: int) -> list[tuple[str, str]]:
    """Pairs of grids of one community with a long common border, no two of them neighbours."""
    found: list[tuple[str, str]] = []
    used: set[str] = set()
    for one in list(sheet.plots.values()):
        for key in sheet.near(one.plane.bounds):
            other = sheet.plots[key]
            if {one.id, key} & used or key == one.id or other.community != one.community:
                continue
            if one.plane.intersection(other.plane).length > 50:
                found.append((one.id, key))
                used |= {one.id, key, *sheet.near(one.plane.bounds), *sheet.near(other.plane.bounds)}
        if len(found) == wanted:
            return found
    raise ValueError(f"only {len(found)} pairs of grids stand apart")


def _begun(db: Session, author: Actor) -> UUID:
    plan_id = uuid.uuid4()
    begin_plan(db, author, PlanDraft(plan_id, "bench"), NOW)
    return plan_id


def _drawn(db: Session, author: Actor, approver: Actor, pairs: list[tuple[str, str]]) -> UUID:
    """A plan that makes one grid of every pair, approved as the pages would have it."""
    plan_id = _begun(db, author)
    for pair in pairs:
        apply_edit(db, author, plan_id, uuid.uuid4(), Merge(pair), NOW)
    db.execute(
        text(
            "UPDATE plan SET state = 'approved', approver_id = :who, approved_at = :at, publish_at = :at WHERE id = :id"
        ),
        {"who": approver.id, "at": NOW - timedelta(days=1), "id": plan_id},
    )
    return plan_id


def _drafts(db: Session) -> list[GridDraft]:
    rows = straight(
        db,
        "SELECT code, name, names, kind, households, subpath(path, 0, -1)::text AS path, ST_AsBinary(plane) AS plane,"
        " (SELECT a.code FROM area_version a WHERE a.area_id = community_id AND upper_inf(a.valid)) AS community"
        " FROM grid_version WHERE upper_inf(valid) ORDER BY code",
        {},
    )
    return [
        GridDraft(row.code, row.name, row.kind, row.community, row.households, shapely.from_wkb(bytes(row.plane)),
                  row.names)
        for row in rows
    ]  # fmt: skip


def _renamed(draft: GridDraft) -> GridDraft:
    return GridDraft(draft.code, "renamed", draft.kind, draft.community_code, 401, draft.plane, draft.names)


def _staged(db: Session, district: int) -> float:
    """Publish the whole coverage once more with one grid changed."""
    drafts = _drafts(db)
    edition = db.scalar(text("SELECT edition_n FROM district"))
    began = time.perf_counter()
    publish_coverage(
        db, district, [*drafts[:-1], _renamed(drafts[-1])], base_edition=edition, effective_at=datetime.now(UTC)
    )
    db.commit()
    return time.perf_counter() - began


def _scatter(db: Session, n: int) -> None:
    """Closed incidents of a year, all over the district."""
    db.execute(text("SET synchronous_commit = off"))
    db.execute(
        text(
            "INSERT INTO incident (id, number, severity, state, source, place, placed, certainty, path, occurred_at,"
            " closed_at, seq, log_hash) SELECT gen_random_uuid(), 'n-' || n, 1 + n % 4, 'closed', 'patrol',"
            " ST_SetSRID(ST_MakePoint(ST_XMin(b.box) + random() * (ST_XMax(b.box) - ST_XMin(b.box)),"
            "  ST_YMin(b.box) + random() * (ST_YMax(b.box) - ST_YMin(b.box))), 4326), 'inside', 'review', '1',"
            " timestamptz '2025-12-01' + n * interval '30 s', timestamptz '2025-12-02' + n * interval '30 s', 1,"
            " '\\x00'"
            " FROM generate_series(1, :n) AS n, (SELECT ST_Extent(shape) AS box FROM grid_version) b"
        ),
        {"n": n},
    )


def _joined(db: Session, since: datetime, until: datetime) -> tuple[dict[int, int], float]:
    """The same by PostGIS alone, the grids driving, so that each polygon is prepared once."""
    _, before = _cpu(db)
    rows = db.execute(
        text(
            "SELECT v.grid_id, n.n FROM grid_version v JOIN edition e ON e.n = 1 AND v.valid @> e.effective_at,"
            " LATERAL (SELECT count(*) AS n FROM incident i WHERE i.place && v.shape"
            "  AND ST_Intersects(v.shape, i.place) AND i.occurred_at >= :since AND i.occurred_at < :until) n"
        ),
        {"since": since, "until": until},
    ).all()
    return {grid: n for grid, n in rows}, _cpu(db)[1] - before  # noqa: C416 - rows are not pairs to a type checker


def _cpu(db: Session) -> tuple[float, float]:
    """CPU seconds of this process and of the backend that serves it."""
    pid = db.scalar(text("SELECT pg_backend_pid()"))
    with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
        fields = stat.read().rsplit(")", 1)[1].split()
    return time.process_time(), (int(fields[11]) + int(fields[12])) / _TICKS
