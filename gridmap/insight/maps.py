"""A map as a document: one file by folium that opens with the cable pulled and asks nobody for anything."""

from __future__ import annotations

from typing import Final

import folium

from gridmap.grids.rules import Kind
from gridmap.insight.palette import DAY, style_variables
from gridmap.insight.payload import bounds_of, embedded, written_out
from gridmap.insight.rules import LOAD_STEPS
from gridmap.insight.sheet import Drawing, OfflineClusters, OfflineMap, Sheet, Verbatim, asset, page_piece
from gridmap.insight.situation import COLOURINGS, Situation
from gridmap.insight.words import KINDS, SEVERITIES, figure, moment, name_of
from gridmap.language import N_, translate

_LAYER_WORDS: Final = {
    "kind": N_("Grids by kind"),
    "open": N_("Open per grid"),
    "overdue": N_("Overdue per grid"),
    "ground": N_("Streets and waters"),
    "areas": N_("Townships and communities"),
    "incidents": N_("Open incidents"),
}
# The marks of severity, on a square of 24.
_SHAPES: Final = {
    1: "M12 1 23 12 12 23 1 12Z",
    2: "M12 2 23 21.5H1Z",
    3: "M3 3H21V21H3Z",
    4: "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20Z",
}


def draw_map(situation: Situation, locale: str) -> str:
    """
    Draw a map as a file.

    Parameters
    ----------
    locale
        Its language, one of `gridmap.language.LOCALES`.

    Returns
    -------
    html
        One page with its libraries, styles and data inside.
    """
    title = title_of(situation, locale)
    data = f"<script>const gridmapData={embedded(written_out(situation, locale))}</script>"
    sheet = Sheet(
        title,
        locale,
        before=f"{_head(situation, title, locale)}<main>{_legend(situation, locale)}",
        after=f"</main>{_foot(situation, locale)}{data}",
    )
    for name in ("leaflet.css", "markercluster.css"):
        sheet.header.add_child(Verbatim(f"<style>{asset('assets', name)}</style>"), name=name)
    sheet.header.add_child(Verbatim(f"<style>{style_variables()}{asset('pages', 'situation.css')}</style>"))
    # The scripts of libraries first, and ours before the page's own, which calls it.
    for folder, name in (("assets", "leaflet.js"), ("assets", "markercluster.js"), ("pages", "situation.js")):
        sheet.header.add_child(Verbatim(f"<script>{asset(folder, name)}</script>"), name=name)
    canvas = OfflineMap(bounds_of(situation))
    sheet.add_child(canvas)
    layers = _layers(situation, locale)
    for layer in layers.values():
        layer.add_to(canvas)
    folium.LayerControl(collapsed=True, position="topright").add_to(canvas)
    Drawing(layers).add_to(canvas)
    return sheet.render()


def title_of(situation: Situation, locale: str) -> str:
    """The name of the district, or of the area that was asked for."""
    district = name_of(situation.district.name, situation.district.names, locale)
    if situation.area is None:
        return district
    return f"{district} · {name_of(situation.area.name, situation.area.names, locale)}"


def _head(situation: Situation, title: str, locale: str) -> str:
    zone = situation.district.zone
    told = translate(
        N_("As of %(moment)s · edition %(edition)s"),
        locale,
        moment=moment(situation.told_at, zone),
        edition=situation.edition,
    )
    return page_piece(
        "head.html",
        title=title,
        told=told,
        figures=[
            {"word": translate(N_("Grids"), locale), "count": figure(len(situation.grids)), "late": False},
            {"word": translate(N_("Open"), locale), "count": figure(situation.open), "late": False},
            {"word": translate(N_("Overdue"), locale), "count": figure(situation.overdue), "late": situation.overdue},
        ],
    )


def _foot(situation: Situation, locale: str) -> str:
    said = [
        translate(
            N_("Made %(moment)s (%(zone)s)"),
            locale,
            moment=moment(situation.made_at, situation.district.zone),
            zone=situation.district.time_zone,
        )
    ]
    if situation.figures_only and "incidents" in situation.wish.layers:
        said.append(translate(N_("Figures only: single incidents are not shown to this reader."), locale))
    said += [situation.credit] if situation.credit else []
    return page_piece("foot.html", said=" · ".join(said))


def _legend(situation: Situation, locale: str) -> str:
    words = {
        "legend": N_("Legend"),
        "grids_by_kind": N_("Grids by kind"),
        "open_per_grid": N_("Open per grid"),
        "overdue_per_grid": N_("Overdue per grid"),
        "severity": N_("Severity"),
        "overdue": N_("Overdue"),
    }
    counts = [grid.row.kind for grid in situation.grids]
    return page_piece(
        "legend.html",
        layers=situation.wish.layers,
        colours=DAY,
        steps=LOAD_STEPS,
        words={name: translate(word, locale) for name, word in words.items()},
        kinds=[
            {"name": kind.value, "word": translate(KINDS[kind], locale), "count": figure(counts.count(kind))}
            for kind in Kind
        ],
        severities=[
            {
                "level": level,
                "word": translate(word, locale),
                "path": _SHAPES[level],
                "colour": DAY[f"sev-{level}"],
                "edge": DAY["sev-3-line" if level == 3 else f"sev-{level}"],
            }
            for level, word in SEVERITIES.items()
        ],
    )


def _layers(situation: Situation, locale: str) -> dict[str, folium.map.Layer]:
    """The layers that were asked for, by name: one colouring of the grids at a time, the rest on top of it."""
    wanted = situation.wish.layers
    colourings = [name for name in COLOURINGS if name in wanted]
    first = situation.wish.colouring if situation.wish.colouring in colourings else (*colourings, None)[0]
    layers: dict[str, folium.map.Layer] = {}
    for name, word in _LAYER_WORDS.items():
        if name not in wanted:
            continue
        said = translate(word, locale)
        if name in COLOURINGS:
            layers[name] = folium.FeatureGroup(name=said, overlay=False, show=name == first)
        elif name == "incidents":
            layers[name] = OfflineClusters(said, "gridmapCluster")
        else:
            layers[name] = folium.FeatureGroup(name=said)
    return layers
