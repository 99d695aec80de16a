"""`gridmap user` and `gridmap device`, on a database of their own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.cli import main
from gridmap.database import make_engine
from gridmap.people.codes import claim_code
from gridmap.people.passwords import matches
from gridmap.people.queries import load_actor
from gridmap.people.rules import can, scope_of
from gridmap.people.sessions import Visit
from gridmap.sensing.keys import find_device
from tests.worlds import CODE, build_town, point

Ran = tuple[int, str, str]


@pytest.fixture
def gridmap(monkeypatch, capsys, fresh_database) -> Callable[..., Ran]:
    """Run a command on the test's own database; code, result, what was said."""
    monkeypatch.setenv("GRIDMAP_LANGUAGE", "en")
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", fresh_database.app)

    def run(*words: str, keys: str = "") -> Ran:
        with pytest.raises(SystemExit) as end:
            main(list(words))
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def db(fresh_database) -> Iterator[Session]:
    """A look into what the commands committed."""
    engine = make_engine(fresh_database.owner, idle_timeout_s=None)
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def town(db):
    built = build_town(db)
    db.commit()
    return built


def shown(out: str) -> dict[str, str]:
    """What a command showed once, by its word."""
    return dict(line.split(maxsplit=1) for line in out.splitlines())


def actor_of(db: Session, login: str):
    person_id = db.scalar(text("SELECT id FROM person WHERE login = :login"), {"login": login})
    return load_actor(db, person_id, datetime.now(UTC))


def test_the_first_administrator_is_made_on_an_empty_database_and_administers_what_comes_later(gridmap, db):
    code, out, said = gridmap("user", "add", "boss", "--name", "钱主任", "--role", "admin")
    assert code == 0
    assert "shown once" in said
    stored = db.scalar(text("SELECT password_hash FROM person WHERE login = 'boss'"))
    assert matches(shown(out)["password"], stored)
    assert shown(out)["factor"].startswith("otpauth://totp/")

    town = build_town(db)
    boss = actor_of(db, "boss")
    assert can(boss, "account.manage") is not None
    assert scope_of(boss, "account.manage").covers(town.path_of("A")) is not None


def test_a_second_administrator_joins_the_first(gridmap, db):
    for login in ("boss", "deputy"):
        assert gridmap("user", "add", login, "--name", "钱主任", "--role", "admin")[0] == 0
    assert {actor_of(db, login).grants[0].path for login in ("boss", "deputy")} == {""}


def test_a_role_over_a_grid_an_area_or_a_department_is_found_by_its_code(gridmap, db, town):
    db.execute(
        text("INSERT INTO department (code, area_id, name) VALUES ('parks', :district, '园林所')"),
        {"district": town.district_id},
    )
    db.commit()
    gridmap("user", "add", "wang", "--name", "王敏", "--role", "chief", "--over", CODE["A"])
    gridmap("user", "grant", "wang", "township", "--over", "990106002")
    assert gridmap("user", "grant", "wang", "department", "--over", "parks")[0] == 0
    paths = {grant.role: grant.path for grant in actor_of(db, "wang").grants}
    assert paths == {
        "chief": town.path_of("A"),
        "township": town.path_of("E").rsplit(".", 2)[0],
        "department": str(town.district_id),
    }


def test_a_worker_needs_no_second_factor(gridmap, town):
    _, out, _ = gridmap(
        "user", "add", "li", "--name", "李静", "--role", "worker", "--over", CODE["B"], "--post", "micro"
    )
    assert set(shown(out)) == {"login", "password"}


def test_an_unknown_code_makes_no_half_account(gridmap, db, town):
    code, out, said = gridmap("user", "add", "li", "--name", "李静", "--role", "worker", "--over", "123")
    assert (code, out, said) == (2, "", "123 is the code of no area, grid or department.\n")
    assert db.scalar(text("SELECT count(*) FROM person")) == 0


def test_an_administrator_is_nothing_else(gridmap, town):
    gridmap("user", "add", "boss", "--name", "钱主任", "--role", "admin")
    code, _, said = gridmap("user", "grant", "boss", "auditor")
    assert code == 2
    assert "cannot be" in said


def test_a_new_password_replaces_the_old_one(gridmap, db):
    _, first, _ = gridmap("user", "add", "zhang", "--name", "张伟")
    _, second, _ = gridmap("user", "password", "zhang")
    stored = db.scalar(text("SELECT password_hash FROM person WHERE login = 'zhang'"))
    assert matches(shown(second)["password"], stored)
    assert not matches(shown(first)["password"], stored)


def test_the_list_shows_roles_in_force(gridmap, town):
    gridmap("user", "add", "wang", "--name", "王敏", "--role", "chief", "--over", CODE["A"])
    _, out, _ = gridmap("user", "list", "--json")
    (row,) = json.loads(out)
    assert row == {
        "login": "wang",
        "name": "王敏",
        "ended": False,
        "can_sign_in": True,
        "second_factor": True,
        "roles": [f"chief {CODE['A']}"],
    }


def test_nobody_is_a_sentence(gridmap):
    assert gridmap("user", "password", "nobody") == (
        2,
        "",
        "Nobody has the login nobody. `gridmap user list` shows who is there.\n",
    )


def test_a_device_stands_in_its_grid_and_its_key_opens_the_door(gridmap, db, town):
    lon, lat = point(0.5, 2.5)
    code, out, _ = gridmap("device", "add", "cam-1", "--kind", "camera", "--lon", str(lon), "--lat", str(lat))
    assert code == 0
    device = find_device(db, shown(out)["key"], datetime.now(UTC))
    assert device is not None
    assert device.grants[0].path == town.path_of("A")


def test_a_key_is_changed_without_a_gap(gridmap, db, town):
    lon, lat = point(0.5, 2.5)
    _, first, _ = gridmap("device", "add", "cam-1", "--kind", "camera", "--lon", str(lon), "--lat", str(lat))
    _, second, _ = gridmap("device", "add", "cam-1")
    keys = [shown(first)["key"], shown(second)["key"]]
    assert [find_device(db, key, datetime.now(UTC)) is not None for key in keys] == [True, True]
    assert gridmap("device", "add", "cam-1")[0] == 2
    db.rollback()

    gridmap("device", "revoke", "--older", "cam-1")
    assert [find_device(db, key, datetime.now(UTC)) is not None for key in keys] == [False, True]
    db.rollback()

    gridmap("device", "revoke", "cam-1")
    assert [find_device(db, key, datetime.now(UTC)) is not None for key in keys] == [False, False]


def test_a_device_behind_a_gateway_has_no_key_of_its_own(gridmap, db, town):
    place = ("--lon", str(point(0.5, 2.5)[0]), "--lat", str(point(0.5, 2.5)[1]))
    gridmap("device", "add", "gw-1", "--kind", "gateway", *place)
    _, out, _ = gridmap("device", "add", "cam-1", "--kind", "camera", "--gateway", "gw-1", *place)
    assert set(shown(out)) == {"device"}
    assert db.scalar(text("SELECT count(*) FROM device_key")) == 1


def test_a_position_that_cannot_be_is_refused(gridmap, db, town):
    lon, lat = point(0.5, 2.5)
    code, _, said = gridmap("device", "add", "cam-1", "--kind", "camera", "--lon", str(lat), "--lat", str(lon))
    assert code == 2
    assert "swapped" in said
    assert db.scalar(text("SELECT count(*) FROM device")) == 0


def test_a_rotated_key_leaves_the_older_one_its_hours(gridmap, db, town):
    lon, lat = point(0.5, 2.5)
    _, first, _ = gridmap("device", "add", "cam-1", "--kind", "camera", "--lon", str(lon), "--lat", str(lat))
    _, second, said = gridmap("device", "rotate", "cam-1", "--hours", "2")
    assert "shown once" in said
    old, new, now = shown(first)["key"], shown(second)["key"], datetime.now(UTC)
    assert find_device(db, old, now + timedelta(minutes=119)) is not None
    assert find_device(db, old, now + timedelta(minutes=121)) is None
    assert find_device(db, new, now + timedelta(days=300)) is not None


def test_the_list_of_devices_says_who_is_silent_and_how_many_keys_count(gridmap, town):
    lon, lat = point(0.5, 2.5)
    gridmap("device", "add", "cam-1", "--kind", "camera", "--lon", str(lon), "--lat", str(lat))
    _, out, _ = gridmap("device", "list", "--silent", "--json")
    (row,) = json.loads(out)
    assert (row["code"], row["grid_code"], row["silent"], row["keys_n"]) == ("cam-1", CODE["A"], True, 1)
    assert gridmap("device", "list")[1] == f"cam-1\tcamera\t{CODE['A']}\t\t1\n"


def test_the_code_of_the_first_administrator_is_refused_once_there_is_one(gridmap, db):
    code, out, said = gridmap("user", "first-admin")
    assert code == 0
    assert "/start" in said
    claim = claim_code(db, None, shown(out)["code"], Visit("127.0.0.1", ""), datetime.now(UTC))
    assert claim.refusal is None
    db.rollback()
    gridmap("user", "add", "boss", "--name", "钱主任", "--role", "admin")
    code, out, said = gridmap("user", "first-admin")
    assert (code, out) == (2, "")
    assert "already" in said
