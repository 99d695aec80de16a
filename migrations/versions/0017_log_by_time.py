"""The logs of incidents by the time of their steps: indicators ask what was done in a period."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    # Logs grow in the order of time, so a summary of blocks finds a period, and costs a step next to nothing.
    op.execute("CREATE INDEX incident_log_at_idx ON incident_log USING brin (at) WITH (pages_per_range = 32)")
