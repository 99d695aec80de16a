"""The form behind a code: no account, the place known, sent once however often it is tapped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from flask import Response, redirect, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from gridmap.catalogue.explaining import sentences
from gridmap.catalogue.pages import local_today
from gridmap.database import transaction
from gridmap.errors import GridmapError, Invalid, Malformed, NotFound, OtherContent, TooLarge
from gridmap.incidents.rules import STAGE_OF, State
from gridmap.language import N_
from gridmap.reports.mediafiles import MediaFiles
from gridmap.residents.choices import offered
from gridmap.residents.codes import Door, find_door
from gridmap.residents.flooding import count_try
from gridmap.residents.nearby import matters_near, zones_near
from gridmap.residents.rules import (
    MOST_FORM_BYTES,
    MOST_NAME,
    MOST_PHOTOS,
    MOST_TEXT,
    MOST_WHERE,
    SENDING,
    Chip,
    Message,
    coarse,
    read_phone,
    require_chip,
    require_said,
    was_patient,
)
from gridmap.residents.seals import address_key, follow_link, form_ticket, opened_at, secret_of
from gridmap.residents.sending import promises, receive, was_sent, was_sent_alike
from webapp.account.door import is_script
from webapp.resident.door import district_name, name_of, read_id, read_words, require_known, resident, show_refusal
from webapp.resident.photos import Sent, keep, take_in
from webapp.shared import settings
from webapp.shared.pages import current_locale
from webapp.shared.policy import current_actor, declares, now

_FIELDS: Final = frozenset(
    {"id", "ticket", "chip", "text", "name", "phone", "elsewhere", "where", "lon", "lat", "accuracy", "website"}
)
_TOO_MUCH: Final = N_(
    "Too much at once: up to %(most)s MB are taken. Go back, where your words are; take fewer photos."
)
_TYPED: Final = ("chip", "text", "name", "phone", "elsewhere", "where")


@dataclass(frozen=True)
class Answered:
    """What became of a form: where it is followed, and how many photos could not be kept."""

    key: str
    lost: int


class SentOtherwise(OtherContent):
    """The same form came before, with something else in it."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.id)
        self.message = message


@resident.get("/r/<token>")
@declares("public")
def show_form(token: str) -> str:
    """Show the form of a door; opening it writes nothing."""
    return _page(token, {})


@resident.post("/r/<token>")
@declares("public")
def take_form(token: str) -> Response:
    """
    Take what a stranger sends from a door.

    It needs no cookie and no session, so that no other site can send it in somebody's name: what counts is the ticket
    of a form that was opened here, and that the browser says it was sent from here.
    """
    # Everything else takes one mebibyte; this form brings photos.
    request.max_content_length = MOST_FORM_BYTES
    try:
        done = _take(token)
    except NotFound:
        raise
    except RequestEntityTooLarge as error:
        # Nothing of it was read, so that nothing of it can be shown again; the browser still has it.
        raise TooLarge(_TOO_MUCH, most=MOST_FORM_BYTES >> 20) from error
    except SentOtherwise as error:
        # The first stays; what was changed since is a new report, and stands in the form.
        return _refused(token, error, again=error.message)
    except GridmapError as error:
        return _refused(token, error)
    # What is None is left out of an address.
    address = url_for("resident.show_story", key=done.key, lost=done.lost or None)
    if is_script():
        return Response(status=204, headers={"X-Next": address})
    return redirect(address, 303)  # type: ignore[return-value]


def _take(token: str) -> Answered:
    require_known(_FIELDS)
    form_id, at = read_id(request.form.get("id", "")), now()
    files = MediaFiles.below(settings().data_dir)
    uploads = [photo for photo in request.files.getlist("photo") if photo.filename]
    with transaction() as db:
        door, secret = _open_door(find_door(db, token)), secret_of(db)
        opened = opened_at(secret, request.form.get("ticket", ""), form_id, door.hash)
        chips = offered(db, local_today(db, at), None if opened is None else local_today(db, opened))
    message = _message(form_id, chips, len(uploads))
    _require_ticket(opened, at)
    with transaction() as db:
        keys = {"door": str(door.qr_id), "address": address_key(secret, request.remote_addr or ""), "all": ""}
        refusal = None if was_sent(db, form_id) else count_try(db, "send", keys, SENDING, at)
    if refusal is not None:
        raise refusal
    key = follow_link(secret, form_id)
    with files.settling():
        sent = take_in(files, uploads)
        _store(files, door, message, sent, at)
    return Answered(key, sum(each.photo is None for each in sent))


def _store(files: MediaFiles, door: Door, message: Message, sent: Sequence[Sent], at: datetime) -> None:
    hashes = [each.sha256 for each in sent]
    kept = keep(sent)
    try:
        with transaction() as db:
            dropped = receive(db, current_actor(), door, message, hashes, kept, current_locale(), at)
    except OtherContent as error:
        raise SentOtherwise(message) from error
    for name in dropped:
        files.drop_copies(name)


def _message(form_id: UUID, chips: Sequence[Chip], photos: int) -> Message:
    """
    Read the form.

    Raises
    ------
    Invalid
        With the field that is to be filled in otherwise.
    """
    if request.form.get("website"):
        raise Invalid(N_("Leave the field for machines empty: a program fills it in, a person does not."), where="web")
    if photos > MOST_PHOTOS:
        raise Invalid(N_("At most %(most)s photos. Choose them again."), where="photo", most=MOST_PHOTOS)
    message = Message(
        form_id,
        require_chip(request.form.get("chip"), chips),
        read_words("text", 5 * MOST_TEXT),
        read_words("name", MOST_NAME) or None,
        read_phone(request.form.get("phone", "")),
        bool(request.form.get("elsewhere")),
        read_words("where", MOST_WHERE),
        _degrees("lon", 180),
        _degrees("lat", 90),
        _degrees("accuracy", 1e7),
    )
    require_said(message, photos)
    return message


def _degrees(name: str, most: float) -> float | None:
    told = request.form.get(name, "").strip()
    if not told:
        return None
    try:
        value = float(told)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or abs(value) > most:
        raise Malformed(N_("The page is out of date, so this was not done. Reload it and try again."), where=name)
    return value


def _open_door(door: Door) -> Door:
    if door.ended_at is not None:
        raise NotFound(N_("This code was replaced. Scan the new one at the door, or call the hotline."))
    return door


def _require_ticket(opened: datetime | None, at: datetime) -> None:
    if opened is None:
        raise Invalid(N_("The page is out of date, so this was not done. Reload it and try again."), where="ticket")
    if not was_patient(opened, at):
        raise Invalid(N_("That was very quick. Wait three seconds and send it again."), where="ticket")


def _refused(token: str, error: GridmapError, again: Message | None = None) -> Response:
    typed = {name: request.form.get(name, "")[:1000] for name in _TYPED}
    # The same form goes on, so that what was sent before and what is sent now are told apart.
    kept = None if again is not None else request.form.get("id")
    if is_script():
        return show_refusal(error, "")
    return show_refusal(error, "resident/form.html", **_words(token, typed, kept, sent_before=again))


def _page(token: str, typed: dict[str, str]) -> str:
    return render_template("resident/form.html", **_words(token, typed, None))


def _words(
    token: str, typed: dict[str, str], kept_id: str | None, sent_before: Message | None = None
) -> dict[str, Any]:
    at, locale = now(), current_locale()
    with transaction() as db:
        door, secret = _open_door(find_door(db, token)), secret_of(db)
        form_id, opened = _form_of(secret, door, kept_id, at)
        chips = offered(db, local_today(db, at))
        promised = {name: sentences(said, locale) for name, said in promises(db, chips, at).items()}
        return {
            "action": request.path,
            "district": district_name(db),
            "door": door,
            "place": name_of(door.name, door.names),
            "community": name_of(door.community["name"], door.community["names"]),
            "form_id": form_id,
            "ticket": form_ticket(secret, form_id, door.hash, opened),
            "chips": [{"name": one.name, "icon": one.icon, "label": name_of(one.label, one.labels)} for one in chips],
            "promised": promised,
            "most": {"text": MOST_TEXT, "where": MOST_WHERE, "name": MOST_NAME, "photos": MOST_PHOTOS},
            "typed": typed,
            "zones": zones_near(db, door, at),
            "near": [_near(row) for row in matters_near(db, door, at)],
            "sent_before": sent_before is not None and was_sent(db, sent_before.id),
            # Whoever has the form open after another, at a kiosk say, is not led to what the other sent.
            "first": follow_link(secret, sent_before.id)
            if sent_before is not None and was_sent_alike(db, door, sent_before)
            else None,
        }


def _near(row: Any) -> dict[str, Any]:
    return {
        "category": None if row.category_name is None else name_of(row.category_name, row.category_names),
        "stage": STAGE_OF[State(row.state)].label,
        "day": row.received_at,
        "text": row.text,
        "within_m": coarse(row.distance_m),
        "photo": row.photo,
    }


def _form_of(secret: bytes, door: Door, told: str | None, at: datetime) -> tuple[UUID, datetime]:
    """
    The id of the form to show, and since when it is open.

    A form of ours that was refused goes on. Ids of reports are no secret: one that comes without the ticket it was
    handed out with gets none, but another id.
    """
    try:
        form_id = UUID(told or "")
    except ValueError:
        return uuid4(), at
    opened = opened_at(secret, request.form.get("ticket", ""), form_id, door.hash)
    return (uuid4(), at) if opened is None else (form_id, opened)
