"""Setting up the second factor: the picture to scan, and the first code that makes it count."""

from __future__ import annotations

from io import BytesIO

import segno
from flask import Response, redirect, render_template, request

from gridmap.database import transaction
from gridmap.errors import GridmapError
from gridmap.people.factors import confirm_factor, factor_address, offer_factor, offered_factor
from gridmap.people.proving import ProofNeeded, is_fresh, require_fresh
from gridmap.people.tables import Person
from webapp.account.door import FACTOR_PAGE, account, destination
from webapp.account.own import own_session
from webapp.errors import STATUS, family_of
from webapp.shared.pages import current_locale
from webapp.shared.policy import authenticate, declares, now


@account.get("/account/second-factor")
@declares("account.own")
def show_factor() -> str:
    """Show whether there is a second factor, or the one that waits for its first code."""
    return _page()


@account.post("/account/second-factor")
@declares("account.own")
def begin_factor() -> Response:
    """Make a new secret; it counts for nothing until its first code is entered."""
    actor, session = own_session()
    try:
        require_fresh(session, now())
    except ProofNeeded:
        return redirect(f"/account/proof?next={FACTOR_PAGE}", 303)  # type: ignore[return-value]
    with transaction() as db:
        offer_factor(db, actor)
    return redirect(FACTOR_PAGE, 303)  # type: ignore[return-value]


@account.get("/account/second-factor.svg")
@declares("account.own")
def draw_factor() -> Response:
    """Draw the picture that an authenticator scans, for the owner's own browser; nobody keeps it."""
    actor, session = own_session()
    require_fresh(session, now())
    with transaction() as db:
        address = factor_address(offered_factor(db, actor), actor.login)
    drawn = BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", scale=5, border=4, light="#fff", svgns=True)
    return Response(drawn.getvalue(), content_type="image/svg+xml", headers={"Cache-Control": "no-store"})


@account.post("/account/second-factor/confirm")
@declares("account.own")
def confirm() -> Response:
    """Have the factor count from its first right code on."""
    actor, session = own_session()
    was_enrolling = session.enrolling
    try:
        require_fresh(session, now())
        with transaction() as db:
            confirm_factor(db, actor, session.token_hash, request.form.get("code", ""), now())
    except ProofNeeded:
        return redirect(f"/account/proof?next={FACTOR_PAGE}", 303)  # type: ignore[return-value]
    except GridmapError as error:
        page = _page(error.sentence(current_locale()))
        return Response(page, STATUS[family_of(error)], content_type="text/html; charset=utf-8")
    next_page = destination(authenticate()) if was_enrolling else "/account?done=factor"
    return redirect(next_page, 303)  # type: ignore[return-value]


def _page(sentence: str | None = None) -> str:
    _, session = own_session()
    with transaction() as db:
        person = db.get_one(Person, session.person_id)
        # Not for whoever finds this desk unlocked later.
        secret, on = person.totp_offered if is_fresh(session, now()) else None, person.totp is not None
    groups = None if secret is None else " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return render_template(
        "account/second-factor.html", sentence=sentence, secret=groups, on=on, enrolling=session.enrolling
    )
