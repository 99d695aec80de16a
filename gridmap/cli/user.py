"""`gridmap user`: accounts, made and changed by whoever runs the machine."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from gridmap.cli.database import opened
from gridmap.cli.terminal import reader_locale, say
from gridmap.language import LOCALES, N_, translate

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from gridmap.people.register import Target

_ROLES = ("worker", "chief", "township", "department", "operator", "planner", "supervisor", "auditor", "admin")
_POSTS = ("full-time", "part-time", "micro", "mobile")

_role = click.option("--role", type=click.Choice(_ROLES), help="The part the person plays.")
_over = click.option("--over", metavar="CODE", help="Area, grid or department of the role; the district if left out.")
_post = click.option("--post", type=click.Choice(_POSTS), help="Which kind of worker.")
_ask = click.option("--ask", is_flag=True, help="Ask for the password instead of making one.")


@click.group()
def user() -> None:
    """Make and change accounts."""


@user.command()
@click.argument("login")
@click.option("--name", required=True, help="The person's name.")
@click.option("--name-en", help="The name in English.")
@click.option("--phone", help="Telephone number.")
@click.option("--language", type=click.Choice(LOCALES), default="zh-CN", show_default=True, help="Their language.")
@_role
@_over
@_post
@_ask
def add(
    login: str,
    name: str,
    name_en: str | None,
    phone: str | None,
    language: str,
    role: str | None,
    over: str | None,
    post: str | None,
    ask: bool,
) -> None:
    """Make an account for LOGIN and give it a role; the password is shown once."""
    from gridmap.people.actions import NewPerson, add_person

    password = _asked() if ask else _made()
    now = datetime.now(UTC)
    with opened() as (db, actor):
        person_id = add_person(db, actor, NewPerson(login, name, name_en, phone, language), password)
        if role is not None:
            _give(db, person_id, role, over, post, now)
        factor = _second_factor(db, person_id, role)
    _show(login, None if ask else password, factor)


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array on standard output.")
def list_accounts(as_json: bool) -> None:
    """List all accounts with their roles in force."""
    from gridmap.people.register import listed_people

    with opened() as (db, _):
        rows = listed_people(db, datetime.now(UTC))
    if as_json:
        click.echo(json.dumps([row._asdict() for row in rows], ensure_ascii=False))
        return
    for row in rows:
        marks = [word for word, holds in (("ended", row.ended), ("no password", not row.can_sign_in)) if holds]
        roles = row.roles if len(row.roles) < 4 else [*row.roles[:3], f"+{len(row.roles) - 3}"]
        click.echo("\t".join([row.login, row.name, ", ".join(roles), ", ".join(marks)]).rstrip())


@user.command()
@click.argument("login")
@click.argument("role", type=click.Choice(_ROLES))
@_over
@_post
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The day the role ends; without end if left out.")
def grant(login: str, role: str, over: str | None, post: str | None, until: datetime | None) -> None:
    """Give LOGIN the ROLE over an area, a grid or a department, from now on."""
    from gridmap.people.register import person_of

    now = datetime.now(UTC)
    with opened() as (db, _):
        person_id = person_of(db, login)
        _give(db, person_id, role, over, post, now, until.astimezone() if until else None)
        factor = _second_factor(db, person_id, role)
    _show(login, None, factor)


@user.command()
@click.argument("login")
@_ask
@click.option("--second-factor", is_flag=True, help="A new second factor too; the old one counts no more.")
def password(login: str, ask: bool, second_factor: bool) -> None:
    """Give LOGIN a new password, shown once; all its sessions end."""
    from gridmap.people.actions import give_second_factor, set_password
    from gridmap.people.register import person_of

    word = _asked() if ask else _made()
    with opened() as (db, actor):
        person_id = person_of(db, login)
        set_password(db, actor, person_id, word, datetime.now(UTC))
        factor = give_second_factor(db, actor, person_id) if second_factor else None
    _show(login, None if ask else word, factor)


@user.command("first-admin")
def first_admin() -> None:
    """Make another code for the page /start, where the first administrator is made; the one before ends."""
    from gridmap.people.codes import make_first_code

    with opened() as (db, actor):
        shown = make_first_code(db, actor, datetime.now(UTC))
    click.echo(f"code     {shown.code}")
    click.echo(f"until    {shown.expires_at.astimezone().isoformat(timespec='minutes')}")
    say(N_("This is shown once. Enter it on the page /start of this installation."))


def _give(
    db: Session,
    person_id: int,
    role: str,
    over: str | None,
    post: str | None,
    at: datetime,
    until: datetime | None = None,
) -> None:
    from gridmap.cli.database import machine
    from gridmap.people.granting import grant
    from gridmap.people.register import target_of, whole_installation
    from gridmap.people.rules import Role

    target: Target = whole_installation(db, at) if over is None else target_of(db, over)
    grant(db, machine(), person_id, Role(role), at, **vars(target), post=post, until=until)


def _second_factor(db: Session, person_id: int, role: str | None) -> str | None:
    """Make the second factor that a role needs, if the account has none."""
    from sqlalchemy import text

    from gridmap.cli.database import machine
    from gridmap.people.actions import give_second_factor
    from gridmap.people.rules import Role, needs_second_factor

    if role is None or not needs_second_factor([Role(role)]):
        return None
    if db.scalar(text("SELECT totp IS NOT NULL FROM person WHERE id = :id"), {"id": person_id}):
        return None
    return give_second_factor(db, machine(), person_id)


def _asked() -> str:
    prompt = translate(N_("Password"), reader_locale())
    again = translate(N_("Once more"), reader_locale())
    return str(click.prompt(prompt, hide_input=True, confirmation_prompt=again, err=True))


def _made() -> str:
    return secrets.token_urlsafe(15)


def _show(login: str, word: str | None, factor: str | None) -> None:
    """Print what is shown once, on standard output."""
    click.echo(f"login     {login}")
    if word is not None:
        click.echo(f"password  {word}")
    if factor is not None:
        click.echo(f"factor    {factor}")
    if word is not None or factor is not None:
        say(N_("This is shown once. Give it to the person, and to nobody else."))
