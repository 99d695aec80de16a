"""Read plans: the list, one with its edits and notes; always within the reader's scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.errors import NotAllowed, NotFound
from gridmap.language import N_
from gridmap.people.rules import Actor, Scope, is_below, scope_of
from gridmap.planning.rules import Standing, State, possible

DRAFTS, PUBLISHES = "boundary.draft", "boundary.publish"

# A plan is seen by who may draft somewhere on the ground it changes, by its author, and, as long as it changes nothing,
# by every planner of the district.
_VISIBLE = """(p.author_id = :me OR d.path <@ ANY(CAST(:paths AS ltree[]))
    OR NOT EXISTS (SELECT FROM plan_grid g WHERE g.plan_id = p.id AND NOT g.noded)
    OR EXISTS (SELECT FROM plan_grid g JOIN area a ON a.id = g.community_id
        WHERE g.plan_id = p.id AND NOT g.noded AND a.path <@ ANY(CAST(:paths AS ltree[]))))"""

_PLAN = f"""
    SELECT p.id, p.number, p.title, p.state, p.district_id, p.base_edition, n.edition_n - p.base_edition AS behind,
        p.author_id, w.name AS author, w.names ->> 'en' AS author_en,
        p.approver_id, v.name AS approver, v.names ->> 'en' AS approver_en, p.created_at, p.edited_at, p.submitted_at,
        p.approved_at, p.publish_at, p.published_at, p.edition_n, p.reverts_edition, p.note,
        p.figures - 'impact' AS figures,
        d.path::text AS path,
        (SELECT count(*) FROM plan_edit e WHERE e.plan_id = p.id AND e.undone_at IS NULL AND e.set_aside IS NULL)
            AS edits,
        (SELECT coalesce(max(seq), 0) FROM plan_edit e WHERE e.plan_id = p.id) AS seq,
        (SELECT coalesce(array_agg(DISTINCT a.path::text), '{{}}') FROM plan_grid g JOIN area a ON a.id = g.community_id
            WHERE g.plan_id = p.id AND NOT g.noded) AS communities
    FROM plan p JOIN area d ON d.id = p.district_id JOIN district n ON n.area_id = p.district_id
    JOIN person w ON w.id = p.author_id LEFT JOIN person v ON v.id = p.approver_id
    WHERE {_VISIBLE}
"""


@dataclass(frozen=True)
class PlanPage:
    """Rows of one page, and the key that the next one begins after."""

    rows: Sequence[Any]
    after: tuple[datetime, UUID] | None


def _eyes(actor: Actor) -> dict[str, Any]:
    scope = scope_of(actor, DRAFTS)
    return {"me": actor.id, "paths": [path for path, _ in scope.paths]}


def plan_page(
    db: Session, actor: Actor, *, state: str | None, limit: int, after: tuple[datetime, UUID] | None
) -> PlanPage:
    """One page of the plans that a planner may see, the last edited first."""
    values: dict[str, Any] = _eyes(actor) | {"state": state, "limit": limit + 1}
    clauses = ""
    if state is not None:
        clauses += " AND p.state = :state"
    if after is not None:
        clauses += " AND (p.edited_at, p.id) < (:edited, :id)"
        values |= {"edited": after[0], "id": after[1]}
    rows = db.execute(text(f"{_PLAN}{clauses} ORDER BY p.edited_at DESC, p.id DESC LIMIT :limit"), values).all()
    more = len(rows) > limit
    return PlanPage(rows[:limit], (rows[limit - 1].edited_at, rows[limit - 1].id) if more else None)


def plan_row(db: Session, actor: Actor, plan_id: UUID) -> Any:
    """
    One plan as lists show it.

    Raises
    ------
    NotFound
        If there is none, or the reader may not see it.
    """
    row = db.execute(text(f"{_PLAN} AND p.id = :id"), _eyes(actor) | {"id": plan_id}).one_or_none()
    if row is None:
        raise NotFound(N_("There is no such plan, or it is not yours to see."))
    return row


def edit_rows(db: Session, plan_id: UUID) -> Sequence[Any]:
    """Every edit of a plan, undone ones too, the newest first."""
    return db.execute(
        text(
            # An inverse keeps whole borders; only that of a new name is told.
            "SELECT e.seq, e.id, e.op, e.args, CASE e.op WHEN 'rename' THEN e.inverse END AS inverse, e.told, e.at,"
            " e.undone_at, e.set_aside, e.by_id, w.name AS by, w.names ->> 'en' AS by_en"
            " FROM plan_edit e JOIN person w ON w.id = e.by_id WHERE e.plan_id = :plan ORDER BY e.seq DESC"
        ),
        {"plan": plan_id},
    ).all()


def note_rows(db: Session, plan_id: UUID) -> Sequence[Any]:
    """Everything that was said about a plan, in its order."""
    return db.execute(
        text(
            "SELECT n.id, n.at, n.by_id, w.name AS by, w.names ->> 'en' AS by_en, n.kind, n.item, n.body"
            " FROM plan_note n JOIN person w ON w.id = n.by_id WHERE n.plan_id = :plan ORDER BY n.at, n.id"
        ),
        {"plan": plan_id},
    ).all()


def steps_open_to(row: Any, actor: Actor) -> list[str]:
    """What this reader may do with a plan now; see `gridmap.planning.rules.possible`."""
    standing = Standing(State(row.state), row.author_id, row.behind, row.edits)
    return possible(
        standing,
        actor.id,
        drafts=_covers(actor, DRAFTS, row.communities),
        publishes=_covers(actor, PUBLISHES, row.communities),
    )


def _covers(actor: Actor, action: str, paths: Sequence[str]) -> bool:
    try:
        scope: Scope = scope_of(actor, action)
    except NotAllowed:
        return False
    return all(any(is_below(path, root) for root, _ in scope.paths) for path in paths)
