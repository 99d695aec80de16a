"""What strangers may send that a form of ours does not: each is answered with a sentence, and no word is lost."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from gridmap.errors import Conflict
from gridmap.residents import rating
from gridmap.residents.codes import find_door
from gridmap.residents.following import story_of
from gridmap.residents.rating import RatingDraft, rate
from gridmap.residents.seals import follow_link, secret_of
from gridmap.settings import load_settings
from gridmap.wiring import wire
from tests.clients import HOST
from tests.residents.doors import Phone, add_building, new_code, patient, post
from tests.residents.test_story import NOBODY, end, tell
from webapp import create_app

WELL = {"chip": "road", "text": "井盖没了"}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return create_app(load_settings(data_dir=tmp_path_factory.mktemp("data")))


@pytest.fixture
def token(db, town):
    wire()
    add_building(db, town)
    return new_code(db, town)


def test_odd_words_and_places_arrive_and_too_much_is_refused_with_a_way_back(app, db, token):
    phone = Phone(app.test_client(), token)

    def send(*photos, **told):
        phone.open()
        return patient(db, phone).send(*photos, **(WELL | told))

    odd = "<script>alert(1)</script>{{7*7}} 🕳️👨‍👩‍👧 བོད་ཡིག مرحبا"
    arrived = send(text=odd)
    page = phone.client.get(arrived.location, base_url=f"https://{HOST}", headers={"Accept": "text/html"}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "{{7*7}} 🕳️👨‍👩‍👧 བོད་ཡིག مرحبا" in page
    # A phone that says it is here within nothing, or less, says nothing of its doubt.
    for accuracy in ("-5", "0"):
        assert send(elsewhere="1", lon="114.2", lat="35.72", accuracy=accuracy).status_code == 303
    assert db.scalar(text("SELECT count(*) FROM report WHERE cov_ee > 1")) == 3
    # So far off that it cannot be: kept, and the district's to place.
    assert send(elsewhere="1", lon="0", lat="0", accuracy="10").status_code == 303
    assert db.scalar(text("SELECT count(*) FROM report WHERE unplaced_reason IS NOT NULL AND path IS NOT NULL")) == 1
    # Nothing of it can be read, so nothing of it can be shown again.
    huge = send(b"\xff\xd8" + bytes(33 << 20))
    assert (huge.status_code, "返回上一页" in huge.text) == (413, True)
    assert db.scalar(text("SELECT count(*) FROM report")) == 4


def test_signs_that_nobody_can_type_find_nothing_and_break_nothing(app, db, token):
    client = app.test_client()
    asked = [post(client, "/r/follow", {"number": number, "tail": "1234"}) for number in ("a\0b", "\0", "x" * 5000)]
    assert [(answer.status_code, "没有编号和手机尾号都对得上的上报" in answer.text) for answer in asked] == [
        (422, True)
    ] * 3


def test_a_rating_is_taken_once_in_as_many_words_as_the_field_takes(app, db, token, monkeypatch):
    at = datetime.now(UTC)
    report = tell(db, find_door(db, token), at)
    end(db, report, at)
    before = story_of(db, report, at)
    key = rating_page(db, report)
    lines = "一\r\n" * 100
    said = {"id": str(uuid.uuid4()), "satisfied": "no", "words": "看\x07不清"}
    refused = post(app.test_client(), key, said)
    assert (refused.status_code, "看不懂的字符" in refused.text) == (422, True)
    # The browser counts a line end as one sign and sends two.
    assert post(app.test_client(), key, said | {"words": lines}).status_code == 303
    assert post(app.test_client(), key, said | {"words": lines}).status_code == 303, "sent again"
    assert post(app.test_client(), key, said | {"id": str(uuid.uuid4()), "words": lines}).status_code == 409
    # Of two that were under way at once the later one finds what it has read overtaken.
    monkeypatch.setattr(rating, "story_of", lambda *_: before)
    with pytest.raises(Conflict, match="rated this already"):
        rate(db, NOBODY, report, RatingDraft(uuid.uuid4(), True, "", False), at)
    assert db.scalar(text("SELECT count(*) FROM resident_rating")) == 1


def rating_page(db, report):
    """Where a report is rated."""
    return f"/r/follow/{follow_link(secret_of(db), report)}/rating"
