"""Grid packs as pages: HTML that is printed, with every picture inside."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from gridmap.insight.pack import Pack
from gridmap.insight.pack_labels import mark_piece
from gridmap.insight.pack_map import draw_map
from gridmap.insight.pack_paper import printable, shortened
from gridmap.insight.pack_tables import PackTable, tables_of
from gridmap.insight.palette import style_variables
from gridmap.insight.sheet import asset, page_piece
from gridmap.insight.words import KINDS, figure, moment, name_of
from gridmap.language import N_, translate

_LONG_NAME: Final = 34
_FOOT_ROOM_MM: Final = 100
_CONTENT_NAME_MM: Final = 55
_M2: Final = 10_000


@dataclass(frozen=True)
class ContentsLine:
    """A grid in the table of contents, with the page that it begins on."""

    code: str
    name: str
    area: str
    page: int


def pack_page(packs: Sequence[Pack], locale: str, *, title: str | None = None, first_page: int = 1) -> str:
    """
    Write some packs as one page of HTML, to be printed.

    Parameters
    ----------
    packs
        At least one.
    title
        Of the document; the first grid's if left out.
    first_page
        The number that its first page bears.
    """
    shown = [_shown(pack, locale) for pack in packs]
    return page_piece(
        "pack.html",
        locale=locale,
        title=title or pack_title(packs[0], locale),
        variables=style_variables(),
        style=asset("pages", "pack.css"),
        foot=_foot(packs[0], locale),
        first_page=first_page,
        packs=shown,
    )


def contents_page(pack: Pack, lines: Sequence[ContentsLine], locale: str, title: str) -> str:
    """
    Write the table of contents of a book of packs.

    Parameters
    ----------
    pack
        Any of them, for the day and the edition.
    title
        Of the book.
    """
    words = (N_("Code"), N_("Grid"), N_("Area"), N_("Page of the book"))
    return page_piece(
        "contents.html",
        locale=locale,
        title=title,
        told=" · ".join((told_of(pack, locale), translate(N_("%(n)s grids"), locale, n=figure(len(lines))))),
        variables=style_variables(),
        style=asset("pages", "pack.css"),
        foot=_foot(pack, locale),
        head=[translate(word, locale) for word in words],
        lines=lines,
    )


def contents_line(pack: Pack, locale: str, page: int) -> ContentsLine:
    """What the table of contents says of a pack."""
    name = shortened(_name(pack, locale), 3.2, _CONTENT_NAME_MM)
    return ContentsLine(spaced(pack.row.code), name, shortened(_area(pack, locale), 3.2, _CONTENT_NAME_MM), page)


def pack_title(pack: Pack, locale: str) -> str:
    """The title of a single pack."""
    return translate(N_("Grid pack: %(name)s"), locale, name=_name(pack, locale))


def told_of(pack: Pack, locale: str) -> str:
    """As of when a pack is, and of which edition."""
    return translate(
        N_("As of %(moment)s · edition %(edition)s"),
        locale,
        moment=moment(pack.told_at, pack.district.zone),
        edition=max((n for n, since in pack.district.editions if since <= pack.told_at), default=pack.row.edition_n),
    )


def spaced(code: str) -> str:
    """A code of 15 digits as it is read: district, township, community, sequence."""
    if len(code) != 15 or not code.isdigit():
        return code
    return f"{code[:6]} {code[6:9]} {code[9:12]} {code[12:]}"


def _name(pack: Pack, locale: str) -> str:
    return printable(name_of(pack.row.name, pack.row.names, locale)) or pack.row.code


def _area(pack: Pack, locale: str) -> str:
    above = [area for area in (pack.township, pack.community) if area is not None]
    return " · ".join(name_of(area.name, area.names, locale) for area in above)


def _foot(pack: Pack, locale: str) -> str:
    """At the foot of every page, as a string of a style sheet: so without the signs that would end it."""
    zone = pack.district.zone
    made = translate(
        N_("Made %(moment)s (%(zone)s)"), locale, moment=moment(pack.made_at, zone), zone=pack.district.time_zone
    )
    said = [name_of(pack.district.name, pack.district.names, locale), made, *([pack.credit] if pack.credit else [])]
    line = shortened(" · ".join(said), 2.1, _FOOT_ROOM_MM)
    return "".join(f"\\{ord(sign):06x}" if sign in '"\\<>&\n{}' else sign for sign in line)


def _shown(pack: Pack, locale: str) -> dict[str, Any]:
    name, area = _name(pack, locale), _area(pack, locale)
    district = name_of(pack.district.name, pack.district.names, locale)
    owner = name_of(pack.row.owner_name, pack.row.owner_names, locale) if pack.row.owner_name else None
    under = [f"{district} · {area}", translate(KINDS[pack.row.kind], locale)]
    under += [translate(N_("Owner: %(name)s"), locale, name=owner)] if owner else []
    return {
        "name": name,
        "long": len(name) > _LONG_NAME,
        "under": printable(" · ".join(under)),
        "code": spaced(pack.row.code),
        "told": told_of(pack, locale),
        "alt": translate(
            N_("Map of %(name)s at 1:%(scale)s: its border, streets, houses and sites, which the tables name."),
            locale,
            name=name,
            scale=figure(pack.scale),
        ),
        "map": _picture(draw_map(pack, locale)),
        "facts": _facts(pack, locale),
        "tables": [_table(table) for table in tables_of(pack, locale)],
    }


def _facts(pack: Pack, locale: str) -> list[dict[str, str]]:
    homes = sum(site.held and site.dwelling for site in pack.sites)
    marked = sum(site.mark > 0 for site in pack.sites)
    area = pack.row.area_m2
    ground = f"{area / _M2:.1f} ha" if area < 100 * _M2 else f"{area / (100 * _M2):.2f} km²"
    return [
        {"figure": said, "word": translate(word, locale)}
        for said, word in (
            (figure(pack.row.households), N_("households")),
            (figure(homes), N_("buildings")),
            (figure(marked), N_("sites to visit")),
            (figure(len(pack.people)), N_("people of the grid")),
            (ground, N_("area")),
        )
    ]


def _table(table: PackTable) -> dict[str, Any]:
    return {
        "name": table.name,
        "rule": table.rule,
        "empty": table.empty,
        "level": "h3" if table.part else "h2",
        "widths": table.widths,
        "head": [{"text": word, "number": n in table.numbers} for n, word in enumerate(table.head)],
        "rows": [
            [
                {
                    "lines": [printable(line) for line in (cell if isinstance(cell, list) else [cell])],
                    "head": n == 0 and not table.marks,
                    "picture": _mark(table.marks[at], str(cell)) if n == 0 and table.marks else None,
                    "number": n in table.numbers,
                }
                for n, cell in enumerate(row)
            ]
            for at, row in enumerate(table.rows)
        ],
    }


def _mark(kind: str, number: str) -> str:
    """A mark as a picture of its own, as it stands on the map."""
    piece = mark_piece(kind, number, 0, 0)
    return _picture(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-3 -3 6 6" width="6mm" height="6mm">{piece}</svg>'
    )


def _picture(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
