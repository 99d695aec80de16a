"""Numbers from the query string, strictly: no NaN, no infinity, no digits of other scripts."""

from __future__ import annotations

import math
import re

from flask import request

from gridmap.errors import Invalid
from gridmap.language import N_

_DECIMAL = re.compile(r"[+-]?(\d{1,17}(\.\d{0,20})?|\.\d{1,20})([eE][+-]?\d{1,3})?", re.ASCII)


def number_arg(name: str) -> float | None:
    """
    A finite decimal number of the query string, or None if it is not there.

    Raises
    ------
    Invalid
        If it is anything else.
    """
    wanted = request.args.get(name)
    if wanted is None:
        return None
    value = float(wanted) if _DECIMAL.fullmatch(wanted) else math.nan
    if not math.isfinite(value):
        raise Invalid(N_("%(name)s must be a finite decimal number, such as 114.2."), where=name, name=name)
    return value


def whole_arg(name: str) -> int | None:
    """
    A whole number of the query string, or None if it is not there.

    Raises
    ------
    Invalid
        If it is anything else.
    """
    wanted = request.args.get(name)
    if wanted is None:
        return None
    if not re.fullmatch(r"\d{1,18}", wanted, re.ASCII):
        raise Invalid(N_("%(name)s must be a whole number."), where=name, name=name)
    return int(wanted)
