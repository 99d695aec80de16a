"""How often one caller may call: a brake on runaway scripts, counted in the memory of this process."""

from __future__ import annotations

import math
import time
from typing import Final

from flask import Flask, current_app, request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from gridmap.errors import TooMany
from gridmap.language import N_
from webapp.shared import settings
from webapp.shared.policy import PUBLIC, current_actor, declared_action

_KEY: Final = "gridmap.rates"
# Counted elsewhere or not at all: they come by the hundred when a map moves.
_UNCOUNTED: Final = frozenset({PUBLIC, "tile.read", "live.read"})


def limit_rates(app: Flask) -> None:
    """
    Hold every account to its calls a minute.

    A restart may well forgive these. What must survive one, the limits of sign-in, is kept in rows
    (`gridmap.people.signing_in`). With several processes each has its own count.
    """
    app.extensions[_KEY] = FixedWindowRateLimiter(MemoryStorage())
    app.before_request(_brake)


def hit(limit: RateLimitItem, *what: str) -> int | None:
    """
    Count one call of somebody.

    Parameters
    ----------
    what
        Of which kind, and by whom.

    Returns
    -------
    retry_s
        None while the limit holds; beyond it, seconds until the count begins anew.
    """
    counter: FixedWindowRateLimiter = current_app.extensions[_KEY]
    if counter.hit(limit, *what):
        return None
    return max(1, math.ceil(counter.get_window_stats(limit, *what).reset_time - time.time()))


def _brake() -> None:
    rule = request.url_rule
    if rule is None or declared_action(current_app, rule.endpoint) in _UNCOUNTED:
        return
    actor = current_actor()
    caller = f"{actor.kind}:{actor.id}" if actor.id is not None else f"address:{request.remote_addr}"
    retry_s = hit(RateLimitItemPerMinute(settings().api_per_minute), "calls", caller)
    if retry_s is not None:
        raise TooMany(
            N_("More than %(limit)s calls came in a minute. Wait %(retry_s)s seconds."),
            retry_s=retry_s,
            limit=settings().api_per_minute,
        )
