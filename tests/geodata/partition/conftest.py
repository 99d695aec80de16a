"""Small towns, by the drawing of their blocks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.geodata.partition.small_towns import Town, draw_town


@pytest.fixture
def draw() -> Callable[..., Town]:
    """Draw a town whose houses all have as many households."""

    def draw(*rows: str, each: int = 12, houses: int = 9, streets: bool = True) -> Town:
        count = sum(letter != "." for row in rows for letter in row)
        return draw_town(rows, np.full((count, houses), each), streets=streets)

    return draw
