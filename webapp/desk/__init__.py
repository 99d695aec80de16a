"""The desks of townships, departments, chiefs and supervisors: each sees first what waits for its own hand."""

from __future__ import annotations

from flask import Blueprint, render_template

from webapp.shared.pages import page_modules
from webapp.shared.policy import declares

desk = Blueprint("desk", __name__, template_folder="templates")


@desk.get("/desk")
@declares("map.see")
def show_desk() -> str:
    """Show the desk of whoever signed in, by role; all data come by the API."""
    return render_template("desk/desk.html", modules=page_modules("desk/desk.js"))
