"""What a PDF of ours says: its text, its pages and its bookmarks, read without a library for it."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import cached_property

_OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_SHOWN = re.compile(rb"/(\S+) [-\d.]+ Tf|(\[[^\]]*\]) ?TJ|<([0-9a-fA-F]+)> ?Tj|(\bT[md*]\b|\bTD\b|\bET\b)")


@dataclass(frozen=True)
class Paper:
    """A PDF as WeasyPrint writes it, or as we put several together."""

    data: bytes

    @cached_property
    def objects(self) -> dict[int, bytes]:
        """Every object by its number, those that are packed into others unpacked."""
        found = {int(number): said for number, said in _OBJECT.findall(self.data)}
        for said in list(found.values()):
            if b"/Type /ObjStm" not in said:
                continue
            content = _inflated(said)
            first = int(re.search(rb"/First (\d+)", said)[1])
            index = [int(word) for word in content[:first].split()]
            starts = [*index[1::2], len(content) - first]
            for n, number in enumerate(index[::2]):
                found[number] = content[first + starts[n] : first + starts[n + 1]].strip()
        return found

    @cached_property
    def page_count(self) -> int:
        """How many sheets it has."""
        return sum(re.search(rb"/Type /Page\b(?!s)", said) is not None for said in self.objects.values())

    @cached_property
    def catalog(self) -> bytes:
        """The object that names what belongs to the whole."""
        return next(said for said in self.objects.values() if b"/Type /Catalog" in said)

    @cached_property
    def titles(self) -> list[str]:
        """The titles of the document and of its bookmarks."""
        words = []
        for said in self.objects.values():
            for plain, coded in re.findall(rb"/Title (?:\(((?:\\.|[^\\()])*)\)|<([0-9a-fA-F]+)>)", said):
                words.append(bytes.fromhex(coded.decode())[2:].decode("utf-16-be") if coded else plain.decode())
        return words

    @cached_property
    def text(self) -> str:
        """All that is written on it, in the order in which it is drawn, lines apart."""
        letters: dict[bytes, dict[int, str]] = {}
        for said in self.objects.values():
            for name, number in re.findall(rb"/(\S+) (\d+) 0 R", said):
                font = self.objects.get(int(number), b"")
                unicode_map = re.search(rb"/ToUnicode (\d+) 0 R", font)
                if b"/Type /Font" in font and unicode_map:
                    letters.setdefault(name, {}).update(_letters(_inflated(self.objects[int(unicode_map[1])])))
        streams = (_inflated(said) for said in self.objects.values() if b"\nstream\n" in said)
        return "\n".join(_written(stream, letters) for stream in streams if b" Tf" in stream)

    @property
    def embeds_its_fonts(self) -> bool:
        """Whether each of its fonts comes with its letters."""
        described = [said for said in self.objects.values() if b"/Type /FontDescriptor" in said]
        return bool(described) and all(b"/FontFile" in said for said in described)


def _inflated(said: bytes) -> bytes:
    head, _, rest = said.partition(b"\nstream\n")
    content = rest.removesuffix(b"\nendstream")
    return zlib.decompress(content) if b"/FlateDecode" in head else content


def _letters(unicode_map: bytes) -> dict[int, str]:
    pairs = re.findall(rb"<([0-9a-fA-F]+)> <([0-9a-fA-F]+)>\n", unicode_map)
    return {int(code, 16): bytes.fromhex(sign.decode()).decode("utf-16-be") for code, sign in pairs}


def _written(stream: bytes, letters: dict[bytes, dict[int, str]]) -> str:
    said, font = "", {}
    for name, several, one, moved in _SHOWN.findall(stream):
        if name:
            font = letters.get(name, {})
        elif moved:
            said += "\n" if not said.endswith("\n") else ""
        else:
            for run in re.findall(rb"<([0-9a-fA-F]+)>", several) or [one]:
                said += "".join(font.get(int(run[n : n + 4], 16), "") for n in range(0, len(run), 4))
    return said
