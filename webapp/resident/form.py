"""The form behind a code: no account, the place known, sent once however often it is tapped."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from flask import Response, redirect, render_template, request, url_for

from gridmap.catalogue.explaining import sentences
from gridmap.database import transaction
from gridmap.errors import GridmapError, Invalid, Malformed, NotFound, OtherContent
from gridmap.incidents.rules import STAGE_OF, State
from gridmap.language import N_
from gridmap.reports.mediafiles import MediaFiles
from gridmap.residents.codes import Door, find_door
from gridmap.residents.flooding import count_try
from gridmap.residents.nearby import matters_near, zones_near
from gridmap.residents.rules import (
    CHIPS,
    MOST_FORM_BYTES,
    MOST_NAME,
    MOST_PHOTOS,
    MOST_TEXT,
    MOST_WHERE,
    SENDING,
    Message,
    coarse,
    read_phone,
    require_chip,
    require_said,
    was_patient,
)
from gridmap.residents.seals import address_key, follow_link, form_ticket, opened_at, secret_of
from gridmap.residents.sending import promises, receive, was_sent
from webapp.account.door import is_script
from webapp.resident.door import district_name, name_of, read_id, require_known, resident, show_refusal
from webapp.resident.photos import Sent, keep, take_in
from webapp.shared import settings
from webapp.shared.pages import current_locale
from webapp.shared.policy import current_actor, declares, now

_FIELDS: Final = frozenset(
    {"id", "ticket", "chip", "text", "name", "phone", "elsewhere", "where", "lon", "lat", "accuracy", "website"}
)
_TYPED: Final = ("chip", "text", "name", "phone", "elsewhere", "where")


@dataclass(frozen=True)
class Answered:
    """What became of a form: where it is followed, and how many photos could not be kept."""

    key: str
    lost: int


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
    except OtherContent as error:
        # The first stays; what was changed since is a new report, and stands in the form.
        return _refused(token, error, again=read_id(request.form.get("id", "")))
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
    message = _message(form_id, len(uploads))
    with transaction() as db:
        door, secret = _open_door(find_door(db, token)), secret_of(db)
        _require_ticket(secret, form_id, door, at)
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
    with transaction() as db:
        dropped = receive(db, current_actor(), door, message, hashes, kept, current_locale(), at)
    for name in dropped:
        files.drop_copies(name)


def _message(form_id: UUID, photos: int) -> Message:
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
        require_chip(request.form.get("chip")),
        _line("text", 5 * MOST_TEXT),
        _line("name", MOST_NAME) or None,
        read_phone(request.form.get("phone", "")),
        bool(request.form.get("elsewhere")),
        _line("where", MOST_WHERE),
        _degrees("lon", 180),
        _degrees("lat", 90),
        _degrees("accuracy", 1e7),
    )
    require_said(message, photos)
    return message


def _line(name: str, most: int) -> str:
    told = request.form.get(name, "").replace("\r\n", "\n").strip()
    # Signs of control; what joins the parts of a picture sign is none.
    if any(unicodedata.category(letter) == "Cc" and letter not in "\n\t" for letter in told):
        raise Invalid(N_("This holds a character that nobody can read. Write it again."), where=name)
    if len(told) > most:
        raise Invalid(N_("At most %(max_length)s characters are taken here."), where=name, max_length=most)
    return told


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


def _require_ticket(secret: bytes, form_id: UUID, door: Door, at: datetime) -> None:
    opened = opened_at(secret, request.form.get("ticket", ""), form_id, door.hash)
    if opened is None:
        raise Invalid(N_("The page is out of date, so this was not done. Reload it and try again."), where="ticket")
    if not was_patient(opened, at):
        raise Invalid(N_("That was very quick. Wait three seconds and send it again."), where="ticket")


def _refused(token: str, error: GridmapError, again: UUID | None = None) -> Response:
    typed = {name: request.form.get(name, "")[:1000] for name in _TYPED}
    # The same form goes on, so that what was sent before and what is sent now are told apart.
    kept = None if again is not None else request.form.get("id")
    if is_script():
        return show_refusal(error, "")
    return show_refusal(error, "resident/form.html", **_words(token, typed, kept, sent_before=again))


def _page(token: str, typed: dict[str, str]) -> str:
    return render_template("resident/form.html", **_words(token, typed, None))


def _words(token: str, typed: dict[str, str], kept_id: str | None, sent_before: UUID | None = None) -> dict[str, Any]:
    at, locale = now(), current_locale()
    form_id = _id_or_new(kept_id)
    with transaction() as db:
        door, secret = _open_door(find_door(db, token)), secret_of(db)
        # A form that was refused has been open for as long as it took to fill in.
        opened = (opened_at(secret, request.form.get("ticket", ""), form_id, door.hash) if kept_id else None) or at
        promised = {name: sentences(said, locale) for name, said in promises(db, at).items()}
        return {
            "action": request.path,
            "district": district_name(db),
            "door": door,
            "place": name_of(door.name, door.names),
            "community": name_of(door.community["name"], door.community["names"]),
            "form_id": form_id,
            "ticket": form_ticket(secret, form_id, door.hash, opened),
            "chips": CHIPS,
            "promised": promised,
            "most": {"text": MOST_TEXT, "where": MOST_WHERE, "name": MOST_NAME, "photos": MOST_PHOTOS},
            "typed": typed,
            "zones": zones_near(db, door, at),
            "near": [_near(row) for row in matters_near(db, door, at)],
            "sent_before": follow_link(secret, sent_before) if sent_before and was_sent(db, sent_before) else None,
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


def _id_or_new(told: str | None) -> UUID:
    try:
        return UUID(told or "")
    except ValueError:
        return uuid4()
