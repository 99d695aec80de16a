"""A file of streets or of ground replaces what is there: the base map is drawn anew, and what it drew may go."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("GRANT DELETE ON way, ground TO gridmap_app")
