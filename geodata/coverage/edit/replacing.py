"""Replace grids as a whole: by other grids on the same ground, by the bytes they had, or by another name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely

from geodata.coverage.edit.drawn import Drawn, plot_of, require_new
from geodata.coverage.edit.edits import Kept, Part, Redraw, Rename, Restore
from geodata.coverage.edit.linework import cut, dissolved
from geodata.coverage.edit.pieces import inside
from geodata.coverage.edit.plots import Plot, canonical
from geodata.coverage.edit.refusals import EditMalformed, EditRefused
from geodata.coverage.edit.sheet import Sheet
from geodata.coverage.faces import Numbers, Shapes, holders, mean_width
from geodata.crs import G
from geodata.errors import N_


def redraw(sheet: Sheet, edit: Redraw) -> Drawn:
    """
    Replace grids by others.

    Raises
    ------
    EditRefused
        If the others do not cover exactly the same ground, once, or one of them lies in two communities.
    """
    before = {key: plot_of(sheet, key) for key in edit.grids}
    require_new(sheet, *(part.id for part in edit.parts if part.id not in before))
    if len({part.id for part in edit.parts}) != len(edit.parts):
        raise EditMalformed(N_("Two parts have one id. Give each its own."), grids=[part.id for part in edit.parts])
    planes = [_plane_of(part) for part in edit.parts]
    _require_inside(list(before.values()), edit.parts, planes)
    faces, owner = cut([plot.plane for plot in before.values()], [plane.boundary for plane in planes])
    part_of = _parts_under(faces, edit.parts, planes)
    after: dict[str, Plot] = {}
    for number, part in enumerate(edit.parts):
        own = np.flatnonzero(part_of == number)
        if not (mean_width(faces[own]) >= G).any():
            raise _outside(part, planes[number])
        # A border that gained a corner bends by less than a step: such a thread is no ground of another community.
        meant = own[mean_width(faces[own]) >= G]
        community = _community(part, [list(before.values())[row] for row in np.unique(owner[meant])])
        pieces = dissolved(faces[own])
        if len(pieces) > 1:
            raise EditRefused(
                N_("Part %(grid)s is in %(count)s pieces. A grid is one piece."),
                places=[inside(piece) for piece in pieces],
                grids=[part.id],
                grid=part.id,
                count=len(pieces),
            )
        site = part.owner
        if site is None and part.kind == "dedicated" and part.id in before:
            site = before[part.id].owner
        called = before[part.id].called if part.id in before else None
        after[part.id] = Plot(part.id, pieces[0], community, part.kind, part.households or 0, site, called)
    return Drawn(before, after, counted=frozenset(part.id for part in edit.parts if part.households is not None))


def _plane_of(part: Part) -> shapely.Polygon:
    plane = polygon_of(part.plane) if isinstance(part.plane, str) else shapely.Polygon(part.plane)
    plane = canonical(plane)
    if not plane.is_valid or plane.is_empty:
        raise EditRefused(
            N_("Part %(grid)s is no valid polygon. Draw it anew."),
            places=shapely.get_coordinates(plane)[:1],
            grids=[part.id],
            grid=part.id,
        )
    return plane


def polygon_of(digits: str) -> shapely.Polygon:
    """
    Read the hexadecimal digits of a polygon's WKB.

    Raises
    ------
    EditMalformed
        If they are something else.
    """
    try:
        shape = shapely.from_wkb(digits)
    except shapely.GEOSException as error:
        raise EditMalformed(N_("The polygon of a grid cannot be read. Make the edit anew.")) from error
    if not isinstance(shape, shapely.Polygon) or shape.is_empty:
        raise EditMalformed(N_("The polygon of a grid cannot be read. Make the edit anew."))
    return shape


def _require_inside(plots: Sequence[Plot], parts: Sequence[Part], planes: Sequence[shapely.Polygon]) -> None:
    """Refuse parts that reach beyond the ground by more than a border bends that gains corners."""
    ground = shapely.coverage_union_all([plot.plane for plot in plots])
    for part, plane in zip(parts, planes, strict=True):
        beyond = shapely.get_parts(plane.difference(ground))
        beyond = beyond[mean_width(beyond) >= G]
        if len(beyond):
            raise _outside(part, beyond[int(np.argmax(shapely.area(beyond)))])


def _outside(part: Part, where: shapely.Polygon) -> EditRefused:
    return EditRefused(
        N_("Part %(grid)s lies outside of the grids to be redrawn. Draw it inside, or choose its grid as well."),
        places=[inside(where)],
        grids=[part.id],
        grid=part.id,
    )


def _parts_under(faces: Shapes, parts: Sequence[Part], planes: Sequence[shapely.Polygon]) -> Numbers:
    """The number of the part that each face lies in; refused if there is none, or another one."""
    part_of = np.full(len(faces), -1)
    face, held = holders(np.array(planes, dtype=object), shapely.point_on_surface(faces))
    # The first part has a face too thin to be meant, as on a common border the first grid has it.
    part_of[face[::-1]] = held[::-1]
    thick = mean_width(faces) >= G
    bare = np.flatnonzero((part_of < 0) & thick)
    if len(bare):
        raise EditRefused(
            N_("The parts leave ground uncovered (%(area)s m²). Draw them so that they fill their grids."),
            places=[inside(faces[number]) for number in bare],
            grids=[part.id for part in parts],
            area=round(float(shapely.area(faces[bare]).sum()), 1),
        )
    twice = np.flatnonzero((np.bincount(face, minlength=len(faces)) > 1) & thick)
    if len(twice):
        among = sorted({parts[number].id for number in held[np.isin(face, twice)]})
        raise EditRefused(
            N_("Parts %(names)s overlap. Draw their border once for both."),
            places=[inside(faces[number]) for number in twice],
            grids=among,
            names=", ".join(among),
        )
    return part_of


def _community(part: Part, plots: Sequence[Plot]) -> str:
    communities = sorted({plot.community for plot in plots})
    if len(communities) > 1:
        raise EditRefused(
            N_("Part %(grid)s would lie in several communities (%(communities)s). A grid lies in one."),
            places=[plot.inner for plot in plots],
            grids=[part.id],
            grid=part.id,
            communities=", ".join(communities),
        )
    return communities[0]


def restore(sheet: Sheet, edit: Restore) -> Drawn:
    """
    Give grids back the bytes they had.

    Raises
    ------
    EditRefused
        If a polygon cannot be read, or nothing is named.
    """
    if not edit.plots:
        raise EditMalformed(N_("The edit names no grid."))
    before = {key: plot for key in edit.plots if (plot := sheet.plots.get(key)) is not None}
    after = {key: _kept(key, kept, before.get(key)) for key, kept in edit.plots.items() if kept is not None}
    return Drawn(before, after, counted=frozenset(after), exact=True)


def _kept(key: str, kept: Kept, present: Plot | None) -> Plot:
    # Edits from before names were kept say none: then the grid is called what it is called now.
    called = kept.called if kept.called or present is None else present.called
    return Plot(key, polygon_of(kept.plane), kept.community, kept.kind, kept.households, kept.owner, called)


def rename(sheet: Sheet, edit: Rename) -> Drawn:
    """
    Give a grid another name; its bytes stay.

    Raises
    ------
    EditRefused
        If there is no such grid.
    """
    plot = plot_of(sheet, edit.grid)
    after = {edit.grid: replace(plot, called=(edit.name, edit.name_en))}
    return Drawn({edit.grid: plot}, after, counted=frozenset(after), exact=True)
