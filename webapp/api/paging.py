"""Keyset pages: a link to the next page that stays right while rows come and go."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

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


def page_after(*kinds: Callable[[str], Any]) -> tuple[Any, ...] | None:
    """
    The key of the row that the page begins after, or None on the first page.

    Parameters
    ----------
    kinds
        How each part of the key is read, such as ``UUID``.

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
        return tuple(kind(part) for kind, part in zip(kinds, key, strict=True))
    except (ValueError, TypeError, AttributeError) as error:
        raise Invalid(
            N_("This link to a next page is not one of ours; begin with the first page."), where="after"
        ) from error


def next_link(key: Sequence[object] | None) -> str | None:
    """The address of the next page, or None on the last."""
    if key is None:
        return None
    token = base64.urlsafe_b64encode(json.dumps([str(part) for part in key]).encode()).decode()
    args: dict[str, Any] = {name: value for name, value in request.args.items() if name != "after"}
    return f"{request.path}?{urlencode({**args, 'after': token})}"
