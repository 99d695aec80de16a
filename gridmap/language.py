"""Sentences in the reader's language: English is the key, a catalogue per locale the answer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from babel.messages.pofile import read_po

from geodata.errors import Word

LOCALES = ("zh-CN", "en")
DEFAULT_LOCALE = "zh-CN"


def N_(msgid: str) -> Word:  # noqa: N802 - the gettext name, known to every extraction tool
    """Mark a sentence for translation where it is written, to be translated where it is read."""
    return Word(msgid)


@cache
def catalogue(locale: str) -> dict[str, str]:
    """All translated sentences of one locale; English is its own key and has none."""
    if locale == "en":
        return {}
    source = files("gridmap") / "translations" / locale.replace("-", "_") / "LC_MESSAGES" / "gridmap.po"
    with source.open("rb") as handle:
        return {
            str(message.id): str(message.string)
            for message in read_po(handle)
            if message.id and message.string and not message.fuzzy
        }


def translate(msgid: str, locale: str, /, **params: Any) -> str:
    """
    Put a sentence into the reader's language.

    Parameters
    ----------
    msgid
        The English sentence with ``%(name)s`` where a value goes.
    locale
        One of `LOCALES`.
    params
        The values; those that are themselves marked sentences are translated too, several are a tuple, and a mapping by
        language tag is the name of something. Text that merely reads like one of ours stays as somebody wrote it.
    """
    sentence = catalogue(locale).get(msgid, msgid)
    if not params:
        return sentence
    return sentence % {name: _translated_value(value, locale) for name, value in params.items()}


def _translated_value(value: Any, locale: str) -> Any:
    """A marked word inside a sentence is translated, several stand with what parts them, a name is in its language."""
    if isinstance(value, tuple):
        return translate(N_(", "), locale).join(str(_translated_value(word, locale)) for word in value)
    if isinstance(value, Mapping):
        return value.get(locale) or value.get(DEFAULT_LOCALE) or next(iter(value.values()), "")
    return catalogue(locale).get(value, value) if isinstance(value, Word) else value


def values_kept(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a sentence as JSON that still knows which of them are marked; `values_told` reads them."""
    return {name: _kept(value) for name, value in values.items()}


def values_told(kept: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a sentence as `values_kept` kept them."""
    return {name: _told(value) for name, value in kept.items()}


def _kept(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_kept(each) for each in value]
    return {"word": str(value)} if isinstance(value, Word) else value


def _told(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_told(each) for each in value)
    return Word(value["word"]) if isinstance(value, dict) and value.keys() == {"word"} else value


def choose_locale(*wishes: str | None) -> str:
    """Choose the first of the wished languages that we speak; the installation's language otherwise."""
    for wish in wishes:
        language = (wish or "").replace("_", "-").lower().split("-")[0]
        for locale in LOCALES:
            if locale.split("-")[0] == language:
                return locale
    return DEFAULT_LOCALE
