"""
A child process for opening what strangers send: it may compute, and hand rows back, and nothing else.

It has no network, an empty private directory, a read-only system and limits on time, memory, files and output. Where
the kernel refuses namespaces the limits stand alone, and `state` says so.
"""

from geodata.sandbox.allowance import Allowance
from geodata.sandbox.parent import Child, state

__all__ = ["Allowance", "Child", "state"]
