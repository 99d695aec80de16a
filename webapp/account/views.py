"""The pages of signing in and out."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, render_template, request

from gridmap.database import transaction
from gridmap.demo.accounts import read_accounts
from gridmap.errors import GridmapError
from gridmap.people import passwords
from gridmap.people.codes import has_administrator
from gridmap.people.sessions import Opened, end_session
from gridmap.people.signing_in import CodeNeeded, claim_check, finish_sign_in
from webapp.account.door import (
    account,
    cookie_will_be_taken,
    destination,
    give_cookie,
    is_script,
    let_in,
    require_kept_cookie,
    visit,
    wanted,
)
from webapp.errors import STATUS, answer, family_of
from webapp.shared import settings
from webapp.shared.pages import current_locale
from webapp.shared.policy import SESSION_COOKIE, authenticate, current_actor, current_session, declares, now


@account.get("/sign-in")
@declares("public")
def show_sign_in() -> Response | str:
    """Show the page to sign in on; whoever has signed in already is sent on."""
    if (actor := authenticate()).kind == "person":
        return redirect(destination(actor), 303)  # type: ignore[return-value]
    return _page()


@account.post("/sign-in")
@declares("public")
def sign_in() -> Response:
    """Check name and password, and open a session in this browser."""
    try:
        opened = _opened(request.form.get("login", ""), request.form.get("password", ""), request.form.get("code"))
    except GridmapError as error:
        return _refused(error)
    return let_in(opened)


def _opened(login: str, password: str, code: str | None) -> Opened:
    """
    Claim a check, check, open: argon2 works between two transactions, not inside one.

    Refusals are raised after their transaction, so that the counts and the audit stay.
    """
    require_kept_cookie()
    with transaction() as db:
        claim = claim_check(db, login, visit(), now())
    if claim.refusal is not None:
        raise claim.refusal
    right = len(password) <= passwords.MAX_LENGTH and passwords.matches(password, claim.stored)
    with transaction() as db:
        found = finish_sign_in(db, claim, password, right, code, visit(), now(), second_factor=not settings().demo)
    if isinstance(found, GridmapError):
        raise found
    return found


def _refused(error: GridmapError) -> Response:
    """The page again with the sentence, or the sentence alone for the page's script."""
    if is_script():
        return answer(error)
    page = _page(
        sentence=error.sentence(current_locale()),
        login=request.form.get("login", "")[:64],
        code_needed=isinstance(error, CodeNeeded),
    )
    return Response(page, STATUS[family_of(error)], content_type="text/html; charset=utf-8")


def _page(**words: Any) -> str:
    demo = settings().demo
    with transaction() as db:
        unbegun = not has_administrator(db)
    return render_template(
        "account/sign-in.html",
        next=wanted() or "",
        works_here=cookie_will_be_taken(),
        accounts=read_accounts(settings().data_dir) if demo else [],
        unbegun=unbegun,
        chosen=request.args.get("done") == "password",
        left=request.args.get("done") == "out",
        **words,
    )


@account.post("/sign-out")
@declares("session.own")
def sign_out() -> Response:
    """End the session of this browser."""
    if (session := current_session()) is not None:
        with transaction() as db:
            end_session(db, current_actor().doer, session.person_id, session.token_hash, now())
    response: Response = redirect("/sign-in?done=out", 303)  # type: ignore[assignment]
    give_cookie(response, SESSION_COOKIE, "", 0)
    return response
