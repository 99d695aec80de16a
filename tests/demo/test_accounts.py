"""The accounts to try the made-up district with."""

from __future__ import annotations

import json
import stat
from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.demo import ACCOUNTS_FILE, SIMULATOR_FILE
from gridmap.demo.accounts import ensure_accounts
from gridmap.people.passwords import matches, require_good_password
from gridmap.people.queries import load_actor
from gridmap.sensing.keys import find_device

ROLES = {"operator", "township", "chief", "worker", "department", "planner", "supervisor", "auditor", "admin"}


@pytest.fixture
def accounts(loaded_engine, tmp_path):
    return ensure_accounts(loaded_engine, tmp_path)


def stored_hash(db: Session, login: str) -> str:
    return db.scalar(text("SELECT password_hash FROM person WHERE login = :login"), {"login": login})


def test_every_role_can_be_tried_with_the_password_shown(loaded, accounts):
    assert {account.role for account in accounts} == ROLES
    assert max(Counter(account.role for account in accounts).values()) <= 2
    for account in accounts:
        require_good_password(account.password, account.login)
        assert matches(account.password, stored_hash(loaded, account.login))
        person_id = loaded.scalar(text("SELECT id FROM person WHERE login = :login"), {"login": account.login})
        assert load_actor(loaded, person_id, datetime.now(UTC)).roles == {account.role}


def test_only_those_have_a_password(loaded, accounts, tmp_path):
    simulated = json.loads((tmp_path / SIMULATOR_FILE).read_text())["people"]
    logins = {account.login for account in accounts} | {row["login"] for row in simulated}
    assert len(logins) == len(accounts) + len(simulated)
    with_password = set(loaded.scalars(text("SELECT login FROM person WHERE password_hash IS NOT NULL")))
    assert with_password == logins


def test_the_files_are_for_their_owner_alone(accounts, tmp_path):
    for name in (ACCOUNTS_FILE, SIMULATOR_FILE):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_the_passwords_stay_as_long_as_the_directory_does(loaded_engine, accounts, tmp_path):
    assert ensure_accounts(loaded_engine, tmp_path) == accounts


def test_another_directory_has_passwords_of_its_own(loaded, loaded_engine, accounts, tmp_path):
    others = ensure_accounts(loaded_engine, tmp_path / "other")
    assert not {one.password for one in others} & {one.password for one in accounts}
    assert not matches(accounts[0].password, stored_hash(loaded, accounts[0].login))


def test_a_key_speaks_for_every_device(loaded, accounts, tmp_path):
    devices = json.loads((tmp_path / SIMULATOR_FILE).read_text())["devices"]
    spoken_for = [code for row in devices for code in (row["code"], *row["speaks_for"])]
    assert sorted(spoken_for) == sorted(loaded.scalars(text("SELECT code FROM device")))
    for row in devices:
        found = find_device(loaded, row["key"], datetime.now(UTC))
        assert found is not None
        assert found.login == row["code"]


def test_keys_of_an_earlier_directory_end(loaded, loaded_engine, accounts, tmp_path):
    old = json.loads((tmp_path / SIMULATOR_FILE).read_text())["devices"][0]["key"]
    ensure_accounts(loaded_engine, tmp_path / "other")
    assert find_device(loaded, old, datetime.now(UTC)) is None
