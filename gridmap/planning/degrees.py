"""What is drawn on the map, from degrees to the plane of the district and back."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import numpy as np

from geodata.crs import round_lonlat, to_lonlat, to_plane
from gridmap.errors import BadGeography
from gridmap.language import N_

_DRAWN: Final[Mapping[str, tuple[str, ...]]] = {
    "split": ("line",),
    "merge": (),
    "move_vertex": ("at", "to"),
    "move_edge": ("moves",),
    "reshape": ("line",),
    "hand_over": ("piece",),
    "carve_out": ("piece",),
    "straighten": (),
    "rename": (),
    "redraw": (),
    "restore": (),
}
"""The arguments of each operation that are positions, or lists of them."""

BY_HAND: Final = tuple(op for op in _DRAWN if op not in ("redraw", "restore"))
"""The operations that somebody draws; the others are results of our own."""

_MOST: Final = 10_000


def to_metres(op: str, args: Mapping[str, Any], srid: int) -> dict[str, Any]:
    """
    Bring the positions of a drawn edit to the plane; the engine reads them onto its lattice of 1 cm.

    Parameters
    ----------
    args
        As drawn: longitude, latitude, WGS 84. What is no position is left for the engine to refuse.

    Raises
    ------
    BadGeography
        If a position is no longitude and latitude, or there are more than anybody draws.
    """

    def turn(pairs: np.ndarray) -> np.ndarray:
        lon, lat = pairs.T
        if not (np.isfinite(pairs).all() and (abs(lon) <= 180).all() and (abs(lat) <= 90).all()):
            raise BadGeography(N_("A position of the edit is no longitude and latitude in degrees."), where="/args")
        metres = np.column_stack(to_plane(lon, lat, srid))
        if not np.isfinite(metres).all():
            raise BadGeography(N_("A position of the edit lies far from the district."), where="/args")
        return metres

    return _turned(op, args, turn)


def to_degrees(op: str, args: Mapping[str, Any], srid: int) -> dict[str, Any]:
    """Bring the positions of a stored edit back to longitude and latitude, 9 decimals."""

    def turn(pairs: np.ndarray) -> np.ndarray:
        return round_lonlat(np.column_stack(to_lonlat(pairs[:, 0], pairs[:, 1], srid)))

    return _turned(op, args, turn)


def in_degrees(places: Iterable[tuple[float, float]], srid: int) -> list[list[float]]:
    """Points of the plane as longitude and latitude, 9 decimals."""
    pairs = np.asarray(list(places), dtype=float).reshape(-1, 2)
    turned: list[list[float]] = round_lonlat(np.column_stack(to_lonlat(pairs[:, 0], pairs[:, 1], srid))).tolist()
    return turned


def _turned(op: str, args: Mapping[str, Any], turn: Callable[[np.ndarray], np.ndarray]) -> dict[str, Any]:
    drawn = {name: args[name] for name in _DRAWN.get(op, ()) if name in args}
    pairs: list[list[float]] = []
    _collect(drawn, pairs)
    if len(pairs) > _MOST:
        raise BadGeography(N_("An edit has at most %(most)s corners. Draw it in several."), where="/args", most=_MOST)
    turned = iter(turn(np.array(pairs, dtype=float)).tolist()) if pairs else iter(())
    return {**args, **_replaced(drawn, turned)}


def _is_position(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_number(part) for part in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _collect(value: Any, pairs: list[list[float]]) -> None:
    if _is_position(value):
        pairs.append(value)
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            _collect(part, pairs)


def _replaced(value: Any, turned: Any) -> Any:
    if _is_position(value):
        return next(turned)
    if isinstance(value, dict):
        return {name: _replaced(part, turned) for name, part in value.items()}
    return [_replaced(part, turned) for part in value] if isinstance(value, list) else value
