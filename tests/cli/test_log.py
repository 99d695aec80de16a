"""`gridmap log`: what whoever runs the machine reads of the record."""

from __future__ import annotations

import json
import uuid

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.database import make_engine
from gridmap.grids.locating import Told
from gridmap.incidents.opening import open_for_reports
from gridmap.people.rules import Role
from gridmap.reports.actions import ReportDraft, receive_reports
from gridmap.system.verify import anchor_file, write_anchor
from tests.worlds import NOON, build_town, person, point


@pytest.fixture
def owner(fresh_database, monkeypatch, tmp_path):
    """The owner's look at a database with two incidents, which the commands below are run on."""
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", fresh_database.app)
    monkeypatch.setenv("GRIDMAP_DATA_DIR", str(tmp_path))
    engine = make_engine(fresh_database.owner, idle_timeout_s=None)
    with Session(engine) as db:
        town = build_town(db)
        desk = person(db, Role.OPERATOR, town.area_path("A", "F"), area_id=town.district_id)
        drafts = [
            ReportDraft(uuid.uuid4(), "hotline", None, "垃圾", Told(*point(0.5, 2.5)), None, NOON, {"n": n})
            for n in range(2)
        ]
        open_for_reports(db, desk, receive_reports(db, desk, drafts, NOON), NOON)
        db.commit()
        yield db
    engine.dispose()


def test_a_whole_record_is_said_to_be_whole_and_the_missing_anchor_is_spoken_of(owner, gridmap):
    code, out, err = gridmap("log", "verify")
    assert (code, out) == (
        0,
        "The record is whole: 2 rows in 32 chains, 2 steps of 2 incidents, each as the audit names it.",
    )
    assert "no anchor file" in err


def test_a_gone_incident_is_named_by_its_number(owner, gridmap, tmp_path):
    write_anchor(owner, anchor_file(tmp_path), NOON)
    key, number = owner.execute(text("SELECT id, number FROM incident LIMIT 1")).one()
    for statement in (
        "DELETE FROM incident_source WHERE incident_id = :id",
        "DELETE FROM clock WHERE incident_id = :id",
        "DELETE FROM incident_log WHERE incident_id = :id",
        "DELETE FROM incident WHERE id = :id",
    ):
        owner.execute(text(statement), {"id": key})
    owner.commit()
    assert gridmap("log", "verify") == (1, f"Incident {number} is gone with its whole log.", "")
    code, out, _ = gridmap("log", "verify", "--json")
    told = json.loads(out)
    assert (code, told["incidents"], told["anchored"], told["defects"]) == (1, 1, True, [])
    assert told["incident_defects"] == [
        {"incident_id": str(key), "number": number, "seq": 1, "fault": "gone", "columns": []}
    ]


def test_logs_from_before_the_audit_named_them_are_named_by_a_command(owner, gridmap):
    owner.execute(text("UPDATE audit SET changed = NULL WHERE action = 'incident.open'"))
    owner.execute(
        text("UPDATE audit a SET hash = sha256(prev_hash || convert_to(audit_canonical(a), 'UTF8'))"
             " WHERE action = 'incident.open'")
    )  # fmt: skip
    owner.execute(text("UPDATE audit_head h SET hash = a.hash FROM audit a WHERE a.chain = h.chain AND a.seq = h.seq"))
    owner.commit()
    code, out, said = gridmap("log", "verify")
    assert (code, out.count("the audit knows nothing of step 1")) == (1, 2)
    assert "`gridmap log commit` names them" in said
    assert gridmap("log", "commit") == (0, "The audit now names the logs of 2 more incidents.", "")
    assert gridmap("log", "verify")[0] == 0
