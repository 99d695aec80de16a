"""The hazard ledger at a desk: its rows, the map, one hazard with its notices, and the look-backs due."""

from __future__ import annotations

from flask import Blueprint, render_template

from webapp.shared.pages import page_modules
from webapp.shared.policy import declares

hazards = Blueprint("hazards", __name__, template_folder="templates")


@hazards.get("/hazards")
@declares("hazard.read")
def show_hazards() -> str:
    """Show the ledger; all data come by the API."""
    return render_template("hazards/hazards.html", modules=page_modules("hazards/hazards.js"))
