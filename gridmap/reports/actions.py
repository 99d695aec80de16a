"""Take in what people say: once, placed, with its audit, in one statement for all of a batch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.errors import Invalid
from gridmap.grids.index import coverages
from gridmap.grids.locating import Placed, Told, place_all
from gridmap.language import N_
from gridmap.moment import is_believable
from gridmap.people.rules import Actor
from gridmap.reports.media import claim_photos
from gridmap.reports.rules import ORDINARY, Evidence, believed_time, require_distinct
from gridmap.system.audit import APPEND, row
from gridmap.system.receipts import claim, content_digest

_COLUMNS = (
    "id source category text reporter_id reporter_place reporter_error_m place given_x given_y given_datum cov_ee"
    " cov_en cov_nn place_method placed certainty grid_version_id probability runners p_outside unplaced_reason"
    " doubt_reason path occurred_at received_at clock_suspect"
    " moderation"
).replace(" ", ", ")


@dataclass(frozen=True)
class ReportDraft:
    """
    A report as it was sent.

    Attributes
    ----------
    id
        Made by the sender: the same id is stored once.
    told
        Where the thing is.
    reporter
        Where the reporter stood, when that is another place.
    occurred_at
        By the sender's clock, or None.
    content
        What was sent, word for word: the receipt commits to it.
    evidence
        The photos that show it, which may arrive later.
    """

    id: UUID
    source: str
    category: str | None
    text: str
    told: Told
    reporter: Told | None
    occurred_at: datetime | None
    content: dict[str, Any] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class StoredReport:
    """A report as it was stored, for what is made of it next."""

    draft: ReportDraft
    placed: Placed
    severity: int
    path: str
    occurred_at: datetime
    clock_suspect: bool


def receive_reports(
    db: Session, actor: Actor, drafts: Sequence[ReportDraft], at: datetime, *, recorded: bool = False,
    on_behalf: bool = False,
) -> list[StoredReport]:  # fmt: skip
    """
    Store the reports that are new; those that came before with the same content are left as they are.

    Parameters
    ----------
    actor
        Who reports.
    drafts
        What was sent; a position that cannot be is kept as ``unplaced``, never refused.
    at
        Our clock.
    recorded
        Whether they come out of records, whose times are believed however old they are.
    on_behalf
        Whether the actor writes down what somebody else says: then they are not its reporter, and read no more of what
        comes of it than their area gives them.

    Returns
    -------
    stored
        The new ones, in the order of `drafts`.

    Raises
    ------
    OtherContent
        If an id came before with another content; nothing of the batch is stored.
    Invalid
        If a category is unknown, or a photo is named twice.
    """
    severity_of = _severities(db, drafts)
    for draft in drafts:
        require_distinct(draft.evidence)
    new = claim(db, "report", [(draft.id, content_digest(draft.content)) for draft in drafts], at)
    fresh = [draft for draft in {draft.id: draft for draft in drafts}.values() if draft.id in new]
    if not fresh:
        return []
    times = [believed_time(draft.occurred_at, at, recorded=recorded) for draft in fresh]
    placed = place_all(db, [(draft.told, when) for draft, (when, _) in zip(fresh, times, strict=True)])
    district_path = coverages.held_by(db).district.path
    stored = [
        StoredReport(draft, place, severity_of[draft.category], place.path or district_path, when, suspect)
        for draft, place, (when, suspect) in zip(fresh, placed, times, strict=True)
    ]
    _store(db, actor, stored, at, None if on_behalf or actor.kind != "person" else actor.id)
    claim_photos(db, {report.draft.id: report.draft.evidence for report in stored})
    return stored


def _store(db: Session, actor: Actor, reports: Sequence[StoredReport], at: datetime, reporter_id: int | None) -> None:
    """Write the rows and the audit of them, in one statement."""
    one = reports[0] if len(reports) == 1 else None
    said = row(
        actor.doer,
        "report.create",
        object_id=None if one is None else f"report:{one.draft.id}",
        path=coverages.held_by(db).district.path if one is None else one.path,
        changed={"reports": [str(report.draft.id) for report in reports]},
    )
    rows = json.dumps([_row(report, reporter_id, at) for report in reports], ensure_ascii=False, allow_nan=False)
    straight(
        db,
        f"WITH stored AS (INSERT INTO report ({_COLUMNS}) SELECT {_COLUMNS} FROM"
        f" jsonb_populate_recordset(NULL::report, CAST(%(rows)s AS jsonb))) SELECT {APPEND}",
        {**said, "rows": rows},
    )


def _severities(db: Session, drafts: Sequence[ReportDraft]) -> dict[str | None, int]:
    """How grave each category is that is named here; what has none is ordinary until somebody says otherwise."""
    named = sorted({draft.category for draft in drafts if draft.category is not None})
    severity_of: dict[str | None, int] = {None: ORDINARY}
    if named:
        rows = straight(db, "SELECT code, severity FROM category WHERE code = ANY(%(codes)s)", {"codes": named})
        severity_of |= {row.code: row.severity for row in rows}
    for code in named:
        if code not in severity_of:
            raise Invalid(
                N_("There is no category %(code)s; GET /api/v1/categories lists them."), where="/category", code=code
            )
    return severity_of


def _row(report: StoredReport, reporter_id: int | None, at: datetime) -> dict[str, Any]:
    draft, reporter, told = report.draft, report.draft.reporter, report.draft.occurred_at
    at_reporter = None if reporter is None or reporter.x is None else f"SRID=4326;POINT({reporter.x!r} {reporter.y!r})"
    return {
        "id": str(draft.id),
        "source": draft.source,
        "category": draft.category,
        "text": draft.text,
        "reporter_id": reporter_id,
        "reporter_place": at_reporter,
        "reporter_error_m": None if reporter is None else reporter.error_m,
        **report.placed.columns(),
        "path": report.path,
        "occurred_at": (told if told is not None and is_believable(told) else at).isoformat(),
        "received_at": at.isoformat(),
        "clock_suspect": report.clock_suspect,
        "moderation": "not-needed",
    }
