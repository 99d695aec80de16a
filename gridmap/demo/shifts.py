"""The duty rosters of the made-up desks: a week behind, a week ahead, and the hand-overs between the shifts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy.orm import Session

from gridmap.demo.players import Players
from gridmap.grids.queries import current_district
from gridmap.people.rules import Role
from gridmap.roster.actions import TurnDraft, hand_over, take_over, write_turn


@dataclass(frozen=True)
class _Pattern:
    """
    How a desk is manned.

    Attributes
    ----------
    hours
        Shifts as local hours from when to when; the last may end on the next day.
    behind, ahead
        Days of the roster before today, and from today.
    taken
        Hand-overs before the one that waits.
    """

    hours: tuple[tuple[int, int], ...]
    behind: int
    ahead: int
    taken: int


_DISTRICT: Final = _Pattern(((0, 8), (8, 16), (16, 24)), 3, 8, 3)
_TOWNSHIP: Final = _Pattern(((8, 20), (20, 32)), 2, 4, 1)
_NOTES: Final = (
    "夜间平稳。两件燃气异味已到场处置,待复查;热线有一件重复来电,明早联系。",
    "早高峰积水点位已布控。楼道充电专项今天收尾,未答复的整改通知请盯一下。",
    "下午市政反馈路面塌陷点已围挡,安全区到今晚;吹哨未应答的单位已电话提醒。",
)


def load_shifts(db: Session, at: datetime) -> None:
    """Write turns and hand-overs for the district desk and for that of every township."""
    players = Players(db, at)
    for path in players.paths_of(Role.OPERATOR):
        _fill_desk(db, players, path, players.all_of(Role.OPERATOR, path), _DISTRICT, at)
    for path in players.paths_of(Role.TOWNSHIP):
        _fill_desk(db, players, path, players.all_of(Role.TOWNSHIP, path), _TOWNSHIP, at)


def _fill_desk(db: Session, players: Players, path: str, people: list[int], pattern: _Pattern, at: datetime) -> None:
    """Let the people of a desk take turns; whoever was hired first sits there now, and has a desk to take over."""
    if len(people) < len(pattern.hours):
        return
    shifts = _shifts(db, pattern, at)
    now = next(n for n, (begins, ends) in enumerate(shifts) if begins <= at < ends)
    known = shifts[0][0] - timedelta(days=2)
    for n, (begins, ends) in enumerate(shifts):
        turn = TurnDraft(_key(path, "turn", begins), people[(n - now) % len(people)], begins, ends)
        write_turn(db, players.actor(people[0]), path, turn, known)
    for n in range(max(1, now - pattern.taken), now + 1):
        giver, taker = (players.actor(people[(m - now) % len(people)]) for m in (n - 1, n))
        given_at = shifts[n][0] - timedelta(minutes=6)
        key = _key(path, "handover", given_at)
        hand_over(db, giver, path, key, _NOTES[n % len(_NOTES)], given_at)
        if n < now:
            take_over(db, taker, path, key, given_at + timedelta(minutes=9))


def _shifts(db: Session, pattern: _Pattern, at: datetime) -> list[tuple[datetime, datetime]]:
    """The shifts of a desk in local hours, the earliest first."""
    zone = current_district(db).zone
    today = at.astimezone(zone).date()
    midnights = [
        datetime.combine(today + timedelta(days=n), time(), zone) for n in range(-pattern.behind, pattern.ahead)
    ]
    return [
        (midnight + timedelta(hours=begins), midnight + timedelta(hours=ends))
        for midnight in midnights
        for begins, ends in pattern.hours
    ]


def _key(path: str, what: str, begins: datetime) -> UUID:
    return uuid5(NAMESPACE_OID, f"{what}:{path}:{begins.isoformat()}")
