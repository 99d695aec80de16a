"""The residents' face: a form behind the code at a door, the page that follows what was sent, and the desk's side."""

from webapp.resident.door import resident

# Each module adds its routes to the one blueprint.
from webapp.resident import desk as _desk, follow as _follow, form as _form  # isort: skip  # noqa: F401

__all__ = ["resident"]
