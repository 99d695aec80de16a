"""Who calls again about the same, and what of a caller is shown."""

from __future__ import annotations

import pytest

from gridmap.hotline.rules import Caller, Matter, caller_key, digits_of, is_repeat, masked

HERE = (114.2, 35.72)
LITTER = Matter(("02", "0201"), HERE, None, "清河路 12 号")


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (Matter(("02", "0207"), HERE, None, None), True),  # another class of the same kind
        (Matter(("01", "0101"), HERE, None, None), False),
        (Matter((), HERE, None, None), True),  # nobody has given it a class yet
        (Matter(("02",), (114.2011, 35.72), None, None), True),  # 99 m: two places told by telephone
        (Matter(("02",), (114.2022, 35.72), None, None), False),  # 199 m
        (Matter(("02",), (114.2022, 35.72), 120, None), True),  # 199 m, and one of them unsure by 120 m
        (Matter(("02",), None, None, "清河路12号"), True),  # no place on the map: the words decide
        (Matter(("02",), None, None, "清河路13号"), False),
        (Matter(("02",), None, None, None), False),
    ],
)
def test_a_repeat_agrees_in_topic_and_place(other, same):
    assert is_repeat(LITTER, other) is same
    assert is_repeat(other, LITTER) is same


@pytest.mark.parametrize("written", ["13800001234", "138 0000 1234", "+86 138-0000-1234", "0086 13800001234"])
def test_a_number_is_one_however_it_is_written(written):
    key = b"k" * 32
    assert digits_of(written) == "13800001234"
    assert caller_key(key, Caller(phone=written)) == caller_key(key, Caller(phone="13800001234"))
    assert caller_key(b"other", Caller(phone=written)) != caller_key(key, Caller(phone=written))


def test_who_left_no_number_is_no_real_name():
    assert not Caller(name="王").is_real
    assert not Caller(phone="匿名").is_real
    assert caller_key(b"k", Caller(name="王")) is None


def test_of_a_caller_only_so_much_is_shown():
    assert masked(Caller("王小明", "13812345678", "清河路 12 号"), "清河") == {
        "name": "王*", "phone": "138****5678", "address": "清河",
    }  # fmt: skip
    assert masked(Caller(phone="5551234"), None)["phone"] == "55***34"
    assert masked(Caller(), "清河") == {"name": None, "phone": None, "address": None}
