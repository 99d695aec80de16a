"""What lies below every room: receipts, the audit on its chains, live events, settings."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    # An installation with its own server may have made these already as superuser.
    for extension in ("postgis", "ltree", "btree_gist"):
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    op.execute(
        """
        CREATE TABLE receipt (
            id uuid CONSTRAINT receipt_pkey PRIMARY KEY,
            kind text NOT NULL,
            digest bytea NOT NULL,
            at timestamptz NOT NULL
        );
        -- Receipts go after 400 days; they come in by time, so a tiny index finds the old end.
        CREATE INDEX receipt_at_idx ON receipt USING brin (at);

        CREATE TABLE live_event (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT live_event_pkey PRIMARY KEY,
            at timestamptz NOT NULL DEFAULT clock_timestamp(),
            kind text NOT NULL,
            object_id text NOT NULL,
            version bigint NOT NULL,
            path ltree NOT NULL
        );
        CREATE INDEX live_event_at_idx ON live_event (at, id);

        CREATE TABLE setting (
            key text CONSTRAINT setting_pkey PRIMARY KEY,
            value jsonb NOT NULL,
            changed_at timestamptz NOT NULL
        );
        """
    )
    _audit()
    op.execute(
        """
        GRANT USAGE ON SCHEMA public TO gridmap_app;
        GRANT SELECT, INSERT, DELETE ON receipt, live_event TO gridmap_app;
        GRANT SELECT, INSERT, UPDATE ON setting TO gridmap_app;
        GRANT SELECT ON audit, audit_head, alembic_version TO gridmap_app;
        """
    )


def _audit() -> None:
    op.execute(
        """
        -- One chain would make all writers queue behind each other's commits; 32 do not.
        CREATE TABLE audit_head (
            chain smallint CONSTRAINT audit_head_pkey PRIMARY KEY,
            seq bigint NOT NULL,
            hash bytea NOT NULL
        ) WITH (fillfactor = 10);
        INSERT INTO audit_head SELECT chain, 0, decode(repeat('00', 32), 'hex') FROM generate_series(0, 31) AS chain;

        CREATE TABLE audit (
            chain smallint NOT NULL,
            seq bigint NOT NULL,
            at timestamptz NOT NULL,
            actor_id bigint,
            role text NOT NULL,
            address text,
            action text NOT NULL,
            object text,
            subject_id bigint,
            path ltree,
            purpose text,
            result text NOT NULL,
            changed jsonb,
            request_id text,
            prev_hash bytea NOT NULL,
            hash bytea NOT NULL,
            CONSTRAINT audit_pkey PRIMARY KEY (chain, seq),
            CONSTRAINT audit_result_check CHECK (result IN ('done', 'refused', 'failed'))
        );
        CREATE INDEX audit_subject_idx ON audit (subject_id, at) WHERE subject_id IS NOT NULL;
        CREATE INDEX audit_at_idx ON audit USING brin (at);

        -- The one text that a row's hash commits to, whoever computes it and in whatever time zone.
        CREATE FUNCTION audit_canonical(a audit) RETURNS text LANGUAGE sql STABLE
        SET search_path = pg_catalog, public AS $$
            SELECT jsonb_build_array(
                a.chain, a.seq, to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                a.actor_id, a.role, a.address, a.action, a.object, a.subject_id, a.path::text,
                a.purpose, a.result, a.changed, a.request_id)::text
        $$;

        CREATE FUNCTION audit_append(
            p_actor_id bigint, p_role text, p_address text, p_action text, p_object text, p_subject_id bigint,
            p_path ltree, p_purpose text, p_result text, p_changed jsonb, p_request_id text
        ) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
        DECLARE
            head audit_head;
            entry audit;
        BEGIN
            SELECT * INTO head FROM audit_head LIMIT 1 FOR UPDATE SKIP LOCKED;
            IF NOT FOUND THEN  -- 32 writers before us: wait for one of them
                SELECT * INTO head FROM audit_head WHERE chain = floor(random() * 32)::smallint FOR UPDATE;
            END IF;
            entry := (head.chain, head.seq + 1, clock_timestamp(), p_actor_id, p_role, p_address, p_action, p_object,
                      p_subject_id, p_path, p_purpose, p_result, p_changed, p_request_id, head.hash, NULL);
            entry.hash := sha256(entry.prev_hash || convert_to(audit_canonical(entry), 'UTF8'));
            INSERT INTO audit SELECT entry.*;
            UPDATE audit_head SET seq = entry.seq, hash = entry.hash WHERE chain = entry.chain;
        END
        $$;
        REVOKE ALL ON FUNCTION audit_append(bigint, text, text, text, text, bigint, ltree, text, text, jsonb, text)
            FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION audit_append(bigint, text, text, text, text, bigint, ltree, text, text, jsonb, text)
            TO gridmap_app;
        """
    )
