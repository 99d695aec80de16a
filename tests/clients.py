"""People and devices as HTTP clients of the real application."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from gridmap.people.sessions import Visit, open_session
from gridmap.sensing.keys import make_key
from gridmap.system.audit import Doer
from webapp.shared.policy import CSRF_HEADER, SESSION_COOKIE

HOST = "127.0.0.1"


class Browser:
    """Someone signed in at a desk, sending what a browser would send."""

    def __init__(self, app: APIFlask, db: Session, person_id: int) -> None:
        visit = Visit(address="127.0.0.1", browser="test", kind="desk")
        self.session = open_session(db, person_id, visit, datetime.now(UTC))
        self.client: FlaskClient = app.test_client()
        self.client.set_cookie(SESSION_COOKIE, self.session.token, domain=HOST, secure=True)

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        """Read something."""
        return self.client.get(path, base_url=f"https://{HOST}", **kwargs)

    def post(self, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        """Send something, with the marks of our own page."""
        headers = {CSRF_HEADER: self.session.csrf, "Origin": f"https://{HOST}"} | kwargs.pop("headers", {})
        return self.client.post(path, base_url=f"https://{HOST}", json=json, headers=headers, **kwargs)

    def put(self, path: str, data: bytes, **kwargs: Any) -> TestResponse:
        """Send bytes, with the marks of our own page."""
        headers = {CSRF_HEADER: self.session.csrf, "Origin": f"https://{HOST}"} | kwargs.pop("headers", {})
        return self.client.put(path, base_url=f"https://{HOST}", data=data, headers=headers, **kwargs)


class Machine:
    """A device that sends its key."""

    def __init__(self, app: APIFlask, db: Session, device_id: int) -> None:
        self.key = make_key(db, Doer(None, "system"), device_id, datetime.now(UTC))
        self.client: FlaskClient = app.test_client()

    def post(self, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        """Send something."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return self.client.post(path, base_url=f"https://{HOST}", json=json, headers=headers, **kwargs)
