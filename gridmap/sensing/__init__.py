"""Devices and what they said."""
