"""The difference between two days in sentences, to be pasted into a notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from babel.dates import format_date

from gridmap.grids.differences import Changed, Difference, Share
from gridmap.grids.shifted import Stand
from gridmap.language import N_, translate

Say = Callable[..., str]

_GIVEN: Final = {
    "split": N_("%(other)s was split off from %(grid)s: %(ground)s."),
    "carve": N_("%(other)s was carved out of %(grid)s as a dedicated grid: %(ground)s."),
    "merge": N_("%(grid)s was merged into %(other)s: %(ground)s."),
    "boundary": N_("Ground went from %(grid)s to %(other)s: %(ground)s."),
}
_IN_PART: Final = N_("A part of %(grid)s went to %(other)s when it ended: %(ground)s.")
_KINDS: Final = {
    "urban": N_("%(grid)s is an urban grid now."),
    "rural": N_("%(grid)s is a rural grid now."),
    "dedicated": N_("%(grid)s is a dedicated grid now."),
}
_HECTARE_M2: Final = 10_000
# Babel's names of the two languages as notices write dates in them.
_DATES: Final = {"zh-CN": "zh_Hans_CN", "en": "en_GB"}


def tell(difference: Difference, days: tuple[date, date], locale: str) -> list[str]:
    """
    Say what changed between two days, the whole first, then grid by grid.

    Parameters
    ----------
    days
        The two days in the district's zone.
    locale
        One of `gridmap.language.LOCALES`.
    """

    def say(msgid: str, /, **values: Any) -> str:
        return translate(msgid, locale, **values)

    since, until = (format_date(day, "long", locale=_DATES[locale]) for day in days)
    when = until if since == until else say(N_("%(since)s to %(until)s"), since=since, until=until)
    if not difference.grids:
        return [say(N_("%(when)s: the grids did not change."), when=when)]
    before, after = difference.grids_n
    head = say(
        N_("%(when)s: grids before: %(before)s, after: %(after)s; households that moved: %(n)s."),
        when=when,
        before=before,
        after=after,
        n=sum(households for _, households in difference.pieces),
    )
    names = {grid: _name(stand, locale) for grid, stand in difference.stands.items()}
    told = dict.fromkeys(line for grid in difference.grids for line in _tell_grid(grid, names, say, locale))
    return [head, *told]


def _name(thing: Stand | Mapping[str, Any], locale: str) -> str:
    name, names = (thing.name, thing.names) if isinstance(thing, Stand) else (thing["name"], thing["names"])
    return str(names.get("en") or name) if locale == "en" else name


def _tell_grid(grid: Changed, names: Mapping[int, str], say: Say, locale: str) -> Iterator[str]:
    if grid.before is not None and grid.after is not None and "name" in grid.what:
        was, now = _name(grid.before, locale), _name(grid.after, locale)
        if was != now:
            yield say(N_("%(was)s is called %(now)s now."), was=was, now=now)
    # What went between two grids is told by both; the same sentence is kept once.
    for share in (*grid.came_from, *grid.went_to):
        yield _tell_share(share, names, say)
    name = names[grid.stand.id]
    if grid.fate == "came" and not grid.came_from:
        yield say(N_("%(grid)s is new."), grid=name)
    if grid.fate == "ended" and not grid.went_to:
        yield say(N_("%(grid)s ended."), grid=name)
    yield from _tell_parts(grid, name, say, locale)


def _tell_share(share: Share, names: Mapping[int, str], say: Say) -> str:
    msgid = _GIVEN.get(share.op, _GIVEN["boundary"])
    # Of two that share what ended, neither took it whole.
    if share.op == "merge" and share.area_share < 0.995:
        msgid = _IN_PART
    return say(msgid, grid=names[share.from_id], other=names[share.to_id], ground=_ground(share, say))


def _ground(share: Share, say: Say) -> str:
    area = _area(share.area_m2, say)
    return say(N_("%(area)s, households: %(n)s"), area=area, n=share.households) if share.households else area


def _area(area_m2: float, say: Say) -> str:
    if area_m2 < _HECTARE_M2:
        return say(N_("%(n)s m²"), n=f"{area_m2:,.0f}")
    return say(N_("%(n)s ha"), n=f"{area_m2 / _HECTARE_M2:,.1f}")


def _tell_parts(grid: Changed, name: str, say: Say, locale: str) -> Iterator[str]:
    """What of a grid is another, but for its name and its ground."""
    before, after = grid.before, grid.after
    if before is None or after is None:
        return
    if "code" in grid.what:
        yield say(
            N_("The code of %(grid)s is %(now)s now; it was %(was)s."), grid=name, was=before.code, now=after.code
        )
    if "kind" in grid.what:
        yield say(_KINDS[after.kind], grid=name)
    if "community" in grid.what:
        was, now = _name(before.community, locale), _name(after.community, locale)
        yield say(N_("%(grid)s belongs to %(now)s now; it belonged to %(was)s."), grid=name, was=was, now=now)
    if "owner" in grid.what and after.owner is not None:
        yield say(N_("The owner of %(grid)s is %(now)s now."), grid=name, now=_name(after.owner, locale))
    if "owner" in grid.what and after.owner is None:
        yield say(N_("%(grid)s has no owner now."), grid=name)
    if "households" in grid.what:
        was_n, now_n = before.households, after.households
        yield say(N_("Households of %(grid)s: %(was)s before, %(now)s now."), grid=name, was=was_n, now=now_n)
