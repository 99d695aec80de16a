"""What rooms further down the street do in the transaction of a step; the roof fills the list (`gridmap.wiring`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.incidents.rules import State


@dataclass(frozen=True)
class Taken:
    """
    A step that was taken, as its log row says it.

    Attributes
    ----------
    left, state
        Where the incident stood, and where it stands.
    data
        Of the log: ``set`` holds the columns that changed, ``with`` what the step was told.
    """

    incident_id: UUID
    number: str
    path: str
    seq: int
    step: str
    left: State | None
    state: State
    at: datetime
    recorded_at: datetime
    actor_id: int | None
    role: str
    reason: str | None
    data: Mapping[str, Any]


AfterStep = Callable[[Session, Taken], None]

AFTER_STEP: list[AfterStep] = []
"""Called in this order for every step, when row, clocks and parties are written."""
