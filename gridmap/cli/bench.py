"""`gridmap bench`: the project's own benchmarks."""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import click

from gridmap.errors import Invalid, NotFound
from gridmap.language import N_

Benchmark = Callable[[], Iterator[str]]


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--list", "only_list", is_flag=True, help="Name the benchmarks, run none.")
def bench(names: tuple[str, ...], only_list: bool) -> None:
    """
    Run the project's own benchmarks, or those of the given NAMEs.

    Each prints its figures beside those of a peer measured in the same run.
    """
    found = find_benchmarks(benchmarks_dir())
    unknown = [name for name in names if name not in found]
    if unknown:
        raise Invalid(
            N_("There is no benchmark %(name)s. There are: %(known)s."), name=unknown[0], known=", ".join(found)
        )
    for name in names or found:
        if only_list:
            click.echo(f"{name:24} {(inspect.getdoc(found[name]) or '').splitlines()[0]}")
            continue
        for line in found[name]():
            click.echo(f"{name:24} {line}")


def benchmarks_dir() -> Path:
    """
    Where the benchmarks lie: in a checkout, beside the package.

    Raises
    ------
    NotFound
        If gridmap was installed without its checkout.
    """
    directory = Path(__file__).resolve().parents[2] / "benchmarks"
    if not directory.is_dir():
        raise NotFound(
            N_("The benchmarks come with the source of gridmap, not with the installed package. Run this in a clone.")
        )
    return directory


def find_benchmarks(directory: Path) -> dict[str, Benchmark]:
    """
    Collect the benchmarks of a directory by name.

    A benchmark is a public function of a ``bench_*.py`` file that takes nothing and yields lines of figures.
    """
    found: dict[str, Benchmark] = {}
    for path in sorted(directory.glob("bench_*.py")):
        module = _load(path)
        found |= {
            name: function
            for name, function in inspect.getmembers(module, inspect.isgeneratorfunction)
            if function.__module__ == module.__name__ and not name.startswith("_")
        }
    return found


def _load(path: Path) -> ModuleType:
    import sys

    # Benchmarks share files of their own folder, such as the reference coverages.
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module
