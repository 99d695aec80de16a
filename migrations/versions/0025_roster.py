"""The duty roster of the desks: who sits there from when to when, and what one shift leaves to the next."""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.execute(
        """
        -- A desk is named by the area it answers for.
        CREATE TABLE desk_turn (
            id uuid CONSTRAINT desk_turn_pkey PRIMARY KEY,
            path ltree NOT NULL,
            person_id bigint NOT NULL CONSTRAINT desk_turn_person_id_fkey REFERENCES person,
            valid tstzrange NOT NULL,
            written_by bigint NOT NULL CONSTRAINT desk_turn_written_by_fkey REFERENCES person,
            written_at timestamptz NOT NULL,
            -- A turn that will not be sat: it stays, struck out.
            struck_by bigint CONSTRAINT desk_turn_struck_by_fkey REFERENCES person,
            struck_at timestamptz,
            CONSTRAINT desk_turn_valid_check
                CHECK (NOT isempty(valid) AND NOT lower_inf(valid) AND NOT upper_inf(valid)),
            CONSTRAINT desk_turn_struck_check CHECK (num_nonnulls(struck_by, struck_at) IN (0, 2)),
            -- Nobody sits at two desks at once, nor at one twice.
            CONSTRAINT desk_turn_time_excl EXCLUDE USING gist (person_id WITH =, valid WITH &&) WHERE (struck_at IS NULL)
        );
        CREATE INDEX desk_turn_time_idx ON desk_turn USING gist (path, valid);

        CREATE TABLE handover (
            id uuid CONSTRAINT handover_pkey PRIMARY KEY,
            path ltree NOT NULL,
            given_by bigint NOT NULL CONSTRAINT handover_given_by_fkey REFERENCES person,
            given_at timestamptz NOT NULL,
            since timestamptz NOT NULL,
            note text NOT NULL,
            -- What was open at that instant, as it was then.
            matters jsonb NOT NULL,
            taken_by bigint CONSTRAINT handover_taken_by_fkey REFERENCES person,
            taken_at timestamptz,
            CONSTRAINT handover_taken_check CHECK (num_nonnulls(taken_by, taken_at) IN (0, 2)),
            CONSTRAINT handover_two_people_check CHECK (taken_by <> given_by)
        );
        -- One at a time waits at a desk.
        CREATE UNIQUE INDEX handover_waiting_idx ON handover (path) WHERE taken_at IS NULL;
        CREATE INDEX handover_given_idx ON handover (path, given_at DESC);

        GRANT SELECT, INSERT ON desk_turn, handover TO gridmap_app;
        GRANT UPDATE (struck_by, struck_at) ON desk_turn TO gridmap_app;
        GRANT UPDATE (taken_by, taken_at) ON handover TO gridmap_app;
        """
    )
