"""Once: whatever is created is created once, however often it is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.errors import OtherContent


def content_digest(content: Mapping[str, Any]) -> bytes:
    """SHA-256 over the canonical JSON of what was sent: sorted keys, no white space."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(canonical.encode()).digest()


def claim(db: Session, kind: str, wanted: Sequence[tuple[UUID, bytes]], at: datetime) -> set[UUID]:
    """
    Take the ids that nobody took before; the rest were stored already, with the same content.

    Parameters
    ----------
    kind
        What the ids name, such as ``report``; the same id under another kind is another content.
    wanted
        Pairs of id and `content_digest`.
    at
        The time of receipt.

    Returns
    -------
    new
        The ids to store now, in the same transaction.

    Raises
    ------
    OtherContent
        If an id came before with another content, or twice in `wanted` with two contents.
    """
    first: dict[UUID, bytes] = {}
    for object_id, digest in wanted:
        if first.setdefault(object_id, digest) != digest:
            raise OtherContent(object_id)
    # In the order of the ids, so that two batches that share some never wait for each other in a ring.
    ordered = sorted(first)
    values = {"ids": ordered, "digests": [first[i] for i in ordered], "kind": kind, "at": at}
    new = {
        row.id
        for row in straight(
            db,
            "INSERT INTO receipt (id, kind, digest, at)"
            " SELECT id, %(kind)s, digest, %(at)s FROM unnest(CAST(%(ids)s AS uuid[]), CAST(%(digests)s AS bytea[]))"
            " AS wish (id, digest) ON CONFLICT DO NOTHING RETURNING id",
            values,
        )
    }
    if len(new) < len(ordered):
        _refuse_other_content(db, kind, {i: first[i] for i in ordered if i not in new})
    return new


def is_known(db: Session, kind: str, object_id: UUID, digest: bytes) -> bool:
    """Whether an id came before, with this content."""
    rows = straight(
        db,
        "SELECT id FROM receipt WHERE id = %(id)s AND kind = %(kind)s AND digest = %(digest)s",
        {"id": object_id, "kind": kind, "digest": digest},
    )
    return bool(rows)


def _refuse_other_content(db: Session, kind: str, known: Mapping[UUID, bytes]) -> None:
    rows = db.execute(
        text("SELECT id, kind, digest FROM receipt WHERE id = ANY(CAST(:ids AS uuid[]))"),
        {"ids": list(known)},
    )
    for object_id, stored_kind, digest in rows:
        if stored_kind != kind or bytes(digest) != known[object_id]:
            raise OtherContent(object_id)
