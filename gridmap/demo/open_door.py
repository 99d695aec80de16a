"""One door of the made-up district whose code is known, so that anybody can try what a resident sees."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from gridmap.demo import DOOR_FILE
from gridmap.residents.seals import new_token, token_hash
from gridmap.system import audit
from gridmap.system.audit import Doer

# Where the residents sent most: there is something to see near the door.
_BUSIEST: Final = """
    SELECT q.site_id, q.path::text AS path FROM qr q LEFT JOIN resident_report r ON r.qr_id = q.id
    WHERE q.ended_at IS NULL GROUP BY q.token_hash ORDER BY count(r.report_id) DESC, q.id LIMIT 1
"""


def ensure_door(engine: Engine, data_dir: Path) -> str | None:
    """
    Give the token of a door to try, making a new one if the file of this data directory does not fit the database.

    Returns
    -------
    token
        As in the address ``/r/<token>``; None if no door has a code.
    """
    file = data_dir / DOOR_FILE
    with Session(engine) as db, db.begin():
        known = file.read_text(encoding="ascii").strip() if file.exists() else ""
        if known and _works(db, known):
            return known
        door = db.execute(text(_BUSIEST)).one_or_none()
        if door is None:
            return None
        token, now = new_token(), datetime.now(UTC)
        db.execute(
            text("UPDATE qr SET ended_at = :at WHERE site_id = :site AND ended_at IS NULL"),
            {"at": now, "site": door.site_id},
        )
        db.execute(
            text(
                "INSERT INTO qr (token_hash, site_id, path, made_at) VALUES (:hash, :site, CAST(:path AS ltree), :at)"
            ),
            {"hash": token_hash(token), "site": door.site_id, "path": door.path, "at": now},
        )
        changed = {"codes": 1, "replace": True}
        audit.record(db, Doer(None, "system"), "qr.make", path=door.path, changed=changed, purpose="demo")
        file.write_text(token, encoding="ascii")
    return token


def _works(db: Session, token: str) -> bool:
    return bool(
        db.scalar(
            text("SELECT EXISTS (SELECT FROM qr WHERE token_hash = :hash AND ended_at IS NULL)"),
            {"hash": token_hash(token)},
        )
    )
