"""Nothing gets through the decoder that could mean two things or hurt."""

from __future__ import annotations

import json
import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.errors import Malformed, TooLarge
from gridmap.strictjson import MAX_DEPTH, decode

# What JSON can say and every reader understands the same way.
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(PLAIN, st.booleans())
def test_plain_json_reads_as_it_was_written(value, ascii_only):
    assert decode(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_a_sentence(data):
    # Anything but Malformed fails the test by itself.
    with suppress(Malformed):
        json.dumps(decode(data), allow_nan=False)


@given(PLAIN, st.text(st.characters(codec="utf-8"), max_size=8), PLAIN)
def test_a_key_that_stands_twice_is_refused_wherever_it_stands(one, key, other):
    member = f"{json.dumps(key)}:{json.dumps(one)},{json.dumps(key)}:{json.dumps(other)}"
    with pytest.raises(Malformed):
        decode(f'{{"deep":[0,{{{member}}}]}}'.encode())


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"lon": NaN}', "/lon"),
        ('{"points": [[1, Infinity]]}', "/points/0/1"),
        ('{"points": [[1, -Infinity]]}', "/points/0/1"),
        ('{"lon": 1e999}', "/lon"),
        ('{"lon": -1E+400}', "/lon"),
        ('{"a": {"b": 1, "b": 2}}', "/a"),
        ('{"a/b": {"c~d": "\\u0000"}}', "/a~1b/c~0d"),
        ('["\\ud800"]', "/0"),
        ('["\\udc00\\ud800"]', "/0"),
        ('{"\\ud83d": 1}', "/\\ud83d"),
        ('{"n": ' + "1" * 65 + "}", "/n"),
        ('{"n": 0.' + "1" * 64 + "}", "/n"),
    ],
)
def test_a_breach_is_named_with_its_place(text, where):
    with pytest.raises(Malformed) as refused:
        decode(text.encode())
    assert refused.value.where == where


@pytest.mark.parametrize(
    "text", ["", "{", "[1,]", "{'a': 1}", "01", "+1", ".5", "1.", "nan", "inf", "-nan", '"\t"', "[1] 2", "undefined"]
)
def test_what_is_no_json_is_refused_with_line_and_column(text):
    with pytest.raises(Malformed) as refused:
        decode(text.encode())
    assert refused.value.where.startswith("line 1, column")


def test_a_pair_of_surrogates_is_a_character():
    assert decode(b'"\\ud83d\\ude00"') == "😀"


@pytest.mark.parametrize("data", [b'"\xff"', b'"\xed\xa0\x80"', '"a"'.encode("utf-16"), b'"\xc0\x80"'])
def test_only_utf8_is_text(data):
    with pytest.raises(Malformed):
        decode(data)


def test_a_byte_order_mark_is_passed_over():
    assert decode(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize("shape", ["[{}]", '{{"a":{}}}'])
def test_the_deepest_accepted_nesting_is_32(shape):
    text = "0"
    for _ in range(MAX_DEPTH):
        text = shape.format(text)
    decode(text.encode())
    with pytest.raises(Malformed, match="32"):
        decode(shape.format(text).encode())


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_hundred_thousand_brackets_do_no_harm(opening):
    with pytest.raises(Malformed):
        decode((opening * 100_000).encode())
    closed = {"[": "]", '{"a":': "1}"}[opening]
    with pytest.raises(Malformed):
        decode((opening * 100_000 + ("1" if opening == "[" else "") + closed * 100_000).encode())


def test_more_bytes_than_the_door_takes_are_not_read():
    with pytest.raises(TooLarge):
        decode(b"[" + b" " * 100 + b"]", max_bytes=101)
    assert decode(b"[" + b" " * 99 + b"]", max_bytes=101) == []


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_comes_back_as_itself(number):
    assert math.copysign(1, decode(repr(number).encode())) == math.copysign(1, number)
    assert decode(repr(number).encode()) == number
