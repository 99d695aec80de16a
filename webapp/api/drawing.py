"""What the doors for documents do: read as far as the reader may see, drawn, sent, and in the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flask import Response
from sqlalchemy.orm import Session

from gridmap.database import transaction
from gridmap.errors import Invalid
from gridmap.grids.queries import current_district
from gridmap.insight.brief import draw_brief
from gridmap.insight.brief_print import print_brief
from gridmap.insight.figures import read_brief
from gridmap.insight.maps import draw_map
from gridmap.insight.pack import PackWish, pack_sight, read_packs, wanted_grids
from gridmap.insight.pack_book import print_pack
from gridmap.insight.queries import asked_instant, sight_of
from gridmap.insight.rules import Week, parse_week, week_of
from gridmap.insight.situation import COLOURINGS, Wish, read_situation
from gridmap.insight.workbook import write_workbook
from gridmap.language import N_
from gridmap.people.looks import NUMBER_SEEN, record_looks
from gridmap.system import audit
from webapp.api.exporting import count_export, download, reader, work_folder
from webapp.shared.pages import current_locale
from webapp.shared.patience import wait_longer
from webapp.shared.policy import now

_SHUT_IN: Final = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""Should a browser show a document in place of keeping it, nothing in it runs under our name."""

BRIEF_FORMATS: Final = ("html", "xlsx", "pdf")


def give_map(as_of: str | None, area: str | None, by: str, layers: Sequence[str]) -> Response:
    """
    Send a map of what the reader may see.

    Raises
    ------
    NotFound, Invalid
        As `gridmap.insight.situation.read_situation`, and for a day that is none.
    TooMany
        After ten files within an hour.
    """
    if by not in COLOURINGS:
        raise Invalid(N_("%(name)s is one of %(known)s."), where="by", name="by", known=", ".join(COLOURINGS))
    actor = reader()
    sight = sight_of(actor)
    count_export(actor)
    with transaction() as db:
        wait_longer(db)
        at = asked_instant(db, as_of, now())
        situation = read_situation(db, sight, Wish(tuple(layers), by, area, at), now())
        told = {"as_of": at and at.isoformat(), "area": area, "incidents": len(situation.incidents)}
        _record(db, "map", told)
    day = situation.told_at.astimezone(situation.district.zone).date().isoformat()
    return _page(draw_map(situation, current_locale()), f"map-{day}.html")


def give_brief(week: str, area: str | None, suffix: str) -> Response:
    """
    Send the figures of a week, as far as the reader may count.

    Raises
    ------
    NotFound, Invalid, TooMany
        As `give_map`, and for a week that is none or has not begun.
    """
    if suffix not in BRIEF_FORMATS:
        raise Invalid(
            N_("%(name)s is one of %(known)s."), where="format", name="format", known=", ".join(BRIEF_FORMATS)
        )
    actor = reader()
    sight = sight_of(actor)
    count_export(actor)
    with transaction() as db:
        wait_longer(db)
        wanted = _week(db, week)
        brief = read_brief(db, sight, wanted, area, now())
        _record(db, "brief", {"week": wanted.name, "area": area, "format": suffix})
    name = f"brief-{wanted.name}.{suffix}"
    if suffix == "pdf":
        return _paper(print_brief(brief, current_locale()), name)
    if suffix == "html":
        return _page(draw_brief(brief, current_locale()), name)
    with work_folder() as folder:
        write_workbook(brief, folder / "brief.xlsx", current_locale())
        return download(folder / "brief.xlsx", name)


def give_pack(code: str, as_of: str | None) -> Response:
    """
    Send the pack of a grid, with the people and numbers that its card would show this reader.

    Raises
    ------
    NotFound, Invalid, TooMany
        As `give_map`.
    """
    actor = reader()
    sight = pack_sight(actor)
    count_export(actor)
    with transaction() as db:
        wait_longer(db)
        at = asked_instant(db, as_of, now())
        rows = wanted_grids(db, sight, PackWish(code=code, at=at))
        pack = next(read_packs(db, sight, rows, at, now()))[0]
        grid = pack.row.code
        record_looks(db, actor, NUMBER_SEEN, pack.seen, now(), object_id=f"grid:{grid}")
        _record(db, "pack", {"grid": grid, "as_of": at and at.isoformat(), "numbers": len(pack.seen)})
    return _paper(print_pack(pack, current_locale()), f"pack-{grid}.pdf")


def _week(db: Session, week: str) -> Week:
    zone = current_district(db).zone
    if week == "last":
        return week_of(now().astimezone(zone).date(), zone).before
    return parse_week(week, zone, now())


def _record(db: Session, kind: str, told: dict[str, Any]) -> None:
    audit.record(db, reader().doer, "file.export", object_id=f"document:{kind}", changed=told)


def _paper(pdf: bytes, name: str) -> Response:
    response = Response(pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = _SHUT_IN
    return response


def _page(html: str, name: str) -> Response:
    response = Response(html, content_type="text/html; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = _SHUT_IN
    return response
