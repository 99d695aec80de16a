"""`gridmap clock`: a deadline and its reasons, as an administrator asks for them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from gridmap.database import make_engine


@pytest.fixture
def clock(gridmap, database_url, monkeypatch, tmp_path):
    """The command on the shipped rules; it changes nothing, so the database of the worker will do."""
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", database_url)
    monkeypatch.setenv("GRIDMAP_DATA_DIR", str(tmp_path))
    return lambda *words: gridmap("clock", *words)


def test_a_deadline_is_said_with_its_reasons(clock, monkeypatch):
    code, out, _ = clock("2026-02-13 16:00", "--stage", "close", "--when", "source=hotline")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("Closing: 5 work-days, by rule ")
    assert lines[2] == "Not counted: Spring Festival (15 Feb to 23 Feb, 9 days)."
    assert lines[-1] == "Due Fri 27 Feb 2026, 17:30."
    monkeypatch.setenv("GRIDMAP_LANGUAGE", "zh-CN")
    assert clock("2026-02-13 16:00", "--for", "2 h")[1].endswith("截止时间：2026年2月13日（周五）18:00。")


def test_the_example_of_the_guide_is_what_the_command_says(clock, monkeypatch):
    monkeypatch.setenv("GRIDMAP_LANGUAGE", "zh-CN")
    guide = (Path(__file__).parents[2] / "docs" / "catalogue.md").read_text(encoding="utf-8")
    _, out, _ = clock("2026-02-13 16:00", "--stage", "close", "--when", "source=hotline")
    assert f"```\n{out}\n```" in guide


def test_pauses_and_extensions_count(clock):
    hour = "2026-03-03 10:00/2026-03-03 11:00"
    _, out, _ = clock("2026-03-03T01:00Z", "--for", "4 h", "--pause", hour, "--extend", "0.5 h", "--json")
    told = json.loads(out)
    assert (told["rule"], told["due_at"], told["provisional"]) == (None, "2026-03-03T06:30:00+00:00", False)
    _, out, _ = clock("2026-03-03 09:00", "--for", "4 h", "--pause", "2026-03-03 10:00/")
    assert out.splitlines()[-1] == "While the clock stands still there is no deadline."


def test_a_rule_may_be_named(clock, database_url):
    engine = make_engine(database_url)
    with engine.connect() as db:
        rule = db.scalar(text("SELECT id FROM clock_rule WHERE condition = 'severity=2' AND stage = 'handle'"))
    engine.dispose()
    _, out, _ = clock("2026-03-03 09:00", "--rule", rule)
    assert out.splitlines()[0] == f"Handling: 8 hours, by rule {rule} for severity 2."


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["tomorrow"], "“tomorrow” is no time."),
        (["2026-03-03 09:00", "--for", "5 days"], "“5 days” is no amount of time."),
        (["2026-03-03 09:00", "--for", "0.5 wd"], "Work-days are whole."),
        (["2026-03-03 09:00", "--when", "colour=red"], "“colour=red” is no condition."),
        (["2026-03-03 09:00", "--category", "9999"], "There is no class 9999."),
        (["2026-03-03 09:00", "--rule", "999999"], "There is no clock rule 999999."),
        (["2026-03-03 09:00", "--stage", "contact"], "No rule gives a time limit for this stage."),
        (["2026-03-03 09:00", "--for", "1 h", "--pause", "noon"], "“noon” is no time."),
    ],
)
def test_what_cannot_be_is_answered_in_a_sentence(clock, words, sentence):
    code, out, err = clock(*words)
    assert (code, out) == (2, "")
    assert sentence in err
