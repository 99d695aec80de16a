"""How what belongs to an incident looks in JSON: its clocks, its parties, whose duty it is, what it is related to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from gridmap.catalogue.clocks import Stage
from gridmap.catalogue.explaining import sentences
from gridmap.incidents.clocks import DECIDING, Span
from gridmap.incidents.details import Beside
from gridmap.incidents.history import Event, open_asks
from gridmap.incidents.rules import STAGE_OF, State
from gridmap.incidents.rulings import Book
from gridmap.incidents.similar import Similar
from gridmap.incidents.steps import answers_to
from gridmap.incidents.tables import Incident
from gridmap.language import translate
from gridmap.people.rules import Access
from webapp.api.incident_steps import checklists_shown
from webapp.api.shapes import instant, named
from webapp.shared.pages import current_locale


def beside_shown(
    found: Beside, incident: Incident, access: Access, book: Book, spans: Sequence[Span], now: datetime
) -> dict[str, Any]:
    """
    What belongs to an incident; ``due_why`` are the sentences of the clock that its deadline comes from.

    Parameters
    ----------
    spans
        Its stages as the log says them.
    """
    state = State(incident.state)
    of = {(span.stage, span.since_seq): span for span in spans}
    clocks = [
        _clock(row, state, now) | _ran(book, of.get((row["stage"], row["since_seq"])), row["rule_id"], now)
        for row in found.clocks
    ]
    deciding = [each for each in clocks if each["stage"] in DECIDING and each["due_at"] == instant(incident.due_at)]
    related = [{**row, "id": str(row["id"])} for row in found.related]
    return {
        "stage": STAGE_OF[state],
        "stage_label": translate(STAGE_OF[state].label, current_locale()),
        "level": incident.level,
        "clocks": clocks,
        "due_why": " ".join(deciding[0]["why"]) if deciding else None,
        "holder": {
            "department": _department(found.department),
            "person": _person(found.person, access),
        },
        "parties": [_party(row, access, now) for row in found.parties],
        "merged": [row for row in related if row["relation"] == "merged"],
        "derived": [row for row in related if row["relation"] == "derived"],
        "merged_into": next((row for row in related if row["relation"] == "survivor"), None),
        "arose_from": next((row for row in related if row["relation"] == "origin"), None),
    }


def _clock(row: Mapping[str, Any], state: State, now: datetime) -> dict[str, Any]:
    due, stopped = (
        None if row[name] is None else datetime.fromisoformat(row[name]) for name in ("due_at", "stopped_at")
    )
    return {
        "stage": row["stage"],
        "label": translate(Stage(row["stage"]).label, current_locale()),
        "started_at": instant(_instant(row["started_at"])),
        "due_at": instant(due),
        "stopped_at": instant(stopped),
        "paused": stopped is None and state is State.SUSPENDED and row["stage"] in DECIDING,
        "provisional": row["provisional"],
        "rule": row["rule_id"],
        "why": sentences(row["explained"], current_locale()),
    }


def _ran(book: Book, span: Span | None, rule_id: int | None, now: datetime) -> dict[str, Any]:
    """How far a clock is, in seconds in which it ran: of work-hours and work-days only those count."""
    found = None if span is None else book.progress(span, now)
    if found is None:
        return {"used_s": None, "total_s": None, "left_s": None, "running": False, "unit": None, "counted_at": None}
    progress, running = found
    rule = book.rules.timing.rules.get(rule_id) if rule_id is not None else None
    used, total = round(progress.used_s), round(progress.total_s)
    return {
        "used_s": used,
        "total_s": total,
        "left_s": total - used,
        "running": running,
        "unit": "h" if rule is None else rule.unit,
        "counted_at": instant(now),
    }


def asked_shown(events: Sequence[Event]) -> list[dict[str, Any]]:
    """What is asked and not answered yet: what was told with it, and the steps that answer it, granting first."""
    return [
        {"ask": event.step, "seq": event.seq, "with": event.told, "answers": answers_to(event.step)}
        for event in open_asks(events)
    ]


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _department(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else named({"code": row["code"]}, row["name"], row["names"])


def _person(row: Mapping[str, Any] | None, access: Access) -> dict[str, Any] | None:
    if row is None:
        return None
    shown = named({}, row["name"], row["names"])
    return shown if access is Access.FULL else {key: f"{name[:1]}**" for key, name in shown.items()}


def _party(row: Mapping[str, Any], access: Access, now: datetime) -> dict[str, Any]:
    until = _instant(row["until"])
    who = _person(row, access) if row["kind"] == "person" else _department(row)
    return {
        "party": row["party"],
        "role": row["role"],
        "kind": row["kind"],
        "from": instant(_instant(row["from"])),
        "until": instant(until),
        "takes_part": until is None or until > now,
        **(who or {}),
    }


def duty_shown(book: Book, incident: Incident) -> dict[str, Any]:
    """Whose duty the matter is by the rules of the day on which it happened, and what is asked of who handles it."""
    day = book.day(incident.occurred_at)
    route = book.rules.route(incident.category, incident.path, day)
    owner = book.rules.offices.get(route.owner_department_id) if route.owner_department_id is not None else None
    return {
        "route": {
            "list": route.list,
            "duty": route.duty_id,
            "owner": None if owner is None else _office(owner),
            "assisting": [_office(book.rules.offices[each]) for each in route.assisting if each in book.rules.offices],
            "why": sentences(route.why, current_locale()),
        },
        "checklists": checklists_shown(book, incident.category, incident.occurred_at),
    }


def _office(office: Any) -> dict[str, Any]:
    return named({"code": office.code}, office.name, office.names)


def similar_shown(found: Similar) -> dict[str, Any]:
    """An open incident that may be the same."""
    return {
        "id": str(found.id),
        "number": found.number,
        "state": found.state,
        "distance_m": found.distance_m,
        "score": found.score,
        "why": sentences(found.why, current_locale()),
    }


def target_shown(row: Any) -> dict[str, Any]:
    """A department or a person that an incident can be given to."""
    said = {"kind": row.kind, "code": row.code, "person": row.person_id, "role": row.role, "post": row.post}
    return named(said, row.name, row.names)
