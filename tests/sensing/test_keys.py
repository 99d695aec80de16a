"""Keys change without a gap, end when they should, and go with their device."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from gridmap.errors import Conflict, Invalid, NotAllowed, NotFound
from gridmap.people.rules import Actor, Grant, Role, scope_of, system_actor
from gridmap.sensing.health import WantedDevices, keys_of, register_page, registered
from gridmap.sensing.keys import find_device, key_hash, key_name, make_key, revoke_named, rotate_key
from gridmap.sensing.registering import NewDevice, end_device, register_device
from gridmap.system.audit import Doer
from tests.worlds import NOON, add_device, point

DOER = Doer(None, "system")
MACHINE = system_actor(DOER)
HOUR = timedelta(hours=1)


@pytest.fixture
def camera(db, town):
    return add_device(db, town, "cam-1", "A", point(0.5, 2.5))


def test_the_older_key_goes_on_until_its_hour(db, camera):
    old = make_key(db, DOER, camera, NOON)
    new = rotate_key(db, DOER, camera, NOON, NOON + HOUR)
    assert find_device(db, old, NOON + HOUR - timedelta(seconds=1))
    assert find_device(db, old, NOON + HOUR) is None
    assert find_device(db, new, NOON + HOUR)
    with pytest.raises(Conflict):
        rotate_key(db, DOER, camera, NOON, NOON + HOUR)
    # Once the older has ended there is room for the next.
    rotate_key(db, DOER, camera, NOON + HOUR, NOON + 2 * HOUR)


def test_a_rotation_never_lengthens_a_key(db, camera):
    old = make_key(db, DOER, camera, NOON, NOON + HOUR)
    rotate_key(db, DOER, camera, NOON, NOON + 9 * HOUR)
    assert find_device(db, old, NOON + HOUR) is None


def test_a_rotation_that_ends_the_older_key_at_once_is_a_revocation(db, camera):
    make_key(db, DOER, camera, NOON)
    with pytest.raises(Invalid, match="revoke"):
        rotate_key(db, DOER, camera, NOON, NOON)


def test_one_key_is_revoked_by_its_name_and_the_other_counts_on(db, town, camera):
    old, new = (make_key(db, DOER, camera, NOON) for _ in range(2))
    other = add_device(db, town, "cam-2", "B", point(1.5, 2.5))
    name = key_name(key_hash(old))
    with pytest.raises(NotFound):
        revoke_named(db, DOER, other, name, NOON)
    revoke_named(db, DOER, camera, name, NOON)
    assert find_device(db, old, NOON) is None
    assert find_device(db, new, NOON)
    assert [key_name(key.hash) for key in keys_of(db, camera, NOON)] == [key_name(key_hash(new))]
    with pytest.raises(NotFound):
        revoke_named(db, DOER, camera, name, NOON)


def test_a_device_goes_with_its_keys_and_a_gateway_not_before_those_it_speaks_for(db, town, camera):
    register_device(db, MACHINE, NewDevice("gw-1", "gateway", "网关", *point(0.5, 2.5)), NOON)
    db.execute(text("UPDATE device SET gateway_id = (SELECT id FROM device WHERE code = 'gw-1') WHERE code = 'cam-1'"))
    key = make_key(db, DOER, camera, NOON)
    with pytest.raises(Conflict, match="speaks for"):
        end_device(db, MACHINE, "gw-1", "replaced", NOON)
    end_device(db, MACHINE, "cam-1", "broken", NOON)
    assert find_device(db, key, NOON) is None
    end_device(db, MACHINE, "gw-1", "replaced", NOON)
    with pytest.raises(NotFound):
        end_device(db, MACHINE, "cam-1", "again", NOON)
    assert db.scalar(text("SELECT purpose FROM audit WHERE action = 'device.end' ORDER BY at LIMIT 1")) == "broken"


def test_the_register_tells_the_silent_the_keyless_and_the_ended_apart(db, town, camera):
    add_device(db, town, "cam-2", "E", point(0.5, 0.5))
    add_device(db, town, "gw-1", "A", point(0.5, 2.5), kind="gateway")
    db.execute(text("UPDATE device SET gateway_id = (SELECT id FROM device WHERE code = 'gw-1') WHERE code = 'cam-2'"))
    db.execute(text("UPDATE device SET ended_at = :at WHERE code = 'gw-1'"), {"at": NOON})
    db.execute(
        text("INSERT INTO device_pulse (device_id, seen_at, tokens, braked_n) VALUES (:id, :at, 1, 3)"),
        {"id": camera, "at": NOON - timedelta(minutes=29)},
    )
    scope = scope_of(MACHINE, "account.manage")

    def found(state="open", at=NOON, **wanted):
        return [row.code for row in register_page(db, scope, WantedDevices(state=state, **wanted), at)[0]]

    assert found() == ["cam-1", "cam-2"]
    assert found("ended") == ["gw-1"]
    assert found("silent") == ["cam-2"]
    assert found("silent", NOON + timedelta(minutes=2)) == ["cam-1", "cam-2"]
    assert found("keyless") == ["cam-1"]
    make_key(db, DOER, camera, NOON)
    assert found("keyless") == []
    assert found(typed="CAM-2") == ["cam-2"]
    assert registered(db, scope, "cam-1", NOON).braked_n == 3


def test_an_administrator_keeps_the_register_of_its_own_area(db, town, camera):
    path = town.area_path("E", "F").rsplit(".", 1)[0]
    south = Actor("person", 999, "x", "x", "en", (Grant(Role.ADMIN, path),), Doer(999, "admin"))
    register_device(db, south, NewDevice("cam-9", "camera", "九", *point(0.5, 0.5)), NOON)
    with pytest.raises(NotAllowed):
        register_device(db, south, NewDevice("cam-8", "camera", "八", *point(0.5, 2.5)), NOON)
    with pytest.raises(NotFound):
        end_device(db, south, "cam-1", "not mine", NOON)
    assert registered(db, scope_of(south, "account.manage"), "cam-1", NOON) is None
