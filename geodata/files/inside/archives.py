"""Zip packages, judged from their directory before a byte is unpacked; unpacking counts, and stops."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path
from typing import Final
from xml.parsers import expat

from geodata.errors import N_, TooMuch, Unreadable
from geodata.files.inside.recognise import DTD
from geodata.files.layers import Limits

_CHUNK: Final = 1 << 20
_SMALL: Final = 1 << 20
"""Members up to here may be packed tighter than the ratio: a blank style sheet is."""
_LOCAL_HEADER_BYTES: Final = 30
_KNOWN_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

_DAMAGED: Final = N_("The zip is damaged.")
_PATH: Final = N_("The zip holds a path that leads out of it: %(name)s.")
_BOMB: Final = N_("The zip unpacks to more than %(what)s; it was not opened.")


class Package:
    """
    A zip whose directory has been judged.

    Parameters
    ----------
    path
        The zip.
    limits
        Of members, of their sum, of how tight they may be packed.

    Raises
    ------
    Unreadable
        If the package is damaged or made to do harm.
    """

    def __init__(self, path: Path, limits: Limits, *, members: int | None = None) -> None:
        self._limits = limits
        self._left = limits.unpacked_bytes
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            raise Unreadable(_DAMAGED) from error
        every = self._zip.infolist()
        most = limits.members if members is None else members
        if len(every) > most:
            raise TooMuch(N_("The zip has more than %(most)s files in it."), most=most)
        for member in every:
            self._judge(member)
        self._judge_sum(every)
        self.members = {member.filename: member for member in every if not member.is_dir()}

    def _judge(self, member: zipfile.ZipInfo) -> None:
        name = member.filename
        parts = name.replace("\\", "/").split("/")
        if "\\" in name or name.startswith("/") or ".." in parts or ":" in parts[0] or "\0" in member.orig_filename:
            raise Unreadable(_PATH, name=name[:80])
        if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise Unreadable(N_("The zip holds a link, %(name)s."), name=name[:80])
        if member.flag_bits & 0x41:
            raise Unreadable(N_("The zip is encrypted."))
        if name.lower().endswith((".zip", ".gz", ".7z", ".rar", ".kmz")):
            raise Unreadable(N_("The zip holds another package, %(name)s. Unpack it first."), name=name[:80])
        if member.compress_type not in _KNOWN_METHODS:
            raise Unreadable(_DAMAGED)
        if member.file_size > max(_SMALL, self._limits.ratio * member.compress_size):
            raise TooMuch(_BOMB, what=f"{self._limits.ratio} : 1")

    def _judge_sum(self, every: list[zipfile.ZipInfo]) -> None:
        if sum(member.file_size for member in every) > self._limits.unpacked_bytes:
            raise TooMuch(_BOMB, what=f"{self._limits.unpacked_bytes >> 20} MB")
        names = [member.filename.casefold() for member in every]
        if len(set(names)) < len(names):
            raise Unreadable(N_("The zip holds two files of one name."))
        end = 0
        for member in sorted(every, key=lambda member: member.header_offset):
            if member.header_offset < end:
                raise Unreadable(N_("The zip's files lie over each other; it was not opened."))
            end = member.header_offset + _LOCAL_HEADER_BYTES + len(member.orig_filename) + member.compress_size

    def unpack(self, name: str, target: Path) -> None:
        """Write one member to a file of our naming."""
        with target.open("wb") as file:
            for piece in self._pieces(name):
                file.write(piece)

    def read(self, name: str) -> bytes:
        """The content of one member."""
        return b"".join(self._pieces(name))

    def refuse_entities(self, name: str) -> None:
        """Look through an XML member for declarations, which no honest table has."""
        parser = guarded_parser()
        try:
            for piece in self._pieces(name):
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise Unreadable(
                N_("The XML of %(name)s is broken in line %(line)s."), name=name, line=error.lineno
            ) from error

    def _pieces(self, name: str):  # type: ignore[no-untyped-def]
        unpacked = 0
        member = self.members[name]
        try:
            with self._zip.open(member) as file:
                while piece := file.read(_CHUNK):
                    unpacked += len(piece)
                    if unpacked > member.file_size:
                        raise Unreadable(_DAMAGED)
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise Unreadable(_DAMAGED) from error


def guarded_parser(encoding: str | None = None) -> expat.XMLParserType:
    """An XML parser that refuses document types and entities where they are declared."""
    parser = expat.ParserCreate(encoding, namespace_separator=" ")

    def refuse(*_: object) -> int:
        raise Unreadable(DTD)

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    return parser
