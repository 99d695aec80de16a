"""The drawn town with a week in it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from gridmap.people.rules import system_actor
from gridmap.system.audit import Doer
from tests.desks import add_incident
from tests.worlds import point

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
MIDDLE = {"A": (0.5, 2.5), "B": (1.5, 2.5), "C": (0.5, 1.5), "D": (1.5, 1.5), "E": (0.5, 0.5), "F": (1.5, 0.5)}


@pytest.fixture
def happened(db, town) -> Callable[..., str]:
    """Something that happened in a grid on a day of November 2026; what is closed was filed, and its log says so."""

    def make(
        letter: str,
        at: datetime,
        due: datetime | None = None,
        closed: datetime | None = None,
        severity: int = 3,
        source: str = "patrol",
    ) -> str:
        key = add_incident(
            db, town, letter, point(*MIDDLE[letter]), severity=severity, occurred=at, due=due, closed=closed,
            state="closed" if closed else "filed",
        )  # fmt: skip
        db.execute(text("UPDATE incident SET source = :source WHERE id = :id"), {"source": source, "id": key})
        db.execute(
            text(
                "INSERT INTO incident_log (incident_id, seq, step_id, at, recorded_at, role, step, to_state, data,"
                " prev_hash, hash) VALUES (:id, 1, :step, :at, :at, 'worker', 'open', 'filed',"
                " jsonb_build_object('set', jsonb_build_object('due_at', CAST(:due AS text))), '', '')"
            ),
            {"id": key, "step": uuid.uuid4(), "at": at, "due": due and due.isoformat()},
        )
        return key

    return make


@pytest.fixture
def machine():
    return system_actor(Doer(None, "system"))
