"""A hazard goes from one department to another later, too: each time with who, when and why."""

from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE hazard_handover (
            id uuid CONSTRAINT hazard_handover_pkey PRIMARY KEY,
            hazard_id uuid NOT NULL CONSTRAINT hazard_handover_hazard_id_fkey REFERENCES hazard,
            -- NULL where no department had it yet.
            from_id bigint CONSTRAINT hazard_handover_from_id_fkey REFERENCES department,
            to_id bigint NOT NULL CONSTRAINT hazard_handover_to_id_fkey REFERENCES department,
            reason text NOT NULL,
            at timestamptz NOT NULL,
            by_id bigint CONSTRAINT hazard_handover_by_id_fkey REFERENCES person,
            CONSTRAINT hazard_handover_reason_check CHECK (btrim(reason) <> ''),
            CONSTRAINT hazard_handover_other_check CHECK (from_id <> to_id)
        );
        CREATE INDEX hazard_handover_hazard_idx ON hazard_handover (hazard_id, at);
        GRANT SELECT, INSERT ON hazard_handover TO gridmap_app;
        """
    )
