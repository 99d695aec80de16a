"""What all ways in share: who comes from where, which cookie they are given, where they go next."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, request

from gridmap.database import transaction
from gridmap.errors import NotAllowed
from gridmap.language import N_
from gridmap.people.queries import load_actor
from gridmap.people.rules import Actor, Role, can
from gridmap.people.sessions import KNOWN_FOR, Opened, SessionKind, Visit
from webapp.shared.policy import SESSION_COOKIE, now, request_id

KNOWN_COOKIE = "__Host-gridmap-known"
FACTOR_PAGE = "/account/second-factor"

# By role, the widest first: who has several begins where most comes together.
_FACES = {
    Role.OPERATOR: "/",
    Role.SUPERVISOR: "/desk",
    Role.TOWNSHIP: "/desk",
    Role.DEPARTMENT: "/desk",
    Role.CHIEF: "/desk",
    Role.PLANNER: "/planner",
    Role.WORKER: "/patrol",
}

account = Blueprint("account", __name__, template_folder="templates")


def visit() -> Visit:
    """From where this request comes."""
    browser = request.headers.get("User-Agent", "")
    kind: SessionKind = "phone" if "Mobi" in browser else "desk"
    if request.form.get("wall"):
        kind = "wall"
    return Visit(request.remote_addr or "", browser, kind, request.cookies.get(KNOWN_COOKIE), request_id())


def let_in(opened: Opened) -> Response:
    """Give the browser its session, and lead it on: who must set up a second factor goes there first."""
    with transaction() as db:
        actor = load_actor(db, opened.person_id, now())
    next_page = FACTOR_PAGE if opened.enrolling else destination(actor)
    response: Response = (
        Response(status=204, headers={"X-Next": next_page}) if is_script() else redirect(next_page, 303)  # type: ignore[assignment]
    )
    give_cookie(response, SESSION_COOKIE, opened.token, int((opened.expires_at - now()).total_seconds()))
    give_cookie(response, KNOWN_COOKIE, opened.known, int(KNOWN_FOR.total_seconds()))
    return response


def destination(actor: Actor) -> str:
    """Where to go after signing in: the page that was wanted, or the first that this person may see."""
    if wished := wanted():
        return wished
    if can(actor, "map.see"):
        return _first_face(actor)
    return "/admin" if can(actor, "account.manage") else "/account"


def _first_face(actor: Actor) -> str:
    """The page of the first of somebody's roles that has one of its own; a wall has the map, whoever set it up."""
    if actor.wall or request.form.get("wall"):
        return "/"
    return next((page for role, page in _FACES.items() if role in actor.roles), "/")


def wanted() -> str | None:
    """The page of this site that was asked for before signing in; never one of another site."""
    wish = request.values.get("next", "")
    # Browsers read a backslash as a slash, so that /\host is another site too.
    if not wish.startswith("/") or wish.startswith(("//", "/\\")) or not wish.isprintable():
        return None
    return None if wish == "/" else wish


def require_kept_cookie() -> None:
    """
    Refuse to sign anybody in where the browser would throw the session's cookie away.

    Raises
    ------
    NotAllowed
        Over plain http from another machine.
    """
    if not cookie_will_be_taken():
        raise NotAllowed(
            N_(
                "Signing in over plain http works on this machine only, for browsers keep the session's "
                "cookie nowhere else. Use the https address, or http://127.0.0.1."
            )
        )


def cookie_will_be_taken() -> bool:
    """Browsers keep a ``Secure`` cookie from TLS and from the machine itself only."""
    if request.is_secure:
        return True
    host = urlsplit(f"//{request.host}").hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_script() -> bool:
    """Whether a script of ours asks, which wants sentences and no pages."""
    return request.headers.get("X-Requested-With") == "gridmap"


def give_cookie(response: Response, name: str, value: str, age_s: int) -> None:
    """``__Host-`` cookies are Secure, of this host alone, and of every path."""
    response.set_cookie(name, value, max_age=age_s, path="/", secure=True, httponly=True, samesite="Lax")
