"""Which grid holds a point, and who answers for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import numpy as np
from flask import request
from pydantic import BaseModel, ConfigDict, Field

from geodata.datum import DATUMS, Datum, Floats, to_wgs84
from geodata.locate import Status
from gridmap.database import transaction
from gridmap.errors import BadGeography, Invalid
from gridmap.grids.index import Coverage, HeldCoverages, coverages
from gridmap.grids.rules import implausible
from gridmap.language import N_
from gridmap.people.queries import responsible_for
from gridmap.people.rules import scope_of
from webapp.api import api
from webapp.api.grids import asked_moment
from webapp.api.numbers import number_arg
from webapp.api.shapes import grid_brief, responsible
from webapp.shared.moment import parse_as_of
from webapp.shared.policy import current_actor, declares
from webapp.shared.requests import parse

MOST_POINTS = 10_000


class PointIn(BaseModel):
    """One point of a batch."""

    model_config = ConfigDict(extra="forbid")
    lon: float
    lat: float
    accuracy: Annotated[float, Field(gt=0, le=1e6)] | None = None
    id: Annotated[str, Field(max_length=200)] | None = None


class LocateIn(BaseModel):
    """A batch of points, as pairs of longitude and latitude or as objects."""

    model_config = ConfigDict(extra="forbid")
    points: Annotated[
        list[Annotated[list[float], Field(min_length=2, max_length=2)] | PointIn],
        Field(min_length=1, max_length=MOST_POINTS),
    ]
    datum: Datum = "wgs84"
    as_of: str | None = None


@api.get("/locate")
@declares("locate")
def locate_one() -> dict[str, Any]:
    """Say which grid holds a point, on any day, and who answered for it."""
    lon, lat = number_arg("lon"), number_arg("lat")
    if lon is None or lat is None:
        raise Invalid(N_("Send lon and lat in degrees, such as ?lon=114.2&lat=35.72."))
    accuracy = number_arg("accuracy")
    if accuracy is not None and accuracy <= 0:
        raise Invalid(N_("accuracy is a radius in metres above zero."), where="accuracy")
    actor = current_actor()
    scope = scope_of(actor, "locate")
    with transaction() as db:
        held = coverages.hold(db)
        at = asked_moment(held.district.time_zone)
        coverage = held.at(at)
        answer = _answers(held, coverage, np.array([[lon, lat]]), _datum(request.args.get("datum")))[0]
        grid = answer["grid"]
        row = None if grid is None else next(row for row in coverage.rows if row.id == grid["id"])
        # The name of a grid is no secret; who answers there is told to those whose area it is.
        if row is not None and (access := scope.covers(row.path)) is not None:
            answer["responsible"] = responsible(responsible_for(db, row.id, at or datetime.now(UTC), access))
    return {"responsible": [], **answer, "edition": coverage.edition}


@api.post("/locate")
@declares("locate")
def locate_many() -> dict[str, Any]:
    """Say which grid holds each of up to 10,000 points."""
    wanted = parse(LocateIn)
    points = [[p.lon, p.lat] if isinstance(p, PointIn) else p for p in wanted.points]
    with transaction() as db:
        held = coverages.hold(db)
        coverage = held.at(parse_as_of(wanted.as_of, held.district.time_zone) if wanted.as_of else None)
        answers = _answers(held, coverage, np.array(points, dtype=float), wanted.datum)
    for answer, point in zip(answers, wanted.points, strict=True):
        if isinstance(point, PointIn) and point.id is not None:
            answer["id"] = point.id
    return {"items": answers, "edition": coverage.edition}


def _datum(wanted: str | None) -> Datum:
    for datum in DATUMS:
        if wanted in (None, datum):
            return datum
    raise Invalid(N_("datum is one of %(known)s."), where="datum", known=", ".join(DATUMS))


def _answers(held: HeldCoverages, coverage: Coverage, points: Floats, datum: Datum) -> list[dict[str, Any]]:
    if not np.isfinite(points).all():
        n = int(np.flatnonzero(~np.isfinite(points).all(axis=1))[0])
        raise BadGeography(N_("A coordinate is not a finite number."), where=f"/points/{n}")
    lon, lat = to_wgs84(points[:, 0], points[:, 1], datum)
    lon, lat = np.round(lon, 9), np.round(lat, 9)
    for n, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True)):
        if (reason := implausible(x, y, held.district.bounds)) is not None:
            raise BadGeography(reason, where=f"/points/{n}")
    located = coverage.locate(lon, lat)
    return [
        {
            "grid": None if row < 0 else grid_brief(coverage.rows[row]),
            "status": Status(status).name.lower(),
            "certainty": None,
            "probability": None,
            "candidates": [],
        }
        for row, status in zip(located.row.tolist(), located.status.tolist(), strict=True)
    ]
