"""The door for what devices say, in the generic form; dialects of makers are translated before it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from geodata.datum import Datum
from gridmap.database import transaction
from gridmap.grids.locating import Told
from gridmap.incidents.opening import open_for_alerts
from gridmap.incidents.receipts import alerts_as_stored
from gridmap.people.rules import scope_of
from gridmap.sensing.actions import AlertDraft, receive_alerts
from webapp.api import api
from webapp.api.shapes import stored_answer
from webapp.shared.policy import current_actor, declares
from webapp.shared.taking import Batch, takes

MOST_ALERTS = 1000
Pixel = Annotated[int, Field(ge=0, le=100_000)]


class AlertPlaceIn(BaseModel):
    """A position that the device itself computed."""

    model_config = ConfigDict(extra="forbid")
    lon: float
    lat: float
    error_m: Annotated[float, Field(ge=0, le=1e7)] | None = None
    datum: Datum = "wgs84"


class AlertIn(BaseModel):
    """An alert; the id is the device's own, so that it can be sent again."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    id: UUID
    device: Annotated[str, Field(min_length=1, max_length=100)]
    class_: Annotated[str, Field(alias="class", min_length=1, max_length=100)]
    at: AwareDatetime
    score: Annotated[float, Field(ge=0, le=1)] | None = None
    box: Annotated[list[Pixel], Field(min_length=4, max_length=4)] | None = None
    image: Annotated[list[Pixel], Field(min_length=2, max_length=2)] | None = None
    place: AlertPlaceIn | None = None

    def draft(self) -> AlertDraft:
        """The alert as the domain takes it."""
        told = None
        if self.place is not None:
            told = Told(self.place.lon, self.place.lat, self.place.datum, self.place.error_m or None, "device")
        content = self.model_dump(mode="json", by_alias=True)
        return AlertDraft(self.id, self.device, self.class_, self.at, self.score, told, self.box, self.image, content)


@api.post("/alerts")
@declares("alert.send")
@takes(batch=Batch(AlertIn, "alerts", MOST_ALERTS))
def create_alerts(items: list[AlertIn], many: bool) -> tuple[dict[str, Any], int]:
    """Take one alert, or up to 1,000 of them; what was stored before is answered as it was then."""
    actor = current_actor()
    scope_of(actor, "alert.send")
    now = datetime.now(UTC)
    with transaction() as db:
        stored = receive_alerts(db, actor, [alert.draft() for alert in items], now)
        open_for_alerts(db, actor, stored, now)
        rows = alerts_as_stored(db, [alert.id for alert in items])
    answers = [stored_answer(rows[alert.id]) for alert in items]
    return ({"items": answers} if many else answers[0]), 201 if stored else 200
