"""An instant in what is sent to us."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from gridmap.moment import EARLIEST, LATEST

Instant = Annotated[AwareDatetime, Field(ge=EARLIEST, lt=LATEST)]
"""With its zone, in years that can be stored and shown; clocks of phones and devices are doubted, not refused."""
