"""The hazards of the made-up district: a ledger with notices, answers, looks back, one that came again, safe zones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.catalogue.rulebook import rulebook_now
from gridmap.demo.pictures import CLEARED, SHOWS
from gridmap.demo.players import Players
from gridmap.hazards.actions import close_hazard, record_hazard
from gridmap.hazards.due import tend_hazards
from gridmap.hazards.looking_back import Seen, look_back
from gridmap.hazards.notices import answer_notice, deliver_notice, issue_notice
from gridmap.hazards.rules import HazardDraft, NoticeDraft, ZoneDraft
from gridmap.hazards.zones import draw_zone
from gridmap.people.rules import Actor, Role, is_below
from gridmap.reports.media import keep_sender

_EACH: Final = 3
"""Hazards of each stage below; of one with a notice, which has to be printed, a single one."""


@dataclass(frozen=True)
class _Kind:
    """What can go wrong at a kind of place."""

    site: str
    category: str
    severity: int
    what: str
    demands: str
    department: str


_KINDS: Final = (
    _Kind("key_premises", "0503", 2, "疏散楼梯间堆放货物,通道净宽不足 0.9 米",
          "三日内清空疏散楼梯间及前室,恢复通道净宽,张贴禁止堆放标识。", "fire"),
    _Kind("enterprise", "0504", 2, "车间内拉线给电动车充电,无人看管",
          "立即停止室内充电,拆除私拉电线,电动车移至集中充电棚。", "fire"),
    _Kind("hazard_point", "0206", 3, "雨后路面积水超过 20 厘米,排水口堵塞",
          "疏通排水口,设置警示桩,汛期每日巡查一次。", "works"),
    _Kind("enterprise", "0104", 1, "厨房燃气软管老化开裂,未装报警器",
          "即刻关阀停用,更换金属波纹管,加装燃气报警器后报验。", "emergency"),
    _Kind("key_premises", "0501", 3, "消防车通道划线不清,长期停放车辆",
          "清离占道车辆,重新施划消防车通道标线,指定专人看管。", "fire"),
    _Kind("enterprise", "0602", 4, "料堆未覆盖,进出口无冲洗设施", "料堆全覆盖,设置洗车平台并保持使用。", "urban"),
)  # fmt: skip


@dataclass(frozen=True)
class _Stage:
    """
    How far a hazard is, with days before the end of the made-up time.

    Attributes
    ----------
    issued, delivered, answered, closed
        When, in days ago; None if that has not happened.
    looked
        Of the looks back, how many were made.
    """

    found: float
    issued: float | None = None
    delivered: float | None = None
    answered: float | None = None
    closed: float | None = None
    looked: int = 0
    again: bool = False


_STAGES: Final = (
    _Stage(0.1),
    _Stage(1.4),
    _Stage(6),
    _Stage(0.9, issued=0.4),
    _Stage(4, issued=3.2, delivered=3.1),
    _Stage(31, issued=30, delivered=29.5),
    _Stage(9, issued=8, delivered=7.8, answered=0.6),
    _Stage(16, closed=6.7),
    _Stage(12, closed=5.2),
    _Stage(18, issued=17, delivered=16.8, answered=12, closed=10),
    _Stage(48, closed=31, looked=1),
    _Stage(75, closed=60, looked=2),
    _Stage(40, closed=33, looked=1, again=True),
)


def load_ledger(db: Session, at: datetime, photos: Sequence[bytes] = ()) -> None:
    """
    Write hazards at sites of every township, as far as each is; then what is late or due is told of.

    Parameters
    ----------
    photos
        SHA-256 of stored photos; without any no notice is answered, for an answer shows one.
    """
    players = Players(db, at)
    sites, home = _sites(db), players.actor(players.all_of(Role.TOWNSHIP)[0]).grants[0].path
    stages = [stage for stage in _STAGES for _ in range(_EACH if stage.issued is None else 1)]
    for n, stage in enumerate(stages):
        kind = _KINDS[n % len(_KINDS)]
        of_kind = sites[kind.site]
        # Every third lies in the township whose account is shown.
        near = [site for site in of_kind if is_below(site.path, home)] if n % 3 == 0 else of_kind
        site = (near or of_kind)[n * 5 % len(near or of_kind)]
        _play(db, players, _Story(uuid5(NAMESPACE_OID, f"hazard:{at.isoformat()}:{n}"), kind, stage, site, at), photos)
    _draw_zones(db, players, at)
    tend_hazards(db, at)


@dataclass(frozen=True)
class _Story:
    """One hazard: its id, what it is, how far, and where."""

    key: UUID
    kind: _Kind
    stage: _Stage
    site: Any
    at: datetime

    def ago(self, days: float) -> datetime:
        """The instant so many days ago."""
        return self.at - timedelta(days=days)


def _sites(db: Session) -> dict[str, list[Any]]:
    """Sites by kind, in an order that mixes the townships."""
    found: dict[str, list[Any]] = {kind.site: [] for kind in _KINDS}
    rows = db.execute(
        text(
            "SELECT id, kind, name, path::text AS path FROM site WHERE kind = ANY(:kinds) AND upper_inf(valid)"
            " ORDER BY md5(coalesce(code, id::text))"
        ),
        {"kinds": list(found)},
    )
    for row in rows:
        found[row.kind].append(row)
    return {kind: sites for kind, sites in found.items() if sites} | {
        kind: next(filter(None, found.values())) for kind, sites in found.items() if not sites
    }


def _play(db: Session, players: Players, story: _Story, photos: Sequence[bytes]) -> None:
    """Let a chief write a hazard down and judge it, as far as its stage goes."""
    chief = players.at_place(Role.CHIEF, story.site.path)
    if chief is None:
        return
    kind, stage = story.kind, story.stage
    known = rulebook_now(db).category(kind.category)
    draft = HazardDraft(
        story.key, kind.what, kind.severity, None if known is None else kind.category, site_id=story.site.id,
        party=story.site.name, department=kind.department, found_at=story.ago(stage.found),
        evidence=_sent(db, chief, [photos[SHOWS[kind.category]]] if photos and kind.category in SHOWS else [],
                       story.ago(stage.found)),
    )  # fmt: skip
    record_hazard(db, chief, draft, story.ago(stage.found))
    if stage.issued is not None:
        _serve(db, chief, story, photos)
    if stage.closed is not None and (stage.answered is None or photos):
        close_hazard(db, chief, story.key, "复查合格,现场已恢复,同意销号。", story.ago(stage.closed))
        _look_again(db, chief, story)


def _serve(db: Session, chief: Actor, story: _Story, photos: Sequence[bytes]) -> None:
    """Issue the notice; hand it over; take down the answer with a photo of how it looks now."""
    stage = story.stage
    assert stage.issued is not None  # asked by who calls
    notice = uuid5(story.key, "notice")
    issue_notice(db, chief, story.key, NoticeDraft(notice, story.kind.demands), story.ago(stage.issued))
    if stage.delivered is not None:
        at = story.ago(stage.delivered)
        deliver_notice(db, chief, notice, "hand", f"{story.site.name}负责人", at, at)
    if stage.answered is not None and photos:
        at = story.ago(stage.answered)
        answer_notice(db, chief, notice, "已按要求整改,附整改后照片。", _sent(db, chief, photos[CLEARED:], at), at)


def _look_again(db: Session, chief: Actor, story: _Story) -> None:
    """Make the looks that were due; the last one may find that it came again."""
    due = db.execute(
        text("SELECT id, due_at FROM look_back WHERE hazard_id = :id AND done_at IS NULL ORDER BY due_at LIMIT :n"),
        {"id": story.key, "n": story.stage.looked},
    ).all()
    for n, row in enumerate(due, start=1):
        seen = Seen("现场保持良好,未见反弹。")
        if story.stage.again and n == len(due):
            seen = replace(seen, note=f"{story.kind.what}(回头看发现反弹)", recurrence=uuid5(story.key, "again"))
        look_back(db, chief, row.id, seen, min(row.due_at + timedelta(hours=5), story.at))


def _sent(db: Session, actor: Actor, photos: Sequence[bytes], at: datetime) -> tuple[bytes, ...]:
    """Photos that this person has sent."""
    for sha256 in photos:
        keep_sender(db, actor, sha256, at)
    return tuple(photos)


# What is open goes first: gas, collapse, flood, heat, leaks, sewage, manholes, cables, trees.
_DANGERS: Final = """
    SELECT i.number, i.closed_at, ST_X(i.place) AS lon, ST_Y(i.place) AS lat, c.name AS category
    FROM incident i JOIN category c ON c.code = i.category
    WHERE i.category = ANY(:classes) AND i.place IS NOT NULL AND i.occurred_at BETWEEN :since AND :at
    ORDER BY i.closed_at IS NOT NULL, i.severity, i.occurred_at DESC, i.id LIMIT 6
"""
_CLASSES: Final = ("0104", "0201", "0804", "0206", "0505", "0103", "0303", "0101", "0107", "0401")
_HELD: Final = ((26, 22, 60.0), (5, 31, 120.0), (2, 10, 80.0), (50, -20, 100.0), (76, -51, 150.0), (96, -80, 60.0))
"""Safe zones: drawn so many hours ago, until so many hours from now, radius in metres."""


def _draw_zones(db: Session, players: Players, at: datetime) -> None:
    """Draw zones around what is grave; some hold now, with their incident, and the older ones ended at their hour."""
    desk = players.actor(players.all_of(Role.OPERATOR)[0])
    values = {"classes": list(_CLASSES), "since": at - timedelta(days=30), "at": at}
    rows = db.execute(text(_DANGERS), values).all()
    for n, (row, (ago, ahead, radius_m)) in enumerate(zip(rows, _HELD, strict=False)):
        draft = ZoneDraft(
            uuid5(NAMESPACE_OID, f"zone:{at.isoformat()}:{n}"), f"{row.category}警戒区",
            at + timedelta(hours=ahead), centre=(row.lon, row.lat), radius_m=radius_m,
            incident=row.number if ahead > 0 and row.closed_at is None else None,
        )  # fmt: skip
        draw_zone(db, desk, draft, at - timedelta(hours=ago))
