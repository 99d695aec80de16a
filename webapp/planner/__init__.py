"""The planner's page: boundaries are redrawn on a draft, checked, compared, approved by another person, published."""

from __future__ import annotations

from importlib import import_module

from flask import Blueprint, render_template

from webapp.shared.pages import page_modules
from webapp.shared.policy import declares

planner = Blueprint("planner", __name__, template_folder="templates")


@planner.get("/planner")
@declares("boundary.draft")
def show_planner() -> str:
    """Show the plans and the map they are drawn on; all data come by the API."""
    return render_template("planner/planner.html", modules=page_modules("planner/planner.js"))


# Adds its pages to `planner`.
import_module(f"{__name__}.history")
