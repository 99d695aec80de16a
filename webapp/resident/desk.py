"""The desk's side: what residents sent is looked at before others see it, and doors get their codes."""

from __future__ import annotations

from flask import render_template

from webapp.resident import photos  # noqa: F401 - its route belongs to this face
from webapp.resident.door import resident
from webapp.shared.pages import page_modules
from webapp.shared.policy import declares


@resident.get("/residents")
@declares("session.own")
def show_residents_desk() -> str:
    """Show the queue and the codes; what the reader may do there is asked of the API."""
    return render_template("resident/desk.html", modules=page_modules("resident/desk.js"))
