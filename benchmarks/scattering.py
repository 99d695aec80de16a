"""Open incidents in any number, as rows alone."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.incidents.tally import fold_tally


def scatter(db: Session, count: int) -> None:
    """Open incidents around the labels of grids, one in twenty overdue."""
    db.execute(
        text(
            "INSERT INTO incident (id, number, severity, state, source, place, placed, certainty, grid_version_id,"
            " duty_grid_id, path, occurred_at, due_at, seq, log_hash)"
            " SELECT gen_random_uuid(), 'B-' || n, 1 + n % 4, 'filed', 'patrol', ST_Transform(ST_Translate(v.label,"
            "  v.label_radius * cos(n) * (n % 97) / 97, v.label_radius * sin(n) * (n % 97) / 97), 4326), 'inside',"
            "  'sure', v.id, v.grid_id, v.path, now(), now() + CASE n % 20 WHEN 0 THEN interval '-1 h'"
            "  ELSE interval '1 d' END, 1, ''"
            " FROM generate_series(1, :count) AS n JOIN (SELECT *, row_number() OVER (ORDER BY id) AS nth"
            "  FROM grid_version WHERE upper_inf(valid) AND upper_inf(recorded)) AS v"
            " ON v.nth = 1 + n % (SELECT count(*) FROM grid_version WHERE upper_inf(valid) AND upper_inf(recorded))"
        ),
        {"count": count},
    )
    fold_tally(db, datetime.now(UTC))
    db.commit()
    db.connection().connection.driver_connection.autocommit = True
    db.execute(text("VACUUM (ANALYZE) incident, incident_tally"))
