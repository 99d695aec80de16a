"""Reading accounts as those see them who keep them: who is there, in which parts, and how safely they enter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.people.rules import Scope

# An account is an administrator's if some part of it lies in the administrator's area, or it has no part yet. A part
# over everything is one over the district, as `actions.administers` says.
_MINE: Final = """
    (NOT EXISTS (SELECT FROM assignment a WHERE a.person_id = p.id
        AND (upper_inf(a.valid) OR upper(a.valid) > CAST(:at AS timestamptz)))
     OR EXISTS (SELECT FROM assignment a WHERE a.person_id = p.id
        AND (a.path <@ ANY(CAST(:roots AS ltree[])) OR a.path = '' AND (SELECT d.path FROM district
            JOIN area d ON d.id = district.area_id ORDER BY d.id LIMIT 1) <@ ANY(CAST(:roots AS ltree[])))
        AND (upper_inf(a.valid) OR upper(a.valid) > CAST(:at AS timestamptz))))
"""
_COLUMNS: Final = """
    p.id, p.login, p.name, p.names, p.phone, p.email, p.locale, p.ended_at,
    p.ended_at <= CAST(:at AS timestamptz) AS ended, p.password_hash IS NOT NULL AS can_sign_in,
    p.totp IS NOT NULL AS second_factor,
    (SELECT max(c.expires_at) FROM entry_code c WHERE c.person_id = p.id
        AND c.expires_at > CAST(:at AS timestamptz)) AS code_until,
    (SELECT max(s.seen_at) FROM session s WHERE s.person_id = p.id) AS seen_at,
    (SELECT count(*) FROM session s WHERE s.person_id = p.id
        AND s.expires_at > CAST(:at AS timestamptz)) AS sessions_n
"""


@dataclass(frozen=True)
class Wanted:
    """
    Which accounts are looked for.

    Attributes
    ----------
    typed
        The beginning of a login, a part of a name, or at least four figures of a telephone number.
    state
        ``open`` those in use, ``ended``, or ``new`` those in use that have no password yet.
    """

    typed: str = ""
    role: str | None = None
    state: str = "open"


def account_page(
    db: Session, scope: Scope, wanted: Wanted, at: datetime, *, limit: int = 100, after: str | None = None
) -> tuple[Sequence[Any], str | None]:
    """
    One page of the accounts that are the reader's to keep, by login, and the login that the next page begins after.

    Returns
    -------
    rows
        ``id, login, name, names, phone, email, locale, ended_at, ended, can_sign_in, second_factor, code_until,
        seen_at, sessions_n``.
    """
    literal = wanted.typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = db.execute(
        text(
            f"SELECT {_COLUMNS} FROM person p WHERE {_MINE}"
            " AND (:typed = '' OR p.login LIKE lower(:typed) || '%' OR p.name LIKE '%' || :typed || '%'"
            "  OR p.names->>'en' ILIKE '%' || :typed || '%'"
            "  OR (length(:typed) >= 4 AND p.phone LIKE '%' || :typed || '%'))"
            " AND (CAST(:role AS text) IS NULL OR EXISTS (SELECT FROM assignment a WHERE a.person_id = p.id"
            "  AND a.role = :role AND a.valid @> CAST(:at AS timestamptz)))"
            " AND CASE :state WHEN 'ended' THEN p.ended_at <= CAST(:at AS timestamptz)"
            "  WHEN 'new' THEN p.ended_at IS NULL AND p.password_hash IS NULL"
            "  ELSE p.ended_at IS NULL OR p.ended_at > CAST(:at AS timestamptz) END"
            " AND (CAST(:after AS text) IS NULL OR p.login > :after) ORDER BY p.login LIMIT :limit"
        ),
        {
            "typed": literal,
            "role": wanted.role,
            "state": wanted.state,
            "after": after,
            "limit": limit + 1,
            **_about(scope, at),
        },
    ).all()
    return rows[:limit], rows[limit - 1].login if len(rows) > limit else None


def account_by_id(db: Session, scope: Scope, person_id: int, at: datetime) -> Any | None:
    """One account that is the reader's to keep, as a row of `account_page`; None if there is none."""
    found = text(f"SELECT {_COLUMNS} FROM person p WHERE {_MINE} AND p.id = :id")
    return db.execute(found, {"id": person_id, **_about(scope, at)}).one_or_none()


def roles_of_many(db: Session, person_ids: Sequence[int], at: datetime, *, past: bool = False) -> Sequence[Any]:
    """
    The parts of some people with what they are over, in force first.

    Parameters
    ----------
    past
        Those that have ended, too.

    Returns
    -------
    rows
        ``id, person_id, role, post, starts_at, ends_at, in_force, ended, over (area, grid or department), code, name,
        names, granted_by``.
    """
    return db.execute(
        text(
            """
            SELECT a.id, a.person_id, a.role, a.post, lower(a.valid) AS starts_at, upper(a.valid) AS ends_at,
                a.valid @> CAST(:at AS timestamptz) AS in_force,
                NOT upper_inf(a.valid) AND upper(a.valid) <= CAST(:at AS timestamptz) AS ended,
                CASE WHEN a.area_id IS NOT NULL THEN 'area' WHEN a.grid_id IS NOT NULL THEN 'grid'
                    ELSE 'department' END AS over,
                coalesce(av.code, gv.code, d.code) AS code, coalesce(av.name, gv.name, d.name) AS name,
                coalesce(av.names, gv.names, d.names) AS names, g.name AS granted_by
            FROM assignment a
                LEFT JOIN area_version av ON av.area_id = a.area_id AND upper_inf(av.valid) AND upper_inf(av.recorded)
                LEFT JOIN LATERAL (SELECT v.code, v.name, v.names FROM grid_version v WHERE v.grid_id = a.grid_id
                    AND upper_inf(v.recorded) ORDER BY lower(v.valid) DESC LIMIT 1) gv ON true
                LEFT JOIN department d ON d.id = a.department_id
                LEFT JOIN person g ON g.id = a.granted_by
            WHERE a.person_id = ANY(:people)
                AND (:past OR upper_inf(a.valid) OR upper(a.valid) > CAST(:at AS timestamptz))
            ORDER BY a.person_id, ended, NOT a.valid @> CAST(:at AS timestamptz), lower(a.valid), a.id
            """
        ),
        {"people": list(person_ids), "at": at, "past": past},
    ).all()


def held_alone(db: Session, person_id: int, at: datetime) -> set[int]:
    """The ids of a person's parts in force that nobody else plays over the same area, grid or department."""
    found = db.scalars(
        text(
            """
            SELECT a.id FROM assignment a
            WHERE a.person_id = :person AND a.valid @> CAST(:at AS timestamptz) AND NOT EXISTS (
                SELECT FROM assignment b JOIN person p ON p.id = b.person_id
                WHERE b.person_id <> a.person_id AND b.role = a.role AND b.valid @> CAST(:at AS timestamptz)
                    AND (p.ended_at IS NULL OR p.ended_at > CAST(:at AS timestamptz))
                    AND (b.area_id, b.grid_id, b.department_id)
                        IS NOT DISTINCT FROM (a.area_id, a.grid_id, a.department_id))
            """
        ),
        {"person": person_id, "at": at},
    )
    return set(found)


def _about(scope: Scope, at: datetime) -> dict[str, Any]:
    return {"at": at, "roots": [path for path, _ in scope.paths]}
