"""`gridmap outbox`, on a database of its own."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.database import make_engine
from gridmap.outbox.endpoints import EndpointDraft, add_endpoint, try_endpoint
from gridmap.outbox.outbound import Way
from gridmap.system.audit import Doer


def test_what_was_given_up_is_listed_and_sent_again(gridmap, fresh_database, monkeypatch):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", fresh_database.app)
    engine, at = make_engine(fresh_database.app, idle_timeout_s=None), datetime.now(UTC)
    with Session(engine) as db, db.begin():
        end_id = uuid.uuid4()
        draft = EndpointDraft("消防", "en", True, url="https://fire.example/", secret="0123456789abcdef")
        add_endpoint(db, Doer(None, "admin"), end_id, "webhook", draft, Way(), at)
        for _ in range(2):
            try_endpoint(db, Doer(None, "admin"), end_id, uuid.uuid4(), at)
        fault = '{"msgid": "The far end answered %(status)s.", "values": {"status": 500}}'
        db.execute(
            text("UPDATE outbox SET dead_at = now(), tries = 31, fault = CAST(:fault AS jsonb)"), {"fault": fault}
        )
    code, out, _ = gridmap("outbox", "list", "--dead", "--json")
    items = json.loads(out)
    assert (code, len(items)) == (0, 2)
    assert (items[0]["name"], items[0]["tries"], items[0]["fault"]) == ("消防", 31, "The far end answered 500.")
    assert gridmap("outbox", "retry")[0] == 2
    assert gridmap("outbox", "retry", items[0]["id"])[0] == 0
    assert gridmap("outbox", "retry", items[0]["id"])[0] == 2  # it waits already
    assert gridmap("outbox", "retry", "--dead")[2] == "1 messages wait again."
    assert gridmap("outbox", "list", "--dead")[1] == ""
    assert gridmap("outbox", "list")[1].count("trial") == 2
    engine.dispose()
