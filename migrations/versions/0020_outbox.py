"""The outbox: what people and other systems are told, written with the change and delivered by the worker."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.execute(
        """
        -- Where notices reach a person outside of these screens; an administrator writes it down.
        ALTER TABLE person ADD COLUMN email text;

        -- Systems and group robots that an administrator named. A robot's address holds its key: it is a secret, too.
        CREATE TABLE outbox_endpoint (
            id uuid CONSTRAINT outbox_endpoint_pkey PRIMARY KEY,
            kind text NOT NULL,
            name text NOT NULL,
            url text NOT NULL,
            secret text,
            -- Kinds of event; none is all.
            events text[] NOT NULL DEFAULT '{}',
            -- What happens below it is told; the empty path is everything.
            path ltree NOT NULL DEFAULT '',
            locale text NOT NULL,
            enabled boolean NOT NULL,
            made_at timestamptz NOT NULL,
            ended_at timestamptz,
            CONSTRAINT outbox_endpoint_kind_check CHECK (kind IN ('webhook', 'wecom', 'dingtalk'))
        );

        -- A line of waiting messages that one worker serves at a time: a slow far end holds up its own line alone.
        CREATE TABLE outbox_lane (
            lane text CONSTRAINT outbox_lane_pkey PRIMARY KEY,
            -- Nothing is configured at its end: nothing is put into it.
            closed boolean NOT NULL,
            claimed_until timestamptz,
            served_at timestamptz,
            rest_until timestamptz,
            -- When something was posted lately, for far ends that take so many a minute.
            posts timestamptz[] NOT NULL DEFAULT '{}'
        );
        INSERT INTO outbox_lane (lane, closed) VALUES ('screen', false), ('email', true);

        CREATE TABLE outbox (
            id uuid CONSTRAINT outbox_pkey PRIMARY KEY,
            channel text NOT NULL,
            -- person:12 or endpoint:0198…, and the line it stands in.
            target text NOT NULL,
            lane text NOT NULL CONSTRAINT outbox_lane_fkey REFERENCES outbox_lane,
            person_id bigint CONSTRAINT outbox_person_id_fkey REFERENCES person,
            endpoint_id uuid CONSTRAINT outbox_endpoint_id_fkey REFERENCES outbox_endpoint,
            event text NOT NULL,
            subject jsonb NOT NULL,
            body jsonb NOT NULL,
            about text,
            dedupe text,
            asked_at timestamptz NOT NULL,
            due_at timestamptz NOT NULL,
            give_up_at timestamptz NOT NULL,
            tries integer NOT NULL DEFAULT 0,
            claim uuid,
            claimed_until timestamptz,
            sent_at timestamptz,
            dead_at timestamptz,
            fault jsonb,
            read_at timestamptz,
            CONSTRAINT outbox_channel_check CHECK (channel IN ('screen', 'email', 'webhook', 'wecom', 'dingtalk')),
            CONSTRAINT outbox_target_check CHECK (num_nonnulls(person_id, endpoint_id) = 1),
            CONSTRAINT outbox_end_check CHECK (sent_at IS NULL OR dead_at IS NULL),
            CONSTRAINT outbox_dedupe_key UNIQUE (channel, target, dedupe)
        );
        -- What the worker asks for every second.
        CREATE INDEX outbox_waiting_idx ON outbox (lane, due_at, id) WHERE sent_at IS NULL AND dead_at IS NULL;
        -- What a person reads, and how much of it is new.
        CREATE INDEX outbox_person_idx ON outbox (person_id, sent_at, id) WHERE channel = 'screen';
        CREATE INDEX outbox_unread_idx ON outbox (person_id)
            WHERE channel = 'screen' AND sent_at IS NOT NULL AND read_at IS NULL;
        -- What an administrator looks through, and what the term takes away.
        CREATE INDEX outbox_asked_idx ON outbox (asked_at, id);
        CREATE INDEX outbox_dead_idx ON outbox (dead_at, id) WHERE dead_at IS NOT NULL;

        GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO gridmap_app;
        GRANT SELECT, INSERT, UPDATE ON outbox_endpoint, outbox_lane TO gridmap_app;
        """
    )
