"""`gridmap settings` and `gridmap bench`."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from gridmap.cli import bench, main
from gridmap.settings import Settings

Ran = tuple[int, str, str]


@pytest.fixture
def gridmap(monkeypatch, capsys) -> Callable[..., Ran]:
    monkeypatch.setenv("GRIDMAP_LANGUAGE", "en")

    def run(*words: str) -> Ran:
        with pytest.raises(SystemExit) as end:
            main(list(words))
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out, said.err

    return run


def test_every_setting_is_listed_with_default_and_meaning(gridmap):
    code, out, _ = gridmap("settings", "--json")
    rows = {row["name"]: row for row in json.loads(out)}
    assert code == 0
    assert set(rows) == {f"GRIDMAP_{name.upper()}" for name in Settings.model_fields}
    assert all(row["meaning"] and row["takes"] for row in rows.values())
    assert rows["GRIDMAP_PORT"]["default"] == 8000
    assert rows["GRIDMAP_PORT"]["takes"] == "int >= 1, <= 65535"
    assert rows["GRIDMAP_LANGUAGE"]["takes"] == "zh-CN | en"


def test_the_list_for_people_names_every_setting_too(gridmap):
    _, out, _ = gridmap("settings")
    assert all(f"GRIDMAP_{name.upper()}" in out for name in Settings.model_fields)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of benchmarks: two that may be called by name, and what they stand on."""
    (tmp_path / "made_up_figures.py").write_text("FIGURE = 42\n")
    (tmp_path / "bench_made_up.py").write_text(
        "from made_up_figures import FIGURE\n\n"
        "def quick():\n    'How quick we are.'\n    yield f'{FIGURE} a second'\n\n"
        "def slow():\n    'How slow.'\n    yield 'one'\n    yield 'two'\n\n"
        "def _inner():\n    yield 'never'\n\n"
        "def no_benchmark():\n    return 1\n"
    )
    monkeypatch.setattr(bench, "benchmarks_dir", lambda: tmp_path)
    return tmp_path


def test_a_benchmark_prints_its_lines(gridmap, folder):
    assert gridmap("bench", "quick") == (0, "quick                    42 a second\n", "")


def test_all_benchmarks_run_without_a_name(gridmap, folder):
    _, out, _ = gridmap("bench")
    assert [line.split()[0] for line in out.splitlines()] == ["quick", "slow", "slow"]


def test_an_unknown_benchmark_is_a_sentence_that_names_the_known(gridmap, folder):
    assert gridmap("bench", "slwo") == (2, "", "There is no benchmark slwo. There are: quick, slow.\n")


def test_without_a_checkout_there_is_nothing_to_measure(gridmap, monkeypatch, tmp_path):
    monkeypatch.setattr(bench, "__file__", str(tmp_path / "gridmap" / "cli" / "bench.py"))
    code, out, said = gridmap("bench")
    assert (code, out) == (2, "")
    assert "Run this in a clone" in said
