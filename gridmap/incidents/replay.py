"""Work out from a log alone what stands in rows beside it: the row itself, its parties and its clocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gridmap.incidents.clocks import Clock, Ruling, clocks_of, spans_of
from gridmap.incidents.history import Event


@dataclass(frozen=True)
class TakesPart:
    """A party as the log says it; `ends` is None as long as nothing ends it."""

    seq: int
    department_id: int | None
    person_id: int | None
    role: str
    begins: datetime
    ends: datetime | None


def parties_of(events: Sequence[Event]) -> list[TakesPart]:
    """Who took part in an incident, from when to when, by the row of the log that added them."""
    ended = {event.told["party"]: event.at for event in reversed(events) if event.step == "end_party"}
    # Who was called and refused, or is done, has no more part in it either.
    ended |= {seq: event.at for event in reversed(events) for seq in event.data.get("parted", ())}
    found = []
    for event in events:
        # Who is called takes part, as who is added, and goes on to where the incident was merged into.
        if event.step in ("add_party", "whistle", "follow") and "party" in event.data:
            said = event.data["party"]
            until = None if said["until"] is None else datetime.fromisoformat(said["until"])
            ends = ended.get(event.seq, until)
            found.append(TakesPart(event.seq, said["department_id"], said["person_id"], said["role"], event.at, ends))
    return found


def clocks_from(events: Sequence[Event], kind: str | None, ruling: Ruling) -> list[Clock]:
    """Every clock that ran, as it stands after the last step."""
    return clocks_of(spans_of(events, kind), ruling)
