"""Signing in and out, and one's own sessions."""

from webapp.account.views import account

__all__ = ["account"]
