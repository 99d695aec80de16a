"""Which passwords are taken, and that nobody learns from the time who has an account."""

from __future__ import annotations

import pytest

from gridmap.errors import Invalid
from gridmap.people import passwords
from gridmap.people.passwords import hash_password, is_outdated, matches, require_good_password


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "海风吹过石桥时灯亮了几盏",
        "  blank at both ends  ",
        "tŷ bach twt %s {0} \\ '\";--",
        "k7#Vq2!mZ9@x",
    ],
)
def test_any_characters_make_a_password(password):
    require_good_password(password, "chen")
    assert matches(password, hash_password(password))


@pytest.mark.parametrize(
    "password",
    [
        "k7#Vq2!mZ9@",  # eleven
        "k7#Vq2!mZ9@x" * 11,  # 132
        "123456789012",
        "abcdefghijklmnop",
        "aaaaaaaaaaaaaaaaaaaa",
        "Password1234!",
        "PASSWORDpassword",
        "Gridmap-Gridmap-1",
        "wanggezhili2026",
        "网格网格网格网格网格网格1",
        "chen.limin.chen.limin",
        "qwertyuiop123456",
        "zhongguo5201314",
    ],
)
def test_what_anybody_would_guess_is_refused_in_a_sentence(password):
    with pytest.raises(Invalid) as refused:
        require_good_password(password, "chen.limin")
    assert password not in str(refused.value)


def test_a_stored_password_is_argon2id_with_its_own_salt():
    one, other = hash_password("k7#Vq2!mZ9@x"), hash_password("k7#Vq2!mZ9@x")
    assert one != other
    assert one.startswith("$argon2id$")
    assert matches("k7#Vq2!mZ9@x", one)
    assert not matches("k7#Vq2!mZ9@y", one)


def test_an_unknown_name_costs_the_work_of_a_known_one():
    # The same parameters are the same work; a clock in a test would only measure the machine.
    assert not is_outdated(passwords._NOBODY)
    assert not matches("k7#Vq2!mZ9@x", None)


def test_two_ways_of_typing_one_letter_are_one_password():
    composed, decomposed = "caf\u00e9 am Fluss 12", "cafe\u0301 am Fluss 12"
    assert matches(decomposed, hash_password(composed))
