"""What strangers sent is looked at before others see it: the queue, the judgement, and the wishes to take up again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.errors import Invalid, NotFound
from gridmap.language import N_
from gridmap.people.rules import Actor, Scope, scope_of
from gridmap.residents.rules import HIDDEN_WHY
from gridmap.system.audit import record

MODERATE: Final = "report.moderate"
STATES: Final = ("waiting", "shown", "hidden")

_QUEUE: Final = """
    SELECT r.id, r.text, r.received_at, r.moderation, t.text_shown, t.photos_shown, t.hidden_why, t.judged_at,
        c.code AS category_code, c.name AS category_name, c.names AS category_names, s.name AS place_name,
        s.names AS place_names, i.id AS incident_id, i.number, i.state,
        ARRAY(SELECT encode(m.sha256, 'hex') FROM report_media m JOIN media d ON d.sha256 = m.sha256
            WHERE m.report_id = r.id AND d.state = 'stored' ORDER BY 1) AS photos,
        (SELECT count(*) FROM resident_report o JOIN report p ON p.id = o.report_id
            WHERE o.qr_id = t.qr_id AND p.received_at BETWEEN r.received_at - interval '1 hour' AND r.received_at)
            AS from_door_n
    FROM report r JOIN resident_report t ON t.report_id = r.id JOIN qr q ON q.id = t.qr_id
    JOIN site s ON s.id = q.site_id LEFT JOIN category c ON c.code = r.category
    JOIN incident_source l ON l.report_id = r.id AND l.left_at IS NULL JOIN incident i ON i.id = l.incident_id
    WHERE r.moderation = :state AND r.path <@ ANY(CAST(:paths AS ltree[]))
        AND (CAST(:after_at AS timestamptz) IS NULL OR (r.received_at, r.id) > (:after_at, CAST(:after_id AS uuid)))
    ORDER BY r.received_at, r.id LIMIT :limit
"""


def queue(
    db: Session, scope: Scope, state: str, after: tuple[datetime, UUID] | None, limit: int
) -> tuple[Sequence[Any], int]:
    """
    What residents sent, the earliest first.

    Returns
    -------
    rows, total
        `total` counts all of that state in the scope. Nothing in them says who sent it.
    """
    values = {
        "state": state,
        "paths": [path for path, _ in scope.paths],
        "after_at": after[0] if after else None,
        "after_id": after[1] if after else None,
        "limit": limit,
    }
    total = db.scalar(
        text(
            "SELECT count(*) FROM report r JOIN resident_report t ON t.report_id = r.id"
            " WHERE r.moderation = :state AND r.path <@ ANY(CAST(:paths AS ltree[]))"
        ),
        values,
    )
    return db.execute(text(_QUEUE), values).all(), int(total or 0)


def wishes(db: Session, scope: Scope) -> Sequence[Any]:
    """Matters that their reporters want taken up again and that nobody has decided, the earliest first."""
    return db.execute(
        text(
            "SELECT r.id, r.words, r.rated_at, i.id AS incident_id, i.number, i.state, i.level, p.text,"
            " c.code AS category_code, c.name AS category_name, c.names AS category_names"
            " FROM resident_rating r JOIN incident i ON i.id = r.incident_id JOIN report p ON p.id = r.report_id"
            " LEFT JOIN category c ON c.code = i.category"
            " WHERE r.again AND r.decided_at IS NULL AND i.path <@ ANY(CAST(:paths AS ltree[]))"
            " ORDER BY r.rated_at, r.id LIMIT 200"
        ),
        {"paths": [path for path, _ in scope.paths]},
    ).all()


def judge(
    db: Session, actor: Actor, report_id: UUID, text_shown: bool, photos_shown: bool, why: str | None, at: datetime
) -> None:
    """
    Say what of a report others may see; a later judgement takes the place of an earlier one.

    Parameters
    ----------
    why
        Of `HIDDEN_WHY`, where something is hidden.

    Raises
    ------
    NotFound
        If there is no such report in the actor's area.
    Invalid
        If all is hidden and nothing says why.
    """
    path = db.scalar(
        text(
            "SELECT r.path::text FROM report r JOIN resident_report t ON t.report_id = r.id WHERE r.id = :id"
            " FOR UPDATE OF t"
        ),
        {"id": report_id},
    )
    if path is None or scope_of(actor, MODERATE).covers(path) is None:
        raise NotFound(N_("There is no such report, or it is not yours to judge."))
    shown = text_shown or photos_shown
    if not shown and why not in HIDDEN_WHY:
        raise Invalid(N_("Say why it is not shown."), where="/why")
    db.execute(
        text("UPDATE report SET moderation = :state WHERE id = :id"),
        {"state": "shown" if shown else "hidden", "id": report_id},
    )
    db.execute(
        text(
            "UPDATE resident_report SET text_shown = :text, photos_shown = :photos, hidden_why = :why,"
            " judged_at = :at, judged_by = :by WHERE report_id = :id"
        ),
        {"text": text_shown, "photos": photos_shown, "why": why, "at": at, "by": actor.id, "id": report_id},
    )
    changed = {"text": text_shown, "photos": photos_shown, "why": why}
    record(db, actor.doer, MODERATE, object_id=f"report:{report_id}", path=path, changed=changed)
