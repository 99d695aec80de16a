"""Who plays in a simulated week, and where: the staff, departments, grids and classes that the district has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from random import Random
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.catalogue.rulebook import Rulebook, rulebook_now
from gridmap.errors import NotFound
from gridmap.grids.queries import current_district
from gridmap.language import N_
from gridmap.people.queries import load_actor
from gridmap.people.rules import Actor, Role, is_below


@dataclass(frozen=True)
class Spot:
    """A grid with a point inside of it, longitude and latitude in degrees, WGS 84."""

    path: str
    lon: float
    lat: float


class Cast:
    """
    The people of a district by role and place, as they are at an instant.

    Raises
    ------
    NotFound
        If the district has no grids, no desk, no departments or no classes to play with.
    """

    def __init__(self, db: Session, at: datetime) -> None:
        self._posts: list[Any] = list(
            db.execute(
                text(
                    "SELECT a.person_id, a.role, a.path::text AS path, a.department_id, d.code,"
                    " o.path::text AS office FROM assignment a"
                    " JOIN person p ON p.id = a.person_id AND p.ended_at IS NULL"
                    " LEFT JOIN department d ON d.id = a.department_id LEFT JOIN area o ON o.id = d.area_id"
                    " WHERE upper_inf(a.valid) ORDER BY a.id"
                )
            )
        )
        self.spots = [
            Spot(*row)
            for row in db.execute(
                text(
                    "SELECT path::text, ST_X(p), ST_Y(p) FROM (SELECT path, grid_id, ST_PointOnSurface(shape) AS p"
                    " FROM grid_version WHERE upper_inf(valid) AND upper_inf(recorded)) g ORDER BY grid_id"
                )
            )
        ]
        self.zone = current_district(db).zone
        self.book: Rulebook = rulebook_now(db)
        self._actors = {
            post.person_id: load_actor(db, post.person_id, at) for post in self._posts if post.role in _PLAYING
        }
        if not (self.spots and self.operators and self.departments and self.classes(at)):
            raise NotFound(
                N_("A simulated week needs grids, a desk, departments and classes. `gridmap up --demo` makes them.")
            )

    @cached_property
    def operators(self) -> list[Actor]:
        """The district desk."""
        return self._of(Role.OPERATOR)

    @cached_property
    def departments(self) -> list[tuple[int, str]]:
        """Id and code of every department that has somebody."""
        return sorted({(post.department_id, post.code) for post in self._posts if post.department_id is not None})

    def near(self, path: str) -> list[tuple[int, str]]:
        """The departments that answer where a grid is: those of its township and of the district."""
        there = {post.department_id for post in self._posts if post.office and is_below(path, post.office)}
        return [each for each in self.departments if each[0] in there]

    def clerk(self, department_id: int) -> Actor:
        """Somebody of a department."""
        return next(self._actors[post.person_id] for post in self._posts if post.department_id == department_id)

    def at_place(self, role: Role, path: str) -> Actor | None:
        """Whoever plays a part where a grid is; None if nobody does."""
        return next(
            (self._actors[post.person_id] for post in self._posts if post.role == role and is_below(path, post.path)),
            None,
        )

    def classes(self, at: datetime) -> list[str]:
        """Codes of the classes that are reported and closed without photos: a simulated week takes none."""
        day = at.astimezone(self.zone).date()
        major = {each.parent for each in self.book.classes.values()}
        offered = (each.code for each in self.book.classes.values() if each.offered and each.code not in major)
        return sorted(code for code in offered if self.book.needs_of(code, "handle", day) == "none")

    def owner(self, category: str, path: str, at: datetime, dice: Random) -> str:
        """Code of the department whose duty it is; any where the catalogue names none."""
        found = self.book.route(category, path, at.astimezone(self.zone).date()).owner_department_id
        return dict(self.departments).get(found or 0) or dice.choice(self.departments)[1]

    def _of(self, role: Role) -> list[Actor]:
        return [self._actors[post.person_id] for post in self._posts if post.role == role]


_PLAYING = frozenset({Role.OPERATOR, Role.TOWNSHIP, Role.CHIEF, Role.WORKER, Role.DEPARTMENT})
