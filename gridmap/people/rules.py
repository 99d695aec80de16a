"""Who may do what, where: the one function that reads the matrix of rights."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gridmap.errors import NotAllowed
from gridmap.language import N_
from gridmap.people.rights import DATA_ROLES, PERSON_ROLES, POLICY, WALL, Access, Reach, Role

if TYPE_CHECKING:
    from gridmap.system.audit import Doer

__all__ = [
    "DATA_ROLES",
    "PERSON_ROLES",
    "POLICY",
    "Access",
    "Actor",
    "Grant",
    "Reach",
    "Role",
    "Scope",
    "Thing",
    "can",
    "clash_of",
    "is_below",
    "needs_second_factor",
    "roles_on",
    "scope_of",
    "stranger",
    "system_actor",
]


@dataclass(frozen=True)
class Grant:
    """One assignment in force: a role over an area, a grid or a department."""

    role: Role
    path: str
    area_id: int | None = None
    grid_id: int | None = None
    department_id: int | None = None


@dataclass(frozen=True)
class Actor:
    """Who is asking, with all that the policy needs to know."""

    kind: Literal["person", "device", "public", "system"]
    id: int | None
    login: str
    name: str
    locale: str
    grants: tuple[Grant, ...]
    doer: Doer
    wall: bool = False  # a wall's session reads only, and sees no personal field
    name_en: str | None = None

    def called(self, locale: str) -> str:
        """The name in a reader's language, where somebody wrote it."""
        return (self.name_en if locale == "en" else None) or self.name

    @property
    def roles(self) -> frozenset[Role]:
        """The roles in force."""
        return frozenset(grant.role for grant in self.grants)


@dataclass(frozen=True)
class Scope:
    """
    The rows that one actor may touch with one action.

    Attributes
    ----------
    paths
        Area paths with the access they give; all below a path is meant.
    person_id
        Rows that this person reported or holds count too, wherever they lie.
    department_ids
        Rows that these departments hold count too.
    mine
        The access given by `person_id` and `department_ids`.
    """

    paths: tuple[tuple[str, Access], ...] = ()
    person_id: int | None = None
    department_ids: tuple[int, ...] = ()
    mine: Access | None = None

    def covers(self, path: str) -> Access | None:
        """Give the strongest access to a row with this area path; None if it lies outside."""
        found = [access for root, access in self.paths if is_below(path, root)]
        return max(found, default=None)

    @property
    def empty(self) -> bool:
        """Whether no row at all can be in it."""
        return not self.paths and self.person_id is None and not self.department_ids

    @property
    def key(self) -> str:
        """A short name, equal for equal scopes: part of every cache key."""
        said = repr((sorted(self.paths), self.person_id, sorted(self.department_ids), self.mine))
        return hashlib.sha256(said.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Thing:
    """What the policy needs to know of a row."""

    path: str
    reporter_id: int | None = None
    holder_person_id: int | None = None
    holder_department_id: int | None = None
    emergency: bool = False  # severity 1: a worker may report it anywhere in the township
    party_person_ids: tuple[int, ...] = ()
    party_department_ids: tuple[int, ...] = ()


def is_below(path: str, root: str) -> bool:
    """Whether an area path is `root` or lies under it; whole labels count, ``1.4`` is not under ``1.40``."""
    return root in ("", path) or path.startswith(root + ".")


def scope_of(actor: Actor, action: str) -> Scope:
    """
    Say which rows an actor may touch with an action.

    Raises
    ------
    NotAllowed
        If none of the actor's roles gives the action at all.
    """
    row = POLICY[action]
    if actor.kind == "system":
        return Scope(paths=(("", Access.FULL),), mine=Access.FULL)
    # Also of someone who lost every role.
    if actor.kind == "person" and (action == "session.own" or (action == "account.own" and not actor.wall)):
        return Scope(person_id=actor.id, mine=Access.FULL)
    held = [(grant, row[grant.role]) for grant in actor.grants if grant.role in row]
    if not held or (actor.wall and action not in WALL):
        raise NotAllowed(N_("Your roles do not include this. An administrator can grant them."))
    limit = Access.MASKED if actor.wall else Access.FULL
    paths: dict[str, Access] = {}
    for grant, cell in held:
        if cell.reach in (Reach.AREA, Reach.OWN):
            access = min(cell.access, limit)
            paths[grant.path] = max(access, paths.get(grant.path, access))
    departments = {
        grant.department_id for grant, cell in held if cell.reach is Reach.DEPT and grant.department_id is not None
    }
    return Scope(
        paths=tuple(sorted(paths.items())),
        person_id=actor.id if actor.kind == "person" else None,
        department_ids=tuple(sorted(departments)),
        mine=max(min(cell.access, limit) for _, cell in held),
    )


def can(actor: Actor, action: str, thing: Thing | None = None) -> Access | None:
    """
    Decide: may this actor do this, to this thing?

    Parameters
    ----------
    thing
        The row in question; None asks whether the action is open to the actor at all.

    Returns
    -------
    access
        How much of the thing may be seen; None is no.
    """
    try:
        scope = scope_of(actor, action)
    except NotAllowed:
        return None
    if thing is None:
        return max([access for _, access in scope.paths] + [a for a in (scope.mine,) if a], default=None)
    found = [scope.covers(thing.path)]
    if _is_mine(scope, thing) or (action == "report.create" and _is_emergency_nearby(actor, thing)):
        found.append(scope.mine)
    return max((access for access in found if access is not None), default=None)


def roles_on(actor: Actor, action: str, thing: Thing) -> frozenset[Role]:
    """
    Say by which of their roles somebody may do something to a thing.

    Who answers for one grid and reports in another has a role here and none there. What one holds, or takes part in,
    is open to every role that has the right at all; of what one merely reported one is a witness, as any worker is.
    """
    if can(actor, action, thing) is None:
        return frozenset()
    row = POLICY[action]
    people = (thing.holder_person_id, *thing.party_person_ids)
    departments = (thing.holder_department_id, *thing.party_department_ids)
    mine = actor.kind == "person" and actor.id in people
    told = actor.kind == "person" and actor.id == thing.reporter_id
    return frozenset(
        grant.role
        for grant in actor.grants
        if grant.role in row
        and (
            mine
            or (told and grant.role is Role.WORKER)
            or (row[grant.role].reach is not Reach.DEPT and is_below(thing.path, grant.path))
            or (grant.department_id is not None and grant.department_id in departments)
        )
    )


def _is_mine(scope: Scope, thing: Thing) -> bool:
    people = (thing.reporter_id, thing.holder_person_id, *thing.party_person_ids)
    if scope.person_id is not None and scope.person_id in people:
        return True
    return any(
        department in scope.department_ids for department in (thing.holder_department_id, *thing.party_department_ids)
    )


def _is_emergency_nearby(actor: Actor, thing: Thing) -> bool:
    """A worker's own grid lies two levels below its township; in an emergency all of that counts."""
    townships = [
        grant.path.rsplit(".", 2)[0]
        for grant in actor.grants
        if grant.role is Role.WORKER and grant.grid_id is not None
    ]
    return thing.emergency and any(is_below(thing.path, township) for township in townships)


def clash_of(roles: Iterable[Role]) -> tuple[Role, Role] | None:
    """
    Find two roles that no account may hold together.

    Who makes accounts sees no data and judges no log: an administrator is nothing else.
    """
    held = set(roles)
    others = held & (DATA_ROLES | {Role.AUDITOR})
    if Role.ADMIN in held and others:
        return Role.ADMIN, min(others)
    return None


def needs_second_factor(roles: Iterable[Role]) -> bool:
    """Every role but the worker's; for workers it is their choice."""
    return bool(set(roles) - {Role.WORKER})


def system_actor(doer: Doer) -> Actor:
    """A process of our own, such as an import run by whoever runs the machine: it sees all."""
    return Actor("system", None, "", "gridmap", "en", (), doer)


def stranger(doer: Doer) -> Actor:
    """Whoever comes without an account."""
    return Actor("public", None, "", "", "", (), doer)
