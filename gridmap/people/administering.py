"""What an administrator changes in the account of somebody else, each with its row in the audit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from gridmap.errors import Invalid, NotAllowed
from gridmap.language import LOCALES, N_
from gridmap.people.actions import manageable
from gridmap.people.rules import Actor
from gridmap.people.sessions import end_sessions
from gridmap.system import audit


@dataclass(frozen=True)
class Particulars:
    """What an account says of its person, apart from login and roles."""

    name: str
    name_en: str | None
    phone: str | None
    locale: str
    email: str | None = None


def change_person(db: Session, actor: Actor, person_id: int, wanted: Particulars, at: datetime) -> None:
    """
    Write down how somebody is called and reached.

    Raises
    ------
    NotAllowed, NotFound
        As `gridmap.people.actions.manageable`.
    Invalid
        If there is no such language here.
    """
    person = manageable(db, actor, person_id, at)
    if wanted.locale not in LOCALES:
        raise Invalid(N_("There is no such language here."), where="/locale")
    before = Particulars(person.name, person.names.get("en"), person.phone, person.locale, person.email)
    names: dict[str, Any] = {key: value for key, value in person.names.items() if key != "en"}
    person.name = wanted.name
    person.names = names | ({"en": wanted.name_en} if wanted.name_en else {})
    person.phone, person.locale, person.email = wanted.phone, wanted.locale, wanted.email
    # That a name or a number changed is said, not what it was or is: the audit outlives both.
    changed = sorted(field for field, value in vars(wanted).items() if value != getattr(before, field))
    audit.record(db, actor.doer, "person.change", object_id=f"person:{person_id}", changed={"fields": changed})


def end_their_sessions(db: Session, actor: Actor, person_id: int, at: datetime) -> int:
    """
    End every session of an account; says how many there were.

    Raises
    ------
    NotAllowed, NotFound
        As `gridmap.people.actions.manageable`.
    """
    manageable(db, actor, person_id, at)
    return end_sessions(db, actor.doer, person_id, at)


def remove_factor(db: Session, actor: Actor, person_id: int, reason: str, at: datetime) -> None:
    """
    Take the second factor from an account whose owner has lost it; they set up another when they next sign in.

    Parameters
    ----------
    reason
        Why, and how it is known that it was the owner who asked; it stands in the audit.

    Raises
    ------
    NotAllowed
        If the account is one's own, or outside the area one administers.
    NotFound
        If there is no such account in use.
    """
    if actor.kind == "person" and actor.id == person_id:
        raise NotAllowed(
            N_("Another administrator removes your second factor; you can replace it on your account page.")
        )
    person = manageable(db, actor, person_id, at)
    person.totp = person.totp_step = person.totp_offered = None
    end_sessions(db, actor.doer, person_id, at)
    audit.record(db, actor.doer, "person.second-factor.remove", object_id=f"person:{person_id}", purpose=reason)
