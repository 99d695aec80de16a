"""The page that follows a report: the promised time, why it takes longer, the result, and what its sender thinks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask import Response, redirect, render_template, request, url_for

from gridmap.catalogue.explaining import sentences
from gridmap.database import transaction
from gridmap.errors import GridmapError, Invalid, NotFound
from gridmap.grids.queries import current_district
from gridmap.hotline.rules import Caller, masked
from gridmap.incidents.rules import Stage, State
from gridmap.language import N_, translate
from gridmap.residents.flooding import count_try
from gridmap.residents.following import Event, Story, find_by_number, story_of
from gridmap.residents.rating import RatingDraft, rate
from gridmap.residents.rules import FINDING, MOST_WORDS, STAGE_WORDS, require_tail
from gridmap.residents.seals import address_key, follow_link, followed, secret_of
from webapp.resident.door import district_name, name_of, read_id, read_words, require_known, resident, show_refusal
from webapp.shared.pages import current_locale
from webapp.shared.policy import current_actor, declares, now

_NO_LINK: Final = N_("There is no report behind this link.")
_SHORT: Final = {"zh-CN": "M月d日 HH:mm", "en": "d MMM, HH:mm"}
_CLOCKS: Final[Mapping[str, str]] = {
    "contact": N_("Somebody contacts you by %(at)s."),
    "verify": N_("Somebody looks at it by %(at)s."),
    "file": N_("The desk decides on it by %(at)s."),
    "handle": N_("It is to be handled by %(at)s."),
    "close": N_("It is to be closed by %(at)s."),
}
_EVENTS: Final[Mapping[State, str]] = {
    State.REPORTED: N_("Received"),
    State.VERIFIED: N_("Found to be so"),
    State.FILED: N_("A case was opened"),
    State.DISPATCHED: N_("Handed to those who can do it"),
    State.HANDLING: N_("Work began"),
    State.HANDLED: N_("The work is reported as done"),
    State.CHECKED: N_("It was checked"),
    State.CLOSED: N_("It is over"),
    State.REJECTED: N_("It was not taken up"),
    State.MERGED: N_("Another case goes on with it"),
    State.RETURNED: N_("It is being handed to others"),
    State.SUSPENDED: N_("The work is paused"),
    State.REOPENED: N_("It is taken up again"),
}


@resident.get("/r/follow")
@declares("public")
def show_find() -> str:
    """Show where a report is found by its number."""
    return render_template("resident/find.html", **_find_words())


@resident.post("/r/follow")
@declares("public")
def find() -> Response:
    """Find a report by its number and the last digits of the telephone number that was left with it."""
    require_known(frozenset({"number", "tail"}))
    try:
        key = _found(_number(), request.form.get("tail", ""))
    except GridmapError as error:
        return show_refusal(error, "resident/find.html", **_find_words())
    return redirect(url_for("resident.show_story", key=key), 303)  # type: ignore[return-value]


def _number() -> str:
    """The number as it was typed; what nobody can type is in no number."""
    return "".join(letter for letter in request.form.get("number", "") if letter.isprintable()).strip()[:40]


def _found(number: str, told_tail: str) -> str:
    tail = require_tail(told_tail)
    with transaction() as db:
        secret = secret_of(db)
        keys = {"number": number, "address": address_key(secret, request.remote_addr or ""), "all": ""}
        refusal = count_try(db, "find", keys, FINDING, now())
    if refusal is not None:
        raise refusal
    with transaction() as db:
        report_id = find_by_number(db, number, tail)
    if report_id is None:
        raise Invalid(
            N_("No report has this number together with a telephone number that ends so. Look at both once more.")
        )
    return follow_link(secret, report_id)


@resident.get("/r/follow/<key>")
@declares("public")
def show_story(key: str) -> str:
    """Show how a matter stands, to whoever holds its link."""
    return render_template("resident/follow.html", **_words(key, {}))


@resident.post("/r/follow/<key>/rating")
@declares("public")
def take_rating(key: str) -> Response:
    """Take what its sender says of the end of a matter."""
    require_known(frozenset({"id", "satisfied", "words", "again"}))
    try:
        _rate(key)
    except NotFound:
        raise
    except GridmapError as error:
        return show_refusal(error, "resident/follow.html", **_words(key, request.form.to_dict()))
    return redirect(url_for("resident.show_story", key=key), 303)  # type: ignore[return-value]


def _rate(key: str) -> None:
    satisfied = request.form.get("satisfied", "")
    if satisfied not in ("yes", "no"):
        raise Invalid(N_("Say whether it is well or not."), where="satisfied")
    words = read_words("words", MOST_WORDS)
    draft = RatingDraft(read_id(request.form.get("id", "")), satisfied == "yes", words, bool(request.form.get("again")))
    with transaction() as db:
        rate(db, current_actor(), _report_of(db, key), draft, now())


def _report_of(db: Any, key: str) -> UUID:
    report_id = followed(secret_of(db), key)
    if report_id is None:
        raise NotFound(_NO_LINK)
    return report_id


def _find_words() -> dict[str, Any]:
    with transaction() as db:
        return {"district": district_name(db), "typed": {"number": _number()}}


def _words(key: str, typed: dict[str, str]) -> dict[str, Any]:
    locale, at = current_locale(), now()
    with transaction() as db:
        story = story_of(db, _report_of(db, key), at)
        zone, district = current_district(db).zone, district_name(db)
    stages = list(Stage)
    lost = request.args.get("lost", "")
    return {
        "district": district,
        "key": key,
        "story": story,
        "place": name_of(story.place["name"], story.place["names"]),
        "category": story.category and name_of(story.category["name"], story.category["names"]),
        "stages": [stage.label for stage in stages],
        "here": stages.index(story.stage),
        "now_words": STAGE_WORDS[story.stage],
        "clocks": [_clock(row, zone, locale) for row in story.clocks if row.due_at is not None],
        "events": [_event(event, zone, locale) for event in story.events],
        "paused": _pause(story, zone, locale),
        "feedback": [{"at": _when(row.at, zone, locale), "text": row.told} for row in story.feedback],
        "looks": [{"at": _when(at, zone, locale), "who": role.label} for at, role in story.looks],
        "phone": story.phone and masked(Caller(None, story.phone, None), None)["phone"],
        "reported": _when(story.reported_at, zone, locale),
        "rating_id": uuid4(),
        "typed": typed,
        "most_words": MOST_WORDS,
        "lost": int(lost) if lost.isascii() and lost.isdigit() and len(lost) < 3 else 0,
    }


def _clock(row: Any, zone: ZoneInfo, locale: str) -> dict[str, Any]:
    return {
        "sentence": translate(_CLOCKS[row.stage], locale, at=_when(row.due_at, zone, locale)),
        "why": sentences(row.explained, locale),
    }


def _event(event: Event, zone: ZoneInfo, locale: str) -> dict[str, Any]:
    word = N_("More time was given") if event.step == "extend" else _EVENTS[event.state]
    return {"at": _when(event.at, zone, locale), "word": word, "reason": _reason(event, locale)}


def _pause(story: Story, zone: ZoneInfo, locale: str) -> dict[str, Any] | None:
    """Why nothing happens just now, and until when."""
    if story.state is not State.SUSPENDED:
        return None
    event = next(event for event in reversed(story.events) if event.state is State.SUSPENDED)
    return {"reason": _reason(event, locale), "until": event.until and _when(event.until, zone, locale)}


def _reason(event: Event, locale: str) -> str | None:
    return None if event.reason is None else event.reason.get(locale) or event.reason["zh-CN"]


def _when(at: datetime, zone: ZoneInfo, locale: str) -> str:
    return format_datetime(at.astimezone(zone), _SHORT[locale], locale=locale.replace("-", "_"))
