"""What is not done climbs the ladder, each tier once; notices are numbered without a hole, answered and closed."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from gridmap.catalogue.clocks import DayRange
from gridmap.errors import Conflict, Invalid, NotAllowed, NotFound
from gridmap.grids.queries import current_district
from gridmap.incidents.verify import verify_incidents
from gridmap.people.rules import scope_of
from gridmap.printing import to_pdf
from gridmap.whistles.ladder import open_due
from gridmap.whistles.notice import notice_page_html
from gridmap.whistles.queries import notice_page, one_notice
from gridmap.whistles.rules import Facts, LadderRule, tier_of
from gridmap.whistles.supervising import answer_notice, close_notice, open_by_hand
from gridmap.wiring import wire
from tests.incidents.loop import HOUR, build_loop
from tests.pdf import Paper
from tests.worlds import NOON

DAY = timedelta(days=1)
ALWAYS = DayRange()
RULES = [
    LadderRule(1, "overdue", 0, ALWAYS),
    LadderRule(2, "overdue", 1, ALWAYS),
    LadderRule(2, "repeats", 2, ALWAYS),
    LadderRule(3, "silent", 3, ALWAYS),
    LadderRule(3, "unanswered", 2, ALWAYS),
]


@pytest.mark.parametrize(
    ("facts", "tier"),
    [
        (Facts(), None),
        (Facts(overdue_terms=-0.5), None),
        (Facts(overdue_terms=0.01), 1),
        (Facts(overdue_terms=1), 1),
        (Facts(overdue_terms=1.01), 2),
        (Facts(repeats=1), None),
        (Facts(repeats=2), 2),
        (Facts(silent=2), None),
        (Facts(overdue_terms=0.5, silent=3), 3),
        (Facts(unanswered=2), 3),
    ],
)
def test_the_highest_rule_that_holds_says_the_tier(facts, tier):
    rule = tier_of(facts, RULES, date(2026, 3, 3))
    assert (rule and rule.tier) == tier


def test_a_rule_holds_on_its_days_alone():
    rules = [LadderRule(1, "overdue", 0, DayRange(date(2026, 3, 4), None))]
    late = Facts(overdue_terms=2)
    assert [tier_of(late, rules, date(2026, 3, day)) is None for day in (3, 4)] == [True, False]


@pytest.fixture
def loop(db, town):
    wire()
    return build_loop(db, town)


def notices(loop):
    return loop.db.execute(text("SELECT * FROM supervision ORDER BY number")).all()


def test_what_is_late_climbs_by_itself_each_tier_once(loop):
    incident = loop.incident()
    loop.step("operator", incident, "dispatch", told={"department": "urban"})
    row = loop.row(incident)
    assert open_due(loop.db, row.due_at) == 0
    assert open_due(loop.db, row.due_at + HOUR) == 1
    assert open_due(loop.db, row.due_at + HOUR) == 0
    (first,) = notices(loop)
    assert (first.number, first.tier, first.cause) == ("DC-2026-0001", 1, "overdue")
    assert first.department_id == loop.departments["urban"]
    term = row.due_at - min(clock.started_at for clock in loop.clocks(incident).values() if clock.due_at == row.due_at)
    assert open_due(loop.db, row.due_at + term) == 0
    assert open_due(loop.db, row.due_at + term + HOUR) == 1
    assert open_due(loop.db, row.due_at + 60 * DAY) == 1, "two notices without an answer"
    assert [(row.number, row.tier) for row in notices(loop)] == [
        ("DC-2026-0001", 1),
        ("DC-2026-0002", 2),
        ("DC-2026-0003", 3),
    ]
    assert open_due(loop.db, row.due_at + 90 * DAY) == 0
    assert (loop.row(incident).state, verify_incidents(loop.db)) == ("dispatched", [])


def test_a_notice_is_answered_and_closed_beside_the_handling(loop):
    incident, key = loop.incident(), uuid.uuid4()
    loop.step("operator", incident, "dispatch", told={"department": "urban"})
    assert open_by_hand(loop.db, loop.supervisor, incident, key, 2, "三日内报进展", NOON)
    assert not open_by_hand(loop.db, loop.supervisor, incident, key, 2, "三日内报进展", NOON + HOUR)
    for who, error in (("operator", NotAllowed), ("stranger", NotFound)):
        with pytest.raises(error):
            open_by_hand(loop.db, loop.actors[who], incident, uuid.uuid4(), 1, None, NOON)
    with pytest.raises(Conflict, match="is open"):
        open_by_hand(loop.db, loop.supervisor, incident, uuid.uuid4(), 2, None, NOON)
    with pytest.raises(Conflict, match="no answer yet"):
        close_notice(loop.db, loop.supervisor, key, uuid.uuid4(), "完成", NOON)
    with pytest.raises(NotFound):
        answer_notice(loop.db, loop.bureau, key, uuid.uuid4(), "不是我们", NOON)
    with pytest.raises(Invalid):
        answer_notice(loop.db, loop.urban, key, uuid.uuid4(), "  ", NOON)
    answered = uuid.uuid4()
    assert answer_notice(loop.db, loop.urban, key, answered, "明日完成", NOON + HOUR)
    assert not answer_notice(loop.db, loop.urban, key, answered, "明日完成", NOON + HOUR)
    with pytest.raises(Conflict, match="answered already"):
        answer_notice(loop.db, loop.urban, key, uuid.uuid4(), "再答", NOON + HOUR)
    with pytest.raises(NotAllowed):
        close_notice(loop.db, loop.urban, key, uuid.uuid4(), "完成", NOON + HOUR)
    assert close_notice(loop.db, loop.supervisor, key, uuid.uuid4(), "属实", NOON + 2 * HOUR)
    row = one_notice(loop.db, key)
    assert (row.note, row.answer, row.closing) == ("三日内报进展", "明日完成", "属实")
    assert loop.row(incident).state == "dispatched"
    assert loop.db.scalars(text("SELECT step FROM incident_log WHERE incident_id = :i ORDER BY seq DESC LIMIT 3"),
                           {"i": incident}).all() == ["supervised", "answer", "supervise"]  # fmt: skip
    for who, seen in (("urban", 1), ("bureau", 0), ("supervisor", 1)):
        scope = scope_of(loop.actors[who], "supervision.read")
        assert len(notice_page(loop.db, scope, state="all", tier=None, incident_id=None, limit=9).rows) == seen


def test_a_notice_that_fails_leaves_no_hole_in_the_numbers(loop):
    incident = loop.incident()
    open_by_hand(loop.db, loop.supervisor, incident, uuid.uuid4(), 1, None, NOON)
    with pytest.raises(Conflict), loop.db.begin_nested():
        open_by_hand(loop.db, loop.supervisor, incident, uuid.uuid4(), 1, None, NOON)
    open_by_hand(loop.db, loop.supervisor, incident, uuid.uuid4(), 2, None, NOON)
    assert [row.number for row in notices(loop)] == ["DC-2026-0001", "DC-2026-0002"]


def test_a_notice_on_paper_says_what_why_and_until_when_and_names_nobody(loop):
    incident, key = loop.incident(), uuid.uuid4()
    loop.step("operator", incident, "dispatch", told={"department": "urban"})
    open_by_hand(loop.db, loop.supervisor, incident, key, 3, "请<b>到会</b>", NOON)
    zone = current_district(loop.db).zone
    pages = {locale: notice_page_html(loop.db, one_notice(loop.db, key), zone, locale) for locale in ("zh-CN", "en")}
    paper = Paper(to_pdf(pages["zh-CN"])).text
    for word in ("DC-2026-0001", loop.row(incident).number, "urban", "暴露垃圾", "网格 A", "到会"):
        assert word in paper, word
    assert "Executive meeting" in pages["en"]
    assert "&lt;b&gt;" in pages["zh-CN"]
    assert "陈立民" not in "".join(pages.values())
