"""Static files, under an address that changes when any of them does, so that browsers keep them for good."""

from __future__ import annotations

import gzip
import hashlib
import json
import posixpath
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from flask import Blueprint, Response, current_app, request

from gridmap.errors import NotFound
from gridmap.language import LOCALES, N_, catalogue
from webapp.shared.policy import declares

TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".webmanifest": "application/manifest+json",
    "": "text/plain",  # LICENSES
}
_COMPRESSIBLE = frozenset({".js", ".css", ".svg", ".webmanifest", ""})
_IMPORT = re.compile(rb"""^\s*(?:import|export|\})[^'"\n]*?['"](\.{1,2}/[^'"\n]+)['"]""", re.MULTILINE)
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """One file as it is sent; its compressed form is made when first asked for, and kept."""

    name: str
    content: bytes

    @property
    def suffix(self) -> str:
        """The end of the name that says its type."""
        return Path(self.name).suffix

    @cached_property
    def etag(self) -> str:
        """A strong validator of the content."""
        return hashlib.sha256(self.content).hexdigest()[:24]

    @cached_property
    def packed(self) -> bytes | None:
        """The content in gzip; None where that is no gain."""
        if self.suffix not in _COMPRESSIBLE or len(self.content) < 600:
            return None
        return gzip.compress(self.content, 9, mtime=0)


@dataclass(frozen=True)
class Assets:
    """All static files of one build, read once: a request looks a name up and never walks a path."""

    files: dict[str, Asset] = field(default_factory=dict)

    @cached_property
    def build(self) -> str:
        """A short name of this build, from every byte of every file."""
        digest = hashlib.sha256()
        for name in sorted(self.files):
            digest.update(f"{name}\0{self.files[name].etag}\0".encode())
        return digest.hexdigest()[:12]


def read_assets(web: Path) -> Assets:
    """
    Read ``<face>/static/`` of every face as ``<face>/…``, ``static/vendor/`` as ``vendor/…``, and one module
    of sentences per language as ``i18n/<locale>.js``.
    """
    folders = {folder.parent.name: folder for folder in sorted(web.glob("*/static"))}
    folders["vendor"] = web / "static" / "vendor"
    found = [
        Asset(f"{face}/{path.relative_to(folder).as_posix()}", path.read_bytes())
        for face, folder in folders.items()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in TYPES
    ]
    found += [Asset(f"i18n/{locale}.js", _sentences(locale)) for locale in LOCALES]
    return Assets({asset.name: asset for asset in found})


def _sentences(locale: str) -> bytes:
    """The catalogue of one language as a module."""
    # A script may hold these two as text since ES2019; the vendored bundles ask for no more.
    text = json.dumps(catalogue(locale), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return f"export default {text}\n".encode()


static = Blueprint("static_files", __name__)


def assets() -> Assets:
    """The static files of the running application."""
    found: Assets = current_app.extensions["gridmap.assets"]
    return found


def static_url(name: str) -> str:
    """
    Give the address of a static file, such as ``command/app.js``.

    Raises
    ------
    KeyError
        If there is no such file: a page that asks for it is wrong.
    """
    if name not in assets().files:
        raise KeyError(f"There is no static file {name!r}.")
    return f"/static/{assets().build}/{name}"


def imported_by(start: str, files: Assets) -> list[str]:
    """
    Every module that a module needs, itself first.

    The page names them all, so that the browser fetches them at once instead of one level after another.
    """
    found = [start]
    for name in found:
        folder = posixpath.dirname(name)
        for target in _IMPORT.findall(files.files[name].content):
            module = posixpath.normpath(posixpath.join(folder, target.decode()))
            if module not in found:
                found.append(module)
    return found


@static.get("/static/<build>/<path:name>")
@declares("public")
def serve(build: str, name: str) -> Response:
    """Send a static file; under the current build it may be kept for a year."""
    asset = assets().files.get(name)
    if asset is None:
        raise NotFound(N_("There is no file at this address."))
    response = send(asset)
    # A page of an older build gets today's file and keeps it for nobody.
    response.headers["Cache-Control"] = _FOREVER if build == assets().build else "no-store"
    return response


@static.get("/favicon.ico")
@declares("public")
def favicon() -> Response:
    """The mark of gridmap, for those who ask at the old address."""
    response = send(assets().files["shared/icon.svg"])
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def send(asset: Asset) -> Response:
    """One file as an answer, compressed where the asker takes it, 304 where the asker has it."""
    packed = asset.packed if request.accept_encodings["gzip"] > 0 else None
    response = Response(packed or asset.content, content_type=_content_type(asset))
    if asset.packed:
        response.headers["Vary"] = "Accept-Encoding"
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.set_etag(asset.etag + ("-gzip" if packed else ""))
    return response.make_conditional(request)  # type: ignore[return-value]


def _content_type(asset: Asset) -> str:
    kind = TYPES[asset.suffix]
    return f"{kind}; charset=utf-8" if asset.suffix in _COMPRESSIBLE else kind
