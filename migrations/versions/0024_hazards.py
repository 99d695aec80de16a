"""Hazards: the ledger, numbered rectification notices, look-backs after closing, and safe zones around a danger."""

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    _rules()
    _hazards()
    _notices()
    _look_backs()
    _zones()


def _rules() -> None:
    op.execute(
        """
        -- When somebody looks again after a hazard was closed; of the classes that hold it, the nearest with rows counts.
        CREATE TABLE look_back_rule (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT look_back_rule_pkey PRIMARY KEY,
            category text CONSTRAINT look_back_rule_category_fkey REFERENCES category,
            days smallint NOT NULL,
            valid daterange NOT NULL DEFAULT daterange(NULL, NULL),
            CONSTRAINT look_back_rule_days_check CHECK (days BETWEEN 1 AND 1096),
            CONSTRAINT look_back_rule_valid_check CHECK (NOT isempty(valid)),
            CONSTRAINT look_back_rule_excl
                EXCLUDE USING gist ((coalesce(category, '')) WITH =, days WITH =, valid WITH &&)
        );
        -- How long a rectification may take, by severity, where its notice names no day itself.
        CREATE TABLE rectify_term (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT rectify_term_pkey PRIMARY KEY,
            severity smallint NOT NULL,
            amount double precision NOT NULL,
            unit text NOT NULL,
            valid daterange NOT NULL DEFAULT daterange(NULL, NULL),
            CONSTRAINT rectify_term_severity_check CHECK (severity BETWEEN 1 AND 4),
            CONSTRAINT rectify_term_amount_check CHECK (amount > 0 AND amount <= 9999),
            CONSTRAINT rectify_term_unit_check CHECK (unit IN ('h', 'wh', 'wd')),
            CONSTRAINT rectify_term_valid_check CHECK (NOT isempty(valid)),
            CONSTRAINT rectify_term_excl EXCLUDE USING gist (severity WITH =, valid WITH &&)
        );
        -- Examples to begin with: an installation writes its own.
        INSERT INTO look_back_rule (days) VALUES (7), (30), (90);
        INSERT INTO rectify_term (severity, amount, unit) VALUES (1, 24, 'h'), (2, 3, 'wd'), (3, 7, 'wd'), (4, 15, 'wd');
        GRANT SELECT, INSERT, UPDATE ON look_back_rule, rectify_term TO gridmap_app;
        CREATE TRIGGER look_back_rule_revision AFTER INSERT OR UPDATE OR DELETE ON look_back_rule
            FOR EACH STATEMENT EXECUTE FUNCTION catalogue_changed();
        CREATE TRIGGER rectify_term_revision AFTER INSERT OR UPDATE OR DELETE ON rectify_term
            FOR EACH STATEMENT EXECUTE FUNCTION catalogue_changed();
        """
    )


def _hazards() -> None:
    op.execute(
        """
        CREATE TABLE hazard (
            id uuid CONSTRAINT hazard_pkey PRIMARY KEY,
            number text NOT NULL CONSTRAINT hazard_number_key UNIQUE,
            site_id uuid CONSTRAINT hazard_site_id_fkey REFERENCES site,
            place geometry(Point, 4326) NOT NULL,
            -- The grid of the day on which it was found, and the one that answers for it now.
            grid_version_id bigint CONSTRAINT hazard_grid_version_id_fkey REFERENCES grid_version,
            grid_id bigint NOT NULL CONSTRAINT hazard_grid_id_fkey REFERENCES grid,
            path ltree NOT NULL,
            category text CONSTRAINT hazard_category_fkey REFERENCES category,
            severity smallint NOT NULL,
            what text NOT NULL,
            party text NOT NULL DEFAULT '',
            department_id bigint CONSTRAINT hazard_department_id_fkey REFERENCES department,
            state text NOT NULL DEFAULT 'open',
            found_at timestamptz NOT NULL,
            found_by bigint CONSTRAINT hazard_found_by_fkey REFERENCES person,
            recorded_at timestamptz NOT NULL,
            closed_at timestamptz,
            closed_by bigint CONSTRAINT hazard_closed_by_fkey REFERENCES person,
            closing_note text,
            -- The hazard that came again, and the incident in which it was found.
            origin_id uuid CONSTRAINT hazard_origin_id_fkey REFERENCES hazard,
            incident_id uuid CONSTRAINT hazard_incident_id_fkey REFERENCES incident,
            CONSTRAINT hazard_severity_check CHECK (severity BETWEEN 1 AND 4),
            CONSTRAINT hazard_what_check CHECK (btrim(what) <> ''),
            CONSTRAINT hazard_state_check CHECK (state IN ('open', 'rectifying', 'closed')),
            CONSTRAINT hazard_closed_check CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
            CONSTRAINT hazard_origin_check CHECK (origin_id <> id)
        );
        CREATE INDEX hazard_path_idx ON hazard USING gist (path);
        CREATE INDEX hazard_found_idx ON hazard (found_at DESC, id DESC);
        CREATE INDEX hazard_grid_open_idx ON hazard (grid_id) WHERE closed_at IS NULL;
        CREATE INDEX hazard_incident_idx ON hazard (incident_id) WHERE incident_id IS NOT NULL;
        CREATE INDEX hazard_origin_idx ON hazard (origin_id) WHERE origin_id IS NOT NULL;
        CREATE INDEX hazard_department_idx ON hazard (department_id) WHERE department_id IS NOT NULL;
        GRANT SELECT, INSERT ON hazard TO gridmap_app;
        GRANT UPDATE (grid_id, path, state, party, department_id, closed_at, closed_by, closing_note)
            ON hazard TO gridmap_app;
        """
    )


def _notices() -> None:
    op.execute(
        """
        -- A notice stays as it was issued: another wording is another notice, with a number of its own.
        CREATE TABLE notice (
            id uuid CONSTRAINT notice_pkey PRIMARY KEY,
            number text NOT NULL CONSTRAINT notice_number_key UNIQUE,
            hazard_id uuid NOT NULL CONSTRAINT notice_hazard_id_fkey REFERENCES hazard,
            party text NOT NULL,
            demands text NOT NULL,
            locale text NOT NULL,
            issued_at timestamptz NOT NULL,
            issued_by bigint CONSTRAINT notice_issued_by_fkey REFERENCES person,
            due_at timestamptz,
            explained jsonb NOT NULL DEFAULT '[]',
            document bytea NOT NULL,
            sha256 bytea NOT NULL,
            replaced_by uuid CONSTRAINT notice_replaced_by_fkey REFERENCES notice,
            delivered_at timestamptz,
            delivered_by bigint CONSTRAINT notice_delivered_by_fkey REFERENCES person,
            delivered_how text,
            delivered_to text,
            answered_at timestamptz,
            answered_by bigint CONSTRAINT notice_answered_by_fkey REFERENCES person,
            answer text,
            overdue_told_at timestamptz,
            CONSTRAINT notice_party_check CHECK (btrim(party) <> '' AND btrim(demands) <> ''),
            CONSTRAINT notice_sha256_check CHECK (sha256 = sha256(document)),
            CONSTRAINT notice_how_check CHECK (delivered_how IN ('hand', 'left', 'post', 'screen')),
            CONSTRAINT notice_delivered_check CHECK (num_nonnulls(delivered_at, delivered_how) IN (0, 2)),
            CONSTRAINT notice_answered_check CHECK (num_nonnulls(answered_at, answer) IN (0, 2))
        );
        -- One at a time holds.
        CREATE UNIQUE INDEX notice_holds_idx ON notice (hazard_id) WHERE replaced_by IS NULL;
        CREATE INDEX notice_hazard_idx ON notice (hazard_id);
        CREATE INDEX notice_due_idx ON notice (due_at)
            WHERE answered_at IS NULL AND replaced_by IS NULL AND overdue_told_at IS NULL;
        GRANT SELECT, INSERT ON notice TO gridmap_app;
        GRANT UPDATE (replaced_by, delivered_at, delivered_by, delivered_how, delivered_to, answered_at, answered_by,
            answer, overdue_told_at) ON notice TO gridmap_app;
        """
    )


def _look_backs() -> None:
    op.execute(
        """
        CREATE TABLE look_back (
            id uuid CONSTRAINT look_back_pkey PRIMARY KEY,
            hazard_id uuid NOT NULL CONSTRAINT look_back_hazard_id_fkey REFERENCES hazard,
            due_at timestamptz NOT NULL,
            done_at timestamptz,
            done_by bigint CONSTRAINT look_back_done_by_fkey REFERENCES person,
            outcome text,
            note text,
            told_at timestamptz,
            CONSTRAINT look_back_due_key UNIQUE (hazard_id, due_at),
            -- Moot: the hazard came again before, and is looked back at anew when it is closed again.
            CONSTRAINT look_back_outcome_check CHECK (outcome IN ('held', 'recurred', 'moot')),
            CONSTRAINT look_back_done_check CHECK (num_nonnulls(done_at, outcome) IN (0, 2))
        );
        CREATE INDEX look_back_due_idx ON look_back (due_at, id) WHERE done_at IS NULL;
        GRANT SELECT, INSERT ON look_back TO gridmap_app;
        GRANT UPDATE (done_at, done_by, outcome, note, told_at) ON look_back TO gridmap_app;

        -- What a photo shows: how it was found, what answers a notice, or what a look-back saw.
        CREATE TABLE hazard_media (
            hazard_id uuid NOT NULL CONSTRAINT hazard_media_hazard_id_fkey REFERENCES hazard,
            about uuid NOT NULL,
            sha256 bytea NOT NULL CONSTRAINT hazard_media_sha256_fkey REFERENCES media,
            CONSTRAINT hazard_media_pkey PRIMARY KEY (hazard_id, about, sha256)
        );
        COMMENT ON COLUMN hazard_media.about IS 'id of the hazard itself, of a notice or of a look-back';
        CREATE INDEX hazard_media_sha256_idx ON hazard_media (sha256);
        GRANT SELECT, INSERT ON hazard_media TO gridmap_app;
        """
    )


def _zones() -> None:
    op.execute(
        """
        CREATE TABLE safe_zone (
            id uuid CONSTRAINT safe_zone_pkey PRIMARY KEY,
            name text NOT NULL,
            shape geometry(Polygon, 4326) NOT NULL,
            -- Of its middle: who answers there may end it.
            path ltree NOT NULL,
            incident_id uuid CONSTRAINT safe_zone_incident_id_fkey REFERENCES incident,
            valid tstzrange NOT NULL,
            drawn_by bigint CONSTRAINT safe_zone_drawn_by_fkey REFERENCES person,
            drawn_at timestamptz NOT NULL,
            ended_at timestamptz,
            ended_why text,
            CONSTRAINT safe_zone_name_check CHECK (btrim(name) <> ''),
            CONSTRAINT safe_zone_shape_check CHECK (ST_IsValid(shape) AND NOT ST_IsEmpty(shape)),
            CONSTRAINT safe_zone_valid_check
                CHECK (NOT isempty(valid) AND NOT lower_inf(valid) AND NOT upper_inf(valid)),
            CONSTRAINT safe_zone_why_check CHECK (ended_why IN ('hour', 'incident', 'hand')),
            CONSTRAINT safe_zone_ended_check CHECK (num_nonnulls(ended_at, ended_why) IN (0, 2))
        );
        CREATE INDEX safe_zone_shape_idx ON safe_zone USING gist (shape) WHERE ended_at IS NULL;
        CREATE INDEX safe_zone_open_idx ON safe_zone (upper(valid)) WHERE ended_at IS NULL;
        CREATE INDEX safe_zone_incident_idx ON safe_zone (incident_id) WHERE ended_at IS NULL;
        GRANT SELECT, INSERT ON safe_zone TO gridmap_app;
        GRANT UPDATE (incident_id, ended_at, ended_why) ON safe_zone TO gridmap_app;
        """
    )
