"""Files in: kept privately, checked as often as one likes, and written when a person says so."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from flask import request
from pydantic import Field

from webapp.api import api
from webapp.shared.policy import declares
from webapp.shared.requests import Input
from webapp.shared.taking import Parameter, takes

# What reads and compares files brings libraries that take seconds to load: they come with the first file, not with
# the service.


class FileOptions(Input):
    """What a person says beside a file."""

    crs: str | None = Field(default=None, min_length=1, max_length=200)
    datum: Literal["wgs84", "gcj02", "bd09", "cgcs2000"] | None = None
    layer: str | None = Field(default=None, min_length=1, max_length=200)
    x: str | None = Field(default=None, min_length=1, max_length=200)
    y: str | None = Field(default=None, min_length=1, max_length=200)
    mapping: dict[str, str] = Field(default_factory=dict, max_length=100)
    effective: str | None = Field(default=None, max_length=40)
    note: str = Field(default="", max_length=4000)


class CountsSeen(Input):
    """What the check said would be written."""

    new: int
    changed: int
    same: int
    ended: int


class CarryOut(FileOptions):
    """The options of the check, and what it found: only that is written."""

    counts: CountsSeen


@api.get("/imports")
@api.doc(tags=["imports"])
@declares("session.own")
@takes()
def list_importable() -> dict[str, Any]:
    """Give the kinds of thing that the reader may import."""
    from webapp.api import importing

    return importing.kinds()


@api.post("/imports")
@api.doc(tags=["imports"])
@declares("session.own")
@takes(
    Parameter("kind", "What the file holds, a name that `GET /imports` gives", needed=True),
    Parameter("name", "What the file is called; it is only shown"),
    file=True,
)
def upload_file() -> tuple[dict[str, Any], int]:
    """Keep a file for a day, for the sender alone, and say what is in it. Nothing of it is imported."""
    from webapp.api import importing

    return importing.keep(request.args.get("kind", ""), request.args.get("name", "")), 201


@api.post("/imports/<uuid:upload_id>/check")
@api.doc(tags=["imports"])
@declares("session.own")
@takes(body=FileOptions)
def check_upload(upload_id: UUID, body: FileOptions) -> dict[str, Any]:
    """Say what importing the file would do, what is wrong in it, and how it looks on the map. Nothing is written."""
    from webapp.api import importing

    return importing.check(upload_id, body.model_dump())


@api.post("/imports/<uuid:upload_id>/carry-out")
@api.doc(tags=["imports"])
@declares("session.own")
@takes(body=CarryOut)
def carry_out_upload(upload_id: UUID, body: CarryOut) -> dict[str, Any]:
    """Import the file as it was checked. It is checked again, and refused if anything would come out otherwise."""
    from webapp.api import importing

    return importing.carry_out(upload_id, body.model_dump(exclude={"counts"}), body.counts.model_dump())


@api.delete("/imports/<uuid:upload_id>")
@api.doc(tags=["imports"])
@declares("session.own")
@takes()
def drop_upload(upload_id: UUID) -> tuple[str, int]:
    """Forget a file."""
    from webapp.api import importing

    importing.forget(upload_id)
    return "", 204
