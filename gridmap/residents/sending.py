"""A stranger's report: stored once with its photos and, if they wish, how to reach them; it waits to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.catalogue.clocks import Stage
from gridmap.catalogue.pages import local_today
from gridmap.catalogue.rulebook import rulebook_now
from gridmap.grids.locating import Told
from gridmap.hotline.contacts import keep_contacts, say_who_reads, the_key
from gridmap.hotline.rules import Caller
from gridmap.incidents.opening import open_for_reports
from gridmap.language import N_
from gridmap.people.rules import Actor
from gridmap.reports.actions import ReportDraft, receive_reports
from gridmap.reports.media import Settled, keep_photo
from gridmap.reports.rules import ORDINARY, Evidence
from gridmap.residents.choices import class_of
from gridmap.residents.codes import Door
from gridmap.residents.rules import Chip, Message

ELSEWHERE_M = 300.0
"""How far off the place may be that somebody at this door writes down in words, metres."""


@dataclass(frozen=True)
class Enclosed:
    """
    A photo that came with the form.

    Attributes
    ----------
    settled
        Its files, when they are new; None if the same photo is stored already.
    """

    sha256: bytes
    settled: Settled | None


def was_sent(db: Session, report_id: UUID) -> bool:
    """Whether a form with this id was stored before."""
    return bool(db.scalar(text("SELECT EXISTS (SELECT FROM resident_report WHERE report_id = :id)"), {"id": report_id}))


def was_sent_alike(db: Session, door: Door, message: Message) -> bool:
    """Whether the form was stored from the same door, in the same words and by the same person, as far as they said."""
    say_who_reads(db, None)
    return bool(
        db.scalar(
            text(
                "SELECT EXISTS (SELECT FROM resident_report t JOIN report r ON r.id = t.report_id"
                " JOIN qr q ON q.id = t.qr_id LEFT JOIN contact c ON c.report_id = r.id WHERE r.id = :id"
                " AND q.site_id = :site AND r.text = :said AND c.name IS NOT DISTINCT FROM CAST(:name AS text)"
                " AND c.phone IS NOT DISTINCT FROM CAST(:phone AS text))"
            ),
            {"id": message.id, "site": door.site_id, "said": message.said, "name": message.name,
             "phone": message.phone},
        )
    )  # fmt: skip


def receive(
    db: Session,
    actor: Actor,
    door: Door,
    message: Message,
    sent: Sequence[bytes],
    photos: Sequence[Enclosed],
    locale: str,
    at: datetime,
) -> list[UUID]:
    """
    Store what was sent through a door's code, and open an incident for it.

    Parameters
    ----------
    actor
        A stranger.
    sent
        Hashes of all photos of the form, also of those that could not be opened: the form is known again by them.
    photos
        Those that are kept.
    at
        Our clock.

    Returns
    -------
    dropped
        Random names of copies that another upload of the same photo made needless.

    Raises
    ------
    OtherContent
        If the same form came before with something else in it; the first stays.
    """
    content = _content(door, message, sent)
    evidence = tuple(Evidence(photo.sha256, "evidence") for photo in photos)
    of = class_of(rulebook_now(db), message.chip, local_today(db, at))
    category = None if of is None else of.code
    draft = ReportDraft(
        message.id, "resident", category, message.said, _told(door, message), None, None, content, evidence
    )
    stored = receive_reports(db, actor, [draft], at)
    if not stored:
        return []
    dropped = [
        photo.settled.name
        for photo in photos
        if photo.settled is not None and not keep_photo(db, actor, photo.settled, at)
    ]
    open_for_reports(db, actor, stored, at)
    _keep_beside(db, door, message, locale)
    return dropped


def promises(db: Session, chips: Sequence[Chip], at: datetime) -> dict[str, list[dict[str, Any]]]:
    """
    What is promised for each kind of matter by the rules of today, for `catalogue.explaining.sentences`.

    Only what a rule says is promised; without a rule there is no sentence.
    """
    book, day = rulebook_now(db), local_today(db, at)
    said: dict[str, list[dict[str, Any]]] = {}
    for chip in chips:
        of = class_of(book, chip, day)
        code, severity = (None, ORDINARY) if of is None else (of.code, of.severity)
        facts = {"severity": str(severity), "source": "resident", "level": "district"}
        said[chip.name] = []
        for stage, msgid in _PROMISED:
            rule = book.clock(code, facts, stage, at)
            if rule is not None:
                amount = {"n": float(rule.amount), "unit": str(rule.unit)}
                said[chip.name].append({"msgid": msgid, "values": {"amount": amount}})
    return said


_PROMISED = (
    (Stage.CONTACT, N_("Whoever leaves a number is contacted within %(amount)s.")),
    (Stage.FILE, N_("The desk decides on it within %(amount)s.")),
    (Stage.HANDLE, N_("Once handed on, it is handled within %(amount)s.")),
)


def _told(door: Door, message: Message) -> Told:
    if not message.elsewhere:
        return Told(door.lon, door.lat, "wgs84", door.radius_m, "site")
    if message.lon is not None and message.lat is not None:
        return Told(message.lon, message.lat, "wgs84", message.accuracy_m, "gps")
    return Told(door.lon, door.lat, "wgs84", ELSEWHERE_M, "site")


def _content(door: Door, message: Message, sent: Sequence[bytes]) -> dict[str, Any]:
    return {
        "site": str(door.site_id),
        "chip": message.chip.name,
        "text": message.text,
        "name": message.name,
        "phone": message.phone,
        "where": message.where if message.elsewhere else None,
        "at": [message.lon, message.lat] if message.elsewhere else None,
        "photos": [sha256.hex() for sha256 in sent],
    }


def _keep_beside(db: Session, door: Door, message: Message, locale: str) -> None:
    values = {"id": message.id, "site": door.site_id, "qr": door.qr_id, "locale": locale}
    db.execute(text("UPDATE report SET site_id = :site, moderation = 'waiting' WHERE id = :id"), values)
    db.execute(text("UPDATE report_media SET enclosed = true WHERE report_id = :id"), values)
    db.execute(
        text("INSERT INTO resident_report (report_id, qr_id, locale) VALUES (:id, :qr, :locale)"),
        values,
    )
    if message.name or message.phone:
        say_who_reads(db, None)
        # With the keyed hash of the number: the same caller is known again at the hotline, too.
        keep_contacts(db, {message.id: Caller(message.name, message.phone, None)}, the_key(db))
