"""Administration: what keeps the house, such as people, devices, and files in and out."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template
from werkzeug.wrappers import Response

from gridmap.language import N_
from gridmap.people.rules import can
from webapp.shared.pages import _, page_modules
from webapp.shared.policy import current_actor, declares

admin = Blueprint("admin", __name__, url_prefix="/admin", template_folder="templates")


@admin.get("")
@declares("session.own")
def show_admin() -> Response:
    """Lead to the first page of administration that the reader may use."""
    keeps_people = can(current_actor(), "account.manage") is not None
    return redirect("/admin/people" if keeps_people else "/admin/files", 303)


@admin.get("/people")
@declares("account.manage")
def show_people() -> str:
    """Show people with their roles, and departments."""
    return _register("people", N_("People"))


@admin.get("/devices")
@declares("account.manage")
def show_devices() -> str:
    """Show devices with their health and keys."""
    return _register("devices", N_("Devices"))


@admin.get("/catalogue")
@declares("catalogue.read")
def show_catalogue() -> str:
    """Show every table of rules; who may write them changes them there."""
    return _register("catalogue", N_("Rules"))


@admin.get("/outbox")
@declares("setting.manage")
def show_outbox() -> str:
    """Show where messages go, and which could not be delivered."""
    return _register("outbox", N_("Outbox"))


@admin.get("/files")
@declares("session.own")
def show_files() -> str:
    """Show where files come in and go out; what the reader may do there is asked of the API."""
    return render_template("admin/files.html", modules=page_modules("admin/files.js"))


def _register(page: str, title: str) -> str:
    modules = page_modules("admin/register.js")
    return render_template("admin/register.html", page=page, title=_(title), modules=modules)
