"""Who acts in what is made up beside the incidents: the people of the district by role and place, looked up once."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.people.queries import load_actor
from gridmap.people.rules import Actor, Role, is_below


class Players:
    """
    The staff of a district as it is at an instant; in the order of their hiring, so that every load finds the same.

    Parameters
    ----------
    at
        When they are to be in office.
    """

    def __init__(self, db: Session, at: datetime) -> None:
        self._db, self._at = db, at
        self._posts: dict[str, list[Any]] = defaultdict(list)
        rows = db.execute(
            text(
                "SELECT a.person_id, a.role, a.path::text AS path, a.department_id FROM assignment a"
                " JOIN person p ON p.id = a.person_id AND p.ended_at IS NULL"
                " WHERE a.valid @> CAST(:at AS timestamptz) ORDER BY a.person_id, a.id"
            ),
            {"at": at},
        )
        for row in rows:
            self._posts[row.role].append(row)
        self._actors: dict[int, Actor] = {}

    def all_of(self, role: Role, path: str | None = None) -> list[int]:
        """Ids of everyone with a role, or with that role over just this area, the first hired first."""
        posts = self._posts[role.value]
        return list(dict.fromkeys(post.person_id for post in posts if path is None or post.path == path))

    def paths_of(self, role: Role) -> list[str]:
        """The area paths that a role is held over."""
        return sorted({post.path for post in self._posts[role.value]})

    def at_place(self, role: Role, path: str) -> Actor | None:
        """Whoever has a role where a grid is; None if nobody has."""
        found = (post.person_id for post in self._posts[role.value] if is_below(path, post.path))
        return self._maybe(next(found, None))

    def clerk(self, department_id: int) -> Actor | None:
        """Somebody of a department."""
        found = (post.person_id for post in self._posts["department"] if post.department_id == department_id)
        return self._maybe(next(found, None))

    def actor(self, person_id: int) -> Actor:
        """One person as the policy sees them."""
        if person_id not in self._actors:
            self._actors[person_id] = load_actor(self._db, person_id, self._at)
        return self._actors[person_id]

    def _maybe(self, person_id: int | None) -> Actor | None:
        return None if person_id is None else self.actor(person_id)
