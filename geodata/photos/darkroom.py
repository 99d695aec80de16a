"""The parent's side: have a photo opened by a child, and believe nothing that comes back unchecked."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from geodata.errors import N_, Unreadable
from geodata.photos.formats import MOST_BYTES, MOST_PIXELS
from geodata.photos.taken import Taken, judge_tags
from geodata.sandbox import Allowance, Child

_MIB: Final = 1 << 20
ALLOWANCE: Final = Allowance(cpu_s=10, wall_s=30, memory_bytes=1024 * _MIB, output_bytes=24 * _MIB, file_bytes=0)
_COPIES: Final = frozenset({"shown", "thumb", "coarse"})
_KINDS: Final = frozenset({"jpeg", "png", "webp"})
_STRANGE: Final = N_("The photo could not be opened: reading it broke off. Send it again, or take it again.")


@dataclass(frozen=True)
class Developed:
    """
    What is kept of a photo.

    Attributes
    ----------
    kind
        What was sent: ``jpeg``, ``png`` or ``webp``.
    width, height
        Of the upright picture as it was sent, pixels.
    shown, thumb, coarse
        JPEG files without any metadata: to look at, small, and with nobody to be recognised on it.
    taken
        When, where and with what.
    """

    kind: str
    width: int
    height: int
    shown: bytes
    thumb: bytes
    coarse: bytes
    taken: Taken


def develop(path: Path) -> Developed:
    """
    Read and redraw a photo in a child process.

    Parameters
    ----------
    path
        The file as it was sent, at most `geodata.photos.MOST_BYTES`.

    Raises
    ------
    Unreadable
        If it is no JPEG, PNG or WebP, or damaged.
    TooMuch
        If it has more than `geodata.photos.MOST_PIXELS`, or takes too long or too much memory to open.
    """
    facts: Mapping[str, Any] = {}
    copies: dict[str, bytes] = {}
    with Child("geodata.photos.redrawing:redraw", {"path": str(path.absolute())}, ALLOWANCE) as child:
        for message in child.messages():
            if not isinstance(message, dict):
                raise Unreadable(_STRANGE)
            if "tags" in message:
                facts = message
            else:
                copies[str(message.get("copy"))] = _jpeg(message.get("jpeg"))
    if set(copies) != _COPIES:
        raise Unreadable(_STRANGE)
    kind, width, height = _facts(facts)
    taken = judge_tags(facts["tags"])
    return Developed(kind, width, height, copies["shown"], copies["thumb"], copies["coarse"], taken)


def _facts(said: Mapping[str, Any]) -> tuple[str, int, int]:
    kind, width, height = said.get("kind"), said.get("width"), said.get("height")
    if kind not in _KINDS or not isinstance(said.get("tags"), dict):
        raise Unreadable(_STRANGE)
    if not (isinstance(width, int) and isinstance(height, int) and 0 < width * height <= MOST_PIXELS):
        raise Unreadable(_STRANGE)
    return str(kind), width, height


def _jpeg(said: Any) -> bytes:
    try:
        data = base64.b64decode(said, validate=True)
    except (TypeError, binascii.Error) as error:
        raise Unreadable(_STRANGE) from error
    if not data.startswith(b"\xff\xd8\xff") or not data.endswith(b"\xff\xd9") or len(data) > MOST_BYTES:
        raise Unreadable(_STRANGE)
    return data
