"""Many PDFs as one, piece by piece: whoever prints a whole district holds a few of its pages in memory, and no more."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

# A reference, or a string that may look as if it held one.
_TOKEN: Final = re.compile(rb"\((?:\\.|[^\\()])*\)|\b(\d+) 0 R\b", re.DOTALL)
_FREE, _PLAIN, _PACKED = 0, 1, 2
_CATALOG, _PAGES, _TREE, _DOCUMENT, _PARENTS, _OUTLINE, _INFO = range(1, 8)


@dataclass(frozen=True)
class Bookmark:
    """A heading that is found again: its words, and the page (from 0) on which it stands."""

    words: str
    page: int


@dataclass
class Book:
    """
    A PDF being written from the parts that WeasyPrint lays out.

    Each part is given as the finisher of `gridmap.printing.to_pdf`; `close` writes what belongs to the whole:
    the list of pages, the outline, the tree of tags.

    Attributes
    ----------
    out
        Where it is written; never read.
    title, language
        As readers of PDFs show and speak them.
    """

    out: BinaryIO
    title: str
    language: str
    bookmarks: list[Bookmark] = field(default_factory=list)
    _pages: list[int] = field(default_factory=list)
    _tags: list[int] = field(default_factory=list)
    _parents: list[tuple[int, bytes]] = field(default_factory=list)
    _entries: list[tuple[int, int, int]] = field(default_factory=lambda: [(_FREE, 0, 0)] * (_INFO + 1))
    _at: int = 0
    _foreword: int = 0

    def __post_init__(self) -> None:
        self._write(b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n")

    @property
    def page_count(self) -> int:
        """Pages so far."""
        return len(self._pages)

    def add(self, document: Any, pdf: Any) -> None:
        """Take in a part behind what is there."""
        first = self.page_count
        for words, (page, _, _), _, _ in document.make_bookmark_tree():
            self.bookmarks.append(Bookmark(words, first + page))
        self._take(pdf)

    def add_foreword(self, _: Any, pdf: Any) -> None:
        """
        Take in a part that stands before all others, once they are there.

        Its links to ``page:n`` lead to the page that bears the number n, the pages of the foreword counted too.
        """
        count, behind = len(pdf.page_references), list(self._pages)
        for thing in pdf.objects:
            wanted = _asked_page(thing)
            if wanted is not None:
                del thing["A"]
                # Already a number of this book: kept from being moved with those of the part.
                thing["Dest"] = b"[%d 0 B /Fit]" % behind[wanted - 1 - count]
        self._pages = []
        self._take(pdf)
        self._foreword = count
        self._pages += behind

    def close(self) -> None:
        """Write what holds the parts together."""
        count = len(self._pages)
        kids = b" ".join(b"%d 0 R" % page for page in self._pages)
        packed = {
            _CATALOG: b"<< /Type /Catalog /Pages %d 0 R /Lang %s /ViewerPreferences << /DisplayDocTitle true >>"
            b" /MarkInfo << /Marked true >> /StructTreeRoot %d 0 R /Outlines %d 0 R /PageMode /UseOutlines >>"
            % (_PAGES, _string(self.language), _TREE, _OUTLINE),
            _PAGES: b"<< /Type /Pages /Count %d /Kids [%s] >>" % (count, kids),
            _TREE: b"<< /Type /StructTreeRoot /K [%d 0 R] /ParentTree %d 0 R >>" % (_DOCUMENT, _PARENTS),
            _DOCUMENT: b"<< /Type /StructElem /S /Document /P %d 0 R /K [%s] >>"
            % (_TREE, b" ".join(b"%d 0 R" % tag for tag in self._tags)),
            _PARENTS: b"<< /Nums [%s] >>" % b" ".join(b"%d %s" % pair for pair in self._parents),
            _INFO: b"<< /Title %s /Producer (gridmap, WeasyPrint) >>" % _string(self.title),
        }
        self._write_packed(packed | self._outline())
        self._write_index()

    def _take(self, pdf: Any) -> None:
        """Number everything anew, for a PDF names its pieces by number, and write it."""
        moved, first_parent = len(self._entries), len(self._parents)
        tree, parents, document = _tags_of(pdf)
        known = {pdf.pages.number: _PAGES, tree.number: _TREE, document.number: _DOCUMENT}
        left_out = {0, pdf.pages.number, pdf.catalog.number, tree.number, parents.number, document.number}
        self._entries += [(_FREE, 0, 0)] * len(pdf.objects)

        def renumbered(said: bytes) -> bytes:
            def reference(found: re.Match[bytes]) -> bytes:
                if found[1] is None:
                    return found[0]
                number = int(found[1])
                return b"%d 0 R" % known.get(number, moved + number)

            return _TOKEN.sub(reference, said).replace(b" 0 B /Fit]", b" 0 R /Fit]")

        packed = {}
        for thing in pdf.objects:
            if thing.number in left_out or _is_outline(thing):
                continue
            for name in ("StructParents", "StructParent"):
                if isinstance(thing, dict) and name in thing:
                    thing[name] += first_parent
            if thing.compressible:
                packed[moved + thing.number] = renumbered(thing.data)
            else:
                head, stream, rest = thing.data.partition(b"\nstream\n")
                self._write_plain(moved + thing.number, renumbered(head) + stream + rest)
        self._write_packed(packed)
        self._pages += [moved + number for number in pdf.pages["Kids"][::3]]
        self._tags += [moved + int(kid.split()[0]) for kid in document["K"]]
        nums = parents["Nums"]
        for number, said in zip(nums[::2], nums[1::2], strict=True):
            data = said if isinstance(said, bytes) else said.data
            self._parents.append((first_parent + number, renumbered(data)))

    def _outline(self) -> dict[int, bytes]:
        """The headings of all parts, one after the other."""
        first = len(self._entries)
        last = first + len(self.bookmarks) - 1
        self._entries += [(_FREE, 0, 0)] * len(self.bookmarks)
        said = {}
        for number, mark in enumerate(self.bookmarks, first):
            beside = (b" /Prev %d 0 R" % (number - 1) if number > first else b"") + (
                b" /Next %d 0 R" % (number + 1) if number < last else b""
            )
            page = self._pages[self._foreword + mark.page]
            said[number] = b"<< /Title %s /Parent %d 0 R%s /Dest [%d 0 R /Fit] >>" % (
                _string(mark.words), _OUTLINE, beside, page,
            )  # fmt: skip
        ends = b" /First %d 0 R /Last %d 0 R" % (first, last) if said else b""
        return said | {_OUTLINE: b"<< /Type /Outlines%s /Count %d >>" % (ends, len(said))}

    def _write_plain(self, number: int, said: bytes) -> None:
        self._entries[number] = (_PLAIN, self._at, 0)
        self._write(b"%d 0 obj\n%s\nendobj\n" % (number, said))

    def _write_packed(self, things: dict[int, bytes]) -> None:
        """Many small pieces as one that is compressed: tags alone would make the file several times as large."""
        holder = len(self._entries)
        self._entries.append((_FREE, 0, 0))
        index, at = [], 0
        for n, (number, said) in enumerate(things.items()):
            index.append(b"%d %d" % (number, at))
            self._entries[number] = (_PACKED, holder, n)
            at += len(said) + 1
        head = b" ".join(index) + b"\n"
        content = zlib.compress(head + b"\n".join(things.values()))
        said = b"<< /Type /ObjStm /N %d /First %d /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
        self._write_plain(holder, said % (len(things), len(head), len(content), content))

    def _write_index(self) -> None:
        start = self._at
        self._entries.append((_PLAIN, start, 0))
        rows = b"".join(bytes([kind]) + at.to_bytes(5, "big") + n.to_bytes(3, "big") for kind, at, n in self._entries)
        content = zlib.compress(rows)
        said = (
            b"%d 0 obj\n<< /Type /XRef /W [1 5 3] /Size %d /Root %d 0 R /Info %d 0 R /Filter /FlateDecode /Length %d >>"
        )
        self._write(said % (len(self._entries) - 1, len(self._entries), _CATALOG, _INFO, len(content)))
        self._write(b"\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (content, start))

    def _write(self, said: bytes) -> None:
        self.out.write(said)
        self._at += len(said)


def _tags_of(pdf: Any) -> tuple[Any, Any, Any]:
    """The root of a part's tags, what leads from its pages to them, and the one element below the root."""
    by_number = {thing.number: thing for thing in pdf.objects}

    def named(reference: bytes) -> Any:
        return by_number[int(reference.split()[0])]

    tree = named(pdf.catalog["StructTreeRoot"])
    return tree, named(tree["ParentTree"]), named(tree["K"][0])


def _is_outline(thing: Any) -> bool:
    """Whether it is a bookmark of a part, or the root of them: the book has its own."""
    return isinstance(thing, dict) and ({"Title", "Parent"} <= thing.keys() or {"First", "Last"} <= thing.keys())


def _asked_page(thing: Any) -> int | None:
    """The page that a link of a foreword leads to; None of all else."""
    if not (isinstance(thing, dict) and isinstance(thing.get("A"), dict)):
        return None
    address = getattr(thing["A"].get("URI"), "string", "")
    return int(address.removeprefix("page:")) if address.startswith("page:") else None


def _string(words: str) -> bytes:
    return b"<feff" + words.encode("utf-16-be").hex().encode() + b">"
