"""The hotline at a desk: orders with their clocks, the form of a telephone call, and the calls to make."""

from __future__ import annotations

from flask import Blueprint, render_template

from webapp.shared.pages import page_modules
from webapp.shared.policy import declares

hotline = Blueprint("hotline", __name__, url_prefix="/hotline", template_folder="templates")


@hotline.get("")
@declares("hotline.read")
def show_hotline() -> str:
    """Show the orders of the reader's area and the calls to make."""
    return render_template("hotline/hotline.html", modules=page_modules("hotline/hotline.js"))
