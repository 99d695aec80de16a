"""How whistles, contested matters and supervision notices look in JSON, with what their reader may do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from gridmap.catalogue.explaining import sentences
from gridmap.catalogue.rules import Choice
from gridmap.incidents.queries import summaries
from gridmap.language import translate
from gridmap.people.rules import Access, Actor, Thing, can
from gridmap.whistles.access import own_departments, whistle_access, whistle_thing
from gridmap.whistles.rules import (
    ANSWERS,
    CAUSES,
    NOTICE_ANSWER,
    NOTICE_CLOSE,
    RATE,
    TIERS,
    Action,
    Outcome,
    Standing,
    in_time,
    standing_of,
)
from gridmap.whistles.supervising import notice_thing
from webapp.api.shapes import incident_summary, instant, named
from webapp.shared.pages import current_locale


class _Call:
    """A call as a list gives it: JSON values, instants read."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        for name, value in row.items():
            text_at = value is not None and name.endswith("_at")
            setattr(self, name, datetime.fromisoformat(value) if text_at else value)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def incidents_shown(db: Session, actor: Actor, rows: Sequence[Any], now: datetime) -> dict[UUID, dict[str, Any]]:
    """The incidents of rows with ``incident_id``, each as much as the reader may see: at least its brief."""
    found = summaries(db, [row.incident_id for row in rows])
    shown = {}
    for key, row in found.items():
        thing = Thing(row.path, holder_person_id=row.holder_person_id, holder_department_id=row.holder_department_id)
        access = can(actor, "incident.read", thing) or Access.FIGURES
        shown[key] = incident_summary(row, access, now)
    return shown


def whistle_shown(
    actor: Actor, row: Any, incident: Mapping[str, Any], refusals: Sequence[Choice], now: datetime
) -> dict[str, Any]:
    """
    A whistle with its calls, each with its clocks, their reasons, and what the reader may do with it next.

    Parameters
    ----------
    row
        As `gridmap.whistles.queries.whistle_page` gives it.
    refusals
        The reasons for which somebody may refuse.
    """
    # Who called reads what they wrote, and what was answered.
    full = whistle_access(actor, row) is Access.FULL or (actor.id is not None and actor.id == row.called_by)
    rates = can(actor, "whistle.call", whistle_thing(row)) is not None
    mine = own_departments(actor)
    calls = [_call(_Call(each), full, mine, rates, refusals, now) for each in row.calls]
    return {
        "id": str(row.id),
        "incident": incident,
        "begun_for": row.begun_for,
        "at": instant(row.at),
        "by": {"role": row.role, **_person(row.caller_name, row.caller_names, full)},
        "place": {"lon": row.lon, "lat": row.lat},
        "note": row.note if full else None,
        "calls": calls,
    }


def _call(
    call: Any, full: bool, mine: frozenset[int], rates: bool, refusals: Sequence[Choice], now: datetime
) -> dict[str, Any]:
    standing = standing_of(call)
    locale = current_locale()
    theirs = [*(ANSWERS if call.department_id in mine else ()), *((RATE,) if rates else ())]
    return {
        "department": named({"code": call.code}, call.name, call.names),
        "mine": call.department_id in mine,
        "standing": standing.value,
        "standing_label": translate(standing.label, locale),
        **_clocks(call, standing, now),
        "arrived_place": None
        if call.arrived_lon is None or not full
        else {"lon": call.arrived_lon, "lat": call.arrived_lat, "error_m": call.arrived_error_m},
        "arrived_m": call.arrived_m,
        "outcome": call.outcome,
        "outcome_label": None if call.outcome is None else translate(Outcome(call.outcome).label, locale),
        "outcome_at": instant(call.outcome_at),
        "note": call.outcome_note if full else None,
        "refused_at": instant(call.refused_at),
        "refused_reason": None
        if call.refused_reason is None
        else named({"code": call.refused_reason}, call.reason_name or call.refused_reason, call.reason_names),
        "refused_note": call.refused_note if full else None,
        "rating": call.rating,
        "rated_at": instant(call.rated_at),
        "rated_note": call.rated_note if full else None,
        "silent_tier": call.silent_tier,
        "actions": [action_shown(each, refusals) for each in theirs if standing in each.from_standing],
    }


def _clocks(call: Any, standing: Standing, now: datetime) -> dict[str, Any]:
    """Both times of a call, and the one that runs; ``why`` explains those that run, or all when none does."""
    waits = {Standing.CALLED: "acknowledge", Standing.ACKNOWLEDGED: "arrive"}.get(standing)
    due_at = None if waits is None else getattr(call, f"{waits}_due_at")
    reasons = [*call.explained.get("acknowledge", ()), *call.explained.get("arrive", ())]
    shown: dict[str, Any] = {
        "waits_for": waits,
        "left_s": None if due_at is None else round((due_at - now).total_seconds()),
        "why": sentences(call.explained.get("arrive", ()) if waits == "arrive" else reasons, current_locale()),
    }
    for what, done_at in (("acknowledge", call.acknowledged_at), ("arrive", call.arrived_at)):
        due_at = getattr(call, f"{what}_due_at")
        shown[f"{what}_due_at"] = instant(due_at)
        shown[f"{what}d_at"] = instant(done_at)
        refused = standing is Standing.REFUSED and done_at is None
        shown[f"{what}d_in_time"] = None if refused else in_time(done_at, due_at, now)
    return shown


def action_shown(action: Action, refusals: Sequence[Choice]) -> dict[str, Any]:
    """What can be done next, as a button and its form."""
    locale = current_locale()
    shown: dict[str, Any] = {"name": action.name, "label": translate(action.label, locale), "needs": action.needs}
    if "reason" in action.needs:
        shown["reasons"] = [named({"code": each.code}, each.name, each.names) for each in refusals]
    if "outcome" in action.needs:
        shown["outcomes"] = [{"code": each.value, "label": translate(each.label, locale)} for each in Outcome]
    return shown


def precedent_shown(row: Any) -> dict[str, Any]:
    """What was decided of a matter like this one, and why; not of which, for it may lie beyond the reader's area."""
    return {
        "id": str(row.id),
        "decided_at": instant(row.decided_at),
        "department": named({"code": row.code}, row.name, row.names),
        "ground": row.ground,
        "category": row.category,
        "same_class": row.same_class,
    }


def contested_shown(actor: Actor, row: Any, incident: Mapping[str, Any]) -> dict[str, Any]:
    """
    A contested matter: who refused it, what was decided, and the duty row that would settle it for good.

    ``duty`` has the cells that `POST /catalogue/duties/rows` takes.
    """
    thing = Thing(row.path, party_department_ids=tuple(row.departments))
    full = can(actor, "whistle.read", thing) is Access.FULL
    decided = None if row.decided_at is None else {
        "at": instant(row.decided_at),
        "by": _person(row.by_name, row.by_names, full),
        "department": named({"code": row.code}, row.name, row.names),
        "ground": row.ground,
        "duty": None
        if row.category is None or row.area is None
        else {"category": row.category, "area": row.area, "list": "basic", "owner": row.code, "assisting": ""},
    }  # fmt: skip
    return {
        "id": str(row.id),
        "incident": incident,
        "opened_at": instant(row.opened_at),
        "refusals": [_refusal(each, full) for each in row.refusals or ()],
        "decided": decided,
        "may_decide": decided is None and can(actor, "contested.decide", thing) is not None,
    }


def _refusal(row: Mapping[str, Any], full: bool) -> dict[str, Any]:
    return {
        "department": named({"code": row["code"]}, row["name"], row["names"]),
        "reason": named({"code": row["reason"]}, row["reason_name"], row["reason_names"]),
        "at": instant(datetime.fromisoformat(row["at"])),
        "note": row["note"] if full else None,
    }


def notice_shown(actor: Actor, row: Any, incident: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A supervision notice with its reasons, its answer, and what the reader may do with it."""
    thing = notice_thing(row)
    locale = current_locale()
    full = can(actor, "supervision.read", thing) is not Access.FIGURES
    return {
        "id": str(row.id),
        "number": row.number,
        "incident": incident,
        "tier": row.tier,
        "tier_label": translate(TIERS[row.tier], locale),
        "cause": row.cause,
        "cause_label": translate(CAUSES[row.cause], locale),
        "why": sentences(row.explained, locale),
        "department": None if row.department_id is None else named({"code": row.code}, row.name, row.names),
        "opened_at": instant(row.opened_at),
        "by": None if row.by_name is None else _person(row.by_name, row.by_names, full),
        "note": row.note,
        "answer_due_at": instant(row.answer_due_at),
        "answer_left_s": None
        if row.answer_due_at is None
        else round((row.answer_due_at - (row.answered_at or now)).total_seconds()),
        "answered_at": instant(row.answered_at),
        "answer": row.answer,
        "closed_at": instant(row.closed_at),
        "closing": row.closing,
        "actions": _notice_actions(actor, row, thing, incident),
    }


def _notice_actions(actor: Actor, row: Any, thing: Thing, incident: Mapping[str, Any]) -> list[dict[str, Any]]:
    possible = {
        NOTICE_ANSWER: row.answered_at is None and can(actor, "supervision.answer", thing) is not None,
        NOTICE_CLOSE: (row.answered_at is not None or incident["closed_at"] is not None)
        and can(actor, "incident.supervise", thing) is not None,
    }
    return [action_shown(action, ()) for action, may in possible.items() if may and row.closed_at is None]


def _person(name: str | None, names: Mapping[str, Any] | None, full: bool) -> dict[str, Any]:
    shown = named({}, name, names)
    return shown if full else {key: None if text is None else f"{text[:1]}**" for key, text in shown.items()}
