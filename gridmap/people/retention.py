"""What is known of signing in, and for how long."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from gridmap.people.sessions import KNOWN_FOR, WINDOW
from gridmap.people.tables import LoginTry, SignInSession


def forget_login_tries(db: Session, at: datetime) -> None:
    """Delete the password checks that count against nobody any more."""
    db.execute(delete(LoginTry).where(LoginTry.at < at - WINDOW))


def forget_sessions(db: Session, at: datetime) -> None:
    """Delete ended sessions once they vouch for no browser any more; the audit keeps that they were."""
    db.execute(delete(SignInSession).where(SignInSession.expires_at < at, SignInSession.created_at < at - KNOWN_FOR))
