"""Tiles beside tipg, which makes them from the same rows, and incidents from afar beside ST_AsMVT over all of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import quote

from scattering import scatter
from serving import Client, Server, backends_cpu_s, database, load_coverage, process_cpu_s, serving, sign_in, web
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from gridmap.incidents.tiles import incident_tile
from gridmap.people.rules import Access, Scope
from gridmap.postgis import DatabaseUrls
from gridmap.system.tiles import Tile

GRIDS = 767
CENTRE = (114.20, 35.72)
ROUNDS = 150
INCIDENTS = 1_000_000
_TURNS = 5


def tiles(rounds: int = ROUNDS) -> Iterator[str]:
    """Serve one tile of 767 grids: drawn, from the cache, and unchanged; CPU time of web and database beside tipg's."""
    with database() as (db, urls):
        district = load_coverage(db, GRIDS)
        cookie = sign_in(db, district)
        db.execute(text("CREATE SCHEMA bench"))
        db.execute(
            text(
                "CREATE VIEW bench.grids_now AS SELECT grid_id, code, name, names ->> 'en' AS name_en, kind,"
                " community_id, shape FROM grid_version WHERE upper_inf(valid) AND upper_inf(recorded)"
            )
        )
        db.commit()
        with serving(*web(urls)) as ours, serving(*_tipg(urls)) as peer:
            yield from _compare(ours, peer, cookie, tile_at(12), urls.owner, rounds)


def _compare(ours: Server, peer: Server, cookie: str, tile: Tile, owner: str, rounds: int) -> Iterator[str]:
    us = Client(ours, {"Cookie": cookie, "Accept-Encoding": "gzip"})
    them = Client(peer, {"Accept-Encoding": "gzip"})
    path = f"/tiles/grids/{tile.z}/{tile.x}/{tile.y}.mvt"
    other = f"/collections/bench.grids_now/tiles/WebMercatorQuad/{tile.z}/{tile.x}/{tile.y}"
    _, body, head = us.get(f"{path}?v=1")

    def drawn(n: int) -> int:
        # An instant of its own each time: the same grids, and never the same key of the cache.
        return us.get(f"{path}?v=1&as_of={quote(f'2026-06-01T00:00:00.{n:06d}+00:00')}")[0]

    costs = _cpu_ms(
        {
            "tipg": (peer, lambda _: them.get(other)[0], rounds),
            "drawn": (ours, drawn, rounds),
            "cached": (ours, lambda _: us.get(f"{path}?v=1")[0], rounds * 4),
            "unchanged": (ours, lambda _: us.get(f"{path}?v=1", **{"If-None-Match": head["ETag"]})[0], rounds * 4),
        },
        owner,
    )
    sizes = f"{len(body) / 1000:.0f} kB gzip with names and labels, tipg's {len(them.get(other)[1]) / 1000:.0f} kB"
    yield (
        f"tile z{tile.z} of {GRIDS} grids, drawn: {costs['drawn']:.2f} CPU ms, tipg {costs['tipg']:.2f} CPU ms, "
        f"{costs['drawn'] / costs['tipg']:.2f} x; {sizes}"
    )
    yield (
        f"cached: {1000 / costs['cached']:.0f} tiles a CPU second, tipg {1000 / costs['tipg']:.0f}, "
        f"{costs['tipg'] / costs['cached']:.1f} x; unchanged (304): {costs['unchanged']:.2f} CPU ms, "
        f"{costs['unchanged'] / costs['cached']:.2f} x a hit"
    )


def _cpu_ms(kinds: dict[str, tuple[Server, Callable[[int], int], int]], owner: str) -> dict[str, float]:
    """CPU milliseconds of web and database together for one answer of each kind, in turns: the machine is noisy."""
    spent = dict.fromkeys(kinds, 0.0)
    for turn in range(_TURNS + 1):
        for name, (server, ask, rounds) in kinds.items():
            before = server.cpu_s() + backends_cpu_s(owner)
            for n in range(rounds // _TURNS):
                assert ask(turn * rounds + n) in (200, 304)
            # The first turn warms up.
            spent[name] += (server.cpu_s() + backends_cpu_s(owner) - before) if turn else 0
    return {name: spent[name] / rounds * 1000 for name, (_, _, rounds) in kinds.items()}


def _tipg(urls: DatabaseUrls) -> tuple[list[str], dict[str, str]]:
    url = make_url(urls.owner)
    host, port = url.query.get("host", url.host), url.query.get("port", url.port or 5432)
    address = f"postgresql://{url.username}:unused@{quote(str(host), safe='')}:{port}/{url.database}"
    command = ["uvicorn", "tipg.main:app", "--port", "{port}", "--log-level", "error", "--no-access-log"]
    command += ["--timeout-keep-alive", "75"]
    return command, {"DATABASE_URL": address, "TIPG_DB_SCHEMAS": '["bench"]'}


def far_incidents(count: int = INCIDENTS) -> Iterator[str]:
    """Draw a million open incidents at zoom 8: database CPU time beside `ST_AsMVT` over the rows themselves."""
    with database() as (db, _):
        district = load_coverage(db, GRIDS)
        scatter(db, count)
        # So that one process does all the work that is counted.
        db.execute(text("SET max_parallel_workers_per_gather = 0"))
        scope = Scope(paths=((str(district), Access.FULL),), person_id=1, mine=Access.FULL)
        now = datetime.now(UTC)
        tile = tile_at(8)
        raw_ms, raw = _backend_ms(db, lambda: _raw(db, tile), 1)
        our_ms, ours = _backend_ms(db, lambda: incident_tile(db, tile, scope, now), 5)
        yield (
            f"{count:,} open incidents at z8: {our_ms:.0f} CPU ms and {len(ours) / 1000:.1f} kB, ST_AsMVT over the"
            f" rows {raw_ms:.0f} CPU ms and {len(raw) / 1000:,.0f} kB, 1/{raw_ms / our_ms:.0f}"
        )
        largest = max((len(incident_tile(db, tile_at(z), scope, now)), z) for z in range(5, 19))
        yield f"the largest of these tiles at any zoom: {largest[0] / 1000:.0f} kB, at z{largest[1]} (limit 500 kB)"


def _raw(db: Session, tile: Tile) -> bytes:
    west, south, east, north = tile.bounds
    made = db.scalar(
        text(
            "WITH box AS (SELECT ST_MakeEnvelope(:west, :south, :east, :north, 3857) AS box)"
            " SELECT ST_AsMVT(row, 'incidents', 4096, 'geom') FROM (SELECT id::text, number, severity, state, category,"
            " due_at < now() AS overdue, ST_AsMVTGeom(tile, box, 4096, 64) AS geom FROM incident, box"
            " WHERE tile && box AND closed_at IS NULL) AS row"
        ),
        {"west": west, "south": south, "east": east, "north": north},
    )
    return bytes(made)


def _backend_ms(db: Session, work: Callable[[], bytes], rounds: int) -> tuple[float, bytes]:
    """CPU milliseconds of this session's backend for one run of `work`, warm, and what it made."""
    pid = db.scalar(text("SELECT pg_backend_pid()"))
    made = work()
    before = process_cpu_s(pid)
    for _ in range(rounds):
        work()
    return max((process_cpu_s(pid) - before) / rounds * 1000, 0.1), made


def tile_at(z: int) -> Tile:
    """The tile of a zoom that holds the middle of the reference coverages."""
    lon, lat = CENTRE
    n = 1 << z
    return Tile(z, int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n))
