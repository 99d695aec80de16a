"""Files made to do harm are made here, by code; what must be true of every one of them stands in `refused`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geodata.errors import GeodataError
from geodata.files import IMPORT, Limits, read

# A child that computes longer than the door allows is ended, and says so in other words than any test below expects.
# How long it waits for a core is the machine's matter.
HOWEVER_BUSY = replace(IMPORT, wall_s=600)


def children() -> list[str]:
    return [pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]


@pytest.fixture
def aside(tmp_path, monkeypatch) -> Path:
    """Where the private directories of children are made."""
    path = tmp_path / "aside"
    path.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(path))
    return path


@pytest.fixture
def refused(aside) -> Callable[..., GeodataError]:
    """Read a file, be told in a sentence why not, and find nothing left behind."""

    def check(path: Path, said: str, *, limits: Limits = HOWEVER_BUSY, **asked: object) -> GeodataError:
        before = children()
        with pytest.raises(GeodataError, match=said) as caught:
            read(path, limits=limits, **asked)
        assert children() == before
        assert list(aside.iterdir()) == []
        return caught.value

    return check


@pytest.fixture
def read_right(aside) -> Callable[..., gpd.GeoDataFrame]:
    """Read a file that only looks bad, and find nothing left behind."""

    def check(path: Path, *, limits: Limits = HOWEVER_BUSY, **asked: object) -> gpd.GeoDataFrame:
        before = children()
        frame = read(path, limits=limits, **asked)
        assert children() == before
        assert list(aside.iterdir()) == []
        return frame

    return check


@pytest.fixture
def outcome(aside) -> Callable[[Path], str]:
    """Read a damaged file; what its rows were counted as, or the sentence of its refusal, with nothing left behind."""

    def check(path: Path) -> str:
        try:
            said = f"{len(read(path, limits=HOWEVER_BUSY))} rows"
        except GeodataError as error:
            said = str(error)
        assert list(aside.iterdir()) == []
        return said

    return check


@pytest.fixture
def blocks() -> gpd.GeoDataFrame:
    """Three blocks of a town, with values of every kind."""
    return gpd.GeoDataFrame(
        {
            "code": ["001", "002", "003"],
            "名称": ["东关", "西关", "南关"],
            "households": [310, 402, 488],
            "share": [0.5, 0.25, None],
        },
        geometry=shapely.box([114.2, 114.21, 114.22], 35.7, [114.21, 114.22, 114.23], 35.71),
        crs=4326,
    )
