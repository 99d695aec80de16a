"""The command page: the district on the map, for desks."""

from __future__ import annotations

from flask import Blueprint, render_template

from webapp.shared.policy import declares

command = Blueprint("command", __name__, template_folder="templates")


@command.get("/")
@declares("map.see")
def show_command() -> str:
    """Show the map of the district with its queue; all data come by the API."""
    return render_template("command/command.html")
