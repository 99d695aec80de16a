"""What makes tiles quick: outlines as they look from afar, open incidents counted by map cell, the large first."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    _outlines_from_afar()
    _open_incidents_by_cell()
    _indexes()


def _outlines_from_afar() -> None:
    # Tables of their own, not columns: a version is never updated, and a tile that has no such row draws the whole shape.
    op.execute(
        """
        CREATE TABLE grid_afar (
            grid_version_id bigint NOT NULL CONSTRAINT grid_afar_grid_version_id_fkey REFERENCES grid_version,
            z smallint NOT NULL,
            tile geometry(Polygon, 3857) NOT NULL,
            CONSTRAINT grid_afar_pkey PRIMARY KEY (grid_version_id, z)
        );
        CREATE TABLE area_afar (
            area_version_id bigint NOT NULL CONSTRAINT area_afar_area_version_id_fkey REFERENCES area_version,
            z smallint NOT NULL,
            tile geometry(MultiPolygon, 3857) NOT NULL,
            CONSTRAINT area_afar_pkey PRIMARY KEY (area_version_id, z)
        );
        GRANT SELECT, INSERT, DELETE ON grid_afar, area_afar TO gridmap_app;
        """
    )


def _open_incidents_by_cell() -> None:
    op.execute(
        """
        -- The number of a cell of the web map at a zoom: x from west to east, y from north to south.
        CREATE FUNCTION map_cell(metres double precision, zoom integer) RETURNS integer
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
        $$ SELECT floor((metres + 20037508.342789244) * ((1 << zoom) / 40075016.685578488))::integer $$;

        -- Open incidents by community and cell of zoom 15. Every change adds a row with signs, so that writers never
        -- wait for each other as they would on a counter; readers add up, and a job folds the rows now and then.
        CREATE TABLE incident_tally (
            path ltree NOT NULL,
            cell_x integer NOT NULL,
            cell_y integer NOT NULL,
            s1 integer NOT NULL,
            s2 integer NOT NULL,
            s3 integer NOT NULL,
            s4 integer NOT NULL,
            -- Sums of coordinates in whole centimetres: what was added can be taken away without a rest.
            x_cm bigint NOT NULL,
            y_cm bigint NOT NULL
        );
        CREATE INDEX incident_tally_cell_idx ON incident_tally (cell_x, cell_y);

        CREATE FUNCTION incident_tally_of(i incident, sign integer) RETURNS incident_tally
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT CASE WHEN subpath(i.path, -1)::text LIKE 'g%' THEN subpath(i.path, 0, -1) ELSE i.path END,
                map_cell(ST_X(i.tile), 15), map_cell(-ST_Y(i.tile), 15),
                sign * (i.severity = 1)::integer, sign * (i.severity = 2)::integer,
                sign * (i.severity = 3)::integer, sign * (i.severity = 4)::integer,
                sign * round(ST_X(i.tile) * 100)::bigint, sign * round(ST_Y(i.tile) * 100)::bigint
        $$;

        -- A trigger, since every writer must be counted, a publish that moves paths too; once a statement, since a
        -- batch of a thousand alerts is one statement. A step that changes nothing here adds no row.
        CREATE FUNCTION incident_tally_keep() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog, public AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO incident_tally SELECT (incident_tally_of(i::incident, 1)).*
                    FROM after_rows i WHERE i.closed_at IS NULL AND i.tile IS NOT NULL;
            ELSIF TG_OP = 'DELETE' THEN
                INSERT INTO incident_tally SELECT (incident_tally_of(i::incident, -1)).*
                    FROM before_rows i WHERE i.closed_at IS NULL AND i.tile IS NOT NULL;
            ELSE
                INSERT INTO incident_tally SELECT (incident_tally_of(i, sign)).*
                    FROM (SELECT b::incident AS i, -1 AS sign, a.id IS NULL AS gone
                        FROM before_rows b LEFT JOIN after_rows a ON a.id = b.id
                         AND a.closed_at IS NULL AND a.tile IS NOT NULL
                         AND (a.path, a.severity) = (b.path, b.severity) AND a.tile ~= b.tile
                        WHERE b.closed_at IS NULL AND b.tile IS NOT NULL
                    UNION ALL SELECT a::incident, 1, b.id IS NULL
                        FROM after_rows a LEFT JOIN before_rows b ON b.id = a.id
                         AND b.closed_at IS NULL AND b.tile IS NOT NULL
                         AND (a.path, a.severity) = (b.path, b.severity) AND a.tile ~= b.tile
                        WHERE a.closed_at IS NULL AND a.tile IS NOT NULL) AS moved
                    WHERE gone;
            END IF;
            RETURN NULL;
        END
        $$;
        CREATE TRIGGER incident_tally_insert AFTER INSERT ON incident REFERENCING NEW TABLE AS after_rows
            FOR EACH STATEMENT EXECUTE FUNCTION incident_tally_keep();
        CREATE TRIGGER incident_tally_update AFTER UPDATE ON incident
            REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows
            FOR EACH STATEMENT EXECUTE FUNCTION incident_tally_keep();
        CREATE TRIGGER incident_tally_delete AFTER DELETE ON incident REFERENCING OLD TABLE AS before_rows
            FOR EACH STATEMENT EXECUTE FUNCTION incident_tally_keep();
        INSERT INTO incident_tally SELECT (incident_tally_of(i, 1)).*
            FROM incident i WHERE i.closed_at IS NULL AND i.tile IS NOT NULL;

        GRANT SELECT, INSERT, DELETE ON incident_tally TO gridmap_app;
        """
    )


def _indexes() -> None:
    op.execute(
        """
        -- Whoever was open on a past day is open still, or was closed after that day.
        CREATE INDEX incident_closed_idx ON incident (closed_at) WHERE closed_at IS NOT NULL;
        CREATE INDEX incident_holder_idx ON incident (holder_person_id)
            WHERE closed_at IS NULL AND holder_person_id IS NOT NULL;
        -- From afar only what is large is drawn: its boxes must be found without reading a million small ones.
        CREATE INDEX ground_tile_large_idx ON ground USING gist (tile) WHERE ST_Area(tile) > 20000;
        CREATE INDEX way_tile_major_idx ON way USING gist (tile)
            WHERE kind IN ('motorway', 'rail', 'river') OR rank <= 2;
        """
    )
