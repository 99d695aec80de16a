"""Commands as a person types them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gridmap.cli import main

Ran = tuple[int, str, str]


@pytest.fixture
def gridmap(monkeypatch, capsys) -> Callable[..., Ran]:
    """Run a command; its exit code, what it printed as result, and what it said."""
    monkeypatch.setenv("GRIDMAP_LANGUAGE", "en")

    def run(*words: object) -> Ran:
        with pytest.raises(SystemExit) as end:
            main([str(word) for word in words])
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out.strip(), said.err.strip()

    return run
