"""What a child may use up."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Allowance:
    """
    What one child may use up; None is no limit.

    Attributes
    ----------
    cpu_s, wall_s
        Seconds of computing; seconds that its parent will wait for it in all.
    memory_bytes
        Address space, the program itself included (some 300 MB).
    output_bytes
        What it may send, in all.
    file_bytes
        The largest file that it may write into its private directory.
    open_files
        Descriptors open at a time.
    """

    cpu_s: int | None = 10
    wall_s: float | None = 60
    memory_bytes: int | None = 1024 * MIB
    output_bytes: int | None = 200 * MIB
    file_bytes: int = 500 * MIB
    open_files: int = 64
