"""What explains the map of a grid pack: its legend, the scale and where north is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from gridmap.insight.pack import DWELLINGS, Pack
from gridmap.insight.pack_labels import mark_piece
from gridmap.insight.pack_paper import Paper, attributes, text_piece, width_of
from gridmap.insight.pack_rules import MAP_MM, corners, scale_bar
from gridmap.insight.pack_words import SITE_KINDS
from gridmap.insight.palette import DAY
from gridmap.insight.words import KINDS, figure
from gridmap.language import N_, translate

LEGEND_MM: Final = 15.0
_WORD_MM: Final = 2.7
_LINE_MM: Final = 5.4
_SYMBOL_MM: Final = 7.0

_Entry = tuple[str, str]
"""The symbol around (0, 0), and its words."""


def draw_legend(paper: Paper, pack: Pack, locale: str) -> None:
    """Explain below the map what is in it, and nothing else, in as many lines as it takes."""
    x, y = 0.0, MAP_MM[1] + 4.0
    for symbol, words in _entries(pack, locale):
        wide = _SYMBOL_MM + width_of(words, _WORD_MM) + 4.5
        if x and x + wide > MAP_MM[0]:
            x, y = 0.0, y + _LINE_MM
        paper.drawn.append(f'<g transform="translate({x + _SYMBOL_MM / 2:.2f} {y:.2f})">{symbol}</g>')
        paper.write(words, x + _SYMBOL_MM + 0.8, y, _WORD_MM, fill=DAY["text-2"], text_anchor="start")
        x += wide


def _entries(pack: Pack, locale: str) -> Iterator[_Entry]:
    border = translate(N_("Border of the grid"), locale) + f" · {translate(KINDS[pack.row.kind], locale)}"
    yield _stroke(DAY[f"kind-{pack.row.kind}"], 2.6, opacity=0.28) + _stroke(DAY["township-line"], 0.75), border
    yield _stroke(DAY["grid-line"], 0.25, dash="1.6,0.9"), translate(N_("Neighbouring grids"), locale)
    if any(site.held and site.row.kind in DWELLINGS for site in pack.sites):
        yield _house("#cfc6b6", "#8d8676", "6"), translate(N_("Buildings with their number"), locale)
    kinds = Counter(site.row.kind for site in pack.sites if site.mark)
    for kind, count in kinds.items():
        word = translate(SITE_KINDS.get(kind, kind), locale)
        yield mark_piece(kind, "", 0, 0, 3.6), f"{word} {figure(count)}"


def _stroke(colour: str, width: float, *, opacity: float = 1, dash: str | None = None) -> str:
    said = {"x1": -3, "y1": 0, "x2": 3, "y2": 0, "stroke": colour, "stroke_width": width, "stroke_opacity": opacity}
    return f"<line{attributes(said | ({'stroke_dasharray': dash} if dash else {}))}/>"


def _house(fill: str, line: str, number: str) -> str:
    said = {"x": -2.6, "y": -1.7, "width": 5.2, "height": 3.4, "fill": fill, "stroke": line, "stroke_width": 0.15}
    return f"<rect{attributes(said)}/>{text_piece(number, 0, 0, 2.3, fill=DAY['text-1'])}"


def draw_measures(paper: Paper, locale: str) -> None:
    """The scale as a bar and as a number, and the arrow to the north, on plates in the lower corners."""
    width, height = MAP_MM
    metres, bar = scale_bar(paper.scale)
    said = f"1:{paper.scale:,}"
    for left, top, right, bottom in corners(paper.scale):
        paper.draw("rect", x=left, y=top, width=right - left, height=bottom - top, rx=1, fill=DAY["map-halo"],
                   fill_opacity=0.88)  # fmt: skip
    left, low = 6.0, height - 6.2
    paper.draw("path", d=f"M{left},{low - 1.4}V{low}H{left + bar}V{low - 1.4}M{left + bar / 2},{low}v-0.9",
               fill="none", stroke=DAY["text-1"], stroke_width=0.35)  # fmt: skip
    length = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres} m"
    paper.write("0", left, low - 3, 2.3, fill=DAY["text-1"])
    paper.write(length, left + bar, low - 3, 2.3, fill=DAY["text-1"])
    paper.write(said, left, low + 2.3, 2.3, fill=DAY["text-2"], text_anchor="start")
    x, y = width - 8.0, height - 9.0
    paper.draw("path", d=f"M{x},{y - 2.4}L{x + 2.2},{y + 5}L{x},{y + 3.4}L{x - 2.2},{y + 5}Z", fill=DAY["text-1"])
    paper.write(translate(N_("N"), locale), x, y - 4.6, 3, fill=DAY["text-1"], font_weight=700)
