"""What a file is, by its content; its name is never asked."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Final

from geodata.errors import N_, Unreadable

GEOJSON, GEOPACKAGE, SHAPEFILE, FLATGEOBUF = "GeoJSON", "GeoPackage", "Shapefile", "FlatGeobuf"
KML, CSV, XLSX, PARQUET, OSM = "KML", "CSV", "XLSX", "Parquet", "OSM PBF"
ZIP: Final = "zip"
"""A package; what it is shows when its directory is read."""

_LOOK: Final = 65_536
_ACCEPTED: Final = "GeoJSON, GeoPackage, Shapefile (.zip), FlatGeobuf, KML, CSV, XLSX, Parquet"
_FOREIGN: Final = N_("This is a file of a kind that is not taken (%(kind)s). Taken are: %(accepted)s.")
_UNKNOWN: Final = N_("This is no file of a kind that is taken. Taken are: %(accepted)s.")
_EMPTY: Final = N_("The file is empty.")

_GEOPACKAGE_IDS: Final = (b"GPKG", b"GP10", b"GP11")
_XML_ROOT: Final = re.compile(rb"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_XML_ASIDES: Final = re.compile(rb"<\?.*?\?>|<!--.*?-->", re.DOTALL)


def recognise(path: Path) -> str:
    """
    Say which of the accepted formats a file is in.

    Raises
    ------
    Unreadable
        If it is in none of them; the sentence names what it is, where that can be told, and what is accepted.
    """
    with path.open("rb") as file:
        start = file.read(_LOOK)
    if not start:
        raise Unreadable(_EMPTY)
    kind = _by_magic(start) or _by_text(start)
    if kind is None:
        raise Unreadable(_UNKNOWN, accepted=_ACCEPTED)
    return kind


def _by_magic(start: bytes) -> str | None:
    if start.startswith(b"SQLite format 3\0"):
        if start[68:72] in _GEOPACKAGE_IDS:
            return GEOPACKAGE
        raise foreign("SQLite")
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return ZIP
    if start.startswith(b"fgb\x03"):
        return FLATGEOBUF
    if start.startswith(b"PAR1"):
        return PARQUET
    if start[:4] == b"\x00\x00\x27\x0a":
        return SHAPEFILE
    if b"OSMHeader" in start[:64]:
        return OSM
    for magic, name in _FOREIGN_MAGIC.items():
        # Letters alone may be the header of a table; text has no zero bytes.
        if start.startswith(magic) and (b"\0" in start or not magic.isalnum()):
            raise foreign(name)
    return None


def _by_text(start: bytes) -> str | None:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise foreign("UTF-16")
    text = start.removeprefix(codecs.BOM_UTF8).lstrip()
    if text.startswith((b"{", b"[")):
        return GEOJSON
    if text.startswith(b"<"):
        return _by_root(text)
    if b"\0" in start or not text:
        return None
    lines = text.splitlines()
    if lines[0].strip() == b"0" and any(line.strip() == b"SECTION" for line in lines[1:3]):
        raise foreign("DXF")
    if lines[0].lower().startswith((b"version ", b"begin:vcard", b"charset")) and b"\n" in text:
        raise foreign("MapInfo")
    return CSV


def _by_root(text: bytes) -> str:
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise Unreadable(DTD)
    root = _XML_ROOT.search(_XML_ASIDES.sub(b"", text))
    name = root[2].decode("ascii", "replace") if root else "XML"
    if name == "kml":
        return KML
    raise foreign(_FOREIGN_ROOTS.get(name, name[:40]))


def foreign(kind: str) -> Unreadable:
    """The refusal of a format that is known and not taken."""
    return Unreadable(_FOREIGN, kind=kind, accepted=_ACCEPTED)


DTD: Final = N_("The file declares a document type or entities of its own; such XML is not opened.")

_FOREIGN_ROOTS: Final = {
    "OGRVRTDataSource": "VRT", "VRTDataset": "VRT", "GDALTileIndexDataset": "VRT", "FeatureCollection": "GML",
    "gpx": "GPX", "osm": "OSM XML", "svg": "SVG", "html": "HTML", "OGRWFSDataSource": "WFS", "GDAL_WMS": "WMS",
}  # fmt: skip

_FOREIGN_MAGIC: Final = {
    b"%PDF": "PDF", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf": "7z", b"Rar!": "RAR", b"\xd0\xcf\x11\xe0": "XLS", b"AC10": "DWG", b"BZh": "bzip2",
    b"\x28\xb5\x2f\xfd": "zstd", b"\x89HDF": "HDF5", b"II*\0": "TIFF", b"MM\0*": "TIFF", b"RIFF": "RIFF",
    b"GIF": "GIF", b"\x7fELF": "ELF", b"MZ": "EXE", b"PMTiles": "PMTiles", b"ARROW1": "Arrow",
}  # fmt: skip
