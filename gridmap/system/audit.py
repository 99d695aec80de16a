"""The record of who did what: written with the change itself, chained so that no row can be bent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy.orm import Session

from gridmap.database import straight

Result = Literal["done", "refused", "failed"]


@dataclass(frozen=True)
class Doer:
    """Who acts, as the audit names them: a person, a device or a process of our own."""

    actor_id: int | None
    role: str
    address: str | None = None
    request_id: str | None = None


def record(
    db: Session,
    doer: Doer,
    action: str,
    *,
    object_id: str | None = None,
    subject_id: int | None = None,
    path: str | None = None,
    purpose: str | None = None,
    result: Result = "done",
    changed: Mapping[str, Any] | None = None,
) -> None:
    """
    Append one row to the first free chain, in the transaction of the change.

    Parameters
    ----------
    action
        The action as the policy names it, such as ``report.create``.
    object_id
        What it was done to, such as ``report:0198…``.
    subject_id
        The person whose data were looked at, so that they can see it.
    changed
        The changed fields, masked; never a password, token or full personal field.
    """
    said = row(
        doer, action, object_id=object_id, subject_id=subject_id, path=path, purpose=purpose, result=result,
        changed=changed,
    )  # fmt: skip
    straight(db, f"SELECT {APPEND}", said)


APPEND: Final = (
    "audit_append(%(actor_id)s, %(role)s, %(address)s, %(action)s, %(object_id)s, %(subject_id)s,"
    " CAST(%(audit_path)s AS ltree), %(purpose)s, %(result)s, CAST(%(changed)s AS jsonb), %(request_id)s)"
)
"""What appends a `row`, for a statement that does the deed in the same breath."""


def row(
    doer: Doer,
    action: str,
    *,
    object_id: str | None = None,
    subject_id: int | None = None,
    path: str | None = None,
    purpose: str | None = None,
    result: Result = "done",
    changed: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Give the values that `APPEND` names; arguments as of `record`."""
    return {
        "actor_id": doer.actor_id,
        "role": doer.role,
        "address": doer.address,
        "action": action,
        "object_id": object_id,
        "subject_id": subject_id,
        "audit_path": path,
        "purpose": purpose,
        "result": result,
        "changed": None if changed is None else json.dumps(changed, ensure_ascii=False, allow_nan=False),
        "request_id": doer.request_id,
    }
