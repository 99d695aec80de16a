"""Putting the application together, in the order in which a request passes through it."""

from __future__ import annotations

from pathlib import Path

from apiflask import APIFlask
from flask import Flask, current_app, request
from flask_limiter import Limiter
from werkzeug.middleware.proxy_fix import ProxyFix

from gridmap import __version__
from gridmap.settings import Settings
from webapp.account import account
from webapp.admin import admin
from webapp.api import api
from webapp.api.docs import describe, docs
from webapp.command import command
from webapp.errors import handle_errors
from webapp.patrol import patrol
from webapp.service import count_requests, service
from webapp.shared import SETTINGS
from webapp.shared.answers import StrictJSON
from webapp.shared.assets import read_assets, static
from webapp.shared.headers import add_headers
from webapp.shared.logs import log_requests, start_clock
from webapp.shared.pages import keep_choices, prepare_templates
from webapp.shared.policy import PUBLIC, current_actor, declared_action, enforce, require_declarations
from webapp.tiles import tiles

# Counted elsewhere or not at all: they come by the hundred when a map moves.
_UNCOUNTED = frozenset({PUBLIC, "tile.read", "live.read"})


def assemble(settings: Settings) -> APIFlask:
    """Make the application; see `webapp.create_app`."""
    web = Path(__file__).parent
    app = APIFlask(
        "webapp",
        title="gridmap",
        version=__version__,
        root_path=str(web),
        json_errors=False,
        docs_path=None,
        spec_path=None,
        static_folder=None,  # type: ignore[arg-type]  # no folder is served as it lies
        template_folder="shared/templates",
    )
    app.config[SETTINGS] = settings
    app.config["MAX_CONTENT_LENGTH"] = settings.body_bytes
    app.json = StrictJSON(app)
    app.extensions["gridmap.assets"] = read_assets(web)
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    prepare_templates(app)
    handle_errors(app)
    app.before_request(start_clock)
    app.before_request(enforce)
    _limit_rates(app, settings)
    # These run in the reverse order.
    count_requests(app)
    log_requests(app)
    app.after_request(add_headers)
    app.after_request(keep_choices)
    _open_faces(app)
    describe(app)
    require_declarations(app)
    return app


def _open_faces(app: APIFlask) -> None:
    """Every face of the application, named one by one."""
    app.register_blueprint(static)
    app.register_blueprint(service)
    app.register_blueprint(service, url_prefix="/api/v1", name="api_service")
    app.register_blueprint(docs)
    app.register_blueprint(api)
    app.register_blueprint(account)
    app.register_blueprint(tiles)
    app.register_blueprint(command)
    app.register_blueprint(admin)
    app.register_blueprint(patrol)


def _limit_rates(app: Flask, settings: Settings) -> None:
    """
    Hold every account to its calls a minute.

    The counts stand in the memory of this process: they are a brake on runaway scripts, which a restart
    may well forgive. What must survive a restart, the limits of sign-in, is kept in rows
    (`gridmap.people.signing_in`). With several processes each has its own count.
    """
    limiter = Limiter(
        _who_calls,
        app=app,
        default_limits=[f"{settings.api_per_minute}/minute"],
        storage_uri="memory://",
        strategy="fixed-window",
    )
    limiter.request_filter(_is_uncounted)
    app.extensions["gridmap.limiter"] = limiter


def _who_calls() -> str:
    actor = current_actor()
    return f"{actor.kind}:{actor.id}" if actor.id is not None else f"address:{request.remote_addr}"


def _is_uncounted() -> bool:
    rule = request.url_rule
    return rule is None or declared_action(current_app, rule.endpoint) in _UNCOUNTED
