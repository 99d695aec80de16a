"""What residents choose from, as files hold it; the roof registers it with the catalogue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from gridmap.catalogue.ruletable import DAYS, EN, VALID, Explained, RuleTable, rows_of
from gridmap.errors import Invalid
from gridmap.intake.fields import Field, Sort
from gridmap.language import N_
from gridmap.residents.rules import ICONS

_CODE: Final = re.compile(r"[a-z0-9-]{1,40}")


def _settle(cells: dict[str, Any]) -> None:
    if not _CODE.fullmatch(cells["code"]):
        raise Invalid(N_("A code has up to 40 small letters, digits and hyphens."), where="/code")


def _say(row: Mapping[str, Any]) -> Explained:
    name = {"zh-CN": row["name"], "en": row["name_en"] or row["name"]}
    if not row["category"]:
        return ({"msgid": N_("Residents choose “%(name)s”; the desk finds the class."), "values": {"name": name}},)
    told = {"name": name, "category": row["category"]}
    return ({"msgid": N_("Residents choose “%(name)s”; it becomes class %(category)s."), "values": told},)


_ROWS: Final = rows_of("code text, n smallint, icon text, category text, name text, name_en text")
CHOICES: Final = RuleTable(
    "resident-choices", N_("What residents choose from"), "resident_choice",
    (
        Field("code", N_("Code"), Sort.CODE, N_("A short word of its own."), needed=True, example="light"),
        Field("n", N_("Place"), Sort.COUNT, N_("Its place in the list, from 1."), needed=True, most=999),
        Field("icon", N_("Picture"), Sort.CHOICE, N_("What stands beside the word."), choices=ICONS, default="dots"),
        Field("category", N_("Class"), Sort.CODE, N_("The class it becomes; blank: the desk finds the class.")),
        Field("name", N_("Name"), Sort.TEXT, N_("In the language of the installation."), needed=True),
        Field("name_en", N_("English name"), Sort.TEXT, N_("Shown to whoever reads English.")),
    ),
    ("code",),
    # A shipped row names a class of the example set: where that class is called otherwise, it has none.
    read="SELECT id::text AS id, code, n, icon, CASE WHEN called IS NULL OR EXISTS (SELECT FROM category c"
    " WHERE c.code = resident_choice.category AND c.name = resident_choice.called) THEN coalesce(category, '')"
    f" ELSE '' END AS category, name, coalesce(names ->> 'en', '') AS name_en, {DAYS} FROM resident_choice",
    put_in="INSERT INTO resident_choice (code, n, icon, category, name, names, valid)"
    f" SELECT code, n, icon, nullif(category, ''), name, {EN}, {VALID} FROM {_ROWS}",
    dated=True,
    refers={"category": "category"},
    settle=_settle,
    say=_say,
)  # fmt: skip
