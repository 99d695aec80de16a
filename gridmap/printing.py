"""HTML onto paper: PDFs that carry their fonts and their structure, made without asking anybody for anything."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any


def lay_out(page: str) -> Any:
    """
    Break a page of ours into sheets of paper.

    Nothing outside is fetched, not even a file of this machine: what a page shows stands in it as ``data:``.

    Parameters
    ----------
    page
        HTML, its styles and pictures inside.

    Returns
    -------
    document
        As WeasyPrint has it, with ``pages``.
    """
    # Loads the libraries of the system that draw text: only who prints needs them.
    from weasyprint import HTML  # type: ignore[import-untyped]
    from weasyprint.urls import URLFetcher  # type: ignore[import-untyped]

    return HTML(string=page, url_fetcher=URLFetcher(allowed_protocols=("data",))).render()


def to_pdf(page: str, finisher: Callable[[Any, Any], None] | None = None) -> bytes:
    """Print a page of ours: text that can be selected, fonts inside, tagged for those who listen to it."""
    written = BytesIO()
    lay_out(page).write_pdf(written, finisher=finisher, pdf_tags=True)
    return written.getvalue()
