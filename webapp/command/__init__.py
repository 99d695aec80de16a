"""The command page: the district on the map, for desks."""

from __future__ import annotations

from flask import Blueprint, render_template

from webapp.shared.assets import assets, imported_by
from webapp.shared.pages import current_locale
from webapp.shared.policy import declares

command = Blueprint("command", __name__, template_folder="templates")


@command.get("/")
@declares("map.see")
def show_command() -> str:
    """Show the map of the district with its queue; all data come by the API."""
    modules = [*imported_by("command/command.js", assets()), f"i18n/{current_locale()}.js"]
    return render_template("command/command.html", modules=modules)
