"""The ground of the made-up district: areas, grids in four editions, sites, streets, fields."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.crs import shapes_to_lonlat
from gridmap.demo import TIME_ZONE
from gridmap.grids.actions import import_areas
from gridmap.grids.drafts import AreaDraft, Descent, GridDraft
from gridmap.grids.publishing import publish_coverage
from gridmap.grids.queries import current_district
from gridmap.intake.copying import copy_rows, hex_wkb, known, label_json, labels, span

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.sample.district import District

CODE_SCHEME: Final = "gb15"

_NAMESPACE: Final = uuid.UUID("6f1f5dd0-1f53-4f0f-9b2c-6b7f9d1d0a77")
_SITE_COLUMNS: Final = (
    "id",
    "kind",
    "code",
    "name",
    "names",
    "shape",
    "grid_id",
    "path",
    "households",
    "storeys",
    "valid",
)


def load_coverage(db: Session, district: District) -> None:
    """Import the tree of areas and publish every edition of the grids, the oldest first."""
    drafts = [
        AreaDraft(row.code, known(row.parent_code), row.kind, row.name, dict(labels(row.name_en)))
        for row in district.areas.itertuples()
    ]
    district_id = import_areas(
        db,
        drafts,
        srid=district.srid,
        time_zone=TIME_ZONE,
        code_scheme=CODE_SCHEME,
        valid_from=beginning(district),
    )
    _load_owners(db, district)
    lineage: list[Descent] = []
    for number, (effective_at, grids) in enumerate(coverages_of(district)):
        publish_coverage(
            db, district_id, grid_drafts(grids), base_edition=number, effective_at=effective_at, lineage=lineage
        )
        if number < len(district.editions):
            lineage = descents(district.editions[number].lineage)


def coverages_of(district: District) -> list[tuple[datetime, gpd.GeoDataFrame]]:
    """When each coverage came into force, and its grids: the earlier editions, then the present one."""
    earlier = [(edition.effective_at, edition.grids) for edition in district.editions]
    return [*earlier, (district.effective_at, district.grids)]


def beginning(district: District) -> datetime:
    """Since when the made-up district exists: the instant of its first coverage."""
    return district.editions[0].effective_at


def grid_drafts(grids: gpd.GeoDataFrame) -> list[GridDraft]:
    """Read one edition's frame as drafts."""
    return [
        GridDraft(
            code=row.code,
            name=row.name,
            kind=row.kind,
            community_code=row.community_code,
            households=int(row.households),
            plane=row.geometry,
            names=dict(labels(row.name_en)),
            owner_site_id=None if known(row.owner_site) is None else site_id(row.owner_site),
        )
        for row in grids.itertuples()
    ]


def descents(lineage: Any) -> list[Descent]:
    """Read the rows that say which grid came out of which."""
    return [
        Descent(row.from_code, row.to_code, row.op, float(row.area_share), float(row.household_share))
        for row in lineage.itertuples()
    ]


def load_sites(db: Session, district: District) -> None:
    """Put in the buildings and premises, each in the grid that holds it now."""
    holders = grids_now(db)
    others = district.sites[~district.sites["code"].isin(_owner_codes(district))]
    copy_rows(db, "site", _SITE_COLUMNS, _site_rows(others, district, holders, current_district(db).path))
    _attach_owners(db, district, holders)


def load_surroundings(db: Session, district: District) -> None:
    """Put in the streets, waters and fields of the base map."""
    ways, ground = district.ways, district.ground
    lines = hex_wkb(shapes_to_lonlat(ways.geometry.to_numpy(), district.srid))
    copy_rows(
        db,
        "way",
        ("kind", "rank", "layer", "name", "names", "line"),
        (
            (row.kind, int(row.rank), int(row.layer), known(row.name), label_json(known(row.name_en)), line)
            for row, line in zip(ways.itertuples(), lines, strict=True)
        ),
    )
    shapes = hex_wkb(shapes_to_lonlat(ground.geometry.to_numpy(), district.srid))
    copy_rows(
        db,
        "ground",
        ("kind", "name", "names", "shape"),
        (
            (row.kind, known(row.name), label_json(known(row.name_en)), shape)
            for row, shape in zip(ground.itertuples(), shapes, strict=True)
        ),
    )


def site_id(code: str) -> UUID:
    """The id of a made-up site: the same in every load of the same district."""
    return uuid.uuid5(_NAMESPACE, f"site {code}")


def grids_now(db: Session) -> dict[str, tuple[int, str]]:
    """Grid id and area path by code, of the coverage in force."""
    rows = db.execute(
        text("SELECT code, grid_id, path::text FROM grid_version WHERE upper_inf(valid) AND upper_inf(recorded)")
    )
    return {code: (grid_id, path) for code, grid_id, path in rows}


def _owner_codes(district: District) -> set[str]:
    """The premises that ever owned a dedicated grid: they must stand before the first edition."""
    return {code for _, grids in coverages_of(district) for code in grids["owner_site"] if known(code) is not None}


def _load_owners(db: Session, district: District) -> None:
    owners = district.sites[district.sites["code"].isin(_owner_codes(district))]
    copy_rows(db, "site", _SITE_COLUMNS, _site_rows(owners, district, {}, current_district(db).path))


def _attach_owners(db: Session, district: District, holders: Mapping[str, tuple[int, str]]) -> None:
    """Give the premises that stood before the grids the grid that holds them."""
    owners = district.sites[district.sites["code"].isin(_owner_codes(district))]
    held = [(site_id(row.code), *holders[row.grid_code]) for row in owners.itertuples() if row.grid_code in holders]
    db.execute(
        text(
            "UPDATE site SET grid_id = held.grid_id, path = held.path::ltree"
            " FROM unnest(CAST(:ids AS uuid[]), CAST(:grids AS bigint[]), CAST(:paths AS text[]))"
            " AS held (id, grid_id, path) WHERE held.id = site.id"
        ),
        {
            "ids": [site for site, _, _ in held],
            "grids": [grid for _, grid, _ in held],
            "paths": [path for _, _, path in held],
        },
    )


def _site_rows(
    sites: gpd.GeoDataFrame, district: District, holders: Mapping[str, tuple[int, str]], district_path: str
) -> Iterator[tuple[Any, ...]]:
    valid = span(beginning(district))
    shapes = hex_wkb(shapes_to_lonlat(sites.geometry.to_numpy(), district.srid))
    for row, shape in zip(sites.itertuples(), shapes, strict=True):
        grid, path = holders.get(row.grid_code, (None, district_path))
        storeys = known(row.storeys)
        yield (
            site_id(row.code),
            row.kind,
            row.code,
            row.name,
            label_json(known(row.name_en)),
            shape,
            grid,
            path,
            int(row.households),
            None if storeys is None else int(storeys),
            valid,
        )
