"""Whether a draft still covers its ground: looked at where it changed, and one ring around."""

from __future__ import annotations

import geopandas as gpd
import shapely

from geodata.coverage import Defect, find_defects
from gridmap.planning.drafting import Draft


def coverage_defects(draft: Draft) -> list[Defect]:
    """
    Find gaps, overlaps, slivers and mismatched borders in and around all grids that a draft changes.

    The changed grids with their neighbours fill the same ground as before, so this ground is their outline; everything
    else is as the base edition has it.

    Returns
    -------
    defects
        Rows are ids of grids, places plane metres.
    """
    changed = draft.changed()
    if not changed:
        return []
    present, base = draft.sheet.plots, draft.base
    region = {grid for grid in changed if grid in present}
    ground = {grid for grid in changed if grid in base}
    for grid in [*region]:
        region.update(draft.sheet.near(present[grid].plane.bounds))
    for grid in [*ground]:
        ground.update(draft.ground.sheet.near(base[grid].plane.bounds))
    # A neighbour that did not change belongs to both, whichever coverage found it.
    same = (region | ground) - changed.keys()
    region, ground = region | same, ground | same
    crs = f"EPSG:{draft.ground.srid}"
    shapes = gpd.GeoSeries({grid: present[grid].plane for grid in sorted(region)}, crs=crs)
    outline = shapely.coverage_union_all([base[grid].plane for grid in sorted(ground)])
    return find_defects(shapes, outline=outline)
