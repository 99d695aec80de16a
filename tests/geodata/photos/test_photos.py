"""Only a fresh copy of a photo goes on, and what is no photo is told so."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from PIL import Image, ImageFile

from geodata.errors import TooMuch, Unreadable
from geodata.photos import develop, recognise
from geodata.photos.formats import stated_size
from geodata.photos.redrawing import redraw
from tests.pictures import FULL_TAGS, SECRET, opened, photo


@pytest.fixture
def developed(tmp_path):
    def develop_bytes(data):
        path = tmp_path / "photo"
        path.write_bytes(data)
        return develop(path)

    return develop_bytes


@pytest.fixture
def redrawn(tmp_path, monkeypatch):
    """The child's task without the child: its walls are tested once, its pictures many times."""
    # What draws PDFs has Pillow put up with half a picture in its whole process, of which a child is none.
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", False)

    def redraw_bytes(data):
        path = tmp_path / "photo"
        path.write_bytes(data)
        return {message["copy"]: base64.b64decode(message["jpeg"]) for message in list(redraw(str(path)))[1:]}

    return redraw_bytes


def png_of(width, height):
    """A tiny file that unpacks to as many pixels as it says."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")


def test_a_photo_is_upright_and_says_nothing_but_its_picture(developed):
    sent = photo(tags=FULL_TAGS)
    out = developed(sent)
    assert (out.kind, out.width, out.height) == ("jpeg", 480, 640)
    for copy, side in ((out.shown, 640), (out.thumb, 320), (out.coarse, 64)):
        image = opened(copy)
        assert max(image.size) == side
        assert len(image.getexif()) == 0
        assert not any(said in copy for said in (b"Exif", SECRET.encode()))
    # Orientation 6 is turned to the right by a quarter: the red corner stands at the upper right now.
    red, *others = opened(out.shown).getpixel((460, 20))
    assert red > 200 > 60 > max(others)
    assert SECRET.encode() in sent


def test_what_the_camera_knew_is_kept_as_facts(developed):
    taken = developed(photo(tags=FULL_TAGS)).taken
    assert taken.at == datetime(2026, 3, 3, 3, 58, 30, tzinfo=UTC)
    assert taken.at.tzinfo == timezone(timedelta(hours=8))
    assert (taken.lon, taken.lat) == (114.2, 35.72)
    assert (taken.direction_deg, taken.error_m, taken.orientation) == (270.5, 8, 6)
    assert taken.device_model == "Model[31m X <script>"


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "I;16"), ("WEBP", "RGB"), ("JPEG", "CMYK")]
)
def test_every_kind_comes_out_as_jpeg(redrawn, kind, mode):
    if mode == "I;16":
        sink = io.BytesIO()
        Image.new("I;16", (32, 24), 0xFFFF).save(sink, "PNG")
        shown = redrawn(sink.getvalue())["shown"]
        assert opened(shown).getpixel((5, 5)) == (255, 255, 255)
    else:
        shown = redrawn(photo(kind, (32, 24), mode=mode))["shown"]
    assert (opened(shown).format, opened(shown).size) == ("JPEG", (32, 24))


def test_what_hides_behind_a_photo_stays_behind(redrawn):
    shown = redrawn(photo() + b"PK\x03\x04 an archive" + SECRET.encode())["shown"]
    assert SECRET.encode() not in shown
    assert opened(shown).size == (640, 480)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("nothing", b"", "empty"),
        ("drawing", b"\xef\xbb\xbf  <?xml version='1.0'?><svg onload='x()'/>", "SVG"),
        ("heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        ("gif", b"GIF89a\1\0\1\0\0\0\0;", "GIF"),
        ("pdf", b"%PDF-1.7 and so on", "no photo"),
        ("movie", b"RIFF\0\0\0\0AVI LIST", "no photo"),
        ("half a photo", photo()[:20_000], "damaged or cut short"),
        ("head alone", photo()[:30], "damaged or cut short"),
        ("noise behind a head", b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20, "damaged or cut short"),
        ("half a PNG", photo("PNG", (64, 48))[:3000], "damaged or cut short"),
        ("half a WebP", photo("WEBP")[:3000], "damaged or cut short"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_photo_gets_a_sentence(redrawn, name, data, says):
    with pytest.raises(Unreadable, match=says):
        redrawn(data)


def test_a_damaged_photo_gets_its_sentence_from_the_child(developed):
    with pytest.raises(Unreadable, match="damaged or cut short"):
        developed(photo()[:20_000])


@pytest.mark.parametrize("size", [(60_000, 60_000), (50_000_001, 1)])
def test_a_bomb_is_refused_by_its_head(redrawn, size):
    bomb = png_of(*size)
    assert len(bomb) < 1000
    with pytest.raises(TooMuch, match="pixels"):
        redrawn(bomb)


def test_the_stated_size_of_a_webp_is_read_without_a_decoder():
    for options in ({"quality": 80}, {"lossless": True}, {"exif": b"Exif\0\0"}):
        sink = io.BytesIO()
        Image.new("RGB", (313, 211), "green").save(sink, "WEBP", **options)
        assert stated_size(recognise(sink.getvalue()), sink.getvalue()[:64]) == (313, 211)
