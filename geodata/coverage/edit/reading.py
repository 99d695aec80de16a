"""Edits from JSON: every key known, every number a number, every place on the lattice."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, cast

from geodata.coverage.edit.edits import (
    CarveOut,
    Edit,
    HandOver,
    Kept,
    Line,
    Merge,
    MoveEdge,
    MoveVertex,
    Part,
    Position,
    Redraw,
    Rename,
    Reshape,
    Restore,
    Split,
    Straighten,
)
from geodata.coverage.edit.plots import KINDS, Called, Kind
from geodata.coverage.edit.refusals import EditMalformed
from geodata.crs import snap_to_lattice
from geodata.errors import N_

T = TypeVar("T")

MOST_CORNERS: Final = 10_000
"""Of one drawn line."""
MOST_NAMED: Final = 10_000
"""Grids, parts or moves of one edit."""
LONGEST_NAME: Final = 80
_FARTHEST_M: Final = 1e8
_MISSING: Final = object()


def edit_from_json(data: Any) -> Edit:
    """
    Read an edit.

    Parameters
    ----------
    data
        What ``to_json`` gave: an object with ``op`` and the arguments of that operation.

    Raises
    ------
    EditMalformed
        If an operation or a key is unknown, a key is missing, or a value is of another kind.
    """
    fields = _Fields(data, "")
    op = fields.take("op", _text)
    read = _READERS.get(op)
    if read is None:
        raise EditMalformed(
            N_("There is no operation %(op)s. There are: %(known)s."), op=op, known=", ".join(sorted(_READERS))
        )
    edit = read(fields)
    fields.end()
    return edit


class _Fields:
    """The keys of an object, each to be taken once."""

    def __init__(self, data: Any, where: str) -> None:
        if not isinstance(data, Mapping):
            raise _unlike(where or "/")
        self._left = dict(data)
        self._where = where

    def take(self, key: str, read: Callable[[Any, str], T], default: Any = _MISSING) -> T:
        where = f"{self._where}/{key}"
        value = self._left.pop(key, _MISSING)
        if default is not _MISSING and (value is _MISSING or value is None):
            return cast(T, default)
        if value is _MISSING:
            raise EditMalformed(N_("The edit lacks %(where)s."), where=where)
        return read(value, where)

    def end(self) -> None:
        if self._left:
            key = sorted(map(str, self._left))[0]
            raise EditMalformed(N_("The edit has an unknown field %(where)s."), where=f"{self._where}/{key}")


def _unlike(where: str) -> EditMalformed:
    return EditMalformed(N_("The edit has a value at %(where)s that does not belong there."), where=where)


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise _unlike(where)
    return value


def _name(value: Any, where: str) -> str:
    name = _text(value, where).strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise EditMalformed(
            N_("A name has 1 to %(most)s characters, all of them to be seen."), where=where, most=LONGEST_NAME
        )
    return name


def _called(value: Any, where: str) -> Called:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise _unlike(where)
    return _name(value[0], f"{where}/0"), None if value[1] is None else _name(value[1], f"{where}/1")


def _count(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _unlike(where)
    return value


def _metres(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        raise _unlike(where)
    return float(value)


def _kind(value: Any, where: str) -> Kind:
    if value not in KINDS:
        raise _unlike(where)
    return cast(Kind, value)


def _list(value: Any, where: str, read: Callable[[Any, str], T], most: int = MOST_NAMED) -> tuple[T, ...]:
    if not isinstance(value, list | tuple) or not 0 < len(value) <= most:
        raise _unlike(where)
    return tuple(read(item, f"{where}/{number}") for number, item in enumerate(value))


def _texts(value: Any, where: str) -> tuple[str, ...]:
    texts = _list(value, where, _text)
    if len(set(texts)) != len(texts):
        raise _unlike(where)
    return texts


def _position(value: Any, where: str) -> Position:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise _unlike(where)
    for number in value:
        if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) < _FARTHEST_M:
            raise _unlike(where)
    x, y = snap_to_lattice(value).tolist()
    return x, y


def _line(value: Any, where: str) -> Line:
    line = _list(value, where, _position, MOST_CORNERS)
    if len(line) < 2:
        raise _unlike(where)
    return line


def _move(value: Any, where: str) -> tuple[Position, Position]:
    move = _list(value, where, _position)
    if len(move) != 2:
        raise _unlike(where)
    return move[0], move[1]


def _two(value: Any, where: str) -> tuple[str, str]:
    texts = _texts(value, where)
    if len(texts) != 2:
        raise _unlike(where)
    return texts[0], texts[1]


def _moves(value: Any, where: str) -> tuple[tuple[Position, Position], ...]:
    moves = _list(value, where, _move)
    if len({at for at, _ in moves}) != len(moves):
        raise _unlike(where)
    return moves


def _part(value: Any, where: str) -> Part:
    fields = _Fields(value, where)
    part = Part(
        fields.take("id", _text),
        fields.take("plane", lambda plane, at: _text(plane, at) if isinstance(plane, str) else _line(plane, at)),
        fields.take("kind", _kind),
        fields.take("households", _count, None),
        fields.take("owner", _text, None),
    )
    fields.end()
    return part


def _kept(value: Any, where: str) -> Kept | None:
    if value is None:
        return None
    fields = _Fields(value, where)
    kept = Kept(
        fields.take("plane", _text),
        fields.take("community", _text),
        fields.take("kind", _kind),
        fields.take("households", _count),
        fields.take("owner", _text, None),
        fields.take("called", _called, None),
    )
    fields.end()
    return kept


def _plots(value: Any, where: str) -> dict[str, Kept | None]:
    if not isinstance(value, Mapping) or not 0 < len(value) <= MOST_NAMED:
        raise _unlike(where)
    return {_text(key, where): _kept(kept, f"{where}/{key}") for key, kept in value.items()}


_READERS: Final[Mapping[str, Callable[[_Fields], Edit]]] = {
    "split": lambda f: Split(f.take("grid", _text), f.take("line", _line), f.take("new", _texts)),
    "merge": lambda f: Merge(f.take("grids", _texts), f.take("keep", _text, None)),
    "move_vertex": lambda f: MoveVertex(f.take("at", _position), f.take("to", _position)),
    "move_edge": lambda f: MoveEdge(f.take("moves", _moves)),
    "reshape": lambda f: Reshape(f.take("line", _line), f.take("between", _two, None)),
    "hand_over": lambda f: HandOver(f.take("from", _text), f.take("to", _text), f.take("piece", _line)),
    "carve_out": lambda f: CarveOut(f.take("new", _text), f.take("owner", _text), f.take("piece", _line)),
    "straighten": lambda f: Straighten(f.take("between", _two), f.take("tolerance_m", _metres)),
    "rename": lambda f: Rename(f.take("grid", _text), f.take("name", _name), f.take("name_en", _name, None)),
    "redraw": lambda f: Redraw(
        f.take("grids", _texts), f.take("parts", lambda value, where: _list(value, where, _part))
    ),
    "restore": lambda f: Restore(f.take("plots", _plots)),
}
