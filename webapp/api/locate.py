"""Which grid holds a point, and who answers for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import numpy as np
from flask import request
from pydantic import BaseModel, ConfigDict, Field

from geodata.datum import CONVERSION_SIGMA_M, DATUMS, Datum, Floats, to_wgs84
from geodata.doubt import Convention, sigma_of
from geodata.locate import Status
from gridmap.database import transaction
from gridmap.errors import BadGeography, Invalid
from gridmap.grids.doubt import Standing, stand
from gridmap.grids.index import Coverage, GridRow, coverages
from gridmap.grids.queries import DistrictNow
from gridmap.grids.rules import implausible
from gridmap.language import N_
from gridmap.moment import asked_as_of
from gridmap.people.rules import scope_of
from webapp.api import api
from webapp.api.grids import asked_moment
from webapp.api.numbers import number_arg
from webapp.api.parameters import AS_OF, CONVENTION, DATUM, number
from webapp.api.responsible import shown_people
from webapp.api.shapes import candidate, grid_brief
from webapp.shared.policy import current_actor, declares
from webapp.shared.taking import takes

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
    convention: Convention = Convention.UNKNOWN
    as_of: str | None = None


@api.get("/locate")
@declares("locate")
@takes(
    number("lon", "Longitude, degrees.", needed=True),
    number("lat", "Latitude, degrees.", needed=True),
    number("accuracy", "Stated radius of error, metres: adds certainty, probability and candidates."),
    CONVENTION,
    DATUM,
    AS_OF,
)
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
        asked = Asked(np.array([[lon, lat]]), np.array([accuracy or np.nan]), _datum(), _convention())
        answer = _answers(held.district, coverage, asked)[0]
        grid = answer["grid"]
        row = None if grid is None else next(row for row in coverage.rows if row.id == grid["id"])
        # The name of a grid is no secret; who answers there is told to those whose area it is.
        if row is not None and (access := scope.covers(row.path)) is not None:
            when = at or datetime.now(UTC)
            answer["responsible"] = shown_people(db, actor, row.id, row.code, when, access)
    return {"responsible": [], **answer, "edition": coverage.edition}


@api.post("/locate")
@declares("locate")
@takes(body=LocateIn)
def locate_many(body: LocateIn) -> dict[str, Any]:
    """Say which grid holds each of up to 10,000 points."""
    points = [[p.lon, p.lat] if isinstance(p, PointIn) else p for p in body.points]
    accuracy = [(isinstance(p, PointIn) and p.accuracy) or np.nan for p in body.points]
    asked = Asked(np.array(points, dtype=float), np.array(accuracy), body.datum, body.convention)
    with transaction() as db:
        held = coverages.hold(db)
        coverage = held.at(asked_as_of(body.as_of, held.district.time_zone))
    # Weighing so many may take seconds; a coverage never changes, so no publish has to wait for them.
    answers = _answers(held.district, coverage, asked)
    for answer, point in zip(answers, body.points, strict=True):
        if isinstance(point, PointIn) and point.id is not None:
            answer["id"] = point.id
    return {"items": answers, "edition": coverage.edition}


@dataclass(frozen=True)
class Asked:
    """
    Points as they were asked about.

    Attributes
    ----------
    points
        Shape (n, 2), degrees in `datum`, longitude first.
    accuracy_m
        Shape (n,), radii as `convention` understands them; NaN asks for the bare point.
    """

    points: Floats
    accuracy_m: Floats
    datum: Datum
    convention: Convention


def _datum() -> Datum:
    wanted = request.args.get("datum")
    for datum in DATUMS:
        if wanted in (None, datum):
            return datum
    raise Invalid(N_("datum is one of %(known)s."), where="datum", known=", ".join(DATUMS))


def _convention() -> Convention:
    wanted = request.args.get("convention", Convention.UNKNOWN)
    if wanted not in set(Convention):
        raise Invalid(N_("convention is one of %(known)s."), where="convention", known=", ".join(Convention))
    return Convention(wanted)


def _answers(district: DistrictNow, coverage: Coverage, asked: Asked) -> list[dict[str, Any]]:
    points = asked.points
    if not np.isfinite(points).all():
        n = int(np.flatnonzero(~np.isfinite(points).all(axis=1))[0])
        raise BadGeography(N_("A coordinate is not a finite number."), where=f"/points/{n}")
    lon, lat = to_wgs84(points[:, 0], points[:, 1], asked.datum)
    lon, lat = np.round(lon, 9), np.round(lat, 9)
    for n, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True)):
        if (reason := implausible(x, y, district.bounds)) is not None:
            raise BadGeography(reason, where=f"/points/{n}")
    located = coverage.locate(lon, lat)
    answers = [
        _bare(None if row < 0 else coverage.rows[row], Status(status).name.lower())
        for row, status in zip(located.row.tolist(), located.status.tolist(), strict=True)
    ]
    stated = np.flatnonzero(np.isfinite(asked.accuracy_m))
    sigma, _ = sigma_of(asked.accuracy_m[stated], asked.convention)
    if asked.datum in ("gcj02", "bd09"):
        sigma = np.hypot(sigma, CONVERSION_SIGMA_M)
    for n, standing in zip(stated.tolist(), stand(coverage, lon[stated], lat[stated], sigma), strict=True):
        answers[n] = _weighed(standing)
    return answers


def _bare(grid: GridRow | None, status: str) -> dict[str, Any]:
    """The answer for a point without an accuracy: nothing is said of what may be."""
    return {
        "grid": grid_brief(grid),
        "status": status,
        "certainty": None,
        "probability": None,
        "candidates": [],
        "p_outside": None,
        "reason": None,
    }


def _weighed(standing: Standing) -> dict[str, Any]:
    return {
        "grid": grid_brief(standing.grid),
        "status": standing.status,
        "certainty": standing.certainty,
        "probability": standing.probability,
        "candidates": [candidate(grid, share) for grid, share in standing.candidates],
        "p_outside": standing.p_outside,
        "reason": standing.why,
    }
