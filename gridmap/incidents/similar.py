"""Open incidents that may be the same matter: near in place, with the doubt of both, in class and in time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from gridmap.catalogue.tables import Category
from gridmap.incidents.queries import readable
from gridmap.incidents.tables import Incident
from gridmap.language import N_
from gridmap.people.rules import Scope

EXTENT_M: Final = 15.0
"""Standard error of where one puts a thing that is metres wide: two who see one heap stand at its two ends."""
FARTHEST_D2: Final = 9.21
"""Square of the distance in standard errors, two dimensions: beyond it lies 1 in 100 of what is the same."""
WITHIN: Final = timedelta(days=14)
_FADES: Final = timedelta(days=7)
_OTHER_CLASS: Final = 0.5
LEAST: Final = 0.05
MOST: Final = 5
_DEGREE_M: Final = 111_320.0


@dataclass(frozen=True)
class Similar:
    """
    An open incident that may be the same.

    Attributes
    ----------
    distance_m
        Between the two places as told, metres.
    score
        From 0 to 1: how well place, class and time agree. No probability: how often two reports in one street are of
        one matter differs by class and is not known.
    why
        Sentences and their values, as `gridmap.catalogue.explaining.sentences` words them.
    """

    id: UUID
    number: str
    state: str
    distance_m: float
    score: float
    why: tuple[Mapping[str, Any], ...]


def similar_open(
    db: Session,
    place: tuple[float, float],
    sigma_m: float,
    category: str | None,
    occurred_at: datetime,
    scope: Scope,
    *,
    but: UUID | None = None,
) -> list[Similar]:
    """
    Find open incidents that may be the same matter, the likeliest first.

    Parameters
    ----------
    place
        Degrees, WGS 84, longitude first.
    sigma_m
        Its standard error per axis, metres.
    category
        Its class; without one, every class may be the same.
    scope
        Of ``incident.read``: what the asker may not see is not offered.
    but
        Not this one.
    """
    lon, lat = place
    # What lies farther cannot come into question, whatever its own doubt: no place is taken with more than 500 m.
    reach_m = 3.1 * math.hypot(sigma_m, EXTENT_M) + 500
    major = aliased(Category)
    point = func.ST_SetSRID(func.ST_MakePoint(lon, lat), 4326)
    box = func.ST_Expand(point, reach_m / (_DEGREE_M * math.cos(math.radians(lat))), reach_m / _DEGREE_M)
    asked = select(func.coalesce(major.parent, major.code)).where(major.code == category).scalar_subquery()
    rows = db.execute(
        select(
            Incident.id,
            Incident.number,
            Incident.state,
            Incident.category,
            Incident.occurred_at,
            func.coalesce(Category.parent, Category.code).label("major"),
            asked.label("asked"),
            func.ST_X(Incident.place).label("lon"),
            func.ST_Y(Incident.place).label("lat"),
            Incident.cov_ee,
            Incident.cov_en,
            Incident.cov_nn,
        )
        .outerjoin(Category, Category.code == Incident.category)
        .where(
            readable(scope),
            Incident.closed_at.is_(None),
            Incident.place.op("&&")(box),
            Incident.occurred_at.between(occurred_at - WITHIN, occurred_at + WITHIN),
            *(() if but is None else (Incident.id != but,)),
        )
    )
    found = [weighed for row in rows if (weighed := _weigh(row, lon, lat, sigma_m, category, occurred_at)) is not None]
    return sorted(found, key=lambda each: (-each.score, each.number))[:MOST]


def _weigh(row: Any, lon: float, lat: float, sigma_m: float, category: str | None, at: datetime) -> Similar | None:
    # Over some hundred metres the plane of the degrees is good to a millimetre in a metre.
    east = (row.lon - lon) * _DEGREE_M * math.cos(math.radians(lat))
    north = (row.lat - lat) * _DEGREE_M
    own = sigma_m**2 + EXTENT_M**2
    ee, en, nn = (row.cov_ee or 0) + own, row.cov_en or 0, (row.cov_nn or 0) + own
    d2 = (nn * east**2 - 2 * en * east * north + ee * north**2) / (ee * nn - en**2)
    if d2 > FARTHEST_D2:
        return None
    if category is None or row.category is None or row.category == category:
        agrees, why = 1.0, N_("The same class.") if category and row.category else N_("One of them has no class yet.")
    elif row.major == row.asked:
        agrees, why = _OTHER_CLASS, N_("Another class of the same kind.")
    else:
        return None
    apart = abs(row.occurred_at - at)
    score = agrees * math.exp(-d2 / 2) * math.exp(-(apart / _FADES))
    if score < LEAST:
        return None
    distance = math.hypot(east, north)
    reasons = (
        {"msgid": why, "values": {}},
        {
            "msgid": N_("%(distance)s m and %(time)s hours apart."),
            "values": {"distance": round(distance), "time": round(apart / timedelta(hours=1))},
        },
    )
    return Similar(row.id, row.number, row.state, round(distance, 1), round(score, 3), reasons)
