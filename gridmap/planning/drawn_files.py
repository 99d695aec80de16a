"""A file of grids becomes a proposal: read where it can do no harm, cleaned, fitted in, and every difference told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from geodata.coverage import clean
from geodata.coverage.edit import Plot
from geodata.files.mending import mend
from geodata.partition import Watch
from gridmap.database import straight, transaction
from gridmap.errors import Invalid
from gridmap.exchange import uploads
from gridmap.exchange.importing import read_file
from gridmap.grids.importing.coverage import FIELDS
from gridmap.grids.importing.planes import to_planes
from gridmap.grids.importing.standing import require_standing
from gridmap.grids.queries import current_district
from gridmap.intake.fields import Field
from gridmap.intake.rows import Rows, flag_repeated, take_rows
from gridmap.intake.shapes import require_shapes
from gridmap.intake.wishes import Options
from gridmap.language import N_, values_kept
from gridmap.planning.brought import Brought
from gridmap.planning.differing import answer_of
from gridmap.planning.drafting import Draft
from gridmap.planning.fitting_in import fit_in
from gridmap.planning.ground import Community, Label
from gridmap.planning.importing import FileWish

if TYPE_CHECKING:
    from gridmap.planning.tables import PlanProposal

# A draft needs nothing but shapes; what else is there helps to tell which grid is which.
_FIELDS: Final[tuple[Field, ...]] = tuple(
    replace(field, needed=False) for field in FIELDS if field.name not in ("community_code", "effective_at")
)
_CODE: Final = next(field for field in _FIELDS if field.name == "code")
_SAID: Final = 5
"""Sentences that stand for all of a file's defects; the rest is counted."""


class FileRefused(Invalid):
    """A file of which nothing can be proposed; all that is wrong with it stands in the answer."""

    def __init__(self, rows: Rows) -> None:
        super().__init__(N_("The file cannot be taken."))
        grave = [defect for defect in rows.defects.listed if defect.grave]
        more = rows.defects.grave - min(len(grave), _SAID)
        self.notes = [_of_row(defect.msgid, defect.params, defect.row) for defect in grave[:_SAID]]
        if more > 0:
            self.notes.append({"msgid": N_("And %(n)s more."), "params": {"n": more}})


def _of_row(msgid: str, params: Mapping[str, Any], row: int | None) -> dict[str, Any]:
    return {"msgid": msgid, "params": values_kept(params), "row": row}


@dataclass(frozen=True)
class FileTask:
    """
    All that a file is fitted into, read in one transaction.

    Attributes
    ----------
    name
        Makes the ids of new grids: the same name gives the same ids.
    plots, labels, communities
        The draft as it is.
    """

    name: str
    person_id: int
    wish: FileWish
    data_dir: Path
    plots: Mapping[str, Plot]
    labels: Mapping[str, Label]
    communities: Mapping[str, Community]
    srid: int


def file_task_of(draft: Draft, found: PlanProposal, data_dir: Path) -> FileTask:
    """What the worker needs of a draft to fit a file in."""
    return FileTask(
        found.id.hex[:8],
        found.asked_by,
        FileWish.of_args(found.args),
        data_dir,
        dict(draft.sheet.plots),
        dict(draft.labels),
        draft.ground.communities,
        draft.ground.srid,
    )


def work_out_file(task: FileTask, watch: Watch) -> dict[str, Any]:
    """
    Fit a file into the draft.

    Returns
    -------
    answer
        See `gridmap.planning.differing.answer_of`.

    Raises
    ------
    FileRefused
        If rows are no polygons, are invalid, lie elsewhere, or the layer is shifted; nothing is corrected unasked.
    GridmapError, GeodataError
        If the file cannot be read or cleaned.
    Cancelled
        If `watch` says so.
    """
    wish = task.wish
    watch.tell(0.05, N_("reading the file"))
    upload = uploads.find(task.data_dir, wish.upload, task.person_id)
    options = Options(crs=wish.crs, datum=wish.datum, layer=wish.layer, x=wish.x, y=wish.y, mapping=wish.mapping)
    frame = read_file("grids", upload.path, options)
    watch.tell(0.3, N_("checking its rows"))
    shapes, repaired = _mended(np.asarray(frame.geometry, dtype=object), wish.repair)
    with transaction() as db:
        rows, owners = _checked(db, frame.set_geometry(gpd.GeoSeries(shapes, frame.index, crs=4326)), options)
    watch.tell(0.4, N_("cleaning its borders"))
    given = to_planes(rows.shapes, task.srid)
    cleaned = clean(gpd.GeoSeries(given, index=rows.numbers, crs=task.srid), snap_m=wish.snap_m)
    shapes = np.asarray(cleaned.shapes.array, dtype=object)
    shapes[cleaned.shapes.isna()] = shapely.Polygon()
    watch.tell(0.6, N_("fitting it into the communities"))
    fit = fit_in(shapes, rows.columns["code"], task.plots, task.name, wish.snap_m)
    watch.tell(0.85, N_("comparing it with the draft"))
    brought = Brought(rows, given, repaired.tolist(), owners, fit, len(cleaned.filled), wish.snap_m)
    return answer_of(brought, task.plots, task.labels, task.srid)


def _checked(db: Session, frame: gpd.GeoDataFrame, options: Options) -> tuple[Rows, dict[str, str]]:
    """The rows, and the sites that their institutions are."""
    district = current_district(db)
    rows = take_rows(frame, _FIELDS, options.mapping, district.zone)
    if not len(rows):
        rows.defects.say(N_("The file has no rows."))
    require_shapes(rows, "polygons")
    flag_repeated(rows, _CODE)
    require_standing(db, rows, district, options)
    named = sorted({code for code in rows.columns["owner"] if code is not None})
    found = straight(
        db,
        "SELECT code, id::text AS id FROM site WHERE code = ANY(%(codes)s) AND upper_inf(valid)",
        {"codes": named},
    )
    owners = {row.code: str(row.id) for row in found}
    rows.flag(
        [code is not None and code not in owners for code in rows.columns["owner"]],
        N_("There is no site %(code)s. Import sites first."),
        column="owner",
        values={"code": rows.columns["owner"]},
    )
    if rows.defects.grave:
        raise FileRefused(rows)
    return rows, owners


def _mended(shapes: NDArray[np.object_], repair: bool) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Shapes with invalid rings repaired, if that was asked for, and which those were."""
    broken = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_valid(shapes) & repair
    mended = shapes.copy()
    if broken.any():
        mended[broken] = mend(shapes[broken])
    return mended, np.asarray(broken)
