"""The parameters that several routes share, and how each is described."""

from __future__ import annotations

from typing import Any, Final

from geodata.datum import DATUMS
from geodata.doubt import Convention
from gridmap.grids.rules import Kind
from webapp.shared.taking import Parameter


def whole(name: str, says: str) -> Parameter:
    """A whole number."""
    return Parameter(name, says, {"type": "integer", "minimum": 0})


def number(name: str, says: str, *, needed: bool = False) -> Parameter:
    """A finite decimal number."""
    return Parameter(name, says, {"type": "number"}, needed)


def one_of(name: str, says: str, *known: Any) -> Parameter:
    """One of a few words."""
    return Parameter(name, says, {"enum": [str(word) for word in known]})


def flag(name: str, says: str) -> Parameter:
    """``1`` for yes."""
    return Parameter(name, says, {"enum": ["1"]})


AS_OF: Final = Parameter(
    "as_of",
    "An instant (RFC 3339, with zone), or a date: the last instant of that local day. Now unless given; what has not"
    " come yet is refused.",
)
AREA: Final = whole("area", "Id of an area: only what lies below it.")
GRID_KIND: Final = one_of("kind", "Kind of grid.", *Kind)
DATUM: Final = one_of("datum", "Datum of the coordinates; wgs84 unless given.", *DATUMS)
CONVENTION: Final = one_of("convention", "What share of positions the accuracy holds.", *Convention)
PAGE: Final = (
    Parameter(
        "limit", "Rows of a page; 100 unless given.", {"type": "integer", "minimum": 1, "maximum": 500, "default": 100}
    ),
    Parameter("after", "Where the page begins: take it from the `next` link of the page before."),
)
