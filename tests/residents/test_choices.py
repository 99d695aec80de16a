"""What residents choose from is a table of rules: dated, imported, and never the end of a form that lies open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from gridmap.catalogue.pages import local_today
from gridmap.catalogue.single import end_row
from gridmap.residents.choices import offered
from gridmap.residents.ruletables import CHOICES
from gridmap.settings import load_settings
from gridmap.wiring import wire
from tests.catalogue.departments import MACHINE, TODAY, prepared, put_in, said
from tests.residents.doors import Phone, add_building, new_code, patient
from webapp import create_app

LATER = TODAY + timedelta(days=30)
SHIPPED = ["light", "road", "noise", "litter", "fire", "other"]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    wire()
    return create_app(load_settings(data_dir=tmp_path_factory.mktemp("data")))


def names(db, day, since=None):
    return [chip.name for chip in offered(db, day, since)]


def test_choices_change_from_a_day_on_and_the_old_ones_stay_what_they_were(app, db, town):
    assert names(db, TODAY) == SHIPPED
    water = {"code": "water", "n": "1", "icon": "drop", "category": "0301", "name": "积水", "name_en": "Flooding"}
    road = {"code": "road", "n": "9", "icon": "manhole", "name": "道路", "category": "0101"}
    put_in(db, "resident-choices", [water, road], effective=LATER)
    (noise,) = db.execute(text("SELECT id::text FROM resident_choice WHERE code = 'noise'")).scalars()
    end_row(db, MACHINE, CHOICES, noise, LATER, TODAY)
    assert names(db, LATER - timedelta(days=1)) == SHIPPED
    later = offered(db, LATER)
    assert [chip.name for chip in later] == ["light", "water", "litter", "fire", "other", "road"]
    assert (later[1].icon, later[1].label, later[1].labels, later[1].category) == (
        "drop", "积水", {"en": "Flooding"}, "0301")  # fmt: skip
    # Whoever opened the form the day before may still choose what was offered then.
    assert "noise" in names(db, LATER, LATER - timedelta(days=1))
    wrong = prepared(db, "resident-choices", [water | {"code": "x", "category": "9999"}, water | {"icon": "skull"},
                                              water | {"code": "Hello!"}])  # fmt: skip
    assert sorted(row for row, _ in said(wrong)) == [1, 2, 3], said(wrong)
    db.execute(text("UPDATE resident_choice SET valid = '[2001-01-01,2001-01-02)' WHERE valid @> DATE '2026-11-22'"))
    assert names(db, TODAY) == ["other"], "where nothing is offered, there is still something else"


def test_a_form_takes_what_it_offered_and_its_class(app, db, town, monkeypatch):
    add_building(db, town)
    phone = Phone(app.test_client(), new_code(db, town))
    now = datetime.now(UTC)
    today = local_today(db, now)
    put_in(db, "resident-choices", [{"code": "water", "n": "1", "icon": "drop", "category": "0301", "name": "积水"}],
           effective=today, past=True)  # fmt: skip
    assert "<span>积水</span>" in phone.open()
    patient(db, phone)
    # While the form lies open the choice ends, and a day passes.
    db.execute(text("UPDATE resident_choice SET valid = daterange(lower(valid), :day) WHERE code = 'water'"),
               {"day": today + timedelta(days=1)})  # fmt: skip
    monkeypatch.setattr("webapp.resident.form.now", lambda: now + timedelta(days=1))
    assert phone.send(chip="water", text="地下室进水").status_code == 303
    assert db.execute(text("SELECT category FROM report")).scalars().all() == ["0301"]
    assert "<span>积水</span>" not in phone.open()
