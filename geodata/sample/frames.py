"""From working shapes to the frames that leave this package: true coordinates, plain columns, no surprises in types."""

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.crs import Floats, snap_to_lattice
from geodata.sample.cuts import Shapes

SRID: Final = 4547
"""CGCS2000 / 3-degree Gauss-Krueger CM 114E."""

ORIGIN: Final = (518_096.0, 3_954_493.0)
"""Where the working coordinates have their zero: about 114.20 E 35.72 N. Whole metres, so that the lattice stays."""


def to_district(shapes: Shapes) -> Shapes:
    """Move working shapes to their place in `SRID`, each coordinate on the lattice of 1 cm."""
    return np.asarray(shapely.transform(shapes, _moved), dtype=object)


def _moved(xy: Floats) -> Floats:
    return snap_to_lattice(snap_to_lattice(xy) + np.array(ORIGIN))


def table(columns: Mapping[str, Any]) -> pd.DataFrame:
    """Make a frame in which texts stay Python strings and what is missing stays None."""
    return pd.DataFrame({name: _column(values) for name, values in columns.items()})


def layer(columns: Mapping[str, Any], shapes: Shapes) -> gpd.GeoDataFrame:
    """Make a layer of working shapes at their true place, in `SRID`."""
    frame = gpd.GeoDataFrame(table(columns), geometry=gpd.GeoSeries(to_district(shapes), crs=SRID))
    frame.attrs["srid"] = SRID
    return frame


def _column(values: Any) -> Any:
    if isinstance(values, list) and any(value is None or isinstance(value, str) for value in values):
        return pd.Series(values, dtype=object)
    return values
