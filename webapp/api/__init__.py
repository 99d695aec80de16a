"""The HTTP interface for programs, and for the pages' own scripts."""

from __future__ import annotations

from importlib import import_module

from apiflask import APIBlueprint

api = APIBlueprint("api", __name__, url_prefix="/api/v1")

# Every module that adds routes to `api`, named one by one.
MODULES = (
    "me",
    "locate",
    "grids",
    "differences",
    "incidents",
    "reports",
    "media",
    "alerts",
    "figures",
    "indicators",
    "events",
    "register",
    "catalogue",
    "catalogue_asked",
    "accounts",
    "roles",
    "departments",
    "device_register",
    "search",
    "imports",
    "exports",
    "documents",
    "patrol",
    "plans",
    "plan_editing",
    "plan_steps",
    "proposals",
    "plan_imports",
    "notices",
    "roster",
    "hotline",
    "call_backs",
    "desk_work",
    "outbox",
    "zones",
    "hazards",
    "rectification",
    "look_backs",
    "safe_zones",
    "whistles",
    "contested",
    "supervisions",
    "residents",
)

for _name in MODULES:
    import_module(f"{__name__}.{_name}")
