"""The ways in by a code that was shown once: choosing one's own password, and making the first administrator."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, render_template, request

from gridmap.database import transaction
from gridmap.errors import GridmapError, Invalid
from gridmap.language import N_
from gridmap.people.actions import NewPerson
from gridmap.people.codes import CodeClaim, begin_house, choose_password, claim_code, has_administrator
from gridmap.people.passwords import hash_password, require_good_password
from webapp.account.door import account, cookie_will_be_taken, let_in, require_kept_cookie, visit
from webapp.errors import STATUS, family_of
from webapp.shared import settings
from webapp.shared.pages import current_locale
from webapp.shared.policy import declares, now


@account.get("/account/code")
@declares("public")
def show_code() -> str:
    """Show where a code from an administrator is turned into a password of one's own."""
    return _page("account/code.html")


@account.post("/account/code")
@declares("public")
def take_code() -> Response:
    """Take a code and the password that its owner chose."""
    form = request.form
    try:
        claim = _claimed(form.get("login", ""), form.get("code", ""))
        hashed = _chosen(form.get("password", ""), claim.login)
        with transaction() as db:
            choose_password(db, claim, hashed, visit(), now())
    except GridmapError as error:
        return _refused("account/code.html", error)
    return redirect("/sign-in?done=password", 303)  # type: ignore[return-value]


@account.get("/start")
@declares("public")
def show_start() -> str:
    """Show where the first administrator is made, or that there is one."""
    with transaction() as db:
        return _page("account/start.html", too_late=has_administrator(db))


@account.post("/start")
@declares("public")
def start() -> Response:
    """Make the first administrator by the code that the machine printed, and sign them in."""
    form = request.form
    try:
        require_kept_cookie()
        claim = _claimed(None, form.get("code", ""))
        login, name = form.get("login", "").strip().casefold(), " ".join(form.get("name", "").split())
        if not 1 <= len(name) <= 100:
            raise Invalid(N_("Enter your name, as people call you."))
        hashed = _chosen(form.get("password", ""), login)
        with transaction() as db:
            new = NewPerson(login, name, locale=current_locale())
            opened = begin_house(db, claim, new, hashed, visit(), now(), second_factor=not settings().demo)
    except GridmapError as error:
        return _refused("account/start.html", error)
    return let_in(opened)


def _claimed(login: str | None, code: str) -> CodeClaim:
    """Count and check a code; the refusal is raised after its transaction, so that the count stays."""
    with transaction() as db:
        claim = claim_code(db, login, code[:100], visit(), now())
    if claim.refusal is not None:
        raise claim.refusal
    return claim


def _chosen(password: str, login: str) -> str:
    """Hash a password that is good enough; a bad one does not use up the code."""
    require_good_password(password, login)
    return hash_password(password)


def _refused(template: str, error: GridmapError) -> Response:
    page = _page(template, sentence=error.sentence(current_locale()))
    return Response(page, STATUS[family_of(error)], content_type="text/html; charset=utf-8")


def _page(template: str, **words: Any) -> str:
    # What was typed stays, but for the password: a browser would otherwise make people type a code twice.
    typed = {field: request.form.get(field, "")[:100] for field in ("login", "name", "code")}
    return render_template(template, works_here=cookie_will_be_taken(), typed=typed, **words)
