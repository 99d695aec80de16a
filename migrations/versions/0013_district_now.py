"""Reading the district as it is, and holding its coverage meanwhile, in one round trip."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute(
        """
        -- Each statement of a volatile function sees what was committed before it began. So the district is read as
        -- it stands once the lock is had and no edition can be published any more: one plain statement that did both
        -- would read what stood before it waited.
        CREATE FUNCTION district_now(hold bigint) RETURNS TABLE (
            area_id bigint, path text, code text, name text, names jsonb, srid bigint, time_zone text,
            edition_n bigint, revision bigint, stamp text, west double precision, south double precision,
            east double precision, north double precision, numbers bigint[], instants timestamptz[]
        ) LANGUAGE plpgsql VOLATILE AS $$
        BEGIN
            IF hold IS NOT NULL THEN
                PERFORM pg_advisory_xact_lock_shared(hold);
            END IF;
            RETURN QUERY
            SELECT d.area_id, a.path::text, v.code, v.name, v.names, d.srid::bigint, d.time_zone, d.edition_n::bigint,
                d.revision::bigint, d.xmin::text, ST_XMin(v.shape), ST_YMin(v.shape), ST_XMax(v.shape),
                ST_YMax(v.shape), e.numbers, e.instants
            FROM district d JOIN area a ON a.id = d.area_id
            JOIN area_version v ON v.area_id = a.id AND upper_inf(v.valid) AND upper_inf(v.recorded),
            LATERAL (SELECT coalesce(array_agg(n::bigint ORDER BY effective_at), '{}') AS numbers,
                coalesce(array_agg(effective_at ORDER BY effective_at), '{}') AS instants
                FROM edition WHERE district_id = d.area_id) e
            ORDER BY d.area_id LIMIT 1;
        END $$;
        """
    )
