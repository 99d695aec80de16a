"""The full loop of an incident: who takes part in it, its clocks, and what escalates when a time is over."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    _parties()
    _clocks()
    _escalations()


def _parties() -> None:
    op.execute(
        """
        CREATE TABLE party (
            incident_id uuid NOT NULL,
            -- The row of the log that added it: so the log says which of two parties alike was ended.
            seq bigint NOT NULL,
            department_id bigint CONSTRAINT party_department_id_fkey REFERENCES department,
            person_id bigint CONSTRAINT party_person_id_fkey REFERENCES person,
            role text NOT NULL,
            valid tstzrange NOT NULL,
            CONSTRAINT party_pkey PRIMARY KEY (incident_id, seq),
            CONSTRAINT party_log_fkey FOREIGN KEY (incident_id, seq) REFERENCES incident_log,
            CONSTRAINT party_one_check CHECK (num_nonnulls(department_id, person_id) = 1),
            CONSTRAINT party_role_check CHECK (role IN ('lead', 'assist', 'member')),
            CONSTRAINT party_valid_check CHECK (NOT lower_inf(valid)),
            CONSTRAINT party_lead_excl EXCLUDE USING gist (incident_id WITH =, valid WITH &&) WHERE (role = 'lead')
        );
        CREATE INDEX party_department_idx ON party (department_id) WHERE department_id IS NOT NULL;
        CREATE INDEX party_person_idx ON party (person_id) WHERE person_id IS NOT NULL;
        GRANT SELECT, INSERT, UPDATE ON party TO gridmap_app;

        -- The queue: what has no deadline stands last, and a page begins where the one before ended.
        CREATE INDEX incident_queue_idx ON incident
            (coalesce(due_at, CAST('3000-01-01 00:00:00+00' AS timestamptz)), id) WHERE closed_at IS NULL;

        -- What was merged or derived is found from the one that it went into or arose from.
        CREATE INDEX incident_merged_idx ON incident (merged_into) WHERE merged_into IS NOT NULL;
        CREATE INDEX incident_arose_idx ON incident (arose_from) WHERE arose_from IS NOT NULL;
        """
    )


def _clocks() -> None:
    op.execute(
        """
        -- A cache of the log: each row can be worked out again from it and from the rules of its day.
        CREATE TABLE clock (
            incident_id uuid NOT NULL CONSTRAINT clock_incident_id_fkey REFERENCES incident
                DEFERRABLE INITIALLY DEFERRED,
            stage text NOT NULL,
            since_seq bigint NOT NULL,
            rule_id bigint,
            started_at timestamptz NOT NULL,
            due_at timestamptz,
            stopped_at timestamptz,
            provisional boolean NOT NULL DEFAULT false,
            explained jsonb NOT NULL DEFAULT '[]',
            CONSTRAINT clock_pkey PRIMARY KEY (incident_id, stage, since_seq),
            CONSTRAINT clock_stage_check CHECK (stage IN
                ('contact', 'verify', 'file', 'dispatch', 'accept', 'handle', 'check', 'close'))
        );
        -- Every minute it is asked which of the running ones are over.
        CREATE INDEX clock_running_idx ON clock (due_at) WHERE stopped_at IS NULL;
        GRANT SELECT, INSERT, UPDATE ON clock TO gridmap_app;

        -- What was open before there were clocks has the one that its deadline came from.
        INSERT INTO clock (incident_id, stage, since_seq, started_at, due_at)
        SELECT i.id, 'close', l.seq, l.at, i.due_at
        FROM incident i JOIN LATERAL (
            SELECT seq, at FROM incident_log WHERE incident_id = i.id AND to_state = 'filed' ORDER BY seq LIMIT 1
        ) l ON true
        WHERE i.closed_at IS NULL AND i.due_at IS NOT NULL;
        """
    )


def _escalations() -> None:
    op.execute(
        """
        CREATE TABLE escalation (
            incident_id uuid NOT NULL CONSTRAINT escalation_incident_id_fkey REFERENCES incident,
            kind text NOT NULL,
            n bigint NOT NULL,
            fire_at timestamptz NOT NULL,
            fired_at timestamptz,
            -- The key makes it fire once, however often and by whom it is asked for.
            CONSTRAINT escalation_pkey PRIMARY KEY (incident_id, kind, n)
        );
        CREATE INDEX escalation_due_idx ON escalation (fire_at) WHERE fired_at IS NULL;
        GRANT SELECT, INSERT, UPDATE ON escalation TO gridmap_app;
        """
    )
