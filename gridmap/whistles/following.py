"""What was open on an incident that is merged goes on at the one it is merged into: nothing that waits is lost."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.incidents import taking
from gridmap.incidents.after import Taken
from gridmap.incidents.merging import family_of
from gridmap.incidents.rules import State
from gridmap.people.rules import system_actor
from gridmap.system.audit import Doer
from gridmap.whistles import chronicle
from gridmap.whistles.chronicle import Held

_CALLS: Final = """
    SELECT c.whistle_id, c.department_id, d.code FROM whistle_call c JOIN department d ON d.id = c.department_id
    WHERE c.incident_id = ANY(%(ids)s) AND c.refused_at IS NULL AND c.rated_at IS NULL
    ORDER BY c.whistle_id, c.seq
"""
_NOTICES: Final = """
    SELECT id, number FROM supervision WHERE incident_id = ANY(%(ids)s) AND closed_at IS NULL ORDER BY number
"""
_CONTESTED: Final = "SELECT id FROM contested WHERE incident_id = ANY(%(ids)s) AND decided_at IS NULL ORDER BY id"


def follow_merger(db: Session, taken: Taken) -> None:
    """
    Let the log of the incident that goes on say what comes to it, in the transaction of the merger.

    Calls, notices and what is contested keep the incident that they were begun for; who is called takes part in the
    one that goes on, and so reads it.
    """
    if taken.state is not State.MERGED:
        return
    ids = family_of(db, taken.incident_id)
    calls = straight(db, _CALLS, {"ids": ids})
    notices, contested = straight(db, _NOTICES, {"ids": ids}), straight(db, _CONTESTED, {"ids": ids})
    if not (calls or notices or contested):
        return
    held = chronicle.hold(db, taken.incident_id, system_actor(Doer(None, "system")), taken.recorded_at)
    for call in calls:
        _bring(db, held, call)
    for notice in notices:
        held.follow(_key(held, notice.id), {"supervision": str(notice.id), "notice": notice.number})
    for case in contested:
        held.follow(_key(held, case.id), {"contested": str(case.id)})


def _bring(db: Session, held: Held, call: Any) -> None:
    told = {"whistle": str(call.whistle_id), "department": call.code}
    key = uuid5(_key(held, call.whistle_id), call.code)
    if any(department == call.department_id for _, department, _ in held.living.parties or ()):
        held.follow(key, told)
        return
    party = {"department_id": call.department_id, "person_id": None, "role": "assist", "until": None}
    seq = held.follow(key, told, {"party": party})
    taking.add_party(db, held.living.id, seq, call.department_id, None, "assist", held.follows_at, None)


def _key(held: Held, what: UUID) -> UUID:
    """The id of the row that says it: another one wherever it goes on."""
    return uuid5(held.living.id, f"{chronicle.FOLLOW}:{what}")
