"""`gridmap partition`: a proposal of grids from buildings and barriers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gridmap.cli.coverage import CODE, proposing, read_sheet, reading, require_column, table, told_in_words
from gridmap.cli.terminal import progress, reader_locale, say
from gridmap.errors import Invalid
from gridmap.language import N_, translate

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.partition import Proposal, Score, Watch

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_STEPS: Final = 7
_RANKS: Final = {
    "administrative": N_("along administrative lines"),
    "major": N_("along rivers, railways, main roads"),
    "street": N_("along streets"),
    "lane": N_("along lanes, paths, walls"),
    "between": N_("between buildings"),
}


@click.command()
@click.option("--boundary", required=True, type=_FILE, help="Area to divide: one polygon, or one a community.")
@click.option("--units", required=True, type=_FILE, help="Buildings, blocks or points; none is cut.")
@click.option("--weight", required=True, metavar="COLUMN", help="Column of the units with their households.")
@click.option(
    "--barriers",
    multiple=True,
    type=_FILE,
    help="Streets, rivers, railways, walls; columns `rank` (0 motorway, rail, river ... 5 path) and `layer` count. "
    "May be given several times.",
)
@click.option("--dedicated", type=_FILE, help="Places that are grids of their own.")
@click.option("--keep", type=_FILE, help="Today's grids: their figures stand beside, with the households that move.")
@click.option("--min", "fewest", default=300, show_default=True, type=click.IntRange(min=1), help="Fewest households.")
@click.option("--max", "most", default=500, show_default=True, type=click.IntRange(min=1), help="Most households.")
@click.option("--rural", is_flag=True, help="One grid a village: dwellings that stand together. No --min, no --max.")
@click.option(
    "--reach",
    default=80.0,
    show_default=True,
    type=click.FloatRange(min=1),
    help="With --rural: metres from house to house.",
)
@proposing("the grids")
@reading
def partition(
    boundary: Path,
    units: Path,
    weight: str,
    barriers: tuple[Path, ...],
    dedicated: Path | None,
    keep: Path | None,
    fewest: int,
    most: int,
    rural: bool,
    reach: float,
    seed: int,
    output: Path,
    crs: str | None,
    datum: str | None,
    code: str | None,
    as_json: bool,
) -> None:
    """
    Propose grids of --min to --max households that keep to barriers, cut no building and cross no boundary.

    With --rural every village is a grid, however many households it has.

    Writes polygons with `code`, `weight`, `compactness`, and prints a score card. Exit 1 if a grid is out of the range;
    why is said in words.
    """
    from geodata import partition as geometry

    sheet = read_sheet(boundary, crs, datum, code)

    def layer(path: Path) -> gpd.GeoDataFrame:
        return read_layer(path, crs, datum, sheet.srid)

    houses = layer(units)
    require_column(houses, weight, units)
    given = (
        _outlines(sheet.shapes, sheet.codes, code is not None or CODE in sheet.frame.columns),
        houses.geometry,
        houses[weight].to_numpy(),
    )
    around: Any = {
        "barriers": _together([layer(path) for path in barriers]),
        "dedicated": layer(dedicated).geometry if dedicated else None,
        "today": layer(keep).geometry if keep else None,
        "seed": seed,
    }
    with steps() as watch, told_in_words():
        if rural:
            proposal = geometry.villages(*given, reach_m=reach, watch=watch, **around)
        else:
            proposal = geometry.partition(*given, limits=geometry.Range(fewest, most), watch=watch, **around)
    _write(proposal, sheet.srid, output)
    click.echo(_as_json(proposal) if as_json else _as_text(proposal))
    raise SystemExit(1 if len(proposal.flagged) else 0)


def _outlines(shapes: gpd.GeoSeries, codes: dict[Any, str], coded: bool) -> gpd.GeoSeries:
    """Outlines by their codes; without a column of codes they are numbered, and a single one has no name."""
    import geopandas as gpd
    import shapely

    if not coded:
        names = [""] if len(shapes) == 1 else [f"{number:03d}" for number in range(1, len(shapes) + 1)]
        return shapes.set_axis(names)
    named = shapes.set_axis([codes[row] for row in shapes.index])
    if named.index.is_unique:
        return named
    parts = {name: shapely.union_all(group.to_numpy()) for name, group in named.groupby(level=0)}
    return gpd.GeoSeries(parts, crs=shapes.crs)


def read_layer(path: Path, crs: str | None, datum: Any, srid: int) -> gpd.GeoDataFrame:
    """
    Read a file of shapes into the working system `srid`.

    Raises
    ------
    Invalid
        If the file cannot be read or holds no shapes.
    """
    from geodata.crs import shapes_to_plane
    from geodata.files import LOCAL, Given, read

    with told_in_words():
        frame = read(path, given=Given(crs, datum), limits=LOCAL)
    if frame.geometry.isna().all():
        raise Invalid(N_("%(path)s holds no shapes."), path=path.name)
    return frame.set_geometry(shapes_to_plane(frame.geometry.array, srid), crs=srid)


def _together(layers: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame | None:
    import pandas as pd

    columns = ("rank", "layer", "geometry")
    kept = [layer[[name for name in layer.columns if name in columns]] for layer in layers]
    return pd.concat(kept, ignore_index=True) if kept else None


@contextmanager
def steps() -> Iterator[Watch]:
    """Show the steps of a partition as they begin; yields what geodata tells its progress to."""
    from geodata.partition import Watch

    seen: set[str] = set()
    with progress(_STEPS) as advance:

        def tell(share: float, step: str) -> None:
            if step not in seen:
                seen.add(step)
                advance(step)

        yield Watch(progress=tell)


def _write(proposal: Proposal, srid: int, output: Path) -> None:
    from geodata.crs import shapes_to_lonlat
    from geodata.files import write

    frame = proposal.grids.set_geometry(shapes_to_lonlat(proposal.grids.geometry.array, srid), crs=4326)
    if (frame["weight"] % 1 == 0).all():
        frame["weight"] = frame["weight"].astype(int)
    with told_in_words():
        write(frame, output)
    say(N_("Written: %(path)s."), path=str(output))


def _as_json(proposal: Proposal) -> str:
    locale = reader_locale()
    told = {
        "proposed": proposal.score.as_json(),
        "today": proposal.today.as_json() if proposal.today else None,
        "moved": proposal.moved,
        "dedicated": int((proposal.grids["kind"] == "dedicated").sum()),
        "seed": proposal.seed,
        "notes": [translate(note.msgid, locale, **note.params) for note in proposal.notes],
        "grids": [
            {"code": row.code, "weight": row.weight, "state": row.state, "compactness": round(row.compactness, 4)}
            for row in proposal.grids.itertuples()
        ],
    }
    return json.dumps(told, ensure_ascii=False)


def _as_text(proposal: Proposal) -> str:
    locale = reader_locale()
    cards = [_card(proposal.score, locale)] + ([_card(proposal.today, locale)] if proposal.today else [])
    head = ["", translate(N_("proposed"), locale)] + ([translate(N_("today"), locale)] if proposal.today else [])
    rows = [[name, *(card[name] for card in cards)] for name in cards[0]]
    lines = [table(head, rows, right=range(1, len(head)))]
    if proposal.moved is not None:
        lines.append(
            translate(N_("%(count)s households would get another grid."), locale, count=f"{proposal.moved:,.0f}")
        )
    lines += [translate(note.msgid, locale, **note.params) for note in proposal.notes]
    flagged = proposal.flagged
    if len(flagged):
        named = ", ".join(f"{row.code} ({row.weight:,.0f})" for row in flagged.itertuples())
        lines.append(translate(N_("Out of the range: %(grids)s."), locale, grids=named))
    return "\n".join(lines)


def _card(score: Score, locale: str) -> dict[str, str]:
    """Lines of the score card: what, and how much."""
    told = score.as_json()
    card = {
        N_("grids"): f"{told['grids']:,}",
        N_("of them in the range"): f"{told['in_range']:,}",
        N_("households"): f"{told['households']:,}",
        N_("fewest and most in a grid"): f"{told['fewest']} - {told['most']}",
        N_("mean compactness"): f"{told['compactness']}",
        N_("mean number of neighbours"): f"{told['neighbours']}",
        N_("grids in several pieces"): f"{told['in_pieces']}",
        N_("buildings cut"): f"{told['buildings_cut']}",
        N_("border on barriers"): f"{told['on_barriers']:.1%}",
    }
    card |= {words: f"{told['border'][rank]:.1%}" for rank, words in _RANKS.items()}
    return {translate(words, locale): value for words, value in card.items()}
