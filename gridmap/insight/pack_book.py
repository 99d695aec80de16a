"""Grid packs onto paper: one grid by itself, or many as a book with contents and bookmarks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from gridmap.insight.book import Book
from gridmap.insight.pack import Pack
from gridmap.insight.pack_pages import ContentsLine, contents_line, contents_page, pack_page, spaced
from gridmap.language import N_, translate
from gridmap.printing import lay_out, to_pdf


def print_pack(pack: Pack, locale: str) -> bytes:
    """Print one pack as a PDF of its own."""
    return to_pdf(pack_page([pack], locale))


def print_book(
    portions: Iterable[list[Pack]],
    count: int,
    path: Path,
    locale: str,
    title: str | None = None,
    printed: Callable[[int], None] = lambda _: None,
) -> None:
    """
    Print many packs as one PDF: contents first, then the grids in their order, each with a bookmark.

    Parameters
    ----------
    portions
        As `gridmap.insight.pack.read_packs` yields them; one portion is in memory at a time.
    count
        How many packs they hold in all, so that the contents take the same room before they are known.
    path
        Where to.
    title
        Of the book; that of all grids if left out.
    printed
        Told after each portion how many packs were in it.
    """
    title = title or translate(N_("Grid packs"), locale)
    waiting: Iterator[list[Pack]] = iter(portions)
    portion = next(waiting)
    any_pack = portion[0]
    guess = [contents_line(any_pack, locale, 1)] * count
    foreword = len(lay_out(contents_page(any_pack, guess, locale, title)).pages)
    lines: list[ContentsLine] = []
    with path.open("wb") as out:
        book = Book(out, title, locale)
        while portion:
            begun = len(book.bookmarks)
            to_pdf(
                pack_page(portion, locale, title=title, first_page=foreword + book.page_count + 1), finisher=book.add
            )
            pages = [mark.page for mark in book.bookmarks[begun:]]
            lines += [
                contents_line(pack, locale, foreword + page + 1) for pack, page in zip(portion, pages, strict=True)
            ]
            printed(len(portion))
            portion = next(waiting, [])
        to_pdf(contents_page(any_pack, lines, locale, title), finisher=book.add_foreword)
        book.close()


def print_each(
    portions: Iterable[list[Pack]], folder: Path, locale: str, printed: Callable[[int], None] = lambda _: None
) -> None:
    """Print every pack as a file of its own, named by the code of its grid."""
    for portion in portions:
        for pack in portion:
            (folder / f"pack-{spaced(pack.row.code).replace(' ', '')}.pdf").write_bytes(print_pack(pack, locale))
        printed(len(portion))
