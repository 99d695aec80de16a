"""What is wrong with a file, row by row, with its place on the map: all of it counted, the first of it listed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from gridmap.language import translate

MOST_LISTED: Final = 200


@dataclass(frozen=True)
class Defect:
    """
    One thing that is wrong.

    Attributes
    ----------
    msgid, params
        The sentence to translate, and its values.
    row
        As people count, the first row of data being 1; None if the whole file is meant.
    column
        The field concerned, or None.
    place
        Longitude and latitude, degrees, WGS 84; None if it is nowhere.
    grave
        Whether nothing may be written while it is there.
    """

    msgid: str
    params: dict[str, Any] = field(default_factory=dict)
    row: int | None = None
    column: str | None = None
    place: tuple[float, float] | None = None
    grave: bool = True

    def sentence(self, locale: str = "en") -> str:
        """What is wrong, in the reader's language."""
        return translate(self.msgid, locale, **self.params)

    def as_json(self, locale: str = "en") -> dict[str, Any]:
        """The defect as plain data."""
        lon, lat = self.place or (None, None)
        return {
            "row": self.row,
            "column": self.column,
            "sentence": self.sentence(locale),
            "lon": lon,
            "lat": lat,
            "grave": self.grave,
        }


class Defects:
    """The defects of one file in the order they were found."""

    def __init__(self) -> None:
        self.listed: list[Defect] = []
        self.count = 0
        self.grave = 0

    def add(self, defect: Defect) -> None:
        """Count a defect, and keep it if there is room: the first `MOST_LISTED` tell enough."""
        self.count += 1
        self.grave += defect.grave
        if len(self.listed) < MOST_LISTED:
            self.listed.append(defect)
        elif defect.grave:
            # What stops the import is not to be hidden behind what does not.
            slight = next((n for n, held in enumerate(self.listed) if not held.grave), None)
            if slight is not None:
                self.listed[slight] = defect

    def say(self, msgid: str, *, column: str | None = None, grave: bool = True, **params: Any) -> None:
        """Note something about the whole file."""
        self.add(Defect(msgid, params, column=column, grave=grave))
