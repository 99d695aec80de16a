"""The pages of signing in and out."""

from __future__ import annotations

from functools import partial
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask import Blueprint, Response, redirect, render_template, request
from sqlalchemy.orm import Session

from gridmap.database import transaction
from gridmap.demo.accounts import read_accounts
from gridmap.errors import GridmapError, NotAllowed, NotFound
from gridmap.grids.queries import current_district
from gridmap.language import LOCALES, N_
from gridmap.people import passwords
from gridmap.people.actions import choose_language
from gridmap.people.queries import load_actor, sessions_of
from gridmap.people.rules import Actor, can
from gridmap.people.sessions import KNOWN_FOR, Opened, SessionKind, Visit, end_session, end_sessions
from gridmap.people.signing_in import CodeNeeded, claim_check, finish_sign_in
from webapp.account.browsers import browser_name
from webapp.errors import STATUS, answer, family_of
from webapp.shared import settings
from webapp.shared.pages import LANGUAGE_COOKIE, current_locale
from webapp.shared.policy import (
    SESSION_COOKIE,
    authenticate,
    current_actor,
    current_session,
    declares,
    now,
    request_id,
)

KNOWN_COOKIE = "__Host-gridmap-known"

_KINDS = {"desk": N_("Desk"), "phone": N_("Phone"), "wall": N_("Wall")}

account = Blueprint("account", __name__, template_folder="templates")


@account.get("/sign-in")
@declares("public")
def show_sign_in() -> Response | str:
    """Show the page to sign in on; whoever has signed in already is sent on."""
    if (actor := authenticate()).kind == "person":
        return redirect(_destination(actor), 303)  # type: ignore[return-value]
    return _page()


@account.post("/sign-in")
@declares("public")
def sign_in() -> Response:
    """Check name and password, and open a session in this browser."""
    try:
        opened = _opened(request.form.get("login", ""), request.form.get("password", ""), request.form.get("code"))
    except GridmapError as error:
        return _refused(error)
    with transaction() as db:
        next_page = _destination(load_actor(db, opened.person_id, now()))
    response: Response = (
        Response(status=204, headers={"X-Next": next_page}) if _is_script() else redirect(next_page, 303)  # type: ignore[assignment]
    )
    _give_cookie(response, SESSION_COOKIE, opened.token, int((opened.expires_at - now()).total_seconds()))
    _give_cookie(response, KNOWN_COOKIE, opened.known, int(KNOWN_FOR.total_seconds()))
    return response


def _opened(login: str, password: str, code: str | None) -> Opened:
    """
    Claim a check, check, open: argon2 works between two transactions, not inside one.

    Refusals are raised after their transaction, so that the counts and the audit stay.
    """
    if not _cookie_will_be_taken():
        raise NotAllowed(
            N_(
                "Signing in over plain http works on this machine only, for browsers keep the session's "
                "cookie nowhere else. Use the https address, or http://127.0.0.1."
            )
        )
    visit = _visit()
    with transaction() as db:
        claim = claim_check(db, login, visit, now())
    if claim.refusal is not None:
        raise claim.refusal
    right = len(password) <= passwords.MAX_LENGTH and passwords.matches(password, claim.stored)
    with transaction() as db:
        found = finish_sign_in(db, claim, password, right, code, visit, now(), second_factor=not settings().demo)
    if isinstance(found, GridmapError):
        raise found
    return found


def _visit() -> Visit:
    browser = request.headers.get("User-Agent", "")
    kind: SessionKind = "phone" if "Mobi" in browser else "desk"
    if request.form.get("wall"):
        kind = "wall"
    return Visit(request.remote_addr or "", browser, kind, request.cookies.get(KNOWN_COOKIE), request_id())


def _refused(error: GridmapError) -> Response:
    """The page again with the sentence, or the sentence alone for the page's script."""
    if _is_script():
        return answer(error)
    page = _page(
        sentence=error.sentence(current_locale()),
        login=request.form.get("login", "")[:64],
        code_needed=isinstance(error, CodeNeeded),
    )
    return Response(page, STATUS[family_of(error)], content_type="text/html; charset=utf-8")


def _page(**words: Any) -> str:
    demo = settings().demo
    return render_template(
        "account/sign-in.html",
        next=_wanted() or "",
        works_here=_cookie_will_be_taken(),
        accounts=read_accounts(settings().data_dir) if demo else [],
        **words,
    )


@account.post("/sign-out")
@declares("session.own")
def sign_out() -> Response:
    """End the session of this browser."""
    if (session := current_session()) is not None:
        with transaction() as db:
            end_session(db, current_actor().doer, session.person_id, session.token_hash, now())
    response: Response = redirect("/sign-in", 303)  # type: ignore[assignment]
    _give_cookie(response, SESSION_COOKIE, "", 0)
    return response


@account.get("/account")
@declares("session.own")
def show_account() -> str:
    """Show who I am, in which roles, and where I am signed in."""
    actor, session = current_actor(), current_session()
    if actor.kind != "person" or actor.id is None:
        raise NotFound(N_("Only people have an account page."))
    with transaction() as db:
        sessions = sessions_of(db, actor.id, now())
        zone = _zone(db)
    return render_template(
        "account/account.html",
        sessions=sessions,
        browser_name=browser_name,
        kinds=_KINDS,
        local=partial(format_datetime, format="short", tzinfo=zone, locale=current_locale().replace("-", "_")),
        here=session.token_hash if session else None,
        roles=sorted(actor.roles),
    )


@account.post("/account/sessions/<name>/end")
@declares("session.own")
def end_one(name: str) -> Response:
    """End one of my sessions, by the name the page gives it."""
    try:
        hashed = bytes.fromhex(name)
    except ValueError as error:
        raise NotFound(N_("There is no such session, or it has ended already.")) from error
    actor = current_actor()
    with transaction() as db:
        end_session(db, actor.doer, actor.id or 0, hashed, now())
    return redirect("/account", 303)  # type: ignore[return-value]


@account.post("/account/sessions/end-others")
@declares("session.own")
def end_others() -> Response:
    """End all my sessions but this one."""
    actor, session = current_actor(), current_session()
    with transaction() as db:
        end_sessions(db, actor.doer, actor.id or 0, now(), keep=session.token_hash if session else None)
    return redirect("/account", 303)  # type: ignore[return-value]


@account.post("/account/language")
@declares("session.own")
def set_language() -> Response:
    """Keep my language with my account, for every browser I use."""
    locale = request.form.get("language", "")
    actor = current_actor()
    if locale not in LOCALES or actor.id is None:
        raise NotFound(N_("There is no such language here."))
    with transaction() as db:
        choose_language(db, actor, locale)
    response: Response = redirect("/account", 303)  # type: ignore[assignment]
    response.delete_cookie(LANGUAGE_COOKIE)
    return response


def _zone(db: Session) -> ZoneInfo:
    """The district's zone; before there is one, nobody lives anywhere yet."""
    try:
        return current_district(db).zone
    except NotFound:
        return ZoneInfo("UTC")


def _destination(actor: Actor) -> str:
    """Where to go after signing in: the page that was wanted, or the first that this person may see."""
    return _wanted() or ("/" if can(actor, "map.see") else "/account")


def _wanted() -> str | None:
    """The page of this site that was asked for before signing in; never one of another site."""
    wanted = request.values.get("next", "")
    # Browsers read a backslash as a slash, so that /\host is another site too.
    if not wanted.startswith("/") or wanted.startswith(("//", "/\\")) or not wanted.isprintable():
        return None
    return None if wanted == "/" else wanted


def _cookie_will_be_taken() -> bool:
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


def _is_script() -> bool:
    return request.headers.get("X-Requested-With") == "gridmap"


def _give_cookie(response: Response, name: str, value: str, age_s: int) -> None:
    """``__Host-`` cookies are Secure, of this host alone, and of every path."""
    response.set_cookie(name, value, max_age=age_s, path="/", secure=True, httponly=True, samesite="Lax")
