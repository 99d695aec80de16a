"""`gridmap simulate --week`: a week played in this process, with a clock of its own, and what came of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import click

from gridmap.cli.database import connected
from gridmap.cli.terminal import reader_locale, say
from gridmap.language import N_, translate

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


def play_week(seed: int, a_day: int, *, as_json: bool) -> None:
    """
    Play the last whole week, from Monday to Sunday, into the database of this installation, and print its figures.

    Raises
    ------
    NotFound
        If the district has nobody to play with.
    SystemExit
        With 1 if the figures cannot be had again from the logs alone.
    """
    from gridmap.database import bind, transaction
    from gridmap.demo.week import WeekPlay
    from gridmap.demo.week_cast import Cast
    from gridmap.demo.week_figures import figures_of
    from gridmap.wiring import wire

    wire()
    with connected(pool_size=4) as engine:
        bind(engine)
        try:
            with transaction() as db:
                cast = Cast(db, datetime.now(UTC))
            start = last_monday(datetime.now(UTC), cast.zone)
            say(N_("Playing the week from %(day)s, with a clock of its own."), day=f"{start.astimezone(cast.zone):%F}")
            play = WeekPlay(cast, start, Random(seed), a_day)  # noqa: S311 - no secret hangs on it
            play.run()
            with transaction() as db:
                figures = figures_of(db, play)
        finally:
            bind(None)
    click.echo(json.dumps(figures, ensure_ascii=False) if as_json else _sentences(figures))
    if not figures["from_logs"]:
        raise SystemExit(1)


def last_monday(now: datetime, zone: ZoneInfo) -> datetime:
    """The Monday, at midnight in a zone, that the last whole week began with."""
    today = now.astimezone(zone).date()
    day = today - timedelta(days=today.weekday() + 7)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _sentences(figures: dict[str, Any]) -> str:
    from gridmap.insight.indicators import INDICATOR_OF
    from gridmap.insight.rules import Rate

    locale = reader_locale()
    acts = sum(figures["acts"].values())
    lines = [translate(N_("%(n)s matters, %(acts)s acts."), locale, n=figures["matters"], acts=acts)]
    for key, each in figures["indicators"].items():
        rate = Rate(each["numerator"], each["denominator"])
        label = translate(INDICATOR_OF[key].label, locale)
        lines.append(f"{label}: {rate} ({rate.numerator}/{rate.denominator})")
    verdict = (
        N_("Every figure comes out of the logs alone, too.")
        if figures["from_logs"]
        else N_("The logs alone give other figures. `gridmap log verify` may say why.")
    )
    return "\n".join([*lines, translate(verdict, locale)])
