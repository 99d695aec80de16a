"""What a class asks on the spot is answered before its work is reported as done: each question, in its own kind."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from gridmap.catalogue.rules import Checklist, Item
from gridmap.errors import Invalid
from gridmap.incidents.checklists import require_answers
from tests.incidents.loop import HOUR, build_loop
from tests.worlds import NOON

GAS = Checklist("gas", "燃气", {}, (
    Item("hose", 1, "软管是否老化", {"en": "Is the hose worn"}, "yes-no", True),
    Item("meter", 2, "表读数", {"en": "What does the meter say"}, "number", False),
    Item("by", 3, "整改日期", {"en": "By when"}, "text", True),
))  # fmt: skip
WHOLE = {"hose": False, "by": "下周"}


@pytest.mark.parametrize(
    ("answers", "where", "sentence"),
    [
        ({}, "hose", "“Is the hose worn” of the checklist must be answered."),
        (WHOLE | {"by": "  "}, "by", "“By when” of the checklist must be answered."),
        (WHOLE | {"hose": "no"}, "hose", "“Is the hose worn” of the checklist is answered with yes or no."),
        (WHOLE | {"hose": 0}, "hose", "“Is the hose worn” of the checklist is answered with yes or no."),
        (WHOLE | {"meter": True}, "meter", "“What does the meter say” of the checklist is answered with a number."),
        (WHOLE | {"by": 3}, "by", "“By when” of the checklist is answered in a few words."),
        (WHOLE | {"smell": True}, "smell", "“smell” is no question of the checklists of this class."),
    ],
)
def test_an_answer_that_is_none_is_refused_by_the_name_of_its_question(answers, where, sentence):
    with pytest.raises(Invalid) as refusal:
        require_answers([GAS], answers)
    assert refusal.value.where == f"/with/checklist/{where}"
    assert refusal.value.sentence("en").startswith(sentence)
    if sentence.startswith("“Is the hose"):
        assert "软管是否老化" in refusal.value.sentence("zh-CN")


def test_what_need_not_be_answered_may_be_left_out():
    require_answers([GAS], WHOLE)
    require_answers([GAS], WHOLE | {"meter": 12.5})
    require_answers([], {})
    with pytest.raises(Invalid, match="has no checklist"):
        require_answers([], {"hose": True})


def test_a_code_of_two_lists_is_one_question():
    other = Checklist("stove", "灶具", {}, (Item("by", 1, "几天", {}, "number", False),))
    require_answers([GAS, other], WHOLE | {"by": 3})
    require_answers([GAS, other], WHOLE)
    for odd in (WHOLE | {"by": True}, {"hose": False}):
        with pytest.raises(Invalid) as refusal:
            require_answers([GAS, other], odd)
        assert refusal.value.where == "/with/checklist/by"


@pytest.fixture
def handling(db, town):
    """Two matters in hand: one of the class with the four questions of gas, and one of another."""
    db.execute(text("INSERT INTO checklist (code, category, name, names, valid) VALUES"
                    " ('gas', '0301', '燃气', '{}', daterange('2026-01-01', NULL))"))  # fmt: skip
    db.execute(text("INSERT INTO checklist_item (checklist, code, n, name, names, answer, needed, valid)"
                    " SELECT 'gas', c, n, c, '{}', 'yes-no', true, daterange('2026-01-01', CASE c WHEN 'flue' THEN"
                    " DATE '2026-03-04' END)"
                    " FROM unnest(ARRAY['hose','valve','alarm','flue']) WITH ORDINALITY x(c, n)"))  # fmt: skip
    loop = build_loop(db, town)
    found = [loop.incident(category=category) for category in ("0301", "0201")]
    for incident in found:
        loop.step("worker", incident, "accept")
    return loop, *found


def test_work_is_reported_as_done_with_every_answer_of_its_day_and_the_log_keeps_them(handling):
    loop, gas, litter = handling
    answers = {"hose": False, "valve": False, "alarm": True, "flue": True}
    for told in ({}, {"checklist": {}}, {"checklist": {**answers, "flue": None}}, {"checklist": {"hose": True}}):
        with pytest.raises(Invalid):
            loop.step("worker", gas, "handle", note="已检查", told=told)
    assert loop.row(gas).state == "handling"
    # On the next day nobody asks for the flue any more; of this matter it is still asked.
    later = NOON + 30 * HOUR
    with pytest.raises(Invalid, match="flue"):
        loop.step(
            "worker",
            gas,
            "handle",
            later,
            note="已检查",
            told={"checklist": {"hose": False, "valve": False, "alarm": True}},
        )
    loop.step("worker", gas, "handle", later, note="已检查", told={"checklist": answers})
    kept = loop.db.scalar(
        text("SELECT data #> '{with,checklist}' FROM incident_log WHERE incident_id = :i AND step = 'handle'"),
        {"i": gas},
    )
    assert kept == answers
    with pytest.raises(Invalid, match="has no checklist"):
        loop.step("worker", litter, "handle", note="已清运", told={"checklist": answers})
    loop.step("worker", litter, "handle", note="已清运")
