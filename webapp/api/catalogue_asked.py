"""Trying the catalogue out: until when a matter would have to be done and why, and what codes stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from flask import request

from gridmap.catalogue.clocks import Stage
from gridmap.catalogue.conditions import KEYS, VALUES
from gridmap.catalogue.explaining import sentences
from gridmap.catalogue.naming import Called, choices_of
from gridmap.catalogue.pages import local_zone
from gridmap.catalogue.rulebook import Rulebook, rulebook_now
from gridmap.database import transaction
from gridmap.errors import Invalid, NotFound
from gridmap.language import N_, translate
from webapp.api import api
from webapp.api.shapes import instant, named
from webapp.shared.pages import current_locale
from webapp.shared.policy import declares, now
from webapp.shared.taking import Parameter, takes

READ: Final = "catalogue.read"


@api.get("/catalogue/deadlines")
@api.doc(tags=["catalogue"])
@declares(READ)
@takes(
    Parameter("category", "Code of a class of matter; without it none."),
    *(Parameter(key, "What is so; see the column condition of the table clocks.") for key in KEYS),
    Parameter("start", "When each stage would begin, such as 2026-02-13T16:00 on the district's clock; now if left."),
)
def explain_deadlines() -> dict[str, Any]:
    """Say until when each stage of a matter would have to be done by the rules of its day, and why."""
    code = request.args.get("category")
    facts = {key: request.args[key] for key in KEYS if key in request.args}
    for key, value in facts.items():
        if value not in VALUES[key]:
            raise Invalid(
                N_("“%(value)s” is no %(key)s. Possible are %(values)s."),
                where=f"/{key}", value=value, key=key, values=", ".join(sorted(VALUES[key])),
            )  # fmt: skip
    with transaction() as db:
        book, zone = rulebook_now(db), local_zone(db)
    found = None if code is None else book.category(code)
    if code is not None and found is None:
        raise NotFound(N_("There is no class of matter %(code)s."), code=code)
    if found is not None:
        facts.setdefault("severity", str(found.severity))
    try:
        start = datetime.fromisoformat(request.args["start"]) if "start" in request.args else now()
        start = (start if start.tzinfo else start.replace(tzinfo=zone)).astimezone(UTC)
        items = [_stage(book, code, facts, stage, start) for stage in Stage]
    except (ValueError, OverflowError):
        raise Invalid(N_("A time is expected here, such as 2026-03-03T16:00."), where="/start") from None
    return {"start_at": instant(start), "facts": facts, "items": items}


@api.get("/catalogue/choices")
@api.doc(tags=["catalogue"])
@declares(READ)
@takes(
    Parameter("of", "category, area, department, checklist or calendar.", needed=True),
    Parameter("q", "Text in the code or a name."),
)
def list_choices() -> dict[str, Any]:
    """Find what a new rule may name by its code: the first fifty."""
    with transaction() as db:
        found = choices_of(db, request.args.get("of", ""), request.args.get("q", "").strip())
    return {"items": told(found)}


def told(called: Iterable[Called]) -> list[dict[str, Any]]:
    """Codes with names as answers give them."""
    return [named({"code": each.code}, each.name, each.names) for each in called]


def _stage(
    book: Rulebook, category: str | None, facts: Mapping[str, str], stage: Stage, start: datetime
) -> dict[str, Any]:
    locale = current_locale()
    rule = book.clock(category, facts, stage, start)
    about = {"stage": stage.value, "title": translate(stage.label, locale)}
    if rule is None:
        return {**about, "rule": None, "due_at": None, "provisional": False, "why": []}
    due = book.timing.deadline(rule, start)
    return {
        **about,
        "rule": rule.id,
        "due_at": instant(due.due_at),
        "provisional": due.provisional,
        "why": sentences(due.explained, locale),
    }
