"""Which grid holds each row of a table of points: columns to put beside the table's own, with no database asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final, Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geodata.datum import CONVERSION_SIGMA_M, Datum
from geodata.doubt import Convention, locate_with_doubt
from geodata.files import recognise_shift
from geodata.locate import GridIndex, Status
from gridmap.errors import Invalid
from gridmap.grids.index import Coverage
from gridmap.grids.rules import FAR_AWAY, Box, implausible
from gridmap.language import N_, translate

COLUMNS: Final = ("grid", "status", "reason")
DOUBT_COLUMNS: Final = ("certainty", "probability", "second_grid", "second_probability")
_WORDS: Final = np.array([status.name.lower() for status in Status], dtype=object)
_LEAST_FOR_SHIFT: Final = 20
_NO_PLACE: Final = N_("The row has no coordinates, or they are no numbers.")
_NO_POINT: Final = N_("The shape of this row is not a point.")
_SHIFTED: Final = N_(
    "The points look shifted as in the datum %(datum)s. If they are, declare --datum %(datum)s; if they are not, "
    "--datum wgs84."
)


@dataclass(frozen=True)
class GridSet:
    """
    The grids that points are located in.

    Attributes
    ----------
    codes
        Shape (n,), by row of `index`.
    bounds
        Of all grids; what lies far outside of it is a mistake.
    shapes
        The grids, EPSG:4326; None where points of another datum need not be recognised.
    """

    index: GridIndex
    codes: npt.NDArray[np.object_]
    bounds: Box
    shapes: gpd.GeoSeries

    @classmethod
    def of_frame(cls, frame: gpd.GeoDataFrame, codes: pd.Series) -> Self:
        """
        Take the grids of a file: they have no ids, so the lowest code wins on a shared edge, then the first row.

        Raises
        ------
        Invalid
            If no row is a polygon, or one is another kind of shape.
        """
        shapes = frame.geometry
        kinds = set(shapes.dropna().geom_type) - {"Polygon", "MultiPolygon"}
        if kinds:
            raise Invalid(N_("Grids are polygons; this file holds %(kinds)s."), kinds=", ".join(sorted(kinds)))
        if shapes.dropna().empty:
            raise Invalid(N_("The file of grids holds no polygons."))
        texts = codes.astype(str).to_numpy(dtype=object)
        order = np.lexsort((np.arange(len(texts)), texts.astype(str)))
        ranks = np.empty(len(texts), dtype=np.int64)
        ranks[order] = np.arange(len(texts))
        west, south, east, north = shapes.total_bounds
        index = GridIndex.build(np.asarray(shapes.array, dtype=object), ranks)
        return cls(index, texts, Box(west, south, east, north), shapes)

    @classmethod
    def of_coverage(cls, coverage: Coverage) -> Self:
        """
        Take the grids of an edition.

        Raises
        ------
        Invalid
            If there was no edition at that time.
        """
        if not coverage.rows:
            raise Invalid(N_("No boundaries were in force then. Import grids first, or name a later day."))
        shapes = gpd.GeoSeries(coverage.index.polygons, crs=4326)
        west, south, east, north = shapes.total_bounds
        codes = np.array([row.code for row in coverage.rows], dtype=object)
        return cls(coverage.index, codes, Box(west, south, east, north), shapes)


@dataclass
class PointLocator:
    """
    Locates tables of points one after the other, and counts.

    Attributes
    ----------
    accuracy
        The column with the stated accuracy, metres; None where none is stated.
    datum
        What was declared of the coordinates; None declares nothing, and a shift that is recognised is then named.
    locale
        Of the reasons.
    """

    grids: GridSet
    accuracy: str | None = None
    convention: Convention = Convention.UNKNOWN
    datum: Datum | None = None
    locale: str = "en"
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    _shift: Datum | None = None
    _looked: bool = False

    def answer(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """
        Put the answers beside the columns of a table.

        Parameters
        ----------
        frame
            n rows in EPSG:4326; a row without a usable point is marked ``unplaced`` with the reason, and kept.

        Returns
        -------
        answered
            The same rows with `COLUMNS` and, where an accuracy is stated, `DOUBT_COLUMNS`. Columns of the table that
            are called so are kept under their name with ``_given``.
        """
        frame = _kept_apart(frame, (*COLUMNS, *DOUBT_COLUMNS))
        lon, lat, reasons = self._points(frame)
        answers = self._doubtful(frame, lon, lat) if self.accuracy else self._plain(lon, lat)
        status = answers["status"]
        self._explain(lon, lat, status, reasons)
        bad = status == Status.UNPLACED
        answers["grid"][bad] = None
        for name in DOUBT_COLUMNS if self.accuracy else ():
            answers[name][bad] = None
        answers["status"] = _WORDS[status]
        self.counts.update(answers["status"])
        self.reasons.update(reason for reason in reasons if reason is not None)
        answers["reason"] = np.array(reasons, dtype=object)
        order = (*COLUMNS[:2], *(DOUBT_COLUMNS if self.accuracy else ()), COLUMNS[2])
        return frame.assign(**{name: answers[name] for name in order})

    def _points(
        self, frame: gpd.GeoDataFrame
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], list[str | None]]:
        """Coordinates of the rows, NaN where there are none, and why."""
        shapes = np.asarray(frame.geometry.array, dtype=object)
        kinds = shapely.get_type_id(shapes)
        points = kinds == shapely.GeometryType.POINT
        lon, lat = shapely.get_x(shapes), shapely.get_y(shapes)
        lost = ~(np.isfinite(lon) & np.isfinite(lat))
        reasons: list[str | None] = [None] * len(shapes)
        for at in np.flatnonzero(lost):
            empty = kinds[at] < 0 or points[at] or shapely.is_empty(shapes[at])
            reasons[at] = translate(_NO_PLACE if empty else _NO_POINT, self.locale)
        return np.where(lost, np.nan, lon), np.where(lost, np.nan, lat), reasons

    def _plain(self, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> dict[str, npt.NDArray[Any]]:
        located = self.grids.index.locate(lon, lat)
        return {"grid": self._codes(located.row), "status": located.status}

    def _doubtful(
        self, frame: gpd.GeoDataFrame, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]
    ) -> dict[str, npt.NDArray[Any]]:
        stated = pd.to_numeric(frame[self.accuracy], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        extra = CONVERSION_SIGMA_M if self.datum in ("gcj02", "bd09") else 0.0
        found = locate_with_doubt(self.grids.index, lon, lat, stated, self.convention, extra_sigma_m=extra)
        return {
            "grid": self._codes(found.row),
            "status": found.status,
            "certainty": np.array([None if one is None else str(one) for one in found.certainty], dtype=object),
            "probability": found.probability.astype(object),
            "second_grid": self._codes(found.second_row),
            "second_probability": found.second_probability.astype(object),
        }

    def _codes(self, rows: npt.NDArray[np.int32] | npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
        codes = self.grids.codes[rows]
        codes[rows < 0] = None
        return codes

    def _explain(
        self,
        lon: npt.NDArray[np.float64],
        lat: npt.NDArray[np.float64],
        status: npt.NDArray[np.uint8],
        reasons: list[str | None],
    ) -> None:
        """Say of points that cannot be meant why not; and of all, if they look shifted and nobody declared a datum."""
        for at in np.flatnonzero(status == Status.OUTSIDE):
            if reason := implausible(float(lon[at]), float(lat[at]), self.grids.bounds):
                reasons[at] = translate(reason, self.locale)
                # Far away is a place all the same, outside of every grid.
                status[at] = Status.OUTSIDE if reason == FAR_AWAY else Status.UNPLACED
        if shift := self._recognised(lon, lat, reasons):
            status[:] = Status.UNPLACED
            sentence = translate(_SHIFTED, self.locale, datum=shift)
            reasons[:] = [reason or sentence for reason in reasons]

    def _recognised(
        self, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64], reasons: list[str | None]
    ) -> Datum | None:
        """The datum that the points seem to be in; the first table with enough of them decides for all."""
        if self.datum is None and not self._looked:
            sound = np.array([reason is None for reason in reasons])
            if sound.sum() >= _LEAST_FOR_SHIFT:
                points = gpd.GeoSeries(shapely.points(lon[sound], lat[sound]), crs=4326)
                self._shift, self._looked = recognise_shift(points, self.grids.shapes), True
        return self._shift


def _kept_apart(frame: gpd.GeoDataFrame, names: tuple[str, ...]) -> gpd.GeoDataFrame:
    taken = [name for name in names if name in frame.columns]
    return frame.rename(columns={name: f"{name}_given" for name in taken}) if taken else frame
