"""A place: the same columns wherever it stands, in a report, an alert or an incident."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, mapped_column


class Place:
    """Point, datum as given, error, method, and the grid it led to."""

    @declared_attr
    def place(cls) -> Mapped[WKBElement | None]:  # noqa: N805 - a declared attribute is given the class
        """Longitude and latitude, WGS 84."""
        return mapped_column(Geometry("POINT", srid=4326, spatial_index=False))

    @declared_attr
    def grid_version_id(cls) -> Mapped[int | None]:  # noqa: N805
        """Where it happened, in the version of its own day."""
        return mapped_column(ForeignKey("grid_version.id"))

    @declared_attr
    def runners(cls) -> Mapped[list[dict[str, Any]] | None]:  # noqa: N805
        """At most five other grids as ``{grid_version_id, probability}``, the likeliest first."""
        return mapped_column(JSONB)

    given_x: Mapped[float | None]
    given_y: Mapped[float | None]
    given_datum: Mapped[str | None]
    cov_ee: Mapped[float | None] = mapped_column(comment="m2, east-east")
    cov_en: Mapped[float | None] = mapped_column(comment="m2, east-north")
    cov_nn: Mapped[float | None] = mapped_column(comment="m2, north-north")
    place_method: Mapped[str | None]
    placed: Mapped[str] = mapped_column(comment="inside, edge, outside or unplaced")
    certainty: Mapped[str | None] = mapped_column(comment="sure, likely or review")
    probability: Mapped[float | None]
    p_outside: Mapped[float | None] = mapped_column(comment="probability of lying in no grid")
    unplaced_reason: Mapped[str | None]
    doubt_reason: Mapped[str | None] = mapped_column(comment="why its grid is in doubt")
