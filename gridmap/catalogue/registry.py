"""
Every table of rules, one by one.

Rooms down the street have rules of their own, which they alone can word and weigh: they describe them, and the roof
(`gridmap.wiring`) registers them here.
"""

from __future__ import annotations

from typing import Final

from gridmap.catalogue.rules import NEED_STEPS, REASON_LISTS, DutyList, Photos
from gridmap.catalogue.ruletable import DAYS, EN, SEVERITIES, VALID, RuleTable, named_again, rows_of
from gridmap.catalogue.settling import settle_helpers
from gridmap.catalogue.timetables import CALENDAR_DAYS, CALENDAR_YEARS, CALENDARS, CLOCKS, WORK_HOURS
from gridmap.errors import NotFound
from gridmap.intake.fields import Field, Sort
from gridmap.language import N_

_YES_NO: Final = {"yes": N_("yes"), "no": N_("no")}
_CATEGORY: Final = Field("category", N_("Class"), Sort.CODE, N_("Code of the class of matter."), needed=True,
                         example="0301")  # fmt: skip
_NAME: Final = Field("name", N_("Name"), Sort.TEXT, N_("In the language of the installation."), needed=True)
_NAME_EN: Final = Field("name_en", N_("English name"), Sort.TEXT, N_("Shown to whoever reads English."))


_CATEGORY_ROWS: Final = rows_of(
    "code text, parent text, name text, name_en text, severity smallint, evidence text, offered text"
)
CATEGORIES: Final = RuleTable(
    "categories", N_("Classes of matter"), "category",
    (
        Field("code", N_("Code"), Sort.CODE, N_("Two digits for a major class, four for a minor one."), needed=True,
              example="0301"),
        Field("parent", N_("Above it"), Sort.CODE, N_("Code of the class above; blank for a major class.")),
        _NAME, _NAME_EN,
        Field("severity", N_("Severity"), Sort.CHOICE, N_("What a matter of this class weighs at first."), needed=True,
              choices=SEVERITIES),
        Field("evidence", N_("Evidence"), Sort.CHOICE, N_("Photos asked for when it is handled."),
              choices={each.value: each.label for each in Photos}, default="none"),
        Field("offered", N_("Offered"), Sort.CHOICE, N_("Whether whoever reports is offered this class."),
              choices=_YES_NO, default="yes"),
    ),
    ("code",),
    read="SELECT code AS id, code, coalesce(parent, '') AS parent, name, coalesce(names ->> 'en', '') AS name_en,"
    f" severity::text AS severity, evidence, CASE WHEN offered THEN 'yes' ELSE 'no' END AS offered, {DAYS}"
    " FROM category",
    put_in="INSERT INTO category (code, parent, name, names, severity, evidence, offered, valid)"
    f" SELECT code, nullif(parent, ''), name, {EN}, severity, evidence, offered = 'yes', {VALID}"
    f" FROM {_CATEGORY_ROWS}",
    rewrite=f"UPDATE category SET name = r.name, names = {named_again('category')}, severity = r.severity,"
    f" offered = r.offered = 'yes', valid = {VALID} FROM {_CATEGORY_ROWS} WHERE category.code = r.code",
    refers={"parent": "category"},
    fixed={
        "parent": N_("what was reported in it is counted there. End the class and add another."),
        "evidence": N_("what is asked from a day on stands in the table needs."),
    },
    by="parent",
)  # fmt: skip

_DUTY_ROWS: Final = rows_of("category text, area text, list text, owner text, assisting text")
_DUTY_AREA: Final = "JOIN area_version a ON a.code = r.area AND upper_inf(a.valid) AND upper_inf(a.recorded)"
DUTIES: Final = RuleTable(
    "duties", N_("Duties"), "duty",
    (
        _CATEGORY,
        Field("area", N_("Area"), Sort.CODE, N_("Code of the district, township or community."), needed=True,
              example="990106001"),
        Field("list", N_("List"), Sort.CHOICE, N_("Basic, assisting or withdrawn, as the township sees it."),
              needed=True, choices={each.value: each.label for each in DutyList}),
        Field("owner", N_("Owner"), Sort.CODE, N_("Code of the department that answers for it."), needed=True,
              example="urban"),
        Field("assisting", N_("Assisting"), Sort.TEXT, N_("Codes of departments that lend a hand, with commas.")),
    ),
    ("category", "area"),
    read="SELECT duty.id::text AS id, category, coalesce(a.code, '#' || duty.area_id) AS area, list, o.code AS owner,"
    " coalesce((SELECT string_agg(h.code, ', ' ORDER BY h.code COLLATE \"C\") FROM duty_assist s"
    " JOIN department h ON h.id = s.department_id WHERE s.duty_id = duty.id), '') AS assisting,"
    " coalesce(lower(duty.valid)::text, '') AS since, coalesce(upper(duty.valid)::text, '') AS until"
    " FROM duty JOIN department o ON o.id = owner_id LEFT JOIN area_version a ON a.area_id = duty.area_id"
    " AND upper_inf(a.valid) AND upper_inf(a.recorded)",
    put_in="INSERT INTO duty (category, area_id, list, owner_id, valid)"
    f" SELECT r.category, a.area_id, r.list, d.id, {VALID} FROM {_DUTY_ROWS} {_DUTY_AREA}"
    " JOIN department d ON d.code = r.owner ORDER BY r.category, r.area, r.since",
    put_in_after=f"INSERT INTO duty_assist (duty_id, department_id) SELECT duty.id, d.id FROM {_DUTY_ROWS} {_DUTY_AREA}"
    " JOIN duty ON duty.category = r.category AND duty.area_id = a.area_id"
    f" AND lower(duty.valid) = CAST(r.since AS date)"
    " JOIN department d ON d.code = ANY(string_to_array(r.assisting, ', '))",
    dated=True,
    refers={"category": "category", "area": "area", "owner": "department", "assisting": "departments"},
    settle=settle_helpers,
    by="list",
)  # fmt: skip

_NEED_ROWS: Final = rows_of("category text, step text, photos text")
NEEDS: Final = RuleTable(
    "needs", N_("Evidence asked for"), "evidence_need",
    (
        _CATEGORY,
        Field("step", N_("Step"), Sort.CHOICE, N_("The step that asks for it."), needed=True, choices=NEED_STEPS),
        Field("photos", N_("Photos"), Sort.CHOICE, N_("What has to be shown."), needed=True,
              choices={each.value: each.label for each in Photos}),
    ),
    ("category", "step"),
    read=f"SELECT id::text AS id, category, step, photos, {DAYS} FROM evidence_need",
    put_in="INSERT INTO evidence_need (category, step, photos, valid)"
    f" SELECT category, step, photos, {VALID} FROM {_NEED_ROWS}",
    dated=True,
    refers={"category": "category"},
    by="step",
)  # fmt: skip

_CHECKLIST_ROWS: Final = rows_of("code text, category text, name text, name_en text")
CHECKLISTS: Final = RuleTable(
    "checklists", N_("Checklists"), "checklist",
    (Field("code", N_("Code"), Sort.CODE, N_("A short word of its own."), needed=True, example="gas"), _CATEGORY,
     _NAME, _NAME_EN),
    ("code",),
    read="SELECT code AS id, code, category, name, coalesce(names ->> 'en', '') AS name_en,"
    f" {DAYS} FROM checklist",
    put_in="INSERT INTO checklist (code, category, name, names, valid)"
    f" SELECT code, category, name, {EN}, {VALID} FROM {_CHECKLIST_ROWS}",
    rewrite=f"UPDATE checklist SET name = r.name, names = {named_again('checklist')}, valid = {VALID}"
    f" FROM {_CHECKLIST_ROWS} WHERE checklist.code = r.code",
    refers={"category": "category"},
    fixed={"category": N_("answers were given in it. End the checklist and add another.")},
)  # fmt: skip

_ITEM_ROWS: Final = rows_of("checklist text, code text, n smallint, name text, name_en text, answer text, needed text")
ITEMS: Final = RuleTable(
    "checklist-items", N_("Questions of checklists"), "checklist_item",
    (
        Field("checklist", N_("Checklist"), Sort.CODE, N_("Code of the checklist."), needed=True, example="gas"),
        Field("code", N_("Code"), Sort.CODE, N_("A short word of its own."), needed=True, example="hose"),
        Field("n", N_("Place"), Sort.COUNT, N_("Its place in the list, from 1."), needed=True, most=999),
        Field("name", N_("Question"), Sort.TEXT, N_("In the language of the installation."), needed=True),
        Field("name_en", N_("English question"), Sort.TEXT, N_("Shown to whoever reads English.")),
        Field("answer", N_("Answer"), Sort.CHOICE, N_("How it is answered."), default="yes-no",
              choices={"yes-no": N_("Yes or no"), "number": N_("A number"), "text": N_("Words")}),
        Field("needed", N_("Needed"), Sort.CHOICE, N_("Whether it must be answered."), choices=_YES_NO, default="yes"),
    ),
    ("checklist", "code"),
    read="SELECT id::text AS id, checklist, code, n, name, coalesce(names ->> 'en', '') AS name_en, answer,"
    f" CASE WHEN needed THEN 'yes' ELSE 'no' END AS needed, {DAYS} FROM checklist_item",
    put_in="INSERT INTO checklist_item (checklist, code, n, name, names, answer, needed, valid)"
    f" SELECT checklist, code, n, name, {EN}, answer, needed = 'yes', {VALID} FROM {_ITEM_ROWS}",
    dated=True,
    refers={"checklist": "checklist"},
    by="checklist",
)  # fmt: skip

_REASON_ROWS: Final = rows_of("list text, code text, name text, name_en text")
REASONS: Final = RuleTable(
    "reasons", N_("Reasons"), "reason",
    (Field("list", N_("List"), Sort.CHOICE, N_("What is asked for a reason."), needed=True, choices=REASON_LISTS),
     Field("code", N_("Code"), Sort.CODE, N_("A short word of its own."), needed=True, example="not-ours"),
     _NAME, _NAME_EN),
    ("list", "code"),
    read="SELECT list || ':' || code AS id, list, code, name, coalesce(names ->> 'en', '') AS name_en,"
    f" {DAYS} FROM reason",
    put_in="INSERT INTO reason (list, code, name, names, valid)"
    f" SELECT list, code, name, {EN}, {VALID} FROM {_REASON_ROWS}",
    rewrite=f"UPDATE reason SET name = r.name, names = {named_again('reason')}, valid = {VALID}"
    f" FROM {_REASON_ROWS} WHERE reason.list = r.list AND reason.code = r.code",
    by="list",
)  # fmt: skip

_WORDING_ROWS: Final = rows_of("code text, use text, category text, name text, name_en text, body text, body_en text")
_BODY_EN: Final = "jsonb_strip_nulls(jsonb_build_object('en', nullif(r.body_en, '')))"
WORDINGS: Final = RuleTable(
    "wordings", N_("Words to begin with"), "text_template",
    (
        Field("code", N_("Code"), Sort.CODE, N_("A short word of its own."), needed=True, example="note-on-site"),
        Field("use", N_("Use"), Sort.CHOICE, N_("Where it is offered."), needed=True,
              choices={"note": N_("A note"), "feedback": N_("An answer to who reported")}),
        Field("category", N_("Class"), Sort.CODE, N_("For this class alone; blank for all.")),
        _NAME, _NAME_EN,
        Field("body", N_("Words"), Sort.TEXT, N_("In the language of the installation."), needed=True),
        Field("body_en", N_("English words"), Sort.TEXT, N_("Offered to whoever writes English.")),
    ),
    ("code",),
    read="SELECT code AS id, code, use, coalesce(category, '') AS category, name, coalesce(names ->> 'en', '') AS"
    f" name_en, body, coalesce(bodies ->> 'en', '') AS body_en, {DAYS} FROM text_template",
    put_in="INSERT INTO text_template (code, use, category, name, names, body, bodies, valid)"
    f" SELECT code, use, nullif(category, ''), name, {EN}, body, {_BODY_EN}, {VALID} FROM {_WORDING_ROWS}",
    rewrite="UPDATE text_template SET use = r.use, category = nullif(r.category, ''), name = r.name,"
    f" names = {named_again('text_template')}, body = r.body, bodies = (bodies - 'en') || {_BODY_EN},"
    f" valid = {VALID} FROM {_WORDING_ROWS} WHERE text_template.code = r.code",
    refers={"category": "category"},
    by="use",
)  # fmt: skip

_OURS: Final = (
    CATEGORIES, DUTIES, NEEDS, CHECKLISTS, ITEMS, REASONS, WORDINGS,
    CALENDARS, WORK_HOURS, CALENDAR_YEARS, CALENDAR_DAYS, CLOCKS,
)  # fmt: skip
TABLES: Final[dict[str, RuleTable]] = {each.name: each for each in _OURS}
"""By name, in the order in which they can be imported: what refers stands after what it refers to."""


def register(*tables: RuleTable) -> None:
    """Let tables of rooms down the street be looked at, imported and exported as ours; again changes nothing."""
    TABLES.update({each.name: each for each in tables})


def table_called(name: str) -> RuleTable:
    """
    Find a table of rules by its name.

    Raises
    ------
    NotFound
        If there is none.
    """
    if name not in TABLES:
        raise NotFound(
            N_("There is no table of rules %(name)s. There are: %(known)s."), name=name, known=", ".join(TABLES)
        )
    return TABLES[name]
