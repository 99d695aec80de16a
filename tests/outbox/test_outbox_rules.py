"""What may leave the house, when a failure comes back, and what a robot takes."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gridmap.errors import Invalid
from gridmap.outbox.mail import read_mailbox
from gridmap.outbox.outbound import Way, is_public, place_of
from gridmap.outbox.rules import GIVE_UP_AFTER, MOST_MERGED, Said, next_try, recent, require_open, robot_turn, wait_s
from gridmap.outbox.wording import worded

NOON = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_a_name_or_free_text_never_leaves_the_screens():
    require_open(Said("Incident %(number)s", {"number": "QS-1", "grid": "A"}))
    with pytest.raises(ValueError, match="phone, reporter may not leave"):
        require_open(Said("%(reporter)s %(phone)s", {"number": "1", "reporter": "赵无极", "phone": "138"}))
    with pytest.raises(ValueError, match="free text"):
        require_open("赵无极 138 0000 5678")


@pytest.mark.parametrize(("tries", "least", "most"), [(1, 12, 18), (2, 24, 36), (5, 192, 288), (400, 2880, 4320)])
def test_the_wait_doubles_up_to_an_hour_and_is_spread_by_chance(tries, least, most):
    assert wait_s(tries, 0.0) == pytest.approx(least)
    assert wait_s(tries, 1.0) == pytest.approx(most)


def test_a_message_is_given_up_after_a_day_and_not_before():
    at, tries, give_up = NOON, 1, NOON + GIVE_UP_AFTER
    while (again := next_try(tries, give_up, at, 0.5)) is not None:
        assert at < again <= give_up
        at, tries = again, tries + 1
    # 15 s, 30 s ... 32 min are eight tries; then one an hour for the rest of the day.
    assert tries == 31
    assert give_up - at < timedelta(hours=1)


def test_a_robot_takes_twenty_a_minute_and_more_are_merged():
    assert robot_turn(20, [], NOON).merged == 1
    assert robot_turn(21, [], NOON).merged == 2
    assert robot_turn(10_000, [], NOON).merged == MOST_MERGED
    posts = [NOON - timedelta(seconds=seconds) for seconds in range(20)]
    full = robot_turn(3, posts, NOON)
    assert (full.merged, full.rest_until) == (0, NOON + timedelta(seconds=41))
    assert robot_turn(3, posts, NOON + timedelta(seconds=41)).merged == 3
    assert recent(posts, NOON + timedelta(seconds=59)) == [NOON, NOON + timedelta(seconds=59)]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1",
        "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001:0:4136:e378:8000:63bf:f5ff:fffe",
        "2001:db8::1", "::ffff:8.8.8.8",
    ],
)  # fmt: skip
def test_no_wrapping_makes_an_inner_address_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "114.114.114.114", "2400:3200::1"])
def test_addresses_of_the_open_network_are_public(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "https://", "https://user:pw@example.com/", "https://a.example/#x",
        "https://example.com:22/", "https://example.com:99999/", "https://example.com/\n", "https://例子.example/",
        "http://localhost/", "https://[::1/", "/hook", "https://example.com/" + "a" * 2000,
    ],
)  # fmt: skip
def test_only_plain_https_addresses_are_taken(url):
    with pytest.raises(Invalid) as refused:
        place_of(url, Way())
    assert refused.value.where == "/url"


def test_loopback_is_open_only_where_the_installation_says_so():
    assert place_of("http://localhost:8123/a?b=c", Way(loopback=True)).target == "/a?b=c"
    with pytest.raises(Invalid):
        place_of("http://example.com/", Way(loopback=True))


def test_a_mail_server_is_read_and_its_password_shown_in_no_error():
    box = read_mailbox("smtps://desk%40x:p%2Fw@mail.example", "desk@x.example")
    assert (box.host, box.port, box.manner, box.user, box.password) == ("mail.example", 465, "tls", "desk@x", "p/w")
    assert "p/w" not in repr(box)
    for url, sender in (("http://u:geheim@mail", "a@b"), ("smtp://u:geheim@mail", None), ("smtp://u:geheim@:x", "a@b")):
        with pytest.raises(Invalid) as refused:
            read_mailbox(url, sender)
        assert "geheim" not in str(refused.value)


def test_values_are_put_into_the_readers_language_and_the_districts_time():
    said = {
        "msgid": "%(n)s notices",
        "values": {"n": {"zh-CN": "三", "en": "three"}},
    }
    assert worded(said, "en", SHANGHAI) == "three notices"
    assert worded(said, "zh-CN", SHANGHAI).startswith("三")
    said = {"msgid": "due %(due)s", "values": {"due": {"at": "2026-03-03T04:00:00+00:00"}}}
    assert worded(said, "en", SHANGHAI) == "due 03-03 12:00"
    assert worded({"text": "100 %"}, "en", SHANGHAI) == "100 %"
