"""The catalogue: every table of rules to be looked at, imported, exported and changed row by row."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from flask import Response, request
from pydantic import Field, StringConstraints

from gridmap.catalogue.example import holds_example
from gridmap.catalogue.explaining import sentences
from gridmap.catalogue.naming import names_in, say_clocks
from gridmap.catalogue.pages import Wish, counts_of, local_today, page_of, path_at
from gridmap.catalogue.registry import TABLES, table_called
from gridmap.catalogue.revision import catalogue_revision
from gridmap.catalogue.rulebook import rulebook_now
from gridmap.catalogue.ruletable import RuleTable
from gridmap.catalogue.timetables import CLOCKS
from gridmap.catalogue.timing import timing_now
from gridmap.database import transaction
from gridmap.errors import Invalid, NotFound
from gridmap.language import N_, translate
from webapp.api import api
from webapp.api.catalogue_asked import told
from webapp.api.paging import next_link, page_after, page_limit
from webapp.api.parameters import PAGE, flag
from webapp.shared.pages import current_locale
from webapp.shared.policy import declares, now
from webapp.shared.requests import Input
from webapp.shared.taking import Parameter, takes

READ: Final = "catalogue.read"
WRITE: Final = "catalogue.write"
_DAY: Final = {"type": "string", "format": "date"}
_EFFECTIVE: Final = Parameter("effective", "The local day from which it holds; today unless given.", _DAY)
Cell = Annotated[str, StringConstraints(max_length=4000)] | int | float | bool | None

# What compares files brings libraries that take seconds to load: they come with the first change, not with the service.


class CountsSeen(Input):
    """What the preview said would be written."""

    added: int
    changed: int
    ended: int
    same: int


class ImportIn(Input):
    """A file that was previewed, to be written; the id is the sender's own, so that it can be sent again."""

    id: UUID
    upload: UUID
    effective: date | None = None
    whole: bool = False
    counts: CountsSeen


class RowIn(Input):
    """One rule, in the columns of the table; the id is the sender's own, so that it can be sent again."""

    id: UUID
    row: dict[str, Cell] = Field(max_length=40)
    effective: date | None = None


class EndIn(Input):
    """The first local day on which a rule holds no more."""

    day: date


@api.get("/catalogue")
@api.doc(tags=["catalogue"])
@declares(READ)
@takes()
def list_rule_tables() -> dict[str, Any]:
    """List the tables of rules: their columns, and how many rows are in force, coming and ended."""
    locale = current_locale()
    with transaction() as db:
        today = local_today(db, now())
        items = [{**_described(table, locale), **counts_of(db, table, today)} for table in TABLES.values()]
        return {"items": items, "today": today.isoformat(), "example": holds_example(db),
                "revision": catalogue_revision(db)}  # fmt: skip


@api.get("/catalogue/route")
@api.doc(tags=["catalogue"])
@declares(READ)
@takes(
    Parameter("category", "Code of a class of matter.", needed=True),
    Parameter("at", "Code of the grid or the area where it is.", needed=True),
    Parameter("day", "The local day whose rules are asked for; today unless given.", _DAY),
)
def show_route() -> dict[str, Any]:
    """Say who answers for a class of matter at a place on a day, and why."""
    code, at = request.args.get("category", ""), request.args.get("at", "")
    with transaction() as db:
        book, day = rulebook_now(db), _asked_day("day") or local_today(db, now())
        if book.category(code) is None:
            raise NotFound(N_("There is no class of matter %(code)s."), code=code)
        path = path_at(db, at)
    route = book.route(code, path, day)
    named = [book.offices[each] for each in (route.owner_department_id, *route.assisting) if each is not None]
    told = [{"id": each.id, "code": each.code, "name": each.name, "name_en": each.names.get("en") or each.name}
            for each in named]  # fmt: skip
    return {
        "duty": route.duty_id,
        "list": route.list,
        "owner": told[0] if told else None,
        "assisting": told[1:],
        "why": sentences(route.why, current_locale()),
    }


@api.get("/catalogue/<table>")
@api.doc(tags=["catalogue"])
@declares(READ)
@takes(
    Parameter("q", "Text that stands in any cell."),
    Parameter("as_of", "Only the rows that hold on this local day; rows of all days unless given.", _DAY),
    Parameter("list", "Only the rows of this list: a value that `lists` of `GET /catalogue` counts."),
    Parameter("category", "Only the rows of this class of matter."),
    *PAGE,
)
def list_rules(table: str) -> dict[str, Any]:
    """List the rows of a table of rules in the order of their key, with their days, and what their codes are called."""
    wanted, args = table_called(table), request.args
    cells = {name: args[key] for key, name in (("list", wanted.by), ("category", "category")) if name and key in args}
    wish = Wish(_asked_day("as_of"), args.get("q"), cells)
    after = page_after(*[str] * (len(wanted.key) + wanted.ends))
    with transaction() as db:
        rows, last = page_of(db, wanted, wish, limit=page_limit(), after=after)
        names = {kind: told(called) for kind, called in names_in(db, wanted, rows).items()}
        said = say_clocks(timing_now(db), (int(row["id"]) for row in rows)) if wanted is CLOCKS else {}
    for row in rows:
        told_of = said.get(int(row["id"]), ()) if wanted is CLOCKS else wanted.say and wanted.say(row)
        if told_of is not None:
            row["says"] = sentences(told_of, current_locale())
    return {"items": rows, "names": names, "next": next_link(last)}


@api.get("/catalogue/<table>/export")
@api.doc(tags=["catalogue"])
@declares(READ)
@takes(
    Parameter("format", "csv or xlsx.", {"enum": ["csv", "xlsx"]}, needed=True),
    Parameter("as_of", "Only the rows that hold on this local day; rows of all days unless given.", _DAY),
)
def export_rules(table: str) -> Response:
    """Give a table of rules as a file that can be changed and imported again."""
    from webapp.api import cataloguing

    return cataloguing.give(table_called(table), request.args.get("format", ""), _asked_day("as_of"))


@api.post("/catalogue/<table>/preview")
@api.doc(tags=["catalogue"])
@declares(WRITE)
@takes(
    Parameter("name", "What the file is called; it is only shown."),
    _EFFECTIVE,
    flag("whole", "The file is all there is: what it leaves out ends."),
    file=True,
)
def preview_rules(table: str) -> dict[str, Any]:
    """Keep a CSV or XLSX of rules for a day and say, row by row, what importing it would do. Nothing is written."""
    from webapp.api import cataloguing

    args = request.args
    return cataloguing.preview(table_called(table), args.get("name", ""), _asked_day("effective"), "whole" in args)


@api.post("/catalogue/<table>/import")
@api.doc(tags=["catalogue"])
@declares(WRITE)
@takes(body=ImportIn)
def import_rules(table: str, body: ImportIn) -> dict[str, Any]:
    """Import a previewed file. It is checked again, and refused if anything would come out otherwise."""
    from webapp.api import cataloguing

    return cataloguing.carry_out_upload(
        table_called(table), body.id, body.upload, body.effective, body.whole, body.counts.model_dump()
    )


@api.post("/catalogue/<table>/rows")
@api.doc(tags=["catalogue"])
@declares(WRITE)
@takes(flag("preview", "Only say what would come of it; nothing is written."), body=RowIn)
def write_rule(table: str, body: RowIn) -> tuple[dict[str, Any], int]:
    """Write one rule, or only say what would come of it; a rule in force ends where the new one begins."""
    from webapp.api import cataloguing

    return cataloguing.write_row(table_called(table), body.id, body.row, body.effective, "preview" in request.args)


@api.post("/catalogue/<table>/rows/<row_id>/end")
@api.doc(tags=["catalogue"])
@declares(WRITE)
@takes(body=EndIn)
def end_rule(table: str, row_id: str, body: EndIn) -> dict[str, Any]:
    """Let a rule hold no more from a day on; one that has not begun by then is taken back."""
    from webapp.api import cataloguing

    return cataloguing.end(table_called(table), row_id, body.day)


def _asked_day(name: str) -> date | None:
    said = request.args.get(name)
    if said is None:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise Invalid(N_("A date is expected here, such as 2026-03-03."), where=f"/{name}") from None


def _described(table: RuleTable, locale: str) -> dict[str, Any]:
    return {
        "name": table.name,
        "title": translate(table.title, locale),
        "key": list(table.key),
        "dated": table.dated,
        "ends": table.ends,
        "by": table.by,
        "fields": [
            {
                "name": field.name,
                "title": translate(field.title, locale),
                "meaning": translate(field.meaning, locale) if field.meaning else "",
                "sort": field.sort,
                "needed": field.needed,
                "fixed": field.name in table.fixed,
                "refers": table.refers.get(field.name),
                "choices": [{"value": value, "title": translate(title, locale)}
                            for value, title in field.choices.items()],
            }
            for field in table.columns
        ],
    }  # fmt: skip
