"""Password and second factor again, before something that must not be done at somebody else's unlocked desk."""

from __future__ import annotations

from flask import Response, redirect, render_template, request

from gridmap.database import transaction
from gridmap.errors import GridmapError, NotFound
from gridmap.language import N_
from gridmap.people import passwords
from gridmap.people.proving import finish_proof
from gridmap.people.rules import Actor
from gridmap.people.signing_in import CodeNeeded, claim_check
from gridmap.people.tables import Person, SignInSession
from webapp.account.door import account, is_script, visit, wanted
from webapp.errors import STATUS, answer, family_of
from webapp.shared.pages import current_locale
from webapp.shared.policy import current_actor, current_session, declares, now


@account.get("/account/proof")
@declares("account.own")
def show_proof() -> str:
    """Ask for the password again, and lead back to what was wanted."""
    return _page()


@account.post("/account/proof")
@declares("account.own")
def give_proof() -> Response:
    """Note that the owner of this session is here: for some minutes keys and accounts may be changed."""
    actor, session = current_actor(), current_session()
    if session is None:
        raise NotFound(N_("Only people have an account page."))
    try:
        prove(actor, session, request.form.get("password", ""), request.form.get("code"))
    except GridmapError as error:
        if is_script():
            return answer(error)
        page = _page(sentence=error.sentence(current_locale()), code_needed=isinstance(error, CodeNeeded))
        return Response(page, STATUS[family_of(error)], content_type="text/html; charset=utf-8")
    return Response(status=204) if is_script() else redirect(wanted() or "/account", 303)  # type: ignore[return-value]


def prove(actor: Actor, session: SignInSession, password: str, code: str | None) -> None:
    """
    Check password and second factor of the one who asks, under the limits of signing in.

    Raises
    ------
    TooMany, NotSignedIn
        As the names say; the counts and the audit stay.
    """
    with transaction() as db:
        claim = claim_check(db, actor.login, visit(), now())
    if claim.refusal is not None:
        raise claim.refusal
    right = len(password) <= passwords.MAX_LENGTH and passwords.matches(password, claim.stored)
    with transaction() as db:
        refusal = finish_proof(db, claim, right, code, session.token_hash, visit(), now())
    if refusal is not None:
        raise refusal


def _page(sentence: str | None = None, *, code_needed: bool = False) -> str:
    with transaction() as db:
        person = db.get(Person, current_actor().id)
        has_factor = person is not None and person.totp is not None
    return render_template(
        "account/proof.html", next=wanted() or "", sentence=sentence, ask_code=has_factor, code_needed=code_needed
    )
