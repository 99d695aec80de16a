"""The door for what people say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from geodata.datum import Datum
from gridmap.database import transaction
from gridmap.errors import NotAllowed
from gridmap.grids.locating import Told
from gridmap.incidents.opening import open_for_reports
from gridmap.incidents.receipts import report_as_taken, reports_as_stored
from gridmap.language import N_
from gridmap.people.rules import Actor, Role, scope_of
from gridmap.reports.actions import ReportDraft, receive_reports
from gridmap.reports.media import missing_photos
from webapp.api import api
from webapp.api.evidence import Photos, dumped, evidence_of
from webapp.api.shapes import stored_answer
from webapp.shared.policy import current_actor, declares
from webapp.shared.taking import Batch, takes

MOST_REPORTS = 100
Source = Literal["patrol", "inspection", "visit", "hotline", "letter", "web", "wechat", "resident", "deliberation"]
# What a grid worker sees on patrol is the worker's own; the desks also write down what others told them.
_WORKER_SOURCES = frozenset({"patrol", "inspection", "visit"})


class PlaceIn(BaseModel):
    """A position; whether it can be is judged later, and a report is never refused for it."""

    model_config = ConfigDict(extra="forbid")
    lon: float
    lat: float
    accuracy_m: Annotated[float, Field(ge=0, le=1e7)] | None = None
    datum: Datum = "wgs84"
    method: Literal["gps", "pin", "exif"] = "gps"

    def told(self) -> Told:
        """The position as the domain takes it."""
        return Told(self.lon, self.lat, self.datum, self.accuracy_m or None, self.method)


class ReportIn(BaseModel):
    """A report; the id is the sender's own, so that it can be sent again."""

    model_config = ConfigDict(extra="forbid")
    id: UUID
    source: Source
    category: Annotated[str, Field(max_length=40)] | None = None
    text: Annotated[str, Field(max_length=4000)] = ""
    occurred_at: AwareDatetime | None = None
    place: PlaceIn | None = None
    reporter_place: PlaceIn | None = None
    media: Photos = []

    def draft(self) -> ReportDraft:
        """The report as the domain takes it."""
        return ReportDraft(
            self.id,
            self.source,
            self.category,
            self.text,
            Told(None, None) if self.place is None else self.place.told(),
            None if self.reporter_place is None else self.reporter_place.told(),
            self.occurred_at,
            dumped(self),
            evidence_of(self.media),
        )


@api.post("/reports")
@declares("report.create")
@takes(batch=Batch(ReportIn, "reports", MOST_REPORTS))
def create_reports(items: list[ReportIn], many: bool) -> tuple[dict[str, Any], int]:
    """Take one report, or up to 100 of them; what was stored before is answered as it was then."""
    actor = current_actor()
    scope_of(actor, "report.create")
    _refuse_foreign_sources(actor, items)
    now = datetime.now(UTC)
    with transaction() as db:
        stored = receive_reports(db, actor, [report.draft() for report in items], now)
        opened = open_for_reports(db, actor, stored, now)
        rows: dict[UUID, Any] = {
            report.draft.id: report_as_taken(report, opened[report.draft.id], now) for report in stored
        }
        again = [report.id for report in items if report.id not in rows]
        rows |= reports_as_stored(db, again) if again else {}
        missing = missing_photos(db, [report.id for report in items if report.media])
    answers = [stored_answer(rows[report.id]) | {"missing": missing.get(report.id, [])} for report in items]
    return ({"items": answers} if many else answers[0]), 201 if stored else 200


def _refuse_foreign_sources(actor: Actor, wanted: list[ReportIn]) -> None:
    if actor.roles <= {Role.WORKER, Role.CHIEF} and any(r.source not in _WORKER_SOURCES for r in wanted):
        raise NotAllowed(N_("Grid staff report as patrol, inspection or visit; the desks write down what others say."))
