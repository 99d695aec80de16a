"""What kind of picture a file is, by its bytes: names and declared types are only claims."""

from __future__ import annotations

from typing import Final

from geodata.errors import N_, TooMuch, Unreadable

HEAD_BYTES: Final = 64
"""How many bytes `recognise` and `stated_size` want to see."""
MOST_BYTES: Final = 15_000_000
MOST_PIXELS: Final = 50_000_000

_EMPTY: Final = N_("The photo is empty. Take it again.")
_OTHER: Final = N_("This is no photo: JPEG, PNG and WebP are taken.")
_HEIC: Final = N_("This is a HEIC photo, which is not taken here. Have the phone send it as JPEG.")
_SVG: Final = N_("This is an SVG drawing, which is not taken here. Send a photo as JPEG, PNG or WebP.")
_GIF: Final = N_("This is a GIF picture, which is not taken here. Send a photo as JPEG, PNG or WebP.")
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif"})


def recognise(head: bytes) -> str:
    """
    Say what kind of picture begins so.

    Parameters
    ----------
    head
        The first `HEAD_BYTES` of the file, or all of it.

    Returns
    -------
    kind
        ``jpeg``, ``png`` or ``webp``.

    Raises
    ------
    Unreadable
        If it is anything else; the sentence names what people often send.
    """
    if not head:
        raise Unreadable(_EMPTY)
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
        return "png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        raise Unreadable(_HEIC)
    if head.startswith((b"GIF87a", b"GIF89a")):
        raise Unreadable(_GIF)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<svg", b"<?xml", b"<!doctype svg")):
        raise Unreadable(_SVG)
    raise Unreadable(_OTHER)


def stated_size(kind: str, head: bytes) -> tuple[int, int] | None:
    """
    Width and height as the head of a PNG or WebP states them, before a decoder makes room for them.

    Returns
    -------
    size
        None for JPEG, whose size stands deeper in the file and is read without decoding, and for a head too short.

    References
    ----------
    PNG (RFC 2083) section 11.2.2; WebP container specification, VP8 (RFC 6386) section 9.1, VP8L section 3.
    """
    if kind == "png" and len(head) >= 24:
        return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
    if kind == "webp" and len(head) >= 30:
        part = head[12:16]
        if part == b"VP8X":
            return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
        if part == b"VP8L":
            bits = int.from_bytes(head[21:25], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        if part == b"VP8 ":
            width, height = int.from_bytes(head[26:28], "little"), int.from_bytes(head[28:30], "little")
            return width & 0x3FFF, height & 0x3FFF
    return None


def refuse_huge(size: tuple[int, int] | None) -> None:
    """
    Refuse a picture that would fill the memory.

    Raises
    ------
    TooMuch
        If it has more than `MOST_PIXELS`.
    """
    if size is not None and size[0] * size[1] > MOST_PIXELS:
        raise TooMuch(
            N_("The photo is %(width)s × %(height)s pixels; at most %(most)s million are taken. Make it smaller."),
            width=size[0],
            height=size[1],
            most=MOST_PIXELS // 1_000_000,
        )
