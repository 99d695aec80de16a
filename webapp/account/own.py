"""My account: who I am, in which roles, where I am signed in, and my password."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from flask import Response, redirect, render_template, request
from sqlalchemy.orm import Session

from gridmap.database import transaction
from gridmap.errors import GridmapError, NotFound
from gridmap.grids.queries import current_district
from gridmap.language import LOCALES, N_, translate
from gridmap.people.accounts import roles_of_many
from gridmap.people.actions import choose_language, set_password
from gridmap.people.looks import looks_at
from gridmap.people.queries import sessions_of
from gridmap.people.rules import Actor, Role, needs_second_factor
from gridmap.people.sessions import end_session, end_sessions
from gridmap.people.tables import Person, SignInSession
from webapp.account.browsers import browser_name
from webapp.account.door import FACTOR_PAGE, account
from webapp.account.proof import prove
from webapp.api.paging import next_link, page_after
from webapp.errors import STATUS, family_of
from webapp.shared import settings
from webapp.shared.pages import LANGUAGE_COOKIE, current_locale
from webapp.shared.policy import current_actor, current_session, declares, now

_LOOKS = 10
_KINDS = {"desk": N_("Desk"), "phone": N_("Phone"), "wall": N_("Wall")}
_DONE = {
    "password": N_("The new password is kept. All your other sessions have ended."),
    "factor": N_("The second factor is on. All your other sessions have ended."),
}


@account.get("/account")
@declares("session.own")
def show_account() -> Response | str:
    """Show who I am, in which roles, and where I am signed in."""
    actor, session = own_session()
    if session.enrolling:
        return redirect(FACTOR_PAGE, 303)  # type: ignore[return-value]
    return _page(actor, session)


@account.post("/account/password")
@declares("account.own")
def change_password() -> Response:
    """Choose another password; the one in force is asked for again, and all other sessions end."""
    actor, session = own_session()
    try:
        prove(actor, session, request.form.get("current", ""), request.form.get("code"))
        with transaction() as db:
            set_password(db, actor, session.person_id, request.form.get("new", ""), now(), keep=session.token_hash)
    except GridmapError as error:
        page = _page(actor, session, sentence=error.sentence(current_locale()))
        return Response(page, STATUS[family_of(error)], content_type="text/html; charset=utf-8")
    return redirect("/account?done=password", 303)  # type: ignore[return-value]


@account.post("/account/sessions/<name>/end")
@declares("account.own")
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
@declares("account.own")
def end_others() -> Response:
    """End all my sessions but this one."""
    actor, session = current_actor(), current_session()
    with transaction() as db:
        end_sessions(db, actor.doer, actor.id or 0, now(), keep=session.token_hash if session else None)
    return redirect("/account", 303)  # type: ignore[return-value]


@account.post("/account/language")
@declares("account.own")
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


def own_session() -> tuple[Actor, SignInSession]:
    """
    Give the person who asks, and the session of this browser.

    Raises
    ------
    NotFound
        If a device asks.
    """
    actor, session = current_actor(), current_session()
    if actor.kind != "person" or session is None:
        raise NotFound(N_("Only people have an account page."))
    return actor, session


def _page(actor: Actor, session: SignInSession, sentence: str | None = None) -> str:
    with transaction() as db:
        sessions = sessions_of(db, session.person_id, now())
        parts = roles_of_many(db, [session.person_id], now())
        zone = _zone(db)
        looks, last = looks_at(db, session.person_id, limit=_LOOKS, after=page_after(datetime.fromisoformat, int, int))
        has_factor = db.get_one(Person, session.person_id).totp is not None
    locale = current_locale().replace("-", "_")
    return render_template(
        "account/account.html",
        sessions=sessions,
        browser_name=browser_name,
        kinds=_KINDS,
        local=partial(format_datetime, format="short", tzinfo=zone, locale=locale),
        day=lambda at: format_date(at.astimezone(zone), format="medium", locale=locale),
        here=session.token_hash,
        roles=sorted(actor.roles),
        parts=parts,
        role_of=Role,
        has_factor=has_factor,
        needs_factor=not settings().demo and needs_second_factor(actor.roles),
        looks=looks,
        earlier=next_link(last) if request.method == "GET" else None,
        role_name=_role_name,
        sentence=sentence,
        done=_DONE.get(request.args.get("done", "")),
    )


def _role_name(role: str) -> str:
    """What the page calls a role of the audit, which also names devices and our own processes."""
    return translate(Role(role).label, current_locale()) if role in set(Role) else "–"


def _zone(db: Session) -> ZoneInfo:
    """The district's zone; before there is one, nobody lives anywhere yet."""
    try:
        return current_district(db).zone
    except NotFound:
        return ZoneInfo("UTC")
