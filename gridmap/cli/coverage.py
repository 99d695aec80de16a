"""What `gridmap check` and `gridmap clean` share: grids read into metres, tables that a planner reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from gridmap.errors import Invalid
from gridmap.language import N_, translate

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.coverage import Defect

F = TypeVar("F", bound=Callable[..., Any])

CODE: Final = "code"
UNITS: Final = {"m2": "m²", "m": "m", "households": N_("households")}
KINDS: Final = {
    "invalid": N_("invalid ring"),
    "missing": N_("missing grid"),
    "gap": N_("gap"),
    "overlap": N_("overlap"),
    "dent": N_("off the district border"),
    "sliver": N_("sliver"),
    "mismatch": N_("border with unequal vertices"),
    "size": N_("number of households"),
}
# What GEOS says about a ring, as people read it; another reason stands as it is.
REASONS: Final = {
    "No polygon": N_("no polygon"),
    "Self-intersection": N_("crosses itself"),
    "Ring Self-intersection": N_("touches itself"),
    "Hole lies outside shell": N_("a hole lies outside"),
    "Holes are nested": N_("a hole lies in a hole"),
    "Nested shells": N_("a piece lies in a piece"),
    "Interior is disconnected": N_("falls apart"),
    "Too few points in geometry component": N_("too few corners"),
}


@dataclass(frozen=True)
class Sheet:
    """
    Grids of a file, in metres.

    Attributes
    ----------
    frame
        The rows of the file as they are, WGS 84.
    shapes
        Their shapes in the working system, on the same index.
    srid
        The working system.
    codes
        What to call each row: its code, or its number in the file.
    """

    frame: gpd.GeoDataFrame
    shapes: gpd.GeoSeries
    srid: int
    codes: dict[Any, str]

    def lonlat(self, place: tuple[float, float] | None) -> tuple[float, float] | None:
        """A place of the working system in degrees, to the decimetre."""
        from geodata.crs import to_lonlat

        if place is None:
            return None
        lon, lat = to_lonlat(*place, self.srid)
        return round(float(lon), 6), round(float(lat), 6)


def reading(command: F) -> F:
    """Options with which a file of grids is read."""
    options = [
        click.option("--crs", metavar="EPSG:N", help="Coordinate system of the file, if it does not say so itself."),
        click.option(
            "--datum", type=click.Choice(["wgs84", "gcj02", "bd09", "cgcs2000"]), help="Datum of its coordinates."
        ),
        click.option("--code", metavar="COLUMN", help="Column with the code of the grid; `code` if there is one."),
        click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def proposing(written: str) -> Callable[[F], F]:
    """Options of a command that works something out by lot: the seed, and where `written` goes."""
    seed = click.option(
        "--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Same seed, same bytes."
    )
    path = click.Path(dir_okay=False, path_type=Path)
    output = click.option("-o", "--output", required=True, type=path, help=f"Where to write {written}.")
    return lambda command: seed(output(command))


@contextmanager
def told_in_words() -> Iterator[None]:
    """What geodata refuses becomes a sentence for the person at the terminal."""
    from geodata.errors import GeodataError

    try:
        yield
    except GeodataError as error:
        raise Invalid(error.msgid, **error.params) from error


def read_sheet(path: Path, crs: str | None, datum: Any, code: str | None) -> Sheet:
    """
    Read grids, and bring them into the working system of the place where they lie.

    Raises
    ------
    Invalid
        If the file cannot be read, holds no shapes, or lacks the wanted column.
    """
    import geopandas as gpd

    from geodata.crs import shapes_to_plane, working_srid
    from geodata.files import LOCAL, Given, read

    with told_in_words():
        frame = read(path, given=Given(crs, datum), limits=LOCAL)
    if frame.geometry.isna().all():
        raise Invalid(N_("%(path)s holds no shapes. A file of polygons is needed."), path=path.name)
    column = code or (CODE if CODE in frame.columns else None)
    require_column(frame, column, path)
    west, south, east, north = frame.total_bounds
    srid = working_srid((west + east) / 2, (south + north) / 2)
    shapes = gpd.GeoSeries(shapes_to_plane(frame.geometry.array, srid), index=frame.index, crs=srid)
    names = frame.index if column is None else frame[column].fillna("")
    codes = {row: str(name) or f"#{row}" for row, name in zip(frame.index, names, strict=True)}
    if column is None:
        codes = {row: f"#{row}" for row in frame.index}
    return Sheet(frame, shapes, srid, codes)


def read_outline(path: Path, crs: str | None, datum: Any, srid: int) -> Any:
    """The polygons of a file as one shape in the working system `srid`."""
    import shapely

    from geodata.crs import shapes_to_plane
    from geodata.files import LOCAL, Given, read

    with told_in_words():
        frame = read(path, given=Given(crs, datum), limits=LOCAL)
    shapes = shapes_to_plane(frame.geometry.dropna().array, srid)
    shapes = shapes[shapely.get_dimensions(shapes) == 2]
    if not len(shapes):
        raise Invalid(N_("%(path)s holds no shapes. A file of polygons is needed."), path=path.name)
    if not shapely.is_valid(shapes).all():
        raise Invalid(N_("The border in %(path)s crosses itself. Redraw it."), path=path.name)
    return shapely.union_all(shapes)


def require_column(frame: gpd.GeoDataFrame, column: str | None, path: Path) -> None:
    """Refuse a column that the file does not have, and name those that it has."""
    if column is not None and column not in frame.columns:
        known = ", ".join(str(name) for name in frame.columns if name != frame.geometry.name)
        raise Invalid(
            N_("%(path)s has no column %(column)s. It has: %(known)s."), path=path.name, column=column, known=known
        )


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Columns under each other, Chinese characters counted as wide as they are."""
    from rich.cells import cell_len

    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(cell_len(line[column]) for line in lines) for column in range(len(head))]

    def fitted(column: int, text: str) -> str:
        room = " " * (widths[column] - cell_len(text))
        return room + text if column in right else text + room

    return "\n".join("  ".join(fitted(*cell) for cell in enumerate(line)).rstrip() for line in lines)


def amount(defect: Defect, locale: str) -> str:
    """The size of a defect with its unit."""
    unit = UNITS[defect.unit]
    figure = f"{defect.size:,.0f}" if defect.unit == "households" or defect.size >= 100 else f"{defect.size:.2f}"
    return f"{figure} {translate(unit, locale)}"
