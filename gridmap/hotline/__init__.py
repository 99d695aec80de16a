"""Hotline orders: taken in with their own numbers, answered in time, called back when they are closed."""
