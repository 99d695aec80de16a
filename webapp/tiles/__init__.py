"""Vector tiles of the map."""

from webapp.tiles.views import tiles

__all__ = ["tiles"]
