"""Whoever bends, removes or cuts the record is found, and the first wrong row is named."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from gridmap.errors import Conflict, Invalid
from gridmap.system.audit import Doer, record
from gridmap.system.verify import Defect, read_anchor, verify_audit, write_anchor

NOON = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
RECHAIN = text(
    "UPDATE audit a SET hash = sha256(prev_hash || convert_to(audit_canonical(a), 'UTF8')) WHERE chain = 0 AND seq = 5"
)


@pytest.fixture
def written(owner_db):
    """Five rows of the first chain: with the other heads away, every writer takes it."""
    owner_db.execute(text("DELETE FROM audit_head WHERE chain > 0"))
    for n in range(1, 6):
        said = {"step": "file", "备注": "井盖"}
        doer = Doer(n, "operator", "10.0.0.9", "req")
        record(owner_db, doer, "incident.step", object_id=f"incident:{n}", path="1.14", changed=said)
    return owner_db


def test_an_honest_record_is_whole(written):
    assert verify_audit(written) == []


def test_an_empty_record_is_whole(owner_db):
    assert verify_audit(owner_db) == []


@pytest.mark.parametrize(
    "change",
    [
        "actor_id = 99",
        "role = 'chief'",
        "address = NULL",
        "action = 'x'",
        "object = 'x'",
        "subject_id = 1",
        "path = '1'",
        "purpose = 'x'",
        "result = 'refused'",
        "changed = '{}'",
        "request_id = 'x'",
        "at = at + interval '1 microsecond'",
        "hash = decode(repeat('ab', 32), 'hex')",
        "prev_hash = decode(repeat('ab', 32), 'hex')",
    ],
)
def test_a_changed_row_is_named(written, change):
    written.execute(text(f"UPDATE audit SET {change} WHERE chain = 0 AND seq = 3"))
    assert verify_audit(written) == [Defect(0, 3, "changed")]


def test_a_removed_row_is_named(written):
    written.execute(text("DELETE FROM audit WHERE chain = 0 AND seq = 2"))
    assert verify_audit(written) == [Defect(0, 2, "missing")]


def test_a_removed_beginning_is_named(written):
    written.execute(text("DELETE FROM audit WHERE chain = 0 AND seq < 3"))
    assert verify_audit(written) == [Defect(0, 1, "missing")]


def test_a_cut_end_is_named(written):
    written.execute(text("DELETE FROM audit WHERE chain = 0 AND seq > 3"))
    assert verify_audit(written) == [Defect(0, 4, "cut")]


def test_a_chain_that_is_gone_is_named(written):
    written.execute(text("DELETE FROM audit"))
    assert verify_audit(written) == [Defect(0, 1, "cut")]


def test_a_last_row_that_was_bent_with_its_hash_is_named_by_the_head(written):
    written.execute(text("UPDATE audit SET actor_id = 99 WHERE chain = 0 AND seq = 5"))
    written.execute(RECHAIN)
    assert verify_audit(written) == [Defect(0, 5, "changed")]


def test_a_row_that_nobody_appended_is_named(written):
    written.execute(
        text(
            "INSERT INTO audit SELECT chain, seq + 1, at, actor_id, role, address, action, object, subject_id, path,"
            " purpose, result, changed, request_id, hash, hash FROM audit WHERE chain = 0 AND seq = 5"
        )
    )
    assert verify_audit(written) == [Defect(0, 6, "changed")]


def test_an_end_that_was_cut_together_with_its_head_is_found_by_the_anchor(written, tmp_path):
    anchor = write_anchor(written, tmp_path / "anchor", NOON)
    written.execute(text("DELETE FROM audit WHERE chain = 0 AND seq > 3"))
    written.execute(
        text(
            "UPDATE audit_head h SET seq = 3, hash = a.hash FROM audit a"
            " WHERE h.chain = 0 AND a.chain = 0 AND a.seq = 3"
        )
    )
    assert verify_audit(written) == []
    assert verify_audit(written, anchor) == [Defect(0, 4, "cut")]


def test_a_chain_that_was_rewritten_is_found_by_the_anchor(written, tmp_path):
    write_anchor(written, tmp_path / "anchor", NOON)
    written.execute(text("UPDATE audit SET actor_id = 99 WHERE chain = 0 AND seq = 5"))
    written.execute(RECHAIN)
    written.execute(
        text("UPDATE audit_head h SET hash = a.hash FROM audit a WHERE h.chain = 0 AND a.chain = 0 AND a.seq = 5")
    )
    assert verify_audit(written) == []
    assert verify_audit(written, read_anchor(tmp_path / "anchor")) == [Defect(0, 5, "unanchored")]


def test_an_anchor_that_proves_a_cut_is_not_written_over(written, tmp_path):
    path = tmp_path / "anchor"
    write_anchor(written, path, NOON)
    before = path.read_bytes()
    written.execute(text("DELETE FROM audit WHERE chain = 0 AND seq > 3"))
    with pytest.raises(Conflict, match="row 4"):
        write_anchor(written, path, NOON)
    assert path.read_bytes() == before


def test_an_anchor_moves_on_with_an_honest_record(written, tmp_path):
    path = tmp_path / "anchor"
    write_anchor(written, path, NOON)
    record(written, Doer(6, "operator"), "incident.step")
    assert write_anchor(written, path, NOON).heads[0][0] == 6
    assert verify_audit(written, read_anchor(path)) == []
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "content", ["", "{}", "[1]", '{"at": "x", "heads": []}', '{"at": "2026-03-03", "heads": [[1]]}']
)
def test_a_file_that_is_no_anchor_is_refused(tmp_path, content):
    (tmp_path / "anchor").write_text(content)
    with pytest.raises(Invalid):
        read_anchor(tmp_path / "anchor")


def test_the_service_can_verify_and_cannot_bend(db):
    record(db, Doer(1, "operator"), "incident.step")
    assert verify_audit(db) == []
    for attempt in ("UPDATE audit SET actor_id = 2", "DELETE FROM audit", "UPDATE audit_head SET seq = 9"):
        with pytest.raises(ProgrammingError, match="permission denied"), db.begin_nested():
            db.execute(text(attempt))
