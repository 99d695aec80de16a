"""Alembic's door: one transaction, as the owner, with a short wait for locks and no statement limit."""

from alembic import context
from sqlalchemy import create_engine, pool, text

engine = create_engine(context.config.attributes["owner_url"], poolclass=pool.NullPool)
with engine.begin() as connection:
    connection.execute(text("SET lock_timeout = '2s'"))
    connection.execute(text("SET timezone = 'UTC'"))
    # Two processes that upgrade at once: the second waits here and then finds nothing to do.
    connection.execute(text("SELECT pg_advisory_xact_lock(20260101)"))
    context.configure(connection=connection, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
