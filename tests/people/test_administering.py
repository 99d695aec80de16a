"""What administrators may do to accounts, and what the house refuses them in a sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from gridmap.errors import Conflict, Invalid, NotAllowed, NotFound
from gridmap.people.accounts import Wanted, account_by_id, account_page, held_alone, roles_of_many
from gridmap.people.actions import NewPerson, add_person, end_person
from gridmap.people.administering import Particulars, change_person, end_their_sessions, remove_factor
from gridmap.people.departments import Office, add_department, change_department, departments_of, find_departments
from gridmap.people.granting import end_grant, grant
from gridmap.people.queries import load_actor
from gridmap.people.rules import Actor, Grant, Role, scope_of, system_actor
from gridmap.people.sessions import Visit, find_session, open_session
from gridmap.people.tables import Assignment, Person
from gridmap.system.audit import Doer
from tests.worlds import CODE, NOON

MACHINE = system_actor(Doer(None, "system"))
DAY = timedelta(days=1)


@pytest.fixture
def chen(db, town):
    return add_person(db, MACHINE, NewPerson("chen", "陈立民", "Chen Limin", "13812345678"), None)


@pytest.fixture
def make_admin(db, town):
    def make(login, area_id=None, password_hash="$argon2id$"):
        person_id = add_person(db, MACHINE, NewPerson(login, "吴管"), None)
        db.get(Person, person_id).password_hash = password_hash
        grant(db, MACHINE, person_id, Role.ADMIN, NOON, area_id=area_id or town.district_id)
        return load_actor(db, person_id, NOON)

    return make


def test_the_last_administrator_who_can_sign_in_stays(db, town, make_admin):
    wu, named_only = make_admin("wu"), make_admin("named", password_hash=None)
    role = db.scalar(text("SELECT id FROM assignment WHERE person_id = :id"), {"id": wu.id})
    with pytest.raises(Conflict, match="last administrator"):
        end_person(db, named_only, wu.id, NOON)
    with pytest.raises(Conflict, match="last administrator"):
        end_grant(db, named_only, role, NOON)
    make_admin("zheng")
    end_grant(db, named_only, role, NOON + DAY)


def test_nobody_ends_or_unlocks_their_own_account(db, make_admin):
    wu = make_admin("wu")
    make_admin("zheng")
    with pytest.raises(NotAllowed, match="own account"):
        end_person(db, wu, wu.id, NOON)
    with pytest.raises(NotAllowed, match="Another administrator"):
        remove_factor(db, wu, wu.id, "lost my phone", NOON)


def test_an_administrator_of_a_township_touches_no_account_with_a_part_elsewhere(db, town, chen):
    south = int(town.area_path("E", "F").rsplit(".", 1)[0].rsplit(".", 1)[-1])
    path = town.area_path("E", "F").rsplit(".", 1)[0]
    local = Actor("person", 999, "x", "x", "en", (Grant(Role.ADMIN, path, area_id=south),), Doer(999, "admin"))
    wanted = Particulars("陈二", None, None, "zh-CN")
    grant(db, MACHINE, chen, Role.WORKER, NOON, grid_id=town.grid_ids["E"])
    change_person(db, local, chen, wanted, NOON)
    grant(db, MACHINE, chen, Role.WORKER, NOON + DAY, grid_id=town.grid_ids["A"])
    for attempt in (
        lambda: change_person(db, local, chen, wanted, NOON),
        lambda: end_their_sessions(db, local, chen, NOON),
        lambda: remove_factor(db, local, chen, "lost phone", NOON),
        lambda: end_person(db, local, chen, NOON),
        lambda: grant(db, local, chen, Role.CHIEF, NOON, grid_id=town.grid_ids["F"]),
    ):
        with pytest.raises(NotAllowed, match="outside the area"):
            attempt()
    assert account_by_id(db, scope_of(local, "account.manage"), chen, NOON) is not None
    li = add_person(db, MACHINE, NewPerson("li", "李强"), None)
    grant(db, MACHINE, li, Role.WORKER, NOON, grid_id=town.grid_ids["A"])
    assert account_by_id(db, scope_of(local, "account.manage"), li, NOON) is None


def test_who_became_administrator_before_there_was_a_district_is_one_of_its_administrators(db, chen, make_admin, town):
    root = db.scalar(
        text("INSERT INTO area (kind, path, valid) VALUES ('city', '', tstzrange(:at, NULL)) RETURNING id"),
        {"at": NOON},
    )
    first, second = make_admin("first", area_id=root), make_admin("second")
    assert first.grants[0].path == ""
    township = int(town.area_path("E").split(".")[1])
    local = make_admin("local", area_id=township)
    assert account_by_id(db, scope_of(second, "account.manage"), first.id, NOON) is not None
    assert account_by_id(db, scope_of(local, "account.manage"), first.id, NOON) is None
    with pytest.raises(NotAllowed, match="outside the area"):
        end_person(db, local, first.id, NOON)
    remove_factor(db, second, first.id, "lost phone", NOON)
    end_person(db, second, first.id, NOON)


def test_what_only_one_person_does_is_known_before_it_ends(db, town, chen):
    a, b = town.grid_ids["A"], town.grid_ids["B"]
    li = add_person(db, MACHINE, NewPerson("li", "李强"), None)
    only = grant(db, MACHINE, chen, Role.CHIEF, NOON, grid_id=a)
    shared = grant(db, MACHINE, chen, Role.CHIEF, NOON, grid_id=b)
    grant(db, MACHINE, li, Role.WORKER, NOON, grid_id=a)
    grant(db, MACHINE, li, Role.CHIEF, NOON, grid_id=a, begins=NOON + DAY)
    grant(db, MACHINE, li, Role.CHIEF, NOON, grid_id=b)
    assert held_alone(db, chen, NOON) == {only}
    end_person(db, MACHINE, li, NOON)
    assert held_alone(db, chen, NOON) == {only, shared}


def test_a_role_begins_now_or_later_and_ends_after_it_begins(db, town, chen):
    over = {"grid_id": town.grid_ids["A"]}
    with pytest.raises(Invalid, match="now or later"):
        grant(db, MACHINE, chen, Role.WORKER, NOON, **over, begins=NOON - DAY)
    with pytest.raises(Invalid, match="after it begins"):
        grant(db, MACHINE, chen, Role.WORKER, NOON, **over, begins=NOON + DAY, until=NOON + DAY)
    grant(db, MACHINE, chen, Role.WORKER, NOON, **over, begins=NOON + DAY, until=NOON + 2 * DAY)
    assert load_actor(db, chen, NOON).grants == ()
    assert load_actor(db, chen, NOON + DAY).roles == {Role.WORKER}
    assert load_actor(db, chen, NOON + 2 * DAY).grants == ()


def test_a_role_that_has_not_begun_is_taken_back_and_one_that_has_is_history(db, town, chen):
    now = datetime.now(UTC)
    later = grant(db, MACHINE, chen, Role.WORKER, now, grid_id=town.grid_ids["A"], begins=now + DAY)
    end_grant(db, MACHINE, later, now)
    assert db.get(Assignment, later) is None
    given = db.scalars(text("SELECT action FROM audit WHERE action LIKE 'assignment%' ORDER BY at")).all()
    assert given == ["assignment.grant", "assignment.end"]
    held = grant(db, MACHINE, chen, Role.WORKER, now - DAY, grid_id=town.grid_ids["A"])
    with pytest.raises(IntegrityError, match="history"), db.begin_nested():
        db.execute(text("DELETE FROM assignment WHERE id = :id"), {"id": held})
    end_grant(db, MACHINE, held, now)
    assert db.get(Assignment, held) is not None


def test_a_role_ends_at_a_chosen_hour_but_never_later_than_it_would(db, town, chen):
    role = grant(db, MACHINE, chen, Role.WORKER, NOON, grid_id=town.grid_ids["A"], until=NOON + 2 * DAY)
    end_grant(db, MACHINE, role, NOON, NOON + 9 * DAY)
    assert load_actor(db, chen, NOON + 2 * DAY).grants == ()
    end_grant(db, MACHINE, role, NOON, NOON + DAY)
    assert load_actor(db, chen, NOON + DAY).grants == ()
    assert load_actor(db, chen, NOON + DAY - timedelta(seconds=1)).roles == {Role.WORKER}


def test_a_second_factor_goes_with_its_reason_in_the_audit_and_its_sessions(db, town, chen, make_admin):
    opened = open_session(db, chen, Visit("10.0.0.9", ""), NOON)
    db.get(Person, chen).totp = "JBSWY3DPEHPK3PXP"
    remove_factor(db, make_admin("wu"), chen, "lost phone, came in person", NOON)
    assert db.get(Person, chen).totp is None
    assert find_session(db, opened.token, NOON) is None
    row = db.execute(text("SELECT purpose FROM audit WHERE action = 'person.second-factor.remove'")).one()
    assert row.purpose == "lost phone, came in person"


def test_what_changed_is_named_in_the_audit_and_not_repeated(db, chen):
    change_person(db, MACHINE, chen, Particulars("陈立民", "Chen L.", "13800001111", "en"), NOON)
    person = db.get(Person, chen)
    assert (person.names, person.phone, person.locale) == ({"en": "Chen L."}, "13800001111", "en")
    changed = db.scalar(text("SELECT changed FROM audit WHERE action = 'person.change'"))
    assert changed == {"fields": ["locale", "name_en", "phone"]}
    with pytest.raises(Invalid):
        change_person(db, MACHINE, chen, Particulars("陈立民", None, None, "fr"), NOON)


@pytest.mark.parametrize("login", ["Chen", "x", "陈", "a b", "-a", "a" * 65])
def test_a_login_that_cannot_be_is_refused_in_a_sentence(db, login):
    with pytest.raises(Invalid, match="small letters"):
        add_person(db, MACHINE, NewPerson(login, "陈"), None)


def test_people_are_found_by_what_is_known_of_them(db, town, chen):
    scope = scope_of(MACHINE, "account.manage")
    li = add_person(db, MACHINE, NewPerson("li", "李强", phone="13900001111"), None)
    db.get(Person, li).password_hash = "$argon2id$"
    grant(db, MACHINE, li, Role.CHIEF, NOON, grid_id=town.grid_ids["A"])
    ended = add_person(db, MACHINE, NewPerson("old", "陈旧"), None)
    end_person(db, MACHINE, ended, NOON - DAY)

    def found(**wanted):
        return [row.login for row in account_page(db, scope, Wanted(**wanted), NOON)[0]]

    assert found() == ["chen", "li"]
    assert found(typed="CHE") == found(typed="陈立") == found(typed="limin") == found(typed="3812") == ["chen"]
    assert found(typed="%") == found(typed="_") == found(typed="381") == []
    assert found(role="chief") == ["li"]
    assert found(state="ended") == ["old"]
    assert found(state="new") == ["chen"]
    rows, last = account_page(db, scope, Wanted(), NOON, limit=1)
    assert (rows[0].login, last) == ("chen", "chen")
    assert [row.login for row in account_page(db, scope, Wanted(), NOON, limit=1, after=last)[0]] == ["li"]
    (part,) = roles_of_many(db, [li, chen], NOON)
    assert (part.role, part.over, part.code, part.in_force) == ("chief", "grid", CODE["A"], True)


def test_a_department_is_founded_in_ones_area_and_filled_with_accounts_in_use(db, town, chen):
    add_department(db, MACHINE, "cg", "990106001", Office("城管办", "City office", handler="chen"))
    with pytest.raises(Conflict):
        add_department(db, MACHINE, "cg", "990106", Office("又一个"))
    with pytest.raises(NotFound):
        add_department(db, MACHINE, "cg2", CODE["A"], Office("网格不行"))
    end_person(db, MACHINE, chen, NOON)
    with pytest.raises(Invalid, match="in use"):
        change_department(db, MACHINE, "cg", Office("城管办", None, "chen"))
    add_person(db, MACHINE, NewPerson("li", "李强"), None)
    change_department(db, MACHINE, "cg", Office("城管办公室", None, "li", "li", "li"))
    (row,) = departments_of(db, scope_of(MACHINE, "account.manage"))
    assert (row.name, row.handler_login, row.leader_name, row.area_code) == ("城管办公室", "li", "李强", "990106001")
    path = town.area_path("E", "F").rsplit(".", 1)[0]
    south = Actor("person", 999, "x", "x", "en", (Grant(Role.ADMIN, path),), Doer(999, "admin"))
    assert departments_of(db, scope_of(south, "account.manage")) == []
    assert find_departments(db, scope_of(south, "account.manage"), "城管", 5) == []
    assert len(find_departments(db, scope_of(MACHINE, "account.manage"), "城管", 5)) == 1
    with pytest.raises(NotFound):
        change_department(db, south, "cg", Office("夺"))
    with pytest.raises(NotAllowed):
        add_department(db, south, "north", "990106001", Office("北"))
