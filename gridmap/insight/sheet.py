"""The parts of folium, made to stand alone: pages without links, and text that is never read as a template."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Final

import folium
from branca.element import Element, Figure
from folium.plugins import MarkerCluster
from folium.template import Template
from jinja2 import Environment, FunctionLoader, StrictUndefined, select_autoescape

CONTENT_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
    " form-action 'none'"
)
"""What a document may do in a browser: run and look as it is written, and reach nobody."""


class Sheet(Figure):
    """
    A page that says its language and may reach nobody; folium's own says and forbids nothing.

    Whatever a part of folium writes is read as a template once more when the page is put together. So nothing that
    comes from people passes through a part: it stands in `before` and `after`, which are taken as they are.

    Parameters
    ----------
    before, after
        HTML on both sides of what the parts write.
    """

    _template = Template(
        "<!DOCTYPE html>\n<html lang={{ this.locale|tojson }}>\n<head>\n"
        '<meta http-equiv="Content-Security-Policy" content="{{ this.policy }}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<title>{{ this.title|e }}</title>\n{{ this.header.render(**kwargs) }}\n</head>\n"
        "<body>\n{{ this.before }}\n{{ this.html.render(**kwargs) }}\n{{ this.after }}\n"
        "<script>\n{{ this.script.render(**kwargs) }}\n</script>\n"
        "</body>\n</html>\n"
    )

    def __init__(self, title: str, locale: str, before: str, after: str) -> None:
        super().__init__(title=title)
        self.locale, self.before, self.after = locale, before, after
        self.policy = CONTENT_POLICY


class OfflineMap(folium.Map):
    """A map of folium without its links to libraries elsewhere, and at home in a page that has more than a map."""

    default_js = []  # noqa: RUF012 - folium reads it from the class
    default_css = []  # noqa: RUF012
    _template = Template(
        """
        {% macro html(this, kwargs) %}
            <div class="folium-map" id={{ this.get_name()|tojson }}></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {{ this.options|tojavascript }});
            L.control.scale({imperial: false, position: "bottomright"}).addTo({{ this.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, bounds: list[list[float]]) -> None:
        middle = [(bounds[0][0] + bounds[1][0]) / 2, (bounds[0][1] + bounds[1][1]) / 2]
        super().__init__(
            location=middle, tiles=None, center=middle, zoom_snap=0.5, prefer_canvas=True, attribution_control=False
        )
        # Folium would give it to the tiles of a server alone, and here are none.
        self.options["max_zoom"] = 19


class OfflineClusters(MarkerCluster):
    """Clusters of folium without its links; `ring` names the function of the page that draws one."""

    default_js = []  # noqa: RUF012
    default_css = []  # noqa: RUF012

    def __init__(self, name: str, ring: str) -> None:
        options = {"showCoverageOnHover": False, "maxClusterRadius": 46, "chunkedLoading": True}
        super().__init__(name=name, icon_create_function=ring, options=options)  # type: ignore[no-untyped-call]


class Drawing(folium.MacroElement):
    """Hands the layers that folium has made, and the data that the page holds, to the script of the document."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            gridmapSituation({{ this._parent.get_name() }},
                { {%- for name, layer in this.layers.items() %}{{ name }}: {{ layer.get_name() }}, {% endfor -%} },
                gridmapData);
        {% endmacro %}
        """
    )

    def __init__(self, layers: dict[str, folium.map.Layer]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Drawing"
        self.layers = layers


class Verbatim(Element):
    """Text that stands in the page as it is; folium's own elements read theirs as a template."""

    _template = Template("{{ this.text }}")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


def page_piece(name: str, **values: Any) -> str:
    """Fill in one of our own pages; every value is escaped."""
    return _pages().get_template(name).render(**values)


@cache
def _pages() -> Environment:
    return Environment(
        loader=FunctionLoader(lambda name: asset("pages", name)),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
    )


@cache
def asset(folder: str, name: str) -> str:
    """A file of `assets`, which are others' libraries, or of `pages`, which are ours."""
    return (files("gridmap.insight") / folder / name).read_text(encoding="utf-8")
