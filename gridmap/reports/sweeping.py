"""
Keep photos and their rows in step: what nobody claimed goes, and what does not fit together is named.

A row goes first and its files follow with the next sweep, as all files that have no row; so no crash in between
leaves a row that promises a file.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.reports.arriving import sweep_arriving
from gridmap.reports.mediafiles import COPIES, MediaFiles
from gridmap.system.audit import Doer, record

UNCLAIMED_FOR: Final = timedelta(days=14)
"""How long a photo waits for a report or a step that names it."""
STRAY_FOR: Final = timedelta(days=1)
"""How old a file without a row must be to go: younger ones may be about to get theirs."""
_NAMED: Final = 20


@dataclass(frozen=True)
class Sweep:
    """
    What a sweep found.

    Attributes
    ----------
    arriving, unclaimed, strays
        How many half uploads, rows that nobody claimed, and files without a row were removed.
    lost
        Stored photos whose upload or copies are not on the disk: hashes in hex.
    """

    arriving: int
    unclaimed: int
    strays: int
    lost: tuple[str, ...]


def sweep_media(db: Session, files: MediaFiles, at: datetime) -> Sweep:
    """
    Remove what nobody claimed, compare rows and files both ways, and leave an audit row of what was found.

    Parameters
    ----------
    at
        Our clock.
    """
    with files.settling(alone=True):
        arriving = sweep_arriving(files, at)
        strays, lost = _compare(db, files, at)
        unclaimed = _forget_unclaimed(db, at)
    found = Sweep(arriving, unclaimed, strays, tuple(lost))
    changed = asdict(found) | {"lost": lost[:_NAMED], "lost_n": len(lost)}
    record(db, Doer(None, "system"), "photo.sweep", result="failed" if lost else "done", changed=changed)
    return found


def _forget_unclaimed(db: Session, at: datetime) -> int:
    """Photos of people that no report, step or hazard names."""
    gone = db.execute(
        text(
            "DELETE FROM media m WHERE received_at < :since AND NOT legal_hold AND state = 'stored'"
            " AND uploaded_by IS NOT NULL"
            " AND NOT EXISTS (SELECT FROM report_media c WHERE c.sha256 = m.sha256)"
            " AND NOT EXISTS (SELECT FROM incident_log_media c WHERE c.sha256 = m.sha256)"
            " AND NOT EXISTS (SELECT FROM hazard_media c WHERE c.sha256 = m.sha256)"
            " RETURNING sha256"
        ),
        {"since": at - UNCLAIMED_FOR},
    )
    return len(gone.all())


def _compare(db: Session, files: MediaFiles, at: datetime) -> tuple[int, list[str]]:
    """Files without a row that were removed, and rows without their files."""
    sealed, copies = files.sealed_names(), files.copy_names()
    rows = db.execute(text("SELECT sha256, shown_name, redacted_name FROM media WHERE state = 'stored'")).all()
    lost = sorted(
        bytes(row.sha256).hex()
        for row in rows
        if bytes(row.sha256) not in sealed or len(copies.get(row.shown_name, ())) < len(COPIES)
    )
    known = {bytes(row.sha256) for row in rows}
    names = {name for row in rows for name in (row.shown_name, row.redacted_name)}
    strays = [path for sha256, path in sealed.items() if sha256 not in known]
    strays += [path for name, paths in copies.items() if name not in names for path in paths]
    return sum(_removed(path, at) for path in (*strays, *files.drafts())), lost


def _removed(path: Path, at: datetime) -> bool:
    if path.stat().st_mtime > (at - STRAY_FOR).timestamp():
        return False
    path.unlink()
    return True
