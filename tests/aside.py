"""Coroutines in a thread of their own: where a browser was opened before, the main thread has a loop that runs."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def run_aside(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end and give what it gives."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
