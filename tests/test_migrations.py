"""The schema that the migrations make is the one that the code speaks of."""

from __future__ import annotations

import secrets
from importlib import import_module

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from gridmap.database import Base, current_revision, head_revision, migrations_dir, upgrade
from gridmap.postgis.bootstrap import make_database

for room in (
    "system",
    "grids",
    "people",
    "catalogue",
    "outbox",
    "sensing",
    "reports",
    "incidents",
    "whistles",
    "hotline",
    "planning",
):
    import_module(f"gridmap.{room}.tables")
import_module("gridmap.catalogue.calendar_tables")
import_module("gridmap.hazards.tables")


@pytest.fixture(scope="module")
def tables(owner_engine):
    inspector = inspect(owner_engine)
    return {
        name: {column["name"]: column for column in inspector.get_columns(name)} for name in inspector.get_table_names()
    }


@pytest.mark.parametrize("name", sorted(Base.metadata.tables))
def test_mapped_columns_are_the_columns_of_the_table(tables, name):
    mapped = {column.name: column.nullable for column in Base.metadata.tables[name].columns}
    made = {column: found["nullable"] for column, found in tables[name].items()}
    computed = {column.name for column in Base.metadata.tables[name].columns if column.computed is not None}
    assert set(made) == set(mapped)
    assert {c: n for c, n in made.items() if c not in computed} == {
        c: n for c, n in mapped.items() if c not in computed
    }


def test_no_table_lacks_a_primary_key(owner_engine):
    inspector = inspect(owner_engine)
    keyless = [
        name for name in inspector.get_table_names() if not inspector.get_pk_constraint(name)["constrained_columns"]
    ]
    # A tally is a list of signed additions that a job folds: no row of it means anything alone.
    assert keyless == ["incident_tally"]


def test_every_time_carries_its_zone(tables):
    naive = [
        f"{table}.{column}"
        for table, columns in tables.items()
        for column, found in columns.items()
        if str(found["type"]).startswith("TIMESTAMP") and not found["type"].timezone
    ]
    assert naive == []


def test_the_service_owns_nothing(owner_engine):
    with owner_engine.connect() as connection:
        owned = connection.scalars(
            text(
                "SELECT c.relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = 'gridmap_app'"
            )
        ).all()
    assert owned == []


@pytest.mark.parametrize("table", ["audit", "audit_head", "alembic_version"])
@pytest.mark.parametrize("right", ["INSERT", "UPDATE", "DELETE", "TRUNCATE"])
def test_the_service_cannot_write_what_proves_its_deeds(owner_engine, table, right):
    with owner_engine.connect() as connection:
        allowed = connection.scalar(
            text("SELECT has_table_privilege('gridmap_app', :table, :right)"), {"table": table, "right": right}
        )
    assert not allowed


def test_upgrading_again_changes_nothing(database_urls, owner_engine):
    upgrade(database_urls.owner)
    assert current_revision(owner_engine) == head_revision()


def test_the_schema_can_be_built_step_by_step(cluster):
    """Each revision stands on the one before, as an installation that skips no release meets them."""
    config = Config()
    config.set_main_option("script_location", str(migrations_dir()))
    steps = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]
    name = f"gridmap_{secrets.token_hex(4)}"
    make_database(str(cluster.socket_dir), name)
    engine = create_engine(cluster.url("owner", name))
    for step in steps:
        upgrade(cluster.url("owner", name), step)
        assert current_revision(engine) == step
    engine.dispose()
