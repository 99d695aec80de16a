"""Errors as sentences: what happened, and what to do. The web gives each family its status."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from gridmap.language import N_, translate


class GridmapError(Exception):
    """
    Something that a person can be told in one sentence.

    Parameters
    ----------
    msgid
        The English sentence, marked with ``N_``, with ``%(name)s`` where a value goes.
    where
        The place in the input: a JSON pointer such as ``/points/3/lon``, a row, a file; or None.
    params
        The values of the sentence.

    Attributes
    ----------
    members
        What a program needs to go on, told beside the sentence.
    """

    members: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, msgid: str, /, *, where: str | None = None, **params: Any) -> None:
        super().__init__(msgid)
        self.msgid = msgid
        self.where = where
        self.params = params

    def sentence(self, locale: str = "en") -> str:
        """The sentence in the reader's language."""
        return translate(self.msgid, locale, **self.params)

    def __str__(self) -> str:
        return self.sentence()


class Malformed(GridmapError):
    """The input breaks the syntax of its format, or names a field we do not know."""


class Invalid(GridmapError):
    """The input is well formed and means nothing we can accept."""


class BadGeography(Invalid):
    """A coordinate or a shape that cannot be."""


class NotFound(GridmapError):
    """There is no such thing, or the asker may not know of it."""


class Conflict(GridmapError):
    """The wish is clear and stands against what is."""


class NotSignedIn(GridmapError):
    """Nobody is known to be asking."""


class NotAllowed(GridmapError):
    """The asker is known and may not do this."""


class TooLarge(GridmapError):
    """More bytes than this door takes."""


class TooMany(GridmapError):
    """Faster than this door allows; come back after `retry_s` seconds."""

    def __init__(self, msgid: str, /, *, retry_s: int, **params: Any) -> None:
        super().__init__(msgid, retry_s=retry_s, **params)
        self.retry_s = retry_s


class Unavailable(GridmapError):
    """A part that we need is not there just now; nothing was stored."""

    def __init__(self, msgid: str, /, *, retry_s: int = 2, **params: Any) -> None:
        super().__init__(msgid, **params)
        self.retry_s = retry_s


class OtherContent(Conflict):
    """The same id came before, with another content; the first is kept."""

    def __init__(self, object_id: object) -> None:
        super().__init__(
            N_("Something else was already stored under the id %(id)s and is kept. Send this under an id of its own."),
            id=str(object_id),
        )
