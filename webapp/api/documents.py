"""Maps, briefs and grid packs as files that open anywhere, with no more in them than their reader may see."""

from __future__ import annotations

from flask import Response, request

from gridmap.insight.situation import COLOURINGS, LAYERS
from webapp.api import api
from webapp.api.parameters import AS_OF, one_of
from webapp.shared.policy import declares
from webapp.shared.taking import Parameter, takes

# As in `exports`: what draws is loaded with the first of them.
_AREA_CODE = Parameter("area", "Code of a township or community: only what lies in it.")


@api.get("/maps/document")
@api.doc(tags=["documents"])
@declares("indicator.read")
@takes(
    AS_OF,
    _AREA_CODE,
    one_of("by", "Which colouring of the grids is seen first; kind unless given.", *COLOURINGS),
    Parameter("layers", f"Names with commas between them: {', '.join(LAYERS)}. All unless given."),
)
def give_map() -> Response:
    """Give a day of the district as one HTML file; single incidents only to who may export tables."""
    from webapp.api import drawing

    args = request.args
    layers = tuple(args["layers"].split(",")) if args.get("layers") else LAYERS
    return drawing.give_map(args.get("as_of"), args.get("area"), args.get("by", "kind"), layers)


@api.get("/briefs/<week>")
@api.doc(tags=["documents"])
@declares("indicator.read")
@takes(_AREA_CODE, one_of("format", "Of the file; html unless given.", "html", "xlsx", "pdf"))
def give_brief(week: str) -> Response:
    """Give the figures of a week of ISO 8601, such as 2026-W46, as a file; `last` is the last whole one."""
    from webapp.api import drawing

    return drawing.give_brief(week, request.args.get("area"), request.args.get("format", "html"))


@api.get("/packs/<code>")
@api.doc(tags=["documents"])
@declares("indicator.read")
@takes(AS_OF)
def give_pack(code: str) -> Response:
    """Give the pack of a grid as a PDF: its map, and who does what in it, as of any day."""
    from webapp.api import drawing

    return drawing.give_pack(code, request.args.get("as_of"))
