"""The tally of open incidents reckons each change once, and leaves alone what stays in its community and cell."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    # `(f(row)).*` calls `f` once for every column of what it gives: nine times where once is meant. A table function
    # in FROM is called once a row. And since the tally knows communities, not grids, an incident that only goes to
    # another grid of its community took one row away and added the same again: a publish moves hundreds at once.
    op.execute(
        """
        -- The community (or the area above, where there is no grid) that a path is counted under.
        CREATE FUNCTION incident_tally_path(path ltree) RETURNS ltree
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
        $$ SELECT CASE WHEN subpath(path, -1)::text LIKE 'g%' THEN subpath(path, 0, -1) ELSE path END $$;

        CREATE OR REPLACE FUNCTION incident_tally_keep() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog, public AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO incident_tally SELECT t.*
                    FROM after_rows i, LATERAL incident_tally_of(i::incident, 1) AS t
                    WHERE i.closed_at IS NULL AND i.tile IS NOT NULL;
            ELSIF TG_OP = 'DELETE' THEN
                INSERT INTO incident_tally SELECT t.*
                    FROM before_rows i, LATERAL incident_tally_of(i::incident, -1) AS t
                    WHERE i.closed_at IS NULL AND i.tile IS NOT NULL;
            ELSE
                INSERT INTO incident_tally SELECT t.*
                    FROM (SELECT b::incident AS i, -1 AS sign, a.id IS NULL AS gone
                        FROM before_rows b LEFT JOIN after_rows a ON a.id = b.id
                         AND a.closed_at IS NULL AND a.tile IS NOT NULL
                         AND incident_tally_path(a.path) = incident_tally_path(b.path)
                         AND a.severity = b.severity AND a.tile ~= b.tile
                        WHERE b.closed_at IS NULL AND b.tile IS NOT NULL
                    UNION ALL SELECT a::incident, 1, b.id IS NULL
                        FROM after_rows a LEFT JOIN before_rows b ON b.id = a.id
                         AND b.closed_at IS NULL AND b.tile IS NOT NULL
                         AND incident_tally_path(a.path) = incident_tally_path(b.path)
                         AND a.severity = b.severity AND a.tile ~= b.tile
                        WHERE a.closed_at IS NULL AND a.tile IS NOT NULL) AS moved,
                    LATERAL incident_tally_of(moved.i, moved.sign) AS t
                    WHERE moved.gone;
            END IF;
            RETURN NULL;
        END
        $$;
        """
    )
