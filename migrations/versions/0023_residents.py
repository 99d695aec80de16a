"""Residents: QR codes at doors, what strangers report through them, what they think of the result, and the brakes."""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.execute(
        """
        -- What links to follow a report and forms are sealed with. It never leaves the service; a new one would make
        -- every link that people hold a dead one.
        CREATE TABLE resident_seal (
            only_one boolean CONSTRAINT resident_seal_pkey PRIMARY KEY DEFAULT true,
            secret bytea NOT NULL,
            CONSTRAINT resident_seal_only_one_check CHECK (only_one)
        );
        -- Two random UUIDs hold 244 random bits.
        INSERT INTO resident_seal (secret)
            VALUES (sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));

        -- A code on a door. Its token is printed once and kept by nobody: what is here finds it and cannot make it.
        CREATE TABLE qr (
            token_hash bytea CONSTRAINT qr_pkey PRIMARY KEY,
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT qr_id_key UNIQUE,
            site_id uuid NOT NULL CONSTRAINT qr_site_id_fkey REFERENCES site,
            path ltree NOT NULL,
            made_at timestamptz NOT NULL,
            made_by bigint CONSTRAINT qr_made_by_fkey REFERENCES person,
            ended_at timestamptz,
            CONSTRAINT qr_token_hash_check CHECK (octet_length(token_hash) = 32)
        );
        -- One door, one code that works.
        CREATE UNIQUE INDEX qr_site_idx ON qr (site_id) WHERE ended_at IS NULL;
        CREATE INDEX qr_path_idx ON qr USING gist (path);

        CREATE TABLE resident_report (
            report_id uuid CONSTRAINT resident_report_pkey PRIMARY KEY
                CONSTRAINT resident_report_report_id_fkey REFERENCES report,
            qr_id bigint NOT NULL CONSTRAINT resident_report_qr_id_fkey REFERENCES qr (id),
            locale text NOT NULL,
            -- What others may see once somebody has looked at it; nothing before.
            text_shown boolean NOT NULL DEFAULT false,
            photos_shown boolean NOT NULL DEFAULT false,
            judged_at timestamptz,
            judged_by bigint CONSTRAINT resident_report_judged_by_fkey REFERENCES person,
            hidden_why text,
            CONSTRAINT resident_report_judged_check
                CHECK (judged_at IS NOT NULL OR NOT (text_shown OR photos_shown)),
            CONSTRAINT resident_report_hidden_why_check
                CHECK (hidden_why IN ('obscene', 'flood', 'personal', 'false', 'other'))
        );
        CREATE INDEX resident_report_qr_idx ON resident_report (qr_id);
        CREATE INDEX report_waiting_idx ON report (received_at, id) WHERE moderation = 'waiting';

        -- Said once for each time that a matter ended.
        CREATE TABLE resident_rating (
            id uuid CONSTRAINT resident_rating_pkey PRIMARY KEY,
            report_id uuid NOT NULL CONSTRAINT resident_rating_report_id_fkey REFERENCES resident_report,
            incident_id uuid NOT NULL CONSTRAINT resident_rating_incident_id_fkey REFERENCES incident,
            -- The row of the log that ended it.
            seq bigint NOT NULL,
            satisfied boolean NOT NULL,
            words text NOT NULL,
            again boolean NOT NULL,
            rated_at timestamptz NOT NULL,
            decided_at timestamptz,
            decided_by bigint CONSTRAINT resident_rating_decided_by_fkey REFERENCES person,
            granted boolean,
            answer text,
            CONSTRAINT resident_rating_once_key UNIQUE (report_id, incident_id, seq),
            CONSTRAINT resident_rating_again_check CHECK (NOT (again AND satisfied)),
            CONSTRAINT resident_rating_decided_check CHECK ((decided_at IS NULL) = (granted IS NULL))
        );
        CREATE INDEX resident_rating_waiting_idx ON resident_rating (rated_at, id)
            WHERE again AND decided_at IS NULL;

        -- Counted in rows, so that a restart forgives nothing; addresses are kept as keyed hashes, for a day.
        CREATE TABLE resident_try (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT resident_try_pkey PRIMARY KEY,
            key text NOT NULL,
            at timestamptz NOT NULL
        );
        CREATE INDEX resident_try_key_idx ON resident_try (key, at);
        CREATE INDEX resident_try_at_idx ON resident_try (at);

        -- A photo that came in one message with its report: nobody has to prove to hold it.
        ALTER TABLE report_media ADD COLUMN enclosed boolean NOT NULL DEFAULT false;

        GRANT UPDATE (enclosed) ON report_media TO gridmap_app;
        GRANT SELECT ON resident_seal TO gridmap_app;
        GRANT SELECT, INSERT, UPDATE ON qr, resident_report, resident_rating TO gridmap_app;
        GRANT SELECT, INSERT, DELETE ON resident_try TO gridmap_app;
        """
    )
