"""Photos as reports and steps name them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from gridmap.reports.rules import Evidence

MOST_PHOTOS = 10


class PhotoIn(BaseModel):
    """A photo that goes with it, by the SHA-256 under which it is sent."""

    model_config = ConfigDict(extra="forbid")
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    role: Literal["evidence", "before", "after"] = "evidence"


Photos = Annotated[list[PhotoIn], Field(max_length=MOST_PHOTOS)]


def evidence_of(photos: list[PhotoIn]) -> tuple[Evidence, ...]:
    """The photos as the domain takes them."""
    return tuple(Evidence(bytes.fromhex(photo.sha256), photo.role) for photo in photos)


def dumped(model: BaseModel) -> dict[str, Any]:
    """
    What was sent, as a receipt commits to it.

    Without photos it reads as it did before there were any, so that what a phone kept until then is still known again.
    """
    content = model.model_dump(mode="json")
    if not content["media"]:
        del content["media"]
    return content
