"""For those who run the service: does it live, can it serve, how busy is it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from geodata.sandbox import state
from gridmap import __version__, database
from gridmap.database import transaction
from gridmap.errors import Unavailable
from gridmap.outbox.queries import Figures as OutboxFigures
from gridmap.outbox.queries import figures
from webapp.shared.logs import elapsed_s
from webapp.shared.policy import declares

service = Blueprint("service", __name__)


class Figures:
    """What is counted, by route and never by address: an address may name a person."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("gridmap_requests", "Answers given", labels, registry=self.registry)
        self.seconds = Histogram(
            "gridmap_request_seconds",
            "Time from request to answer",
            ("method", "route"),
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
            registry=self.registry,
        )

    def observe(self, response: Response) -> Response:
        """Count one answer."""
        route = request.url_rule.rule if request.url_rule else "none"
        self.requests.labels(request.method, route, response.status_code).inc()
        self.seconds.labels(request.method, route).observe(elapsed_s())
        return response


def count_requests(app: Flask) -> None:
    """Have every answer counted; the counts are of this process."""
    figures = Figures()
    app.extensions["gridmap.figures"] = figures
    app.after_request(figures.observe)


@service.get("/health/live")
@declares("public")
def live() -> dict[str, str]:
    """Say that this process answers; it asks nobody else."""
    return {"status": "live", "version": __version__}


@service.get("/health/ready")
@declares("public")
def ready() -> tuple[dict[str, Any], int]:
    """Say whether work can be done: the database answers and its schema is the one this code knows."""
    checks = {"database": "ok", "schema": "ok"}
    try:
        with transaction() as db:
            revision = db.scalar(text("SELECT version_num FROM alembic_version"))
    except (SQLAlchemyError, Unavailable):
        checks = {"database": "cannot be reached", "schema": "unknown"}
    else:
        if revision != database.head_revision():
            checks["schema"] = f"is {revision}, {database.head_revision()} is needed; run gridmap db upgrade"
    good = all(check == "ok" for check in checks.values())
    return {"status": "ready" if good else "not ready", "checks": checks}, 200 if good else 503


@service.get("/health/imports")
@declares("public")
def imports() -> dict[str, str]:
    """Say how well the opening of foreign files is walled in: ``namespaces``, or ``limits alone``."""
    return {"sandbox": state()}


@service.get("/health/outbox")
@declares("public")
def outbox() -> dict[str, int]:
    """Say how many messages wait, since how many seconds the oldest, and how many were given up."""
    with transaction() as db:
        now_ = figures(db, datetime.now(UTC))
    return {"waiting": now_.waiting, "oldest_s": int(now_.oldest_s), "dead": now_.dead}


@service.get("/metrics")
@declares("public")
def metrics() -> Response:
    """Give the counts of this process in Prometheus's text form, and the outbox's where the database answers."""
    counted: Figures = current_app.extensions["gridmap.figures"]
    text_form = generate_latest(counted.registry)
    try:
        with transaction() as db:
            text_form += generate_latest(_outbox_gauges(figures(db, datetime.now(UTC))))
    except (SQLAlchemyError, Unavailable):
        pass  # the rest is still worth reading, then most of all
    return Response(text_form, content_type=CONTENT_TYPE_LATEST)


def _outbox_gauges(now_: OutboxFigures) -> CollectorRegistry:
    registry = CollectorRegistry()
    for name, says, value in (
        ("waiting", "Messages that wait to be delivered", now_.waiting),
        ("oldest_seconds", "Age of the oldest that waits", now_.oldest_s),
        ("dead", "Messages that were given up", now_.dead),
    ):
        Gauge(f"gridmap_outbox_{name}", says, registry=registry).set(value)
    return registry
