"""Import what people said elsewhere: each row a report, stored once however often its file is sent."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.grids.locating import Told
from gridmap.grids.queries import current_district
from gridmap.grids.rules import implausible
from gridmap.intake.fields import Field, Sort
from gridmap.intake.rows import Rows, flag_repeated
from gridmap.intake.wishes import PREVIEWED, Checked, Counts, Options
from gridmap.language import N_
from gridmap.reports.actions import ReportDraft

SOURCES: Final = {
    "patrol": N_("Patrol"),
    "inspection": N_("Inspection"),
    "visit": N_("Visit"),
    "hotline": N_("Hotline"),
    "letter": N_("Letter"),
    "web": N_("Web"),
    "wechat": N_("WeChat"),
    "resident": N_("Resident"),
    "deliberation": N_("Deliberation"),
}
METHODS: Final = {"gps": N_("Satellites"), "pin": N_("Set on the map"), "exif": N_("From the photo")}
AT_ONCE: Final = 500
"""How many reports are stored in one transaction."""

_NAMESPACE: Final = uuid.UUID("c38f3f0e-8d3c-4f0a-bb0e-0d6a7a3f6f21")

ID: Final = Field(
    "id", N_("Id"), Sort.UUID, N_("A UUID of its own; blank: made of the file and the row."), synonyms=("uuid",),
    example=None,
)  # fmt: skip
FIELDS: Final = (
    ID,
    Field("source", N_("Source"), Sort.CHOICE, N_("Where it came from."), needed=True, choices=SOURCES,
          synonyms=("来源", "问题来源", "渠道", "channel"), example="hotline"),
    Field("category", N_("Category"), Sort.CODE, N_("Code of the class of matter."),
          synonyms=("类别", "分类", "问题类别", "category_code"), example=None),
    Field("text", N_("Text"), Sort.TEXT, N_("What was said, up to 4,000 characters."), default="",
          synonyms=("内容", "描述", "问题描述", "description"), example="示例：路灯不亮"),
    Field("occurred_at", N_("Time"), Sort.TIME, N_("When it happened, in the district's time unless it says its zone."),
          synonyms=("时间", "上报时间", "发生时间", "time", "created_at"), example="2026-03-01 08:30"),
    Field("accuracy_m", N_("Accuracy (m)"), Sort.NUMBER, N_("Radius of error of the place, metres."),
          synonyms=("精度", "定位精度", "accuracy"), least=0, most=10_000_000, example=15),
    Field("method", N_("How it was placed"), Sort.CHOICE, N_("How the place was found; blank: by satellites."),
          choices=METHODS, default="gps", synonyms=("定位方式", "place_method"), example="pin"),
)  # fmt: skip


def check(db: Session, rows: Rows, options: Options, at: datetime) -> Checked:
    """
    Compare rows with the reports that are there; whatever is wrong is noted in `rows`, a place never gravely.

    Returns
    -------
    checked
        Its plan is a list of `ReportDraft`, those that are new.
    """
    flag_repeated(rows, ID)
    _flag_categories(db, rows)
    _flag_places(db, rows, options)
    ids = [told or uuid.uuid5(_NAMESPACE, f"{rows.origin} {number}")
           for told, number in zip(rows.columns["id"], rows.numbers.tolist(), strict=True)]  # fmt: skip
    drafts = _drafts(rows, ids, options)
    stored = _stored(db, ids)
    other = [draft.id in stored and not _is_same(stored[draft.id], draft) for draft in drafts]
    rows.flag(other, N_("Something else was already stored under the id %(id)s and is kept."), column="id",
              values={"id": [str(i) for i in ids]})  # fmt: skip
    preview = [
        {"row": int(rows.numbers[n]), "change": "same" if draft.id in stored else "new", **_shown(draft)}
        for n, draft in enumerate(drafts[:PREVIEWED])
    ]
    new = [draft for draft in drafts if draft.id not in stored]
    return Checked(Counts(new=len(new), same=len(rows) - len(new)), preview, plan=new)


def _flag_categories(db: Session, rows: Rows) -> None:
    known = set(db.scalars(text("SELECT code FROM category")))
    named = rows.columns["category"]
    rows.flag([code is not None and code not in known for code in named], N_("There is no category %(code)s."),
              column="category", values={"code": named})  # fmt: skip


def _flag_places(db: Session, rows: Rows, options: Options) -> None:
    """Say which rows will have no place on the map: they are stored all the same, as what was said counts."""
    bounds = current_district(db).bounds
    reasons: dict[str, np.ndarray] = {}
    for n, (x, y) in enumerate(_points(rows)):
        reason = N_("It came without a position.") if x is None or y is None else implausible(x, y, bounds)
        if reason is not None:
            reasons.setdefault(reason, np.zeros(len(rows), bool))[n] = True
    for reason, flags in reasons.items():
        rows.flag(flags, N_("It will have no place: %(why)s"), grave=False, why=reason)


def _points(rows: Rows) -> list[tuple[float | None, float | None]]:
    points = np.array(rows.shapes, dtype=object)
    wide = shapely.get_type_id(points) > 0
    points[wide] = shapely.point_on_surface(points[wide])
    pairs = zip(shapely.get_x(points).tolist(), shapely.get_y(points).tolist(), strict=True)
    return [(None, None) if x != x or y != y else (x, y) for x, y in pairs]


def _drafts(rows: Rows, ids: Sequence[UUID], options: Options) -> list[ReportDraft]:
    columns = rows.columns
    datum = options.datum or "wgs84"
    drafts = []
    for n, (x, y) in enumerate(_points(rows)):
        accuracy, method = columns["accuracy_m"][n], columns["method"][n]
        occurred_at: datetime | None = columns["occurred_at"][n]
        place = None if x is None else {"lon": x, "lat": y, "accuracy_m": accuracy, "datum": datum, "method": method}
        drafts.append(
            ReportDraft(
                ids[n],
                columns["source"][n] or "",
                columns["category"][n],
                columns["text"][n],
                Told(None, None) if x is None else Told(x, y, datum, accuracy or None, method),
                None,
                occurred_at,
                {
                    "id": str(ids[n]),
                    "source": columns["source"][n],
                    "category": columns["category"][n],
                    "text": columns["text"][n],
                    "occurred_at": None if occurred_at is None else occurred_at.isoformat(),
                    "place": place,
                    "reporter_place": None,
                },
            )
        )
    return drafts


def _stored(db: Session, ids: Sequence[UUID]) -> dict[UUID, Any]:
    rows = db.execute(
        text("SELECT id, source, category, text, occurred_at FROM report WHERE id = ANY(CAST(:ids AS uuid[]))"),
        {"ids": list(ids)},
    )
    return {row.id: row for row in rows}


def _is_same(stored: Any, draft: ReportDraft) -> bool:
    """Whether the same was said; the place may have been corrected since."""
    said = (draft.source, draft.category, draft.text)
    return (stored.source, stored.category, stored.text) == said and draft.occurred_at in (None, stored.occurred_at)


def _shown(draft: ReportDraft) -> dict[str, Any]:
    return {
        "id": str(draft.id),
        "source": draft.source,
        "category": draft.category,
        "text": draft.text,
        "occurred_at": None if draft.occurred_at is None else draft.occurred_at.isoformat(),
        "accuracy_m": draft.told.error_m,
        "lon": draft.told.x,
        "lat": draft.told.y,
    }
