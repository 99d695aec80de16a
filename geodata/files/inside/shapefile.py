"""The parts of a shapefile: found, complete, and in which letters and coordinates they are written."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Final

from geodata.errors import N_, Unreadable
from geodata.files.inside.archives import Package
from geodata.files.inside.recognise import SHAPEFILE
from geodata.files.inside.shapefile_records import judge_shapes
from geodata.files.inside.systems import system_of
from geodata.files.layers import MOST_NAME, Layer

NEEDED: Final = (".shp", ".shx", ".dbf")
OPTIONAL: Final = (".prj", ".cpg", ".cst")
_MOST_SIDE_BYTES: Final = 100_000
_LANGUAGES: Final = {0x4D: "gb18030", 0x4E: "cp949", 0x4F: "big5", 0x7A: "gb18030", 0x57: "", 0x00: ""}
_FIELD_BYTES: Final = 32
_LOOK: Final = 8 << 20


def unpack_shapefile(package: Package, stem: str, private: Path) -> Path:
    """
    Unpack the parts of one shapefile under names of ours.

    Returns
    -------
    path
        Of the .shp in the private directory.
    """
    by_name = {name.lower(): name for name in package.members}
    for suffix in (*NEEDED, *OPTIONAL):
        member = by_name.get(stem.lower() + suffix)
        if member is not None:
            package.unpack(member, private / f"layer{suffix}")
        elif suffix in NEEDED:
            raise _incomplete(suffix)
    return private / "layer.shp"


def link_shapefile(path: Path, private: Path) -> Path:
    """Lay the parts that stand beside a .shp into the private directory."""
    siblings = {part.suffix.lower(): part for part in path.parent.glob(_escaped(path.stem) + ".*")}
    for suffix in (*NEEDED, *OPTIONAL):
        part = path if suffix == ".shp" else siblings.get(suffix)
        if part is not None and part.is_file():
            (private / f"layer{suffix}").symlink_to(part.resolve())
        elif suffix in NEEDED:
            raise _incomplete(suffix)
    return private / "layer.shp"


def described(path: Path, name: str) -> Layer:
    """
    What the small parts say: encoding and coordinate system.

    Parameters
    ----------
    path
        Of the .shp in the private directory.
    name
        Of the layer, as its maker called it.
    """
    crs = None
    if (prj := path.with_suffix(".prj")).exists():
        crs = system_of(_side_text(prj))
    _judge_table(path.with_suffix(".dbf"), judge_shapes(path))
    return Layer(name[:MOST_NAME], SHAPEFILE, crs, encoding=_encoding(path))


def _encoding(path: Path) -> str:
    """The code page from the .cpg, else the language byte, else whatever the text is: UTF-8, or GB 18030."""
    for side in (path.with_suffix(".cpg"), path.with_suffix(".cst")):
        if side.exists() and (known := _codec(_side_text(side))):
            return known
    with path.with_suffix(".dbf").open("rb") as file:
        start = file.read(_LOOK)
    if len(start) > 29 and (known := _LANGUAGES.get(start[29], "")):
        return known.upper()
    # Cut at the last whole row, so that no letter is cut.
    header, row = int.from_bytes(start[8:10], "little"), int.from_bytes(start[10:12], "little")
    names = b"\n".join(start[at : at + 11].split(b"\0")[0] for at in range(_FIELD_BYTES, header - 1, _FIELD_BYTES))
    whole = (len(start) - header) // row * row if row else 0
    text = names + start[header : header + max(whole, 0)]
    try:
        text.decode()
    except UnicodeDecodeError:
        return "GB18030"
    return "UTF-8"


def _judge_table(path: Path, shapes: int) -> None:
    """The table's header must fit its file and its shapes: a count of what is not there is a lie or a cut."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(32)
    if len(head) < 32:
        raise Unreadable(N_("The %(suffix)s of the shapefile is cut off."), suffix=".dbf")
    rows, header, row = (int.from_bytes(head[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12)))
    if header < 33 or row < 1 or header + rows * row > size + 1:
        raise Unreadable(N_("The %(suffix)s of the shapefile is cut off."), suffix=".dbf")
    if rows != shapes:
        raise Unreadable(
            N_(
                "The .dbf of the shapefile has another number of rows (%(rows)s) than the .shx has shapes (%(shapes)s)."
            ),
            rows=rows,
            shapes=shapes,
        )


def _codec(said: str) -> str:
    """The name of a code page as GDAL and Python both know it; empty if it is unknown."""
    name = said.strip().lower()
    name = {"936": "gb18030", "cp936": "gb18030", "ansi 936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030",
            "950": "big5", "65001": "utf-8", "utf8": "utf-8"}.get(name, name)  # fmt: skip
    try:
        found = codecs.lookup(name.removeprefix("ansi ").replace("windows-", "cp")).name
    except (LookupError, ValueError):
        return ""
    return found.upper()


def _side_text(path: Path) -> str:
    if path.stat().st_size > _MOST_SIDE_BYTES:
        raise Unreadable(N_("The %(suffix)s of the shapefile is too large to be one."), suffix=path.suffix)
    return path.read_bytes().decode("utf-8-sig", "replace")


def _incomplete(suffix: str) -> Unreadable:
    return Unreadable(N_("The shapefile has no %(suffix)s. Zip .shp, .shx, .dbf and .prj together."), suffix=suffix)


def _escaped(name: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in name)
