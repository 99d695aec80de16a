"""Proof that the logs of incidents are whole: no step bent, missing or cut, no incident gone or bent."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.incidents.log import COLUMNS, FIRST_HASH
from gridmap.incidents.steps import ASKS
from gridmap.language import N_

Fault = Literal["changed", "missing", "cut", "gone", "rewritten", "unnamed", "row", "note", "photos", "parties"]

_SENTENCES: Final[dict[str, str]] = {
    "changed": N_("Incident %(number)s: step %(seq)s is not as it was written."),
    "missing": N_("Incident %(number)s: step %(seq)s is missing."),
    "cut": N_("Incident %(number)s: its log was cut off from step %(seq)s on."),
    "gone": N_("Incident %(number)s is gone with its whole log."),
    "rewritten": N_("Incident %(number)s: step %(seq)s is not the one that the audit names: the log was rewritten."),
    "unnamed": N_("Incident %(number)s: the audit knows nothing of step %(seq)s: it was written past the service."),
    "row": N_("Incident %(number)s is not what its log of %(seq)s steps says: %(columns)s."),
    "note": N_("Incident %(number)s: the note of step %(seq)s is not as it was written."),
    "photos": N_("Incident %(number)s: the photos of step %(seq)s are not those it came with."),
    "parties": N_("Incident %(number)s: who takes part in it is not what step %(seq)s of its log says."),
}


@dataclass(frozen=True)
class LogDefect:
    """
    The first thing wrong with one incident.

    Attributes
    ----------
    seq
        The step from which on the log cannot be believed.
    columns
        For the fault ``row``: the columns of the incident that its log does not say.
    """

    incident_id: UUID
    number: str
    seq: int
    fault: Fault
    columns: tuple[str, ...] = ()

    @property
    def msgid(self) -> str:
        """The sentence to translate; its values are ``number``, ``seq`` and ``columns``."""
        return _SENTENCES[self.fault]


# Every log in one pass: does a row hash to what it says, and does it follow the one before?
_WALK: Final = """
    WITH walk AS (
        SELECT l.incident_id, l.seq, l.hash, l.prev_hash,
               lag(l.seq, 1, 0::bigint) OVER log_order AS before_seq,
               lag(l.hash, 1, :first) OVER log_order AS before_hash,
               sha256(l.prev_hash || convert_to(incident_log_canonical(l), 'UTF8')) AS own
        FROM incident_log l
        WINDOW log_order AS (PARTITION BY l.incident_id ORDER BY l.seq)
    )
    SELECT DISTINCT ON (incident_id) incident_id, i.number,
           CASE WHEN walk.seq <> before_seq + 1 THEN before_seq + 1 ELSE walk.seq END AS seq,
           CASE WHEN walk.seq <> before_seq + 1 THEN 'missing' ELSE 'changed' END AS fault
    FROM walk LEFT JOIN incident i ON i.id = incident_id
    WHERE walk.seq <> before_seq + 1 OR prev_hash <> before_hash OR hash <> own
    ORDER BY incident_id, walk.seq
"""
_NEWEST: Final = "SELECT DISTINCT ON (incident_id) * FROM incident_log ORDER BY incident_id, seq DESC"
# Every step that the audit names must be there with that seal, and nothing else.
_AGAINST_AUDIT: Final = f"""
    WITH told AS MATERIALIZED (
        SELECT head->>0 AS incident_id, head->>1 AS number, (head->>2)::bigint AS seq, head->>3 AS hash
        FROM audit a, jsonb_array_elements(a.changed->'heads') AS head
        WHERE a.action LIKE 'incident.%' AND jsonb_typeof(a.changed->'heads') = 'array'
    ), newest AS ({_NEWEST}), known AS (
        SELECT coalesce(i.id, n.incident_id) AS id, i.number, coalesce(n.seq, 0) AS seq
        FROM incident i FULL JOIN newest n ON n.incident_id = i.id
    )
    SELECT * FROM (
        SELECT DISTINCT ON (t.incident_id) t.incident_id::uuid, t.number,
               CASE WHEN k.id IS NULL THEN 1 WHEN l.hash IS NULL THEN k.seq + 1 ELSE t.seq END AS seq,
               CASE WHEN k.id IS NULL THEN 'gone' WHEN l.hash IS NULL THEN 'cut' ELSE 'rewritten' END AS fault
        FROM told t
        LEFT JOIN known k ON k.id::text = t.incident_id
        LEFT JOIN incident_log l ON l.incident_id = k.id AND l.seq = t.seq
        WHERE l.hash IS NULL OR encode(l.hash, 'hex') <> t.hash
        ORDER BY t.incident_id, t.seq
    ) AS denied
    UNION ALL
    SELECT k.id, k.number, coalesce(t.seq, 0) + 1, CASE WHEN k.seq = 0 THEN 'cut' ELSE 'unnamed' END
    FROM known k LEFT JOIN (SELECT incident_id, max(seq) AS seq FROM told GROUP BY 1) t ON t.incident_id = k.id::text
    WHERE t.seq IS NULL OR k.seq > t.seq
"""
_FOLDED: Final = [*(name.strip() for name in COLUMNS.split(",")), "seq", "log_hash"]
# What the steps set, one over the other, is what the row must be.
_FOLD: Final = f"""
    WITH newest AS ({_NEWEST}), told AS (
        SELECT l.incident_id, jsonb_object_agg(s.key, s.value ORDER BY l.seq) AS columns
        FROM incident_log l, jsonb_each(l.data->'set') AS s
        WHERE l.incident_id <> ALL(:found) GROUP BY l.incident_id
    )
    SELECT i.id, i.number, n.seq, 'row' AS fault,
           array_remove(ARRAY[{", ".join(f"CASE WHEN i.{c} IS DISTINCT FROM f.{c} THEN '{c}' END" for c in _FOLDED)}],
                        NULL) AS columns
    FROM told JOIN newest n USING (incident_id) JOIN incident i ON i.id = n.incident_id,
         jsonb_populate_record(NULL::incident, told.columns
             || jsonb_build_object('state', n.to_state, 'seq', n.seq, 'log_hash', n.hash)) AS f
    WHERE ({", ".join(f"i.{c}" for c in _FOLDED)}) IS DISTINCT FROM ({", ".join(f"f.{c}" for c in _FOLDED)})
"""
# What is asked and not answered follows from the steps, as `history.open_asks` reads them.
_ANSWERED: Final = ", ".join(f"('{ask}', '{grant}')" for ask, grant in ASKS.items())
_ASKS: Final = f"""
    WITH said AS (
        SELECT l.incident_id, array_agg(DISTINCT l.step ORDER BY l.step) AS asks
        FROM incident_log l
        WHERE l.step IN ({", ".join(f"'{ask}'" for ask in ASKS)}) AND l.incident_id <> ALL(:found)
            AND NOT EXISTS (SELECT FROM incident_log a WHERE a.incident_id = l.incident_id AND a.seq > l.seq
                AND (a.to_state <> 'handling' OR a.step = 'refuse' OR (l.step, a.step) IN ({_ANSWERED})))
        GROUP BY l.incident_id
    )
    SELECT i.id, i.number, i.seq, 'row' AS fault, ARRAY['asks'] AS columns
    FROM incident i LEFT JOIN said s ON s.incident_id = i.id
    WHERE i.asks <> coalesce(s.asks, '{{}}') AND i.id <> ALL(:found)
"""
# A note that the law had erased is no defect: its row is gone, and the log commits to its digest alone.
_NOTES: Final = """
    SELECT DISTINCT ON (l.incident_id) l.incident_id, i.number, l.seq, 'note' AS fault
    FROM incident_note o JOIN incident_log l USING (incident_id, seq) LEFT JOIN incident i ON i.id = l.incident_id
    WHERE sha256(o.salt || convert_to(o.body, 'UTF8')) IS DISTINCT FROM l.note_digest
    ORDER BY l.incident_id, l.seq
"""
_PHOTOS: Final = """
    WITH said AS (
        SELECT l.incident_id, l.seq, photo->>'sha256' AS sha256, photo->>'role' AS role
        FROM incident_log l, jsonb_array_elements(l.data->'media') AS photo
        WHERE l.data ? 'media' AND l.incident_id <> ALL(:found)
    ), linked AS (
        SELECT incident_id, seq, encode(sha256, 'hex') AS sha256, role FROM incident_log_media
    )
    SELECT DISTINCT ON (incident_id) incident_id, i.number, w.seq, 'photos' AS fault
    FROM (SELECT * FROM said EXCEPT SELECT * FROM linked UNION ALL (SELECT * FROM linked EXCEPT SELECT * FROM said)) w
    LEFT JOIN incident i ON i.id = incident_id
    WHERE incident_id <> ALL(:found) ORDER BY incident_id, w.seq
"""
_PARTIES: Final = """
    WITH said AS (
        SELECT l.incident_id, l.seq, (l.data #>> '{party,department_id}')::bigint AS department_id,
            (l.data #>> '{party,person_id}')::bigint AS person_id, l.data #>> '{party,role}' AS role,
            tstzrange(l.at, coalesce(
                (SELECT min(greatest(e.at, l.at)) FROM incident_log e WHERE e.incident_id = l.incident_id
                    AND (e.step = 'end_party' AND (e.data #>> '{with,party}')::bigint = l.seq
                        OR e.data -> 'parted' @> to_jsonb(l.seq))),
                (l.data #>> '{party,until}')::timestamptz)) AS valid
        FROM incident_log l WHERE l.step IN ('add_party', 'whistle', 'follow') AND l.data ? 'party'
            AND l.incident_id <> ALL(:found)
    ), kept AS (
        SELECT incident_id, seq, department_id, person_id, role, valid FROM party WHERE incident_id <> ALL(:found)
    )
    SELECT DISTINCT ON (incident_id) incident_id, i.number, w.seq, 'parties' AS fault
    FROM (SELECT * FROM said EXCEPT SELECT * FROM kept UNION ALL (SELECT * FROM kept EXCEPT SELECT * FROM said)) w
    LEFT JOIN incident i ON i.id = incident_id ORDER BY incident_id, w.seq
"""


def verify_incidents(db: Session) -> list[LogDefect]:
    """
    Walk the logs of all incidents, and compare them with the audit and with the rows they fold into.

    The audit is believed: verify it first. A log is folded only if its rows are as the audit knows them, for whoever
    bends a row may have put into it what no column can hold.

    Parameters
    ----------
    db
        A session whose statements all see one snapshot, so that a step taken meanwhile is in all of them or in none.

    Returns
    -------
    defects
        The first thing wrong with each incident that has one, by number; empty if all is whole.
    """
    found: dict[UUID, LogDefect] = {}
    for statement in (_WALK, _AGAINST_AUDIT, _FOLD, _ASKS, _NOTES, _PHOTOS, _PARTIES):
        for defect in _defects(db, statement, list(found)):
            found.setdefault(defect.incident_id, defect)
    return sorted(found.values(), key=lambda defect: (defect.number, defect.incident_id))


def _defects(db: Session, statement: str, found: Collection[UUID]) -> Iterator[LogDefect]:
    known = {"first": FIRST_HASH, "found": list(found)}
    for row in db.execute(text(statement), {name: known[name] for name in known if f":{name}" in statement}):
        incident_id, number, seq, fault, *columns = row
        yield LogDefect(incident_id, number or str(incident_id), seq, fault, tuple(columns[0]) if columns else ())


def is_intact(db: Session, incident_id: UUID) -> bool:
    """Whether every row of an incident's log hashes to what it says, and the incident names its newest row."""
    return bool(
        db.scalar(
            text(
                "SELECT bool_and(ok) AND max(seq) = count(*) AND (SELECT i.log_hash = (array_agg(l.hash ORDER BY l.seq"
                " DESC))[1] FROM incident_log l JOIN incident i ON i.id = l.incident_id WHERE l.incident_id = :id"
                " GROUP BY i.log_hash) FROM (SELECT l.seq, l.hash = sha256(l.prev_hash ||"
                " convert_to(incident_log_canonical(l), 'UTF8')) AND l.prev_hash ="
                " coalesce(lag(l.hash) OVER (ORDER BY l.seq), :first) AS ok FROM incident_log l"
                " WHERE l.incident_id = :id) AS checked"
            ),
            {"id": incident_id, "first": FIRST_HASH},
        )
    )
