"""
Photos that strangers send: what they are is read from their bytes, and only a fresh copy of the picture goes on.

`develop` opens a file in a child process (`geodata.sandbox`) and gives upright copies without any metadata, beside
the few facts that are worth keeping. `recognise` looks at the first bytes alone.
"""

from geodata.photos.darkroom import Developed, develop
from geodata.photos.formats import HEAD_BYTES, MOST_BYTES, MOST_PIXELS, recognise
from geodata.photos.taken import Taken

__all__ = ["HEAD_BYTES", "MOST_BYTES", "MOST_PIXELS", "Developed", "Taken", "develop", "recognise"]
