"""Departments and rules for tests of the catalogue, in the drawn town."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.catalogue.changes import Terms
from gridmap.catalogue.importing import Prepared, carry_out, frame_of, prepare
from gridmap.catalogue.registry import TABLES
from gridmap.people.rules import Actor, system_actor
from gridmap.system.audit import Doer
from tests.worlds import Town

TODAY = date(2026, 11, 22)
MACHINE: Actor = system_actor(Doer(None, "system"))
NORTH, SOUTH = "990106001", "990106002"


def add_departments(db: Session, town: Town, *codes: str) -> dict[str, int]:
    """Departments over the whole district, by code."""
    return {
        code: db.scalar(
            text("INSERT INTO department (code, area_id, name) VALUES (:code, :area, :name) RETURNING id"),
            {"code": code, "area": town.district_id, "name": f"{code}局"},
        )
        for code in codes
    }


def prepared(db: Session, table: str, rows: Sequence[Mapping[str, Any]], **terms: Any) -> Prepared:
    """An import of rows, checked as of `TODAY`."""
    return prepare(db, TABLES[table], frame_of(rows), Terms(TODAY, terms.pop("effective", TODAY), **terms))


def put_in(db: Session, table: str, rows: Sequence[Mapping[str, Any]], **terms: Any) -> Prepared:
    """An import of rows, written."""
    done = prepared(db, table, rows, **terms)
    carry_out(db, MACHINE, done)
    return done


def said(done: Prepared) -> list[tuple[int | None, str]]:
    """What is wrong with which row."""
    return [(defect.row, defect.sentence("en")) for defect in done.defects.listed]


def duty(category: str, area: str, owner: str, listed: str = "basic", **more: str) -> dict[str, str]:
    """A row of the duty catalogue."""
    return {"category": category, "area": area, "list": listed, "owner": owner, **more}
