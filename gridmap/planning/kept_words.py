"""Sentences that are kept in a column of text, and read in the language of whoever reads them."""

from __future__ import annotations

import json
from typing import Final

from gridmap.errors import GridmapError
from gridmap.language import translate, values_kept, values_told

_BEGINS: Final = '{"msgid": '


def kept_sentence(error: GridmapError) -> str:
    """A refusal to be kept: its msgid alone, or with its values as JSON."""
    if not error.params:
        return error.msgid
    return json.dumps({"msgid": error.msgid, "params": values_kept(error.params)}, ensure_ascii=False, default=str)


def told_sentence(kept: str, locale: str) -> str:
    """A kept sentence in the reader's language; an old one without values stays as it was said."""
    if not kept.startswith(_BEGINS):
        return translate(kept, locale)
    said = json.loads(kept)
    return translate(said["msgid"], locale, **values_told(said["params"]))
