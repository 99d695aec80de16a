"""Pages that look back: what changed between two days, and one grid through its versions."""

from __future__ import annotations

from flask import render_template

from gridmap.language import N_
from webapp.planner import planner
from webapp.shared.pages import _, page_modules
from webapp.shared.policy import declares


@planner.get("/planner/differences")
@declares("grid.read")
def show_differences_page() -> str:
    """Show two days to choose, and what became of the grids between them."""
    title, modules = _(N_("Two days compared")), page_modules("planner/differences.js")
    return render_template("planner/history.html", title=title, root="differences", modules=modules)


@planner.get("/planner/grids/<code>")
@declares("grid.read")
def show_timeline_page(code: str) -> str:
    """Show the versions of one grid with their maps; whether there is such a grid is asked of the API."""
    modules = page_modules("planner/timeline.js")
    return render_template("planner/history.html", title=code, root="timeline", modules=modules, code=code)
