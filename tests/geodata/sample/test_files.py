"""The district as files: the same bytes wherever they are written."""

import csv
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.crs import snap_to_lattice, to_plane
from geodata.sample import write_district

ELSEWHERE = """
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo
from geodata.sample import make_district, write_district
until = datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
write_district(make_district(int(sys.argv[2]), grids=60, until=until), Path(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def written(district, tmp_path_factory) -> Path:
    directory = tmp_path_factory.mktemp("district")
    write_district(district, directory)
    return directory


def digests(directory: Path) -> dict[str, str]:
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def write_elsewhere(directory: Path, seed: int) -> dict[str, str]:
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-c", ELSEWHERE, str(directory), str(seed)]
    subprocess.run(command, check=True, cwd=root, env={"PYTHONHASHSEED": "77", "TZ": "America/Lima"}, timeout=300)
    return digests(directory)


def test_another_process_writes_the_same_bytes(written, tmp_path):
    assert write_elsewhere(tmp_path, 1) == digests(written)


def test_another_seed_writes_another_district(written, tmp_path):
    theirs, ours = write_elsewhere(tmp_path, 5), digests(written)
    assert theirs["grids.geojson"] != ours["grids.geojson"]
    assert theirs["categories.csv"] == ours["categories.csv"]


def test_a_feature_stands_on_a_line_with_nine_decimals(written, district):
    lines = (written / "grids.geojson").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(district.grids) + 2
    for path in written.glob("*.geojson"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\d\.\d{10,}", text), path.name
        assert "NaN" not in text
    first = json.loads(lines[1].rstrip(","))
    assert first["properties"]["code"] == district.grids["code"].iloc[0]
    assert shapely.from_geojson(json.dumps(first["geometry"])).exterior.is_ccw


def test_the_files_lead_back_to_the_lattice(written, district):
    read = gpd.read_file(written / "grids.geojson")
    assert shapely.coverage_is_valid(read.geometry.to_numpy())
    lonlat = shapely.get_coordinates(shapely.normalize(read.geometry.to_numpy()))
    xy = snap_to_lattice(np.column_stack(to_plane(*lonlat.T, district.srid)))
    ours = shapely.get_coordinates(shapely.normalize(district.grids.geometry.to_numpy()))
    assert {tuple(point) for point in xy.tolist()} == {tuple(point) for point in ours.tolist()}


def test_earlier_editions_lie_in_folders_of_their_own(written, district):
    folders = sorted((written / "editions").iterdir())
    assert [folder.name[2:] for folder in folders] == [f"{e.effective_at:%Y-%m-%d}" for e in district.editions]
    with (folders[0] / "lineage.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["from_code"] for row in rows] == list(district.editions[0].lineage["from_code"])


def test_the_reader_is_told_that_nothing_is_real(written):
    text = (written / "README.txt").read_text(encoding="utf-8")
    assert "made-up" in text
    assert "Seed 1, 60 grids" in text
