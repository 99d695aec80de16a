"""Who is called: whistles and musters, contested matters, and the ladder of supervision with its numbered notices."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    _terms()
    _whistles()
    _contested()
    _supervision()


def _terms() -> None:
    op.execute(
        """
        -- How soon whoever is called has to answer: a whistle by the severity of its matter, a notice by its tier.
        CREATE TABLE call_term (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT call_term_pkey PRIMARY KEY,
            what text NOT NULL,
            grade smallint NOT NULL,
            amount double precision NOT NULL,
            unit text NOT NULL,
            valid daterange NOT NULL DEFAULT daterange(NULL, NULL),
            CONSTRAINT call_term_what_check CHECK (what IN ('acknowledge', 'arrive', 'answer')),
            CONSTRAINT call_term_grade_check CHECK (grade BETWEEN 1 AND CASE what WHEN 'answer' THEN 3 ELSE 4 END),
            CONSTRAINT call_term_amount_check CHECK (amount > 0 AND amount <= 9999),
            CONSTRAINT call_term_unit_check CHECK (unit IN ('h', 'wh', 'wd')),
            CONSTRAINT call_term_valid_check CHECK (NOT isempty(valid)),
            CONSTRAINT call_term_excl EXCLUDE USING gist (what WITH =, grade WITH =, valid WITH &&)
        );
        -- Examples to begin with: an installation writes its own.
        INSERT INTO call_term (what, grade, amount, unit) VALUES
            ('acknowledge', 1, 0.25, 'h'), ('acknowledge', 2, 0.5, 'h'),
            ('acknowledge', 3, 2, 'h'), ('acknowledge', 4, 4, 'wh'),
            ('arrive', 1, 0.5, 'h'), ('arrive', 2, 2, 'h'), ('arrive', 3, 8, 'h'), ('arrive', 4, 8, 'wh'),
            ('answer', 1, 2, 'wd'), ('answer', 2, 1, 'wd'), ('answer', 3, 4, 'wh');

        -- When a matter comes onto which tier of the ladder by itself.
        CREATE TABLE supervision_rule (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT supervision_rule_pkey PRIMARY KEY,
            tier smallint NOT NULL,
            cause text NOT NULL,
            at_least double precision NOT NULL,
            valid daterange NOT NULL DEFAULT daterange(NULL, NULL),
            CONSTRAINT supervision_rule_tier_check CHECK (tier BETWEEN 1 AND 3),
            CONSTRAINT supervision_rule_cause_check CHECK (cause IN ('overdue', 'repeats', 'silent', 'unanswered')),
            CONSTRAINT supervision_rule_at_least_check CHECK (at_least >= 0),
            CONSTRAINT supervision_rule_valid_check CHECK (NOT isempty(valid)),
            CONSTRAINT supervision_rule_excl EXCLUDE USING gist (tier WITH =, cause WITH =, valid WITH &&)
        );
        INSERT INTO supervision_rule (tier, cause, at_least) VALUES
            (1, 'overdue', 0), (2, 'overdue', 1), (2, 'repeats', 2), (3, 'silent', 3), (3, 'unanswered', 2);

        GRANT SELECT, INSERT, UPDATE ON call_term, supervision_rule TO gridmap_app;
        CREATE TRIGGER call_term_revision AFTER INSERT OR UPDATE OR DELETE ON call_term
            FOR EACH STATEMENT EXECUTE FUNCTION catalogue_changed();
        CREATE TRIGGER supervision_rule_revision AFTER INSERT OR UPDATE OR DELETE ON supervision_rule
            FOR EACH STATEMENT EXECUTE FUNCTION catalogue_changed();
        """
    )


def _whistles() -> None:
    op.execute(
        """
        -- A grid calls departments to a place. All of it can be read from the log of the incident, too.
        CREATE TABLE whistle (
            id uuid CONSTRAINT whistle_pkey PRIMARY KEY,
            incident_id uuid NOT NULL CONSTRAINT whistle_incident_id_fkey REFERENCES incident,
            place geometry(Point, 4326) NOT NULL,
            called_by bigint CONSTRAINT whistle_called_by_fkey REFERENCES person,
            role text NOT NULL,
            at timestamptz NOT NULL
        );
        CREATE INDEX whistle_incident_idx ON whistle (incident_id);
        CREATE INDEX whistle_at_idx ON whistle (at, id);

        CREATE TABLE whistle_call (
            whistle_id uuid NOT NULL CONSTRAINT whistle_call_whistle_id_fkey REFERENCES whistle,
            department_id bigint NOT NULL CONSTRAINT whistle_call_department_id_fkey REFERENCES department,
            incident_id uuid NOT NULL,
            -- The row of the log that called; what was said with it stands in incident_note.
            seq bigint NOT NULL,
            acknowledge_due_at timestamptz,
            arrive_due_at timestamptz,
            explained jsonb NOT NULL DEFAULT '{}',
            acknowledged_at timestamptz,
            acknowledged_by bigint CONSTRAINT whistle_call_acknowledged_by_fkey REFERENCES person,
            arrived_at timestamptz,
            arrived_by bigint CONSTRAINT whistle_call_arrived_by_fkey REFERENCES person,
            arrived_place geometry(Point, 4326),
            arrived_error_m double precision,
            arrived_m double precision,
            outcome text,
            outcome_at timestamptz,
            outcome_seq bigint,
            refused_at timestamptz,
            refused_by bigint CONSTRAINT whistle_call_refused_by_fkey REFERENCES person,
            refused_reason text,
            refused_seq bigint,
            rating smallint,
            rated_at timestamptz,
            rated_by bigint CONSTRAINT whistle_call_rated_by_fkey REFERENCES person,
            rated_seq bigint,
            silent_tier smallint NOT NULL DEFAULT 0,
            CONSTRAINT whistle_call_pkey PRIMARY KEY (whistle_id, department_id),
            CONSTRAINT whistle_call_log_key UNIQUE (incident_id, seq),
            CONSTRAINT whistle_call_log_fkey FOREIGN KEY (incident_id, seq) REFERENCES incident_log,
            CONSTRAINT whistle_call_refused_check CHECK (
                (refused_at IS NULL) = (refused_reason IS NULL) AND (refused_at IS NULL OR arrived_at IS NULL)),
            CONSTRAINT whistle_call_arrived_check CHECK (
                (arrived_at IS NULL) = (arrived_place IS NULL) AND (arrived_at IS NULL OR acknowledged_at IS NOT NULL)),
            CONSTRAINT whistle_call_outcome_check CHECK (
                (outcome IS NULL) = (outcome_at IS NULL) AND (outcome IS NULL OR arrived_at IS NOT NULL)
                AND (outcome IN ('settled', 'partly', 'handed-on', 'not-found'))),
            CONSTRAINT whistle_call_rating_check CHECK (
                (rating IS NULL) = (rated_at IS NULL) AND (rating IS NULL OR outcome IS NOT NULL)
                AND rating BETWEEN 1 AND 5),
            CONSTRAINT whistle_call_silent_check CHECK (silent_tier BETWEEN 0 AND 3)
        );
        CREATE INDEX whistle_call_department_idx ON whistle_call (department_id);
        GRANT SELECT, INSERT ON whistle TO gridmap_app;
        GRANT SELECT, INSERT, UPDATE ON whistle_call TO gridmap_app;
        """
    )


def _contested() -> None:
    op.execute(
        """
        -- Whose duty is it? Refused twice, decided once, remembered for the next time.
        CREATE TABLE contested (
            id uuid CONSTRAINT contested_pkey PRIMARY KEY,
            incident_id uuid NOT NULL CONSTRAINT contested_incident_id_fkey REFERENCES incident,
            seq bigint NOT NULL,
            opened_at timestamptz NOT NULL,
            decided_at timestamptz,
            decided_by bigint CONSTRAINT contested_decided_by_fkey REFERENCES person,
            decided_seq bigint,
            department_id bigint CONSTRAINT contested_department_id_fkey REFERENCES department,
            ground text,
            -- Of the matter when it was decided: what is like it is found by these.
            category text CONSTRAINT contested_category_fkey REFERENCES category,
            path ltree,
            CONSTRAINT contested_log_fkey FOREIGN KEY (incident_id, seq) REFERENCES incident_log,
            CONSTRAINT contested_decided_check CHECK (
                num_nonnulls(decided_at, decided_seq, department_id, ground, path) IN (0, 5))
        );
        CREATE UNIQUE INDEX contested_open_idx ON contested (incident_id) WHERE decided_at IS NULL;
        CREATE INDEX contested_opened_idx ON contested (opened_at, id);
        CREATE INDEX contested_precedent_idx ON contested (category) WHERE decided_at IS NOT NULL;
        GRANT SELECT, INSERT, UPDATE ON contested TO gridmap_app;
        """
    )


def _supervision() -> None:
    op.execute(
        """
        -- Runs beside the handling: it never changes where the incident stands.
        CREATE TABLE supervision (
            id uuid CONSTRAINT supervision_pkey PRIMARY KEY,
            number text NOT NULL CONSTRAINT supervision_number_key UNIQUE,
            incident_id uuid NOT NULL CONSTRAINT supervision_incident_id_fkey REFERENCES incident,
            seq bigint NOT NULL,
            tier smallint NOT NULL,
            cause text NOT NULL,
            explained jsonb NOT NULL DEFAULT '[]',
            -- Who has to answer; none is the desk that has the matter.
            department_id bigint CONSTRAINT supervision_department_id_fkey REFERENCES department,
            opened_at timestamptz NOT NULL,
            -- None: opened by itself.
            opened_by bigint CONSTRAINT supervision_opened_by_fkey REFERENCES person,
            answer_due_at timestamptz,
            answered_at timestamptz,
            answered_by bigint CONSTRAINT supervision_answered_by_fkey REFERENCES person,
            answered_seq bigint,
            closed_at timestamptz,
            closed_by bigint CONSTRAINT supervision_closed_by_fkey REFERENCES person,
            closed_seq bigint,
            CONSTRAINT supervision_log_fkey FOREIGN KEY (incident_id, seq) REFERENCES incident_log,
            CONSTRAINT supervision_tier_check CHECK (tier BETWEEN 1 AND 3),
            CONSTRAINT supervision_cause_check CHECK (
                cause IN ('overdue', 'repeats', 'silent', 'unanswered', 'by-hand')),
            CONSTRAINT supervision_answered_check CHECK ((answered_at IS NULL) = (answered_seq IS NULL)),
            CONSTRAINT supervision_closed_check CHECK ((closed_at IS NULL) = (closed_seq IS NULL))
        );
        CREATE UNIQUE INDEX supervision_open_idx ON supervision (incident_id, tier) WHERE closed_at IS NULL;
        CREATE INDEX supervision_incident_idx ON supervision (incident_id);
        CREATE INDEX supervision_opened_idx ON supervision (opened_at, id);
        CREATE INDEX supervision_department_idx ON supervision (department_id) WHERE department_id IS NOT NULL;
        GRANT SELECT, INSERT, UPDATE ON supervision TO gridmap_app;
        """
    )
