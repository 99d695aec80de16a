"""Drawn photos for the made-up district: what a phone might have seen, and no real place or person."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from gridmap.people.rules import stranger
from gridmap.reports.arriving import Arrival
from gridmap.reports.media import keep_photo, photo_row, settle
from gridmap.system.audit import Doer

if TYPE_CHECKING:
    from gridmap.reports.mediafiles import MediaFiles

_SIZE: Final = (960, 720)
_FOLDER: Final = "demo"
Pen = ImageDraw.ImageDraw


def keep_drawn(db: Session, files: MediaFiles, at: datetime) -> list[bytes]:
    """Draw the photos, seal them as any other and give their hashes; those that are there stay."""
    folder = files.root / "arriving" / _FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    hashes = []
    for scene in _SCENES:
        data = draw(scene)
        digest = hashlib.sha256(data).digest()
        hashes.append(digest)
        if photo_row(db, digest, None) is None:
            arrival = Arrival(folder / f"{uuid4().hex}.{len(data)}", digest, len(data))
            arrival.take(0, [data])
            keep_photo(db, stranger(Doer(None, "public")), settle(files, arrival), at)
            arrival.drop()
    return hashes


def draw(scene: Callable[[Pen], None]) -> bytes:
    """One scene as JPEG; the same scene is the same bytes."""
    image = Image.new("RGB", _SIZE, (196, 192, 184))
    scene(ImageDraw.Draw(image))
    sink = io.BytesIO()
    image.save(sink, "JPEG", quality=85)
    return sink.getvalue()


def _wall(pen: Pen, tint: tuple[int, int, int] = (168, 124, 104)) -> None:
    for row in range(0, 480, 40):
        for column in range(-80 + row % 80, 960, 80):
            pen.rectangle((column, row, column + 76, row + 36), fill=tint)
    pen.rectangle((0, 480, 960, 720), fill=(122, 124, 126))


def _litter(pen: Pen) -> None:
    _wall(pen)
    for left, top, colour in ((180, 380, (40, 46, 52)), (380, 420, (232, 232, 226)), (560, 360, (54, 92, 74))):
        pen.ellipse((left, top, left + 260, top + 260), fill=colour)
        pen.polygon([(left + 105, top + 16), (left + 155, top + 16), (left + 130, top - 40)], fill=colour)


def _stairs(pen: Pen) -> None:
    pen.rectangle((0, 0, 960, 720), fill=(222, 218, 206))
    for n in range(8):
        pen.rectangle((320 + 20 * n, 660 - 70 * n, 960, 720 - 70 * n), fill=(176 - 6 * n, 174 - 6 * n, 168 - 6 * n))
    for left, top, side in ((60, 470, 220), (110, 300, 170), (270, 540, 150)):
        pen.rectangle((left, top, left + side, top + side), fill=(188, 148, 96), outline=(130, 98, 58), width=5)
        pen.line((left, top + side // 2, left + side, top + side // 2), fill=(150, 116, 72), width=8)


def _charging(pen: Pen) -> None:
    _wall(pen, (206, 202, 190))
    pen.line([(430, 0), (440, 160), (410, 330), (380, 470)], fill=(30, 34, 38), width=9)
    pen.rectangle((350, 460, 420, 520), fill=(244, 244, 240), outline=(90, 90, 90), width=3)
    for centre in (430, 690):
        pen.ellipse((centre - 80, 520, centre + 80, 680), outline=(28, 28, 30), width=16)
    pen.line([(430, 600), (520, 470), (640, 470), (690, 600)], fill=(176, 44, 40), width=18)
    pen.line([(640, 470), (660, 400), (720, 390)], fill=(40, 40, 42), width=12)


def _manhole(pen: Pen) -> None:
    pen.rectangle((0, 0, 960, 720), fill=(104, 106, 108))
    for n in range(0, 960, 120):
        pen.line((n, 0, n - 260, 720), fill=(98, 100, 102), width=10)
    pen.ellipse((280, 240, 680, 540), fill=(24, 24, 26), outline=(70, 70, 72), width=18)
    pen.ellipse((520, 130, 860, 370), fill=(132, 122, 108), outline=(86, 78, 68), width=14)


def _water(pen: Pen) -> None:
    _wall(pen, (150, 164, 172))
    pen.ellipse((60, 500, 900, 700), fill=(104, 142, 168))
    pen.ellipse((220, 540, 720, 660), fill=(134, 170, 194))
    pen.rectangle((450, 60, 486, 330), fill=(176, 178, 180))
    pen.polygon([(452, 330), (484, 330), (560, 600), (380, 600)], fill=(150, 184, 206))


def _cleared(pen: Pen) -> None:
    _wall(pen, (182, 150, 128))
    pen.rectangle((60, 600, 900, 616), fill=(238, 238, 232))
    pen.rectangle((640, 360, 740, 480), fill=(176, 48, 40))
    pen.rectangle((660, 330, 720, 360), fill=(120, 32, 28))


_SCENES: Final = (_litter, _stairs, _charging, _manhole, _water, _cleared)
CLEARED: Final = _SCENES.index(_cleared)
"""Of the hashes: the one that shows a place put right."""
SHOWS: Final = {
    category: _SCENES.index(scene)
    for scene, classes in (
        (_litter, ("0301", "0302", "0305", "0701")),
        (_stairs, ("0503", "0702", "1004")),
        (_charging, ("0504", "0105")),
        (_manhole, ("0101", "0202")),
        (_water, ("0103", "0206", "0303", "1003")),
    )
    for category in classes
}
"""Of the hashes: the one that shows a matter of a class."""
