"""The command page: the district on the map, for desks."""

from __future__ import annotations

import posixpath
import re

from flask import Blueprint, render_template

from webapp.shared.assets import Assets, assets
from webapp.shared.pages import current_locale
from webapp.shared.policy import declares

command = Blueprint("command", __name__, template_folder="templates")

_IMPORT = re.compile(rb"""^\s*(?:import|export|\})[^'"\n]*?['"](\.{1,2}/[^'"\n]+)['"]""", re.MULTILINE)


@command.get("/")
@declares("map.see")
def show_command() -> str:
    """Show the map of the district with its queue; all data come by the API."""
    modules = [*imported_by("command/command.js", assets()), f"i18n/{current_locale()}.js"]
    return render_template("command/command.html", modules=modules)


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
