"""The one door inside: recognise the file, choose its reader, hand out what it has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any, Final

import pyarrow as pa

from geodata.errors import N_, Unreadable
from geodata.files.inside import recognise as formats
from geodata.files.inside.archives import Package
from geodata.files.inside.reader import Reader
from geodata.files.layers import Layer, Limits

_WORKBOOK: Final = "xl/workbook.xml"
_WORKBOOK_MEMBERS: Final = 500


def describe(path: str, name: str, limits: dict[str, Any], drivers: list[str]) -> Iterator[dict[str, Any]]:
    """Say what layers a file has."""
    for reader in _readers(Path(path), name, Limits(**limits), drivers, None, None):
        for layer in reader.layers():
            yield {"layer": asdict(layer)}


def read(
    path: str,
    name: str,
    limits: dict[str, Any],
    drivers: list[str],
    layer: str | None,
    size: int,
    x: str | None,
    y: str | None,
) -> Iterator[dict[str, Any] | pa.RecordBatch]:
    """Hand out one layer: what it is, then its rows."""
    known = []
    for reader in _readers(Path(path), name, Limits(**limits), drivers, x, y):
        for found in reader.layers():
            known.append(found.name)
            if layer in (None, found.name):
                yield {"layer": asdict(found)}
                yield from reader.batches(found, size)
                return
    if layer is None:
        raise Unreadable(N_("The file has no layer."))
    raise Unreadable(
        N_("The file has no layer %(layer)s. It has: %(layers)s."), layer=layer, layers=", ".join(known)[:300]
    )


def _readers(
    path: Path, name: str, limits: Limits, drivers: list[str], x: str | None, y: str | None
) -> Iterator[Reader]:
    kind = formats.recognise(path)
    if kind == formats.ZIP:
        yield from _packed(path, limits, drivers, x, y)
    elif kind == formats.SHAPEFILE:
        from geodata.files.inside import gdal, shapefile

        linked = shapefile.link_shapefile(path, Path.cwd())
        yield gdal.ThroughGdal(linked, kind, limits, drivers, shapefile.described(linked, name))
    else:
        yield _reader(path, kind, name, limits, drivers, x, y)


def _reader(
    path: Path, kind: str, name: str, limits: Limits, drivers: list[str], x: str | None, y: str | None
) -> Reader:
    if kind == formats.GEOJSON:
        from geodata.files.inside.geojson import GeoJson

        return GeoJson(path, name, limits)
    if kind == formats.GEOPACKAGE:
        from geodata.files.inside.geopackage import GeoPackage

        return GeoPackage(path, limits)
    if kind == formats.KML:
        from geodata.files.inside.kml import Kml

        return Kml(path, name, limits)
    if kind == formats.CSV:
        from geodata.files.inside.delimited import Delimited

        return Delimited(path, name, limits, x, y)
    if kind == formats.PARQUET:
        from geodata.files.inside.parquet import Parquet

        return Parquet(path, name, limits, x, y)
    if kind == formats.FLATGEOBUF:
        from geodata.files.inside.gdal import ThroughGdal

        linked = Path("layer.fgb")
        linked.symlink_to(path)
        return ThroughGdal(linked, kind, limits, drivers, Layer(name, kind))
    raise formats.foreign(kind)


def _packed(path: Path, limits: Limits, drivers: list[str], x: str | None, y: str | None) -> Iterator[Reader]:
    """A zip is a workbook, a KMZ, or shapefiles."""
    package = Package(path, limits, members=max(_WORKBOOK_MEMBERS, limits.members))
    if _WORKBOOK in package.members:
        from geodata.files.inside.workbook import Workbook

        yield Workbook(path, limits, x, y)
        return
    package = Package(path, limits)
    found = [name for name in package.members if not _is_a_shadow(name)]
    shapes = [name for name in found if name.lower().endswith(".shp")]
    keyholes = [name for name in found if name.lower().endswith(".kml")]
    if shapes:
        yield from _shapefiles(package, shapes, limits, drivers)
    elif keyholes:
        from geodata.files.inside.kml import Kml

        package.unpack(keyholes[0], Path("layer.kml"))
        if formats.recognise(Path("layer.kml")) != formats.KML:
            raise formats.foreign("KMZ")
        yield Kml(Path("layer.kml"), PurePosixPath(keyholes[0]).stem, limits)
    else:
        raise Unreadable(N_("The zip holds no shapefile and no KML."))


def _shapefiles(package: Package, members: list[str], limits: Limits, drivers: list[str]) -> Iterator[Reader]:
    from geodata.files.inside import gdal, shapefile

    for n, member in enumerate(members):
        place = Path(f"layer-{n}").absolute()
        place.mkdir()
        unpacked = shapefile.unpack_shapefile(package, member[: -len(".shp")], place)
        with unpacked.open("rb") as file:
            if file.read(4) != b"\x00\x00\x27\x0a":
                raise formats.foreign(PurePosixPath(member).name)
        described = shapefile.described(unpacked, _legible(package, member))
        yield gdal.ThroughGdal(unpacked, formats.SHAPEFILE, limits, drivers, described)


def _is_a_shadow(name: str) -> bool:
    """What macOS lays beside each file."""
    return name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith("._")


def _legible(package: Package, member: str) -> str:
    """The name of a member; without a mark of its encoding, Chinese systems write GB 18030."""
    stem = PurePosixPath(member).stem
    if not package.members[member].flag_bits & 0x800:
        try:
            return stem.encode("cp437").decode("gb18030")
        except UnicodeError:
            return stem
    return stem
