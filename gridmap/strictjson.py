"""The one strict JSON decoder, for every door through which JSON comes in."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gridmap.errors import Malformed, TooLarge
from gridmap.language import N_
from gridmap.settings import BODY_BYTES

MAX_DEPTH = 32
# A double needs 17 digits, a coordinate 12; what is longer wants to hurt.
MAX_NUMBER_CHARACTERS = 64

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True)
class _Breach:
    """Stands in the decoded value where a rule was broken, so that its pointer can be found."""

    msgid: str
    params: tuple[tuple[str, str], ...] = ()


def decode(data: bytes, *, max_bytes: int = BODY_BYTES) -> Any:
    """
    Decode JSON that cannot mean two things and cannot hurt.

    Accepted is what RFC 8259 calls interoperable (and I-JSON, RFC 7493, asks for): UTF-8, each key
    once, finite numbers, text that is text. A byte order mark at the start is passed over.

    Parameters
    ----------
    data
        The bytes as they came.
    max_bytes
        More than this is not looked at.

    Returns
    -------
    value
        dict, list, str, int, float, bool or None.

    Raises
    ------
    TooLarge
        If there are more than `max_bytes` bytes.
    Malformed
        If the bytes are no JSON, or carry NaN or an infinity in any spelling (``1e999`` too), a
        repeated key, half a surrogate pair, NUL, more than 32 levels or a number over 64 characters.
        ``where`` is a JSON pointer, or line and column where there is no value to point at.

    References
    ----------
    RFC 8259, The JavaScript Object Notation Data Interchange Format; RFC 6901, JSON Pointer.
    """
    if len(data) > max_bytes:
        raise TooLarge(N_("This is larger than the %(limit)s bytes accepted here."), limit=max_bytes)
    text = _text(data)
    breaches: list[_Breach] = []
    value = _load(text, breaches)
    if breaches or _may_be_too_deep(text) or _may_hold_bad_text(text):
        _refuse_breaches(value)
    return value


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise Malformed(N_("This is not UTF-8 text: byte %(byte)s cannot be read."), byte=error.start + 1) from error


def _load(text: str, breaches: list[_Breach]) -> Any:
    """Decode, leaving a `_Breach` in place of every value that breaks a rule."""

    def breach(msgid: str, **params: str) -> _Breach:
        found = _Breach(msgid, tuple(params.items()))
        breaches.append(found)
        return found

    def once(pairs: list[tuple[str, Any]]) -> Any:
        members = dict(pairs)
        if len(members) == len(pairs):
            return members
        seen: set[str] = set()
        repeated = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return breach(N_("The key %(key)s stands here twice."), key=_shown(repeated))

    def number(digits: str) -> Any:
        if len(digits) > MAX_NUMBER_CHARACTERS:
            return breach(N_("This number has too many digits."))
        if "." not in digits and "e" not in digits and "E" not in digits:
            return int(digits)
        value = float(digits)
        return value if math.isfinite(value) else breach(N_("This number is too large."))

    def constant(_: str) -> Any:
        return breach(N_("NaN and infinity are not numbers here."))

    try:
        return json.loads(text, object_pairs_hook=once, parse_float=number, parse_int=number, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise Malformed(
            N_("This is not JSON: it cannot be read from line %(line)s, column %(column)s on."),
            where=f"line {error.lineno}, column {error.colno}",
            line=error.lineno,
            column=error.colno,
        ) from error
    except RecursionError as error:
        raise _too_deep(None) from error


def _may_be_too_deep(text: str) -> bool:
    return text.count("[") + text.count("{") > MAX_DEPTH


def _may_hold_bad_text(text: str) -> bool:
    """Only an escape can smuggle these in: the raw bytes are refused by UTF-8 and by JSON."""
    return "\\u0000" in text or _SURROGATE_ESCAPE.search(text) is not None


def _refuse_breaches(value: Any) -> None:
    for pointer, depth, thing in _walk(value):
        if isinstance(thing, _Breach):
            raise Malformed(thing.msgid, where=pointer, **dict(thing.params))
        if depth > MAX_DEPTH and isinstance(thing, dict | list):
            raise _too_deep(pointer)
        if isinstance(thing, str):
            _refuse_bad_text(thing, pointer)


def _walk(value: Any) -> Iterator[tuple[str, int, Any]]:
    """Every value and key with its pointer and level, in no order; without recursion, as depth is the danger."""
    waiting = [("", 1, value)]
    while waiting:
        pointer, depth, thing = waiting.pop()
        yield pointer, depth, thing
        if depth > MAX_DEPTH:
            continue
        if isinstance(thing, dict):
            for key, member in thing.items():
                below = f"{pointer}/{_shown(key).replace('~', '~0').replace('/', '~1')}"
                yield below, depth + 1, key
                waiting.append((below, depth + 1, member))
        elif isinstance(thing, list):
            waiting.extend((f"{pointer}/{index}", depth + 1, member) for index, member in enumerate(thing))


def _refuse_bad_text(text: str, pointer: str) -> None:
    if "\0" in text:
        raise Malformed(N_("The text holds a NUL character, which no field takes."), where=pointer)
    if _LONE_SURROGATE.search(text):
        raise Malformed(N_("The text holds half a character (a lone surrogate)."), where=pointer)


def _too_deep(pointer: str | None) -> Malformed:
    return Malformed(
        N_("This is nested deeper than the %(limit)s levels accepted here."), where=pointer, limit=MAX_DEPTH
    )


def _shown(key: str) -> str:
    """A key as it may be repeated to the sender: printable and short."""
    return (key if key.isprintable() else key.encode("unicode_escape").decode())[:80]
