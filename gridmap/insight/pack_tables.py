"""The two tables of a grid pack, in its reader's language: office cadres, and the grid's people with their sites."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from gridmap.insight.pack import Answering, Pack, SiteDrawn
from gridmap.insight.pack_rules import ranges
from gridmap.insight.pack_words import (
    CADRE_DUTIES,
    CADRE_PARTS,
    ON_THE_WAY,
    POST_DUTIES,
    POSTS,
    ROUNDS,
    SITE_KINDS,
    WORKER,
    WORKER_DUTY,
)
from gridmap.insight.words import figure, name_of
from gridmap.language import N_, translate
from gridmap.people.rules import Role

_HIDDEN: Final = "–"
_LAST_NUMBER: Final = re.compile(r"\s*[0-9]+$")

Cell = str | list[str]
"""The words of a cell, or one line for each of several people."""


@dataclass(frozen=True)
class PackTable:
    """
    A table as the page writes it: text alone, but for the marks of sites.

    Attributes
    ----------
    widths
        Of the columns, in per cent.
    numbers
        Which columns are figures.
    marks
        Kind of the site that each row's first cell is the mark of; empty where none is.
    part
        Whether it continues the table before it, and so is no third one.
    """

    name: str
    rule: str
    empty: str
    head: Sequence[str]
    widths: Sequence[int]
    rows: Sequence[Sequence[Cell]]
    numbers: frozenset[int] = frozenset()
    marks: Sequence[str] = ()
    part: bool = False


def tables_of(pack: Pack, locale: str) -> list[PackTable]:
    """The two tables of a pack; the second has two more parts, the sites and the homes that its people look after."""
    return [_office(pack, locale), _people(pack, locale), _sites(pack, locale), _homes(pack, locale)]


def _office(pack: Pack, locale: str) -> PackTable:
    """One row an office, its people one below the other."""
    offices: dict[tuple[Role, int | None], list[Answering]] = {}
    for each in pack.office:
        offices.setdefault((each.role, each.row.department_id), []).append(each)
    rows: list[list[Cell]] = [
        [
            _office_name(pack, members[0], locale),
            [name_of(each.row.name, each.row.names, locale) for each in members],
            [translate(CADRE_PARTS[each.row.part or each.role], locale) for each in members],
            [each.phone or _HIDDEN for each in members],
            translate(CADRE_DUTIES[role], locale),
        ]
        for (role, _), members in offices.items()
    ]
    words = (N_("Office"), N_("Name"), N_("Post"), N_("Telephone"), N_("Duty"))
    return PackTable(
        translate(N_("1. Duties of the office cadres"), locale),
        translate(
            N_("Who answers for this grid from an office: its chief, the township desk, the departments."), locale
        ),
        translate(N_("Nobody is assigned."), locale),
        [translate(word, locale) for word in words],
        (19, 16, 16, 17, 32),
        rows,
    )


def _office_name(pack: Pack, each: Answering, locale: str) -> str:
    if each.role is Role.DEPARTMENT:
        return name_of(each.row.department_name or "", each.row.department_names, locale)
    area = pack.community if each.role is Role.CHIEF else pack.township
    return _HIDDEN if area is None else name_of(area.name, area.names, locale)


def _people(pack: Pack, locale: str) -> PackTable:
    homes, marked = [site for site in pack.sites if site.held and site.dwelling], [s for s in pack.sites if s.mark]
    held = [figure(pack.row.households), figure(len(homes)), figure(len(marked))]
    rows: list[list[Cell]] = [
        [
            name_of(each.row.name, each.row.names, locale),
            translate(POSTS.get(each.row.post or "", WORKER), locale),
            each.phone or _HIDDEN,
            *held,
            translate(POST_DUTIES.get(each.row.post or "", WORKER_DUTY), locale),
        ]
        for each in pack.people
    ]
    words = (
        N_("Name"), N_("Post"), N_("Telephone"), N_("Households"), N_("Buildings"), N_("Sites"), N_("Duty"),
    )  # fmt: skip
    return PackTable(
        translate(N_("2. Duties of the people of the grid"), locale),
        translate(N_("Who works here, and what each of them looks after; those of the community help out."), locale),
        translate(N_("No worker is assigned to this grid; its chief walks it."), locale),
        [translate(word, locale) for word in words],
        (15, 16, 16, 10, 10, 8, 25),
        rows,
        frozenset({3, 4, 5}),
    )


def _sites(pack: Pack, locale: str) -> PackTable:
    marked = [site for site in pack.sites if site.mark]
    rows: list[list[Cell]] = [
        [
            str(site.mark),
            name_of(site.row.name, site.row.names, locale),
            translate(SITE_KINDS.get(site.row.kind, site.row.kind), locale),
            translate(ROUNDS.get(site.row.kind, ON_THE_WAY), locale),
        ]
        for site in marked
    ]
    words = (N_("On the map"), N_("Site"), N_("Kind"), N_("How often"))
    return PackTable(
        translate(N_("Sites to visit"), locale),
        translate(N_("Numbered as on the map."), locale),
        translate(N_("There is no site to visit in this grid."), locale),
        [translate(word, locale) for word in words],
        (12, 44, 22, 22),
        rows,
        marks=[site.row.kind for site in marked],
        part=True,
    )


def _homes(pack: Pack, locale: str) -> PackTable:
    groups: dict[tuple[str, str], list[SiteDrawn]] = {}
    for site in pack.sites:
        if site.held and site.dwelling:
            groups.setdefault((site.row.kind, site.stem), []).append(site)
    rows: list[list[Cell]] = [
        [
            _estate(kind, stem, members, locale),
            ranges(site.number for site in members if site.number is not None) or _HIDDEN,
            figure(len(members)),
            figure(sum(site.row.households for site in members)),
            translate(ROUNDS.get(kind, ON_THE_WAY), locale),
        ]
        for (kind, stem), members in sorted(groups.items())
    ]
    words = (N_("Estate or village"), N_("House numbers"), N_("Buildings"), N_("Households"), N_("How often"))
    return PackTable(
        translate(N_("Buildings and households"), locale),
        translate(N_("With the numbers that stand in the houses on the map."), locale),
        translate(N_("Nobody lives in this grid."), locale),
        [translate(word, locale) for word in words],
        (30, 28, 12, 14, 16),
        rows,
        frozenset({2, 3}),
        part=True,
    )


def _estate(kind: str, stem: str, members: Sequence[SiteDrawn], locale: str) -> str:
    if not stem:
        return translate(SITE_KINDS.get(kind, kind), locale)
    return estate_name(stem, members[0].row.names, locale)


def estate_name(stem: str, names: Any, locale: str) -> str:
    """The name that the buildings of an estate share, such as ``Fengze Estate`` of ``Fengze Estate 6``."""
    whole = name_of(stem, names, locale)
    return whole if whole == stem else _LAST_NUMBER.sub("", whole) or stem
