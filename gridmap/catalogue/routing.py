"""Who answers for a matter at a place: the nearest row of the duty catalogue, with the reason why it is that one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from gridmap.catalogue.rules import ClassOfMatter, DutyList, DutyRow, Names, Office, Route, in_languages
from gridmap.language import N_

Duties = Mapping[tuple[str, int], Sequence[DutyRow]]
"""The rows by class and area, each with those of other days."""

_BY_LIST: Final[Mapping[DutyList, str]] = {
    DutyList.BASIC: N_("“%(category)s” is a basic duty in %(area)s: %(owner)s answers for it (row %(row)s)."),
    DutyList.ASSISTING: N_(
        "“%(category)s” is an assisting duty in %(area)s: %(owner)s answers for it, the township lends a hand"
        " (row %(row)s)."
    ),
    DutyList.WITHDRAWN: N_(
        "“%(category)s” was withdrawn from %(area)s: %(owner)s answers for it, and it cannot be sent to a township"
        " (row %(row)s)."
    ),
}


def find_route(
    duties: Duties,
    classes: Sequence[ClassOfMatter],
    area_path: str,
    day: date,
    *,
    offices: Mapping[int, Office],
    areas: Mapping[int, tuple[str, Names]],
) -> Route:
    """
    Choose the row for a matter: the nearest class wins, then the nearest area.

    Parameters
    ----------
    duties
        All rows.
    classes
        The class of the matter and those above it, the major one first; none for what has no class yet.
    area_path
        Ids of the areas that hold the place, the district first, joined by points; the label of a grid at its end
        does no harm.
    day
        The local day whose rows are asked for.
    offices, areas
        Names of departments and areas, for the explanation.

    Returns
    -------
    route
        Without owner if no row speaks of it; `Route.why` says that, too.
    """
    if not classes:
        return Route(why=(_because(N_("It has no class yet, so the duty catalogue says nothing.")),))
    ids = [int(label) for label in area_path.split(".") if label.isdigit()]
    asked = classes[-1]
    for each in reversed(classes):
        for area_id in reversed(ids):
            row = next((row for row in duties.get((each.code, area_id), ()) if day in row.valid), None)
            if row is not None:
                return Route(row.id, row.list, row.owner_id, row.assisting, area_id,
                             _reasons(row, asked, each, offices, areas))  # fmt: skip
    return Route(
        why=(
            _because(
                N_("No row of the duty catalogue speaks of “%(category)s” here on %(day)s; a desk decides."),
                category=in_languages(asked.name, asked.names),
                day=day.isoformat(),
            ),
        )
    )


def _reasons(
    row: DutyRow,
    asked: ClassOfMatter,
    found: ClassOfMatter,
    offices: Mapping[int, Office],
    areas: Mapping[int, tuple[str, Names]],
) -> tuple[dict[str, Any], ...]:
    why = []
    if found.code != asked.code:
        why.append(
            _because(
                N_("No row speaks of “%(category)s” itself; “%(above)s” above it counts."),
                category=in_languages(asked.name, asked.names),
                above=in_languages(found.name, found.names),
            )
        )
    why.append(
        _because(
            _BY_LIST[row.list],
            category=in_languages(found.name, found.names),
            area=in_languages(*areas.get(row.area_id, (str(row.area_id), {}))),
            owner=_called(offices, row.owner_id),
            row=row.id,
        )
    )
    if row.assisting:
        called = [_called(offices, department_id) for department_id in row.assisting]
        joined = {tag: mark.join(name[tag] for name in called) for tag, mark in (("zh-CN", "、"), ("en", ", "))}
        why.append(_because(N_("These lend a hand: %(offices)s."), offices=joined))
    return tuple(why)


def _called(offices: Mapping[int, Office], department_id: int) -> dict[str, str]:
    office = offices[department_id]
    return in_languages(office.name, office.names)


def _because(msgid: str, **values: Any) -> dict[str, Any]:
    return {"msgid": msgid, "values": values}
