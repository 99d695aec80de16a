"""Pictures for tests, drawn when they are asked for."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

GPS, EXIF = 0x8825, 0x8769
SECRET = "Owner of this phone: Zhang San"

# Seen from Qishui, by the clock of Shanghai.
FULL_TAGS: Mapping[int, Any] = {
    0x0112: 6,
    0x010F: "Maker",
    0x0110: "Model\x1b[31m X\x00 <script>",
    0x013B: SECRET,
    EXIF: {0x9003: "2026:03:03 11:58:30", 0x9011: "+08:00"},
    GPS: {
        1: "N",
        2: (IFDRational(35), IFDRational(43), IFDRational(1200, 100)),
        3: "E",
        4: (IFDRational(114), IFDRational(12), IFDRational(0)),
        17: IFDRational(2705, 10),
        31: IFDRational(8),
    },
}


def photo(
    kind: str = "JPEG",
    size: tuple[int, int] = (640, 480),
    *,
    seed: int = 1,
    tags: Mapping[int, Any] | None = None,
    mode: str = "RGB",
) -> bytes:
    """A noisy picture, so that it does not shrink to nothing; its upper left corner is red."""
    noise = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    noise[: size[1] // 4, : size[0] // 4] = (255, 0, 0)
    exif = Image.Exif()
    for tag, value in (tags or {}).items():
        if isinstance(value, dict):
            exif.get_ifd(tag).update(value)
        else:
            exif[tag] = value
    sink = io.BytesIO()
    Image.fromarray(noise).convert(mode).save(sink, kind, exif=exif)
    return sink.getvalue()


def opened(data: bytes) -> Image.Image:
    """What came out, decoded."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
