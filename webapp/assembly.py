"""Putting the application together, in the order in which a request passes through it."""

from __future__ import annotations

from pathlib import Path

from apiflask import APIFlask
from werkzeug.middleware.proxy_fix import ProxyFix

from gridmap import __version__
from gridmap.settings import Settings
from gridmap.wiring import wire
from webapp.account import account
from webapp.admin import admin
from webapp.api import api
from webapp.api.docs import describe, docs
from webapp.command import command
from webapp.desk import desk
from webapp.errors import handle_errors
from webapp.hazards import hazards
from webapp.hotline import hotline
from webapp.patrol import patrol
from webapp.planner import planner
from webapp.resident import resident
from webapp.service import count_requests, service
from webapp.shared import SETTINGS
from webapp.shared.answers import StrictJSON
from webapp.shared.assets import read_assets, static
from webapp.shared.headers import add_headers
from webapp.shared.logs import log_requests, start_clock
from webapp.shared.pages import keep_choices, prepare_templates
from webapp.shared.policy import enforce, require_declarations
from webapp.shared.rates import limit_rates
from webapp.tiles import tiles


def assemble(settings: Settings) -> APIFlask:
    """Make the application; see `webapp.create_app`."""
    wire()
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
    limit_rates(app)
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
    app.register_blueprint(desk)
    app.register_blueprint(admin)
    app.register_blueprint(patrol)
    app.register_blueprint(planner)
    app.register_blueprint(hazards)
    app.register_blueprint(hotline)
    app.register_blueprint(resident)
