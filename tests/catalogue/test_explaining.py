"""Why a deadline is what it is, as a person reads it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from gridmap.catalogue.clocks import ClockRule, Extension, Pause, Stage, Unit, deadline
from gridmap.catalogue.explaining import sentences
from gridmap.catalogue.timing import load_calendars

ZONE = ZoneInfo("Asia/Shanghai")
FRIDAY = datetime(2026, 2, 13, 16, tzinfo=ZONE)


@pytest.fixture(scope="module")
def shipped(app_engine):
    with Session(app_engine) as db:
        return load_calendars(db)["cn"]


def explain(shipped, rule, start=FRIDAY, pauses=(), extended=()):
    """The sentences in both languages, by way of the JSON that is kept."""
    kept = json.loads(json.dumps(deadline(rule, start, pauses, shipped, extended).explained))
    return sentences(kept, "zh-CN"), sentences(kept, "en")


def test_work_days_over_a_festival_are_explained_in_full(shipped):
    rule = ClockRule(2, None, "source=hotline", Stage.CLOSE, 5, Unit.WORK_DAYS, "operator")
    pause = Pause(FRIDAY + timedelta(days=11), FRIDAY + timedelta(days=12), "王主任")
    chinese, english = explain(shipped, rule, pauses=[pause], extended=[Extension(3, Unit.WORK_DAYS, "王主任")])
    assert english == [
        "Closing: 5 work-days, by rule 2 for Hotline.",
        (
            "Started Fri 13 Feb 2026, 16:00. That day does not count: counted from Sat 14 Feb 2026, in work-days"
            " (official work-days of China, 08:30–12:00, 14:00–17:30)."
        ),
        "Not counted: Spring Festival (15 Feb to 23 Feb, 9 days), 1 day of a week-end.",
        "Work-days by decree: in place of Spring Festival (14 Feb), in place of Spring Festival (28 Feb).",
        "Paused from Tue 24 Feb 2026, 16:00 to Wed 25 Feb 2026, 16:00, approved by 王主任.",
        "Extended by 3 work-days, approved by 王主任.",
        "May be paused by: District desk.",
        "Due Wed 4 Mar 2026, 17:30.",
    ]
    assert chinese == [
        "结案：5 个工作日，依据第 2 号规则（热线）。",
        (
            "2026年2月13日（周五）16:00 开始，当日不计，从 2026年2月14日（周六）起按工作日计算"
            "（国家工作日历，08:30–12:00、14:00–17:30）。"
        ),
        "不计入：春节（2月15日至2月23日，9 天）、周末 1 天。",
        "按通知上班，计入：春节调休上班（2月14日）、春节调休上班（2月28日）。",
        "2026年2月24日（周二）16:00 至 2026年2月25日（周三）16:00 暂停，由王主任批准。",
        "延期 3 个工作日，由王主任批准。",
        "可由区指挥席批准暂停。",
        "截止时间：2026年3月4日（周三）17:30。",
    ]


def test_hours_on_the_clock_are_explained_in_four_lines(shipped):
    names = {"zh-CN": "占道", "en": "Street"}
    rule = ClockRule(3, "0101", "severity=1", Stage.HANDLE, 2, Unit.CLOCK_HOURS, names=names)
    chinese, english = explain(shipped, rule)
    assert english == [
        "Handling: 2 hours, by rule 3 for Street, severity 1.",
        "Counted from Fri 13 Feb 2026, 16:00, day and night.",
        "Nobody may pause this clock.",
        "Due Fri 13 Feb 2026, 18:00.",
    ]
    assert chinese[0] == "处理：2 小时，依据第 3 号规则（占道、一级）。"


def test_a_pause_that_changed_nothing_is_not_given_as_a_reason(shipped):
    rule = ClockRule(1, None, "", Stage.HANDLE, 2, Unit.CLOCK_HOURS)
    too_late = Pause(FRIDAY + timedelta(hours=2), FRIDAY + timedelta(hours=3))
    too_early = Pause(FRIDAY - timedelta(hours=2), FRIDAY)
    assert explain(shipped, rule, pauses=[too_late, too_early]) == explain(shipped, rule)


def test_a_clock_that_stands_still_says_since_when_and_that_there_is_no_deadline(shipped):
    rule = ClockRule(1, None, "", Stage.HANDLE, 0.5, Unit.CLOCK_HOURS)
    chinese, english = explain(shipped, rule, pauses=[Pause(FRIDAY + timedelta(minutes=5))])
    assert english[0] == "Handling: 30 minutes, by rule 1."
    assert english[2] == "Paused since Fri 13 Feb 2026, 16:05."
    assert english[-1] == "While the clock stands still there is no deadline."
    assert chinese[-1] == "暂停期间没有截止时间。"


def test_a_deadline_in_a_year_without_a_calendar_says_that_it_is_provisional(shipped):
    rule = ClockRule(1, None, "", Stage.HANDLE, 8, Unit.WORK_HOURS)
    chinese, english = explain(shipped, rule, datetime(2026, 12, 31, 16, tzinfo=ZONE))
    assert "no calendar for 2027 yet" in english[-1]
    assert chinese[-1].startswith("2027 年的工作日历尚未录入")


def test_the_reasons_of_other_rules_are_worded_too():
    values = {"who": {"zh-CN": "城管局", "en": "Works"}, "day": "2026-03-03"}
    reason = {"msgid": "%(who)s since %(day)s", "values": values}
    assert sentences([reason], "en") == ["Works since Tue 3 Mar 2026"]
    assert sentences([reason], "zh-CN") == ["城管局 since 2026年3月3日（周二）"]
