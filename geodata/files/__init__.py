"""
Files of layers and tables, in and out: the format is told by the content, and a child process does the opening.

Whatever comes in is in EPSG:4326, longitude first, two dimensions, when it leaves here.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from geodata.files.layers import IMPORT, LOCAL, Given, Layer, Limits
from geodata.files.reading import FORMATS, batches, count_rows, describe, read

if TYPE_CHECKING:
    from geodata.files.shift import recognise_shift
    from geodata.files.writing import SUFFIXES, write

__all__ = [
    "FORMATS",
    "IMPORT",
    "LOCAL",
    "SUFFIXES",
    "Given",
    "Layer",
    "Limits",
    "batches",
    "count_rows",
    "describe",
    "read",
    "recognise_shift",
    "write",
]

# The child that opens a file passes through here too, and starts in half the time without what writes.
_LATER = {"recognise_shift": "shift", "SUFFIXES": "writing", "write": "writing"}


def __getattr__(name: str) -> Any:
    """What is needed in the parent alone is loaded when it is asked for."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
