"""`gridmap catalogue`, on a database of its own."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.database import make_engine
from tests.catalogue.departments import NORTH, add_departments
from tests.worlds import build_town


@pytest.fixture
def own_town(monkeypatch, fresh_database):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", fresh_database.app)
    engine = make_engine(fresh_database.owner, idle_timeout_s=None)
    with Session(engine) as db, db.begin():
        add_departments(db, build_town(db), "urban")
        db.execute(text("DELETE FROM category"))
    yield engine
    engine.dispose()


def test_rules_come_in_are_checked_and_go_out(gridmap, own_town, tmp_path):
    code, out, _ = gridmap("catalogue", "import", "--reference")
    assert (code, out.splitlines()[0]) == (0, "categories: 313 new, 0 changed, 0 as they are, 0 ended.")
    duties = tmp_path / "duties.csv"
    duties.write_text(f"category,area,list,owner\n0301,{NORTH},basic,urban\n0101,{NORTH},basic,ghosts\n")
    code, out, _ = gridmap("catalogue", "import", "duties", duties)
    assert (code, out.splitlines()[0].split("\t")[0]) == (1, "2")
    assert out.splitlines()[-1] == "1 defects; nothing was written."
    duties.write_text(f"category,area,list,owner\n0301,{NORTH},basic,urban\n")
    code, out, _ = gridmap("catalogue", "import", "duties", duties, "--dry-run", "--json")
    assert (code, json.loads(out)["written"], json.loads(out)["counts"]["added"]) == (0, False, 1)
    assert gridmap("catalogue", "import", "duties", duties)[0] == 0
    code, out, _ = gridmap("catalogue", "check")
    assert (code, out.splitlines()[0]) == (1, "duties: Nobody answers for the class 0101 in 990106001.")
    assert gridmap("catalogue", "export", "duties", "-o", tmp_path / "out.xlsx")[0] == 0
    code, out, _ = gridmap("catalogue", "import", "duties", tmp_path / "out.xlsx")
    assert (code, out) == (0, "0 new, 0 changed, 1 as they are, 0 ended.")
    tables = {table["name"]: table for table in json.loads(gridmap("catalogue", "list", "--json")[1])}
    assert (tables["duties"]["in_force"], tables["checklist-items"]["rows"]) == (1, 18)
    assert gridmap("catalogue", "import", "duties")[0] == 2


def test_tables_of_rooms_down_the_street_are_there_too(gridmap, own_town, tmp_path):
    looks = tmp_path / "looks.csv"
    assert gridmap("catalogue", "export", "look-back-rules", "-o", looks)[0] == 0
    assert looks.read_text().splitlines() == ["category,days,since,until", ",7,,", ",30,,", ",90,,"]
    looks.write_text("category,days\n,7\n,14\n")
    code, out, _ = gridmap("catalogue", "import", "look-back-rules", looks, "--whole")
    assert (code, out.splitlines()[-2:]) == (
        0,
        ["1 new, 0 changed, 1 as they are, 2 ended.", "Nothing of what lies open would be treated otherwise."],
    )
    looks.write_text("category,days\n9999,7\n")
    code, out, _ = gridmap("catalogue", "import", "look-back-rules", looks)
    assert (code, out.splitlines()[0]) == (1, "1\tClass: there is none with the code 9999.")
    tables = {table["name"]: table for table in json.loads(gridmap("catalogue", "list", "--json")[1])}
    assert (tables["look-back-rules"]["in_force"], tables["look-back-rules"]["ended"]) == (2, 2)
    assert gridmap("catalogue", "check")[0] == 0


def test_the_example_is_written_as_the_same_files_each_time(gridmap, tmp_path):
    for folder in ("one", "two"):
        assert gridmap("catalogue", "reference", "-o", tmp_path / folder)[0] == 0
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()} for folder in ("one", "two"))
    assert one == two
    assert one["duties.csv"].count(b"\n") == 2854
