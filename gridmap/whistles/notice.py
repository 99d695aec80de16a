"""A supervision notice as a page for paper: what is supervised, why, and until when it is to be answered."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from jinja2 import Environment, FunctionLoader, StrictUndefined, select_autoescape
from sqlalchemy.orm import Session

from gridmap.catalogue.explaining import sentences
from gridmap.database import straight
from gridmap.language import N_, translate
from gridmap.whistles.rules import TIERS

_SUBJECT: Final = """
    SELECT i.number, i.severity, i.occurred_at, i.due_at, c.name AS category, c.names AS categories,
        v.code AS grid_code, v.name AS grid, v.names AS grids,
        (SELECT jsonb_build_array(a.name, a.names) FROM area_version a WHERE a.area_id = d.area_id
            AND upper_inf(a.valid) AND upper_inf(a.recorded)) AS district
    FROM incident i LEFT JOIN category c ON c.code = i.category
    LEFT JOIN grid_version v ON v.grid_id = i.duty_grid_id AND upper_inf(v.valid) AND upper_inf(v.recorded)
    LEFT JOIN LATERAL (SELECT id AS area_id FROM area WHERE kind = 'district' AND path @> i.path) d ON true
    WHERE i.id = %(id)s
"""


def notice_page_html(db: Session, notice: Any, zone: ZoneInfo, locale: str) -> str:
    """
    Write a notice as HTML with its styles inside, ready to be printed.

    Parameters
    ----------
    notice
        As `gridmap.whistles.queries.one_notice` gives it.
    zone
        In which its days and hours are read.
    locale
        Its language, one of `gridmap.language.LOCALES`.

    Returns
    -------
    page
        It names offices and no person.
    """
    (subject,) = straight(db, _SUBJECT, {"id": notice.incident_id})
    district = "" if subject.district is None else _named(subject.district[0], subject.district[1], locale)
    due = _hour(notice.answer_due_at, zone, locale)
    return (
        _pages()
        .get_template("notice.html")
        .render(
            locale=locale,
            style=_file("notice.css"),
            number=notice.number,
            title=translate(N_("Supervision notice: %(tier)s"), locale, tier=TIERS[notice.tier]),
            authority=translate(N_("%(district)s supervision"), locale, district=district),
            to=translate(N_("To: %(office)s"), locale, office=_receiver(notice, locale)),
            opening=translate(
                N_("The matter below is not done as it has to be. It is supervised at tier %(tier)s from now on."),
                locale,
                tier=notice.tier,
            ),
            facts=_facts(subject, zone, locale),
            reasons=sentences(notice.explained, locale),
            asked=notice.note,
            answer=notice.answer,
            words=_words(due, locale),
            day=format_date(notice.opened_at.astimezone(zone).date(), "long", locale=locale.replace("-", "_")),
        )
    )


def _receiver(notice: Any, locale: str) -> str:
    if notice.department_id is not None:
        return _named(notice.name, notice.names, locale)
    desk = N_("District desk") if notice.level == "district" else N_("Township desk")
    return translate(desk, locale)


def _facts(subject: Any, zone: ZoneInfo, locale: str) -> list[tuple[str, str]]:
    grid = "–" if subject.grid_code is None else f"{_named(subject.grid, subject.grids, locale)} {subject.grid_code}"
    told = (
        (N_("Incident"), subject.number),
        (N_("Class"), "–" if subject.category is None else _named(subject.category, subject.categories, locale)),
        (N_("Grid"), grid),
        (N_("When it happened"), _hour(subject.occurred_at, zone, locale)),
        (N_("Deadline"), _hour(subject.due_at, zone, locale)),
    )
    return [(translate(name, locale), value) for name, value in told]


def _words(due: str, locale: str) -> dict[str, str]:
    told = {
        "why": N_("Why"),
        "asked": N_("What is asked"),
        "answer": N_("Answer in writing by %(due)s: what was done, or when it will be."),
        "answered": N_("What was answered"),
    }
    return {name: translate(sentence, locale, due=due) for name, sentence in told.items()}


def _named(name: str, names: dict[str, str] | None, locale: str) -> str:
    return (names or {}).get(locale) or name


def _hour(at: datetime | None, zone: ZoneInfo, locale: str) -> str:
    if at is None:
        return "–"
    form = "y年M月d日 HH:mm" if locale == "zh-CN" else "d MMM y, HH:mm"
    return format_datetime(at.astimezone(zone), form, locale=locale.replace("-", "_"))


@cache
def _pages() -> Environment:
    return Environment(
        loader=FunctionLoader(_file), autoescape=select_autoescape(default=True), undefined=StrictUndefined,
        trim_blocks=True,
    )  # fmt: skip


@cache
def _file(name: str) -> str:
    return (files("gridmap.whistles") / "pages" / name).read_text(encoding="utf-8")
