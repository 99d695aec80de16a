"""Codes on paper, twelve on a page, to be cut and put up at doors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import segno
from flask import render_template

from gridmap.printing import to_pdf
from gridmap.residents.codes import Printed
from webapp.resident.door import name_of


def print_codes(root: str, area: Any, printed: Sequence[Printed], district: str) -> bytes:
    """
    Draw a sheet of codes.

    Parameters
    ----------
    root
        Address of this service, such as ``https://grid.example``: what the codes lead to.

    Returns
    -------
    pdf
        With its fonts inside. The tokens stand in it and nowhere else.
    """
    codes = [
        {
            "picture": segno.make(f"{root}/r/{code.token}", error="m").svg_data_uri(border=0, omitsize=True),
            "name": name_of(code.name, code.names),
        }
        for code in printed
    ]
    area_name = name_of(area["name"], area["names"])
    return to_pdf(render_template("resident/sheet.html", codes=codes, area=area_name, district=district))
