"""Tiles by layer, zoom, column and row: narrowed to the reader, kept by what they depend on."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Final, cast

from flask import Blueprint, Flask, Response, request
from sqlalchemy import or_
from sqlalchemy.orm import Session

from gridmap.database import transaction
from gridmap.errors import NotFound
from gridmap.grids.basemap import basemap_tile, site_tile
from gridmap.grids.tables import Area, GridVersion, Site
from gridmap.grids.tiles import Sight, above, area_tile, grid_tile
from gridmap.incidents.tiles import incident_tile
from gridmap.language import N_
from gridmap.moment import asked_as_of
from gridmap.people.queries import within
from gridmap.people.rules import Scope, scope_of
from gridmap.sensing.tiles import device_tile
from gridmap.system.tiles import DEEPEST, Clause, Tile
from webapp.shared.policy import current_actor, declares, now
from webapp.tiles.state import Edition, news, prepare, tile_state

tiles = Blueprint("tiles", __name__)
tiles.record_once(lambda setup: prepare(cast(Flask, setup.app)))

MIME: Final = "application/vnd.mapbox-vector-tile"
_FORM: Final = "1"
"""Raised whenever tiles of the same data are drawn otherwise."""
_DAY_S: Final = 86_400


@dataclass(frozen=True)
class Wish:
    """One tile as one reader asks for it."""

    tile: Tile
    scope: Scope
    edition: Edition
    as_of: datetime | None
    now: datetime

    @property
    def sight(self) -> Sight:
        """What of the boundaries the reader may see."""
        return Sight(_grids_of(self.scope), _areas_of(self.scope), self.as_of)


@lru_cache(maxsize=512)
def _grids_of(scope: Scope) -> Clause:
    return Clause.of(within(scope, GridVersion.path))


@lru_cache(maxsize=512)
def _areas_of(scope: Scope) -> Clause:
    return Clause.of(or_(within(scope, Area.path), above(Area.path, [root for root, _ in scope.paths if root])))


@lru_cache(maxsize=512)
def _sites_of(scope: Scope) -> Clause:
    return Clause.of(within(scope, Site.path))


@dataclass(frozen=True)
class Layer:
    """
    One layer of the map.

    Attributes
    ----------
    action
        The action whose scope narrows its rows; None shows the same to every reader.
    timed
        Whether it can be seen as of a day.
    fresh_s
        For how long an answer stays good beside its edition; None is as long as the edition lasts.
    live
        Whether every announced change makes it another.
    """

    draw: Callable[[Session, Wish], bytes]
    action: str | None
    timed: bool = False
    fresh_s: int | None = None
    live: bool = False


LAYERS: Final = {
    "grids": Layer(
        lambda db, wish: grid_tile(db, wish.tile, wish.sight, from_zoom=wish.edition.grids_from),
        "tile.read",
        timed=True,
    ),
    "areas": Layer(lambda db, wish: area_tile(db, wish.tile, wish.sight), "tile.read", timed=True),
    "basemap": Layer(lambda db, wish: basemap_tile(db, wish.tile), None),
    "sites": Layer(lambda db, wish: site_tile(db, wish.tile, _sites_of(wish.scope)), "site.read", fresh_s=300),
    "devices": Layer(
        lambda db, wish: device_tile(db, wish.tile, wish.scope, wish.now), "device.read", fresh_s=60, live=True
    ),
    "incidents": Layer(
        lambda db, wish: incident_tile(db, wish.tile, wish.scope, wish.now, as_of=wish.as_of),
        "incident.read",
        timed=True,
        fresh_s=60,
        live=True,
    ),
}


@tiles.get("/tiles/<name>/<int:z>/<int:x>/<int:y>.mvt")
@tiles.get("/api/v1/tiles/<name>/<int:z>/<int:x>/<int:y>.mvt", endpoint="api_show_tile")
@declares("tile.read")
def show_tile(name: str, z: int, x: int, y: int) -> Response:
    """Show one tile of a layer; ``v`` names the revision the address is for, ``as_of`` a day or an instant."""
    layer, tile = _known_layer(name), _known_tile(z, x, y)
    scope = Scope() if layer.action is None else scope_of(current_actor(), layer.action)
    revision = request.args.get("v")
    edition = tile_state().edition(revision)
    as_of = asked_as_of(request.args.get("as_of"), edition.time_zone) if layer.timed else None
    wish = Wish(tile, scope, edition, as_of, now())
    tag = _tag(name, layer, wish)
    headers = {
        "ETag": f'W/"{tag}"',
        "Vary": "Accept-Encoding, Cookie, Authorization",
        "Cache-Control": _caching(layer, revision == str(edition.revision)),
    }
    # Before anything is drawn: the tag says all that the tile depends on.
    if request.if_none_match.contains_weak(tag):
        return Response(status=304, headers=headers)
    packed = tile_state().cache.get((tag, z, x, y), lambda: _draw(layer, wish))
    if request.accept_encodings.quality("gzip") > 0:
        return Response(packed, headers=headers | {"Content-Encoding": "gzip"}, mimetype=MIME)
    return Response(gzip.decompress(packed), headers=headers, mimetype=MIME)


def _known_layer(name: str) -> Layer:
    if (layer := LAYERS.get(name)) is None:
        raise NotFound(
            N_("There is no layer %(layer)s. There are: %(known)s."), layer=name, known=", ".join(sorted(LAYERS))
        )
    return layer


def _known_tile(z: int, x: int, y: int) -> Tile:
    if z > DEEPEST:
        raise NotFound(N_("There are tiles of zoom 0 to %(deepest)s, and none of zoom %(z)s."), deepest=DEEPEST, z=z)
    tile = Tile(z, x, y)
    if not tile.exists:
        raise NotFound(
            N_("There is no tile %(x)s/%(y)s at zoom %(z)s: column and row are 0 to %(most)s there."),
            x=x,
            y=y,
            z=z,
            most=(1 << z) - 1,
        )
    return tile


def _tag(name: str, layer: Layer, wish: Wish) -> str:
    """Name a tile by all that it depends on."""
    parts = [
        _FORM,
        name,
        str(wish.edition.revision),
        wish.scope.key if layer.action else "",
        wish.as_of.isoformat() if wish.as_of else "",
        str(int(wish.now.timestamp()) // layer.fresh_s) if layer.fresh_s else "",
        news() if layer.live else "",
    ]
    return blake2b("|".join(parts).encode(), digest_size=12).hexdigest()


def _caching(layer: Layer, named: bool) -> str:
    """An address that names the revision we have says the same until the next one; any other is asked again."""
    kept_s = 0 if layer.live or not named else layer.fresh_s or _DAY_S
    return f"private, max-age={kept_s}, must-revalidate"


def _draw(layer: Layer, wish: Wish) -> bytes:
    with transaction() as db:
        return layer.draw(db, wish)
