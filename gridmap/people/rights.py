"""The matrix of rights as data: which role may do what, how far, and how much it sees."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from gridmap.language import N_


class Role(StrEnum):
    """The parts that people, devices and strangers play."""

    WORKER = "worker"
    CHIEF = "chief"
    TOWNSHIP = "township"
    DEPARTMENT = "department"
    OPERATOR = "operator"
    PLANNER = "planner"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMIN = "admin"
    DEVICE = "device"
    PUBLIC = "public"

    @property
    def label(self) -> str:
        """What a person calls this role; a sentence to translate."""
        return _LABELS[self]


_LABELS = {
    Role.WORKER: N_("Grid worker"),
    Role.CHIEF: N_("Grid chief"),
    Role.TOWNSHIP: N_("Township desk"),
    Role.DEPARTMENT: N_("Department"),
    Role.OPERATOR: N_("District desk"),
    Role.PLANNER: N_("Planner"),
    Role.SUPERVISOR: N_("Supervisor"),
    Role.AUDITOR: N_("Auditor"),
    Role.ADMIN: N_("Administrator"),
    Role.DEVICE: N_("Device"),
    Role.PUBLIC: N_("Resident"),
}

PERSON_ROLES = frozenset(Role) - {Role.DEVICE, Role.PUBLIC}
DATA_ROLES = PERSON_ROLES - {Role.AUDITOR, Role.ADMIN}


class Access(StrEnum):
    """How much of a thing may be seen; ordered, the most first in strength."""

    FIGURES = "figures"  # number, category, state and grid only
    MASKED = "masked"  # personal fields masked
    FULL = "full"

    @property
    def strength(self) -> int:
        """0 for the least, 2 for all."""
        return ("figures", "masked", "full").index(self.value)

    # Without these, the names would be compared as text, and "full" is before "masked" there.
    def __lt__(self, other: str) -> bool:
        return self.strength < Access(other).strength

    def __le__(self, other: str) -> bool:
        return self.strength <= Access(other).strength

    def __gt__(self, other: str) -> bool:
        return self.strength > Access(other).strength

    def __ge__(self, other: str) -> bool:
        return self.strength >= Access(other).strength


class Reach(StrEnum):
    """Where a right holds."""

    OWN = "own"  # assigned grids, and what I reported or hold
    AREA = "area"  # all below the assigned area
    DEPT = "dept"  # what was sent to my department
    SELF = "self"  # me alone


class Cell(NamedTuple):
    """One field of the matrix: how far a right reaches, and how much it shows."""

    reach: Reach
    access: Access = Access.FULL


_OWN, _AREA, _DEPT, _SELF = (Cell(reach) for reach in (Reach.OWN, Reach.AREA, Reach.DEPT, Reach.SELF))
_AREA_M, _AREA_F = Cell(Reach.AREA, Access.MASKED), Cell(Reach.AREA, Access.FIGURES)
_DEPT_M = Cell(Reach.DEPT, Access.MASKED)

Row = dict[Role, Cell]


def _row(
    worker: Cell | None = None,
    chief: Cell | None = None,
    township: Cell | None = None,
    department: Cell | None = None,
    operator: Cell | None = None,
    supervisor: Cell | None = None,
    planner: Cell | None = None,
) -> Row:
    cells = {
        Role.WORKER: worker,
        Role.CHIEF: chief,
        Role.TOWNSHIP: township,
        Role.DEPARTMENT: department,
        Role.OPERATOR: operator,
        Role.SUPERVISOR: supervisor,
        Role.PLANNER: planner,
    }
    return {role: cell for role, cell in cells.items() if cell is not None}


#                    worker chief   township  department operator supervisor planner
_MAP = _row(_OWN, _AREA, _AREA_M, _DEPT_M, _AREA, _AREA_M, _AREA_F)
# The ground itself is no person's: a department sees the grids around what was sent to it.
_GROUND = _row(_OWN, _AREA, _AREA_M, _AREA_M, _AREA, _AREA_M, _AREA_F)
_REPORTS = _row(_OWN, _AREA, _AREA_M, _DEPT, _AREA, _AREA_M, _AREA_F)
_HANDLERS = _row(_OWN, _AREA, _AREA, _DEPT, _AREA)
_DESKS = _row(None, _AREA, _AREA, None, _AREA)
_ADMIN: Row = {Role.ADMIN: _AREA}

POLICY: dict[str, Row] = {
    # No account at all: sign-in, health, static files.
    "public": {},
    "session.own": {},  # everyone who has an account
    "account.own": {},  # the same, but for a wall: whoever stands before it is not its account
    # Seeing.
    "map.see": _MAP,
    "live.read": _MAP,
    "tile.read": _GROUND,  # opens the door; each layer narrows its rows by what they are
    "grid.read": _GROUND,
    "site.read": _GROUND,
    "locate": _GROUND,
    "incident.read": _REPORTS,
    "report.read": _REPORTS,
    "alert.read": _row(_OWN, _AREA, _AREA_M, _DEPT, _AREA, _AREA),
    "photo.see": _row(_OWN, _AREA, _AREA_M, _DEPT, _AREA, _AREA_M),
    "device.read": _GROUND | _ADMIN,
    "person.read": _GROUND | _ADMIN,
    "indicator.read": _row(_OWN, _AREA, _AREA, _DEPT, _AREA, _AREA, _AREA),
    "catalogue.read": _row(*[_AREA] * 7) | _ADMIN,
    # Doing.
    "report.create": _row(_OWN, _AREA, _AREA, None, _AREA),
    "photo.send": _HANDLERS,  # who handles shows what was done
    "incident.step": _HANDLERS,
    "incident.supervise": _row(supervisor=_AREA),
    "supervision.read": _row(None, _AREA, _AREA, _DEPT, _AREA, _AREA),
    "supervision.answer": _row(township=_AREA, department=_DEPT, operator=_AREA),
    "whistle.call": _DESKS,
    "whistle.answer": _row(department=_DEPT),
    "whistle.read": _row(_OWN, _AREA, _AREA_M, _DEPT, _AREA, _AREA_M),
    "contested.decide": _row(operator=_AREA),
    "roster.read": _row(township=_AREA, operator=_AREA, supervisor=_AREA),
    "roster.work": _row(township=_AREA, operator=_AREA),
    "alert.send": _row(chief=_AREA, operator=_AREA) | {Role.DEVICE: _OWN},
    "alert.judge": _row(chief=_AREA, operator=_AREA),
    "hotline.work": _DESKS,
    "report.moderate": _DESKS,
    "qr.manage": _row(township=_AREA, operator=_AREA) | _ADMIN,
    "hotline.read": _DESKS | _row(supervisor=_AREA),
    "hazard.read": _HANDLERS | _row(supervisor=_AREA),
    "hazard.work": _HANDLERS,
    "hazard.judge": _row(None, _AREA, _AREA, _DEPT, _AREA),
    "safe-zone.draw": _DESKS,
    "round.work": _HANDLERS,
    "round.read": _HANDLERS | _row(supervisor=_AREA),
    # People's positions, and what is masked.
    "position.live": _row(_SELF, _AREA, None, None, _AREA),
    "position.track": _row(_SELF, _AREA, None, None, _AREA),
    "field.reveal": _row(None, _AREA, _AREA, _DEPT, _AREA, _AREA),
    "table.export": _row(None, _AREA_M, _AREA_M, _DEPT_M, _AREA_M, _AREA_M),
    "geometry.export": _row(planner=_AREA),
    "track.export": _row(chief=_AREA, operator=_AREA),
    # Boundaries.
    "boundary.draft": _row(planner=_AREA),
    "boundary.publish": _row(planner=_AREA),
    # The house itself.
    "catalogue.write": _ADMIN,
    "account.manage": _ADMIN,
    "setting.manage": _ADMIN,
    "audit.read": {Role.AUDITOR: _AREA},
    "audit.verify": {Role.AUDITOR: _AREA},
}

# What a session on a wall may still do: look.
WALL = frozenset(
    (
        "map.see",
        "live.read",
        "tile.read",
        "grid.read",
        "site.read",
        "incident.read",
        "catalogue.read",
    )
)
