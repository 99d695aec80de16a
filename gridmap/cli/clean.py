"""`gridmap clean`: a valid coverage from a dirty file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridmap.cli.coverage import Sheet, read_sheet, reading, table, told_in_words
from gridmap.cli.terminal import counting, reader_locale, say
from gridmap.errors import Invalid
from gridmap.language import N_, translate

if TYPE_CHECKING:
    import pandas as pd

    from geodata.coverage import Cleaned

_STILL_M = 0.005
"""Half a step of the lattice: what moved less only went to the nearest centimetre."""


@click.command()
@click.argument("grids", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write the grids."
)
@click.option(
    "--snap",
    "snap_m",
    default=0.5,
    show_default=True,
    type=click.FloatRange(0.02, 5.0),
    help="Metres: about the noise of the drawing. Gaps up to twice as wide are closed.",
)
@click.option("--repair", is_flag=True, help="Repair rings that cross themselves, instead of refusing the file.")
@reading
def clean(
    grids: Path,
    output: Path,
    snap_m: float,
    repair: bool,
    crs: str | None,
    datum: str | None,
    code: str | None,
    as_json: bool,
) -> None:
    """
    Write the grids of the file GRIDS without gaps and overlaps, and say what changed.

    Holes too wide to be drawing noise are listed and left; exit 1 if there are any, or if a grid was torn or lost.
    """
    from geodata import coverage

    with counting(None), told_in_words():
        sheet = read_sheet(grids, crs, datum, code)
        cleaned = coverage.clean(sheet.shapes, snap_m=snap_m, repair=repair)
    if cleaned.shapes.isna().all():
        raise Invalid(N_("Nothing would be left of the grids. Try a smaller --snap."))
    _write(sheet, cleaned, output)
    click.echo(_as_json(sheet, cleaned) if as_json else _as_text(sheet, cleaned))
    if cleaned.unassigned or (cleaned.changes["pieces"] != 1).any():
        raise SystemExit(1)


def _write(sheet: Sheet, cleaned: Cleaned, output: Path) -> None:
    from geodata.crs import shapes_to_lonlat
    from geodata.files import write

    frame = sheet.frame.set_geometry(shapes_to_lonlat(cleaned.shapes.array, sheet.srid), crs=4326)
    with told_in_words():
        write(frame[~frame.geometry.isna()], output)
    say(N_("Written: %(path)s."), path=str(output))


def _as_text(sheet: Sheet, cleaned: Cleaned) -> str:
    locale = reader_locale()
    changed = _changed(cleaned)
    words = (N_("grid"), N_("m² gained"), N_("m² lost"), N_("m moved"), N_("fingers"), N_("pieces"))
    rows = [
        [sheet.codes[row], f"{c.gained_m2:.2f}", f"{c.lost_m2:.2f}", f"{c.moved_m:.2f}", str(c.fingers), str(c.pieces)]
        for row, c in zip(changed.index, changed.itertuples(), strict=True)
    ]
    parts = [table([translate(word, locale) for word in words], rows, right=range(1, 6)) + "\n"] if rows else []
    if cleaned.unassigned:
        parts.append(_holes(sheet, cleaned, locale) + "\n")
    parts.append(
        translate(
            N_(
                "%(count)s grids, %(changed)s changed by more than a centimetre; gaps closed: %(filled)s; "
                "holes left: %(holes)s; rings repaired: %(repaired)s."
            ),
            locale,
            count=len(sheet.shapes),
            changed=len(changed),
            filled=len(cleaned.filled),
            holes=len(cleaned.unassigned),
            repaired=int(cleaned.changes["repaired"].sum()),
        )
    )
    if cleaned.gone:
        gone = ", ".join(sheet.codes[row] for row in cleaned.gone)
        parts.append(
            translate(N_("Nothing is left of these, and they are not in the file: %(codes)s."), locale, codes=gone)
        )
    return "\n".join(parts)


def _changed(cleaned: Cleaned) -> pd.DataFrame:
    return cleaned.changes[~(cleaned.changes["moved_m"] <= 2 * _STILL_M) | (cleaned.changes["pieces"] != 1)]


def _holes(sheet: Sheet, cleaned: Cleaned, locale: str) -> str:
    places = [hole.point_on_surface() for hole in cleaned.unassigned]
    lonlats = [sheet.lonlat((place.x, place.y)) or (0.0, 0.0) for place in places]
    words = (N_("hole without a grid"), N_("longitude"), N_("latitude"))
    rows = [
        [f"{hole.area:,.2f} m²", f"{lon:.6f}", f"{lat:.6f}"]
        for hole, (lon, lat) in zip(cleaned.unassigned, lonlats, strict=True)
    ]
    return table([translate(word, locale) for word in words], rows, right=range(3))


def _as_json(sheet: Sheet, cleaned: Cleaned) -> str:
    changes = cleaned.changes.round(4)
    figures = [
        {"grid": sheet.codes[row], **{name: getattr(c, name) for name in changes.columns}}
        for row, c in zip(changes.index, changes.astype(object).where(changes.notna(), None).itertuples(), strict=True)
    ]
    holes = []
    for hole in cleaned.unassigned:
        place = hole.point_on_surface()
        lon, lat = sheet.lonlat((place.x, place.y)) or (None, None)
        holes.append({"lon": lon, "lat": lat, "size": round(hole.area, 4), "unit": "m2"})
    return json.dumps(
        {
            "grids": figures,
            "crs": f"EPSG:{sheet.srid}",
            "filled": len(cleaned.filled),
            "unassigned": holes,
            "gone": [sheet.codes[row] for row in cleaned.gone],
        },
        ensure_ascii=False,
    )
