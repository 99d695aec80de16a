"""Files out: what the reader may see of a kind of thing, and workbooks to fill in."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from webapp.api import api
from webapp.shared.policy import declares
from webapp.shared.taking import Parameter, takes

# As in `imports`: what writes files is loaded with the first of them.


@api.get("/exports")
@api.doc(tags=["exports"])
@declares("session.own")
@takes()
def list_exportable() -> dict[str, Any]:
    """Give the kinds of thing that the reader may take away as a file, and the formats."""
    from webapp.api import exporting

    return exporting.kinds()


@api.get("/exports/<kind>")
@api.doc(tags=["exports"])
@declares("session.own")
@takes(
    Parameter("format", "The format of the file, one that `GET /exports` gives", needed=True),
    Parameter("as_of", "The day as of which it is told, or an instant; now if left out"),
    Parameter("crs", "The system of the coordinates, such as EPSG:4547; WGS 84 if left out"),
)
def export_file(kind: str) -> Response:
    """Give what the reader may see of a kind as a file; personal fields are masked as everywhere."""
    from webapp.api import exporting

    args = request.args
    return exporting.give(kind, args.get("format", ""), args.get("as_of") or None, args.get("crs") or "EPSG:4326")


@api.get("/templates/<kind>")
@api.doc(tags=["imports"])
@declares("session.own")
@takes()
def give_template(kind: str) -> Response:
    """Give a workbook to fill in, in the reader's language, that can be imported as it is."""
    from webapp.api import exporting

    return exporting.template(kind)
