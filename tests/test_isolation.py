"""What the fixtures of the database promise to every other test."""

from __future__ import annotations

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError

from gridmap.database import make_engine, transaction
from gridmap.system.tables import Setting

ROW = {"key": "isolation", "value": {}, "changed_at": func.now()}


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_a_test_commits_is_seen_in_it_and_gone_after_it(db, turn):
    with transaction() as unit:
        unit.execute(insert(Setting).values(ROW))
    db.commit()
    assert db.scalar(select(func.count()).select_from(Setting)) == 1


def test_a_unit_that_fails_takes_back_its_own_work_and_nothing_else(db):
    db.execute(insert(Setting).values(ROW))
    with pytest.raises(IntegrityError), transaction() as unit:
        unit.execute(insert(Setting).values([{**ROW, "key": "other"}, ROW]))
    assert db.scalars(select(Setting.key)).all() == ["isolation"]


def test_each_session_has_the_role_it_is_named_after(db, owner_db):
    assert db.scalar(text("SELECT current_user")) == "gridmap_app"
    assert owner_db.scalar(text("SELECT current_user")) == "gridmap_owner"


def test_a_fresh_database_really_commits_and_is_nobody_elses(fresh_database, db):
    engine = make_engine(fresh_database.app)
    with engine.begin() as connection:
        connection.execute(insert(Setting).values(ROW))
    with engine.connect() as other:
        assert other.scalar(select(func.count()).select_from(Setting)) == 1
    engine.dispose()
    assert db.scalar(select(func.count()).select_from(Setting)) == 0
