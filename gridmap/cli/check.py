"""`gridmap check`: whether grids fill their district without gap and overlap."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gridmap.cli.coverage import KINDS, REASONS, Sheet, amount, read_outline, read_sheet, reading, require_column, table
from gridmap.cli.terminal import counting, reader_locale
from gridmap.language import N_, translate

if TYPE_CHECKING:
    import pandas as pd

    from geodata.coverage import Defect

KIND: Final = "kind"
URBAN: Final = "urban"
_MOST_CODES: Final = 6


@click.command()
@click.argument("grids", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--district",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The district as a polygon: with it, missing grids and dents along its border are seen.",
)
@click.option("--households", metavar="COLUMN", help="Column with households: urban grids hold 300 to 500.")
@click.option("--min", "fewest", default=300, show_default=True, type=click.IntRange(min=0), help="Fewest households.")
@click.option("--max", "most", default=500, show_default=True, type=click.IntRange(min=0), help="Most households.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the defects as shapes.")
@reading
def check(
    grids: Path,
    district: Path | None,
    households: str | None,
    fewest: int,
    most: int,
    output: Path | None,
    crs: str | None,
    datum: str | None,
    code: str | None,
    as_json: bool,
) -> None:
    """
    List every gap, overlap, sliver, invalid ring and size breach of the file GRIDS; exit 1 if there is any.

    If the file has a column `kind`, only grids of kind `urban` are judged by their households.
    """
    from geodata.coverage import find_defects

    with counting(None):
        sheet = read_sheet(grids, crs, datum, code)
        require_column(sheet.frame, households, grids)
        defects = find_defects(
            sheet.shapes,
            outline=read_outline(district, crs, datum, sheet.srid) if district else None,
            households=_urban_households(sheet, households),
            limits=(fewest, most),
        )
    if output is not None:
        _write(sheet, defects, output)
    click.echo(_as_json(sheet, defects) if as_json else _as_text(sheet, defects))
    raise SystemExit(1 if defects else 0)


def _urban_households(sheet: Sheet, column: str | None) -> pd.Series[Any] | None:
    import pandas as pd

    if column is None:
        return None
    counts: pd.Series[Any] = pd.to_numeric(sheet.frame[column], errors="coerce")
    return counts[sheet.frame[KIND] == URBAN] if KIND in sheet.frame.columns else counts


def _as_text(sheet: Sheet, defects: list[Defect]) -> str:
    locale = reader_locale()
    if not defects:
        return translate(N_("%(count)s grids, no gap, no overlap, nothing wrong."), locale, count=len(sheet.shapes))
    head = [
        translate(word, locale) for word in (N_("defect"), N_("longitude"), N_("latitude"), N_("size"), N_("grids"))
    ]
    rows = []
    for defect in defects:
        lonlat = sheet.lonlat(defect.place)
        lon, lat = (f"{degrees:.6f}" for degrees in lonlat) if lonlat else ("", "")
        codes = [sheet.codes[row] for row in defect.rows]
        named = ", ".join(codes[:_MOST_CODES]) + (f" +{len(codes) - _MOST_CODES}" if len(codes) > _MOST_CODES else "")
        why = f" ({translate(REASONS.get(defect.reason, defect.reason), locale)})" if defect.reason else ""
        rows.append([translate(KINDS[defect.kind], locale) + why, lon, lat, amount(defect, locale), named])
    counts = ", ".join(f"{translate(KINDS[kind], locale)} {count}" for kind, count in _counts(defects).items())
    closing = translate(
        N_("%(count)s defects in %(grids)s grids: %(counts)s."),
        locale,
        count=len(defects),
        grids=len(sheet.shapes),
        counts=counts,
    )
    return f"{table(head, rows, right=(1, 2, 3))}\n\n{closing}"


def _counts(defects: list[Defect]) -> dict[str, int]:
    """How many of each kind, in the order of the list."""
    return dict(Counter(str(defect.kind) for defect in defects))


def _as_json(sheet: Sheet, defects: list[Defect]) -> str:
    listed = []
    for defect in defects:
        lon, lat = sheet.lonlat(defect.place) or (None, None)
        listed.append(
            {
                "kind": defect.kind,
                "grids": [sheet.codes[row] for row in defect.rows],
                "rows": list(defect.rows),
                "lon": lon,
                "lat": lat,
                "size": round(defect.size, 4),
                "unit": defect.unit,
                "reason": defect.reason or None,
            }
        )
    whole = {"grids": len(sheet.shapes), "crs": f"EPSG:{sheet.srid}", "counts": _counts(defects), "defects": listed}
    return json.dumps(whole, ensure_ascii=False)


def _write(sheet: Sheet, defects: list[Defect], path: Path) -> None:
    import geopandas as gpd

    from geodata.crs import shapes_to_lonlat
    from geodata.files import write
    from gridmap.cli.coverage import told_in_words

    frame = gpd.GeoDataFrame(
        {
            "kind": [str(defect.kind) for defect in defects],
            "grids": [" ".join(sheet.codes[row] for row in defect.rows) for defect in defects],
            "size": [defect.size for defect in defects],
            "unit": [defect.unit for defect in defects],
            "reason": [defect.reason for defect in defects],
        },
        geometry=shapes_to_lonlat([defect.geometry for defect in defects], sheet.srid) if defects else [],
        crs=4326,
    )
    with told_in_words():
        write(frame, path)
