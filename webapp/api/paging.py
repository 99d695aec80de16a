"""Keyset pages: a link to the next page that stays right while rows come and go."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from flask import request

from gridmap.errors import Invalid
from gridmap.language import N_

PAGE_ROWS = 500


def page_limit(default: int = 100) -> int:
    """
    How many rows the caller wants.

    Raises
    ------
    Invalid
        If it is no number from 1 to 500.
    """
    wanted = request.args.get("limit", str(default))
    if not wanted.isascii() or not wanted.isdigit() or not 1 <= int(wanted) <= PAGE_ROWS:
        raise Invalid(N_("limit is a whole number from 1 to %(most)s."), where="limit", most=PAGE_ROWS)
    return int(wanted)


def page_after(parts: int) -> tuple[str, ...] | None:
    """
    The key of the row that the page begins after.

    Raises
    ------
    Invalid
        If it is not one that we gave out.
    """
    token = request.args.get("after")
    if token is None:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, UnicodeError):
        key = None
    if not isinstance(key, list) or len(key) != parts or not all(isinstance(part, str) for part in key):
        raise Invalid(N_("This link to a next page is not one of ours; begin with the first page."), where="after")
    return tuple(key)


def next_link(key: Sequence[str] | None) -> str | None:
    """The address of the next page, or None on the last."""
    if key is None:
        return None
    from urllib.parse import urlencode

    token = base64.urlsafe_b64encode(json.dumps(list(key)).encode()).decode()
    args: dict[str, Any] = {name: value for name, value in request.args.items() if name != "after"}
    return f"{request.path}?{urlencode({**args, 'after': token})}"
