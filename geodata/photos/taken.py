"""
When, where and with what a photo was taken, as its metadata say: text of strangers, believed only where it can be.

The child process reads tags into plain values (`read_tags`), its parent judges them (`judge_tags`).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from PIL import Image

_LONGEST_TEXT: Final = 60
_YEARS: Final = range(1990, 2100)
_FARTHEST_ERROR_M: Final = 100_000.0
_WALL_TIME: Final = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")
_OFFSET: Final = re.compile(r"([+-])(\d\d):(\d\d)")

# Numbers of the Exif 2.32 standard (CIPA DC-008): tables 4, 8 and 15.
_ORIENTATION, _MODEL, _CHANGED = 0x0112, 0x0110, 0x0132
_EXIF_IFD, _TAKEN, _TAKEN_OFFSET = 0x8769, 0x9003, 0x9011
_GPS_IFD, _LAT_REF, _LAT, _LON_REF, _LON, _DIRECTION, _ERROR = 0x8825, 1, 2, 3, 4, 17, 31


@dataclass(frozen=True)
class Taken:
    """
    What is believed of a photo's metadata; None is not said, or cannot be.

    Attributes
    ----------
    at
        When, with its zone if the camera knew one, naive otherwise: the camera's wall clock.
    lon, lat
        Where, WGS 84 degrees.
    error_m
        Radius of error of that place, metres.
    direction_deg
        Where the camera looked, degrees clockwise from north, 0 to under 360; magnetic north is not corrected.
    device_model
        Without control characters, at most 60 characters long; still a stranger's text.
    orientation
        1 to 8, as Exif counts; the copies are upright already.
    """

    at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    error_m: float | None = None
    direction_deg: float | None = None
    device_model: str | None = None
    orientation: int = 1


def read_tags(exif: Image.Exif) -> dict[str, Any]:
    """
    Take the few tags out that are worth judging, as plain values; what cannot be read is None.

    Parameters
    ----------
    exif
        As Pillow gives it, of a file that may have been made to do harm.
    """
    shot, gps = _directory(exif, _EXIF_IFD), _directory(exif, _GPS_IFD)
    return {
        "orientation": _number(exif.get(_ORIENTATION)),
        "model": _text(exif.get(_MODEL)),
        "at": _text(shot.get(_TAKEN) or exif.get(_CHANGED)),
        "offset": _text(shot.get(_TAKEN_OFFSET)),
        "lat": _degrees(gps.get(_LAT)),
        "lat_ref": _text(gps.get(_LAT_REF)),
        "lon": _degrees(gps.get(_LON)),
        "lon_ref": _text(gps.get(_LON_REF)),
        "error_m": _number(gps.get(_ERROR)),
        "direction_deg": _number(gps.get(_DIRECTION)),
    }


def judge_tags(said: Mapping[str, Any]) -> Taken:
    """
    Keep of the tags what can be true.

    Parameters
    ----------
    said
        As `read_tags` gives it, come over a pipe from a child that may have been taken over.
    """
    lon, lat = _place(said)
    error_m = _between(said.get("error_m"), 0, _FARTHEST_ERROR_M) if lon is not None else None
    direction = _between(said.get("direction_deg"), 0, 360)
    return Taken(
        at=_instant(said.get("at"), said.get("offset")),
        lon=lon,
        lat=lat,
        error_m=error_m,
        direction_deg=None if direction is None else direction % 360,
        device_model=_clean(said.get("model")),
        orientation=int(_between(said.get("orientation"), 1, 8) or 1),
    )


def _directory(exif: Image.Exif, tag: int) -> Mapping[int, Any]:
    """A directory inside the metadata; one whose offsets lead astray is as good as none."""
    try:
        return exif.get_ifd(tag)
    except (KeyError, TypeError, ValueError, OSError, SyntaxError):
        return {}


def _number(value: Any) -> float | None:
    """A finite number; a rational over zero is none."""
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _degrees(value: Any) -> float | None:
    """Degrees, minutes and seconds as degrees."""
    if not isinstance(value, tuple) or len(value) != 3:
        return None
    parts = [_number(part) for part in value]
    if None in parts:
        return None
    degrees, minutes, seconds = (part or 0.0 for part in parts)
    return degrees + minutes / 60 + seconds / 3600


def _text(value: Any) -> str | None:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return value[:200] if isinstance(value, str) else None


def _place(said: Mapping[str, Any]) -> tuple[float | None, float | None]:
    lat, lon = _between(said.get("lat"), 0, 90), _between(said.get("lon"), 0, 180)
    signs = {"N": 1.0, "S": -1.0, "E": 1.0, "W": -1.0}
    lat_sign, lon_sign = (signs.get((_clean(said.get(name)) or "").upper()) for name in ("lat_ref", "lon_ref"))
    # A camera without a fix writes zeros.
    if lat is None or lon is None or lat_sign is None or lon_sign is None or (lat == 0 and lon == 0):
        return None, None
    return round(lon * lon_sign, 7), round(lat * lat_sign, 7)


def _between(value: Any, least: float, most: float) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and least <= value <= most else None


def _instant(told: Any, offset: Any) -> datetime | None:
    found = _WALL_TIME.match(told) if isinstance(told, str) else None
    if found is None or int(found[1]) not in _YEARS:
        return None
    zone = _OFFSET.match(offset) if isinstance(offset, str) else None
    try:
        at = datetime(*(int(part) for part in found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001 - a wall clock
        if zone is None:
            return at
        ahead = timedelta(hours=int(zone[2]), minutes=int(zone[3]))
        return at.replace(tzinfo=timezone(ahead if zone[1] == "+" else -ahead))
    except ValueError:
        return None


def _clean(value: Any) -> str | None:
    """A line of text without what steers terminals, logs and the direction of writing."""
    if not isinstance(value, str):
        return None
    # Categories C*: control, format, surrogate, private, unassigned.
    kept = "".join(" " if letter.isspace() else letter for letter in value)
    kept = "".join(letter for letter in kept if not unicodedata.category(letter).startswith("C"))
    return " ".join(kept.split())[:_LONGEST_TEXT] or None
