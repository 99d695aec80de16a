"""The base map and the sites as tiles: of each zoom only what can be seen there, alike things put together."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from gridmap.system.tiles import BUFFER, EXTENT, MAX_BYTES, Tile

SITES_FROM: Final = 14
BUILDINGS_FROM: Final = 14
LARGE_BUILDINGS_FROM: Final = 13
NAMES_FROM: Final = 13
_MAIN_NAMES_FROM: Final = 11
_MOST_SITES: Final = 3_000

# The narrowest zoom of the streets, from the widest down; it begins with words of an index, so that from afar the few
# large lines are found without reading every lane.
_WAYS: Final = (
    (10, "(kind IN ('motorway', 'rail', 'river') OR rank <= 2) AND (kind <> 'street' OR rank <= 1)"),
    (11, "(kind IN ('motorway', 'rail', 'river') OR rank <= 2) AND kind <> 'path'"),
    (12, "rank <= 3 AND kind NOT IN ('path', 'wall')"),
    (14, "rank <= 4 AND kind NOT IN ('path', 'wall')"),
)
_LARGE: Final = 20_000
"""Square metres (EPSG:3857) of the index over large ground."""


def basemap_tile(db: Session, tile: Tile) -> bytes:
    """
    Draw the ground, ways and buildings of a tile: nobody's data, so the same for every reader.

    Returns
    -------
    tile
        Layers ``ground`` (kind, name), ``way`` (kind, rank, layer, name, name_en), ``water_label`` (name, name_en:
        the courses of named waters) and, from near, ``building`` (kind). Features of one kind and name are one feature.
    """
    # Should a tile be too large after all, what is small in it goes first.
    for coarser in (1, 2, 4, 8, 16):
        made = b"".join(_parts(db, tile, coarser))
        if len(made) <= MAX_BYTES:
            break
    return made


def _parts(db: Session, tile: Tile, coarser: int) -> list[bytes]:
    layers = [_GROUND.format(large="AND ST_Area(tile) > 20000" if _least_area(tile, coarser) > _LARGE else "")]
    layers.append(_WAY.format(shown=next((shown for until, shown in _WAYS if tile.z <= until), "true")))
    layers.append(_WATER_LABEL)
    if tile.z >= LARGE_BUILDINGS_FROM:
        layers.append(_BUILDING)
    west, south, east, north = tile.bounds
    values = {
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "room": _room(tile) * tile.unit_m,
        "extent": EXTENT,
        "buffer": _room(tile),
        "least": _least_area(tile, coarser),
        "least_building": (0 if tile.z >= BUILDINGS_FROM else 64 * 36) * coarser * tile.unit_m**2,
        "thin": tile.unit_m * (1 if tile.z >= 15 else 4),
        "named": _named_rank(tile),
        "named_ground": tile.z >= NAMES_FROM,
    }
    return [bytes(db.scalar(text(_FRAME + sql), values) or b"") for sql in layers]


def _room(tile: Tile) -> int:
    """Units of buffer: a street of 30 m is as wide as its tile's rim must be hidden."""
    return BUFFER if tile.z < 15 else 2 * BUFFER if tile.z == 15 else 4 * BUFFER


def _least_area(tile: Tile, coarser: int) -> float:
    """The least ground worth drawing: a few pixels of a 512-pixel tile, each 8 units wide; near by, everything."""
    pixels = 0 if tile.z >= 15 else 2 if tile.z >= 13 else 6
    return pixels * coarser * (8 * tile.unit_m) ** 2


def _named_rank(tile: Tile) -> int:
    """The widest rank number whose streets bear a name: motorways and main streets first."""
    return 9 if tile.z >= NAMES_FROM else 1 if tile.z >= _MAIN_NAMES_FROM else -1


_FRAME: Final = (
    "WITH frame AS (SELECT ST_MakeEnvelope(:west, :south, :east, :north, 3857) AS box, ST_MakeEnvelope("
    ":west - :room, :south - :room, :east + :room, :north + :room, 3857) AS room) "
)

_GROUND: Final = """
SELECT ST_AsMVT(t, 'ground', CAST(:extent AS integer), 'geom') FROM (
    SELECT kind, name, name_en, ST_Collect(geom) AS geom FROM (
        SELECT kind, CASE WHEN :named_ground THEN name END AS name,
            CASE WHEN :named_ground THEN names ->> 'en' END AS name_en,
            ST_AsMVTGeom(ST_Simplify(tile, :thin), box, CAST(:extent AS integer), CAST(:buffer AS integer)) AS geom
        FROM frame, ground WHERE tile && room {large} AND ST_Area(tile) >= :least
    ) AS piece WHERE geom IS NOT NULL GROUP BY kind, name, name_en
) AS t
"""

_WAY: Final = """
SELECT ST_AsMVT(t, 'way', CAST(:extent AS integer), 'geom') FROM (
    SELECT kind, rank, layer, name, name_en, ST_LineMerge(ST_Collect(geom)) AS geom FROM (
        SELECT kind, rank, layer, CASE WHEN kind <> 'river' AND rank <= :named THEN name END AS name,
            CASE WHEN kind <> 'river' AND rank <= :named THEN names ->> 'en' END AS name_en,
            ST_AsMVTGeom(ST_Simplify(tile, :thin), box, CAST(:extent AS integer), CAST(:buffer AS integer)) AS geom
        FROM frame, way WHERE tile && room AND {shown}
    ) AS piece WHERE geom IS NOT NULL GROUP BY kind, rank, layer, name, name_en
) AS t
"""

_WATER_LABEL: Final = """
SELECT ST_AsMVT(t, 'water_label', CAST(:extent AS integer), 'geom') FROM (
    SELECT name, name_en, ST_LineMerge(ST_Collect(geom)) AS geom FROM (
        SELECT name, names ->> 'en' AS name_en,
            ST_AsMVTGeom(ST_Simplify(tile, :thin), box, CAST(:extent AS integer), CAST(:buffer AS integer)) AS geom
        FROM frame, way WHERE tile && room AND kind = 'river' AND name IS NOT NULL
    ) AS piece WHERE geom IS NOT NULL GROUP BY name, name_en
) AS t
"""

# Whatever has storeys is a building, be it a dwelling, a shop or a school; its name and its people stay with the site.
_BUILDING: Final = """
SELECT ST_AsMVT(t, 'building', CAST(:extent AS integer), 'geom') FROM (
    SELECT kind, ST_Collect(geom) AS geom FROM (
        SELECT CASE WHEN kind = 'building' THEN kind ELSE 'premises' END AS kind,
            ST_AsMVTGeom(tile, box, CAST(:extent AS integer), CAST(:buffer AS integer)) AS geom
        FROM frame, site WHERE tile && room AND upper_inf(valid) AND ST_Dimension(tile) = 2
            AND (kind = 'building' OR storeys > 0) AND ST_Area(tile) >= :least_building
    ) AS piece WHERE geom IS NOT NULL GROUP BY kind
) AS t
"""


def site_tile(db: Session, tile: Tile, visible: Any) -> bytes:
    """
    Draw the sites of a tile as points, buildings left out: the base map shows them.

    Parameters
    ----------
    visible
        Given the column of paths, the rows that the reader may see.

    Returns
    -------
    tile
        Layer ``sites`` (id, kind, name, name_en); empty from afar.
    """
    from sqlalchemy import and_, func, select

    from gridmap.grids.tables import Site
    from gridmap.system.tiles import draw, layer

    if tile.z < SITES_FROM:
        return b""
    point = func.ST_PointOnSurface(Site.tile, type_=None)
    rows = (
        select(
            func.text(Site.id).label("id"),
            Site.kind,
            Site.name,
            Site.names["en"].astext.label("name_en"),
            tile.drawn(point).label("geom"),
        )
        .where(and_(func.upper_inf(Site.valid), Site.kind != "building", visible(Site.path)))
        .where(tile.owns(point), tile.meets(Site.tile))
        .order_by(Site.id)
        .limit(bindparam(None, _MOST_SITES))
    )
    return draw(db, layer("sites", rows))
