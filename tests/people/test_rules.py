"""
The matrix of rights, written down a second time as the specification has it, and what follows from it.

The table below is read by a person beside the specification: one row an action, one column a role.
"own", "area", "dept", "self"; " m" personal fields masked, " f" figures only; "-" none.
"""

from __future__ import annotations

import itertools

import pytest

from gridmap.errors import NotAllowed
from gridmap.people.rules import (
    DATA_ROLES,
    POLICY,
    Access,
    Actor,
    Grant,
    Role,
    Thing,
    can,
    clash_of,
    is_below,
    needs_second_factor,
    scope_of,
    stranger,
    system_actor,
)
from gridmap.system.audit import Doer

MATRIX = """
action            | worker| chief | township| department| operator| supervisor| planner| auditor| admin| device
map.see           | own   | area  | area m  | dept m    | area    | area m    | area f | -      | -    | -
report.create     | own   | area  | area    | -         | area    | -         | -      | -      | -    | -
report.read       | own   | area  | area m  | dept      | area    | area m    | area f | -      | -    | -
incident.read     | own   | area  | area m  | dept      | area    | area m    | area f | -      | -    | -
incident.step     | own   | area  | area    | dept      | area    | -         | -      | -      | -    | -
incident.supervise| -     | -     | -       | -         | -       | area      | -      | -      | -    | -
roster.read       | -     | -     | area    | -         | area    | area      | -      | -      | -    | -
roster.work       | -     | -     | area    | -         | area    | -         | -      | -      | -    | -
hotline.work      | -     | area  | area    | -         | area    | -         | -      | -      | -    | -
hotline.read      | -     | area  | area    | -         | area    | area      | -      | -      | -    | -
round.work        | own   | area  | area    | dept      | area    | -         | -      | -      | -    | -
round.read        | own   | area  | area    | dept      | area    | area      | -      | -      | -    | -
alert.send        | -     | area  | -       | -         | area    | -         | -      | -      | -    | own
alert.read        | own   | area  | area m  | dept      | area    | area      | -      | -      | -    | -
alert.judge       | -     | area  | -       | -         | area    | -         | -      | -      | -    | -
photo.see         | own   | area  | area m  | dept      | area    | area m    | -      | -      | -    | -
position.live     | self  | area  | -       | -         | area    | -         | -      | -      | -    | -
position.track    | self  | area  | -       | -         | area    | -         | -      | -      | -    | -
field.reveal      | -     | area  | area    | dept      | area    | area      | -      | -      | -    | -
boundary.draft    | -     | -     | -       | -         | -       | -         | area   | -      | -    | -
boundary.publish  | -     | -     | -       | -         | -       | -         | area   | -      | -    | -
indicator.read    | own   | area  | area    | dept      | area    | area      | area   | -      | -    | -
table.export      | -     | area m| area m  | dept m    | area m  | area m    | -      | -      | -    | -
geometry.export   | -     | -     | -       | -         | -       | -         | area   | -      | -    | -
track.export      | -     | area  | -       | -         | area    | -         | -      | -      | -    | -
catalogue.write   | -     | -     | -       | -         | -       | -         | -      | -      | area | -
account.manage    | -     | -     | -       | -         | -       | -         | -      | -      | area | -
setting.manage    | -     | -     | -       | -         | -       | -         | -      | -      | area | -
audit.read        | -     | -     | -       | -         | -       | -         | -      | area   | -    | -
audit.verify      | -     | -     | -       | -         | -       | -         | -      | area   | -    | -
"""
_ACCESS = {"": Access.FULL, "m": Access.MASKED, "f": Access.FIGURES}

ME = 7
DISTRICT, TOWNSHIP, COMMUNITY, GRID = "1", "1.14", "1.14.203", "1.14.203.g5512"
NEIGHBOUR = "1.14.203.g5513"  # another grid of the same community
OTHER_TOWNSHIP = "1.140.9.g1"  # its label begins like ours, and is not ours
DEPARTMENT = 31


def cells():
    header, *rows = (line.split("|") for line in MATRIX.strip().splitlines())
    for action, *said in rows:
        for role, cell in zip(header[1:], said, strict=True):
            yield action.strip(), Role(role.strip()), cell.strip()


def actor(*grants, kind="person", wall=False):
    return Actor(kind, ME, "chen", "陈立民", "zh-CN", grants, Doer(ME, "test"), wall)


def holder(role):
    """Someone with one role: a worker over a grid, a department's handler, anyone else over a township."""
    if role is Role.WORKER:
        return actor(Grant(role, GRID, grid_id=5512))
    if role is Role.DEPARTMENT:
        return actor(Grant(role, DISTRICT, department_id=DEPARTMENT))
    if role is Role.DEVICE:
        return actor(Grant(role, GRID), kind="device")
    return actor(Grant(role, TOWNSHIP, area_id=14))


@pytest.mark.parametrize(("action", "role", "cell"), list(cells()))
def test_the_policy_is_the_matrix(action, role, cell):
    reach, _, mask = cell.partition(" ")
    in_my_grid, in_township, elsewhere = Thing(GRID), Thing(NEIGHBOUR), Thing(OTHER_TOWNSHIP)
    sent_to_me = Thing(OTHER_TOWNSHIP, holder_department_id=DEPARTMENT)
    mine = Thing(OTHER_TOWNSHIP, holder_person_id=ME)
    yes, no = _ACCESS[mask], None
    expected = {
        #        my grid, township, elsewhere, sent to my department, held by me
        "-": (no, no, no, no, no),
        "own": (yes, no, no, no, no if role is Role.DEVICE else yes),
        "area": (yes, yes, no, no, yes),
        "dept": (no, no, no, yes, yes),
        "self": (no, no, no, no, yes),
    }[reach]
    things = (in_my_grid, in_township, elsewhere, sent_to_me, mine)
    assert tuple(can(holder(role), action, thing) for thing in things) == expected


@pytest.mark.parametrize("role", sorted(DATA_ROLES | {Role.AUDITOR, Role.ADMIN}))
def test_everyone_may_see_their_own_sessions(role):
    assert can(holder(role), "session.own") is not None


@pytest.mark.parametrize("action", sorted(set(POLICY) - {"public"}))
def test_a_stranger_may_do_nothing(action):
    nobody = stranger(Doer(None, "public"))
    assert can(nobody, action, Thing(GRID)) is None
    with pytest.raises(NotAllowed):
        scope_of(nobody, action)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN, Role.DEVICE])
@pytest.mark.parametrize("action", ["grid.read", "locate", "tile.read", "live.read", "site.read", "map.see"])
def test_those_without_data_see_no_map(role, action):
    assert can(holder(role), action, Thing(GRID)) is None


@pytest.mark.parametrize("action", ["report.create", "report.read", "incident.read", "photo.see", "field.reveal"])
def test_an_administrator_sees_no_report_and_grants_itself_none(action):
    assert can(holder(Role.ADMIN), action, Thing(GRID)) is None


def test_what_i_reported_is_mine_wherever_it_lies():
    chief = actor(Grant(Role.CHIEF, COMMUNITY, area_id=203))
    assert can(chief, "report.read", Thing(OTHER_TOWNSHIP, reporter_id=ME)) is Access.FULL
    assert can(chief, "report.read", Thing(OTHER_TOWNSHIP, reporter_id=ME + 1)) is None


def test_rights_follow_the_tree_downwards_and_never_sideways():
    assert is_below("1.14.203", "1.14")
    assert is_below("1.14", "1.14")
    assert not is_below("1.140", "1.14")
    assert not is_below("1", "1.14")


def test_of_two_roles_the_stronger_access_counts():
    both = actor(Grant(Role.PLANNER, DISTRICT, area_id=1), Grant(Role.CHIEF, COMMUNITY, area_id=203))
    assert can(both, "incident.read", Thing(GRID)) is Access.FULL
    assert can(both, "incident.read", Thing(OTHER_TOWNSHIP)) is Access.FIGURES


def test_one_role_lends_its_area_to_no_other():
    both = actor(Grant(Role.WORKER, GRID, grid_id=5512), Grant(Role.PLANNER, DISTRICT, area_id=1))
    assert can(both, "incident.step", Thing(NEIGHBOUR)) is None


def test_in_an_emergency_a_worker_reports_anywhere_in_the_township_and_no_further():
    worker = holder(Role.WORKER)
    assert can(worker, "report.create", Thing("1.14.77.g9")) is None
    assert can(worker, "report.create", Thing("1.14.77.g9", emergency=True)) is Access.FULL
    assert can(worker, "report.create", Thing(OTHER_TOWNSHIP, emergency=True)) is None
    assert can(worker, "report.read", Thing("1.14.77.g9", emergency=True)) is None


def test_a_wall_only_looks_and_sees_no_personal_field():
    wall = actor(Grant(Role.OPERATOR, DISTRICT, area_id=1), wall=True)
    assert can(wall, "incident.read", Thing(GRID)) is Access.MASKED
    for action in ("incident.step", "report.create", "alert.judge", "field.reveal", "table.export", "person.read"):
        assert can(wall, action, Thing(GRID)) is None, action


def test_accesses_compare_by_strength_and_not_by_letter():
    assert Access.FIGURES < Access.MASKED < Access.FULL
    assert max(Access.FULL, Access.MASKED) is Access.FULL
    assert min(Access.FULL, Access.FIGURES) is Access.FIGURES
    assert Access.MASKED >= Access.MASKED > Access.FIGURES
    assert not Access.FULL <= Access.MASKED


def test_scopes_have_one_key_exactly_when_they_are_equal():
    scopes = [
        scope_of(holder(role), action)
        for role, action in itertools.product(DATA_ROLES, ("incident.read", "grid.read", "map.see"))
        if can(holder(role), action)
    ]
    for one, other in itertools.combinations(scopes, 2):
        assert (one.key == other.key) == (one == other)


def test_no_account_is_administrator_and_anything_else():
    for role in DATA_ROLES | {Role.AUDITOR}:
        assert clash_of({Role.ADMIN, role}) == (Role.ADMIN, role)
    assert clash_of({Role.ADMIN}) is None
    assert clash_of(DATA_ROLES | {Role.AUDITOR}) is None


def test_every_role_but_the_workers_needs_a_second_factor():
    assert not needs_second_factor({Role.WORKER})
    for role in (DATA_ROLES | {Role.AUDITOR, Role.ADMIN}) - {Role.WORKER}:
        assert needs_second_factor({Role.WORKER, role})


def test_our_own_processes_see_all():
    assert can(system_actor(Doer(None, "system")), "incident.read", Thing(OTHER_TOWNSHIP)) is Access.FULL
