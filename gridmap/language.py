"""Sentences in the reader's language: English is the key, a catalogue per locale the answer."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from babel.messages.pofile import read_po

LOCALES = ("zh-CN", "en")
DEFAULT_LOCALE = "zh-CN"


def N_(msgid: str) -> str:  # noqa: N802 - the gettext name, known to every extraction tool
    """Mark a sentence for translation where it is written, to be translated where it is read."""
    return msgid


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
        The values; those that are themselves marked sentences are translated too, and several words are a list.
    """
    sentence = catalogue(locale).get(msgid, msgid)
    if not params:
        return sentence
    return sentence % {name: _translated_value(value, locale) for name, value in params.items()}


def _translated_value(value: Any, locale: str) -> Any:
    """A word inside a sentence, translated when the catalogue knows it; several words with what parts them."""
    if isinstance(value, tuple):
        return translate(N_(", "), locale).join(str(_translated_value(word, locale)) for word in value)
    return catalogue(locale).get(value, value) if isinstance(value, str) else value


def choose_locale(*wishes: str | None) -> str:
    """Choose the first of the wished languages that we speak; the installation's language otherwise."""
    for wish in wishes:
        language = (wish or "").replace("_", "-").lower().split("-")[0]
        for locale in LOCALES:
            if locale.split("-")[0] == language:
                return locale
    return DEFAULT_LOCALE
