"""Accounts are made, given their parts and taken away; nobody becomes more than one thing too many."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from gridmap.errors import Conflict, Invalid, NotAllowed, NotFound
from gridmap.grids.tables import GridVersion
from gridmap.people.actions import NewPerson, add_person, end_person, give_second_factor, set_password
from gridmap.people.granting import end_grant, grant
from gridmap.people.queries import load_actor, responsible_for, responsible_for_many, within
from gridmap.people.rules import Access, Actor, Grant, Role, Scope, scope_of, system_actor
from gridmap.people.sessions import Visit, find_session, open_session
from gridmap.people.tables import Person
from gridmap.system.audit import Doer
from tests.worlds import NOON

MACHINE = system_actor(Doer(None, "system"))
PASSWORD = "three boats under a bridge"


@pytest.fixture
def chen(db, town):
    return add_person(db, MACHINE, NewPerson("chen", "陈立民", "Chen Limin", "13812345678"), None)


@pytest.fixture
def admin(db, town):
    person_id = add_person(db, MACHINE, NewPerson("root.wu", "吴管"), None)
    grant(db, MACHINE, person_id, Role.ADMIN, NOON, area_id=town.district_id)
    return load_actor(db, person_id, NOON)


def test_a_grant_gives_its_role_from_its_hour_to_its_end(db, town, chen):
    grant(db, MACHINE, chen, Role.WORKER, NOON, grid_id=town.grid_ids["A"], until=NOON + timedelta(days=1))
    assert load_actor(db, chen, NOON - timedelta(seconds=1)).grants == ()
    (given,) = load_actor(db, chen, NOON).grants
    assert given == Grant(Role.WORKER, town.paths["A"], grid_id=town.grid_ids["A"])
    assert load_actor(db, chen, NOON + timedelta(days=1)).grants == ()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.WORKER, Role.AUDITOR])
@pytest.mark.parametrize("admin_first", [True, False])
def test_no_account_becomes_administrator_and_something_else(db, town, chen, role, admin_first):
    first, second = (Role.ADMIN, role) if admin_first else (role, Role.ADMIN)
    grant(db, MACHINE, chen, first, NOON, area_id=town.district_id)
    with pytest.raises(Conflict):
        grant(db, MACHINE, chen, second, NOON, area_id=town.district_id)
    # Nor by waiting for a role that begins later.
    with pytest.raises(Conflict):
        grant(db, MACHINE, chen, second, NOON - timedelta(days=1), area_id=town.district_id)


def test_what_ended_clashes_with_nothing(db, town, chen):
    ended = grant(db, MACHINE, chen, Role.OPERATOR, NOON, area_id=town.district_id)
    end_grant(db, MACHINE, ended, NOON + timedelta(hours=1))
    grant(db, MACHINE, chen, Role.ADMIN, NOON + timedelta(hours=1), area_id=town.district_id)
    assert load_actor(db, chen, NOON + timedelta(hours=2)).roles == {Role.ADMIN}


def test_an_administrator_gives_itself_nothing(db, town, admin):
    for role in Role:
        with pytest.raises(NotAllowed):
            grant(db, admin, admin.id, role, NOON, area_id=town.district_id)


def test_an_administrator_of_one_township_gives_nothing_in_another(db, town, chen):
    north = (
        town.area_path("A", "C").rsplit(".", 1)[0]
        if town.area_path("A", "C").count(".") > 1
        else town.area_path("A", "C")
    )
    local = Actor("person", 999, "x", "x", "en", (Grant(Role.ADMIN, north),), Doer(999, "admin"))
    grant(db, local, chen, Role.WORKER, NOON, grid_id=town.grid_ids["A"])
    with pytest.raises(NotAllowed):
        grant(db, local, chen, Role.WORKER, NOON, grid_id=town.grid_ids["E"])


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_an_administrator_manages_accounts(db, town, chen, role):
    other = Actor("person", 999, "x", "x", "en", (Grant(role, str(town.district_id)),), Doer(999, role))
    for attempt in (
        lambda: add_person(db, other, NewPerson("new", "新"), None),
        lambda: grant(db, other, chen, Role.WORKER, NOON, grid_id=town.grid_ids["A"]),
        lambda: end_person(db, other, chen, NOON),
        lambda: set_password(db, other, chen, PASSWORD, NOON),
        lambda: give_second_factor(db, other, chen),
    ):
        with pytest.raises(NotAllowed):
            attempt()


@pytest.mark.parametrize("role", [Role.DEVICE, Role.PUBLIC])
def test_a_person_is_no_device_and_no_stranger(db, town, chen, role):
    with pytest.raises(Invalid):
        grant(db, MACHINE, chen, role, NOON, area_id=town.district_id)


@pytest.mark.parametrize("places", [{}, {"area_id": 1, "grid_id": 1}])
def test_a_role_is_over_exactly_one_thing(db, town, chen, places):
    with pytest.raises(Invalid):
        grant(db, MACHINE, chen, Role.WORKER, NOON, **places)


def test_a_role_over_nothing_is_refused(db, town, chen):
    with pytest.raises(NotFound):
        grant(db, MACHINE, chen, Role.WORKER, NOON, grid_id=10**9)


def test_a_login_is_taken_once(db, chen):
    with pytest.raises(Conflict):
        add_person(db, MACHINE, NewPerson("chen", "陈二"), None)


def test_a_new_password_ends_all_other_sessions(db, town, chen):
    here, there = (open_session(db, chen, Visit("10.0.0.9", ""), NOON) for _ in range(2))
    session, me = find_session(db, here.token, NOON)
    set_password(db, me, chen, PASSWORD, NOON, keep=session.token_hash)
    assert find_session(db, here.token, NOON)
    assert find_session(db, there.token, NOON) is None


def test_an_ended_account_has_no_session_left(db, town, chen):
    opened = open_session(db, chen, Visit("10.0.0.9", ""), NOON)
    end_person(db, MACHINE, chen, NOON)
    assert find_session(db, opened.token, NOON) is None
    with pytest.raises(NotFound):
        load_actor(db, chen, NOON)


def test_everything_leaves_its_row_in_the_audit_and_no_secret_in_it(db, town, chen):
    set_password(db, MACHINE, chen, PASSWORD, NOON)
    address = give_second_factor(db, MACHINE, chen)
    rows = db.execute(text("SELECT action FROM audit WHERE object = :who ORDER BY at"), {"who": f"person:{chen}"})
    assert [row.action for row in rows] == ["person.add", "person.password", "person.second-factor"]
    whole = repr(db.execute(text("SELECT * FROM audit")).all())
    assert PASSWORD not in whole
    assert db.get(Person, chen).totp not in whole
    assert address.startswith("otpauth://totp/gridmap:chen?")


def test_those_who_answer_for_a_grid_are_named_chiefs_first_with_their_number_masked(db, town, chen):
    li = add_person(db, MACHINE, NewPerson("li", "李强", phone="13900001111"), None)
    grant(db, MACHINE, chen, Role.WORKER, NOON, grid_id=town.grid_ids["A"], post="full-time")
    grant(db, MACHINE, li, Role.CHIEF, NOON, grid_id=town.grid_ids["A"])
    people = responsible_for(db, town.grid_ids["A"], NOON)
    assert [(person.name, person.role, person.phone) for person in people] == [
        ("李强", Role.CHIEF, "139****1111"),
        ("陈立民", Role.WORKER, "138****5678"),
    ]
    full = responsible_for_many(db, [town.grid_ids["A"], town.grid_ids["B"]], NOON, Access.FULL)
    assert full[town.grid_ids["A"]][1].phone == "13812345678"
    assert full[town.grid_ids["B"]] == []
    assert responsible_for(db, town.grid_ids["A"], NOON, Access.FIGURES)[0].phone is None
    assert responsible_for(db, town.grid_ids["A"], NOON - timedelta(days=1)) == []


def grids_within(db, scope):
    return set(db.scalars(select(GridVersion.path).where(within(scope, GridVersion.path))))


def test_the_filter_and_the_policy_give_the_same_rows(db, town):
    everything = set(town.paths.values())
    community = town.paths["A"].rsplit(".", 1)[0]
    for grants in (
        (Grant(Role.OPERATOR, str(town.district_id)),),
        (Grant(Role.CHIEF, community),),
        (Grant(Role.WORKER, town.paths["F"], grid_id=town.grid_ids["F"]), Grant(Role.CHIEF, community)),
    ):
        actor = Actor("person", 7, "x", "x", "en", grants, Doer(7, "x"))
        scope = scope_of(actor, "grid.read")
        assert grids_within(db, scope) == {path for path in everything if scope.covers(path)}
        assert grids_within(db, scope)


def test_an_empty_scope_holds_no_row(db, town):
    assert grids_within(db, Scope()) == set()


def test_our_own_processes_see_every_row(db, town):
    assert grids_within(db, scope_of(MACHINE, "grid.read")) == set(town.paths.values())


def test_what_is_mine_is_let_through_wherever_it_lies(db, town):
    columns = select(text("1")).select_from(
        text(
            "(VALUES ('9.9'::ltree, 7, NULL, NULL), ('9.9', NULL, 7, NULL), ('9.9', NULL, NULL, 31), ('9.9', 8, 8, 32))"
            " AS r(path, reporter, person, department)"
        )
    )
    from sqlalchemy import column

    def count(scope):
        clause = within(
            scope, column("path"), reporter=column("reporter"), holder_person=column("person"),
            holder_department=column("department"),
        )  # fmt: skip
        return len(db.execute(columns.where(clause)).all())

    assert count(Scope(paths=(("1", Access.FULL),), person_id=7, department_ids=(31,))) == 3
    assert count(Scope(paths=(("1", Access.FULL),), person_id=7)) == 2
    assert count(Scope(paths=(("9", Access.FULL),))) == 4
