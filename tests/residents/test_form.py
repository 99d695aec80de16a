"""The form behind a code, as a phone without a script sends it."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from gridmap.residents import rules
from gridmap.residents.codes import end_code, find_door
from gridmap.residents.rules import Limit
from gridmap.settings import load_settings
from tests.clients import HOST
from tests.pictures import photo
from tests.residents.doors import NAME, Phone, add_building, desk, new_code, patient, post, timedelta
from webapp import create_app


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return create_app(load_settings(data_dir=tmp_path_factory.mktemp("data")))


@pytest.fixture
def phone(app, db, town):
    add_building(db, town)
    return opened(app, db, new_code(db, town))


def opened(app, db, token):
    at_door = Phone(app.test_client(), token)
    at_door.open()
    return patient(db, at_door)


def reports(db):
    return db.execute(
        text(
            "SELECT r.id, r.source, r.category, r.text, r.moderation, r.path::text AS path, r.place_method,"
            " r.certainty, i.number, i.state, s.told FROM report r JOIN incident_source s ON s.report_id = r.id"
            " JOIN incident i ON i.id = s.incident_id ORDER BY r.received_at"
        )
    ).all()


def follow(phone, answer):
    assert answer.status_code == 303, answer.text
    return phone.client.get(answer.location, base_url=f"https://{HOST}", headers={"Accept": "text/html"}).text


def test_whoever_scans_a_code_reports_without_an_account_and_follows_by_a_link(db, town, phone):
    page = follow(phone, phone.send(photo(), chip="road", text="井盖没了", phone="138 0000 5678"))
    (one,) = reports(db)
    assert (one.source, one.category, one.text, one.moderation) == ("resident", "0101", "井盖没了", "waiting")
    assert (one.path, one.place_method, one.state, one.told) == (town.path_of("A"), "site", "reported", {})
    assert one.number in page
    assert NAME in page
    assert "138****5678" in page
    assert "13800005678" not in page
    assert db.scalar(text("SELECT count(*) FROM report_media WHERE enclosed")) == 1
    assert phone.client.get_cookie("__Host-gridmap", domain=HOST) is None


def test_a_code_of_another_meaning_makes_no_wrong_class(db, phone):
    follow(phone, phone.send(chip="litter", text="垃圾"))
    assert [one.category for one in reports(db)] == [None], "0301 is litter in the example set and a fire lane here"


def test_the_same_form_is_one_report_and_a_changed_one_keeps_the_first(db, phone):
    first = phone.send(photo(), chip="road", text="井盖没了")
    again = phone.send(photo(), chip="road", text="井盖没了")
    assert first.location == again.location
    assert len(reports(db)) == 1
    changed = phone.send(photo(), chip="road", text="井盖没了,还有路灯")
    assert changed.status_code == 409
    assert "以先提交的为准" in changed.text
    assert first.location not in changed.text, "at a kiosk, the one before was somebody else"
    assert "还有路灯" in changed.text
    assert first.location in phone.send(chip="road", text="井盖没了").text, "the same words without the photo"
    assert len(reports(db)) == 1
    anew = re.search(r'name="id" value="([^"]+)"', changed.text)
    assert anew is not None
    assert anew[1] != phone.fields["id"], "what was changed goes as a new report"


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"chip": "", "text": "门口"}, "选一下"),
        ({"chip": "road", "text": " "}, "写几个字"),
        ({"chip": "road", "text": "门口", "phone": "call me"}, "电话号码"),
        ({"chip": "road", "text": "门口", "elsewhere": "1"}, "在哪里"),
        ({"chip": "road", "text": "门口", "website": "http://spam"}, "留空"),
        ({"chip": "road", "text": "门\u0001口"}, "看不懂的字符"),
    ],
)
def test_a_mistake_costs_nothing_that_was_typed(db, phone, told, sentence):
    answer = phone.send(**told)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert reports(db) == []
    assert told["text"].strip("\u0001 ") == "" or told["text"][:1] in answer.text
    assert f'value="{phone.fields["id"]}"' in answer.text


def test_a_photo_that_cannot_be_opened_does_not_hold_up_the_words(db, phone):
    page = follow(phone, phone.send(b"<svg onload=alert(1)>", photo(), chip="road", text="井盖没了"))
    assert "1 张照片" in page
    assert db.scalar(text("SELECT count(*) FROM report_media")) == 1
    assert len(reports(db)) == 1


def test_a_place_that_is_not_the_door_is_told_with_its_doubt(db, town, phone):
    follow(phone, phone.send(chip="road", text="井盖没了", elsewhere="1", where="小区北门外"))
    (one,) = reports(db)
    assert one.text == "井盖没了\n小区北门外"
    assert one.certainty != "sure"


def test_only_a_form_of_ours_that_a_person_had_time_to_fill_in_is_taken(db, phone):
    good = dict(phone.fields)
    phone.open()
    assert "太快" in phone.send(chip="road", text="井盖").text, "in a blink"
    stolen = str(uuid.uuid4())
    phone.fields = good | {"id": stolen}
    refused = phone.send(chip="road", text="井盖")
    assert refused.status_code == 422, "a ticket is of one form"
    assert stolen not in refused.text, "whoever knows the id of a report gets no ticket for it"
    phone.fields = good
    assert phone.send(chip="road", text="井盖", origin="https://evil.example").status_code == 403
    assert phone.send(chip="road", text="井盖", origin=None).status_code == 403
    assert phone.send(chip="road", text="井盖", severity="1").status_code == 400
    assert reports(db) == []
    assert phone.send(chip="road", text="井盖").status_code == 303


def test_a_flood_is_stopped_by_door_and_address_and_a_kiosk_goes_on(app, db, town, phone, monkeypatch):
    ten = timedelta(minutes=10)
    assert rules.SENDING["door"][0] == Limit(30, ten), "a kiosk takes somebody every 20 seconds"
    monkeypatch.setitem(rules.SENDING, "door", (Limit(2, ten),))
    monkeypatch.setitem(rules.SENDING, "address", (Limit(3, ten),))
    answers = [opened(app, db, phone.token).send(chip="road", text=f"井盖 {n}") for n in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert int(answers[-1].headers["Retry-After"]) > 500
    assert "井盖 2" in answers[-1].text
    add_building(db, town, "B", "清河小区4号楼", (1.5, 2.5))
    other = new_code(db, town)
    assert opened(app, db, other).send(chip="road", text="另一栋楼").status_code == 303, "another door"
    assert opened(app, db, other).send(chip="road", text="同一地址").status_code == 429, "the same address"
    keys = db.scalars(text("SELECT DISTINCT key FROM resident_try")).all()
    assert keys
    assert not any(HOST in key for key in keys), "addresses are counted and not kept"


def test_what_was_acked_is_answered_again_however_full_it_is(app, db, phone, monkeypatch):
    monkeypatch.setitem(rules.SENDING, "door", (Limit(1, timedelta(minutes=10)),))
    first = phone.send(chip="road", text="井盖没了")
    assert phone.send(chip="road", text="井盖没了").location == first.location


def test_a_code_that_was_replaced_or_never_made_says_so(app, db, town, phone):
    newer = new_code(db, town, replace=True)
    for token, sentence in ((phone.token, "已更换"), ("nobody-made-this-token", "不是本平台的码")):
        answer = phone.client.get(f"/r/{token}", base_url=f"https://{HOST}", headers={"Accept": "text/html"})
        assert answer.status_code == 404
        assert sentence in answer.text
    end_code(db, desk(db, town), find_door(db, newer).qr_id, datetime.now(UTC))
    assert phone.client.get(f"/r/{newer}", base_url=f"https://{HOST}").status_code == 404
    stored = db.execute(text("SELECT token_hash::text, * FROM qr")).all()
    assert stored
    assert newer not in repr(stored), "a token is printed and not kept"


def test_no_token_leaves_by_a_log_or_a_referer(app, phone, capsys):
    answer = phone.send(chip="road", text="井盖没了")
    page = phone.client.get(answer.location, base_url=f"https://{HOST}")
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert page.headers["Cache-Control"] == "no-store"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    logged = "".join(capsys.readouterr())
    assert "/r/<token>" in logged
    assert phone.token not in logged
    assert answer.location.rsplit("/", 1)[-1] not in logged


def test_a_report_is_found_by_number_and_telephone_and_guesses_run_out(app, db, phone):
    link = phone.send(chip="road", text="井盖没了", phone="13800005678").location
    (one,) = reports(db)
    asked = {"number": one.number, "tail": "5678"}
    assert post(phone.client, "/r/follow", asked).location == link
    wrong = [post(phone.client, "/r/follow", asked | {"tail": f"{n:04}"}).status_code for n in range(6)]
    assert wrong == [422, 422, 422, 422, 429, 429], "five tries for one number, whoever tries"
    assert (
        phone.client.get(link[:-1] + ("A" if link[-1] != "A" else "E"), base_url=f"https://{HOST}").status_code == 404
    )
