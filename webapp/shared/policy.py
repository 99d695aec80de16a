"""
The one gate: every route declares its action, and nobody passes without the right to it.

A route that declares nothing stops the service from starting; an error in a check is a refusal.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request

from gridmap.database import reading, transaction
from gridmap.errors import Malformed, NotAllowed, NotSignedIn
from gridmap.language import N_
from gridmap.people.recall import recalled
from gridmap.people.rules import POLICY, Actor, scope_of, stranger
from gridmap.people.tables import SignInSession
from gridmap.sensing.keys import find_device
from gridmap.system import audit
from gridmap.system.audit import Doer
from webapp.shared import settings

SESSION_COOKIE = "__Host-gridmap"
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf"
PUBLIC = "public"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_MARK = "gridmap_action"
_OWN = frozenset({"session.own", "account.own"})

View = TypeVar("View", bound=Callable[..., Any])


def now() -> datetime:
    """The instant of this request's work; the domain takes it as a parameter."""
    return datetime.now(UTC)


def declares(action: str) -> Callable[[View], View]:
    """
    Say which action of the policy a view is; stands directly under the route.

    Raises
    ------
    ValueError
        At import, if the policy knows no such action.
    """
    if action not in POLICY:
        raise ValueError(f"The policy knows no action {action!r}.")

    def mark(view: View) -> View:
        setattr(view, _MARK, action)
        return view

    return mark


def declared_action(app: Flask, endpoint: str) -> str | None:
    """The action of an endpoint; None if it declares none."""
    return getattr(app.view_functions[endpoint], _MARK, None)


def require_declarations(app: Flask) -> None:
    """
    Refuse to start with a route that declares no action.

    Raises
    ------
    RuntimeError
        Naming every such route.
    """
    silent = [
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if declared_action(app, rule.endpoint) is None
    ]
    if silent:
        raise RuntimeError("These routes declare no action: " + ", ".join(sorted(silent)))


def current_actor() -> Actor:
    """Who is asking; on a public route a stranger, unless `authenticate` was called."""
    actor: Actor = g.actor
    return actor


def current_session() -> SignInSession | None:
    """The session this request came with; None for keys and strangers."""
    session: SignInSession | None = g.session
    return session


def request_id() -> str:
    """The name of this request, in its answer, its log line and its audit rows."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    name: str = g.request_id
    return name


def enforce() -> None:
    """
    Let a request through to its view, or raise what it lacks; runs before every request.

    Raises
    ------
    Malformed
        If the address holds NUL.
    NotSignedIn, NotAllowed
        As the names say.
    """
    g.session, g.actor = None, stranger(_doer())
    if request.url_rule is None:
        return  # no such page: the answer is 404 or 405 for everyone
    if "\0" in request.path or any("\0" in text for pair in request.args.items(multi=True) for text in pair):
        raise Malformed(N_("The address holds a NUL character, which nothing here takes."))
    action = declared_action(current_app, request.url_rule.endpoint)
    if action == PUBLIC:
        if request.method not in _SAFE:
            _require_own_origin()
        return
    authenticate()
    if g.actor.kind == "public":
        raise NotSignedIn(N_("Sign in first."))
    if g.session is not None and request.method not in _SAFE:
        _require_own_origin()
        _require_csrf(g.session)
    if g.session is not None and g.session.enrolling and action not in _OWN:
        raise NotAllowed(N_("Set up your second factor first: your account page leads there."))
    scope_of(g.actor, action or "")


def authenticate() -> Actor:
    """
    Find out who is asking: by key if one is sent, else by the session's cookie.

    Raises
    ------
    NotSignedIn
        If a key is sent that is not valid.
    """
    who = _seek()
    g.actor, g.session = who() or (stranger(_doer()), None)
    return current_actor()


def renew_actor() -> Callable[[], Actor | None]:
    """
    Give a function that looks again who this is, for an answer that outlives its request, such as a stream.

    It opens its own transaction and needs no request; None means the session or key has ended.
    """
    who = _seek()

    def again() -> Actor | None:
        try:
            found = who()
        except NotSignedIn:
            return None
        return found[0] if found else None

    return again


def _seek() -> Callable[[], tuple[Actor, SignInSession | None] | None]:
    """How this request says who it is, as something that can be asked again."""
    marks = {"address": request.remote_addr, "request_id": request_id()}
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        return partial(_by_key, scheme, key.strip(), marks)
    return partial(_by_cookie, request.cookies.get(SESSION_COOKIE), marks)


def _by_key(scheme: str, key: str, marks: dict[str, str | None]) -> tuple[Actor, None]:
    with transaction() as db:
        device = find_device(db, key, now(), **marks) if scheme.lower() == "bearer" else None
    if device is None:
        raise NotSignedIn(N_("This key is not valid. Devices send `Authorization: Bearer KEY`."))
    return device, None


def _by_cookie(token: str | None, marks: dict[str, str | None]) -> tuple[Actor, SignInSession] | None:
    if not token:
        return None
    with reading() as look:
        found = recalled.known(look, token, now(), **marks)
    if found is None:
        with transaction() as db:
            found = recalled.read(db, token, now(), **marks)
    return (found[1], found[0]) if found else None


def _doer() -> Doer:
    return Doer(None, "public", request.remote_addr, request_id())


def _require_own_origin() -> None:
    """Browsers name the page that sends: another site's page may not act in someone's name."""
    origin = request.headers.get("Origin", "")
    ours = {request.host, urlsplit(settings().public_url or "").netloc} - {""}
    if urlsplit(origin).netloc not in ours:
        raise NotAllowed(N_("This was sent from a page of another site, so it was not done."))


def _require_csrf(session: SignInSession) -> None:
    sent = request.headers.get(CSRF_HEADER) or _csrf_of_form()
    if not secrets.compare_digest(sent.encode(), session.csrf.encode()):
        raise NotAllowed(N_("The page is out of date, so this was not done. Reload it and try again."))


def _csrf_of_form() -> str:
    forms = ("application/x-www-form-urlencoded", "multipart/form-data")
    return request.form.get(CSRF_FIELD, "") if request.mimetype in forms else ""


def record_refusal(error: NotAllowed) -> None:
    """Leave an audit row of a refusal, in a transaction of its own: the refused one is rolled back."""
    rule = request.url_rule
    action = declared_action(current_app, rule.endpoint) if rule else None
    with transaction() as db:
        audit.record(
            db,
            current_actor().doer,
            action or "unknown",
            result="refused",
            changed={"method": request.method, "route": rule.rule if rule else None, "reason": error.msgid},
        )
