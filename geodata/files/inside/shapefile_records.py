"""
The .shp held against its .shx, before GDAL sees either: what GDAL finds wrong in a stream, it keeps to itself.

References
----------
ESRI Shapefile Technical Description (1998): records, in words of 16 bits; box, parts and points of each kind.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from geodata.errors import N_, Unreadable

_HEADER_BYTES: Final = 100
_RECORD_HEADER_BYTES: Final = 8
_POINTS: Final = (1, 11, 21)
_LINES: Final = (3, 5, 13, 15, 23, 25)
_MULTIPOINTS: Final = (8, 18, 28)
_AT_A_TIME: Final = 1 << 20
_CUT_OFF: Final = N_("The %(suffix)s of the shapefile is cut off.")

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]


def judge_shapes(path: Path) -> int:
    """
    See that each record stands where the index says, whole.

    Parameters
    ----------
    path
        Of the .shp, with its .shx beside it.

    Returns
    -------
    count
        How many shapes there are.

    Raises
    ------
    Unreadable
        If a record reaches beyond the file, or says that it has more vertices than it has room for.
    """
    shp, shx = (_bytes(path.with_suffix(suffix)) for suffix in (".shp", ".shx"))
    if (len(shx) - _HEADER_BYTES) % 8:
        raise Unreadable(_CUT_OFF, suffix=".shx")
    places = shx[_HEADER_BYTES:].view(">i4").reshape(-1, 2)
    for first in range(0, len(places), _AT_A_TIME):
        _judge(shp, places[first : first + _AT_A_TIME].astype(np.int64) * 2, first + 1)
    return len(places)


def _bytes(path: Path) -> Bytes:
    if path.stat().st_size < _HEADER_BYTES:
        raise Unreadable(_CUT_OFF, suffix=path.suffix)
    return np.memmap(path, np.uint8, "r")


def _judge(shp: Bytes, places: Ints, first: int) -> None:
    at, length = places[:, 0], places[:, 1]
    beyond = (at < _HEADER_BYTES) | (length < 4) | (at + _RECORD_HEADER_BYTES + length > len(shp))
    if beyond.any():
        raise Unreadable(_CUT_OFF, suffix=".shp")
    wrong = _ints(shp, at + 4, ">i4") * 2 != length
    content = at + _RECORD_HEADER_BYTES
    kind = _ints(shp, content, "<i4")
    wrong |= np.isin(kind, _POINTS) & (length < 20)
    wrong |= np.isin(kind, (*_LINES, *_MULTIPOINTS)) & (length < 44)
    lines = np.flatnonzero(np.isin(kind, _LINES) & ~wrong)
    parts, points = _ints(shp, content[lines] + 36, "<i4"), _ints(shp, content[lines] + 40, "<i4")
    wrong[lines] |= (parts < 0) | (points < 0) | (44 + 4 * parts + 16 * points > length[lines])
    many = np.flatnonzero(np.isin(kind, _MULTIPOINTS) & ~wrong)
    points = _ints(shp, content[many] + 36, "<i4")
    wrong[many] |= (points < 0) | (40 + 16 * points > length[many])
    wrong |= ~np.isin(kind, (0, *_POINTS, *_LINES, *_MULTIPOINTS))
    if wrong.any():
        raise Unreadable(N_("The shape in row %(row)s is damaged."), row=first + int(np.flatnonzero(wrong)[0]))


def _ints(view: Bytes, at: Ints, order: str) -> Ints:
    """Numbers of four bytes, gathered from anywhere."""
    found = np.ascontiguousarray(view[at[:, None] + np.arange(4)])
    return np.asarray(found.view(order).ravel().astype(np.int64))
