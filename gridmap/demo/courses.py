"""
The courses that made-up incidents took: through the grid or a department, returned, suspended, reopened, rejected.

Each is a row of `_COURSES`, written out for all incidents at once into the temporary table ``past_step``; which course
an incident took hangs on its id alone, so that every load gives the same.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.database import straight
from gridmap.demo import TIME_ZONE
from gridmap.incidents.clocks import Clock, clocks_of, due_of, spans_of
from gridmap.incidents.history import Event
from gridmap.incidents.rules import ANSWERED, State
from gridmap.incidents.rulings import book_of

_NOTES: Final = (
    "已处理,现场已恢复。",
    "已到现场处置完毕,当事人已整改。",
    "已联系责任单位修复,复查合格。",
    "情况属实,已清理。",
)
_TOLD: Final = "已将处理结果告知反映人。"
_SPOKEN: Final = "已与来电人通话,核对了地点和诉求。"
_CONTACTS_FOR: Final = timedelta(days=60)
"""So long before the end of the made-up year the log says when a caller of the hotline was spoken with."""

# Course, steps with the share of the time from filing to the end at which each was taken. `tell` is left out where
# nobody waits for an answer.
_WORK: Final = "accept .15, handle .7, check .85, tell .93, close 1"
_COURSES: Final = {
    "grid": _WORK,
    "department": f"dispatch .1, {_WORK}",
    "returned": f"dispatch .04, return .08, dispatch .12, {_WORK}",
    "suspended": "accept .1, suspend .2, resume .5, handle .7, check .85, tell .93, close 1",
    "reopened": (
        "accept .05, handle .2, check .25, tell .28, close .3, reopen .4, accept .5, handle .8, check .9, tell .95,"
        " close 1"
    ),
    "rejected": "reject 1",
    "merged": "merge 1",
    "filed": "",
    "dispatched": "dispatch .3",
    "sent back": "dispatch .2, return .6",
    "handling": "accept .3",
    "in the department": "dispatch .2, accept .4",
    "handled": "accept .2, handle .8",
    "checked": "accept .2, handle .6, check .8",
    "waiting": "accept .2, suspend .5",
}
# Of 256: up to which byte of its id an incident takes a course.
_ENDED: Final = (("grid", 160), ("department", 220), ("returned", 230), ("suspended", 236), ("reopened", 242),
                 ("rejected", 250), ("merged", 256))  # fmt: skip
_OPEN: Final = (("filed", 96), ("handling", 150), ("dispatched", 176), ("in the department", 206), ("handled", 222),
                ("checked", 232), ("waiting", 244), ("sent back", 256))  # fmt: skip


def plan_steps(db: Session, until: datetime) -> None:
    """Lay out every step after the filing, with who took it."""
    _cast(db, until)
    _find_survivors(db)
    db.execute(
        text(
            """
            CREATE TEMPORARY TABLE past_step (incident_id uuid, n bigint, at timestamptz, step text, role text,
                actor_id bigint, reason text, from_state text, to_state text, data jsonb, note text, salt bytea)
            ON COMMIT DROP
            """
        )
    )
    steps = [
        {"course": course, "k": k, "step": step, "share": float(share)}
        for course, said in _COURSES.items()
        for k, (step, share) in enumerate(part.split() for part in said.split(", ") if part)
    ]
    db.execute(text("CREATE TEMPORARY TABLE course (course text, k int, step text, share float8) ON COMMIT DROP"))
    db.execute(text("INSERT INTO course VALUES (:course, :k, :step, :share)"), steps)
    said = {"notes": list(_NOTES), "told": _TOLD, "spoken": _SPOKEN}
    since = until - _CONTACTS_FOR
    db.execute(text(_STEPS), {"answered": sorted(ANSWERED), "until": until, "since": since, **said})
    db.execute(text("CREATE UNIQUE INDEX past_step_idx ON past_step (incident_id, n); ANALYZE past_step"))


def last_step(db: Session) -> int:
    """How many rows the longest log has."""
    return int(db.scalar(text("SELECT max(n) FROM past_step")) or 0)


def _cast(db: Session, until: datetime) -> None:
    """Say of each incident which course it took and who had a part in it."""
    pick = "CASE {} END"
    ended = pick.format(" ".join(f"WHEN b < {most} THEN '{course}'" for course, most in _ENDED))
    still_open = pick.format(" ".join(f"WHEN b < {most} THEN '{course}'" for course, most in _OPEN))
    db.execute(
        text(
            f"""
            CREATE TEMPORARY TABLE past_cast ON COMMIT DROP AS
            WITH desk AS (SELECT array_agg(person_id ORDER BY id) AS people FROM assignment WHERE role = 'operator'),
            clerk AS (
                SELECT array_agg(department_id ORDER BY department_id) AS departments,
                    array_agg(person_id ORDER BY department_id) AS people
                FROM (SELECT department_id, min(person_id) AS person_id FROM assignment WHERE role = 'department'
                      GROUP BY department_id) AS each
            ), chief AS (
                SELECT grid_id, min(person_id) AS id FROM assignment WHERE role = 'chief' GROUP BY grid_id
            ), worker AS (
                SELECT DISTINCT ON (grid_id) grid_id, person_id AS id,
                    CASE post WHEN 'micro' THEN 'micro' ELSE 'full-time' END AS level
                FROM assignment WHERE role = 'worker' AND grid_id IS NOT NULL ORDER BY grid_id, person_id
            ), dice AS (
                SELECT incident_id, get_byte(uuid_send(told_id), 3) AS b, get_byte(uuid_send(told_id), 5) AS c FROM past
            )
            SELECT incident_id, source, filed_at, coalesce(closed_at, :until) AS ends_at, due_at, duty_grid_id,
                -- Where no grid is known, a department has it.
                CASE WHEN worker.id IS NULL AND closed_at IS NULL THEN 'dispatched'
                     WHEN worker.id IS NULL THEN 'department'
                     WHEN closed_at IS NULL THEN {still_open} ELSE {ended} END AS course,
                worker.id AS worker_id, worker.level, chief.id AS chief_id,
                people[1 + c % cardinality(people)] AS operator_id,
                departments[1 + c % cardinality(departments)] AS department_id,
                clerks[1 + c % cardinality(clerks)] AS clerk_id, category, c, CAST(NULL AS uuid) AS survivor_id
            FROM past JOIN dice USING (incident_id) CROSS JOIN desk
                CROSS JOIN (SELECT departments, people AS clerks FROM clerk) AS clerk
                LEFT JOIN chief ON chief.grid_id = duty_grid_id LEFT JOIN worker ON worker.grid_id = duty_grid_id
            WHERE filed_at IS NOT NULL
            """
        ),
        {"until": until},
    )
    db.execute(text("CREATE INDEX past_cast_idx ON past_cast (duty_grid_id, category, filed_at); ANALYZE past_cast"))


def _find_survivors(db: Session) -> None:
    """What is merged goes into what was open in the same grid and class when it ended; without one it is worked off."""
    db.execute(
        text(
            """
            UPDATE past_cast m SET survivor_id = o.id FROM (
                SELECT DISTINCT ON (m.incident_id) m.incident_id, s.incident_id AS id
                FROM past_cast m JOIN past_cast s USING (duty_grid_id, category)
                WHERE m.course = 'merged' AND s.course IN ('grid', 'department', 'filed', 'handling')
                    AND s.filed_at < m.ends_at AND s.ends_at > m.ends_at
                ORDER BY m.incident_id, s.filed_at DESC, s.incident_id
            ) AS o WHERE o.incident_id = m.incident_id
            """
        )
    )
    db.execute(text("UPDATE past_cast SET course = 'grid' WHERE course = 'merged' AND survivor_id IS NULL"))


# A step's part: who, what it leads to, and what it sets. A course with a dispatch is one of a department.
_STEPS: Final = """
    INSERT INTO past_step
    WITH laid AS (
        SELECT p.*, k, step, filed_at + share * (ends_at - filed_at) AS at,
            bool_or(step = 'dispatch') OVER (PARTITION BY incident_id) AND course NOT IN ('dispatched', 'sent back')
                AS by_department
        FROM past_cast p JOIN course USING (course)
        WHERE step <> 'tell' OR source = ANY(:answered)
    ), played AS (
        SELECT incident_id, at, k, CASE step WHEN 'tell' THEN 'feedback' ELSE step END AS step,
            CASE WHEN step IN ('accept', 'handle') AND by_department THEN 'department'
                 WHEN step IN ('accept', 'handle') THEN 'worker'
                 WHEN step = 'return' THEN 'department'
                 WHEN step IN ('check', 'close') AND chief_id IS NOT NULL THEN 'chief'
                 ELSE 'operator' END AS role,
            CASE step WHEN 'return' THEN 'not-ours' WHEN 'suspend' THEN 'season' WHEN 'reopen' THEN 'came-back'
                WHEN 'reject' THEN 'nothing-found' END AS reason,
            CASE step WHEN 'accept' THEN 'handling' WHEN 'handle' THEN 'handled' WHEN 'check' THEN 'checked'
                WHEN 'close' THEN 'closed' WHEN 'dispatch' THEN 'dispatched' WHEN 'return' THEN 'returned'
                WHEN 'suspend' THEN 'suspended' WHEN 'resume' THEN 'handling' WHEN 'reopen' THEN 'reopened'
                WHEN 'reject' THEN 'rejected' WHEN 'merge' THEN 'merged' END AS leads_to,
            CASE step
                WHEN 'accept' THEN CASE WHEN by_department THEN jsonb_build_object('holder_person_id', clerk_id)
                    ELSE jsonb_build_object('holder_person_id', worker_id, 'level', level) END
                WHEN 'dispatch' THEN jsonb_build_object('holder_department_id', department_id)
                WHEN 'return' THEN '{"holder_department_id": null}'
                WHEN 'close' THEN jsonb_build_object('closed_at', at)
                WHEN 'reject' THEN jsonb_build_object('closed_at', at)
                WHEN 'reopen' THEN '{"closed_at": null, "holder_person_id": null}'
                WHEN 'merge' THEN jsonb_build_object('closed_at', at, 'merged_into', survivor_id)
                ELSE '{}' END AS columns,
            CASE step WHEN 'dispatch' THEN jsonb_build_object('department', (SELECT code FROM department d
                    WHERE d.id = department_id))
                WHEN 'suspend' THEN jsonb_build_object('until', CASE WHEN course = 'waiting'
                    THEN CAST(:until AS timestamptz) + interval '20 days'
                    ELSE filed_at + 0.5 * (ends_at - filed_at) END)
                WHEN 'merge' THEN jsonb_build_object('into', survivor_id) END AS told,
            CASE WHEN step IN ('handle', 'close') THEN (CAST(:notes AS text[]))[1 + c % cardinality(:notes)]
                WHEN step = 'tell' THEN :told END AS note,
            worker_id, chief_id, operator_id, clerk_id
        FROM laid
        UNION ALL
        SELECT survivor_id, ends_at, -1, 'join', 'operator', NULL, NULL, '{}', NULL, NULL, NULL, NULL, operator_id,
            NULL
        FROM past_cast WHERE course = 'merged'
        UNION ALL
        -- Of those who called just now some still wait.
        SELECT incident_id, filed_at + least(make_interval(secs => c), .02 * (ends_at - filed_at)), -2, 'contact',
            'operator', NULL, NULL, '{}', NULL, :spoken, NULL, NULL, operator_id, NULL
        FROM past_cast WHERE source = 'hotline' AND filed_at >= :since AND NOT (course = 'filed' AND c < 64)
    ), ordered AS (
        SELECT *, row_number() OVER log AS place, count(leads_to) OVER log AS stretch FROM played
        WINDOW log AS (PARTITION BY incident_id ORDER BY at, k, step)
    ), stood AS (
        SELECT *, coalesce(first_value(leads_to) OVER (PARTITION BY incident_id, stretch ORDER BY place), 'filed')
            AS to_state
        FROM ordered
    )
    SELECT incident_id, 2 + place, at, step, role,
        CASE role WHEN 'department' THEN clerk_id WHEN 'worker' THEN worker_id WHEN 'chief' THEN chief_id
            ELSE operator_id END,
        reason, coalesce(lag(to_state) OVER (PARTITION BY incident_id ORDER BY place), 'filed'), to_state,
        jsonb_build_object('set', columns)
            || CASE WHEN told IS NULL THEN '{}' ELSE jsonb_build_object('with', told) END,
        note, CASE WHEN note IS NOT NULL THEN uuid_send(gen_random_uuid()) END
    FROM stood
"""


def work_out_clocks(db: Session, since: datetime) -> str:
    """
    Work out the clocks of what is open or was closed of late, by the rules of the day on which each stage began, and
    give it its deadline.

    Parameters
    ----------
    since
        What was closed before has no clocks any more: nobody asks a year back whether each stage was in time.

    Returns
    -------
    clocks
        Rows of the table `clock` as JSON, to be written when the incidents are there.
    """
    book = book_of(db, TIME_ZONE)
    found: dict[UUID, list[Event]] = {}
    kinds: dict[UUID, str | None] = {}
    for row in straight(db, _RECENT_LOGS, {"since": since}):
        left = None if row.from_state is None else State(row.from_state)
        event = Event(row.n, row.at, None, row.role, row.step, left, State(row.to_state), row.data)
        found.setdefault(row.incident_id, []).append(event)
        kinds[row.incident_id] = row.kind
    clocks = {key: clocks_of(spans_of(events, kinds[key]), book.ruling) for key, events in found.items()}
    straight(
        db,
        "UPDATE past SET due_at = w.due_at FROM unnest(CAST(%(ids)s AS uuid[]), CAST(%(dues)s AS timestamptz[]))"
        " AS w (id, due_at) WHERE past.incident_id = w.id AND (past.closed_at IS NULL OR w.due_at IS NOT NULL)",
        {"ids": list(clocks), "dues": [due_of(ran) or _last_due(ran) for ran in clocks.values()]},
    )
    return json.dumps([clock.row(key) for key, running in clocks.items() for clock in running], ensure_ascii=False)


def _last_due(clocks: Sequence[Clock]) -> datetime | None:
    """The deadline that an incident had when it was closed."""
    return next((clock.due_at for clock in reversed(clocks) if clock.stage == "close"), None)


def write_clocks(db: Session, clocks: str) -> None:
    """Write what `work_out_clocks` gave."""
    db.execute(
        text("INSERT INTO clock SELECT * FROM jsonb_populate_recordset(NULL::clock, CAST(:rows AS jsonb))"),
        {"rows": clocks},
    )


_RECENT_LOGS: Final = """
    WITH recent AS (
        SELECT past.*, v.kind FROM past LEFT JOIN grid_version v ON v.grid_id = duty_grid_id AND upper_inf(v.valid)
            AND upper_inf(v.recorded)
        WHERE closed_at IS NULL OR closed_at >= %(since)s
    )
    SELECT incident_id, 1 AS n, occurred_at AS at, role, 'report' AS step, NULL AS from_state, 'reported' AS to_state,
        jsonb_build_object('set', jsonb_build_object('severity', severity, 'category', category, 'source', source,
            'level', 'district')) AS data, kind FROM recent
    UNION ALL
    SELECT incident_id, 2, filed_at, 'system', 'file', 'reported', 'filed', '{}', kind FROM recent
    WHERE filed_at IS NOT NULL
    UNION ALL
    SELECT incident_id, s.n, s.at, s.role, s.step, s.from_state, s.to_state, s.data, kind
    FROM recent JOIN past_step s USING (incident_id)
    ORDER BY incident_id, n
"""
