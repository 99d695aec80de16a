"""Modules without a page, run by the browser that will run them."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page


def run(page: Page, module: str, body: str, given: Any = None) -> Any:
    """Run an expression with the module of the planner as `m` and the given value as `given`."""
    return page.evaluate(f"async (given) => {{ const m = await from('{module}'); return {body} }}", given)
