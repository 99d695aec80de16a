"""Why an edit is refused: a sentence, the places to show, and the grids concerned."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from geodata.errors import GeodataError

Place = tuple[float, float]


class EditRefused(GeodataError):
    """
    An edit that would break the coverage, or that cannot be understood; nothing was changed.

    Parameters
    ----------
    msgid
        The English sentence, marked with ``N_``, with ``%(name)s`` where a value goes.
    places
        Points to show on the map, plane metres.
    grids
        Ids of the grids concerned.
    params
        The values of the sentence.
    """

    def __init__(
        self, msgid: str, /, *, places: Iterable[Place] = (), grids: Iterable[str] = (), **params: Any
    ) -> None:
        super().__init__(msgid, **params)
        self.places: list[Place] = [(float(x), float(y)) for x, y in places]
        self.grids: list[str] = list(grids)


class EditMalformed(EditRefused):
    """An edit whose data are not those of any operation."""
