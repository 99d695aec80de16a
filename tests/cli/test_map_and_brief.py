"""`gridmap map` and `gridmap brief`, on a database of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
from sqlalchemy.orm import Session

from gridmap.cli import main
from gridmap.database import make_engine
from tests.desks import add_incident
from tests.pdf import Paper
from tests.worlds import CODE, build_town, point

Ran = tuple[int, str, str]
NOW = datetime.now(UTC)


@pytest.fixture
def gridmap(monkeypatch, capsys, fresh_database) -> Iterator[Callable[..., Ran]]:
    """Run a command on the drawn town; code, result, what was said."""
    monkeypatch.setenv("GRIDMAP_LANGUAGE", "en")
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", fresh_database.app)
    engine = make_engine(fresh_database.app)
    with Session(engine) as db, db.begin():
        town = build_town(db)
        add_incident(db, town, "A", point(0.5, 2.5), occurred=NOW - timedelta(days=10), due=NOW - timedelta(days=5))
    engine.dispose()

    def run(*words: object) -> Ran:
        with pytest.raises(SystemExit) as end:
            main([str(word) for word in words])
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out.strip(), said.err.strip()

    return run


def test_maps_and_briefs_are_written_and_what_cannot_be_is_said_in_a_sentence(gridmap, tmp_path):
    """One database for all of it: making one takes longer than the commands."""
    page, sheet = tmp_path / "map.html", tmp_path / "brief.xlsx"
    assert gridmap("map", "-o", page, "--layer", "open", "--layer", "areas", "--lang", "zh-CN")[:2] == (0, str(page))
    assert '<html lang="zh-CN">' in page.read_text()
    assert "Open per grid" not in page.read_text()
    assert gridmap("map", "-o", page, "--as-of", "2025-02-01", "--area", "990106001")[0] == 0
    assert "As of 2025-02-01 23:59" in page.read_text()

    begun = (NOW - timedelta(days=10)).isocalendar()
    week = f"{begun.year}-W{begun.week:02}"
    assert gridmap("brief", "--week", week, "-o", tmp_path / "b.html")[:2] == (0, str(tmp_path / "b.html"))
    assert f"Weekly brief {week}" in (tmp_path / "b.html").read_text()
    assert gridmap("brief", "-o", sheet)[0] == 0
    assert openpyxl.load_workbook(sheet).sheetnames[0] == "The week"

    paper = tmp_path / "pack.pdf"
    assert gridmap("pack", CODE["A"], "-o", paper, "--lang", "zh-CN")[:2] == (0, str(paper))
    assert "网格册：网格 A" in Paper(paper.read_bytes()).titles
    assert gridmap("pack", "--area", "990106001002", "-o", paper, "--as-of", "2025-02-01")[0] == 0
    assert {"Grid packs", "Grid C", "Grid D"} <= set(Paper(paper.read_bytes()).titles)
    paper.unlink()
    for _ in ("the folder is made", "and used again"):
        assert gridmap("pack", "--area", "990106001002", "--each", "-o", tmp_path / "packs")[0] == 0
        assert sorted(one.name for one in (tmp_path / "packs").iterdir()) == [f"pack-{CODE[one]}.pdf" for one in "CD"]

    refused = {
        ("pack", "-o", paper): "Name one grid",
        ("pack", CODE["A"], "--all", "-o", paper): "Name one grid",
        ("pack", "77", "-o", paper): "There is no grid 77",
        ("pack", CODE["A"], "-o", tmp_path / "pack.doc"): "written as .pdf",
        ("pack", "--all", "--each", "-o", tmp_path / "nowhere" / "packs"): "There is no folder",
        ("pack", "--all", "--each", "-o", page): "is a file",
        ("map", "-o", tmp_path / "map.pdf"): "written as .html",
        ("map", "-o", page, "--as-of", "yesterday"): "as_of takes a date",
        ("map", "-o", page, "--as-of", "2199-01-01"): "has not come yet",
        ("export", "grids", "-o", tmp_path / "grids.csv", "--as-of", "2199-01-01"): "has not come yet",
        ("map", "-o", page, "--area", "77"): "no area with the code 77",
        ("map", "-o", page, "--layer", "weather"): "weather",
        ("map", "-o", page, "--as-of", "2019-01-01"): "nothing to draw",
        ("map", "-o", tmp_path / "nowhere" / "map.html"): "There is no folder",
        ("brief", "-o", tmp_path / "b.doc"): ".html, .xlsx or .pdf",
        ("brief", "--week", "2199-W01", "-o", sheet): "has not begun",
        ("brief", "--week", "46", "-o", sheet): "no week",
    }
    for words, sentence in refused.items():
        code, result, said = gridmap(*words)
        assert (code, result) == (2, "")
        assert sentence in said
        assert "Traceback" not in said
