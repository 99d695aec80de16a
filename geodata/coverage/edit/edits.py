"""
Edits as data: what a planner did, in plane metres, to be sent, stored, and applied again to the same bytes.

Every edit is frozen; `geodata.coverage.edit.edit_from_json` reads what ``to_json`` gives back to an equal one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from geodata.coverage.edit.plots import Called, Kind

Position = tuple[float, float]
Line = tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """Divide a grid by a drawn line. The part with the most households keeps the id, the others get those of `new`."""

    op: ClassVar = "split"
    grid: str
    line: Line
    new: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The edit as JSON."""
        return {"op": self.op, "grid": self.grid, "line": _points(self.line), "new": list(self.new)}


@dataclass(frozen=True, slots=True)
class Merge:
    """Join grids of one community. The one with the most households keeps its id, unless `keep` names another."""

    op: ClassVar = "merge"
    grids: tuple[str, ...]
    keep: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The edit as JSON."""
        return {"op": self.op, "grids": list(self.grids)} | ({} if self.keep is None else {"keep": self.keep})


@dataclass(frozen=True, slots=True)
class MoveVertex:
    """Move a corner in every grid that has it."""

    op: ClassVar = "move_vertex"
    at: Position
    to: Position

    def to_json(self) -> dict[str, Any]:
        """The edit as JSON."""
        return {"op": self.op, "at": list(self.at), "to": list(self.to)}


@dataclass(frozen=True, slots=True)
class MoveEdge:
    """Move several corners at once, so that the edges between them go along."""

    op: ClassVar = "move_edge"
    moves: tuple[tuple[Position, Position], ...]

    def to_json(self) -> dict[str, Any]:
        """The edit as JSON."""
        return {"op": self.op, "moves": [[list(at), list(to)] for at, to in self.moves]}


@dataclass(frozen=True, slots=True)
class Reshape:
    """Draw the border of two grids anew, from where the line first meets it to where it last does."""

    op: ClassVar = "reshape"
    line: Line
    between: tuple[str, str] | None = None

    def to_json(self) -> dict[str, Any]:
        """The edit as JSON."""
        between = {} if self.between is None else {"between": list(self.between)}
        return {"op": self.op, "line": _points(self.line)} | between


@dataclass(frozen=True, slots=True)
class HandOver:
    """Give a piece of a grid (a street block, a building) to its neighbour."""

    op: ClassVar = "hand_over"
    source: str
    target: str
    piece: Line

    def to_json(self) -> dict[str, Any]:
        """The edit as JSON."""
        return {"op": self.op, "from": self.source, "to": self.target, "piece": _points(self.piece)}


@dataclass(frozen=True, slots=True)
class CarveOut:
    """Make a piece of a grid the dedicated grid of the site `owner`."""

    op: ClassVar = "carve_out"
    new: str
    owner: str
    piece: Line

    def to_json(self) -> dict[str, Any]:
        """The edit as JSON."""
        return {"op": self.op, "new": self.new, "owner": self.owner, "piece": _points(self.piece)}


@dataclass(frozen=True, slots=True)
class Straighten:
    """Leave out corners of a common border that stand off a straight line by no more than a tolerance."""

    op: ClassVar = "straighten"
    between: tuple[str, str]
    tolerance_m: float

    def to_json(self) -> dict[str, Any]:
        """The edit as JSON."""
        return {"op": self.op, "between": list(self.between), "tolerance_m": self.tolerance_m}


@dataclass(frozen=True, slots=True)
class Rename:
    """Call a grid by another name; no border moves. Without `name_en` it has no English name any more."""

    op: ClassVar = "rename"
    grid: str
    name: str
    name_en: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The edit as JSON."""
        english = {} if self.name_en is None else {"name_en": self.name_en}
        return {"op": self.op, "grid": self.grid, "name": self.name} | english


@dataclass(frozen=True, slots=True)
class Part:
    """
    One grid of a `Redraw`.

    Attributes
    ----------
    plane
        Outer ring in plane metres, or the canonical WKB in hexadecimal digits.
    households
        None: reckoned from what the part is made of.
    owner
        The site, of a dedicated grid.
    """

    id: str
    plane: str | Line
    kind: Kind
    households: int | None = None
    owner: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The part as JSON."""
        plane = self.plane if isinstance(self.plane, str) else _points(self.plane)
        owner = {} if self.owner is None else {"owner": self.owner}
        return {"id": self.id, "plane": plane, "kind": self.kind, "households": self.households} | owner


@dataclass(frozen=True, slots=True)
class Redraw:
    """Replace grids by others that cover the same ground: what a proposal or an imported draft comes to."""

    op: ClassVar = "redraw"
    grids: tuple[str, ...]
    parts: tuple[Part, ...]

    def to_json(self) -> dict[str, Any]:
        """The edit as JSON."""
        return {"op": self.op, "grids": list(self.grids), "parts": [part.to_json() for part in self.parts]}


@dataclass(frozen=True, slots=True)
class Kept:
    """A grid as it was, for `Restore`: its bytes in hexadecimal digits, its attributes, its name where that is kept."""

    plane: str
    community: str
    kind: Kind
    households: int
    owner: str | None = None
    called: Called | None = None

    def to_json(self) -> dict[str, Any]:
        """The grid as JSON."""
        kept = {
            "plane": self.plane,
            "community": self.community,
            "kind": self.kind,
            "households": self.households,
            "owner": self.owner,
        }
        return kept if self.called is None else {**kept, "called": list(self.called)}


@dataclass(frozen=True, slots=True)
class Restore:
    """Give grids back the bytes they had, None for those that were not there: the inverse of any edit."""

    op: ClassVar = "restore"
    plots: Mapping[str, Kept | None]

    def to_json(self) -> dict[str, Any]:
        """The edit as JSON."""
        return {"op": self.op, "plots": {key: kept and kept.to_json() for key, kept in self.plots.items()}}


Edit = Split | Merge | MoveVertex | MoveEdge | Reshape | HandOver | CarveOut | Straighten | Rename | Redraw | Restore


def _points(line: Line) -> list[list[float]]:
    return [list(position) for position in line]
