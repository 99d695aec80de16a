"""Serves the map's own files and hand-made tiles under the content policy of the real pages."""

import gzip
import json
import mimetypes
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import shapely

from tests.browser.mvt import Row, encode_tile, tile_bounds
from tests.browser.town import CENTRE, Town

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "/static/test/vendor/": ROOT / "webapp/static/vendor",
    "/static/test/shared/": ROOT / "webapp/shared/static",
    "/static/test/": Path(__file__).parent / "static",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "worker-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LAYERS = {
    "basemap": ("ground", "way", "building", "water_label"),
    "grids": ("grids", "grid_labels"),
    "areas": ("areas", "area_labels"),
    "incidents": ("incidents",),
    "devices": ("devices",),
    "sites": ("sites",),
}
BUILDINGS_FROM = 13
CLUSTERS_BELOW = 16


class Tiles:
    """Tiles of one town, made once each."""

    def __init__(self, town: Town) -> None:
        self.rows = town.layers
        self.trees = {name: shapely.STRtree([row[0] for row in rows]) for name, rows in town.layers.items()}
        self.tile = lru_cache(maxsize=None)(self._tile)
        self.lock = threading.Lock()

    def _tile(self, layer: str, z: int, x: int, y: int) -> bytes:
        west, south, east, north = tile_bounds(z, x, y)
        room = (east - west) / 64
        box = shapely.box(west - room, south - room, east + room, north + room)
        layers = {}
        for name in LAYERS[layer]:
            if name == "building" and z < BUILDINGS_FROM:
                continue
            rows = [self.rows[name][at] for at in sorted(self.trees[name].query(box, "intersects"))]
            layers[name] = _cluster(rows, z, west, south, east - west) if name == "incidents" else rows
        return gzip.compress(encode_tile(layers, z, x, y), 5)


def _cluster(rows: list[Row], z: int, west: float, south: float, side: float) -> list[Row]:
    """Several incidents in one square of the tile become one point with counts by severity."""
    if z >= CLUSTERS_BELOW:
        return rows
    step = side / (8 if z >= 15 else 4 if z >= 12 else 3)
    heaps: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        x, y = row[0].x - west, row[0].y - south
        if 0 <= x < side and 0 <= y < side:
            heaps.setdefault((int(x // step), int(y // step)), []).append(row)
    out: list[Row] = []
    for heap in heaps.values():
        if len(heap) < 3:
            out += heap
            continue
        middle = shapely.MultiPoint([row[0] for row in heap]).centroid
        count = Counter(row[1]["severity"] for row in heap)
        shares = {f"s{severity}": count[severity] for severity in (1, 2, 3, 4)}
        out.append((middle, {"n": len(heap), **shares}, None))
    return out


def _modules_ahead() -> str:
    """Every module named in the page, as the real pages do, or the browser finds them one after the other."""
    names = [
        "vendor/ol.js",
        "shared/map.js",
        *(f"shared/map/{path.name}" for path in FILES["/static/test/shared/"].glob("map/*.js")),
    ]
    return "".join(f'<link rel="modulepreload" href="/static/test/{name}">' for name in sorted(names))


@contextmanager
def serve(town: Town, port: int = 0) -> Iterator[str]:
    """Serve until the block ends; yields the address."""
    tiles = Tiles(town)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path.startswith("/tiles/"):
                _, _, layer, z, x, y = url.path.removesuffix(".mvt").split("/")
                with tiles.lock:
                    body = tiles.tile(layer, int(z), int(x), int(y))
                self.answer(200, body, "application/vnd.mapbox-vector-tile", {"Content-Encoding": "gzip"})
            elif url.path == "/town.json":
                self.answer(200, json.dumps({"centre": CENTRE}).encode(), "application/json")
            else:
                self.file("/static/test/page.html" if url.path == "/" else url.path, parse_qs(url.query))

        def file(self, path: str, query: dict[str, list[str]]) -> None:
            for prefix, folder in FILES.items():
                found = folder / path.removeprefix(prefix)
                if path.startswith(prefix) and found.is_file():
                    body = found.read_bytes()
                    if found.name == "page.html":
                        body = body.replace(b"{theme}", query.get("theme", ["desk"])[0].encode())
                        body = body.replace(b"<!-- modules -->", _modules_ahead().encode())
                    self.answer(200, body, mimetypes.guess_type(found.name)[0] or "text/plain")
                    return
            self.answer(404, b"", "text/plain")

        def answer(self, status: int, body: bytes, kind: str, more: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(more or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Security-Policy", POLICY)
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # the page was closed meanwhile
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
