"""Commands on a database of their own, and a look into what they committed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from gridmap.cli import main
from gridmap.database import make_engine
from gridmap.grids.actions import import_areas
from tests.worlds import AREAS, SRID

Ran = tuple[int, str, str]


@pytest.fixture
def gridmap(monkeypatch, capsys, fresh_database) -> Callable[..., Ran]:
    """Run a command on the test's own database; code, result, what was said."""
    monkeypatch.setenv("GRIDMAP_LANGUAGE", "en")
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", fresh_database.app)

    def run(*words: object) -> Ran:
        with pytest.raises(SystemExit) as end:
            main([str(word) for word in words])
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def imported(gridmap) -> Callable[..., dict[str, Any]]:
    """Import a file by the command; what it answers to a program."""

    def run(*words: object) -> dict[str, Any]:
        code, out, said = gridmap("import", *words, "--json")
        assert code in (0, 1), said
        return {**json.loads(out), "exit": code}

    return run


@pytest.fixture
def look(fresh_database) -> Iterator[Session]:
    """A look into what the commands committed."""
    engine = make_engine(fresh_database.owner, idle_timeout_s=None)
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def founded(look) -> None:
    """The areas of the drawn district alone, without the child process that would read them from a file."""
    since = datetime(2025, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
    import_areas(look, AREAS, srid=SRID, time_zone="Asia/Shanghai", code_scheme="gb15", valid_from=since)
    look.commit()
