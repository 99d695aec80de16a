"""The house stands as it was drawn: imports only go down, rules stay pure, rooms stay small."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Storeys, the lowest first: each may import itself and what stands before it.
STOREYS = ("geodata", "gridmap", "webapp")

# Inside of gridmap, the lowest first. What stands in one line is one floor: its modules may know each other.
GROUND_FLOOR = (
    "language", "errors", "durable", "moment", "settings", "database", "strictjson", "postgis", "printing", "system",
    "translations",
)  # fmt: skip
STREET = (
    "intake", "grids", "people", "catalogue", "outbox", "sensing", "reports", "incidents", "whistles", "hotline",
    "residents", "hazards", "roster", "exchange", "patrols", "planning", "insight", "demo",
)  # fmt: skip
ROOF = ("cli", "jobs", "listening", "supervision", "wiring", "__main__")

# Over 300 lines, each for a reason.
LONG: dict[str, str] = {}
MOST_LINES = 300
NAMES_THAT_SAY_NOTHING = ("utils", "util", "helpers", "helper", "common", "manager", "misc")
# Geography alone: usable as a library by who has neither database nor web.
NOT_IN_GEODATA = ("sqlalchemy", "psycopg", "geoalchemy2", "alembic", "flask", "apiflask", "gridmap", "webapp")


def modules(*storeys: str, root: Path = ROOT) -> list[Path]:
    return sorted(path for storey in storeys for path in (root / storey).rglob("*.py"))


def dotted(path: Path, root: Path = ROOT) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, root: Path = ROOT) -> Iterator[str]:
    """Every module that a file imports, inside of functions and for type checkers too."""
    package = dotted(path, root) if path.name == "__init__.py" else dotted(path, root).rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join(filter(None, [*package.split(".")[: len(package.split(".")) - node.level + 1], base]))
            yield from (f"{base}.{alias.name}" for alias in node.names)


def floor_of(module: str) -> int | None:
    """How high a module of gridmap stands; None for the package itself."""
    parts = module.split(".")
    if len(parts) < 2:
        return None
    room = parts[1]
    if room in GROUND_FLOOR:
        return 0
    if room in STREET:
        return 1 + STREET.index(room)
    return 1 + len(STREET) if room in ROOF else None


def wrong_arrows(root: Path = ROOT) -> list[str]:
    """Every import that goes up, as ``importer -> imported``."""
    found = []
    for storey in STOREYS:
        above = STOREYS[STOREYS.index(storey) + 1 :]
        for path in modules(storey, root=root):
            importer = dotted(path, root)
            for imported in imports(path, root):
                goes_up = imported.split(".")[0] in above
                if storey == imported.split(".")[0] == "gridmap":
                    here, there = floor_of(importer), floor_of(imported)
                    goes_up = here is not None and there is not None and there > here
                if goes_up:
                    found.append(f"{importer} -> {imported}")
    return found


def test_imports_only_go_down():
    assert wrong_arrows() == []


def test_every_room_of_gridmap_has_a_floor():
    rooms = {dotted(path).split(".")[1] for path in modules("gridmap") if dotted(path) != "gridmap"}
    assert rooms <= {*GROUND_FLOOR, *STREET, *ROOF}


def test_geodata_knows_neither_database_nor_web():
    strays = [
        f"{dotted(path)} -> {name}"
        for path in modules("geodata")
        for name in imports(path)
        if name.split(".")[0] in NOT_IN_GEODATA
    ]
    assert strays == []


def test_gridmap_knows_no_web():
    strays = [
        f"{dotted(path)} -> {name}"
        for path in modules("gridmap")
        # The command that serves starts the web; it imports it when it runs, not before.
        if path != ROOT / "gridmap" / "cli" / "serve.py"
        for name in imports(path)
        if name.split(".")[0] in ("flask", "apiflask", "werkzeug", "webapp")
    ]
    assert strays == []


def test_rules_are_pure():
    strays = [
        f"{dotted(path)} -> {name}"
        for path in modules("gridmap")
        if path.name in ("rules.py", "rights.py")
        for name in imports(path)
        if name.split(".")[0] in ("sqlalchemy", "psycopg", "geoalchemy2") or name.startswith("gridmap.database")
    ]
    assert strays == []


def test_no_module_outgrows_its_room():
    sizes = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in modules(*STOREYS)
    }
    assert {name: lines for name, lines in sizes.items() if lines > MOST_LINES and name not in LONG} == {}
    assert [name for name in LONG if sizes.get(name, 0) <= MOST_LINES] == [], "no longer long"


def test_every_name_says_what_is_in_it():
    nameless = [
        path.relative_to(ROOT).as_posix()
        for storey in STOREYS
        for path in (ROOT / storey).rglob("*")
        if any(word in NAMES_THAT_SAY_NOTHING for word in path.stem.lower().replace("-", "_").split("_"))
        and "vendor" not in path.parts
        and "__pycache__" not in path.parts
    ]
    assert nameless == []


@pytest.mark.parametrize(
    ("importer", "line"),
    [
        ("geodata/crs.py", "import gridmap.errors"),
        ("gridmap/errors.py", "from webapp import create_app"),
        ("gridmap/grids/rules.py", "from gridmap.people.rules import Actor"),
        ("gridmap/people/queries.py", "from gridmap import incidents"),
        ("gridmap/people/queries.py", "def late():\n    from ..incidents import tables"),
        ("gridmap/system/audit.py", "import gridmap.grids.tables as tables"),
        ("gridmap/demo/load.py", "from gridmap.cli import up"),
    ],
)
def test_a_wrong_arrow_is_found_wherever_it_hides(tmp_path, importer, line):
    path = tmp_path / importer
    path.parent.mkdir(parents=True)
    path.write_text(line + "\n")
    assert len(wrong_arrows(tmp_path)) == 1


def test_a_right_arrow_is_let_be(tmp_path):
    path = tmp_path / "gridmap" / "incidents" / "actions.py"
    path.parent.mkdir(parents=True)
    path.write_text("from gridmap.reports import tables\nfrom geodata import crs\nfrom . import rules\nimport json\n")
    assert wrong_arrows(tmp_path) == []
