"""How a message looks to each kind of far end, and how its answer is judged."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote_plus
from uuid import UUID

from gridmap.language import N_, translate
from gridmap.outbox.faults import Fault
from gridmap.outbox.outbound import Answer, Way, post

_JSON: Final = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "gridmap"}
# What the makers of the robots take: markdown of so many bytes in UTF-8.
_WECOM_BYTES: Final = 4096
_DINGTALK_BYTES: Final = 20_000


@dataclass(frozen=True)
class Letter:
    """One message, worded for its far end."""

    id: UUID
    event: str
    asked_at: datetime
    subject: str
    body: str
    about: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FarEnd:
    """Where a message goes."""

    kind: str
    url: str = field(repr=False)
    secret: str | None = field(repr=False)
    locale: str


def signature(secret: str, timestamp: str, message_id: str, body: bytes) -> str:
    """What a receiver computes again: HMAC-SHA256 (RFC 2104) over ``timestamp.id.body``, hexadecimal."""
    return hmac.new(secret.encode(), f"{timestamp}.{message_id}.".encode() + body, hashlib.sha256).hexdigest()


def deliver(way: Way, end: FarEnd, letters: Sequence[Letter], at: datetime) -> None:
    """
    Post letters, in one message, to a webhook or a group robot.

    Raises
    ------
    Fault
        If it was not taken.
    """
    if end.kind == "webhook":
        _to_webhook(way, end, letters[0], at)
    elif end.kind == "wecom":
        content = _short(_markdown(letters, end.locale), _WECOM_BYTES)
        _to_robot(way, end.url, {"msgtype": "markdown", "markdown": {"content": content}})
    else:
        text = _short(_markdown(letters, end.locale), _DINGTALK_BYTES)
        shown = {"title": _title(letters, end.locale), "text": text}
        _to_robot(way, signed_for_dingtalk(end.url, end.secret, at), {"msgtype": "markdown", "markdown": shown})


def _to_webhook(way: Way, end: FarEnd, letter: Letter, at: datetime) -> None:
    said = {
        "id": str(letter.id),
        "event": letter.event,
        "at": letter.asked_at.isoformat(),
        "about": letter.about,
        "subject": letter.subject,
        "body": letter.body,
        "values": letter.values,
    }
    body = json.dumps(said, ensure_ascii=False, allow_nan=False).encode()
    timestamp = str(int(at.timestamp()))
    marks = {
        "X-Gridmap-Id": str(letter.id),
        "X-Gridmap-Timestamp": timestamp,
        "X-Gridmap-Signature": "v1=" + signature(end.secret or "", timestamp, str(letter.id), body),
    }
    _require_taken(post(way, end.url, body, _JSON | marks))


def _to_robot(way: Way, url: str, said: Mapping[str, Any]) -> None:
    answer = post(way, url, json.dumps(said, ensure_ascii=False).encode(), _JSON)
    _require_taken(answer)
    # A robot says no inside of a 200.
    try:
        told = json.loads(answer.body)
        code = int(told["errcode"])
    except (ValueError, KeyError, TypeError) as error:
        raise Fault(N_("The robot's answer cannot be read.")) from error
    if code != 0:
        raise Fault(N_("The robot refuses (errcode %(code)s)."), away=True, code=code)


def _require_taken(answer: Answer) -> None:
    if not 200 <= answer.status < 300:
        away = answer.status == 429 or answer.status >= 500
        raise Fault(N_("The far end answered %(status)s."), away=away, status=answer.status)


def signed_for_dingtalk(url: str, secret: str | None, at: datetime) -> str:
    """The address with the time and its signature, as robots ask for that are secured by a secret."""
    if not secret:
        return url
    stamp = int(at.timestamp() * 1000)
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    sign = quote_plus(base64.b64encode(digest))
    return f"{url}{'&' if '?' in url else '?'}timestamp={stamp}&sign={sign}"


def _title(letters: Sequence[Letter], locale: str) -> str:
    if len(letters) == 1:
        return letters[0].subject
    return translate(N_("%(n)s notices"), locale, n=len(letters))


def _markdown(letters: Sequence[Letter], locale: str) -> str:
    if len(letters) == 1:
        text = f"**{letters[0].subject}**\n\n{letters[0].body}"
    else:
        text = "\n\n".join([f"**{_title(letters, locale)}**", *(f"- {letter.subject}" for letter in letters)])
    # Robots read <@all> and <font> as orders.
    return text.replace("<", "＜")


def _short(text: str, most: int) -> str:
    """Cut to so many bytes, between characters."""
    data = text.encode()
    return text if len(data) <= most else data[: most - 3].decode(errors="ignore") + "…"
