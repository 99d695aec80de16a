"""The demo accounts, which the sign-in page offers where a demonstration runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from gridmap.people.rules import Role

FILE = "demo-accounts.json"


@dataclass(frozen=True)
class DemoAccount:
    """One account to try, with the password made for this data directory."""

    login: str
    password: str
    role: Role
    name: str
    name_en: str


def read_demo_accounts(data_dir: Path) -> list[DemoAccount]:
    """Read the accounts that the demo's loader left, one a role, in the order it wrote; none if it left none."""
    try:
        rows = json.loads((data_dir / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [
        DemoAccount(row["login"], row["password"], Role(row["role"]), row["name"], row.get("name_en") or row["name"])
        for row in rows
    ]
