"""Why a delivery failed: a sentence for the administrator, and what follows from it."""

from __future__ import annotations

from typing import Any

from gridmap.errors import GridmapError


class Fault(GridmapError):
    """
    A message could not be delivered.

    Attributes
    ----------
    away
        The far end itself is not there or wants a rest: what else waits for it waits, too.
    final
        It would fail the same way tomorrow.
    """

    def __init__(self, msgid: str, /, *, away: bool = False, final: bool = False, **params: Any) -> None:
        super().__init__(msgid, **params)
        self.away = away
        self.final = final

    def stored(self) -> dict[str, Any]:
        """As a row keeps it; `gridmap.outbox.wording.worded` reads it."""
        return {"msgid": self.msgid, "values": self.params}
