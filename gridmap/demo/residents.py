"""
Residents of the made-up district: codes at doors, what came through them, and what was thought of the result.

The reports and incidents are those of the year; here each gets the door that it came through, the desk's judgement,
and for some a photo, a telephone number and a rating.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.demo.orders import called
from gridmap.demo.pictures import SHOWS
from gridmap.demo.players import Players
from gridmap.hotline.contacts import keep_contacts, say_who_reads, the_key
from gridmap.hotline.rules import CONTACT_KEPT
from gridmap.intake.copying import copy_rows
from gridmap.people.rules import Role, stranger
from gridmap.residents.codes import make_codes
from gridmap.residents.rating import RatingDraft, rate
from gridmap.residents.rules import RATE_WITHIN
from gridmap.system.audit import Doer

_BEHIND: Final = timedelta(days=60)
_WAITS: Final = timedelta(hours=40)
_LEAST: Final = 4
"""What came so lately nobody has looked at yet; and so many reports, however long ago they came."""
_PHOTOS_OF_256: Final = 150
_AGAIN: Final = 3
"""Wishes that wait at the desk."""
_SAID: Final = ("处理得很快,谢谢。", "已经清理干净了。", "师傅态度好。", "")
_UNSAID: Final = ("清了两天又堆上了。", "只拍了照,没有修。", "处理太慢。")
_WISHES: Final = ("说是处理好了,今天去看还是老样子。", "好了一天,又和原来一样。", "只来人看了看,没有动手。")


def load_residents(db: Session, at: datetime, photos: Sequence[bytes] = ()) -> None:
    """
    Hang codes at doors and let the residents' reports of late have come through them.

    Parameters
    ----------
    photos
        SHA-256 of stored photos that residents may have sent.
    """
    players = Players(db, at)
    _put_at_doors(db, at)
    _hang_codes(db, players, at)
    rows = db.execute(text(_SENT), {"since": at - _BEHIND, "at": at}).all()
    _judge(db, players, rows, at)
    _enclose(db, rows, photos)
    _reach(db, rows)
    _rate(db, players, at)


# The text names a door near the place; which one exactly only the made-up resident knows.
_AT_DOORS: Final = """
    UPDATE report r SET site_id = d.id FROM (
        SELECT m.id AS report_id, n.id FROM report m, LATERAL (
            SELECT s.id FROM site s WHERE s.kind IN ('building', 'enterprise', 'village_house') AND upper_inf(s.valid)
            ORDER BY s.tile <-> ST_Transform(m.place, 3857) LIMIT 1) AS n
        WHERE m.source = 'resident' AND m.received_at BETWEEN :since AND :at AND m.place IS NOT NULL) AS d
    WHERE r.id = d.report_id
"""
_CODES: Final = """
    INSERT INTO qr (token_hash, site_id, path, made_at, made_by)
    SELECT sha256(convert_to('made up ' || s.id, 'UTF8')), s.id, s.path, :at, CAST(:by AS bigint) FROM site s
    WHERE s.id IN (SELECT site_id FROM report WHERE source = 'resident' AND received_at >= :since)
        AND NOT EXISTS (SELECT FROM qr WHERE qr.site_id = s.id AND qr.ended_at IS NULL)
    ORDER BY s.path, s.name, s.id
"""
_SENT: Final = """
    SELECT r.id, r.received_at, r.category, q.id AS qr_id, i.closed_at FROM report r
    JOIN qr q ON q.site_id = r.site_id AND q.ended_at IS NULL
    JOIN incident_source s ON s.report_id = r.id AND s.left_at IS NULL JOIN incident i ON i.id = s.incident_id
    WHERE r.source = 'resident' AND r.received_at BETWEEN :since AND :at
        AND NOT EXISTS (SELECT FROM resident_report t WHERE t.report_id = r.id)
    ORDER BY r.received_at, r.id
"""


def _put_at_doors(db: Session, at: datetime) -> None:
    db.execute(text(_AT_DOORS), {"since": at - _BEHIND, "at": at})


def _hang_codes(db: Session, players: Players, at: datetime) -> None:
    """The doors that reports came through have codes, and so have those of one community of each township."""
    made_at = at - _BEHIND - timedelta(days=20)
    desk = players.actor(players.all_of(Role.OPERATOR)[0])
    db.execute(text(_CODES), {"at": made_at, "by": desk.id, "since": at - _BEHIND})
    areas = db.scalars(
        text(
            "SELECT min(v.code) FROM area a JOIN area_version v ON v.area_id = a.id AND upper_inf(v.valid)"
            " AND upper_inf(v.recorded) WHERE a.kind = 'community' AND EXISTS (SELECT FROM site s LEFT JOIN qr q"
            " ON q.site_id = s.id AND q.ended_at IS NULL WHERE s.path <@ a.path AND s.kind = 'building'"
            " AND upper_inf(s.valid) AND q.id IS NULL) GROUP BY subpath(a.path, 0, -1) ORDER BY 1"
        )
    ).all()
    for code in areas:
        make_codes(db, desk, code, "building", made_at)


def _judge(db: Session, players: Players, rows: Sequence[Any], at: datetime) -> None:
    """Most is shown; what is not has a reason; the latest waits."""
    desk = players.all_of(Role.OPERATOR)
    judged = []
    for n, row in enumerate(rows, start=1):
        chance, waits = row.id.bytes, at - row.received_at < _WAITS or n > len(rows) - _LEAST
        shown = not waits and chance[7] >= 28
        why = None if waits or shown else ("personal", "flood", "false", "obscene")[chance[9] % 4]
        judged_at = None if waits else min(row.received_at + timedelta(minutes=20 + 3 * chance[10]), at)
        judged.append((row, waits, shown, why, judged_at, None if waits else desk[chance[11] % len(desk)]))
    copy_rows(
        db,
        "resident_report",
        ("report_id", "qr_id", "locale", "text_shown", "photos_shown", "judged_at", "judged_by", "hidden_why"),
        (
            (row.id, row.qr_id, "zh-CN", shown, shown, judged_at, by, why)
            for row, _, shown, why, judged_at, by in judged
        ),
    )
    db.execute(
        text(
            "UPDATE report r SET moderation = j.state FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[]))"
            " AS j (id, state) WHERE r.id = j.id"
        ),
        {
            "ids": [row.id for row, *_ in judged],
            "states": ["waiting" if waits else "shown" if shown else "hidden" for _, waits, shown, *_ in judged],
        },
    )


def _enclose(db: Session, rows: Sequence[Any], photos: Sequence[bytes]) -> None:
    """Some took a photo, where one of those that were drawn shows what they tell of."""
    if photos:
        sent = [row for row in rows if row.id.bytes[12] < _PHOTOS_OF_256 and row.category in SHOWS]
        claims = [(row.id, photos[SHOWS[row.category]], "evidence", True) for row in sent]
        copy_rows(db, "report_media", ("report_id", "sha256", "role", "enclosed"), claims)


def _reach(db: Session, rows: Sequence[Any]) -> None:
    """Half of them left a name and a number."""
    left = [row for n, row in enumerate(rows) if row.id.bytes[14] < 128]
    say_who_reads(db, None)
    keep_contacts(db, {row.id: called(n % 1500 + 400, row.id.bytes) for n, row in enumerate(left)}, the_key(db))
    ended = [row for row in left if row.closed_at is not None]
    db.execute(
        text(
            "UPDATE contact c SET erase_at = e.at FROM unnest(CAST(:ids AS uuid[]), CAST(:ends AS timestamptz[]))"
            " AS e (id, at) WHERE c.report_id = e.id"
        ),
        {"ids": [row.id for row in ended], "ends": [row.closed_at + CONTACT_KEPT for row in ended]},
    )


_ENDED: Final = """
    SELECT t.report_id, i.id AS incident_id, i.closed_at, l.seq FROM resident_report t
    JOIN incident_source s ON s.report_id = t.report_id AND s.left_at IS NULL JOIN incident i ON i.id = s.incident_id
    JOIN LATERAL (SELECT max(seq) AS seq FROM incident_log WHERE incident_id = i.id AND to_state = 'closed'
        AND from_state <> 'closed') l ON l.seq IS NOT NULL
    WHERE i.state = 'closed' AND i.closed_at BETWEEN :since AND :at
    ORDER BY i.closed_at DESC, t.report_id
"""


def _rate(db: Session, players: Players, at: datetime) -> None:
    """Some said what they think; a few of the latest ask the desk to take it up again."""
    rows = db.execute(text(_ENDED), {"since": at - RATE_WITHIN, "at": at}).all()
    desk = players.all_of(Role.OPERATOR)[0]
    past: list[tuple[Any, ...]] = []
    wishes: list[tuple[UUID, RatingDraft]] = []
    for n, row in enumerate(rows):
        key, chance = uuid5(row.report_id, "rating"), row.report_id.bytes
        if n % 4 == 1 and len(wishes) < _AGAIN:
            wishes.append((row.report_id, RatingDraft(key, False, _WISHES[len(wishes)], True)))
        elif chance[15] < 110:
            past.append(_rating(row, key, chance, desk, at))
    names = ("id", "report_id", "incident_id", "seq", "satisfied", "words", "again", "rated_at", "decided_at",
             "decided_by", "granted", "answer")  # fmt: skip
    copy_rows(db, "resident_rating", names, past)
    resident = stranger(Doer(None, "public"))
    for report_id, draft in wishes:
        rate(db, resident, report_id, draft, at - timedelta(minutes=25))


def _rating(row: Any, key: UUID, chance: bytes, desk: int, at: datetime) -> tuple[Any, ...]:
    """One rating; of those who were not satisfied some wished for more and were told why not."""
    satisfied = chance[9] >= 26
    again = not satisfied and chance[10] < 90
    words = (_SAID if satisfied else _UNSAID)[chance[11] % (4 if satisfied else 3)]
    rated_at = min(row.closed_at + timedelta(hours=1 + chance[12] % 60), at)
    decided = (rated_at, desk, False, "已到现场复查,问题已解决;若再出现请再次扫码上报。") if again else (None,) * 4
    return (key, row.report_id, row.incident_id, row.seq, satisfied, words, again, rated_at, *decided)
