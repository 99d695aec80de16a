"""Photos: files below one directory, and here what is known of each, who sent it and what it belongs to."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute(
        """
        -- A row says that the files are there, flushed; while an upload arrives there is a file alone.
        CREATE TABLE media (
            sha256 bytea CONSTRAINT media_pkey PRIMARY KEY,
            bytes bigint NOT NULL,
            kind text NOT NULL,
            state text NOT NULL,
            -- Random, so that whoever knows the hash of an upload does not know the name of what people are shown.
            shown_name uuid,
            shown_sha256 bytea,
            redacted_name uuid,
            width integer NOT NULL,
            height integer NOT NULL,
            orientation smallint NOT NULL,
            taken_at timestamptz,
            taken_place geometry(Point, 4326),
            taken_error_m double precision,
            direction_deg double precision,
            device_model text,
            uploaded_by bigint CONSTRAINT media_uploaded_by_fkey REFERENCES person,
            received_at timestamptz NOT NULL,
            keep_until timestamptz,
            legal_hold boolean NOT NULL DEFAULT false,
            CONSTRAINT media_sha256_check CHECK (octet_length(sha256) = 32),
            CONSTRAINT media_bytes_check CHECK (bytes > 0),
            CONSTRAINT media_kind_check CHECK (kind IN ('jpeg', 'png', 'webp')),
            CONSTRAINT media_state_check CHECK (state IN ('stored', 'erased')),
            CONSTRAINT media_shown_check CHECK (state <> 'stored' OR (shown_name IS NOT NULL AND shown_sha256 IS NOT NULL)),
            CONSTRAINT media_orientation_check CHECK (orientation BETWEEN 1 AND 8),
            CONSTRAINT media_direction_check CHECK (direction_deg >= 0 AND direction_deg < 360),
            CONSTRAINT media_taken_place_check CHECK (
                NOT ST_IsEmpty(taken_place) AND ST_X(taken_place) BETWEEN -180 AND 180
                AND ST_Y(taken_place) BETWEEN -90 AND 90)
        );
        CREATE INDEX media_received_idx ON media (received_at);

        -- Who has proved to hold the photo by sending all of it: to know its hash is not enough to see it.
        CREATE TABLE media_sender (
            sha256 bytea NOT NULL CONSTRAINT media_sender_sha256_fkey REFERENCES media ON DELETE CASCADE,
            person_id bigint NOT NULL CONSTRAINT media_sender_person_id_fkey REFERENCES person,
            at timestamptz NOT NULL,
            CONSTRAINT media_sender_pkey PRIMARY KEY (sha256, person_id)
        );

        -- No foreign key to media: a report may be here before its photos are.
        CREATE TABLE report_media (
            report_id uuid NOT NULL CONSTRAINT report_media_report_id_fkey REFERENCES report,
            sha256 bytea NOT NULL,
            role text NOT NULL,
            CONSTRAINT report_media_pkey PRIMARY KEY (report_id, sha256),
            CONSTRAINT report_media_sha256_check CHECK (octet_length(sha256) = 32),
            CONSTRAINT report_media_role_check CHECK (role IN ('evidence', 'before', 'after'))
        );
        CREATE INDEX report_media_sha256_idx ON report_media (sha256);

        CREATE TABLE incident_log_media (
            incident_id uuid NOT NULL,
            seq bigint NOT NULL,
            sha256 bytea NOT NULL CONSTRAINT incident_log_media_sha256_fkey REFERENCES media,
            role text NOT NULL,
            CONSTRAINT incident_log_media_pkey PRIMARY KEY (incident_id, seq, sha256, role),
            CONSTRAINT incident_log_media_log_fkey FOREIGN KEY (incident_id, seq) REFERENCES incident_log,
            CONSTRAINT incident_log_media_role_check CHECK (role IN ('evidence', 'before', 'after'))
        );
        CREATE INDEX incident_log_media_sha256_idx ON incident_log_media (sha256);

        GRANT SELECT, INSERT, UPDATE, DELETE ON media TO gridmap_app;
        GRANT SELECT, INSERT, DELETE ON media_sender TO gridmap_app;
        GRANT SELECT, INSERT ON report_media, incident_log_media TO gridmap_app;
        """
    )
