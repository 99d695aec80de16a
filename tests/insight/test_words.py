"""Documents and pages call things by the same words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gridmap.insight import words
from gridmap.people.rights import PERSON_ROLES

PAGES = (Path(__file__).resolve().parents[2] / "webapp" / "shared" / "static" / "words.js").read_text()
ROLES = {role.value: role.label for role in PERSON_ROLES}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("severityWord", {str(severity): word for severity, word in words.SEVERITIES.items()}),
        ("kindWord", dict(words.KINDS)),
        ("sourceWord", dict(words.SOURCES)),
        ("roleWord", ROLES),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_document_uses_the_words_of_the_pages(table, said):
    body = re.search(rf"export const {table} = table\(\(\) => \(\{{(.*?)\}}\)\)", PAGES, re.S)
    assert dict(re.findall(r"(\w+): t\('([^']+)'\)", body[1])) == said
