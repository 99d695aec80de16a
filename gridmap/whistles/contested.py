"""Whose is it? Two refusals put a matter on the contested list; what is decided there is offered the next time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.errors import Conflict, Invalid, NotAllowed, NotFound
from gridmap.incidents.actions import StepDraft, act
from gridmap.incidents.merging import family, family_of, living
from gridmap.language import N_
from gridmap.people.rules import Actor, Thing, can, is_below
from gridmap.system.receipts import claim, content_digest
from gridmap.whistles import chronicle
from gridmap.whistles.chronicle import Held
from gridmap.whistles.rules import REFUSALS_UNTIL_CONTESTED
from gridmap.whistles.telling import tell_contested, tell_decided

# Within one log the order of its rows counts, between the logs of merged incidents the hour.
_REFUSALS: Final = """
    SELECT (SELECT count(*) FROM whistle_call c WHERE c.incident_id = ANY(%(ids)s) AND c.refused_at IS NOT NULL
            AND NOT EXISTS (SELECT FROM contested d WHERE d.incident_id = ANY(%(ids)s) AND d.decided_at IS NOT NULL
                AND CASE WHEN d.incident_id = c.incident_id THEN c.refused_seq < d.decided_seq
                    ELSE c.refused_at <= d.decided_at END)) AS n,
        EXISTS (SELECT FROM contested WHERE incident_id = ANY(%(ids)s) AND decided_at IS NULL) AS open
"""


def open_if_refused_twice(db: Session, held: Held, contested_id: UUID, seq: int) -> bool:
    """
    Put a matter on the contested list when it was refused twice since somebody last decided; True if it is new there.

    Parameters
    ----------
    contested_id
        Its id, and that of its row of the log.
    seq
        The row of the log of the last refusal.
    """
    (found,) = straight(db, _REFUSALS, {"ids": family_of(db, held.living.id)})
    if found.n < REFUSALS_UNTIL_CONTESTED or found.open:
        return False
    seq = held.write("contest", contested_id, {"contested": str(contested_id), "refusals": found.n, "last": seq})
    straight(
        db,
        "INSERT INTO contested (id, incident_id, seq, opened_at) VALUES (%(id)s, %(incident)s, %(seq)s, %(at)s)",
        {"id": contested_id, "incident": held.row.id, "seq": seq, "at": held.at},
    )
    tell_contested(db, held.living, f"contested:{contested_id}", held.at)
    return True


@dataclass(frozen=True)
class Ruling:
    """
    What somebody decides of a contested matter.

    Attributes
    ----------
    id
        Made by the sender: the same id decides once.
    department
        Code of the department whose it is.
    ground
        Why; read by everyone who meets a matter like it.
    dispatch
        Whether the incident is sent to that department in the same go.
    """

    id: UUID
    department: str
    ground: str
    dispatch: bool = False


def decide(db: Session, actor: Actor, contested_id: UUID, ruling: Ruling, at: datetime) -> bool:
    """
    Decide whose a contested matter is; True if it was decided now, False if the same id decided before.

    Raises
    ------
    NotFound, NotAllowed
        If it is not in the actor's scope, or deciding is for others.
    Conflict
        If it was decided before; with `dispatch`, whatever a dispatch meets.
    Invalid
        If the department is unknown or answers elsewhere, or no ground is given.
    """
    found = _find(db, actor, contested_id)
    held = chronicle.hold(db, found.incident_id, actor, at)
    content = {"contested": str(contested_id), "department": ruling.department, "ground": ruling.ground,
               "dispatch": ruling.dispatch}  # fmt: skip
    if not claim(db, "contested", [(ruling.id, content_digest(content))], at):
        return False
    if straight(db, "SELECT 1 FROM contested WHERE id = %(id)s AND decided_at IS NOT NULL", {"id": contested_id}):
        raise Conflict(N_("This was decided already; look at it again."))
    department = _department(db, held, ruling.department)
    if not ruling.ground.strip():
        raise Invalid(N_("Give the ground: it is what the next one like it is decided by."), where="/ground")
    told = {"contested": str(contested_id), "department": ruling.department, "ground": ruling.ground}
    seq = held.write("arbitrate", ruling.id, told)
    straight(
        db,
        "UPDATE contested c SET decided_at = %(at)s, decided_by = %(by)s, decided_seq = %(seq)s, ground = %(ground)s,"
        " department_id = %(department)s, category = i.category, path = i.path FROM incident i"
        " WHERE c.id = %(id)s AND i.id = %(living)s",
        {"at": held.at, "by": actor.id, "seq": seq, "department": department, "ground": ruling.ground,
         "id": contested_id, "living": held.living.id},
    )  # fmt: skip
    if ruling.dispatch:
        step = StepDraft(uuid5(ruling.id, "dispatch"), "dispatch", arguments={"department": ruling.department})
        act(db, actor, held.living.id, step, held.at)
    else:
        tell_decided(db, held.living, department, f"decided:{contested_id}", held.at)
    return True


def _find(db: Session, actor: Actor, contested_id: UUID) -> Any:
    rows = straight(
        db,
        "SELECT c.incident_id, i.path::text AS path, ARRAY(SELECT w.department_id FROM whistle_call w"
        f" WHERE w.incident_id IN {family('i.id')}) AS departments"
        f" FROM contested c JOIN {living('c.incident_id')} i ON true WHERE c.id = %(id)s",
        {"id": contested_id},
    )
    thing = Thing(rows[0].path, party_department_ids=tuple(rows[0].departments)) if rows else None
    if thing is None or can(actor, "whistle.read", thing) is None:
        raise NotFound(N_("There is no such contested matter, or it is not yours to see."))
    if can(actor, "contested.decide", thing) is None:
        raise NotAllowed(N_("You may see this; the district desk decides it."))
    return rows[0]


def _department(db: Session, held: Held, code: str) -> int:
    rows = straight(
        db,
        "SELECT d.id, a.path::text AS path FROM department d JOIN area a ON a.id = d.area_id"
        " WHERE d.code = %(code)s AND d.ended_at IS NULL",
        {"code": code},
    )
    if not rows:
        raise Invalid(N_("There is no department %(code)s."), where="/department", code=code)
    if not is_below(held.living.path, rows[0].path):
        raise Invalid(N_("Department %(code)s does not answer for this place."), where="/department", code=code)
    return int(rows[0].id)


# A minor class is like another of the same major class; the nearer the place, the weightier.
_PRECEDENTS: Final = """
    SELECT c.id, c.decided_at, c.ground, i.number, d.code, d.name, d.names, c.category,
        c.category = %(category)s AS same_class,
        nlevel(lca(c.path || 'x'::ltree, CAST(%(path)s AS ltree) || 'y'::ltree)) AS shared
    FROM contested c JOIN incident i ON i.id = c.incident_id JOIN department d ON d.id = c.department_id
    LEFT JOIN category k ON k.code = c.category
    WHERE c.decided_at IS NOT NULL AND c.incident_id <> %(but)s AND d.ended_at IS NULL
        AND (c.category = %(category)s OR k.parent = (SELECT parent FROM category WHERE code = %(category)s))
    ORDER BY same_class DESC, shared DESC, c.decided_at DESC, c.id LIMIT %(most)s
"""


def precedents(db: Session, incident_id: UUID, category: str | None, path: str, most: int = 3) -> Sequence[Any]:
    """
    What was decided of matters like this one: of the same class first, the nearest of them first, then the latest.

    Parameters
    ----------
    path
        Area path of the incident.

    Returns
    -------
    rows
        ``id, decided_at, ground, number, code, name, names, category, same_class, shared``; `shared` is how many
        areas both lie in.
    """
    return straight(db, _PRECEDENTS, {"category": category, "path": path, "but": incident_id, "most": most})
