"""Errors as answers: every family has its status here, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import psycopg
from flask import Flask, Response, current_app, redirect, render_template, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from gridmap.errors import (
    Conflict,
    GridmapError,
    Invalid,
    Malformed,
    NotAllowed,
    NotFound,
    NotSignedIn,
    TooLarge,
    TooMany,
    Unavailable,
)
from gridmap.language import N_
from gridmap.reports.mediafiles import NoRoom
from webapp.shared import settings
from webapp.shared.logs import log
from webapp.shared.pages import _, current_locale
from webapp.shared.policy import record_refusal, request_id

STATUS: dict[type[GridmapError], int] = {
    Malformed: 400,
    NotSignedIn: 401,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    Invalid: 422,
    TooMany: 429,
    Unavailable: 503,
    NoRoom: 507,
}
TITLES: dict[type[GridmapError], str] = {
    Malformed: N_("Cannot be read"),
    NotSignedIn: N_("Not signed in"),
    NotAllowed: N_("Not allowed"),
    NotFound: N_("Not found"),
    Conflict: N_("Stands against what is"),
    TooLarge: N_("Too large"),
    Invalid: N_("Cannot be accepted"),
    TooMany: N_("Too fast"),
    Unavailable: N_("Not available just now"),
    NoRoom: N_("Not available just now"),
}
_BROKEN = N_("Broken")


def handle_errors(app: Flask) -> None:
    """Give every family of errors its answer; no view catches them."""
    app.register_error_handler(GridmapError, answer)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(DBAPIError, _answer_database)
    app.register_error_handler(PoolTimeout, _answer_database)
    app.register_error_handler(psycopg.OperationalError, _answer_database)
    # The last resort, and the only place that may know of any error: it logs and says one sentence.
    app.register_error_handler(Exception, _answer_broken)


def answer(error: GridmapError) -> Response:
    """Tell a person or a program what happened and what to do."""
    family = family_of(error)
    status = STATUS.get(family, 500)
    if isinstance(error, NotAllowed):
        record_refusal(error)
    if isinstance(error, NotSignedIn) and _wants_page() and request.method == "GET":
        return redirect(_sign_in_address(), 303)  # type: ignore[return-value]
    title = TITLES.get(family, _BROKEN)
    sentence = error.sentence(current_locale())
    response = _response(status, title, sentence, _slug(type(error)), error.where, error.members)
    if isinstance(error, TooMany | Unavailable):
        response.headers["Retry-After"] = str(error.retry_s)
    if isinstance(error, NotSignedIn) and not _wants_page():
        response.headers["WWW-Authenticate"] = 'Bearer realm="gridmap"'
    return response


def family_of(error: GridmapError) -> type[GridmapError]:
    """The nearest family that has a status."""
    return next((kind for kind in type(error).__mro__ if kind in STATUS), GridmapError)


def _answer_http(error: HTTPException) -> Response:
    """What the web itself refuses, in our words."""
    if isinstance(error, RequestEntityTooLarge):
        limit = request.max_content_length or settings().body_bytes
        return answer(TooLarge(N_("This is larger than the %(limit)s bytes accepted here."), limit=limit))
    code = error.code or 500
    if code < 400:
        return error.get_response()  # type: ignore[return-value]  # a redirect to the right address
    if code == 404:
        return answer(NotFound(N_("There is nothing at this address.")))
    sentences = {
        405: N_("This address does not take %(method)s."),
        406: N_("This cannot be answered in a form you take."),
        414: N_("The address is too long."),
        415: N_("Send this as application/json."),
    }
    sentence = _(sentences.get(code, N_("The request cannot be read.")), method=request.method)
    response = _response(code, TITLES[Malformed], sentence, "malformed", None)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


# Classes of SQLSTATE (PostgreSQL manual, appendix A).
_BAD_VALUE = ("22",)
_AGAINST = ("23",)
_CONTENDED = ("40", "55")
_GONE = ("08", "25", "53", "57", "58")


def _answer_database(error: DBAPIError | PoolTimeout | psycopg.Error) -> Response:
    """A database that is lost, busy or slow is no fault of the asker's; a value it refuses may be."""
    cause: Any = getattr(error, "orig", None) or error
    state = getattr(cause, "sqlstate", None) or ""
    log.warning("database", kind=type(cause).__name__, sqlstate=state, request_id=request_id())
    if isinstance(error, PoolTimeout):
        return answer(Unavailable(N_("All connections to the database are busy. Try again in a moment."), retry_s=2))
    if state == "57014":  # query_canceled: our own statement timeout
        return answer(
            Unavailable(
                N_("This took too long and was stopped; nothing was stored. Ask for less, or try later."), retry_s=5
            )
        )
    if state.startswith(_CONTENDED):
        return answer(Unavailable(N_("Others are changing the same thing; nothing was stored. Try again."), retry_s=1))
    if state.startswith(_BAD_VALUE) or isinstance(cause, psycopg.DataError):
        return answer(Invalid(N_("A value is outside what can be stored.")))
    if state.startswith(_AGAINST):
        log.error("constraint", exc_info=error, request_id=request_id())
        return answer(Conflict(N_("This stands against something that is stored already; nothing was changed.")))
    if state.startswith(_GONE) or not state or getattr(error, "connection_invalidated", False):
        return answer(
            Unavailable(
                N_(
                    "The database cannot be reached; nothing was stored. Try again in a moment: "
                    "what is sent twice under one id is stored once."
                )
            )
        )
    return _answer_broken(error)


def _answer_broken(error: Exception) -> Response:
    """A fault of ours: logged whole, told in one sentence."""
    log.error("broken", exc_info=error, request_id=request_id())
    sentence = _("Something here is broken. It was logged under %(request_id)s.", request_id=request_id())
    return _response(500, _BROKEN, sentence, "broken", None)


def _response(
    status: int, title: str, sentence: str, slug: str, where: str | None, members: Mapping[str, Any] | None = None
) -> Response:
    title = _(title)
    if _wants_page():
        page = render_template("shared/error.html", status=status, title=title, sentence=sentence)
        return Response(page, status, content_type="text/html; charset=utf-8")
    problem = {
        "type": f"/api/docs#{slug}",
        "title": title,
        "status": status,
        "detail": sentence,
        **({"where": where} if where is not None else {}),
        **(members or {}),
        "request_id": request_id(),
    }
    response = Response(current_app.json.dumps(problem), status, content_type="application/problem+json")
    response.headers["Content-Language"] = current_locale()
    return response


def _wants_page() -> bool:
    """Whether a person is reading: a browser that opens an address, not a script that calls one."""
    if request.path.startswith(("/api/", "/tiles/", "/static/", "/health/", "/metrics")):
        return False
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="application/json")
    return best == "text/html"


def _sign_in_address() -> str:
    wanted = request.full_path.rstrip("?")
    return "/sign-in" if wanted == "/" else f"/sign-in?next={quote(wanted, safe='/')}"


def _slug(kind: type[GridmapError]) -> str:
    """``NotFound`` as ``not-found``."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in kind.__name__).strip("-")
