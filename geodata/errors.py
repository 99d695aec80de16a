"""Refusals as sentences: what was found wrong, where, and what to do. The storey above translates them."""

from __future__ import annotations

from typing import Any


class Word(str):
    """A word or sentence that was marked for translation; text of a user that reads the same is none."""

    __slots__ = ()


def N_(msgid: str) -> Word:  # noqa: N802 - the gettext name, known to every extraction tool
    """Mark a sentence for translation where it is written, to be translated where it is read."""
    return Word(msgid)


class GeodataError(ValueError):
    """
    Something about the data that a person can be told in one sentence.

    Parameters
    ----------
    msgid
        The English sentence, marked with ``N_``, with ``%(name)s`` where a value goes.
    params
        The values of the sentence; those that are themselves marked sentences are translated with it.
    """

    def __init__(self, msgid: str, /, **params: Any) -> None:
        super().__init__(msgid)
        self.msgid = msgid
        self.params = params

    def __str__(self) -> str:
        return self.msgid % self.params if self.params else self.msgid


class Unreadable(GeodataError):
    """A file that is not what it should be: damaged, of a foreign format, or made to do harm."""


class TooMuch(Unreadable):
    """A file that may be sound and holds more than this door takes."""


class Undeclared(GeodataError):
    """The file does not say in which coordinate system it is, and nobody has declared it."""


class Unwritable(GeodataError):
    """A table that cannot be put into the wanted file."""


class Note:
    """Something to know about what was done; nothing was refused."""

    def __init__(self, msgid: str, /, **params: Any) -> None:
        self.msgid = msgid
        self.params = params

    def __str__(self) -> str:
        return self.msgid % self.params if self.params else self.msgid
