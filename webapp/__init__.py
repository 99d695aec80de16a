"""The faces of gridmap on the web."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apiflask import APIFlask

    from gridmap.settings import Settings


def create_app(settings: Settings) -> APIFlask:
    """
    Make the web application.

    The database is not its business: whoever runs the process says with `gridmap.database.bind`
    which one serves.

    Raises
    ------
    RuntimeError
        If a route declares no action: such a service must not start.
    """
    from webapp.assembly import assemble

    return assemble(settings)
