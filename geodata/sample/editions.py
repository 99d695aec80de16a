"""Three earlier coverages, made by taking back splits, merges, moved edges, new names and carved-out grids."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.sample.cuts import Ints
from geodata.sample.fabric import Fabric
from geodata.sample.frames import layer, table
from geodata.sample.names import FORMER_NAMES, pinyin
from geodata.sample.register import Register
from geodata.sample.seeds import DeadEnd
from geodata.sample.sites import Sites
from geodata.sample.weave import borders, dissolve

MONTHS_BACK: Final = (30, 14, 9, 4)
"""Age of the three earlier editions and of the present one, months before the last day."""

SMALLEST_HALF: Final = 50
"""Households that both halves of a grid need to be worth a border."""

_CHANGES: Final = {"split": 3, "merge": 2, "boundary": 2, "rename": 1, "carve": 2}


@dataclass(frozen=True)
class Edition:
    """
    A coverage that was in force from an instant until the next one's.

    Attributes
    ----------
    grids
        As in `District.grids`; grids that did not change have the same bytes in every edition.
    lineage
        What became of the grids that changed: from_code, to_code, op, area_share, household_share.
    """

    effective_at: datetime
    grids: gpd.GeoDataFrame
    lineage: pd.DataFrame


@dataclass(frozen=True)
class Label:
    """What a grid was called in an edition."""

    code: str
    name: str
    name_en: str
    kind: str
    community: str
    owner: str | None


@dataclass
class _State:
    """One edition while it is taken back: the holder of each face, and what each holder was called."""

    holder: Ints
    labels: dict[int, Label]
    ops: dict[tuple[int, int], str] = field(default_factory=dict)


@dataclass(frozen=True)
class History:
    """The coverage of now, the three before it, and when now began."""

    grids: gpd.GeoDataFrame
    editions: list[Edition]
    effective_at: datetime


def make_history(
    fabric: Fabric, register: Register, sites: Sites, until: datetime, rng: np.random.Generator
) -> History:
    """Undo a few changes at a time, so that each earlier edition is put together from the same faces."""
    persons = _face_households(fabric, sites)
    state = _present(fabric, register, sites)
    when = [_months_before(until, months) for months in MONTHS_BACK]
    grids = _layer(fabric, persons, state)
    undo = _Undo(fabric, persons, state, rng)
    editions: list[Edition] = []
    for effective_at in reversed(when[:-1]):
        later = state
        state = undo.step_back(later)
        lineage = _lineage(fabric, persons, state, later)
        editions.append(Edition(effective_at, _layer(fabric, persons, state), lineage))
    return History(grids, editions[::-1], when[-1])


def _months_before(until: datetime, months: int) -> datetime:
    month = until.year * 12 + until.month - 1 - months
    return until.replace(year=month // 12, month=month % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0)


def _face_households(fabric: Fabric, sites: Sites) -> Ints:
    """Count the households on each face; the sum over a grid's faces is the grid's."""
    middle = shapely.point_on_surface(sites.shapes)
    site, face = shapely.STRtree(fabric.faces).query(middle, predicate="within")
    households = sites.layer["households"].to_numpy()
    return np.bincount(face, weights=households[site], minlength=len(fabric.faces)).astype(np.int64)


def _present(fabric: Fabric, register: Register, sites: Sites) -> _State:
    labels = {
        row: Label(register.code[row], register.name[row], register.name_en[row], kind, register.community[row],
                   sites.owner.get(row))
        for row, kind in enumerate(fabric.kinds)
    }  # fmt: skip
    return _State(fabric.owner.copy(), labels)


def _layer(fabric: Fabric, persons: Ints, state: _State) -> gpd.GeoDataFrame:
    shapes, holders = dissolve(fabric.faces, state.holder)
    if not (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON).all():
        raise DeadEnd("an earlier grid came out in pieces")
    labels = [state.labels[int(holder)] for holder in holders]
    households = np.bincount(state.holder, weights=persons, minlength=int(holders.max()) + 1)[holders]
    order = np.argsort([label.code for label in labels])
    labels = [labels[row] for row in order]
    columns = {
        "code": [label.code for label in labels],
        "name": [label.name for label in labels],
        "name_en": [label.name_en for label in labels],
        "kind": [label.kind for label in labels],
        "community_code": [label.community for label in labels],
        "households": households[order].astype(np.int64),
        "owner_site": [label.owner for label in labels],
    }
    return layer(columns, shapes[order])


def _lineage(fabric: Fabric, persons: Ints, earlier: _State, later: _State) -> pd.DataFrame:
    """Say for each changed grid which share of its ground and households went where."""
    area = shapely.area(fabric.faces)
    rows = []
    for (source, target), op in sorted(earlier.ops.items()):
        held = earlier.holder == source
        moved = held & (later.holder == target)
        share = float(area[moved].sum() / area[held].sum())
        # Where nobody lives, households go with the ground.
        people = float(persons[moved].sum() / persons[held].sum()) if persons[held].any() else share
        rows.append((earlier.labels[source].code, later.labels[target].code, op, round(share, 6), round(people, 6)))
    names = ("from_code", "to_code", "op", "area_share", "household_share")
    return table({name: [row[i] for row in rows] for i, name in enumerate(names)})


class _Undo:
    """Chooses changes and takes them back; each grid takes part in at most one over the years."""

    def __init__(self, fabric: Fabric, persons: Ints, state: _State, rng: np.random.Generator) -> None:
        self.fabric = fabric
        self.persons = persons
        self.rng = rng
        self.next_key = len(fabric.shapes)
        self.used: set[int] = set()
        self.last: dict[str, int] = {}
        for label in state.labels.values():
            self.last[label.community] = max(self.last.get(label.community, 0), int(label.code[12:]))
        pairs, _ = borders(fabric.shapes)
        self.pairs = pairs[rng.permutation(len(pairs))]
        self.halved = rng.permutation(np.unique(fabric.owner[fabric.part == 1]))
        self.dedicated = rng.permutation(np.flatnonzero(fabric.parent >= 0))

    def step_back(self, later: _State) -> _State:
        """Take back one edition's changes."""
        earlier = _State(later.holder.copy(), dict(later.labels))
        share = len(self.fabric.shapes) / 767
        for op, count in _CHANGES.items():
            wanted = max(1, round(count * share))
            for change in islice(getattr(self, f"_un{op}")(earlier), wanted):
                earlier.ops |= dict.fromkeys(change, op)
        return earlier

    def _unsplit(self, state: _State) -> Iterator[list[tuple[int, int]]]:
        """Put two neighbours together again under the code of the one with more households."""
        for one, two in self._neighbours(state):
            households = [self.persons[state.holder == row].sum() for row in (one, two)]
            kept, made = (one, two) if households[0] >= households[1] else (two, one)
            self.used |= {one, two}
            state.holder[state.holder == made] = kept
            del state.labels[made]
            yield [(kept, kept), (kept, made)]

    def _unmerge(self, state: _State) -> Iterator[list[tuple[int, int]]]:
        """Give half of a grid back to a grid of its own, whose code ended with it."""
        for grid in self._halves():
            minor = self._minor_half(state, grid)
            self.used.add(grid)
            key, self.next_key = self.next_key, self.next_key + 1
            state.labels[key] = self._ended_label(state.labels[grid])
            state.holder[minor] = key
            yield [(grid, grid), (key, grid)]

    def _unboundary(self, state: _State) -> Iterator[list[tuple[int, int]]]:
        """Give half of a grid back to the neighbour it was taken from."""
        faces = self.fabric.faces
        for grid in self._halves():
            half = np.flatnonzero((self.fabric.owner == grid) & (self.fabric.part == 1))
            for one, two in self._neighbours(state):
                if grid not in (one, two):
                    continue
                other = one + two - grid
                beside = np.flatnonzero(state.holder == other)
                pairs, length = borders(np.concatenate([faces[half], faces[beside]]))
                if length[(pairs[:, 0] < len(half)) & (pairs[:, 1] >= len(half))].sum() < 60:
                    continue
                self.used |= {one, two}
                state.holder[half] = other
                yield [(other, other), (other, grid), (grid, grid)]
                break

    def _unrename(self, state: _State) -> Iterator[list[tuple[int, int]]]:
        for row in self.dedicated.tolist():
            before = FORMER_NAMES.get(state.labels[row].name) if row in state.labels else None
            if before and row not in self.used:
                self.used.add(row)
                state.labels[row] = replace(state.labels[row], name=before[0], name_en=before[1])
                yield [(row, row)]
        for row in self.rng.permutation(self.fabric.first[1]).tolist():
            if row in state.labels and row not in self.used:
                self.used.add(row)
                label = state.labels[row]
                word = label.name.split(" ")[0]
                number = label.name.split(" ")[1]
                former = f"{word}东里 {number}"
                state.labels[row] = replace(label, name=former, name_en=f"{pinyin(word)} Dongli {number}")
                yield [(row, row)]

    def _uncarve(self, state: _State) -> Iterator[list[tuple[int, int]]]:
        """Give the ground of an institution back to the grids it was carved out of."""
        for row in self.dedicated.tolist():
            ground = np.flatnonzero(self.fabric.owner == row)
            parents = sorted(set(self.fabric.before[ground].tolist()))
            if row in self.used or self.used & set(parents):
                continue
            self.used |= {row, *parents}
            state.holder[ground] = self.fabric.before[ground]
            del state.labels[row]
            yield [pair for parent in parents for pair in ((parent, parent), (parent, row))]

    def _neighbours(self, state: _State) -> Iterator[tuple[int, int]]:
        """List pairs of urban neighbours of one community that no change has touched."""
        for one, two in self.pairs.tolist():
            urban = max(one, two) < self.fabric.first[1]
            if urban and not self.used & {one, two} and state.labels[one].community == state.labels[two].community:
                yield one, two

    def _halves(self) -> Iterator[int]:
        for grid in self.halved.tolist():
            held = self.fabric.owner == grid
            homes = [self.persons[held & (self.fabric.part == part)].sum() for part in (0, 1)]
            if grid not in self.used and min(homes) >= SMALLEST_HALF:
                yield grid

    def _minor_half(self, state: _State, grid: int) -> Ints:
        """Find the half with fewer households: the larger partner of a merge keeps its code."""
        held = state.holder == grid
        halves = [np.flatnonzero(held & (self.fabric.part == part)) for part in (0, 1)]
        return min(halves, key=lambda rows: int(self.persons[rows].sum()))

    def _ended_label(self, label: Label) -> Label:
        self.last[label.community] += 1
        number = self.last[label.community]
        word, word_en = label.name.split(" ")[0], label.name_en.split(" ")[0]
        return replace(
            label, code=f"{label.community}{number:03d}", name=f"{word} {number:02d}", name_en=f"{word_en} {number:02d}"
        )


def holders_in_time(history: History) -> dict[str, tuple[datetime, datetime | None]]:
    """Tell for every code that ever was: from when, and until when if it ended."""
    steps = [(edition.effective_at, edition.grids) for edition in history.editions]
    steps.append((history.effective_at, history.grids))
    first: dict[str, datetime] = {}
    last: dict[str, int] = {}
    for n, (effective_at, grids) in enumerate(steps):
        for code in grids["code"]:
            first.setdefault(code, effective_at)
            last[code] = n
    return {code: (first[code], None if last[code] == len(steps) - 1 else steps[last[code] + 1][0]) for code in first}
