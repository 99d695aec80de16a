"""Writing answers: JSON with RFC 3339 times, never NaN; models named in the OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Response, current_app
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


def answers(
    model: type[BaseModel], status: int = 200, description: str = "Done"
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Name the answer of a view in the OpenAPI document; an instance of a model is written as JSON."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def answering(*args: Any, **kwargs: Any) -> Any:
            answer = view(*args, **kwargs)
            if isinstance(answer, BaseModel):
                return Response(current_app.json.dumps(answer), status, mimetype="application/json")
            return answer

        spec = getattr(answering, "_spec", None) or {}
        spec["response"] = {
            "schema": model,
            "schema_adapter_many": False,
            "status_code": status,
            "description": description,
            "example": None,
            "examples": None,
            "links": None,
            "content_type": "application/json",
            "headers": None,
        }
        answering._spec = spec  # type: ignore[attr-defined]  # where APIFlask looks
        return answering

    return decorate
