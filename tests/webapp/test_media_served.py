"""Photos through the server that an installation runs: what it answers reaches a sender who is still sending."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime

import requests
from sqlalchemy.orm import Session

from gridmap.database import make_engine
from gridmap.people.granting import grant
from gridmap.people.rules import Role, system_actor
from gridmap.people.sessions import Visit, open_session
from gridmap.system.audit import Doer
from tests.pictures import photo
from tests.webapp.test_accounts import wait_until_ready, web_process
from tests.worlds import add_person, build_town
from webapp.shared.policy import CSRF_HEADER, SESSION_COOKIE

PIECE = 65_536


def test_every_answer_to_a_photo_reaches_its_sender(fresh_database, tmp_path, monkeypatch):
    engine = make_engine(fresh_database.app, idle_timeout_s=None)
    with Session(engine) as db, db.begin():
        town, at = build_town(db), datetime.now(UTC)
        han = add_person(db, "han", "韩雪")
        grant(db, system_actor(Doer(None, "system")), han, Role.WORKER, at, grid_id=town.grid_ids["A"])
        opened = open_session(db, han, Visit("127.0.0.1", ""), at)
    engine.dispose()
    monkeypatch.setenv("GRIDMAP_DATA_DIR", str(tmp_path))
    with web_process(fresh_database.app) as address, requests.Session() as line:
        wait_until_ready(address)
        line.cookies.set(SESSION_COOKIE, opened.token)
        line.headers.update({CSRF_HEADER: opened.csrf, "Origin": address})

        def send(body, **headers):
            """On one line all along: an answer that came before its body was read would spoil the next request."""
            name = hashlib.sha256(body).hexdigest()
            answer = line.put(f"{address}/api/v1/media/{name}", body, headers=headers, timeout=60)
            return answer.status_code, answer.json()

        too_large, odd, picture = os.urandom(16_000_000), os.urandom(3_000_000), photo()
        assert send(too_large)[0] == 422
        assert send(odd)[0] == 422
        whole = hashlib.sha256(picture).hexdigest()
        states = []
        for start in range(0, len(picture), PIECE):
            piece = picture[start : start + PIECE]
            span = {"Content-Range": f"bytes {start}-{start + len(piece) - 1}/{len(picture)}"}
            answer = line.put(f"{address}/api/v1/media/{whole}", piece, headers=span, timeout=60)
            states.append((answer.status_code, answer.json()["state"]))
        assert len(states) > 2
        assert set(states[:-1]) == {(202, "arriving")}
        assert states[-1] == (201, "stored")
        assert send(picture)[0] == 200
        # Who may not send at all is told so as well, though nobody reads what they send.
        assert send(too_large[:2_000_000], **{CSRF_HEADER: "wrong"})[0] == 403
