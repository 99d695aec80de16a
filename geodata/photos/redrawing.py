"""The child's task: decode a picture once, turn it upright, and draw fresh copies that hold nothing else."""

from __future__ import annotations

import base64
import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin
from PIL.Image import Transpose
from PIL.ImageFile import ImageFile

from geodata.errors import N_, Unreadable
from geodata.photos.formats import HEAD_BYTES, recognise, refuse_huge, stated_size
from geodata.photos.taken import read_tags

SIDES: Final = {"shown": 2560, "thumb": 320, "coarse": 64}
"""
The longer side of each copy at most, pixels.

What a person shows who may see it: all of it, its thumbnail, and so little of it that neither face nor plate is left.
"""
_QUALITY: Final = 85
_DAMAGED: Final = N_("The photo is damaged or cut short and cannot be opened. Send it again, or take it again.")
_UPRIGHT: Final = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
# Each kind is opened by its own decoder alone: none of the others is ever asked.
_DECODERS: Final[dict[str, Callable[[BinaryIO], ImageFile]]] = {
    "jpeg": JpegImagePlugin.JpegImageFile,
    "png": PngImagePlugin.PngImageFile,
    "webp": WebPImagePlugin.WebPImageFile,
}


def redraw(path: str) -> Iterator[dict[str, Any]]:
    """
    Open a photo and send what is worth keeping: its facts, then each copy as JPEG in base64.

    Raises
    ------
    Unreadable
        If it is no photo, or damaged; a warning of the decoder counts as damage.
    TooMuch
        If it has too many pixels.
    """
    with Path(path).open("rb") as file:
        head = file.read(HEAD_BYTES)
        kind = recognise(head)
        refuse_huge(stated_size(kind, head))
        file.seek(0)
        with _foreign():
            image = _DECODERS[kind](file)
        refuse_huge(image.size)
        width, height = image.size
        tags = _tags(image)
        turn = _UPRIGHT.get(int(tags["orientation"] or 1))
        with _foreign():
            copy = _decoded(image, SIDES["shown"])
        copy = copy.transpose(turn) if turn is not None else copy
    sideways = turn in (Transpose.TRANSPOSE, Transpose.ROTATE_270, Transpose.TRANSVERSE, Transpose.ROTATE_90)
    size = (height, width) if sideways else (width, height)
    yield {"kind": kind, "width": size[0], "height": size[1], "tags": tags}
    for name, side in SIDES.items():
        copy.thumbnail((side, side))
        yield {"copy": name, "jpeg": base64.b64encode(_jpeg(copy)).decode("ascii")}


@contextmanager
def _foreign() -> Iterator[None]:
    """Decoders tell in many ways that they cannot go on; each means the same to the sender."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            yield
        except (OSError, SyntaxError, ValueError, IndexError, KeyError, OverflowError, Warning) as error:
            raise Unreadable(_DAMAGED) from error


def _tags(image: Image.Image) -> dict[str, Any]:
    """Metadata that cannot be read are left: the picture is what counts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return read_tags(image.getexif())
        except (OSError, SyntaxError, ValueError, TypeError, KeyError, OverflowError):
            return read_tags(Image.Exif())


def _decoded(image: Image.Image, side: int) -> Image.Image:
    """The pixels alone, as a picture of our own making in RGB, transparent ones white."""
    image.draft("RGB", (side, side))  # a JPEG is decoded smaller, where that is enough
    image.load()
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        image.thumbnail((side, side))
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image.getchannel("A"))
        return white
    if image.mode.startswith("I;16"):
        image = image.point(lambda value: value * (1 / 256))
    image = image.convert("RGB")
    image.thumbnail((side, side))
    fresh = Image.new("RGB", image.size)
    fresh.paste(image)
    return fresh


def _jpeg(image: Image.Image) -> bytes:
    sink = io.BytesIO()
    image.save(sink, "JPEG", quality=_QUALITY, exif=b"", icc_profile=None)
    return sink.getvalue()
