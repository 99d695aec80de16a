"""The application as gunicorn loads it: made in each worker, after the fork."""

from __future__ import annotations

from apiflask import APIFlask

from gridmap.database import bind, make_engine
from gridmap.postgis import database_urls
from gridmap.settings import load_settings
from webapp import create_app
from webapp.shared.logs import configure_logs


def make_application() -> APIFlask:
    """
    Make the application of one web process and connect it to its database.

    It must run in the worker, never before the fork: two processes may not share a connection.

    Raises
    ------
    Invalid
        If a setting is wrong.
    RuntimeError
        If a route declares no action.
    """
    settings = load_settings()
    configure_logs(settings)
    bind(make_engine(database_urls(settings).app, pool_size=settings.pool_size))
    return create_app(settings)
