"""
Words that only this installation can make: the link by which a report is followed, and the ticket of a form.

Nothing of either is stored. A link names its report and a seal over it, so that the same report has the same link
however often its form is sent; who guesses needs one of 2**128.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

_SEAL_BYTES: Final = 16
_FORM_SEAL_BYTES: Final = 12


def secret_of(db: Session) -> bytes:
    """What this installation seals with; it stays inside."""
    return bytes(db.execute(text("SELECT secret FROM resident_seal")).scalar_one())


def follow_link(secret: bytes, report_id: UUID) -> str:
    """The key of a report's own page: 43 letters and digits of an address."""
    return _encode(report_id.bytes + _seal(secret, b"follow", report_id.bytes, _SEAL_BYTES))


def followed(secret: bytes, key: str) -> UUID | None:
    """The report that a link is of; None if we never made it."""
    told = _decode(key)
    if told is None or len(told) != 16 + _SEAL_BYTES:
        return None
    named, seal = told[:16], told[16:]
    return UUID(bytes=named) if hmac.compare_digest(seal, _seal(secret, b"follow", named, _SEAL_BYTES)) else None


def form_ticket(secret: bytes, form_id: UUID, door: bytes, at: datetime) -> str:
    """
    Say when a form was handed out, and for which door, so that nobody else can say it.

    Parameters
    ----------
    door
        Hash of the token of its code.
    """
    opened = int(at.timestamp()).to_bytes(6, "big")
    return _encode(opened + _seal(secret, b"form", form_id.bytes + door + opened, _FORM_SEAL_BYTES))


def opened_at(secret: bytes, ticket: str, form_id: UUID, door: bytes) -> datetime | None:
    """When a form was handed out; None if it was not, or for another door."""
    told = _decode(ticket)
    if told is None or len(told) != 6 + _FORM_SEAL_BYTES:
        return None
    opened, seal = told[:6], told[6:]
    if not hmac.compare_digest(seal, _seal(secret, b"form", form_id.bytes + door + opened, _FORM_SEAL_BYTES)):
        return None
    return datetime.fromtimestamp(int.from_bytes(opened, "big"), UTC)


def address_key(secret: bytes, address: str) -> str:
    """An address as it is counted: nobody reads it back from the rows."""
    return _encode(_seal(secret, b"address", address.encode(), _SEAL_BYTES))


def new_token() -> str:
    """The token of a code: 144 random bits, as few squares as can be."""
    return secrets.token_urlsafe(18)


def token_hash(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


def _seal(secret: bytes, use: bytes, what: bytes, length: int) -> bytes:
    return hmac.new(secret, use + b"\0" + what, hashlib.sha256).digest()[:length]


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(word: str) -> bytes | None:
    if not word.isascii() or len(word) > 100:
        return None
    try:
        told = base64.b64decode(word.encode() + b"=" * (-len(word) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    # The last letter may be written in several ways; only one of them is ours.
    return told if _encode(told) == word else None
