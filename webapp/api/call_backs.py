"""Calls back after closing: which are to be made, what came of each, and the figures of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from flask import request
from pydantic import StringConstraints

from gridmap.database import transaction
from gridmap.errors import Invalid
from gridmap.hotline.calling import WORK, Called, note_call
from gridmap.hotline.queries import call_page, figures
from gridmap.hotline.rules import Caller, Outcome, Satisfied, masked
from gridmap.language import N_
from gridmap.people.rules import scope_of
from webapp.api import api
from webapp.api.hotline import READ, asked_instant
from webapp.api.order_shapes import incident_brief
from webapp.api.paging import next_link, page_after, page_limit
from webapp.api.parameters import PAGE, flag
from webapp.api.shapes import instant, named
from webapp.shared.pages import current_locale
from webapp.shared.policy import current_actor, declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import Parameter, takes

_MONTH: Final = timedelta(days=30)
_LONGEST: Final = timedelta(days=400)


class CallIn(Input):
    """What came of a call; the id is the sender's own."""

    id: UUID
    outcome: Literal["reached", "not-reached", "refused"]
    satisfied: Literal["yes", "partly", "no"] | None = None
    note: Annotated[str, StringConstraints(max_length=4000)] | None = None


@api.get("/call-backs")
@api.doc(tags=["hotline"])
@declares(READ)
@takes(flag("done", "Those that were made, the latest first."), *PAGE)
def list_calls() -> dict[str, Any]:
    """List the calls to make, by when they are due."""
    actor, after = current_actor(), page_after(datetime.fromisoformat, UUID)
    with transaction() as db:
        page = call_page(
            db, actor.id, scope_of(actor, READ), done=request.args.get("done") == "1", limit=page_limit(),
            after=None if after is None else (after[0], after[1]),
        )  # fmt: skip
    return {"items": [_shown(row, page.callers.get(row.order_id)) for row in page.rows], "next": next_link(page.after)}


@api.post("/call-backs/<uuid:call_id>/calls")
@api.doc(tags=["hotline"])
@declares(WORK)
@takes(body=CallIn)
def write_call(call_id: UUID, body: CallIn) -> tuple[dict[str, Any], int]:
    """Write down what came of a call; who is not satisfied has the matter opened again one level higher, once."""
    satisfied = None if body.satisfied is None else Satisfied(body.satisfied)
    called = Called(body.id, Outcome(body.outcome), satisfied, body.note)
    with transaction() as db:
        taken = note_call(db, current_actor(), call_id, called, current_locale(), now())
    return {"taken": taken}, 201 if taken else 200


@api.get("/call-backs/figures")
@api.doc(tags=["hotline"])
@declares(READ)
@takes(
    Parameter("since", "From this instant on; 30 days ago unless given."),
    Parameter("until", "Before this instant; now unless given."),
)
def show_figures() -> dict[str, Any]:
    """Count a period: orders by when they came, calls by when their matter was closed; each rate with both numbers."""
    until = asked_instant("until") or now()
    since = asked_instant("since") or until - _MONTH
    if not timedelta() < until - since <= _LONGEST:
        raise Invalid(N_("A period begins before it ends and has up to %(days)s days."), where="/until",
                      days=_LONGEST.days)  # fmt: skip
    with transaction() as db:
        n = figures(db, scope_of(current_actor(), READ), since, until)
    return {
        "since": instant(since),
        "until": instant(until),
        "orders": {"real_name": n["real_name"]},
        "contacted_in_time": _rate(n["contacted_in_time"], n["to_contact"]),
        "called_back": _rate(n["called"], n["to_call"]),
        "satisfied": _rate(n["satisfied"], n["reached"]),
        "partly": n["partly"],
        "dissatisfied": n["dissatisfied"],
    }


def _rate(part: int, whole: int) -> dict[str, Any]:
    return {"numerator": part, "denominator": whole, "rate": None if whole == 0 else round(part / whole, 4)}


def _shown(row: Any, caller: Caller | None) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "order": str(row.order_id),
        "channel": row.channel,
        "number": row.number,
        "repeat_n": row.repeat_n,
        "closed_at": instant(row.closed_at),
        "due_at": instant(row.due_at),
        "done_at": instant(row.done_at),
        "outcome": row.outcome,
        "satisfied": row.satisfied,
        "tries": row.tries,
        "caller": masked(caller or Caller(), row.grid_name),
        "incident": incident_brief(row),
        "grid": None if row.grid_code is None else named({"code": row.grid_code}, row.grid_name, row.grid_names),
    }
