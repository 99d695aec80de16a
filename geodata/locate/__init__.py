"""Which grid holds each of these points, exactly, in bulk."""

from geodata.locate.index import GridIndex, Located, Status

__all__ = ["GridIndex", "Located", "Status"]
