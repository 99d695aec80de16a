"""One small made-up district for all tests of its making."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from geodata.sample import District, make_district

UNTIL = datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="session")
def district() -> District:
    return make_district(1, grids=60, until=UNTIL)
