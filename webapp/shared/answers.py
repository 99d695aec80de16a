"""Writing answers: JSON with RFC 3339 times, never NaN."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from flask.json.provider import JSONProvider
from pydantic import BaseModel


class StrictJSON(JSONProvider):
    """How this application writes JSON; reading has its own door, `webapp.shared.requests.parse`."""

    def dumps(self, obj: Any, **_: Any) -> str:
        """Write compact UTF-8 JSON; NaN is a fault of ours and raises."""
        return json.dumps(obj, default=_plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """Read JSON of our own making, as the test client does."""
        return json.loads(s)


def rfc3339(at: datetime) -> str:
    """An instant as every answer writes it: UTC, with Z."""
    return at.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(f"{type(value).__name__} has no JSON form")
