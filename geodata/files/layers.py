"""What is asked of a file, what it may hold, and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from geodata.datum import Datum
from geodata.sandbox.allowance import MIB, Allowance

MOST_COLUMNS: Final = 2_000
MOST_NAME: Final = 100
"""Characters of a column's or layer's name; what is longer is cut."""


@dataclass(frozen=True)
class Limits:
    """
    How much a file may hold; None is no limit.

    Attributes
    ----------
    bytes, unpacked_bytes, members, ratio
        Of the file, of what is packed in it: sum, count, and how many times larger than packed.
    features, vertices_each, vertices_all, rings, parts, nesting
        Rows in all; vertices of one geometry and of all; rings, parts and nested collections of one geometry.
    cpu_s, wall_s, memory_bytes, output_bytes
        What the child that opens it may use.
    """

    bytes: int | None = 50 * MIB
    unpacked_bytes: int = 500 * MIB
    members: int = 20
    ratio: int = 100
    features: int | None = 50_000
    vertices_each: int | None = 100_000
    vertices_all: int | None = 2_000_000
    rings: int | None = 1_000
    parts: int | None = 1_000
    nesting: int = 4
    cpu_s: int | None = 10
    wall_s: float | None = 60
    memory_bytes: int | None = 1024 * MIB
    output_bytes: int | None = 200 * MIB

    def allowance(self) -> Allowance:
        """What the child may use up."""
        return Allowance(self.cpu_s, self.wall_s, self.memory_bytes, self.output_bytes, self.unpacked_bytes)


IMPORT: Final = Limits()
"""For files that come through the web."""

LOCAL: Final = Limits(
    bytes=None,
    unpacked_bytes=64 * 1024 * MIB,
    members=200,
    features=None,
    vertices_each=None,
    vertices_all=None,
    rings=None,
    parts=None,
    cpu_s=None,
    wall_s=None,
    memory_bytes=8 * 1024 * MIB,
    output_bytes=None,
)
"""For one's own files on the command line: any size and time, the same rules of form."""


@dataclass(frozen=True)
class Given:
    """
    What a person declares about a file; it stands above what the file says.

    Attributes
    ----------
    crs
        The coordinate system, such as ``EPSG:4547``, or None.
    datum
        The datum of longitudes and latitudes, or None.
    """

    crs: str | None = None
    datum: Datum | None = None


@dataclass(frozen=True)
class Layer:
    """
    A layer as its file presents it.

    Attributes
    ----------
    name
        Of the layer, the sheet, or the file.
    format
        One of the names in `geodata.files.FORMATS`.
    crs
        What the file says, ``EPSG:n`` or the text of the system; None if it says nothing.
    datum
        The datum that its positions were brought from; None if nobody declared one.
    columns
        Names of the values, without the geometry, cleaned.
    encoding
        How its text is written, where a file can be written in several ways.
    count
        Rows, where that is known without reading all.
    """

    name: str
    format: str
    crs: str | None = None
    datum: Datum | None = None
    columns: tuple[str, ...] = ()
    encoding: str | None = None
    count: int | None = None
