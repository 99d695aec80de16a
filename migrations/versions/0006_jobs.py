"""The tables of the job library, in a schema of their own."""

from importlib.metadata import version

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"


def upgrade() -> None:
    # Here and not above: every start of the service reads all migrations to learn the newest.
    from procrastinate.schema import SchemaManager

    # The library names its tables without a schema, inside its functions too, so they go where the search path says;
    # its own connections set the same path. For the rest of this upgrade the path is as before.
    op.execute("CREATE SCHEMA jobs")
    op.execute("SET LOCAL search_path = jobs")
    connection = op.get_bind()
    connection.exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    op.execute("SET LOCAL search_path = DEFAULT")
    # The version whose tables these are: a later migration applies the library's own changes from here on.
    op.execute(sa.text(f"COMMENT ON SCHEMA jobs IS 'procrastinate {version('procrastinate')}'"))
    op.execute(
        """
        GRANT USAGE ON SCHEMA jobs TO gridmap_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA jobs TO gridmap_app;
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA jobs TO gridmap_app;
        """
    )
