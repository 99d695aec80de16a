"""What is asked of the desks for an incident and not answered yet stands in its row, where the queue reads it."""

from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    # A constant default rewrites no row. No index: queues read the open incidents of a scope anyway.
    op.execute(
        """
        ALTER TABLE incident ADD COLUMN asks text[] NOT NULL DEFAULT '{}';
        COMMENT ON COLUMN incident.asks IS 'what who has it in hand asks for and nobody has answered yet';
        -- As gridmap.incidents.history.open_asks reads a log: whatever leaves the hands answers all of it.
        WITH open AS (
            SELECT l.incident_id, array_agg(DISTINCT l.step ORDER BY l.step) AS asks
            FROM incident i JOIN incident_log l ON l.incident_id = i.id
            WHERE i.state = 'handling' AND l.step IN ('ask_help', 'ask_suspend', 'ask_extend')
                AND NOT EXISTS (
                    SELECT FROM incident_log a WHERE a.incident_id = l.incident_id AND a.seq > l.seq
                        AND (a.to_state <> 'handling' OR a.step = 'refuse'
                            OR (l.step, a.step) IN (('ask_help', 'add_party'), ('ask_extend', 'extend'))))
            GROUP BY l.incident_id
        )
        UPDATE incident i SET asks = open.asks FROM open WHERE i.id = open.incident_id;
        ALTER TABLE incident ADD CONSTRAINT incident_asks_check
            CHECK (asks <@ ARRAY['ask_extend', 'ask_help', 'ask_suspend'] AND (state = 'handling' OR asks = '{}'));
        """
    )
