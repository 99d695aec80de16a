#!/usr/bin/env python3
"""
Collect every sentence for people into the catalogue, keep its translation, and name those that have none.

Sentences stand as ``N_("…")`` and ``_("…")`` in Python, ``_("…")`` in templates and ``t("…")`` in scripts.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "gridmap" / "translations" / "zh_CN" / "LC_MESSAGES" / "gridmap.po"
FACES = ("geodata", "gridmap", "webapp")
VENDORED = {ROOT / "webapp" / "static", ROOT / "gridmap" / "insight" / "assets"}

# A call of t with a literal: in a template literal of JavaScript, too, where lexers lose their way.
_IN_SCRIPT = re.compile(r"""\bt\(\s*(['"])((?:\\.|(?!\1).)*)\1""")
_ESCAPED = re.compile(r"\\(.)")
# A bracket after a Chinese character; inside may be a value, which has brackets of its own.
_BRACKETS = re.compile(r"(?<=[\u4e00-\u9fff])\(((?:%\(\w+\)s|[^()])*)\)")
_MARKS = re.compile(r"(?<=[\u4e00-\u9fff”）])[,:;?]|[,:;](?=[\u4e00-\u9fff“])")
_CHINESE_FORM = {",": "，", ":": "：", ";": "；", "?": "？"}
_HEADER = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: zh_CN\\n"

"""
_VALUE = re.compile(r"%\((\w+)\)s")


def sentences(root: Path = ROOT) -> dict[str, list[str]]:
    """Every sentence with the files that say it."""
    found: dict[str, list[str]] = {}
    for path in sorted(path for face in FACES for path in (root / face).rglob("*")):
        if path.suffix in {".py", ".html", ".js"} and not VENDORED & set(path.parents):
            for sentence in sentences_of(path):
                files = found.setdefault(sentence, [])
                if (name := path.relative_to(root).as_posix()) not in files:
                    files.append(name)
    return found


def sentences_of(path: Path) -> Iterator[str]:
    """The sentences of one file."""
    content = path.read_bytes()
    if path.suffix == ".js":
        for match in _IN_SCRIPT.finditer(content.decode()):
            yield _ESCAPED.sub(r"\1", match[2])
        return
    read = extract_python if path.suffix == ".py" else babel_extract
    for _, _, said, _ in read(BytesIO(content), ["N_", "_"], [], {}):
        sentence = said[0] if isinstance(said, tuple) else said
        if isinstance(sentence, str) and sentence:
            yield sentence


def values_of(sentence: str) -> set[str]:
    """The names of the values that a sentence takes."""
    return set(_VALUE.findall(sentence))


def read_catalogue(path: Path = CATALOGUE) -> Catalog:
    """The catalogue as it stands."""
    with path.open("rb") as handle:
        return read_po(handle, locale="zh_CN")


def updated(old: Catalog, wanted: Iterable[str]) -> Catalog:
    """The catalogue of `wanted` alone, with the translations that `old` has."""
    new = Catalog(locale="zh_CN", fuzzy=False)
    for sentence in sorted(wanted):
        known = old.get(sentence)
        new.add(sentence, in_chinese_print(str(known.string)) if known is not None else "")
    return new


def in_chinese_print(text: str) -> str:
    """Punctuation beside Chinese characters in its Chinese form (GB/T 15834), whatever the keyboard gave."""
    text = _BRACKETS.sub(r"（\1）", text)
    return _MARKS.sub(lambda mark: _CHINESE_FORM[mark[0]], text)


def missing(catalogue: Catalog) -> list[str]:
    """The sentences without a translation, or whose translation takes other values."""
    return [
        str(message.id)
        for message in catalogue
        if message.id
        and (not message.string or message.fuzzy or values_of(str(message.id)) != values_of(str(message.string)))
    ]


def write_catalogue(catalogue: Catalog, path: Path = CATALOGUE) -> None:
    """Write it without places and dates, so that a change of the file is a change of words."""
    with path.open("wb") as handle:
        handle.write(_HEADER.encode())
        write_po(handle, catalogue, no_location=True, omit_header=True, sort_output=True, width=0)


def main() -> int:
    """Write the catalogue; 1 if a sentence is missing in it."""
    said = sentences()
    catalogue = updated(read_catalogue(), said)
    write_catalogue(catalogue)
    lacking = missing(catalogue)
    for sentence in lacking:
        sys.stdout.write(f"{said[sentence][0]}: {sentence}\n")
    sys.stderr.write(f"{len(said)} sentences, {len(lacking)} to translate\n")
    return 1 if lacking else 0


if __name__ == "__main__":
    raise SystemExit(main())
