"""An OpenStreetMap extract: lines and polygons with the few tags that a base map and a partition need."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from geodata.errors import N_, TooMuch, Unreadable
from geodata.files.inside import recognise as formats
from geodata.files.inside.columns import assemble, clean_names, text_array
from geodata.files.inside.gdal import OSM_DRIVER, Calls, start_gdal
from geodata.files.layers import Layer, Limits
from geodata.files.wkb import Scales

TAGS: Final = {
    "lines": ("name", "name:en", "highway", "railway", "waterway", "barrier", "layer", "tunnel", "bridge"),
    "multipolygons": (
        "name", "name:en", "building", "building:levels", "addr:street", "addr:housenumber", "landuse", "natural",
        "leisure", "amenity", "place", "boundary", "admin_level",
    ),
}  # fmt: skip
_POLYGONS: Final = "amenity,boundary,building,landuse,leisure,natural,place"
_ROWS: Final = 20_000
_HEADER_BYTES, _BLOB_BYTES = 1 << 16, 1 << 25
_BLOB_LENGTH: Final = re.compile(rb"\x18([\x80-\xff]{0,4}[\x00-\x7f])\Z", re.DOTALL)


def read(path: str, name: str, limits: dict[str, Any], drivers: list[str]) -> Iterator[dict[str, Any] | pa.RecordBatch]:
    """Hand out the lines, then the polygons."""
    if formats.recognise(Path(path)) != formats.OSM:
        raise formats.foreign(name)
    _judge_blobs(Path(path))
    Path("osm.ini").write_text(_settings(), encoding="ascii")
    Path("extract.osm.pbf").symlink_to(path)
    os.environ.update(OSM_CONFIG_FILE=str(Path("osm.ini").absolute()), CPL_TMPDIR=str(Path.cwd()))
    raw = start_gdal(OSM_DRIVER, drivers)
    for layer, tags in TAGS.items():
        scales = Scales(Limits(**limits))
        columns = tuple(clean_names(tags))
        yield {"layer": asdict(Layer(layer, formats.OSM, "EPSG:4326", columns=columns))}
        fields = [tag.replace(":", "_") for tag in tags]
        # Not as a stream: in the middle of one, this driver's errors would pass for its end.
        with Calls(raw):
            told, _, shapes, values = raw.read(Path("extract.osm.pbf"), layer=layer, columns=fields)
        by_field = dict(zip(told["fields"], values, strict=True))
        for first in range(0, len(shapes), _ROWS):
            here = slice(first, first + _ROWS)
            texts = {
                name: text_array(by_field[field][here].tolist(), first + 1)
                for name, field in zip(columns, fields, strict=True)
            }
            yield assemble(texts, pa.array(_whole(shapes[here], scales, first + 1), pa.binary()))


def _judge_blobs(path: Path) -> None:
    """
    Walk over the blobs that the file is made of: each says how long it is, and the last ends where the file ends.

    References
    ----------
    OpenStreetMap wiki, PBF Format: a header of a blob has at most 64 KiB, a blob at most 32 MiB.
    """
    size, at = path.stat().st_size, 0
    with path.open("rb") as file:
        while at < size:
            file.seek(at)
            (length,) = struct.unpack(">I", file.read(4).rjust(4, b"\xff"))
            header = file.read(length) if length <= _HEADER_BYTES else b""
            # Its last field is the length of the blob: key 24, then seven bits a byte.
            found = _BLOB_LENGTH.search(header)
            blob = sum((byte & 127) << 7 * n for n, byte in enumerate(found[1])) if found else size
            at += 4 + length + blob
            if at > size or blob > _BLOB_BYTES:
                raise Unreadable(N_("The OpenStreetMap extract is cut off or damaged."))


def _whole(shapes: Any, scales: Scales, first: int) -> list[bytes | None]:
    """Without the halves of shapes that are left where an extract was cut out: a ring of them closes nowhere."""
    judged: list[bytes | None] = []
    for n, wkb in enumerate(shapes):
        try:
            judged.append(scales.flat(wkb, first + n))
        except TooMuch:
            raise
        except Unreadable:
            judged.append(None)
    return judged


def _settings() -> str:
    """What the driver is to take over, in its own words."""
    sections = [f"closed_ways_are_polygons={_POLYGONS}\nattribute_name_laundering=yes"]
    for layer in ("points", "lines", "multipolygons", "multilinestrings", "other_relations"):
        tags = ",".join(TAGS.get(layer, ("name",)))
        sections.append(f"[{layer}]\nosm_id=no\nother_tags=no\nall_tags=no\nattributes={tags}")
    return "\n\n".join(sections) + "\n"
