"""Codes shown once: nobody but the owner ever knows a password, and the first administrator is made once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from gridmap.errors import Conflict, NotAllowed, TooMany
from gridmap.people.actions import NewPerson, add_person, end_person, set_password
from gridmap.people.codes import (
    FIRST_ADMIN_FOR,
    PASSWORD_FOR,
    WrongCode,
    begin_house,
    choose_password,
    claim_code,
    has_administrator,
    make_first_code,
    make_password_code,
)
from gridmap.people.limits import CHECKS_PER_ACCOUNT
from gridmap.people.queries import load_actor
from gridmap.people.rules import Role, system_actor
from gridmap.people.sessions import Visit, find_session, open_session
from gridmap.people.tables import Person
from gridmap.system.audit import Doer
from tests.worlds import NOON

MACHINE = system_actor(Doer(None, "system"))
HERE = Visit("10.0.0.9", "")
HASH = "$argon2id$chosen"


@pytest.fixture
def chen(db):
    return add_person(db, MACHINE, NewPerson("chen", "陈立民"), None)


def test_a_code_becomes_a_password_once(db, chen):
    shown = make_password_code(db, MACHINE, chen, NOON)
    typed = f" {shown.code.upper().replace('-', ' ')} "
    claim = claim_code(db, " Chen ", typed, HERE, NOON)
    assert claim.refusal is None
    choose_password(db, claim, HASH, HERE, NOON)
    assert db.get(Person, chen, populate_existing=True).password_hash == HASH
    assert isinstance(claim_code(db, "chen", shown.code, HERE, NOON).refusal, WrongCode)
    # Two who claimed it at once: the second finds it gone.
    with pytest.raises(Conflict):
        choose_password(db, claim, "another", HERE, NOON)


def test_a_code_opens_its_own_account_alone_and_until_its_hour(db, chen):
    add_person(db, MACHINE, NewPerson("li", "李强"), None)
    code = make_password_code(db, MACHINE, chen, NOON).code
    assert isinstance(claim_code(db, "li", code, HERE, NOON).refusal, WrongCode)
    assert isinstance(claim_code(db, None, code, HERE, NOON).refusal, WrongCode)
    assert isinstance(claim_code(db, "chen", code, HERE, NOON + PASSWORD_FOR).refusal, WrongCode)
    assert claim_code(db, "chen", code, HERE, NOON + PASSWORD_FOR - timedelta(seconds=1)).refusal is None
    end_person(db, MACHINE, chen, NOON)
    assert isinstance(claim_code(db, "chen", code, HERE, NOON).refusal, WrongCode)


def test_a_new_code_ends_the_one_before_the_password_and_the_sessions(db, chen):
    set_password(db, MACHINE, chen, "three boats under a bridge", NOON)
    opened = open_session(db, chen, HERE, NOON)
    first = make_password_code(db, MACHINE, chen, NOON).code
    assert db.get(Person, chen).password_hash is None
    assert find_session(db, opened.token, NOON) is None
    make_password_code(db, MACHINE, chen, NOON)
    assert isinstance(claim_code(db, "chen", first, HERE, NOON).refusal, WrongCode)


def test_guesses_at_a_code_run_into_the_limit_of_their_account_and_right_ones_use_up_nothing(db, chen):
    code = make_password_code(db, MACHINE, chen, NOON).code
    for _ in range(CHECKS_PER_ACCOUNT):
        assert isinstance(claim_code(db, "chen", "wrong", HERE, NOON).refusal, WrongCode)
    assert isinstance(claim_code(db, "chen", code, HERE, NOON).refusal, TooMany)
    later = NOON + timedelta(minutes=15)
    choose_password(db, claim_code(db, "chen", code, HERE, later), HASH, HERE, later)
    assert db.scalar(text("SELECT count(*) FROM login_try")) == 0


def test_only_the_hash_of_a_code_is_stored_and_no_row_of_the_audit_holds_it(db, chen):
    plain = make_password_code(db, MACHINE, chen, NOON).code.replace("-", "")
    stored = repr(db.execute(text("SELECT * FROM entry_code")).all()) + repr(
        db.execute(text("SELECT * FROM audit")).all()
    )
    assert plain not in stored.replace("-", "")
    actions = db.scalars(text("SELECT action FROM audit ORDER BY at")).all()
    assert actions[-1] == "person.password-code"


def test_nobody_makes_a_code_for_themselves(db, chen):
    with pytest.raises(NotAllowed):
        make_password_code(db, load_actor(db, chen, NOON), chen, NOON)


def begin(db, code, at=NOON, login="wu"):
    claim = claim_code(db, None, code, HERE, at)
    if claim.refusal is not None:
        raise claim.refusal
    return begin_house(db, claim, NewPerson(login, "吴管"), HASH, HERE, at)


def test_the_first_administrator_is_made_once_and_begins_with_a_second_factor(db):
    code = make_first_code(db, MACHINE, NOON).code
    opened = begin(db, code)
    assert opened.enrolling
    assert load_actor(db, opened.person_id, NOON).roles == {Role.ADMIN}
    session, actor = find_session(db, opened.token, NOON)
    assert (session.enrolling, actor.grants) == (True, ())
    with pytest.raises(WrongCode):
        begin(db, code, login="other")
    with pytest.raises(Conflict):
        make_first_code(db, MACHINE, NOON)


def test_a_first_code_ends_after_a_day_and_with_the_next_one(db):
    first = make_first_code(db, MACHINE, NOON).code
    second = make_first_code(db, MACHINE, NOON).code
    with pytest.raises(WrongCode):
        begin(db, first)
    with pytest.raises(WrongCode):
        begin(db, second, NOON + FIRST_ADMIN_FOR)
    assert begin(db, second, NOON + FIRST_ADMIN_FOR - timedelta(seconds=1))


def test_a_first_code_that_was_claimed_makes_no_second_administrator(db):
    claims = [claim_code(db, None, make_first_code(db, MACHINE, NOON).code, HERE, NOON)]
    begin_house(db, claims[0], NewPerson("wu", "吴管"), HASH, HERE, NOON)
    assert has_administrator(db)
    with pytest.raises(Conflict):
        begin_house(db, claims[0], NewPerson("zheng", "郑管"), HASH, HERE, NOON)
