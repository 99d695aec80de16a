"""Signing in and out, the ways in by a code, and one's own account."""

from webapp.account import entering, factor, own, proof, views
from webapp.account.door import account

__all__ = ["account", "entering", "factor", "own", "proof", "views"]
