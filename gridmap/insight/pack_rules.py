"""The rules of a grid pack: which part of the plane its map shows, at which scale, and how numbers are told."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

MAP_MM: Final = (186.0, 214.0)
"""Width and height of the map on the paper."""
_MARGIN_MM: Final = 11.0
_SCALES: Final = (
    500, 750, 1_000, 1_250, 1_500, 1_750, 2_000, 2_500, 3_000, 3_500, 4_000, 4_500, 5_000, 6_000, 7_500, 10_000,
    12_500, 15_000, 20_000, 25_000, 30_000, 40_000, 50_000, 75_000, 100_000, 200_000, 500_000,
)  # fmt: skip

Frame = tuple[float, float, float, float]
"""West, south, east, north in metres."""

# How an estate names its buildings and a village its houses; of the English name only the stem is needed.
_NUMBERED: Final = re.compile(r"^(?P<stem>.*?)\s*(?P<number>[0-9]{1,5})\s*(?:号楼|号|栋|幢|座)?$")


def frame_of(bounds: Frame) -> tuple[Frame, int]:
    """
    Choose what a map shows and how large.

    Parameters
    ----------
    bounds
        Of a grid, metres.

    Returns
    -------
    frame, scale
        The largest of the usual scales at which the grid fits with a margin, as the n of 1:n, and the part of the
        plane that the paper then holds, the grid in its middle.
    """
    west, south, east, north = bounds
    room = [(side - 2 * _MARGIN_MM) / 1000 for side in MAP_MM]
    scale = next((n for n in _SCALES if east - west <= room[0] * n and north - south <= room[1] * n), _SCALES[-1])
    width, height = (side / 1000 * scale for side in MAP_MM)
    x, y = (west + east) / 2, (south + north) / 2
    return (x - width / 2, y - height / 2, x + width / 2, y + height / 2), scale


def scale_bar(scale: int) -> tuple[int, float]:
    """The round length in metres whose bar is nearest below 45 mm at 1:`scale`, and that bar in mm."""
    steps = [digit * 10**power for power in range(1, 6) for digit in (1, 2, 5)]
    metres = max((step for step in steps if step * 1000 / scale <= 45), default=steps[0])
    return metres, metres * 1000 / scale


def corners(scale: int) -> list[Frame]:
    """Where the plates of scale and north arrow stand: left, top, right, bottom in mm of the map."""
    width, height = MAP_MM
    bar = max(scale_bar(scale)[1], 24) + 8
    return [(2, height - 11.5, 2 + bar, height - 2), (width - 13, height - 16.5, width - 3, height - 2)]


def split_name(name: str) -> tuple[str, int | None]:
    """What a dwelling is called and its number, ``丰泽小区`` and 6; without a number the whole name and None."""
    found = _NUMBERED.match(name.strip())
    return (found["stem"], int(found["number"])) if found else (name, None)


def ranges(numbers: Iterable[int]) -> str:
    """Whole numbers as they are said on paper: ``1–4, 6``."""
    spans: list[list[int]] = []
    for number in sorted(set(numbers)):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in spans)
