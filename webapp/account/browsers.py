"""The name of a browser, as its owner would say it."""

from __future__ import annotations

# What a browser says of itself -> its name; the first that fits, since most also name the others.
_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("HuaweiBrowser", "Huawei"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(said: str) -> str:
    """Give ``Firefox · Windows`` for a User-Agent; what it said, cut, where nothing is recognised."""
    names = [next((name for mark, name in table if mark in said), "") for table in (_BROWSERS, _SYSTEMS)]
    return " · ".join(filter(None, names)) or said[:40]
