"""The service's log: one line a request, with no secret and no personal text in it."""

from __future__ import annotations

import logging
import sys
import time

import structlog
from flask import Flask, Response, g, request

from gridmap.settings import Settings
from webapp.shared.policy import request_id

log = structlog.get_logger("gridmap.web")


def configure_logs(settings: Settings) -> None:
    """Send the log to stderr, as text for people or JSON for machines; once, when a process starts."""
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def start_clock() -> None:
    """Note when the request came."""
    g.started = time.perf_counter()


def elapsed_s() -> float:
    """Seconds since the request came."""
    return time.perf_counter() - float(g.get("started", time.perf_counter()))


def log_request(response: Response) -> Response:
    """
    Write the request's line.

    The route is written, not the address: addresses carry names that people search for.
    """
    actor = g.get("actor")
    log.info(
        "request",
        method=request.method,
        route=request.url_rule.rule if request.url_rule else None,
        status=response.status_code,
        ms=round(elapsed_s() * 1000, 1),
        actor=f"{actor.kind}:{actor.id}" if actor is not None and actor.id is not None else None,
        request_id=request_id(),
    )
    return response


def log_requests(app: Flask) -> None:
    """Have every request logged, except those that only ask whether we live."""

    @app.after_request
    def write(response: Response) -> Response:
        quiet = request.path.startswith(("/static/", "/health/", "/metrics", "/tiles/"))
        return response if quiet and response.status_code < 500 else log_request(response)
