"""What every face of the web stands on: policy, requests, pages, static files."""

from __future__ import annotations

from typing import cast

from flask import current_app

from gridmap.settings import Settings

SETTINGS = "GRIDMAP_SETTINGS"


def settings() -> Settings:
    """The settings that the running application was made with."""
    return cast(Settings, current_app.config[SETTINGS])
