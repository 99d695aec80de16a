"""The register of areas and grids: codes, names and outlines from the coverage."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.sample.areas import Membership
from geodata.sample.cuts import Ints, Shapes, shapes_array
from geodata.sample.fabric import Fabric
from geodata.sample.frames import layer
from geodata.sample.names import COMMUNITIES, DISTRICT, INSTITUTIONS, TOWNSHIPS, VILLAGES, Institution, pinyin
from geodata.sample.roads import Roads
from geodata.sample.town import Town


@dataclass(frozen=True)
class Register:
    """
    What each of n grids is called: codes, names in both languages, community and owning institution.

    `words` are the communities' names without an ending, by code.
    """

    code: list[str]
    name: list[str]
    name_en: list[str]
    community: list[str]
    institution: dict[int, Institution]
    institution_sort: dict[int, str]
    words: dict[str, str]
    areas: gpd.GeoDataFrame

    def community_name(self, row: int) -> str:
        """Name of a grid's community without its ending."""
        return self.words[self.community[row]]


def make_register(
    fabric: Fabric, membership: Membership, town: Town, roads: Roads, rng: np.random.Generator
) -> Register:
    """Write out codes and names. A grid is called by its community and number, an institution's by its owner."""
    township = [DISTRICT[0] + TOWNSHIPS[row].digits for row in membership.township]
    office = membership.township < 5
    community = [
        f"{code}{number if town_like else 199 + number:03d}"
        for code, number, town_like in zip(township, membership.community, office, strict=True)
    ]
    code = [f"{parent}{number:03d}" for parent, number in zip(community, membership.sequence, strict=True)]
    names = _community_names(sorted(set(community)), rng)
    sorts = {fabric.first[1] + i: campus.sort for i, campus in enumerate(town.campuses)}
    sorts |= {fabric.first[3] + i: "rural_works" for i in range(len(roads.works))}
    institution = _institutions(sorts)
    name = [f"{names[parent]} {number:02d}" for parent, number in zip(community, membership.sequence, strict=True)]
    name_en = [
        f"{pinyin(names[parent])} {number:02d}" for parent, number in zip(community, membership.sequence, strict=True)
    ]
    for row, owner in institution.items():
        name[row], name_en[row] = owner.name, owner.name_en
    areas = _areas(fabric.shapes, township, community, names)
    return Register(code, name, name_en, community, institution, sorts, names, areas)


def _community_names(codes: list[str], rng: np.random.Generator) -> dict[str, str]:
    town = iter(rng.permutation(len(COMMUNITIES)).tolist())
    country = iter(rng.permutation(len(VILLAGES)).tolist())
    return {code: COMMUNITIES[next(town)] if int(code[9:]) < 200 else VILLAGES[next(country)] for code in codes}


def _institutions(sorts: dict[int, str]) -> dict[int, Institution]:
    used = dict.fromkeys(INSTITUTIONS, 0)
    found = {}
    for row, sort in sorts.items():
        listed = INSTITUTIONS[sort]
        found[row] = listed[used[sort] % len(listed)]
        used[sort] += 1
    return found


def _areas(shapes: Shapes, township: list[str], community: list[str], names: dict[str, str]) -> gpd.GeoDataFrame:
    """Unite grids to communities, townships and the district; outlines keep every vertex of the grids."""
    rows: list[tuple[str, str | None, str, str, str, BaseGeometry]] = []
    code, name, name_en = DISTRICT
    rows.append((code, None, "district", name, name_en, _united(shapes)))
    by_digits = {DISTRICT[0] + known.digits: known for known in TOWNSHIPS}
    for number in sorted(set(township)):
        here = by_digits[number]
        rows.append((number, code, "township", here.name, here.name_en, _united(shapes[_where(township, number)])))
    for number in sorted(set(community)):
        word = names[number]
        ending = "社区" if int(number[9:]) < 200 else "" if word.endswith("村") else "村"
        outline = _united(shapes[_where(community, number)])
        rows.append((number, number[:9], "community", word + ending, pinyin(word), outline))
    columns = ("code", "parent_code", "kind", "name", "name_en")
    return layer({key: [row[i] for row in rows] for i, key in enumerate(columns)}, shapes_array([r[5] for r in rows]))


def _where(values: list[str], value: str) -> Ints:
    return np.flatnonzero(np.array(values) == value)


def _united(shapes: Shapes) -> BaseGeometry:
    one = shapely.normalize(shapely.coverage_union_all(shapes))
    return shapely.MultiPolygon(list(shapely.get_parts(one)))
