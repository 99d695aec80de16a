"""
Tiles of incidents: single symbols near by, clusters from afar.

A cluster is what stands in one cell of the web map, three zooms below the tile: cells are the same for every tile and
reader, so a cluster keeps its place while one drags, and each incident is in exactly one. From afar nobody reads a
million rows: the tally holds the open ones, and what a reader sees beyond area paths, as its holder or reporter, is
added from the rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Select, and_, false, not_, select, union_all
from sqlalchemy.orm import Session

from gridmap.incidents.queries import _told_by, readable, taking_part
from gridmap.incidents.tables import Incident
from gridmap.incidents.tally import CELL_ZOOM, tally
from gridmap.people.queries import within
from gridmap.people.rules import Access, Scope
from gridmap.system.tiles import FRAME, WORLD_M, Clause, Tile, draw, layer, owned, pointed

_FINER: Final = 3
_FAR_UNTIL: Final = CELL_ZOOM - _FINER


def incident_tile(db: Session, tile: Tile, scope: Scope, now: datetime, *, as_of: datetime | None = None) -> bytes:
    """
    Draw the incidents of a tile that are open, or were open at an instant.

    Parameters
    ----------
    scope
        What the reader may see. Where only figures may be seen, incidents are counted by cell and stand in the cell's
        middle, never at their own place, and only as they are now.
    now
        Our clock: what is due before it is overdue.
    as_of
        The instant; None is now.

    Returns
    -------
    tile
        Layer ``incidents``. A single one: id, number, severity, state, category, overdue (0 or 1). A cluster: n, s1,
        s2, s3, s4 by severity, overdue (how many). One alone of which only figures may be seen: n, s1 ... s4, severity.
    """
    reader = _reader(scope)
    before, features = [FRAME], []
    if reader.sees:
        far = as_of is None and tile.z <= _FAR_UNTIL
        then = _THEN_FAR if tile.z <= _FAR_UNTIL else _THEN_NEAR
        before.append(reader.write(_CELLS if far else then if as_of else _NOW))
        features.append(reader.write(_FAR if far else _NEAR))
    if reader.counts and as_of is None:
        features.append(reader.write(_FIGURES))
    if not features:
        return b""
    values = tile.values() | reader.values | _cell_values(tile)
    values |= {"now": now if as_of is None else min(now, as_of), "as_of": as_of, "few": _few(tile.z)}
    return draw(db, [layer("incidents", "\nUNION ALL".join(features))], values, before=",".join(before))


def _few(z: int) -> int:
    """How many of one cell, an eighth of the tile wide, are still drawn one by one: 64 cells of them fit any tile."""
    return 1 if z <= 12 else 2 if z == 13 else 4 if z == 14 else 20


def _cell_values(tile: Tile) -> dict[str, Any]:
    """The cells of a tile: their zoom, and the tally's cells that they are made of."""
    zoom = tile.z + _FINER
    counted = min(zoom, CELL_ZOOM)
    down, up = max(CELL_ZOOM - tile.z, 0), max(tile.z - CELL_ZOOM, 0)
    return {
        "zoom": zoom,
        "shift": CELL_ZOOM - counted,
        "side": Tile(counted, 0, 0).side_m,
        "half": WORLD_M / 2,
        "x_from": tile.x << down >> up,
        "x_to": ((tile.x + 1) << down) - 1 >> up,
        "y_from": tile.y << down >> up,
        "y_to": ((tile.y + 1) << down) - 1 >> up,
    }


@dataclass(frozen=True)
class _Reader:
    """
    One scope, written out for the statements below.

    Attributes
    ----------
    rows
        Incidents that may be seen, by path, holder or reporter.
    below, beyond
        Of the tally, what lies below the paths; of the incidents, what may be seen and does not.
    figures
        Of the tally, what may be counted only.
    """

    rows: Clause
    below: Clause
    beyond: Clause
    figures: Clause
    sees: bool
    counts: bool

    def write(self, statement: str) -> str:
        """Put the conditions into a statement."""
        return statement.format(
            rows=self.rows.sql, below=self.below.sql, beyond=self.beyond.sql, figures=self.figures.sql
        )

    @property
    def values(self) -> dict[str, Any]:
        """The values of all its conditions."""
        return {**self.rows.values, **self.below.values, **self.beyond.values, **self.figures.values}


@lru_cache(maxsize=512)
def _reader(scope: Scope) -> _Reader:
    seen = replace(scope, paths=tuple((path, access) for path, access in scope.paths if access > Access.FIGURES))
    if scope.mine is Access.FIGURES:
        seen = replace(seen, person_id=None, department_ids=())
    counted = Scope(paths=tuple((path, access) for path, access in scope.paths if access is Access.FIGURES))
    paths = Scope(paths=seen.paths)
    return _Reader(
        rows=Clause.of(readable(seen), "rows_"),
        below=Clause.of(within(paths, tally.c.path), "below_"),
        beyond=Clause.of(and_(Incident.id.in_(_own(seen)), not_(within(paths, Incident.path))), "beyond_"),
        figures=Clause.of(and_(within(counted, tally.c.path), not_(within(paths, tally.c.path))), "figures_"),
        sees=not seen.empty,
        counts=not counted.empty,
    )


def _own(scope: Scope) -> Select[Any]:
    """What a reader holds, told of or takes part in: short looks into indexes, which one OR would not use."""
    queries: list[Select[Any]] = [select(Incident.id).where(false())]
    held = select(Incident.id).where(Incident.closed_at.is_(None))
    if scope.department_ids:
        queries.append(held.where(Incident.holder_department_id.in_(scope.department_ids)))
    if scope.person_id is not None:
        queries += [held.where(Incident.holder_person_id == scope.person_id), _told_by(scope.person_id)]
    if scope.department_ids or scope.person_id is not None:
        queries.append(taking_part(scope))
    return select(union_all(*queries).subquery("own").c[0])


_CELL: Final = "map_cell(ST_X(tile), :zoom) AS cell_x, map_cell(-ST_Y(tile), :zoom) AS cell_y"
_SINGLE: Final = "CAST(id AS text) AS id, number, CAST(severity AS integer) AS severity, state, category"
_LATE: Final = "coalesce(CAST(due_at < :now AS integer), 0) AS overdue"
_NO_SINGLE: Final = (
    "CAST(NULL AS text) AS id, CAST(NULL AS text) AS number, CAST(NULL AS integer) AS severity,"
    " CAST(NULL AS text) AS state, CAST(NULL AS text) AS category"
)
_NO_CLUSTER: Final = (
    "CAST(NULL AS bigint) AS n, CAST(NULL AS bigint) AS s1, CAST(NULL AS bigint) AS s2, CAST(NULL AS bigint) AS s3,"
    " CAST(NULL AS bigint) AS s4"
)
_TALLIED: Final = "cell_x BETWEEN :x_from AND :x_to AND cell_y BETWEEN :y_from AND :y_to"
_OWNED: Final = owned("tile")

# Cells from the tally and from what is the reader's own elsewhere, and how many are overdue in each.
_CELLS: Final = f"""
counted AS (
    SELECT cell_x >> :shift AS cell_x, cell_y >> :shift AS cell_y, sum(s1) AS s1, sum(s2) AS s2, sum(s3) AS s3,
        sum(s4) AS s4, sum(x_cm) AS x_cm, sum(y_cm) AS y_cm
    FROM incident_tally WHERE {_TALLIED} AND {{below}} GROUP BY 1, 2
    UNION ALL
    SELECT {_CELL}, count(*) FILTER (WHERE severity = 1), count(*) FILTER (WHERE severity = 2),
        count(*) FILTER (WHERE severity = 3), count(*) FILTER (WHERE severity = 4),
        sum(CAST(ST_X(tile) * 100 AS bigint)), sum(CAST(ST_Y(tile) * 100 AS bigint))
    FROM frame, incident WHERE closed_at IS NULL AND {_OWNED} AND {{beyond}} GROUP BY 1, 2
), cells AS (
    SELECT cell_x, cell_y, CAST(sum(s1) AS bigint) AS s1, CAST(sum(s2) AS bigint) AS s2, CAST(sum(s3) AS bigint) AS s3,
        CAST(sum(s4) AS bigint) AS s4, CAST(sum(s1 + s2 + s3 + s4) AS bigint) AS n,
        CAST(sum(x_cm) / 100 AS float8) AS x, CAST(sum(y_cm) / 100 AS float8) AS y
    FROM counted GROUP BY cell_x, cell_y
), late AS (
    SELECT {_CELL}, count(*) AS overdue
    FROM frame, incident WHERE closed_at IS NULL AND due_at < :now AND {_OWNED} AND {{rows}} GROUP BY 1, 2
)"""

# A cell with one alone shows that one: a look into the spatial index of the open ones for each.
_FAR: Final = f"""
SELECT {_NO_SINGLE}, coalesce(overdue, 0) AS overdue, n, s1, s2, s3, s4,
    {pointed("ST_SetSRID(ST_MakePoint(x / n, y / n), 3857)")} AS geom
FROM cells LEFT JOIN late USING (cell_x, cell_y) WHERE n > 1
UNION ALL
SELECT {_SINGLE}, {_LATE}, {_NO_CLUSTER}, {pointed("tile")} AS geom
FROM cells JOIN incident ON tile && ST_TileEnvelope(:zoom, cell_x, cell_y)
    AND map_cell(ST_X(tile), :zoom) = cell_x AND map_cell(-ST_Y(tile), :zoom) = cell_y
WHERE n = 1 AND closed_at IS NULL AND {{rows}}"""

_ROWS: Final = (
    f"SELECT {_SINGLE}, {_LATE}, tile, {_CELL} FROM frame, incident WHERE {_OWNED} AND {{{{rows}}}} AND {{open}}"
)
_CROWD: Final = "crowd AS (SELECT *, count(*) OVER (PARTITION BY cell_x, cell_y) AS crowd FROM ({rows}) AS row)"
_NOW: Final = _CROWD.format(rows=_ROWS.format(open="closed_at IS NULL"))
# As `gridmap.incidents.past` says it. Of those closed since, only the place in degrees is indexed; from afar the tile
# holds them all, and the times of closing narrow them better.
_LOGGED: Final = "FROM incident_log l WHERE l.incident_id = incident.id AND l.at <= :as_of"
_STATE_THEN: Final = f"coalesce((SELECT to_state {_LOGGED} ORDER BY seq DESC LIMIT 1), 'reported')"
_DUE_THEN: Final = (
    f"(SELECT CAST(data #>> '{{{{set,due_at}}}}' AS timestamptz) {_LOGGED} AND data -> 'set' ? 'due_at'"
    " ORDER BY seq DESC LIMIT 1)"
)
_NEAR_BY: Final = "place && ST_Expand(ST_Transform(box, 4326), 1e-7)"
_OPEN_THEN: Final = "occurred_at <= :as_of AND (closed_at IS NULL OR closed_at > :as_of)"


def _then(where: str) -> str:
    rows = _ROWS.format(open=where).replace(", state,", f", {_STATE_THEN} AS state,", 1)
    return _CROWD.format(rows=rows.replace("due_at < :now", f"{_DUE_THEN} < :now", 1))


_THEN_NEAR: Final = _then(f"{_NEAR_BY} AND {_OPEN_THEN}")
_THEN_FAR: Final = _then(_OPEN_THEN)
_MEAN: Final = "ST_SetSRID(ST_MakePoint(avg(ST_X(tile)), avg(ST_Y(tile))), 3857)"
_NEAR: Final = f"""
SELECT id, number, severity, state, category, overdue, {_NO_CLUSTER}, {pointed("tile")} AS geom
FROM crowd WHERE crowd <= :few
UNION ALL
SELECT {_NO_SINGLE}, sum(overdue), count(*), count(*) FILTER (WHERE severity = 1),
    count(*) FILTER (WHERE severity = 2), count(*) FILTER (WHERE severity = 3), count(*) FILTER (WHERE severity = 4),
    {pointed(_MEAN)} AS geom
FROM crowd WHERE crowd > :few GROUP BY cell_x, cell_y"""

_FIGURES: Final = f"""
SELECT CAST(NULL AS text) AS id, CAST(NULL AS text) AS number,
    CASE WHEN n = 1 THEN CAST(s1 + 2 * s2 + 3 * s3 + 4 * s4 AS integer) END AS severity, CAST(NULL AS text) AS state,
    CAST(NULL AS text) AS category, CAST(NULL AS bigint) AS overdue, n, s1, s2, s3, s4, {pointed("middle")} AS geom
FROM frame, LATERAL (
    SELECT *, s1 + s2 + s3 + s4 AS n,
        ST_SetSRID(ST_MakePoint((x + 0.5) * :side - :half, :half - (y + 0.5) * :side), 3857) AS middle
    FROM (
        SELECT cell_x >> :shift AS x, cell_y >> :shift AS y, sum(s1) AS s1, sum(s2) AS s2, sum(s3) AS s3, sum(s4) AS s4
        FROM incident_tally WHERE {_TALLIED} AND {{figures}} GROUP BY 1, 2
    ) AS cell OFFSET 0
) AS figure
WHERE n > 0 AND {owned("middle")}"""
