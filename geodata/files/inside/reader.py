"""What every reader of a format can do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import pyarrow as pa

from geodata.files.layers import Layer


class Reader(Protocol):
    """One open file."""

    def layers(self) -> list[Layer]:
        """What layers it has."""
        ...

    def batches(self, layer: Layer, size: int) -> Iterator[pa.RecordBatch]:
        """
        The rows of one layer, at most `size` at a time, with one schema; at least one batch, empty if it must be.

        The columns are those of the layer, and ``geometry``, WKB in two dimensions, if it has shapes.
        """
        ...
