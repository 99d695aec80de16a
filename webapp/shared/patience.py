"""More time for the few transactions that a person has asked for and waits for."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

# A statement of a page that takes 5 s is a fault, and its connection is wanted by others. Checking a whole coverage,
# writing it or reading it out is not: it happens a few times a day. Between its statements shapes are compared for
# seconds, which the limit on idling would take for a client that went away.
_LIMITS: Final = {
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "120s",
    "lock_timeout": "10s",
}


def wait_longer(db: Session) -> None:
    """Raise the limits of the web's connections until this transaction ends."""
    for name, value in _LIMITS.items():
        db.execute(text("SELECT set_config(:name, :value, true)"), {"name": name, "value": value})
