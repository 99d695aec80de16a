"""Coordinates as people type them: which place they mean, in which datum, and what else they could mean."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from geodata.crs import to_lonlat
from geodata.datum import Datum, to_wgs84
from gridmap.grids.rules import Box, implausible

System = Datum | Literal["plane"]

_METRES_PER_DEGREE: Final = 111_195.0
_WORDS: Final[tuple[tuple[Datum, str], ...]] = (
    ("gcj02", r"gcj-?\s?02|gcj|火星坐标系?|火星|高德地?图?|腾讯地?图?|amap|tencent"),
    ("bd09", r"bd-?\s?09|百度地?图?|baidu"),
    ("cgcs2000", r"cgcs\s?-?2000|国家2000|2000国家大地坐标系|(?:epsg:)?4490(?![\d.])"),
    ("wgs84", r"wgs\s?-?84|gps|(?:epsg:)?4326(?![\d.])"),
)
# The Gauss-Krüger zones of CGCS2000: EPSG:4491 to 4554.
_PLANE_WORD: Final = re.compile(r"(?<![\d.])(?:epsg:\s?)?(4(?:49[1-9]|5[0-4]\d|55[0-4]))(?![\d.])", re.ASCII)
_EQUAL_SIGNS: Final = str.maketrans({"º": "°", "˚": "°", "’": "'", "‘": "'", "´": "'", "”": '"', "“": '"', "″": '"'})

_NAME: Final = r"(?P<{0}>[nsew]|东经|西经|北纬|南纬|经度|纬度|longitude|latitude|lon|lat|lng|东|西|北|南)?\s*[:=]?\s*"
_ANGLE: Final = (
    _NAME + r"(?P<{1}>[+-]?\d{{1,3}}(?:\.\d{{1,15}})?)"
    r"(?:\s*[°度](?:\s*(?P<{2}>\d{{1,2}}(?:\.\d{{1,12}})?)\s*['′分](?:\s*(?P<{3}>\d{{1,2}}(?:\.\d{{1,12}})?)\s*"
    r"(?:\"|''|′′|秒))?)?)?\s*(?P<{4}>[nsew])?"
)
# Two numbers need something between them, unless the first ends with a sign of its own.
_BETWEEN: Final = r"(?:\s*[,;/、]\s*|\s+|(?<=[nsew°度'′分\"秒]))"
_PAIR: Final = re.compile(
    r"\s*"
    + _ANGLE.format("a", "ad", "am", "as_", "az")
    + _BETWEEN
    + _ANGLE.format("b", "bd", "bm", "bs", "bz")
    + r"\s*",
    re.ASCII,
)
_METRES: Final = r"(?:[xyen]\s*[:=]?\s*)?(\d{5,8}(?:\.\d{1,6})?)\s*(?:m|米)?"
_PLANE: Final = re.compile(rf"\s*{_METRES}(?:\s*[,;/、]\s*|\s+){_METRES}\s*", re.ASCII)
_NORTHWARD: Final = frozenset(("n", "s", "北纬", "南纬", "北", "南", "纬度", "lat", "latitude"))
_BACKWARD: Final = frozenset(("s", "w", "南纬", "西经", "南", "西"))


@dataclass(frozen=True)
class Reading:
    """
    One place that a pair of coordinates may mean.

    Attributes
    ----------
    lon, lat
        Degrees, WGS 84.
    system
        What it was read in; `plane` is metres in the projected system `srid`.
    swapped
        Whether the order was not the usual one and was turned by what lies in the district.
    apart_m
        Metres from the first reading.
    reason
        Why it cannot be meant: a translatable sentence.
    """

    lon: float
    lat: float
    system: System
    srid: int | None = None
    swapped: bool = False
    apart_m: float = 0.0
    reason: str | None = None


def read_coordinates(typed: str, district: Box, srid: int) -> list[Reading]:
    """
    Read a pair of coordinates in whatever manner it was typed.

    Decimal degrees, degrees with minutes and seconds, with letters or Chinese words for the directions, or metres of a
    Gauss-Krüger zone; a word such as ``gcj02`` or ``百度`` names the datum, which is WGS 84 unless named.

    Parameters
    ----------
    typed
        What stands in the search box.
    district
        Bounds in degrees: of two possible orders the one inside is meant.
    srid
        The district's projected system, in which a pair of metres is read unless another is named.

    Returns
    -------
    readings
        The one that is meant first, then what the same figures would be in the other datums; none if these are no
        coordinates.
    """
    words = unicodedata.normalize("NFKC", typed.translate(_EQUAL_SIGNS)).lower()
    rest, datum = _without_datum(words)
    if (plane := _plane(rest, district, srid)) is not None:
        return [plane]
    if (pair := _PAIR.fullmatch(rest)) is None or (found := _degrees(pair, district)) is None:
        return []
    x, y, swapped = found
    if not _on_earth(x, y):
        return []
    datums: list[Datum] = [
        datum or "wgs84",
        *(each for each in ("wgs84", "gcj02", "bd09") if each != (datum or "wgs84")),
    ]
    if datum == "cgcs2000":
        datums.remove("wgs84")  # they part by under a metre
    return list(_told_apart(x, y, datums, swapped, district))


def _without_datum(words: str) -> tuple[str, Datum | None]:
    for datum, pattern in _WORDS:
        rest, found = re.subn(rf"[(\[]?\s*(?:{pattern})\s*[)\]]?\s*[:,]?", " ", words, count=1)
        if found:
            return rest, datum
    return words, None


def _plane(words: str, district: Box, srid: int) -> Reading | None:
    """Metres, in whichever order lies nearer to the district."""
    named = _PLANE_WORD.search(words)
    if named is not None and _PLANE.fullmatch(rest := _PLANE_WORD.sub(" ", words, count=1).strip(" ,:()米m")):
        words, srid = rest, int(named[1])
    if (pair := _PLANE.fullmatch(words)) is None:
        return None
    east, north = float(pair[1]), float(pair[2])
    orders = [(*_lonlat(x, y, srid), swapped) for x, y, swapped in ((east, north, False), (north, east, True))]
    lon, lat, swapped = min(orders, key=lambda order: _apart_m(order[0], order[1], *_middle(district)))
    return Reading(lon, lat, "plane", srid, swapped, reason=implausible(lon, lat, district))


def _lonlat(x: float, y: float, srid: int) -> tuple[float, float]:
    lon, lat = to_lonlat(x, y, srid)
    return (float(lon), float(lat)) if math.isfinite(float(lon) + float(lat)) else (0.0, 0.0)


def _middle(box: Box) -> tuple[float, float]:
    return (box.west + box.east) / 2, (box.south + box.north) / 2


def _degrees(pair: re.Match[str], district: Box) -> tuple[float, float, bool] | None:
    """Longitude and latitude as written, and whether their order had to be guessed against the usual one."""
    first, second = (_angle(pair, *names) for names in (("a", "ad", "am", "as_", "az"), ("b", "bd", "bm", "bs", "bz")))
    if first is None or second is None:
        return None
    (x, x_name), (y, y_name) = first, second
    northward = [None if name is None else name in _NORTHWARD for name in (x_name, y_name)]
    if northward in ([True, True], [False, False]):
        return None
    if northward[0] or northward[1] is False:
        return y, x, False
    if northward != [None, None]:
        return x, y, False
    swapped = implausible(x, y, district) is not None and implausible(y, x, district) is None
    return (y, x, True) if swapped or not _on_earth(x, y) else (x, y, False)


def _on_earth(lon: float, lat: float) -> bool:
    """Whether these can be degrees of longitude and latitude at all."""
    return abs(lon) <= 180 and abs(lat) <= 90


def _angle(
    pair: re.Match[str], before: str, degrees: str, minutes: str, seconds: str, after: str
) -> tuple[float, str | None] | None:
    whole, sixtieths = float(pair[degrees]), [float(pair[part] or 0) for part in (minutes, seconds)]
    if max(sixtieths) >= 60 or (pair[minutes] and not whole.is_integer()):
        return None
    name = pair[before] or pair[after]
    size = abs(whole) + sixtieths[0] / 60 + sixtieths[1] / 3600
    negative = pair[degrees].startswith("-") != (name in _BACKWARD)
    return (-size if negative else size), name


def _told_apart(x: float, y: float, datums: list[Datum], swapped: bool, district: Box) -> Iterator[Reading]:
    first: tuple[float, float] | None = None
    for datum in datums:
        lon, lat = (float(value) for value in to_wgs84(x, y, datum))
        first = first or (lon, lat)
        apart = _apart_m(*first, lon, lat)
        if first == (lon, lat) or apart >= 1:
            yield Reading(lon, lat, datum, None, swapped, apart, implausible(lon, lat, district))


def _apart_m(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Metres between two places on a sphere."""
    east = (other_lon - lon) * math.cos(math.radians((lat + other_lat) / 2))
    return math.hypot(east, other_lat - lat) * _METRES_PER_DEGREE
