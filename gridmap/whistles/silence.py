"""A called department that gives no answer: its leader hears of it, then the desks above, then the supervisors."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.incidents.escalations import Due, schedule
from gridmap.incidents.rules import ENDED, State
from gridmap.people.rules import system_actor
from gridmap.system.audit import Doer
from gridmap.whistles import chronicle
from gridmap.whistles.actions import SILENT
from gridmap.whistles.ladder import climb
from gridmap.whistles.rules import SILENT_TIERS, Standing, silence_number, silence_of, standing_of
from gridmap.whistles.telling import tell_silence

_CALL: Final = """
    SELECT c.*, d.code, w.at AS called_at FROM whistle_call c JOIN whistle w ON w.id = c.whistle_id
    JOIN department d ON d.id = c.department_id WHERE c.incident_id = %(incident)s AND c.seq = %(seq)s
"""


def escalate_silence(db: Session, due: Due, at: datetime) -> None:
    """
    Tell the next tier that a department does not answer, and say when the one after it hears of it.

    Each tier is given as long as the department had. Who answered meanwhile, or whose matter is over, is let be.
    """
    seq, tier = silence_of(due.n)
    held = chronicle.hold(db, due.incident_id, system_actor(Doer(None, "system")), at)
    call = _call(db, due, seq)
    if standing_of(call) is not Standing.CALLED or State(held.living.state) in ENDED:
        return
    told = {"whistle": str(call.whistle_id), "department": call.code, "tier": tier}
    held.write("silence", uuid5(NAMESPACE_OID, f"{due.incident_id}:{SILENT}:{due.n}"), told)
    straight(
        db,
        "UPDATE whistle_call SET silent_tier = %(tier)s WHERE incident_id = %(incident)s AND seq = %(seq)s",
        {"tier": tier, "incident": due.incident_id, "seq": seq},
    )
    tell_silence(db, held.living, call, tier, at)
    if tier < SILENT_TIERS:
        # From the hour it was due, not from when a worker saw it: what was missed is made up.
        term = call.acknowledge_due_at - call.called_at
        schedule(db, due.incident_id, SILENT, silence_number(seq, tier + 1), due.fire_at + term)
    else:
        climb(db, held.living.id, at)


def tell_late(db: Session, due: Due, at: datetime) -> None:
    """Tell the leader and the desks above, once, that a department which acknowledged has not come in time."""
    held = chronicle.hold(db, due.incident_id, system_actor(Doer(None, "system")), at)
    call = _call(db, due, due.n)
    if standing_of(call) is Standing.ACKNOWLEDGED and State(held.living.state) not in ENDED:
        tell_silence(db, held.living, call, 1, at, late=True)


def _call(db: Session, due: Due, seq: int) -> Any:
    (call,) = straight(db, _CALL, {"incident": due.incident_id, "seq": seq})
    return call
