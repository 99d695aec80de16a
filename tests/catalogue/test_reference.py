"""The example catalogue: what it counts, and that it is the same every time."""

from __future__ import annotations

import hashlib
import json
from collections import Counter

import pytest

from geodata.sample.catalogue import make_categories
from geodata.sample.names import DISTRICT, TOWNSHIPS
from gridmap.catalogue import reference

ALL = [DISTRICT[0] + township.digits for township in TOWNSHIPS]


def test_ten_townships_have_the_duties_of_the_reference_district():
    rows = reference.duties(ALL)
    assert Counter(row["list"] for row in rows) == {"basic": 1075, "assisting": 882, "withdrawn": 896}
    assert len({(row["category"], row["area"]) for row in rows}) == 2853


@pytest.mark.parametrize(("seed", "digest"), [(1, "a16ffa2d1c007d33"), (2, "59a8d9496b422185")])
def test_the_same_seed_gives_the_same_bytes(seed, digest):
    told = json.dumps(reference.duties(ALL, seed), ensure_ascii=False).encode()
    assert hashlib.sha256(told).hexdigest()[:16] == digest


def test_every_class_has_one_above_it_and_a_name_in_both_languages():
    rows = reference.classes()
    codes = {row["code"]: row for row in rows}
    assert len(codes) == len(rows)
    for row in rows:
        assert row["parent"] == (row["code"][:2] if len(row["code"]) == 4 else "")
        assert row["name"]
        assert row["name_en"]
        assert row["name_en"].isascii()


def test_the_classes_of_the_made_up_district_are_among_them():
    codes = {row["code"]: row for row in reference.classes()}
    for row in make_categories().to_dict("records"):
        known = codes[row["code"]]
        assert (known["name"], known["name_en"], known["severity"], known["evidence"], known["offered"]) == (
            row["name"], row["name_en"], str(row["severity"]), row["evidence"], "yes")  # fmt: skip


def test_a_township_knows_every_class_that_is_offered():
    offered = {row["code"] for row in reference.classes() if row["offered"] == "yes" and row["parent"]}
    for township in ALL:
        assert offered <= {row["category"] for row in reference.duties([township])}


def test_the_checklists_ask_what_they_should():
    asked = Counter(row["checklist"] for row in reference.checklist_items())
    assert asked == {"gas": 4, "three-clears": 6, "fly-wire": 4, "stairs": 4}
    assert {row["code"] for row in reference.checklists()} == set(asked)
