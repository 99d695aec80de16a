"""The sheet a map is drawn on: metres become millimetres, shapes become paths, and no label covers another."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.insight.pack_rules import MAP_MM, Frame

FONTS: Final = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, WenQuanYi Micro Hei, sans-serif"
Box = tuple[float, float, float, float]


@dataclass
class Paper:
    """
    A map being drawn, in millimetres from its upper left corner.

    Attributes
    ----------
    frame, scale
        As `gridmap.insight.pack_rules.frame_of` gives them.
    drawn
        The pieces so far, the lowest first.
    taken
        Where labels and marks stand already.
    """

    frame: Frame
    scale: int
    drawn: list[str] = field(default_factory=list)
    taken: list[Box] = field(default_factory=list)

    def spot(self, point: BaseGeometry) -> tuple[float, float]:
        """Where a point in metres lies on the paper."""
        x, y = self._placed(shapely.get_coordinates(point))[0]
        return float(x), float(y)

    def line_mm(self, line: BaseGeometry) -> shapely.LineString:
        """A line in metres as it lies on the paper."""
        return shapely.LineString(self._placed(shapely.get_coordinates(line)))

    def ring_mm(self, shape: BaseGeometry) -> shapely.Polygon:
        """A polygon in metres as it lies on the paper, without its holes."""
        return shapely.Polygon(self._placed(shapely.get_coordinates(shapely.get_exterior_ring(shape))))

    def path(self, shape: BaseGeometry) -> str:
        """The data of a path over all lines and rings of a shape in metres."""
        said = []
        for part in shapely.get_parts(shape):
            if part.geom_type == "Polygon":
                said += [self._run(ring) + "Z" for ring in (part.exterior, *part.interiors)]
            elif part.geom_type == "LineString":
                said.append(self._run(part))
        return "".join(said)

    def draw(self, tag: str, **said: Any) -> None:
        """Put a piece on top; names of attributes with ``_`` for ``-``."""
        self.drawn.append(f"<{tag}{attributes(said)}/>")

    def draw_shape(self, shape: BaseGeometry, **said: Any) -> None:
        """Put a shape in metres on top; one too small to be a path leaves nothing."""
        if data := self.path(shape):
            self.draw("path", d=data, **said)

    def write(self, words: str, x: float, y: float, size: float, **said: Any) -> None:
        """Write words with their middle at a place; names of people's making are escaped."""
        self.drawn.append(text_piece(words, x, y, size, **said))

    def free(self, box: Box) -> bool:
        """Whether a label may stand there: whole on the map, and over no other."""
        west, north, east, south = box
        inside = west >= 1 and north >= 1 and east <= MAP_MM[0] - 1 and south <= MAP_MM[1] - 1
        return inside and not any(
            west < other[2] and other[0] < east and north < other[3] and other[1] < south for other in self.taken
        )

    def take(self, box: Box) -> bool:
        """Take a place if it is free."""
        if not self.free(box):
            return False
        self.taken.append(box)
        return True

    def _run(self, line: BaseGeometry) -> str:
        points = np.round(self._placed(shapely.get_coordinates(line)), 2)
        return "M" + "L".join(f"{x:g},{y:g}" for x, y in points)

    def _placed(self, metres: Any) -> Any:
        per_m = 1000 / self.scale
        return np.column_stack([(metres[:, 0] - self.frame[0]) * per_m, (self.frame[3] - metres[:, 1]) * per_m])


def text_piece(words: str, at_x: float, at_y: float, size: float, **said: Any) -> str:
    """Words with their middle at a place, or where and as `said` asks for instead."""
    # The height of a capital is about 0.72 of the size, so its middle lies 0.36 above the line.
    chosen = {"x": round(at_x, 2), "y": round(at_y + 0.36 * size, 2), "text_anchor": "middle", "font_family": FONTS}
    return f"<text{attributes(chosen | {'font_size': round(size, 2)} | said)}>{escape(printable(words))}</text>"


def attributes(said: Mapping[str, Any]) -> str:
    """Attributes as they stand in a tag; names with ``_`` for ``-``."""
    return "".join(f' {name.replace("_", "-")}="{escape(str(value))}"' for name, value in said.items())


def printable(words: str) -> str:
    """Words without what no paper shows and no parser takes: control signs, and those that turn the line around."""
    kept = "".join(
        " " if sign.isspace() else sign
        for sign in words
        if sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Cn", "Co")
    )
    return " ".join(kept.split())


def width_of(words: str, size: float) -> float:
    """About how wide words are: signs of Chinese and its like are as wide as high, others somewhat over half."""
    return sum(size if unicodedata.east_asian_width(sign) in "WF" else 0.58 * size for sign in words)


def shortened(words: str, size: float, room: float) -> str:
    """Words that fit into a room, with an ellipsis where they had to be cut."""
    words = printable(words)
    if width_of(words, size) <= room:
        return words
    while words and width_of(words + "…", size) > room:
        words = words[:-1]
    return words.rstrip() + "…"
