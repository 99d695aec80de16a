"""A sheet with a witness: every edit is done before its eyes, and whatever must stay true is asked after it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from geodata.coverage import find_defects
from geodata.coverage.edit import Applied, Edit, EditRefused, Plot, Redraw, Sheet, edit_from_json, work_out
from geodata.coverage.halfedges import HalfEdges
from geodata.crs import G, snap_to_lattice

OFF_OUTLINE_M = 0.71 * G + 1e-9
SRID = 4547

Bytes = tuple[bytes, str, str, int, str | None]


def bytes_of(sheet: Sheet) -> dict[str, Bytes]:
    """All that is known of every grid."""
    return {key: _bytes(plot) for key, plot in sheet.plots.items()}


_SEEN: dict[int, tuple[Plot, Bytes]] = {}
"""Neither a plot nor its polygon can be changed, so that one that was seen need not be written out again."""


def _bytes(plot: Plot) -> Bytes:
    if id(plot) not in _SEEN:
        _SEEN[id(plot)] = plot, (plot.plane.wkb, plot.community, plot.kind, plot.households, plot.owner)
    return _SEEN[id(plot)][1]


class Ledger:
    """
    A sheet and what was done to it.

    Attributes
    ----------
    done
        Edits that were accepted, in order.
    refused
        How many were not.
    """

    def __init__(self, sheet: Sheet, take_back_every: int = 1) -> None:
        self.sheet = sheet
        self.take_back_every = take_back_every
        self.first = sheet.copy()
        self.outline = shapely.union_all([plot.plane for plot in sheet.plots.values()])
        self.households = sum(plot.households for plot in sheet.plots.values())
        self.bytes = bytes_of(sheet)
        self.done: list[Applied] = []
        self.refused = 0
        self._border = self.outline.boundary
        shapely.prepare(self._border)

    def do(self, edit: Edit) -> Applied | None:
        """Do an edit, or see it refused."""
        assert edit_from_json(edit.to_json()) == edit
        try:
            applied = work_out(self.sheet, edit)
        except EditRefused as refusal:
            self._look_at_refusal(refusal)
            return None
        assert bytes_of(self.sheet) == self.bytes, "an edit that is only worked out changes no byte"
        around = self._around(applied)
        before = self.bytes
        self.sheet.accept(applied)
        self.bytes = bytes_of(self.sheet)
        self.done.append(applied)
        self._look_at(applied, before, around)
        self._look_at_moves(applied)
        if len(self.done) % self.take_back_every == 0:
            self._take_back(applied, before)
        return applied

    def _look_at_refusal(self, refusal: EditRefused) -> None:
        assert "%(" not in str(refusal)
        assert refusal.places or refusal.grids
        assert bytes_of(self.sheet) == self.bytes, "a refused edit changes no byte"
        self.refused += 1

    def _around(self, applied: Applied) -> dict[str, Plot]:
        changed = [plot.plane for plot in applied.before.values() if plot]
        return {key: self.sheet.plots[key] for key in self.sheet.near(tuple(shapely.total_bounds(changed)))}

    def _look_at(self, applied: Applied, before: dict[str, Bytes], around: dict[str, Plot]) -> None:
        """The changed grids and those around them cover what they did, once, corner to corner."""
        for key in before.keys() | self.bytes.keys():
            same = before.get(key) == self.bytes.get(key)
            assert same != (key in applied.before), "exactly the grids that are told have changed"
        after = [plot.plane for plot in applied.after.values() if plot]
        xy = shapely.get_coordinates(after)
        assert np.array_equal(xy, snap_to_lattice(xy))
        assert all(plane.is_valid and plane.geom_type == "Polygon" for plane in after)
        assert [plane.wkb for plane in after] == [shapely.normalize(plane).wkb for plane in after]
        now = [plot.plane for key, plot in around.items() if key not in applied.before] + after
        self._require_same_ground([plot.plane for plot in around.values()], now)

    def _require_same_ground(self, before: list[shapely.Polygon], after: list[shapely.Polygon]) -> None:
        """No edge without a partner but on the outline: of the grids, and of the ground with its inside outside."""
        ground = shapely.coverage_union_all(before)
        edges = HalfEdges.of(np.array([*after, ground], dtype=object), G)
        edges.inside_left[edges.owner == len(after)] ^= True
        left = edges.lines(edges.without_partner(np.zeros(len(after) + 1, bool)))
        off = shapely.distance(shapely.points(shapely.get_coordinates(left)), self._border)
        assert (off <= OFF_OUTLINE_M).all(), "a border differs"
        area = shapely.area(after).sum() - shapely.area(before).sum()
        assert abs(area) <= G * shapely.length(left).sum() + 1e-6

    def _look_at_moves(self, applied: Applied) -> None:
        """What grids gain and lose is what was told to move."""
        if isinstance(applied.edit, Redraw) and applied.edit.parts[0].households is not None:
            return
        assert self._counted() == self.households
        gained = dict.fromkeys([*applied.before, *applied.after], 0)
        for moved in applied.moved:
            gained[moved.from_id] -= moved.households
            gained[moved.to_id] += moved.households
            target, source = applied.after[moved.to_id], applied.before[moved.from_id]
            for house in moved.houses:
                assert target.plane.covers(self.sheet.houses.inner[house])
                assert source.plane.covers(self.sheet.houses.inner[house])
        for key, more in gained.items():
            was, became = applied.before[key], applied.after[key]
            assert (became.households if became else 0) - (was.households if was else 0) == more
            assert became is None or became.households >= 0

    def _counted(self) -> int:
        return sum(plot.households for plot in self.sheet.plots.values())

    def _take_back(self, applied: Applied, before: dict[str, Bytes]) -> None:
        """The inverse gives every byte back."""
        other = self.sheet.copy()
        other.accept(work_out(other, edit_from_json(applied.inverse.to_json())))
        assert bytes_of(other) == before

    def look_at_all(self) -> None:
        """The whole coverage holds: no defect, the outline where it was, every building in one grid."""
        shapes = gpd.GeoSeries([plot.plane for plot in self.sheet.plots.values()], crs=SRID)
        assert find_defects(shapes, outline=self.outline) == []
        whole = shapely.coverage_union_all(shapes.array)
        corners = shapely.points(np.unique(shapely.get_coordinates(whole), axis=0))
        assert (shapely.distance(corners, self._border) <= OFF_OUTLINE_M).all()
        first = shapely.points(np.unique(shapely.get_coordinates(self.outline), axis=0))
        assert (shapely.distance(first, whole.boundary) <= OFF_OUTLINE_M).all()
        inside = self.sheet.houses.inner[shapely.within(self.sheet.houses.inner, self.outline.buffer(-1))]
        held = np.bincount(shapes.sindex.query(inside, predicate="intersects")[0], minlength=len(inside))
        assert (held == 1).all()
