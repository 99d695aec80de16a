"""The colours of the light theme, for documents that carry their own style sheet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# As the theme `day` of webapp/shared/static/tokens.css has them; a test holds the two together.
DAY: Final[Mapping[str, str]] = {
    "bg-app": "#eef1f4",
    "bg-panel": "#ffffff",
    "bg-raised": "#f5f7f9",
    "line": "#dce2e8",
    "line-control": "#75818d",
    "text-1": "#14191f",
    "text-2": "#3e4954",
    "text-3": "#5a6672",
    "accent": "#0a5cb8",
    "focus": "#0a1a2b",
    "sev-1": "#a3121c",
    "sev-2": "#a94f00",
    "sev-3": "#f0b400",
    "sev-3-line": "#7a5900",
    "sev-3-ink": "#241a00",
    "sev-4": "#55626f",
    "sev-ink": "#ffffff",
    "kind-urban": "#5d7186",
    "kind-rural": "#55793a",
    "kind-dedicated": "#8a4a9e",
    "load-0": "#e9f0f2",
    "load-1": "#c4dde3",
    "load-2": "#8fbecb",
    "load-3": "#5293a8",
    "load-4": "#1f6078",
    "map-land": "#f4f2ec",
    "map-forest": "#d3e2c9",
    "map-park": "#cfe5c4",
    "map-water": "#b5d6e8",
    "map-water-line": "#8fbdd6",
    "map-town": "#efece6",
    "map-block": "#f3f0ea",
    "map-street-casing": "#c8c3b9",
    "map-street": "#ffffff",
    "map-rail": "#8d8f92",
    "map-motorway": "#d8cfae",
    "map-label": "#3c4650",
    "map-halo": "#fbfaf7",
    "grid-line": "#5f7388",
    "community-line": "#3f5266",
    "township-line": "#22303e",
}


def style_variables() -> str:
    """A rule of a style sheet that names every colour, such as ``--text-1``."""
    return ":root{" + "".join(f"--{name}:{colour};" for name, colour in DAY.items()) + "}"
