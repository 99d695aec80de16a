"""Plans: changes of boundaries, drafted, checked, approved by another person, published at an hour."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    _plans()
    _drafts()
    op.execute(
        """
        GRANT SELECT, INSERT, UPDATE ON counter, plan, plan_edit, plan_proposal TO gridmap_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON plan_grid TO gridmap_app;
        GRANT SELECT, INSERT ON plan_note TO gridmap_app;
        """
    )


def _plans() -> None:
    op.execute(
        """
        -- Numbers that must have no hole: the row is locked until the one who drew a number commits.
        CREATE TABLE counter (
            series text NOT NULL,
            year integer NOT NULL,
            last bigint NOT NULL,
            CONSTRAINT counter_pkey PRIMARY KEY (series, year)
        );

        CREATE TABLE plan (
            id uuid CONSTRAINT plan_pkey PRIMARY KEY,
            district_id bigint NOT NULL CONSTRAINT plan_district_id_fkey REFERENCES district,
            number text NOT NULL CONSTRAINT plan_number_key UNIQUE,
            title text NOT NULL,
            base_edition bigint NOT NULL,
            state text NOT NULL,
            author_id bigint NOT NULL CONSTRAINT plan_author_id_fkey REFERENCES person,
            approver_id bigint CONSTRAINT plan_approver_id_fkey REFERENCES person,
            created_at timestamptz NOT NULL,
            edited_at timestamptz NOT NULL,
            submitted_at timestamptz,
            approved_at timestamptz,
            publish_at timestamptz,
            published_at timestamptz,
            -- The edition that publishing it made.
            edition_n bigint,
            -- A plan that a revert made: its polygons are the bytes before this edition.
            reverts_edition bigint,
            note text NOT NULL DEFAULT '',
            -- What lists say of it, as of its last edit: grids before and after, households that move.
            figures jsonb NOT NULL DEFAULT '{}',
            CONSTRAINT plan_state_check
                CHECK (state IN ('draft', 'submitted', 'approved', 'published', 'withdrawn', 'reverted')),
            CONSTRAINT plan_approver_check CHECK (approver_id <> author_id),
            CONSTRAINT plan_base_fkey FOREIGN KEY (district_id, base_edition) REFERENCES edition,
            CONSTRAINT plan_edition_fkey FOREIGN KEY (district_id, edition_n) REFERENCES edition
        );
        CREATE INDEX plan_district_idx ON plan (district_id, edited_at, id);
        -- What the job asks for every minute.
        CREATE INDEX plan_due_idx ON plan (publish_at) WHERE state = 'approved';
        """
    )


def _drafts() -> None:
    op.execute(
        """
        -- What was drawn, in its order; nothing of it changes but whether it counts.
        CREATE TABLE plan_edit (
            plan_id uuid NOT NULL CONSTRAINT plan_edit_plan_id_fkey REFERENCES plan,
            seq integer NOT NULL,
            id uuid NOT NULL CONSTRAINT plan_edit_id_key UNIQUE,
            op text NOT NULL,
            args jsonb NOT NULL,
            inverse jsonb NOT NULL,
            told jsonb NOT NULL,
            by_id bigint NOT NULL CONSTRAINT plan_edit_by_id_fkey REFERENCES person,
            at timestamptz NOT NULL,
            undone_at timestamptz,
            -- Why a rebase left it out.
            set_aside text,
            CONSTRAINT plan_edit_pkey PRIMARY KEY (plan_id, seq)
        );

        -- What the edits come to: only the grids that differ from the base edition, by the bytes computed.
        CREATE TABLE plan_grid (
            plan_id uuid NOT NULL CONSTRAINT plan_grid_plan_id_fkey REFERENCES plan,
            temp_id text NOT NULL,
            grid_id bigint CONSTRAINT plan_grid_grid_id_fkey REFERENCES grid,
            code text,
            name text NOT NULL,
            names jsonb NOT NULL DEFAULT '{}',
            community_id bigint NOT NULL CONSTRAINT plan_grid_community_id_fkey REFERENCES area,
            kind text NOT NULL,
            households bigint NOT NULL,
            owner_site_id uuid CONSTRAINT plan_grid_owner_site_id_fkey REFERENCES site,
            plane geometry(Polygon),
            gone boolean NOT NULL DEFAULT false,
            -- Only gained corners, where a neighbour's border meets its own: its ground is as it was.
            noded boolean NOT NULL DEFAULT false,
            CONSTRAINT plan_grid_pkey PRIMARY KEY (plan_id, temp_id),
            CONSTRAINT plan_grid_kind_check CHECK (kind IN ('urban', 'rural', 'dedicated')),
            CONSTRAINT plan_grid_households_check CHECK (households >= 0),
            CONSTRAINT plan_grid_plane_check CHECK (gone = (plane IS NULL))
        );

        CREATE TABLE plan_note (
            id uuid CONSTRAINT plan_note_pkey PRIMARY KEY,
            plan_id uuid NOT NULL CONSTRAINT plan_note_plan_id_fkey REFERENCES plan,
            at timestamptz NOT NULL,
            by_id bigint NOT NULL CONSTRAINT plan_note_by_id_fkey REFERENCES person,
            kind text NOT NULL,
            -- Which finding of the check a reason is for.
            item text,
            body text NOT NULL,
            CONSTRAINT plan_note_kind_check CHECK (kind IN ('comment', 'step', 'reason')),
            CONSTRAINT plan_note_item_check CHECK ((kind = 'reason') = (item IS NOT NULL))
        );
        CREATE INDEX plan_note_plan_idx ON plan_note (plan_id, at);

        CREATE TABLE plan_proposal (
            id uuid CONSTRAINT plan_proposal_pkey PRIMARY KEY,
            plan_id uuid NOT NULL CONSTRAINT plan_proposal_plan_id_fkey REFERENCES plan,
            kind text NOT NULL,
            args jsonb NOT NULL,
            seed bigint NOT NULL,
            state text NOT NULL,
            progress double precision NOT NULL DEFAULT 0,
            step text NOT NULL DEFAULT '',
            sentence text,
            answer jsonb,
            asked_by bigint NOT NULL CONSTRAINT plan_proposal_asked_by_fkey REFERENCES person,
            asked_at timestamptz NOT NULL,
            started_at timestamptz,
            ended_at timestamptz,
            cancel boolean NOT NULL DEFAULT false,
            CONSTRAINT plan_proposal_kind_check CHECK (kind IN ('split', 'balance', 'partition', 'import')),
            CONSTRAINT plan_proposal_state_check
                CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled', 'taken')),
            CONSTRAINT plan_proposal_progress_check CHECK (progress BETWEEN 0 AND 1)
        );
        CREATE INDEX plan_proposal_plan_idx ON plan_proposal (plan_id, asked_at);
        CREATE INDEX plan_proposal_waiting_idx ON plan_proposal (asked_at) WHERE state IN ('waiting', 'running');
        """
    )
