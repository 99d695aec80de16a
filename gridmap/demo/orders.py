"""
The hotline of the made-up district: what its callers told in the last weeks becomes orders with calls back.

The reports and incidents are those of the year; here they get who called, the hotline's own numbers, the first contact
and what the callers said of the result. A few orders are new, and come in by the door of the hotline itself.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.catalogue.clocks import Stage
from gridmap.catalogue.rulebook import rulebook_now
from gridmap.demo.calls import load_calls
from gridmap.demo.players import Players
from gridmap.grids.queries import current_district
from gridmap.hotline.contacts import keep_contacts, say_who_reads, the_key
from gridmap.hotline.intake import SOURCE, receive_orders
from gridmap.hotline.rules import CONTACT_KEPT, REPEAT_WITHIN, Caller, Matter, OrderDraft, is_repeat
from gridmap.intake.copying import copy_rows
from gridmap.people.rules import Role

CHANNEL: Final = "12345"
_OTHER_CHANNEL: Final = "区长信箱"
_BEHIND: Final = timedelta(days=60)
_REPEATS_OF_256: Final = 20
_NAMELESS_OF_256: Final = 18
_SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗"
_GIVEN: Final = ("先生", "女士", "桂英", "建军", "志强", "丽华", "秀兰", "海燕", "国庆", "淑珍")
# Hours and minutes ago, place, class, what was said, who called: the same caller thrice about the same tap.
_NEW: Final = (
    (51 * 60, 0, "0103", "楼前自来水管漏水,已报过物业没人修", 1),
    (27 * 60, 0, "0103", "楼前水管还在漏,昨天打过电话", 1),
    (34, 0, "0103", "第三次打了,水漏到路上结冰,老人不敢出门", 1),
    (52, 1, "0603", "楼下烧烤摊夜里一点还在放音乐", 2),
    (41, 2, "0503", "三单元楼道堆满纸箱和电动车,走不过去", 3),
    (26, 3, "0904", "对门独居老人两天没出门,敲门没人应", 4),
    (17, 4, "0102", "小区东门一排路灯都不亮", 5),
    (9, 5, None, "不知道该找谁,门口挖了沟没有围挡", 6),
    (3, 6, "0903", "整栋楼停电,想问几点恢复", 7),
)


def load_orders(db: Session, at: datetime) -> None:
    """Make orders of what the hotline was told of late, with their calls, and let some new ones come in."""
    say_who_reads(db, None)
    players = Players(db, at)
    orders = _past_orders(db, at)
    key = the_key(db)
    _write_orders(db, orders)
    keep_contacts(db, {order["id"]: order["caller"] for order in orders}, key)
    _date_contacts(db, [order["id"] for order in orders])
    load_calls(db, players, at)
    _take_new_ones(db, players, at)


_PAST: Final = """
    SELECT r.id, r.received_at, r.category, r.path::text AS path, ST_X(r.place) AS lon, ST_Y(r.place) AS lat,
        sqrt(greatest(r.cov_ee, r.cov_nn)) AS sigma_m, o.id AS incident_id, o.severity, n.closed_at,
        (SELECT min(l.at) FROM incident_log l WHERE l.incident_id = o.id AND l.step = 'contact') AS contact_at
    FROM report r JOIN incident_source s ON s.report_id = r.id AND s.why = 'opened' JOIN incident o
        ON o.id = s.incident_id
    JOIN incident_source t ON t.report_id = r.id AND t.left_at IS NULL JOIN incident n ON n.id = t.incident_id
    WHERE r.source = :source AND r.received_at >= :since AND r.received_at <= :at
        AND NOT EXISTS (SELECT FROM hotline_order h WHERE h.id = r.id)
    ORDER BY r.received_at, r.id
"""


def _past_orders(db: Session, at: datetime) -> list[dict[str, Any]]:
    """What the hotline was told, each with a number, a caller and its first contact."""
    rows = db.execute(text(_PAST), {"source": SOURCE, "since": at - _BEHIND, "at": at}).all()
    book, zone = rulebook_now(db), current_district(db).zone
    orders: list[dict[str, Any]] = []
    alike: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for n, row in enumerate(rows):
        chance = row.id.bytes
        rule = book.clock(row.category, {"severity": str(row.severity), "source": SOURCE}, Stage.CONTACT,
                          row.received_at)  # fmt: skip
        order = {
            "id": row.id,
            "channel": _OTHER_CHANNEL if chance[8] % 11 == 0 else CHANNEL,
            "number": f"{row.received_at.astimezone(zone):%Y%m%d}{n:05d}",
            "incident_id": row.incident_id,
            "received_at": row.received_at,
            "contact_due_at": None if rule is None else book.timing.deadline(rule, row.received_at).due_at,
            "first_contact_at": row.contact_at or _contacted(row, chance, at),
            "caller": _caller(n, chance),
            "matter": Matter(book.path_of(row.category), (row.lon, row.lat), row.sigma_m, None),
            "closed_at": row.closed_at,
            "repeats": None,
            "repeat_n": 0,
        }
        like = alike[order["matter"].classes[0] if order["matter"].classes else ""]
        _find_repeated(order, like, chance)
        like.append(order)
        orders.append(order)
    return orders


def _find_repeated(order: dict[str, Any], like: Sequence[dict[str, Any]], chance: bytes) -> None:
    """Some call again about what was closed: then it is the same caller."""
    if chance[9] >= _REPEATS_OF_256:
        return
    for before in reversed(like):
        if order["received_at"] - before["received_at"] > REPEAT_WITHIN:
            return
        over = before["closed_at"] is not None and before["closed_at"] < order["received_at"]
        if over and before["caller"].is_real and is_repeat(order["matter"], before["matter"]):
            order |= {"caller": before["caller"], "repeats": before["id"], "repeat_n": before["repeat_n"] + 1}
            return


def _contacted(row: Any, chance: bytes, at: datetime) -> datetime | None:
    """Where the log does not say when the caller was spoken with; what is still open was not."""
    if row.closed_at is None:
        return None
    minutes = 75 if chance[10] < 9 else 4 + chance[10] % 50
    spoken: datetime = min(row.received_at + timedelta(minutes=minutes), row.closed_at, at)
    return spoken


def _caller(n: int, chance: bytes) -> Caller:
    """Somebody whose number belongs to no operator; now and then nobody who wants to be named."""
    if chance[11] < _NAMELESS_OF_256:
        return Caller()
    return called(2000 + n % 8000, chance)


def called(n: int, chance: bytes) -> Caller:
    """A made-up caller with the n-th number of 199-0000."""
    name = _SURNAMES[chance[12] % len(_SURNAMES)] + _GIVEN[chance[13] % len(_GIVEN)]
    return Caller(name, f"199-0000-{n:04d}")


def _write_orders(db: Session, orders: Sequence[Mapping[str, Any]]) -> None:
    columns = ("id", "channel", "number", "incident_id", "received_at", "contact_due_at", "first_contact_at",
               "real_name", "repeats_id", "repeat_n", "digest")  # fmt: skip
    rows = (
        (
            *(order[name] for name in columns[:7]),
            order["caller"].is_real,
            order["repeats"],
            order["repeat_n"],
            # What was sent is not kept here, so whoever sends one of these numbers again has another content.
            hashlib.sha256(b"made up" + order["id"].bytes).digest(),
        )
        for order in orders
    )
    copy_rows(db, "hotline_order", columns, rows)


def _date_contacts(db: Session, ids: Sequence[UUID]) -> None:
    db.execute(
        text(
            "UPDATE contact c SET erase_at = i.closed_at + :kept FROM incident_source s JOIN incident i"
            " ON i.id = s.incident_id WHERE s.report_id = c.report_id AND s.left_at IS NULL"
            " AND i.closed_at IS NOT NULL AND c.report_id = ANY(:ids)"
        ),
        {"kept": CONTACT_KEPT, "ids": list(ids)},
    )


def _take_new_ones(db: Session, players: Players, at: datetime) -> None:
    """Take down what came in of late at the desk; repeats find each other."""
    desk = players.actor(players.all_of(Role.OPERATOR)[0])
    doors = db.execute(
        text(
            "SELECT s.name, ST_X(p) AS lon, ST_Y(p) AS lat FROM site s, LATERAL ST_PointOnSurface(s.shape) AS p"
            " WHERE s.kind = 'building' AND upper_inf(s.valid) ORDER BY md5(s.code), s.id LIMIT :n"
        ),
        {"n": 1 + max(place for _, place, *_ in _NEW)},
    ).all()
    known = rulebook_now(db)
    zone = current_district(db).zone
    for n, (minutes, place, category, words, who) in enumerate(_NEW):
        door, when = doors[place % len(doors)], at - timedelta(minutes=minutes)
        key = uuid5(NAMESPACE_OID, f"order:{at.isoformat()}:{n}")
        draft = OrderDraft(
            key, CHANNEL, f"{when.astimezone(zone):%Y%m%d}9{n:04d}", f"{door.name}{words}",
            category if category and known.category(category) else None,
            called(1900 + who, hashlib.sha256(str(who).encode()).digest()),
            {"lon": door.lon, "lat": door.lat, "accuracy_m": 30.0, "method": "pin"}, when,
        )  # fmt: skip
        receive_orders(db, desk, [draft], when)
