"""Passwords: which ones are taken, and how they are kept (argon2id)."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gridmap.errors import Invalid, Unavailable
from gridmap.language import N_

MIN_LENGTH, MAX_LENGTH = 12, 128
# What is left of a password after all that anybody would guess is taken out of it.
_MIN_SURPRISE = 8
_MIN_KINDS = 5

# Pieces that passwords are commonly built of, English, pinyin and keyboard rows, longest first when used.
_COMMON = """
password passwort passw0rd p@ssw0rd p@ssword mima welcome letmein iloveyou woaini woaiwojia administrator admin
root guest test user login changeme default secret master monkey dragon sunshine princess football shadow
qwertyuiop qwerty asdfghjkl asdfgh zxcvbnm zxcvbn 1qaz 2wsx 3edc 4rfv qazwsx q1w2e3r4 abc123 a1b2c3
666 888 520 1314 5201314 110 119 120 spring summer autumn winter china zhongguo beijing henan company office
"""
# The names of this house, of what it is for, and of where it is tried out.
_PRODUCT = "gridmap grid wangge wanggehua zhili shequ jiedao wangluo qishui qishuiqu 网格 治理 社区 街道 密码 淇水"

# The hash of a random password nobody kept, so that an unknown name costs the same time as a known one.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$5vHcL8zq6yU1mXo2tKb9Ng$tY3m6J1s0y4kXhQ0y5mT9bq1c7dZ8eW2fR4gU6hV8io"
# One check takes 64 MiB: a crowd at the door must not take all memory, so few are checked at once.
_AT_ONCE = threading.BoundedSemaphore(4)
_PATIENCE_S = 10


@cache
def _hasher() -> PasswordHasher:
    # The library's defaults are RFC 9106's second recommendation: 3 passes over 64 MiB.
    return PasswordHasher()


def require_good_password(password: str, login: str) -> None:
    """
    Refuse what is too short, too long, or what anybody would try first.

    Parameters
    ----------
    password
        As typed; any characters.
    login
        Of the account it is for.

    Raises
    ------
    Invalid
        With a sentence that says what to do; it never repeats the password.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise Invalid(
            N_("A password has %(least)s to %(most)s characters; any characters will do."),
            least=MIN_LENGTH,
            most=MAX_LENGTH,
        )
    rest = _without_the_guessable(password, login)
    if len(rest) < _MIN_SURPRISE or len(set(rest)) < _MIN_KINDS:
        raise Invalid(
            N_(
                "This password would be guessed: it is mostly common words, rows of keys, repetitions, "
                "the name of this system or your own. Four unrelated words make a good one."
            )
        )


def _without_the_guessable(password: str, login: str) -> str:
    """Take out common words and names, then each character that only continues a run (``aaa``, ``abc``, ``321``)."""
    rest = unicodedata.normalize("NFKC", password).casefold()
    for piece in sorted({*_COMMON.split(), *_PRODUCT.split(), login.casefold()}, key=len, reverse=True):
        rest = rest.replace(piece, "")
    steps = [ord(after) - ord(before) for before, after in pairwise(rest)]
    return rest[:1] + "".join(letter for letter, step in zip(rest[1:], steps, strict=True) if step not in (-1, 0, 1))


def hash_password(password: str) -> str:
    """Give what may be stored: argon2id with its own random salt."""
    with _one_of_few():
        return _hasher().hash(_bytes(password))


def matches(password: str, stored: str | None) -> bool:
    """
    Whether this is the password; without a stored hash the same work is done, and the answer is no.

    Raises
    ------
    Unavailable
        If so many are being checked that this one would wait too long.
    """
    with _one_of_few():
        try:
            return _hasher().verify(stored or _NOBODY, _bytes(password)) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with weaker parameters than today's; then hash again at the next sign-in."""
    return _hasher().check_needs_rehash(stored)


def _bytes(password: str) -> bytes:
    """The same bytes from every keyboard: NFKC, as NIST SP 800-63B-4 asks; half characters cannot harm."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


@contextmanager
def _one_of_few() -> Iterator[None]:
    """Wait for one of the few places; leave it free at the end."""
    if not _AT_ONCE.acquire(timeout=_PATIENCE_S):
        raise Unavailable(N_("Many people are signing in just now. Try again in a moment."), retry_s=5)
    try:
        yield
    finally:
        _AT_ONCE.release()
