"""What every command promises: a sentence, a code, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import click
import pytest
from sqlalchemy.exc import OperationalError

from gridmap import cli
from gridmap.errors import NotFound
from gridmap.language import N_

Ran = tuple[int, str, str]


@pytest.fixture
def failing(monkeypatch, tmp_path, capsys) -> Callable[..., Ran]:
    """Run a command that raises what it is given, as the interpreter would run it; code, result, what was said."""
    monkeypatch.setenv("GRIDMAP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GRIDMAP_LANGUAGE", "en")
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)

    def run(error: BaseException, *options: str) -> Ran:
        @click.command()
        def settings() -> None:
            raise error

        monkeypatch.setattr("gridmap.cli.settings.settings", settings)
        try:
            cli.main([*options, "settings"])
        except SystemExit as end:
            code = end.code
        except BaseException as escaped:
            # What leaves `main` reaches the hook that the interpreter asks.
            with pytest.raises(SystemExit) as end:
                sys.excepthook(type(escaped), escaped, escaped.__traceback__)
            code = end.value.code
        said = capsys.readouterr()
        return int(code or 0), said.out, said.err

    return run


def test_the_help_names_every_command_and_imports_none():
    code = (
        "import sys; from gridmap.cli import COMMANDS, cli\n"
        "said = cli.get_help(__import__('click').Context(cli))\n"
        "assert all(name in said for name in COMMANDS), said\n"
        "heavy = {'sqlalchemy', 'shapely', 'pandas', 'flask', 'psycopg', 'pydantic', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_of_the_table_is_there(name):
    command = cli.cli.get_command(click.Context(cli.cli), name)
    assert command is not None
    assert command.name == name
    assert command.get_short_help_str(), name


def test_a_refusal_is_one_sentence_and_code_2(failing):
    refusal = NotFound(N_("No device %(code)s is registered."), code="cam-1")
    assert failing(refusal) == (2, "", "No device cam-1 is registered.\n")


def test_a_refusal_is_said_in_the_readers_language(failing, monkeypatch):
    for name in ("GRIDMAP_LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert failing(NotFound(N_("The database is stopped.")))[2] == "数据库已停止。\n"
    monkeypatch.setenv("LANG", "C.UTF-8")
    assert failing(NotFound(N_("The database is stopped.")))[2] == "The database is stopped.\n"


def test_a_usage_error_is_code_2(capsys):
    with pytest.raises(SystemExit) as end:
        cli.main(["no-such-command"])
    assert end.value.code == 2
    assert "No such command" in capsys.readouterr().err


def test_ctrl_c_is_no_error_to_explain(failing):
    code, out, said = failing(KeyboardInterrupt())
    assert (code, out, said.strip()) == (130, "", "")


def test_what_the_system_refuses_names_the_file(failing):
    refused = PermissionError(13, "Permission denied", "/etc/shadow")
    assert failing(refused) == (2, "", "/etc/shadow: Permission denied\n")


def test_a_lost_database_is_said_as_such(failing):
    code, _, said = failing(OperationalError("SELECT 1", {}, Exception("server closed the connection")))
    assert code == 2
    assert said == "The database does not answer. `gridmap db status` tells whether it runs.\n"


def test_an_unexpected_error_leaves_its_traceback_in_a_file_and_not_on_the_screen(failing, tmp_path):
    code, _, said = failing(ZeroDivisionError("planted"))
    assert code == 3
    assert "Traceback" not in said
    assert str(tmp_path / "log" / "errors.log") in said
    assert "ZeroDivisionError: planted" in (tmp_path / "log" / "errors.log").read_text()


def test_who_debugs_sees_the_traceback(failing):
    code, _, said = failing(ZeroDivisionError("planted"), "--debug")
    assert code == 3
    assert "Traceback" in said


def test_an_error_is_a_code_for_the_shell_too(tmp_path):
    environment = {
        **os.environ,
        "GRIDMAP_PORT": "no number",
        "GRIDMAP_DATA_DIR": str(tmp_path),
        "GRIDMAP_LANGUAGE": "en",
    }
    ran = subprocess.run(
        [sys.executable, "-m", "gridmap", "up"], env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert ran.stderr.startswith("The setting GRIDMAP_PORT is wrong")
    assert ran.stderr.count("\n") == 1
