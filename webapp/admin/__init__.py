"""Administration: what keeps the house, such as files in and out."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template
from werkzeug.wrappers import Response

from webapp.shared.assets import assets, imported_by
from webapp.shared.pages import current_locale
from webapp.shared.policy import declares

admin = Blueprint("admin", __name__, url_prefix="/admin", template_folder="templates")


@admin.get("")
@declares("session.own")
def show_admin() -> Response:
    """Lead to the first page of administration."""
    return redirect("/admin/files", 303)


@admin.get("/files")
@declares("session.own")
def show_files() -> str:
    """Show where files come in and go out; what the reader may do there is asked of the API."""
    modules = [*imported_by("admin/files.js", assets()), f"i18n/{current_locale()}.js"]
    return render_template("admin/files.html", modules=modules)
