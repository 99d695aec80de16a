"""The page of the guide about steps is the table that the code goes by."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_about_steps_is_written_from_the_table():
    checked = subprocess.run([sys.executable, "scripts/steps", "--check"], cwd=ROOT, check=False)
    assert checked.returncode == 0, "run scripts/steps"
