"""Zips are judged by their directory: none is unpacked that could fill a disk, climb out, or hide something."""

from __future__ import annotations

import stat
import struct
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from geodata.files import IMPORT, write


def pack(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return path


def patched(path: Path, old: bytes, new: bytes) -> Path:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))
    return path


def test_a_member_packed_tighter_than_any_table_is_a_bomb(tmp_path, refused):
    bomb = pack(tmp_path / "a.zip", {"a.shp": b"\0" * 40_000_000})
    refused(bomb, "unpacks to more than 100 : 1")


def test_many_members_that_are_large_together_are_a_bomb(tmp_path, refused):
    bomb = pack(tmp_path / "sum.zip", {f"{n}.shp": bytes([n]) * 900_000 for n in range(19)})
    refused(bomb, "unpacks to more than 16 MB", limits=replace(IMPORT, wall_s=15, unpacked_bytes=16 << 20))


def test_a_declared_sum_over_the_limit_is_refused_before_unpacking(tmp_path, refused):
    path = pack(tmp_path / "a.zip", {"a.shp": b"x" * 100, "b.shp": b"y" * 100}, zipfile.ZIP_STORED)
    sizes = struct.pack("<II", 100, 100)
    patched(path, sizes, struct.pack("<II", 90_000_000, 600_000_000))
    refused(path, "unpacks to more than 500 MB")


def test_two_members_over_the_same_bytes_are_refused(tmp_path, refused):
    path = tmp_path / "overlap.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("a.shp", b"x" * 1000)
        package.writestr("b.shp", b"y" * 1000)
        package.filelist[1].header_offset = package.filelist[0].header_offset
    refused(path, "lie over each other|damaged")


def test_a_package_in_a_package_is_refused(tmp_path, refused):
    inner = pack(tmp_path / "inner.zip", {"a.shp": b"x"})
    refused(pack(tmp_path / "outer.zip", {"a.shp": b"x", "more.zip": inner.read_bytes()}), "another package, more.zip")


def test_more_members_than_a_layer_has_parts_are_refused(tmp_path, refused):
    refused(pack(tmp_path / "many.zip", {f"{n}.shp": b"x" for n in range(21)}), "more than 20 files")


def test_ten_thousand_members_are_refused(tmp_path, refused):
    refused(pack(tmp_path / "many.zip", {f"{n}.txt": b"" for n in range(10_000)}), "more than 500 files")


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.shp",
        "/etc/a.shp",
        "a/../../b.shp",
        "..\\b.shp",
        "C:/b.shp",
        "c:b.shp",
        "a\\b.shp",
        "\\\\host\\b.shp",
    ],
)
def test_a_path_that_leads_out_of_the_package_is_refused(tmp_path, refused, name):
    info = zipfile.ZipInfo("placeholder")
    info.filename = name
    path = tmp_path / "path.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(info, b"x")
    refused(path, "leads out of it")
    assert not (tmp_path / "passwd.shp").exists()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_a_member_that_is_no_file_is_refused(tmp_path, refused, kind):
    info = zipfile.ZipInfo("a.shp")
    info.external_attr = (kind | 0o777) << 16
    path = tmp_path / "link.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(info, b"/etc/passwd")
    refused(path, "holds a link, a.shp")


def test_an_encrypted_package_is_refused(tmp_path, refused):
    path = pack(tmp_path / "locked.zip", {"a.shp": b"x" * 50}, zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(sign) + at] |= 1
    path.write_bytes(content)
    refused(path, "encrypted")


def test_two_members_of_one_name_are_refused(tmp_path, refused):
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("a.shp", b"x")
        package.writestr("A.SHP", b"y")
    refused(path, "two files of one name")


def test_a_packing_that_is_not_deflate_is_refused(tmp_path, refused):
    refused(pack(tmp_path / "lzma.zip", {"a.shp": b"x" * 500}, zipfile.ZIP_LZMA), "zip is damaged")


def test_a_member_larger_than_it_says_is_refused(tmp_path, refused, blocks):
    whole = tmp_path / "blocks.shp.zip"
    write(blocks, whole)
    with zipfile.ZipFile(whole) as package:
        size = package.getinfo("blocks.dbf").file_size
        crc = package.getinfo("blocks.dbf").CRC
    patched(whole, struct.pack("<I", crc), struct.pack("<I", crc ^ 1))
    assert size
    refused(whole, "zip is damaged")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_package_cut_off_is_refused(tmp_path, refused, blocks, share):
    whole = tmp_path / "blocks.shp.zip"
    write(blocks, whole)
    cut = tmp_path / "cut.shp.zip"
    cut.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
    refused(cut, "zip is damaged")


def test_a_package_of_neither_layers_nor_tables_is_refused(tmp_path, refused):
    refused(pack(tmp_path / "a.zip", {"readme.txt": b"hello"}), "holds no shapefile and no KML")


def test_an_empty_package_is_refused(tmp_path, refused):
    refused(pack(tmp_path / "a.zip", {}), "holds no shapefile")


def test_a_vrt_inside_of_a_package_is_not_opened(tmp_path, refused):
    layer = b"<OGRVRTLayer name='a'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>"
    vrt = b"<OGRVRTDataSource>" + layer + b"</OGRVRTDataSource>"
    members = {"a.shp": vrt, "a.shx": vrt, "a.dbf": b"\x03" + b"\0" * 100}
    refused(pack(tmp_path / "a.zip", members), "not taken")
    refused(pack(tmp_path / "a.kmz", {"doc.kml": vrt}), r"not taken \(VRT\)")


def test_a_kmz_is_read_as_its_document(tmp_path, read_right):
    kml = (
        '<kml xmlns="http://www.opengis.net/kml/2.2"><NetworkLink><Link><href>http://127.0.0.1:1/x.kml</href></Link>'
        "</NetworkLink><Placemark><name>门</name><Point><coordinates>114.2,35.7,0</coordinates></Point></Placemark></kml>"
    )
    frame = read_right(pack(tmp_path / "a.kmz", {"doc.kml": kml.encode()}))
    assert list(frame["name"]) == ["门"]
    assert (frame.geometry.x[1], frame.geometry.y[1]) == (114.2, 35.7)
