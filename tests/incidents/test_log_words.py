"""Every word of the log has one on the screens: a timeline never shows a word of the program."""

from __future__ import annotations

import re
from pathlib import Path

import webapp
from gridmap.incidents.steps import STEPS, WORDS


def test_the_screens_have_a_word_for_every_step_and_for_all_else_in_the_log():
    source = (Path(webapp.__file__).parent / "shared" / "static" / "words.js").read_text(encoding="utf-8")
    table = re.search(r"export const doneWord = table\(\(\) => \(\{(.*?)\}\)\)", source, re.DOTALL)
    assert table is not None
    known = set(re.findall(r"^\s+(\w+): t\(", table[1], re.MULTILINE))
    assert {step.name for step in STEPS} | set(WORDS) <= known
