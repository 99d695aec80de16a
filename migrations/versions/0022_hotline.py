"""Hotline orders with their own numbers and clocks, and the calls back after closing."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.execute(
        """
        -- The key of the hash by which a second call of a number is known. It guards copies of the contacts, not a
        -- copy of the whole database; a UUID of version 4 holds 122 random bits, two of them 244.
        CREATE TABLE hotline_key (
            id smallint CONSTRAINT hotline_key_pkey PRIMARY KEY DEFAULT 1,
            key bytea NOT NULL,
            CONSTRAINT hotline_key_one_check CHECK (id = 1)
        );
        INSERT INTO hotline_key (key)
        VALUES (decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));

        CREATE TABLE hotline_order (
            id uuid CONSTRAINT hotline_order_pkey PRIMARY KEY CONSTRAINT hotline_order_report_fkey REFERENCES report,
            channel text NOT NULL,
            number text NOT NULL,
            -- The incident that was opened for it; what it was merged into is found by its report.
            incident_id uuid NOT NULL CONSTRAINT hotline_order_incident_id_fkey REFERENCES incident
                DEFERRABLE INITIALLY DEFERRED,
            received_at timestamptz NOT NULL,
            contact_due_at timestamptz,
            first_contact_at timestamptz,
            real_name boolean NOT NULL,
            satisfied text,
            repeats_id uuid CONSTRAINT hotline_order_repeats_id_fkey REFERENCES hotline_order,
            repeat_n integer NOT NULL DEFAULT 0,
            digest bytea NOT NULL,
            CONSTRAINT hotline_order_number_key UNIQUE (channel, number),
            CONSTRAINT hotline_order_channel_check CHECK (channel <> '' AND number <> ''),
            CONSTRAINT hotline_order_satisfied_check CHECK (satisfied IN ('yes', 'partly', 'no')),
            CONSTRAINT hotline_order_repeat_check CHECK ((repeat_n = 0) = (repeats_id IS NULL))
        );
        CREATE INDEX hotline_order_received_idx ON hotline_order (received_at, id);
        CREATE INDEX hotline_order_waiting_idx ON hotline_order (contact_due_at) WHERE first_contact_at IS NULL;
        CREATE INDEX hotline_order_incident_idx ON hotline_order (incident_id);
        CREATE INDEX contact_caller_idx ON contact (caller_key) WHERE caller_key IS NOT NULL;

        CREATE TABLE call_back (
            id uuid CONSTRAINT call_back_pkey PRIMARY KEY,
            order_id uuid NOT NULL CONSTRAINT call_back_order_id_fkey REFERENCES hotline_order,
            incident_id uuid NOT NULL CONSTRAINT call_back_incident_id_fkey REFERENCES incident,
            -- The step of the log that closed it: whoever is dissatisfied is called again after the next closing.
            closing_seq bigint NOT NULL,
            closed_at timestamptz NOT NULL,
            due_at timestamptz NOT NULL,
            done_at timestamptz,
            outcome text,
            satisfied text,
            tries integer NOT NULL DEFAULT 0,
            CONSTRAINT call_back_closing_key UNIQUE (order_id, closing_seq),
            CONSTRAINT call_back_outcome_check CHECK (outcome IN ('reached', 'not-reached', 'refused', 'reopened')),
            CONSTRAINT call_back_done_check CHECK ((done_at IS NULL) = (outcome IS NULL)),
            CONSTRAINT call_back_satisfied_check CHECK (
                (outcome IS NOT DISTINCT FROM 'reached') = (satisfied IS NOT NULL)
                AND satisfied IN ('yes', 'partly', 'no'))
        );
        CREATE INDEX call_back_open_idx ON call_back (due_at, id) WHERE done_at IS NULL;
        CREATE INDEX call_back_incident_idx ON call_back (incident_id);
        CREATE INDEX call_back_closed_idx ON call_back (closed_at);

        CREATE TABLE call_back_try (
            id uuid CONSTRAINT call_back_try_pkey PRIMARY KEY,
            call_back_id uuid NOT NULL CONSTRAINT call_back_try_call_back_id_fkey REFERENCES call_back,
            at timestamptz NOT NULL,
            person_id bigint CONSTRAINT call_back_try_person_id_fkey REFERENCES person,
            outcome text NOT NULL,
            CONSTRAINT call_back_try_outcome_check CHECK (outcome IN ('reached', 'not-reached', 'refused'))
        );
        CREATE INDEX call_back_try_call_back_idx ON call_back_try (call_back_id);

        GRANT SELECT ON hotline_key TO gridmap_app;
        GRANT SELECT, INSERT, UPDATE ON hotline_order, call_back TO gridmap_app;
        GRANT SELECT, INSERT ON call_back_try TO gridmap_app;

        INSERT INTO reason (list, code, name, names)
        VALUES ('escalate', 'dissatisfied', '反映人不满意', '{"en": "The reporter is not satisfied"}')
        ON CONFLICT DO NOTHING;
        """
    )
