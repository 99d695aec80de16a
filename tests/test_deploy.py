"""What is shipped to run gridmap speaks of the gridmap that is here: its settings, its commands, its limits."""

from __future__ import annotations

import configparser
import re
import subprocess
from pathlib import Path

import pytest

from geodata.photos import MOST_BYTES
from gridmap.cli import COMMANDS, cli
from gridmap.postgis.binaries import EXTENSIONS, OLDEST_MAJOR
from gridmap.postgis.conf import APP_ROLE, OWNER_ROLE
from gridmap.residents.rules import MOST_FORM_BYTES
from gridmap.settings import BODY_BYTES, Settings
from webapp import create_app

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def text_of(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def said(name: str) -> str:
    """What a file says, without its comments."""
    return "\n".join(line for line in text_of(name).splitlines() if not line.lstrip().startswith("#"))


def unit(path: Path) -> dict[str, list[str]]:
    """The settings of a unit; a name may stand in it several times."""
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


# ---------------------------------------------------------------- all of them


@pytest.mark.parametrize("path", [path for path in sorted(DEPLOY.rglob("*")) if path.is_file()], ids=lambda p: p.name)
def test_every_setting_that_is_named_exists(path):
    names = set(re.findall(r"^\s*(?:Environment=|- )?(GRIDMAP_[A-Z_]+)\s*[:=]", path.read_text(encoding="utf-8"), re.M))
    own = {"GRIDMAP_APP_PASSWORD", "GRIDMAP_OWNER_PASSWORD"}  # parts of addresses, for compose alone
    assert names - own - {f"GRIDMAP_{name.upper()}" for name in Settings.model_fields} == set()


# ---------------------------------------------------------------- systemd


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_starts_a_command_that_is_there_and_may_do_no_more_than_it_needs(path):
    said = unit(path)
    words = re.findall(r"/opt/gridmap/[.]venv/bin/gridmap ([a-z]+)(?: ([a-z]+))?", said["ExecStart"][0])
    ((command, below),) = words
    assert command in COMMANDS
    if below:
        assert below in cli.get_command(None, command).commands
    assert said["NoNewPrivileges"] == ["yes"]
    assert (said["User"], said["ProtectSystem"], said["CapabilityBoundingSet"]) == (["gridmap"], ["strict"], [""])
    # The sandbox for foreign files builds its walls out of namespaces.
    assert "RestrictNamespaces" not in said
    assert "@mount" in said["SystemCallFilter"][0].split()


def test_units_are_as_systemd_writes_them():
    for path in [*UNITS, DEPLOY / "systemd" / "gridmap-backup.timer"]:
        parser = configparser.RawConfigParser(strict=False, comment_prefixes="#", delimiters="=")
        parser.optionxform = str
        parser.read(path, encoding="utf-8")
        assert set(parser.sections()) <= {"Unit", "Service", "Timer", "Install"}, path.name
        assert parser.has_section("Service") or parser.has_section("Timer")


def test_backups_go_at_their_term_and_only_after_a_newer_one():
    backup = unit(DEPLOY / "systemd" / "gridmap-backup.service")
    term_min = 35 * 24 * 60
    assert f"-mmin +{term_min} -delete" in backup["ExecStartPost"][0]
    assert "%" not in backup["ExecStart"][0].replace("%%", ""), "systemd would read a single percent sign itself"
    assert f"&& find /var/backups/gridmap -name 'gridmap-*.backup' -mmin +{term_min} -delete" in text_of("compose.yaml")


# ---------------------------------------------------------------- nginx


def blocks(text: str) -> dict[str, str]:
    """Each location of nginx.conf with what stands in it."""
    return dict(re.findall(r"location (?:= )?(\S+) \{([^}]*)\}", text))


def test_nginx_holds_slow_senders_back():
    conf = said("nginx.conf")
    assert conf.count("{") == conf.count("}")
    assert all(re.search(r"[;{}]$", line.rstrip()) for line in conf.splitlines() if line.strip())
    for directive in ("client_header_timeout 10s", "client_body_timeout 10s", "proxy_request_buffering on"):
        assert f"{directive};" in conf


def test_nginx_takes_the_bodies_that_gridmap_takes_and_little_more():
    conf = said("nginx.conf")
    mib = 1 << 20
    assert mib == BODY_BYTES
    assert "client_max_body_size 1m;" in conf.partition("location")[0]
    sizes = {place: int(re.search(r"client_max_body_size (\d+)m", inside)[1]) * mib
             for place, inside in blocks(conf).items() if "client_max_body_size" in inside}  # fmt: skip
    assert set(sizes) == {"/api/v1/media/", "/api/v1/imports", "/r/"}
    assert MOST_FORM_BYTES <= sizes["/r/"] <= MOST_FORM_BYTES + 2 * mib
    assert MOST_BYTES <= sizes["/api/v1/media/"] <= MOST_BYTES + 2 * mib
    assert 50 * mib <= sizes["/api/v1/imports"] <= 52 * mib


def test_every_place_that_nginx_names_is_a_route():
    rules = [str(rule) for rule in create_app(Settings()).url_map.iter_rules()]
    for place in blocks(said("nginx.conf")):
        assert any(rule.startswith(place) for rule in rules), place


def test_streams_are_not_held_up_and_one_hop_is_believed():
    conf = said("nginx.conf")
    assert "proxy_buffering off;" in blocks(conf)["/api/v1/events"]
    # What a browser sends under this name is replaced, not added to.
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in conf
    assert "proxy_add_x_forwarded_for" not in conf
    for name in ("compose.yaml", "gridmap.env.example"):
        assert re.search(r'GRIDMAP_PROXY_HOPS[=:] ?"?1"?$', text_of(name), re.M), name
        assert re.search(r'GRIDMAP_TLS[=:] ?"?true"?$', text_of(name), re.M), name


def test_no_query_reaches_the_log_of_nginx():
    (log_format,) = re.findall(r"log_format \w+ '([^']*)'", said("nginx.conf"))
    for variable in ("$request ", "$request_uri", "$args", "$http_referer"):
        assert variable not in log_format + " "


def test_the_upstream_that_nginx_asks_for_is_shipped_twice():
    assert "include gridmap-upstream.conf;" in said("nginx.conf")
    assert "upstream gridmap {" in said("gridmap-upstream.conf")
    assert "target: /etc/nginx/gridmap-upstream.conf" in said("compose.yaml")


# ---------------------------------------------------------------- containers and the database


def test_the_image_is_built_from_locked_packages_and_does_not_run_as_root():
    docker = said("Dockerfile")
    assert "--require-hashes -r requirements.lock" in docker
    for line in re.findall(r"^COPY (?!--from)(.*) \S+$", docker, re.M):
        assert all((ROOT / source).exists() for source in line.split()), line
    uid = re.search(r"^USER (\d+):\d+$", docker, re.M)
    assert uid
    assert int(uid[1]) > 0
    assert f"--uid {uid[1]}" in docker


def test_services_of_compose_run_commands_that_are_there():
    compose = said("compose.yaml")
    for words in re.findall(r"^    command: \[([a-z, ]+)\]$", compose, re.M):
        command, *below = words.split(", ")
        assert command in COMMANDS
        assert set(below) <= set(getattr(cli.get_command(None, command), "commands", {}))
    assert re.findall(r"gridmap db backup", compose) == ["gridmap db backup"]
    assert re.search(r"x-gridmap:.*?read_only: true.*?cap_drop: \[ALL\].*?no-new-privileges:true", compose, re.S)
    assert compose.count("healthcheck:") == 2
    majors = {int(major) for major in re.findall(r"postgis/postgis:(\d+)|postgresql-client-(\d+)", compose) for major in
              major if major}  # fmt: skip
    assert majors == {int(re.search(r"postgresql-client-(\d+)", said("Dockerfile"))[1])}
    assert min(majors) >= OLDEST_MAJOR


def test_the_database_gets_the_roles_and_extensions_that_gridmap_asks_for():
    sql = text_of("database.sql")
    assert all(f"CREATE EXTENSION IF NOT EXISTS {extension};" in sql for extension in EXTENSIONS)
    assert APP_ROLE in sql
    assert OWNER_ROLE in sql
    assert subprocess.run(["sh", "-n", DEPLOY / "database.sh"], check=False).returncode == 0
