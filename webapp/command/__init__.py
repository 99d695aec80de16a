"""The command page: the district on the map, for desks; and the same for a wall."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template

from webapp.shared.pages import page_modules
from webapp.shared.policy import current_actor, declares

command = Blueprint("command", __name__, template_folder="templates")


@command.get("/")
@declares("map.see")
def show_command() -> str | Response:
    """Show the map of the district with its queue; all data come by the API. A wall's session has the wall alone."""
    if current_actor().wall:
        return redirect("/wall", 303)  # type: ignore[return-value]
    return render_template("command/command.html", modules=page_modules("command/command.js"))


@command.get("/wall")
@declares("map.see")
def show_wall() -> str:
    """Show the district to a room: numbers, the tightest clocks, and a map that goes through its views."""
    return render_template("command/wall.html", modules=page_modules("command/wall.js"))
