"""Accounts, as administrators keep them: who there is, how they are reached, and how they enter."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from flask import request
from pydantic import AfterValidator, Field, StringConstraints
from sqlalchemy.orm import Session

from gridmap.database import transaction
from gridmap.errors import Invalid, NotFound
from gridmap.language import N_
from gridmap.people.accounts import Wanted, account_by_id, account_page, held_alone, roles_of_many
from gridmap.people.actions import NewPerson, add_person, end_person
from gridmap.people.administering import Particulars, change_person, end_their_sessions, remove_factor
from gridmap.people.codes import make_password_code
from gridmap.people.looks import ACCOUNT_SEEN, NUMBER_LISTED, record_looks
from gridmap.people.proving import require_fresh
from gridmap.people.register import person_of
from gridmap.people.rules import PERSON_ROLES, Actor, scope_of
from gridmap.system.receipts import claim, content_digest
from webapp.api import api
from webapp.api.paging import next_link, page_after, page_limit
from webapp.api.parameters import PAGE, one_of
from webapp.api.shapes import instant, named
from webapp.shared.policy import current_actor, current_session, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import Parameter, takes

MANAGE = "account.manage"
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
_MAILBOX: Final = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}")
_TELEPHONE: Final = re.compile(r"\+?[0-9][0-9 -]{4,23}")


def _telephone(said: str) -> str:
    if _TELEPHONE.fullmatch(said) is None:
        raise Invalid(
            N_("A telephone number has 5 to 24 figures, spaces or hyphens, such as 139 0000 0000."), where="/phone"
        )
    return said


def _mailbox(said: str) -> str:
    if _MAILBOX.fullmatch(said) is None:
        raise Invalid(N_("An e-mail address looks like li@qishui.example."), where="/email")
    return said


Phone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=25), AfterValidator(_telephone)]
Mailbox = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254), AfterValidator(_mailbox)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=4, max_length=400)]
Language = Literal["zh-CN", "en"]


class AccountIn(Input):
    """A new account; the id is the sender's own, so that it can be sent again."""

    id: UUID
    login: Annotated[str, Field(max_length=64)]
    name: Line
    name_en: Line | None = None
    phone: Phone | None = None
    email: Mailbox | None = None
    locale: Language = "zh-CN"


class ParticularsIn(Input):
    """How a person is called and reached."""

    name: Line
    name_en: Line | None = None
    phone: Phone | None = None
    email: Mailbox | None = None
    locale: Language


class Because(Input):
    """Why something is done; it stands in the audit."""

    reason: Reason


class Nothing(Input):
    """An empty object: all is said by the address."""


@api.get("/accounts")
@declares(MANAGE)
@takes(
    Parameter("q", "The beginning of a login, a part of a name, or four figures of a telephone number."),
    one_of("role", "Only those who hold this role now.", *sorted(PERSON_ROLES)),
    one_of("state", "Those in use unless said otherwise.", "open", "new", "ended"),
    *PAGE,
)
def list_accounts() -> dict[str, Any]:
    """List accounts by login, each with its roles in force or to come."""
    after = page_after(str)
    asked = request.args
    wanted = Wanted(" ".join(asked.get("q", "").split())[:100], asked.get("role") or None, asked.get("state", "open"))
    at = now()
    with transaction() as db:
        rows, last = account_page(
            db,
            scope_of(current_actor(), MANAGE),
            wanted,
            at,
            limit=page_limit(),
            after=None if after is None else after[0],
        )
        parts: dict[int, list[Any]] = {row.id: [] for row in rows}
        for part in roles_of_many(db, list(parts), at):
            parts[part.person_id].append(part)
        listed = [row.id for row in rows if row.phone]
        record_looks(db, current_actor(), NUMBER_LISTED, listed, at, object_id="accounts")
    items = [_account(row, parts[row.id]) for row in rows]
    return {"items": items, "next": next_link(None if last is None else [last])}


@api.post("/accounts")
@declares(MANAGE)
@takes(body=AccountIn)
def create_account(body: AccountIn) -> tuple[dict[str, Any], int]:
    """Make an account that may do nothing yet and has no password: its owner chooses one by a code."""
    actor, at = current_actor(), now()
    with transaction() as db:
        new = claim(db, "account", [(body.id, content_digest(body.model_dump(mode="json")))], at)
        if new:
            said = NewPerson(body.login, body.name, body.name_en, body.phone, body.locale, body.email)
            add_person(db, actor, said, None)
        return _shown(db, actor, person_of(db, body.login)), 201 if new else 200


@api.get("/accounts/<int:person_id>")
@declares(MANAGE)
@takes()
def show_account(person_id: int) -> dict[str, Any]:
    """Show one account with all roles it has, had and will have."""
    actor = current_actor()
    with transaction() as db:
        shown = _shown(db, actor, person_id)
        record_looks(db, actor, ACCOUNT_SEEN, [person_id], now(), object_id=f"person:{person_id}")
        return shown


@api.put("/accounts/<int:person_id>")
@declares(MANAGE)
@takes(body=ParticularsIn)
def change_account(person_id: int, body: ParticularsIn) -> dict[str, Any]:
    """Write down how a person is called and reached."""
    with transaction() as db:
        change_person(db, current_actor(), person_id, Particulars(**body.model_dump()), now())
        return _shown(db, current_actor(), person_id)


@api.post("/accounts/<int:person_id>/code")
@declares(MANAGE)
@takes(body=Nothing)
def make_code(person_id: int, body: Nothing) -> dict[str, Any]:
    """Give the code by which the person chooses a new password; it is shown here once, and the old password ends."""
    require_fresh(current_session(), now())
    with transaction() as db:
        shown = make_password_code(db, current_actor(), person_id, now())
        return {"code": shown.code, "expires_at": instant(shown.expires_at)}


@api.post("/accounts/<int:person_id>/sessions/end")
@declares(MANAGE)
@takes(body=Nothing)
def end_account_sessions(person_id: int, body: Nothing) -> dict[str, Any]:
    """End every session of a person; says how many there were."""
    with transaction() as db:
        return {"ended": end_their_sessions(db, current_actor(), person_id, now())}


@api.post("/accounts/<int:person_id>/factor/remove")
@declares(MANAGE)
@takes(body=Because)
def take_factor(person_id: int, body: Because) -> dict[str, Any]:
    """Take the second factor from an account whose owner has lost it."""
    require_fresh(current_session(), now())
    with transaction() as db:
        remove_factor(db, current_actor(), person_id, body.reason, now())
        return _shown(db, current_actor(), person_id)


@api.post("/accounts/<int:person_id>/end")
@declares(MANAGE)
@takes(body=Nothing)
def end_account(person_id: int, body: Nothing) -> dict[str, Any]:
    """Close an account and end its sessions; what the person did stays."""
    with transaction() as db:
        end_person(db, current_actor(), person_id, now())
        return _shown(db, current_actor(), person_id)


def _shown(db: Session, actor: Actor, person_id: int) -> dict[str, Any]:
    row = account_by_id(db, scope_of(actor, MANAGE), person_id, now())
    if row is None:
        raise NotFound(N_("There is no such account, or it has ended."))
    shown = _account(row, roles_of_many(db, [person_id], now(), past=True))
    alone = held_alone(db, person_id, now())
    for role in shown["roles"]:
        role["alone"] = role["id"] in alone
    return shown


def _account(row: Any, parts: Any) -> dict[str, Any]:
    return {
        **named({"id": row.id, "login": row.login}, row.name, row.names),
        "phone": row.phone,
        "email": row.email,
        "locale": row.locale,
        "state": "ended" if row.ended else "open" if row.can_sign_in else "new",
        "ended_at": instant(row.ended_at),
        "second_factor": row.second_factor,
        "code_until": instant(row.code_until),
        "seen_at": instant(row.seen_at),
        "sessions": row.sessions_n,
        "roles": [role_shape(part) for part in parts],
    }


def role_shape(part: Any) -> dict[str, Any]:
    """A part somebody plays: which, over what, from when to when."""
    return {
        "id": part.id,
        "role": part.role,
        "post": part.post,
        "over": named({"kind": part.over, "code": part.code}, part.name, part.names),
        "from": instant(part.starts_at),
        "until": instant(part.ends_at),
        "state": "ended" if part.ended else "now" if part.in_force else "later",
        "granted_by": part.granted_by,
    }
