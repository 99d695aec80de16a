"""`gridmap clock`: when a time limit is over, and why then."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from gridmap.cli.database import opened
from gridmap.cli.terminal import reader_locale
from gridmap.errors import Invalid
from gridmap.language import N_

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from gridmap.catalogue.clocks import ClockRule, Deadline, Unit
    from gridmap.catalogue.timing import Timing

_AMOUNT = re.compile(r"(\d+(?:\.\d+)?) ?(h|wh|wd)")
_STAGES = ("contact", "verify", "file", "dispatch", "accept", "handle", "check", "close")


@click.command()
@click.argument("start")
@click.option("--stage", default="handle", show_default=True, type=click.Choice(_STAGES), help="What is to be done.")
@click.option("--category", metavar="CODE", help="Class of the matter.")
@click.option("--when", default="", metavar="CONDITION", help="What is so, such as `severity=1;source=hotline`.")
@click.option("--rule", "rule_id", type=int, metavar="ID", help="By this rule, instead of the one that is chosen.")
@click.option("--for", "amount", metavar="AMOUNT", help="For this time instead of a rule's: `2 h`, `8 wh`, `5 wd`.")
@click.option("--pause", "pauses", multiple=True, metavar="FROM/TO", help="A pause; without TO it lasts. Repeatable.")
@click.option("--extend", "extended", multiple=True, metavar="AMOUNT", help="More time that is granted. Repeatable.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def clock(
    start: str,
    stage: str,
    category: str | None,
    when: str,
    rule_id: int | None,
    amount: str | None,
    pauses: tuple[str, ...],
    extended: tuple[str, ...],
    as_json: bool,
) -> None:
    """
    Say when a time limit that begins at START is over, and why then; nothing is changed.

    START is a time in the zone of the calendar, such as `2026-02-13 16:00`, or one with a zone of its own. The rule
    is the one that held on that day for the stage, the class and the condition.
    """
    from gridmap.catalogue.clocks import Extension, Pause
    from gridmap.catalogue.explaining import sentences
    from gridmap.catalogue.timing import timing_now

    with opened() as (db, _):
        timing = timing_now(db)
        if amount is not None:
            rule = _for_amount(amount, stage)
        elif rule_id is not None:
            rule = _by_id(timing, rule_id)
        else:
            rule = _chosen(db, stage, category, when, start, timing)
    zone = ZoneInfo(timing.calendars[rule.calendar].zone)
    spans = [pause.partition("/") for pause in pauses]
    found = timing.deadline(
        rule,
        _time(start, zone),
        [Pause(_time(begins, zone), _time(ends, zone) if ends else None) for begins, _, ends in spans],
        [Extension(*_amount(more)) for more in extended],
    )
    click.echo(_as_json(rule, found) if as_json else "\n".join(sentences(found.explained, reader_locale())))


def _for_amount(amount: str, stage: str) -> ClockRule:
    """A rule that is none of the installation's."""
    from gridmap.catalogue.clocks import ClockRule, Stage

    return ClockRule(0, None, "", Stage(stage), *_amount(amount))


def _by_id(timing: Timing, rule_id: int) -> ClockRule:
    if rule_id not in timing.rules:
        raise Invalid(N_("There is no clock rule %(rule)s."), where="--rule", rule=rule_id)
    return timing.rule(rule_id)


def _chosen(db: Session, stage: str, category: str | None, when: str, start: str, timing: Timing) -> ClockRule:
    from gridmap.catalogue.clocks import Stage
    from gridmap.catalogue.conditions import read_condition
    from gridmap.catalogue.rulebook import rulebook_now

    book = rulebook_now(db)
    if category is not None and book.category(category) is None:
        raise Invalid(N_("There is no class %(code)s."), where="--category", code=category)
    zone = ZoneInfo(next(iter(timing.calendars.values())).zone)
    rule = book.clock(category, read_condition(when), Stage(stage), _time(start, zone))
    if rule is None:
        raise Invalid(N_("No rule gives a time limit for this stage. Give one with --for, such as --for '5 wd'."))
    return rule


def _amount(text: str) -> tuple[float, Unit]:
    from gridmap.catalogue.clocks import Unit

    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        raise Invalid(
            N_("“%(text)s” is no amount of time. Write such as 2 h (hours), 8 wh (work-hours) or 5 wd (work-days)."),
            text=text,
        )
    return float(found[1]), Unit(found[2])


def _time(text: str, zone: ZoneInfo) -> datetime:
    try:
        told = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise Invalid(
            N_("“%(text)s” is no time. Write such as 2026-02-13 16:00, or with its zone 2026-02-13T16:00+08:00."),
            text=text,
        ) from error
    return told if told.tzinfo else told.replace(tzinfo=zone)


def _as_json(rule: ClockRule, found: Deadline) -> str:
    told = {
        "rule": rule.id or None,
        "due_at": found.due_at and found.due_at.isoformat(),
        "provisional": found.provisional,
        "explained": found.explained,
    }
    return json.dumps(told, ensure_ascii=False)
