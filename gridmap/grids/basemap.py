"""The base map and the sites as tiles: of each zoom only what can be seen there, alike things put together."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from gridmap.system.tiles import BUFFER, MAX_BYTES, Clause, Tile, draw, drawn, layer, owned, pointed

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
        made = _made(db, tile, coarser)
        if len(made) <= MAX_BYTES:
            break
    return made


def _made(db: Session, tile: Tile, coarser: int) -> bytes:
    least = _least_area(tile, coarser)
    layers = [
        _GROUND.format(large=f"AND ST_Area(tile) > {_LARGE}" if least > _LARGE else ""),
        _WAY.format(shown=next((shown for until, shown in _WAYS if tile.z <= until), "true")),
        _WATER_LABEL,
    ]
    if tile.z >= LARGE_BUILDINGS_FROM:
        layers.append(_BUILDING)
    values = tile.values(_rim(tile)) | {
        "least": least,
        "least_building": (0 if tile.z >= BUILDINGS_FROM else 64 * 36) * coarser * tile.unit_m**2,
        "thin": tile.unit_m * (1 if tile.z >= 15 else 4),
        "named": _named_rank(tile),
        "named_ground": tile.z >= NAMES_FROM,
    }
    return draw(db, layers, values)


def _rim(tile: Tile) -> int:
    """Units of buffer: a street of 30 m is as wide as its tile's rim must be hidden."""
    return BUFFER if tile.z < 15 else 2 * BUFFER if tile.z == 15 else 4 * BUFFER


def _least_area(tile: Tile, coarser: int) -> float:
    """The least ground worth drawing: a few pixels of a 512-pixel tile, each 8 units wide; near by, everything."""
    pixels = 0 if tile.z >= 15 else 2 if tile.z >= 13 else 6
    return pixels * coarser * (8 * tile.unit_m) ** 2


def _named_rank(tile: Tile) -> int:
    """The widest rank number whose streets bear a name: motorways and main streets first."""
    return 9 if tile.z >= NAMES_FROM else 1 if tile.z >= _MAIN_NAMES_FROM else -1


# Rows first, with what is drawn of them, so that simplifying is done once a row.
_GROUND: Final = layer(
    "ground",
    f"""
SELECT kind, name, name_en, ST_CollectionExtract(ST_Collect(geom), 3) AS geom FROM (
    SELECT kind, name, name_en, {drawn("thin")} AS geom FROM frame, LATERAL (
        SELECT kind, CASE WHEN :named_ground THEN name END AS name,
            CASE WHEN :named_ground THEN names ->> 'en' END AS name_en, ST_Simplify(tile, :thin) AS thin
        FROM ground WHERE tile && rim {{large}} AND ST_Area(tile) >= :least OFFSET 0
    ) AS row
) AS piece WHERE NOT ST_IsEmpty(geom) GROUP BY kind, name, name_en""",
)

_WAY: Final = layer(
    "way",
    f"""
SELECT kind, rank, layer, name, name_en, ST_LineMerge(ST_CollectionExtract(ST_Collect(geom), 2)) AS geom FROM (
    SELECT kind, rank, layer, name, name_en, {drawn("thin")} AS geom FROM frame, LATERAL (
        SELECT kind, rank, layer, CASE WHEN kind <> 'river' AND rank <= :named THEN name END AS name,
            CASE WHEN kind <> 'river' AND rank <= :named THEN names ->> 'en' END AS name_en,
            ST_Simplify(tile, :thin) AS thin
        FROM way WHERE tile && rim AND {{shown}} OFFSET 0
    ) AS row
) AS piece WHERE NOT ST_IsEmpty(geom) GROUP BY kind, rank, layer, name, name_en""",
)

_WATER_LABEL: Final = layer(
    "water_label",
    f"""
SELECT name, name_en, ST_LineMerge(ST_CollectionExtract(ST_Collect(geom), 2)) AS geom FROM (
    SELECT name, name_en, {drawn("thin")} AS geom FROM frame, LATERAL (
        SELECT name, names ->> 'en' AS name_en, ST_Simplify(tile, :thin) AS thin
        FROM way WHERE tile && rim AND kind = 'river' AND name IS NOT NULL OFFSET 0
    ) AS row
) AS piece WHERE NOT ST_IsEmpty(geom) GROUP BY name, name_en""",
)

# Whatever has storeys is a building, be it a dwelling, a shop or a school; its name and its people stay with the site.
_BUILDING: Final = layer(
    "building",
    f"""
SELECT kind, ST_CollectionExtract(ST_Collect(geom), 3) AS geom FROM (
    SELECT CASE WHEN kind = 'building' THEN kind ELSE 'premises' END AS kind, {drawn("tile")} AS geom
    FROM frame, site WHERE tile && rim AND upper_inf(valid) AND ST_Dimension(tile) = 2
        AND (kind = 'building' OR storeys > 0) AND ST_Area(tile) >= :least_building
) AS piece WHERE NOT ST_IsEmpty(geom) GROUP BY kind""",
)


def site_tile(db: Session, tile: Tile, visible: Clause) -> bytes:
    """
    Draw the sites of a tile as points, dwellings left out: the base map shows them.

    Parameters
    ----------
    visible
        Rows of ``site`` that the reader may see.

    Returns
    -------
    tile
        Layer ``sites`` (id, kind, name, name_en); empty from afar.
    """
    if tile.z < SITES_FROM:
        return b""
    rows = f"""
SELECT CAST(id AS text) AS id, kind, name, names ->> 'en' AS name_en, {pointed("point")} AS geom
FROM frame, LATERAL (
    SELECT site.*, ST_PointOnSurface(tile) AS point FROM site
    WHERE tile && box AND upper_inf(valid) AND kind <> 'building' AND {visible.sql} OFFSET 0
) AS row
WHERE {owned("point")} ORDER BY id LIMIT {_MOST_SITES}"""
    return draw(db, [layer("sites", rows)], tile.values() | dict(visible.values))
