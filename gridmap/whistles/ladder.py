"""The ladder of supervision: what is not done climbs it by itself, each tier once, by rules that are rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final
from uuid import NAMESPACE_OID, UUID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gridmap.catalogue.clocks import DayRange
from gridmap.catalogue.pages import local_zone
from gridmap.database import straight
from gridmap.grids.queries import current_district
from gridmap.incidents.merging import family, living
from gridmap.people.rules import system_actor
from gridmap.system.apart import each_apart
from gridmap.system.audit import Doer
from gridmap.whistles import chronicle
from gridmap.whistles.rules import Facts, LadderRule, tier_of
from gridmap.whistles.supervising import Opening, open_notice

_AT_ONCE: Final = 200

# Of open incidents, what a rule may ask of them and of those merged into them; what stands still is not late.
_FACTS: Final = f"""
    SELECT i.id, i.due_at,
        coalesce((SELECT max(s.tier) FROM supervision s WHERE s.incident_id IN {family("i.id")}), 0) AS climbed,
        coalesce(CASE WHEN i.state <> 'suspended' THEN
            EXTRACT(epoch FROM %(at)s - i.due_at) / greatest(EXTRACT(epoch FROM i.due_at - (
                SELECT min(c.started_at) FROM clock c WHERE c.incident_id = i.id AND c.due_at = i.due_at)), 60)
        END, 0)::double precision AS overdue_terms,
        (SELECT count(*) FROM escalation e WHERE e.incident_id IN {family("i.id")} AND e.kind = 'second_repeat'
            AND e.fired_at IS NOT NULL) AS repeated,
        coalesce((SELECT max(c.silent_tier) FROM whistle_call c WHERE c.incident_id IN {family("i.id")}), 0) AS silent,
        (SELECT count(*) FROM supervision s WHERE s.incident_id IN {family("i.id")} AND s.answered_at IS NULL
            AND s.closed_at IS NULL AND s.answer_due_at < %(at)s) AS unanswered
    FROM incident i WHERE i.closed_at IS NULL AND i.id = ANY(%(ids)s)
"""
# Whatever can have climbed: each of these is found by an index of its own.
_CANDIDATES: Final = f"""
    SELECT id FROM incident WHERE closed_at IS NULL AND due_at < %(at)s
    UNION SELECT i.id FROM (
        SELECT incident_id FROM escalation WHERE kind = 'second_repeat' AND fired_at IS NOT NULL
        UNION SELECT incident_id FROM whistle_call WHERE silent_tier > 0
        UNION SELECT incident_id FROM supervision WHERE closed_at IS NULL AND answered_at IS NULL
    ) begun JOIN {living("begun.incident_id")} i ON true
"""


def open_due(db: Session, at: datetime) -> int:
    """
    Open the notices that the rules ask for, each in a transaction of its own; for a job, every few minutes.

    A matter climbs to the highest tier whose rule holds, and onto each tier once by itself, however often this runs
    and by how many.

    Parameters
    ----------
    db
        To look in; nothing is written through it.
    at
        Our clock.

    Returns
    -------
    opened
        How many were opened now.
    """
    return each_apart("supervision", _to_climb(db, at), lambda own, incident_id: climb(own, incident_id, at), _AT_ONCE)


def climb(db: Session, incident_id: UUID, at: datetime) -> bool:
    """Open the notice that the rules ask for of one incident, if there is one that it has not had yet."""
    actor = system_actor(Doer(None, "system"))
    held = chronicle.hold(db, incident_id, actor, at)
    district = current_district(db)
    rules = ladder_rules(db)
    for row in straight(db, _FACTS, {"at": at, "ids": [incident_id]}):
        facts = _facts(row, district.zone)
        rule = tier_of(facts, rules, at.astimezone(district.zone).date())
        if rule is not None and rule.tier > row.climbed:
            key = uuid5(NAMESPACE_OID, f"{incident_id}:supervision:{rule.tier}")
            open_notice(db, held, actor, Opening(key, rule.tier, rule.cause, (facts.why(rule.cause),)))
            return True
    return False


def ladder_rules(db: Session) -> list[LadderRule]:
    """All rules of the ladder, those of other days too."""
    rows = straight(db, "SELECT tier, cause, at_least, valid FROM supervision_rule ORDER BY id", {})
    return [LadderRule(row.tier, row.cause, row.at_least, DayRange(row.valid.lower, row.valid.upper)) for row in rows]


def tiers_on(db: Session, at: datetime, day: date) -> dict[UUID, int]:
    """
    Say how high the rules of a local day bring the open incidents as they stand at an instant.

    Returns
    -------
    tiers
        By incident; those that come onto no tier are left out.
    """
    return {row.id: rule.tier for row, rule in _ruled(db, at, day)}


def _to_climb(db: Session, at: datetime) -> Sequence[UUID]:
    """Incidents that the rules bring higher than they are, in a steady order."""
    day = at.astimezone(current_district(db).zone).date()
    found = [(-rule.tier, row.due_at or at, row.id) for row, rule in _ruled(db, at, day) if rule.tier > row.climbed]
    return [key for _, _, key in sorted(found)]


def _ruled(db: Session, at: datetime, day: date) -> Iterator[tuple[Any, LadderRule]]:
    """Open incidents with the rule of a day that brings each highest."""
    zone, rules = local_zone(db), ladder_rules(db)
    ids = [row.id for row in straight(db, _CANDIDATES, {"at": at})]
    for row in straight(db, _FACTS, {"at": at, "ids": ids}):
        rule = tier_of(_facts(row, zone), rules, day)
        if rule is not None:
            yield row, rule


def _facts(row: Any, zone: ZoneInfo) -> Facts:
    facts = Facts(
        overdue_terms=row.overdue_terms,
        # What escalates is the second time; the first is no repeat.
        repeats=row.repeated + 1 if row.repeated else 0,
        silent=row.silent,
        unanswered=row.unanswered,
    )
    return facts if row.due_at is None else replace(facts, due_at=row.due_at.astimezone(zone))
