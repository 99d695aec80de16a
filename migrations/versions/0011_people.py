"""People choose their own passwords by a code shown once, and set up their second factor themselves."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute(
        """
        -- What an administrator hands over instead of a password: known by its hash, good once, until its hour.
        CREATE TABLE entry_code (
            hash bytea CONSTRAINT entry_code_pkey PRIMARY KEY,
            purpose text NOT NULL,
            -- Nobody: the code that makes the first administrator.
            person_id bigint CONSTRAINT entry_code_person_id_fkey REFERENCES person,
            made_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            made_by bigint,
            CONSTRAINT entry_code_purpose_check CHECK (purpose IN ('first-admin', 'password')),
            CONSTRAINT entry_code_person_check CHECK ((purpose = 'password') = (person_id IS NOT NULL))
        );
        CREATE INDEX entry_code_person_idx ON entry_code (person_id);
        GRANT SELECT, INSERT, UPDATE, DELETE ON entry_code TO gridmap_app;

        -- A second factor counts from its first right code on.
        ALTER TABLE person ADD COLUMN totp_offered text;

        -- Somebody whose roles need a second factor and who has none: may set one up, and nothing else.
        ALTER TABLE session ADD COLUMN enrolling boolean NOT NULL DEFAULT false;
        -- When its owner last showed password and second factor again, before something that matters.
        ALTER TABLE session ADD COLUMN proven_at timestamptz;

        -- A role that has not begun can be taken back: nothing was done in it, and the audit keeps that it was given.
        CREATE FUNCTION assignment_keep_begun() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF lower(OLD.valid) <= now() THEN
                RAISE EXCEPTION 'a role that has begun is history' USING ERRCODE = 'check_violation';
            END IF;
            RETURN OLD;
        END $$;
        CREATE TRIGGER assignment_keep_begun BEFORE DELETE ON assignment
            FOR EACH ROW EXECUTE FUNCTION assignment_keep_begun();
        GRANT DELETE ON assignment TO gridmap_app;
        """
    )
