"""The steps of incidents: which lead on, how each is asked for, and how they are taken, one or many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gridmap.database import transaction
from gridmap.errors import GridmapError, Malformed
from gridmap.incidents.actions import StepDraft, act
from gridmap.incidents.arguments import ARGUMENTS, how_asked
from gridmap.incidents.asking import asker_of
from gridmap.incidents.details import standing_of
from gridmap.incidents.rules import State
from gridmap.incidents.rulings import Book
from gridmap.incidents.steps import NEEDS, STEP_OF, Asker, Step, answers_to, leads_to, steps_from
from gridmap.language import N_, translate
from gridmap.people.rules import Actor, Thing
from webapp.api import api
from webapp.api.evidence import Photos, evidence_of
from webapp.api.shapes import instant, named
from webapp.errors import STATUS
from webapp.shared.pages import current_locale
from webapp.shared.policy import current_actor, declares
from webapp.shared.taking import takes

Arguments = Annotated[dict[str, Any], Field(max_length=12)]
_MOST_AT_ONCE: Final = 200


class Said(BaseModel):
    """What a step says, whichever incident it is of."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    step: Annotated[str, Field(max_length=40, json_schema_extra={"enum": sorted(STEP_OF)})]
    reason: Annotated[str, Field(max_length=200)] | None = None
    note: Annotated[str, Field(max_length=4000)] | None = None
    with_: Annotated[Arguments, Field(alias="with")] = {}
    at: AwareDatetime | None = None

    def require_known(self) -> None:
        """Refuse the name of no step as what it is: a word that we do not know."""
        if self.step not in STEP_OF:
            raise Malformed(N_("There is no step “%(step)s”."), where="/step", step=self.step)


class StepIn(Said):
    """A step to take; the id is the sender's own, so that it can be sent again."""

    id: UUID
    seq: Annotated[int, Field(ge=1)] | None = None
    media: Photos = []

    def draft(self) -> StepDraft:
        """The step as the domain takes it."""
        self.require_known()
        photos = evidence_of(self.media)
        return StepDraft(self.id, self.step, self.reason, self.note, self.seq, photos, self.at, self.with_)


class OneOfMany(BaseModel):
    """One incident of several that the same step is taken of."""

    model_config = ConfigDict(extra="forbid")
    incident: UUID
    id: UUID
    seq: Annotated[int, Field(ge=1)] | None = None


class StepsIn(Said):
    """The same step of several incidents."""

    incidents: Annotated[list[OneOfMany], Field(min_length=1, max_length=_MOST_AT_ONCE)]


@api.post("/incidents/<uuid:incident_id>/steps")
@declares("incident.step")
@takes(body=StepIn)
def take_step(incident_id: UUID, body: StepIn) -> dict[str, Any]:
    """Take the next step of an incident; the same id is taken once. Says how it stands now."""
    with transaction() as db:
        taken = act(db, current_actor(), incident_id, body.draft(), at=datetime.now(UTC))
        row = standing_of(db, incident_id)
    return {
        "id": str(incident_id),
        "number": row.number,
        "state": row.state,
        "level": row.level,
        "asks": row.asks,
        "seq": row.seq,
        "due_at": instant(row.due_at),
        "closed_at": instant(row.closed_at),
        "taken": taken,
    }


@api.post("/incidents/steps")
@declares("incident.step")
@takes(body=StepsIn)
def take_steps(body: StepsIn) -> dict[str, Any]:
    """Take the same step of many incidents; each is taken or refused by itself, and told by itself."""
    body.require_known()
    actor = current_actor()
    return {"items": [_take_one(actor, body, one) for one in body.incidents]}


def _take_one(actor: Actor, body: StepsIn, one: OneOfMany) -> dict[str, Any]:
    draft = StepDraft(one.id, body.step, body.reason, body.note, one.seq, (), body.at, body.with_)
    try:
        with transaction() as db:
            taken = act(db, actor, one.incident, draft, at=datetime.now(UTC))
    except GridmapError as error:
        status = next(STATUS[family] for family in type(error).__mro__ if family in STATUS)
        refused = {"status": status, "sentence": error.sentence(current_locale()), **error.members}
        return {"incident": str(one.incident), "taken": False, "refused": refused}
    return {"incident": str(one.incident), "taken": taken, "refused": None}


def steps_shown(
    actor: Actor, row: Any, thing: Thing, handled_by: int | None, book: Book, at: datetime
) -> list[dict[str, Any]]:
    """
    The steps that lead on, as buttons and forms.

    Parameters
    ----------
    row
        The incident: ``state, severity, level, category, asks`` and who holds it.
    thing
        What the policy knows of it, with the parties that may take steps.
    """
    asker = asker_of(actor, row, thing, handled_by)
    shown = [_shown(step, row, book, at) for step in steps_from(State(row.state), row.severity, asker)]
    return sorted(shown, key=lambda step: int(step["rank"]))


def _shown(step: Step, row: Any, book: Book, at: datetime) -> dict[str, Any]:
    locale = current_locale()
    needed = step.needs | book.photos_of(row.category, step, at)
    return {
        "step": step.name,
        "to": leads_to(step, State(row.state), row.source),
        "label": translate(step.label, locale),
        # What is asked is answered first.
        "rank": 0 if step.name in {answer for ask in row.asks for answer in answers_to(ask)} else step.rank,
        "needs": [need for need in NEEDS if need in needed],
        "reasons": [named({"code": each.code}, each.name, each.names) for each in book.reasons(step.name, at)],
        "arguments": [_argument(step, name, locale) for name in step.arguments],
    }


def _argument(step: Step, name: str, locale: str) -> dict[str, Any]:
    argument = ARGUMENTS[name]
    return {
        "name": name,
        "kind": argument.kind,
        "label": translate(argument.label, locale),
        "asked": how_asked(step, name),
        "choices": None
        if argument.choices is None
        else [{"value": value, "label": translate(word, locale)} for value, word in argument.choices.items()],
    }


def steps_on_patrol(row: Any, asker: Asker | None, book: Book, at: datetime) -> list[dict[str, Any]]:
    """The steps that a phone can take without asking the server what they need: those without reasons of a list."""
    return [
        {
            "step": step.name,
            "to": leads_to(step, State(row.state), row.source),
            "needs": [need for need in NEEDS if need in step.needs | book.photos_of(row.category_code, step, at)],
            "arguments": [{"name": name, "kind": ARGUMENTS[name].kind} for name in step.arguments],
        }
        for step in steps_from(State(row.state), row.severity, asker)
        if step.rank < _EXCEPTIONS_FROM and "reason" not in step.needs and _can_be_bare(step)
    ]


_EXCEPTIONS_FROM: Final = 10


def _can_be_bare(step: Step) -> bool:
    """Whether a step may go without being told anything."""
    return all(how_asked(step, name) == "optional" for name in step.arguments)


def checklists_shown(book: Book, category: str | None, at: datetime) -> Sequence[Mapping[str, Any]]:
    """The checklists of a class on the day of `at`, each with its items."""
    return [
        {
            **named({"code": each.code}, each.name, each.names),
            "items": [
                {**named({"code": item.code}, item.name, item.names), "answer": item.answer, "needed": item.needed}
                for item in each.items
            ],
        }
        for each in book.checklists(category, at)
    ]
