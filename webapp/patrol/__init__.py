"""The patrol page: the phone in the stairwell. Its shell holds nobody's data and works without network."""

from __future__ import annotations

import json
from typing import Final

from flask import Blueprint, Response, render_template

from gridmap.language import LOCALES
from webapp.shared.assets import Assets, assets, imported_by, static_url
from webapp.shared.pages import _, current_locale, page_modules
from webapp.shared.policy import declares

patrol = Blueprint("patrol", __name__, template_folder="templates")

STYLES: Final = ("shared/tokens.css", "shared/base.css", "patrol/patrol.css", "patrol/report.css")
ICONS: Final = {size: f"patrol/icon-{size}.png" for size in (192, 512)}
_PAPER: Final = "#ffffff"
_ALWAYS_ASK: Final = "no-cache"


@patrol.get("/patrol")
@patrol.get("/patrol/<path:deeper>", endpoint="show_deeper")
@declares("public")
def show_patrol(deeper: str = "") -> Response:
    """
    Show the shell of the patrol page, the same at every address below it.

    The phone keeps it and opens it without network, for whoever holds the phone: it names nobody.
    """
    modules = [*page_modules("patrol/patrol.js"), "patrol/offline.js"]
    response = Response(render_template("patrol/patrol.html", modules=modules))
    response.headers["Cache-Control"] = _ALWAYS_ASK
    response.headers["Content-Language"] = current_locale()
    response.vary.update(("Accept-Language", "Cookie"))
    return response


@patrol.get("/patrol/worker.js")
@declares("public")
def send_worker() -> Response:
    """
    Send the service worker, headed by the build and the files it is to keep.

    So its bytes differ from build to build, which is how a browser finds out that there is another.
    """
    plan = {"build": assets().build, "files": sorted(map(static_url, kept_files(assets()))), "languages": LOCALES}
    body = assets().files["patrol/worker.js"].content.decode()
    response = Response(f"self.plan = {json.dumps(plan)}\n{body}", content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = _ALWAYS_ASK
    response.headers["Service-Worker-Allowed"] = "/patrol"
    return response


@patrol.get("/patrol/manifest.webmanifest")
@declares("public")
def send_manifest() -> Response:
    """Say what the page is called and looks like once it is installed."""
    manifest = {
        "id": "/patrol",
        "name": _("gridmap patrol"),
        "short_name": _("Patrol"),
        "lang": current_locale(),
        "start_url": "/patrol",
        "scope": "/patrol",
        "display": "standalone",
        "background_color": _PAPER,
        "theme_color": _PAPER,
        "icons": [
            {"src": static_url(name), "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any maskable"}
            for size, name in ICONS.items()
        ],
    }
    response = Response(json.dumps(manifest, ensure_ascii=False), content_type="application/manifest+json")
    response.headers["Cache-Control"] = _ALWAYS_ASK
    return response


def kept_files(files: Assets) -> set[str]:
    """Every static file that the page may need without network, in each language."""
    return {
        *STYLES,
        *ICONS.values(),
        *imported_by("patrol/patrol.js", files),
        *imported_by("patrol/offline.js", files),
        *(f"i18n/{locale}.js" for locale in LOCALES),
        "shared/icon.svg",
    }
