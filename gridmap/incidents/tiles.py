"""
Tiles of incidents: single symbols near by, clusters from afar.

A cluster is what stands in one cell of the web map, three zooms below the tile: cells are the same for every tile and
reader, so a cluster keeps its place while one drags, and each incident is in exactly one. From afar nobody reads a
million rows: `incident_tally` holds the open ones by community and cell (see its migration), and what a reader sees
beyond area paths, as its holder or reporter, is added from the rows.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    case,
    column,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    table,
    text,
    union_all,
)
from sqlalchemy.orm import Session

from gridmap.incidents.queries import _told_by, readable
from gridmap.incidents.tables import Incident
from gridmap.people.queries import within
from gridmap.people.rules import Access, Scope
from gridmap.system.tiles import Tile, draw, layer

TALLY_ZOOM: Final = 15
"""The cells that open incidents are counted by."""
_FINER: Final = 3
_FAR_UNTIL: Final = TALLY_ZOOM - _FINER
_FOLD_LOCK: Final = 7673

_tally = table(
    "incident_tally",
    column("path"),
    *(column(name, Integer) for name in ("cell_x", "cell_y", "s1", "s2", "s3", "s4")),
    *(column(name, BigInteger) for name in ("x_cm", "y_cm")),
)
_SEVERITIES = (1, 2, 3, 4)


def incident_tile(db: Session, tile: Tile, scope: Scope, now: datetime, *, as_of: datetime | None = None) -> bytes:
    """
    Draw the incidents of a tile that are open, or were open at an instant.

    Parameters
    ----------
    scope
        What the reader may see. Where only figures may be seen, incidents are counted by cell and stand in the cell's
        middle, never at their own place.
    now
        Our clock: what is due before it is overdue.
    as_of
        The instant; None is now.

    Returns
    -------
    tile
        Layer ``incidents``. A single one: id, number, severity, state, category, overdue (0 or 1). A cluster: n, s1,
        s2, s3, s4 by severity, overdue (how many); of one incident alone, where only figures may be seen, severity too.
    """
    seen = replace(scope, paths=tuple((path, access) for path, access in scope.paths if access > Access.FIGURES))
    if scope.mine is Access.FIGURES:
        seen = replace(seen, person_id=None, department_ids=())
    counted = Scope(paths=tuple((path, access) for path, access in scope.paths if access is Access.FIGURES))
    parts: list[Select[Any]] = []
    if not seen.empty:
        if as_of is None and tile.z <= _FAR_UNTIL:
            parts += _from_afar(tile, seen, now)
        else:
            parts += _near_by(tile, seen, min(now, as_of or now), as_of)
    if not counted.empty and as_of is None:
        parts.append(_figures(tile, counted, seen))
    if not parts:
        return b""
    rows = union_all(*parts).subquery("features") if len(parts) > 1 else parts[0].subquery("features")
    return draw(db, layer("incidents", select(rows)))


def fold_tally(db: Session) -> int:
    """
    Add up the rows of the tally that speak of the same cell; one process at a time, the others find nothing to do.

    Returns
    -------
    folded
        How many rows became one, or none where the sum is nothing.
    """
    if not db.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _FOLD_LOCK}):
        return 0
    return (
        db.scalar(
            text(
                "WITH many AS (SELECT path, cell_x, cell_y FROM incident_tally GROUP BY 1, 2, 3 HAVING count(*) > 1"
                "  OR sum(s1 + s2 + s3 + s4) = 0),"
                " gone AS (DELETE FROM incident_tally t USING many m WHERE t.cell_x = m.cell_x AND t.cell_y = m.cell_y"
                "  AND t.path = m.path RETURNING t.*),"
                " kept AS (INSERT INTO incident_tally SELECT path, cell_x, cell_y, sum(s1), sum(s2), sum(s3), sum(s4),"
                "  sum(x_cm), sum(y_cm) FROM gone GROUP BY 1, 2, 3 HAVING sum(s1 + s2 + s3 + s4) <> 0)"
                " SELECT count(*) FROM gone"
            )
        )
        or 0
    )


def _from_afar(tile: Tile, scope: Scope, now: datetime) -> list[Select[Any]]:
    """Clusters of the tally and of what the reader holds or told of; where a cell has but one, that one itself."""
    zoom = tile.z + _FINER
    open_now = Incident.closed_at.is_(None)
    mine = and_(open_now, tile.owns(Incident.tile), Incident.id.in_(_mine(scope)), not_(_below(scope, Incident.path)))
    counted = union_all(
        select(
            *_cell_of_tally(zoom), *(func.sum(_tally.c[f"s{s}"]).label(f"s{s}") for s in _SEVERITIES), *_sums_of_tally()
        )
        .where(_cells_of(tile), _below(scope, _tally.c.path))
        .group_by(text("1"), text("2")),
        select(*_cell(zoom), *_by_severity(), *_sums()).where(mine).group_by(text("1"), text("2")),
    ).subquery("counted")
    names = [c.name for c in counted.c][2:]
    cells = (
        select(counted.c.cell_x, counted.c.cell_y, *(func.sum(counted.c[name]).label(name) for name in names))
        .group_by(counted.c.cell_x, counted.c.cell_y)
        .cte("cells")
    )
    late = (
        select(*_cell(zoom), func.count().label("overdue"))
        .where(open_now, Incident.due_at < now, tile.owns(Incident.tile), readable(scope))
        .group_by(text("1"), text("2"))
        .subquery("late")
    )
    n = cells.c.s1 + cells.c.s2 + cells.c.s3 + cells.c.s4
    middle = _point(cells.c.x_cm / (100.0 * n), cells.c.y_cm / (100.0 * n))
    clusters = (
        select(
            *_no_single(),
            func.coalesce(late.c.overdue, 0).label("overdue"),
            n.label("n"),
            *(cells.c[f"s{s}"] for s in _SEVERITIES),
            tile.drawn(middle).label("geom"),
        )
        .select_from(cells)
        .outerjoin(late, and_(late.c.cell_x == cells.c.cell_x, late.c.cell_y == cells.c.cell_y))
        .where(n > 1)
    )
    # A lone one is found by the corner of its cell: a few look-ups in the spatial index of the open ones.
    alone = (
        select(*_single(Incident.due_at < now), *_no_cluster(), tile.drawn(Incident.tile).label("geom"))
        .select_from(cells)
        .join(
            Incident,
            and_(
                Incident.tile.op("&&", is_comparison=True)(_box(cells.c.cell_x, cells.c.cell_y, zoom)),
                _in_cell(zoom, cells.c.cell_x, cells.c.cell_y),
            ),
        )
        .where(n == 1, open_now, readable(scope))
    )
    return [clusters, alone]


def _near_by(tile: Tile, scope: Scope, now: datetime, as_of: datetime | None) -> list[Select[Any]]:
    """Rows of the tile itself; cells that hold more than a few become clusters."""
    zoom = tile.z + _FINER
    was_open = (
        Incident.closed_at.is_(None)
        if as_of is None
        else and_(Incident.occurred_at <= as_of, or_(Incident.closed_at.is_(None), Incident.closed_at > as_of))
    )
    late = and_(Incident.due_at.is_not(None), Incident.due_at < now)
    inside = tile.owns(Incident.tile) if as_of is None else _owns_by_place(tile)
    rows = (
        select(
            *_single(late),
            *_cell(zoom),
            Incident.tile.label("at"),
            func.count().over(partition_by=_cell(zoom)).label("n"),
        )
        .where(was_open, inside, readable(scope))
        .cte("rows")
    )
    few = _few(tile.z)
    point = func.ST_SetSRID(rows.c["at"], 3857, type_=None)
    singles = select(
        *(rows.c[name] for name in _SINGLE), rows.c.overdue, *_no_cluster(), tile.drawn(point).label("geom")
    ).where(rows.c.n <= few)
    x, y = func.avg(func.ST_X(rows.c["at"])), func.avg(func.ST_Y(rows.c["at"]))
    clusters = (
        select(
            *_no_single(),
            func.sum(rows.c.overdue).label("overdue"),
            func.count().label("n"),
            *(func.count().filter(rows.c.severity == s).label(f"s{s}") for s in _SEVERITIES),
            tile.drawn(_point(x, y)).label("geom"),
        )
        .where(rows.c.n > few)
        .group_by(rows.c.cell_x, rows.c.cell_y)
    )
    return [singles, clusters]


def _few(z: int) -> int:
    """How many of one cell, an eighth of the tile wide, are still drawn one by one: 64 cells of them fit any tile."""
    return 1 if z <= 12 else 2 if z == 13 else 4 if z == 14 else 20


def _figures(tile: Tile, counted: Scope, seen: Scope) -> Select[Any]:
    """Counts alone, in the middle of cells no smaller than the tally's."""
    zoom = min(tile.z + _FINER, TALLY_ZOOM)
    side = Tile(zoom, 0, 0).side_m
    sums = [func.sum(_tally.c[f"s{s}"]).label(f"s{s}") for s in _SEVERITIES]
    cells = (
        select(*_cell_of_tally(zoom), *sums)
        .where(_below(counted, _tally.c.path), not_(_below(seen, _tally.c.path)))
        .group_by(text("1"), text("2"))
        .subquery("figures")
    )
    west, _, _, north = Tile(0, 0, 0).bounds
    middle = _point(west + (cells.c.cell_x + 0.5) * side, north - (cells.c.cell_y + 0.5) * side)
    n = cells.c.s1 + cells.c.s2 + cells.c.s3 + cells.c.s4
    only = case((n == 1, cells.c.s1 + 2 * cells.c.s2 + 3 * cells.c.s3 + 4 * cells.c.s4))
    return select(
        *(null().cast(Text).label(name) for name in ("id", "number")),
        only.label("severity"),
        *(null().cast(Text).label(name) for name in ("state", "category")),
        null().cast(Integer).label("overdue"),
        n.label("n"),
        *(cells.c[f"s{s}"] for s in _SEVERITIES),
        tile.drawn(middle).label("geom"),
    ).where(n > 0, tile.owns(middle))


_SINGLE: Final = ("id", "number", "severity", "state", "category")


def _single(late: ColumnElement[bool]) -> list[ColumnElement[Any]]:
    return [
        func.text(Incident.id).label("id"),
        Incident.number.expression,
        Incident.severity.cast(Integer).label("severity"),
        Incident.state.expression,
        Incident.category.expression,
        func.coalesce(late.cast(Integer), 0).label("overdue"),
    ]


def _no_single() -> list[ColumnElement[Any]]:
    return [null().cast(Integer if name == "severity" else Text).label(name) for name in _SINGLE]


def _no_cluster() -> list[ColumnElement[Any]]:
    return [null().cast(BigInteger).label(name) for name in ("n", "s1", "s2", "s3", "s4")]


def _below(scope: Scope, path: Any) -> ColumnElement[bool]:
    return within(Scope(paths=scope.paths), path) if scope.paths else false()


def _mine(scope: Scope) -> Select[Any]:
    """Open incidents that the reader holds or told of: three short looks into indexes, joined."""
    queries: list[Select[Any]] = []
    if scope.department_ids:
        queries.append(select(Incident.id).where(Incident.holder_department_id.in_(scope.department_ids)))
    if scope.person_id is not None:
        queries += [select(Incident.id).where(Incident.holder_person_id == scope.person_id), _told_by(scope.person_id)]
    open_ones = [query.where(Incident.closed_at.is_(None)) for query in queries[:-1]] + queries[-1:]
    if not queries:
        return select(Incident.id).where(false())
    return select(union_all(*open_ones).subquery("mine"))


def _cell(zoom: int, point: Any = Incident.tile) -> list[ColumnElement[Any]]:
    return [
        func.map_cell(func.ST_X(point), zoom, type_=Integer()).label("cell_x"),
        func.map_cell(-func.ST_Y(point), zoom, type_=Integer()).label("cell_y"),
    ]


def _in_cell(zoom: int, x: Any, y: Any) -> ColumnElement[bool]:
    of_x, of_y = (cell.element for cell in _cell(zoom))  # type: ignore[attr-defined]
    return and_(of_x == x, of_y == y)


def _box(x: Any, y: Any, zoom: int) -> ColumnElement[Any]:
    return func.ST_TileEnvelope(literal(zoom), x, y, type_=None)


def _cell_of_tally(zoom: int) -> list[ColumnElement[Any]]:
    shift = TALLY_ZOOM - zoom
    return [_tally.c[name].op(">>", return_type=Integer())(shift).label(name) for name in ("cell_x", "cell_y")]


def _cells_of(tile: Tile) -> ColumnElement[bool]:
    """The tally's cells that lie in a tile no smaller than they are."""
    finer = TALLY_ZOOM - tile.z
    return and_(
        _tally.c.cell_x.between(tile.x << finer, ((tile.x + 1) << finer) - 1),
        _tally.c.cell_y.between(tile.y << finer, ((tile.y + 1) << finer) - 1),
    )


def _by_severity() -> list[ColumnElement[Any]]:
    return [func.count().filter(Incident.severity == s).label(f"s{s}") for s in _SEVERITIES]


def _sums_of_tally() -> list[ColumnElement[Any]]:
    return [func.sum(_tally.c.x_cm).label("x_cm"), func.sum(_tally.c.y_cm).label("y_cm")]


def _sums() -> list[ColumnElement[Any]]:
    return [
        func.sum(func.round(func.ST_X(Incident.tile) * 100)).cast(BigInteger).label("x_cm"),
        func.sum(func.round(func.ST_Y(Incident.tile) * 100)).cast(BigInteger).label("y_cm"),
    ]


def _point(x: Any, y: Any) -> Any:
    return func.ST_SetSRID(func.ST_MakePoint(x, y, type_=None), 3857, type_=None)


def _owns_by_place(tile: Tile) -> ColumnElement[bool]:
    """Of all incidents, closed ones too, only the place in degrees is indexed."""
    box = func.ST_Transform(tile.envelope(), 4326, type_=None)
    return and_(
        Incident.place.op("&&", is_comparison=True)(func.ST_Expand(box, 1e-7, type_=None)), tile.owns(Incident.tile)
    )
