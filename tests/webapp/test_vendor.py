import hashlib
import json
import re
from pathlib import Path

import pytest

VENDOR = Path(__file__).resolve().parents[2] / "webapp" / "static" / "vendor"
RECORD = json.loads((VENDOR / "vendor.json").read_text())
LOCK = json.loads((VENDOR / "package-lock.json").read_text())
FREE = {"MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Apache-2.0"}
# Names of XML vocabularies, which no browser asks for.
VOCABULARIES = re.compile(r"https?://(www\.w3\.org|www\.opengis\.net)/")


@pytest.mark.parametrize("name", RECORD["files"])
def test_a_vendored_file_is_what_was_recorded(name):
    content = (VENDOR / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == RECORD["files"][name]["sha256"]
    assert len(content) == RECORD["files"][name]["bytes"]


def test_every_served_file_is_recorded():
    served = {
        path.name for path in VENDOR.iterdir() if path.suffix in {".js", ".css", ".map", ".svg", ".png", ".woff2"}
    }
    assert served == set(RECORD["files"])


@pytest.mark.parametrize("name", RECORD["packages"])
def test_every_library_has_its_licence_and_its_locked_version(name):
    package = RECORD["packages"][name]
    assert package["license"] in FREE
    assert f"{name} {package['version']} ({package['license']})" in (VENDOR / "LICENSES").read_text()
    assert LOCK["packages"][f"node_modules/{name}"]["version"] == package["version"]


@pytest.mark.parametrize("name", RECORD["files"])
def test_a_vendored_file_runs_under_the_strict_policy_and_asks_nobody_else(name):
    text = (VENDOR / name).read_text()
    assert not re.search(r"\beval\(|new Function\b|sourceMappingURL|@import", text)
    addresses = re.findall(r"https?://[\w.-]+/", text)
    assert [address for address in addresses if not VOCABULARIES.match(address)] == []


def test_the_lock_says_what_is_installed_and_not_from_where():
    entries = [entry for name, entry in LOCK["packages"].items() if name]
    assert all("integrity" in entry for entry in entries)
    assert all("resolved" not in entry for entry in entries)
    assert "://" not in json.dumps({name: {**entry, "funding": None} for name, entry in LOCK["packages"].items()})
