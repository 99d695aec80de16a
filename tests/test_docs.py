"""The pages for people hang together: every picture is made by the script, every link leads somewhere."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from gridmap.cli import COMMANDS, cli

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
AUDIENCES = ("operator", "worker", "planner", "administrator", "integrator")
PICTURE = re.compile(r"!\[[^\]]+\]\(([^)]+)\)")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)#\s]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"^\s*gridmap ([a-z]+)(?: ([a-z]+))?", re.M)


@pytest.fixture(scope="module")
def screenshots() -> ModuleType:
    """The script that makes the pictures, as a module."""
    loader = importlib.machinery.SourceFileLoader("screenshots", str(ROOT / "scripts" / "screenshots"))
    spec = importlib.util.spec_from_loader("screenshots", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    sys.modules["screenshots"] = module  # dataclasses look their module up
    loader.exec_module(module)
    return module


def named() -> set[str]:
    """Every picture that a page shows."""
    return {Path(found).name for page in PAGES for found in PICTURE.findall(page.read_text(encoding="utf-8"))}


def test_every_picture_in_the_docs_is_made_by_the_script_and_none_for_nothing(screenshots):
    assert named() == {f"{picture.name}.png" for picture in screenshots.PICTURES}


def test_every_picture_is_there_and_has_the_size_of_its_screen(screenshots):
    for picture in screenshots.PICTURES:
        head = (ROOT / "docs" / "images" / f"{picture.name}.png").read_bytes()[:24]
        size = (int.from_bytes(head[16:20]), int.from_bytes(head[20:24]))
        assert size == (picture.width, picture.height), picture.name
    assert {path.stem for path in (ROOT / "docs" / "images").iterdir()} == {p.name for p in screenshots.PICTURES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    targets = [*LINK.findall(page.read_text(encoding="utf-8")), *PICTURE.findall(page.read_text(encoding="utf-8"))]
    inside = [target for target in targets if "://" not in target]
    assert [target for target in inside if not (page.parent / target).exists()] == []


def test_every_audience_has_a_first_page_which_the_index_names():
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for audience in AUDIENCES:
        assert f"({audience}.md)" in index
        assert (ROOT / "docs" / f"{audience}.md").is_file()
    assert "docs/README.md" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_is_shown_is_there(page):
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.S):
        for command, below in COMMAND.findall(block):
            assert command in COMMANDS, command
            known = getattr(cli.get_command(None, command), "commands", None)
            assert known is None or below in known, f"{command} {below}"
