"""Orders of a hotline as a file: each row an order, stored once by its number, all of them or none."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.grids.queries import current_district
from gridmap.grids.rules import implausible
from gridmap.hotline.contacts import the_key
from gridmap.hotline.intake import receive_orders, sealed, where_they_lie
from gridmap.hotline.rules import Caller, Lies, OrderDraft
from gridmap.intake.fields import Field, Sort
from gridmap.intake.rows import Rows
from gridmap.intake.wishes import PREVIEWED, Checked, Counts, Options
from gridmap.language import N_
from gridmap.people.rules import Actor

_NAMESPACE: Final = uuid.UUID("5d0d1b1c-6d2e-4b54-9a0b-6f4d3c6f9a11")
MOST_ROWS: Final = 2_000
"""They are written in one transaction, all or none."""
_LONGEST: Final = {"channel": 60, "number": 60, "name": 80, "phone": 40, "address": 200}
"""As of one that comes by itself."""
_ROUNDED: Final = re.compile(r"\d(\.\d+)?[eE]\+?\d+")

FIELDS: Final = (
    Field("channel", N_("Channel"), Sort.TEXT, N_("Whose orders they are, such as 12345."), default="12345",
          synonyms=("渠道", "热线", "来源", "platform"), example="12345"),
    Field("number", N_("Order number"), Sort.TEXT, N_("The number that the order has there; stored once."), needed=True,
          synonyms=("工单编号", "工单号", "编号", "order", "order_number"), example="20260301000123"),
    Field("text", N_("Text"), Sort.TEXT, N_("What was said, up to 4,000 characters."), needed=True,
          synonyms=("内容", "诉求内容", "工单内容", "描述", "description"), example="示例：路灯不亮"),
    Field("category", N_("Category"), Sort.CODE, N_("Code of the class of matter, as the platform guesses it."),
          synonyms=("类别", "分类", "问题类别", "category_code"), example=None),
    Field("received_at", N_("Received"), Sort.TIME, N_("When the call was taken, in the district's time."), needed=True,
          synonyms=("受理时间", "来电时间", "登记时间", "时间", "time", "created_at"), example="2026-03-01 08:30"),
    Field("name", N_("Name of the caller"), Sort.TEXT, N_("Blank if nobody said it."),
          synonyms=("姓名", "来电人", "反映人", "caller"), example="示例"),
    Field("phone", N_("Number of the caller"), Sort.TEXT, N_("With it, the order is called back after closing."),
          synonyms=("电话", "来电号码", "联系电话", "联系方式", "tel"), example="13800000000"),
    Field("address", N_("Address"), Sort.TEXT, N_("Where it is, in words."),
          synonyms=("地址", "事发地址", "诉求地址"), example="示例路 1 号"),
    Field("accuracy_m", N_("Accuracy (m)"), Sort.NUMBER, N_("Radius of error of the place, metres."),
          synonyms=("精度", "定位精度", "accuracy"), least=0, most=10_000_000, example=None),
)  # fmt: skip


def check(db: Session, rows: Rows, options: Options, at: datetime) -> Checked:
    """
    Compare rows with the orders that are there; a wrong place is noted, never grave, and anything else is.

    Returns
    -------
    checked
        Its plan is a list of `OrderDraft`, those that are new.
    """
    if len(rows) > MOST_ROWS:
        rows.defects.say(N_("A file holds up to %(most)s orders. Divide it."), most=MOST_ROWS)
    _flag_repeated(rows)
    _flag_long(rows)
    # A spreadsheet that takes numbers for quantities writes them so: many orders would become one.
    rows.flag([number is not None and _ROUNDED.fullmatch(number) is not None for number in rows.columns["number"]],
              N_("A spreadsheet has rounded this number. Format the column as text, and fill it in again."),
              column="number")  # fmt: skip
    _flag_categories(db, rows)
    rows.flag([moment is not None and moment > at for moment in rows.columns["received_at"]],
              N_("This time lies ahead."), column="received_at")  # fmt: skip
    drafts = _drafts(db, rows, options)
    ours = _ours(db, rows, drafts, options.within, at)
    stored = _stored(db, drafts)
    key = the_key(db)
    same = [stored.get((draft.channel, draft.number)) == sealed(key, draft) for draft in drafts]
    known = [mine and (draft.channel, draft.number) in stored for draft, mine in zip(drafts, ours, strict=True)]
    rows.flag([there and not equal for there, equal in zip(known, same, strict=True)],
              N_("Order %(number)s is stored already with another content; it is kept as it was."), column="number",
              values={"number": [draft.number for draft in drafts]})  # fmt: skip
    taken = [n for n, mine in enumerate(ours) if mine]
    preview = [
        {"row": int(rows.numbers[n]), "change": "same" if known[n] else "new", **_shown(drafts[n])}
        for n in taken[:PREVIEWED]
    ]
    new = [drafts[n] for n in taken if not known[n]]
    return Checked(Counts(new=len(new), same=len(taken) - len(new)), preview, plan=new)


def write(db: Session, actor: Actor, plan: list[OrderDraft], at: datetime) -> None:
    """Store the orders of a check."""
    receive_orders(db, actor, plan, at, recorded=True)


def _flag_repeated(rows: Rows) -> None:
    firsts: dict[tuple[Any, Any], int] = {}
    named = zip(rows.columns["channel"], rows.columns["number"], rows.numbers.tolist(), strict=True)
    first = [firsts.setdefault((channel, number), row) for channel, number, row in named]
    numbered = [number is not None for number in rows.columns["number"]]
    again = (rows.numbers != np.array(first, np.int64)) & np.array(numbered, bool)
    rows.flag(again, N_("Order %(value)s stands in row %(first)s already."), column="number",
              values={"value": rows.columns["number"], "first": first})  # fmt: skip


def _flag_long(rows: Rows) -> None:
    for name, most in _LONGEST.items():
        rows.flag([cell is not None and len(cell) > most for cell in rows.columns[name]],
                  N_("This has more than %(most)s characters."), column=name, most=most)  # fmt: skip


def _flag_categories(db: Session, rows: Rows) -> None:
    known = set(db.scalars(text("SELECT code FROM category")))
    named = rows.columns["category"]
    rows.flag([code is not None and code not in known for code in named], N_("There is no category %(code)s."),
              column="category", values={"code": named})  # fmt: skip


def _drafts(db: Session, rows: Rows, options: Options) -> list[OrderDraft]:
    bounds, columns = current_district(db).bounds, rows.columns
    drafts = []
    unplaced: dict[str, Any] = {}
    for n, shape in enumerate(rows.shapes):
        point = None if shape is None or shape.is_empty else shapely.point_on_surface(shape)
        x, y = (None, None) if point is None else (point.x, point.y)
        reason = N_("It came without a position.") if x is None or y is None else implausible(x, y, bounds)
        if reason is not None:
            unplaced.setdefault(reason, np.zeros(len(rows), bool))[n] = True
        place = None if x is None else {
            "lon": x, "lat": y, "accuracy_m": columns["accuracy_m"][n], "datum": options.datum or "wgs84",
            "method": "pin",
        }  # fmt: skip
        channel, number = columns["channel"][n] or "", columns["number"][n]
        caller = Caller(columns["name"][n], columns["phone"][n], columns["address"][n])
        drafts.append(
            OrderDraft(
                uuid.uuid5(_NAMESPACE, f"{channel} {number}"), channel, number, columns["text"][n] or "",
                columns["category"][n], caller, place, columns["received_at"][n],
            )
        )  # fmt: skip
    for reason, flags in unplaced.items():
        rows.flag(flags, N_("It will have no place: %(why)s"), grave=False, why=reason)
    return drafts


def _ours(
    db: Session, rows: Rows, drafts: list[OrderDraft], within: tuple[str, ...] | None, at: datetime
) -> list[bool]:
    """Which rows a desk of a part of the district may take; the others are left out, each with the reason."""
    if within is None or not drafts:
        return [True] * len(drafts)
    lying = where_they_lie(db, drafts, within, at)
    rows.flag([lies is Lies.NOWHERE for lies in lying],
              N_("It has no place, so nobody knows whose it is. It is left out; the district desk imports it."),
              grave=False)  # fmt: skip
    rows.flag(
        [lies is Lies.ELSEWHERE for lies in lying],
        N_("It lies outside of your area. It is left out; the district desk imports it."),
        grave=False,
    )
    return [lies is Lies.WITHIN for lies in lying]


def _stored(db: Session, drafts: list[OrderDraft]) -> dict[tuple[str, str | None], bytes]:
    rows = straight(
        db,
        "SELECT channel, number, digest FROM hotline_order WHERE number = ANY(%(numbers)s)",
        {"numbers": [draft.number for draft in drafts if draft.number is not None]},
    )
    return {(row.channel, row.number): bytes(row.digest) for row in rows}


def _shown(draft: OrderDraft) -> dict[str, Any]:
    """An order as the preview shows it: who called is not needed to see whether a file is read rightly."""
    place = draft.place or {}
    return {
        "channel": draft.channel,
        "number": draft.number,
        "text": draft.text,
        "category": draft.category,
        "received_at": None if draft.received_at is None else draft.received_at.isoformat(),
        "lon": place.get("lon"),
        "lat": place.get("lat"),
    }
