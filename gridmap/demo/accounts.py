"""
The accounts that come with the made-up district: to try every role with, and for the simulator.

Passwords and keys are random for each data directory and stand in two files there that only its owner reads.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from gridmap.demo import ACCOUNTS_FILE, SIMULATOR_FILE
from gridmap.errors import Invalid
from gridmap.people.passwords import hash_password, require_good_password
from gridmap.sensing.keys import make_key
from gridmap.system import audit
from gridmap.system.audit import Doer

# How many accounts of each role people may try; two planners, for nobody approves a plan of their own.
_OF_ROLE: Final = {
    "operator": 1,
    "township": 1,
    "chief": 1,
    "worker": 1,
    "department": 1,
    "planner": 2,
    "supervisor": 1,
    "auditor": 1,
    "admin": 1,
}
_SIMULATED: Final = {"operator": 1, "department": 1, "worker": 6}
# Without signs that look alike: people type these.
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
# Of the two files: raised when the code reads them otherwise, so that those of an older version are made anew.
_FORM: Final = b"3"
_DOER: Final = Doer(None, "system")


@dataclass(frozen=True)
class DemoAccount:
    """One account with its password."""

    login: str
    password: str
    role: str
    name: str
    name_en: str


@dataclass(frozen=True)
class DeviceKey:
    """A device that speaks for itself or, as a gateway, for others; with its key."""

    code: str
    kind: str
    speaks_for: tuple[str, ...]
    key: str


def ensure_accounts(engine: Engine, data_dir: Path) -> list[DemoAccount]:
    """
    Give the demo accounts of this data directory, making passwords and keys if its files do not fit the database.

    Returns
    -------
    accounts
        To be shown; the simulator's stand in its file alone.
    """
    accounts_file, simulator_file = data_dir / ACCOUNTS_FILE, data_dir / SIMULATOR_FILE
    with Session(engine) as db, db.begin():
        known: dict[str, Any] | None = db.scalar(text("SELECT value FROM setting WHERE key = 'demo-accounts'"))
        found = _digest(accounts_file, simulator_file)
        if found is None or known is None or known["digest"] != found:
            shown = _open_accounts(db, _choose(db, _OF_ROLE, ()))
            simulated = _open_accounts(db, _choose(db, _SIMULATED, [account.login for account in shown]))
            devices = _make_keys(db)
            data_dir.mkdir(parents=True, exist_ok=True)
            _write(accounts_file, [asdict(account) for account in shown])
            _write(
                simulator_file,
                {
                    "people": [asdict(one) for one in simulated],
                    "departments": _departments_of(db, [one.login for one in simulated]),
                    "devices": [asdict(one) for one in devices],
                    **_catalogue(),
                },
            )
            _remember(db, _digest(accounts_file, simulator_file))
    return read_accounts(data_dir)


def read_accounts(data_dir: Path) -> list[DemoAccount]:
    """Read the accounts to be shown, in the order of the roles; none where no demonstration was loaded."""
    try:
        rows = json.loads((data_dir / ACCOUNTS_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [DemoAccount(**row) for row in rows]


def _choose(db: Session, wanted: dict[str, int], taken: Sequence[str]) -> list[tuple[int, str, str, str, str]]:
    """Choose people by role, the first hired first: id, login, role, name, name in English."""
    rows = db.execute(
        text(
            """
            SELECT id, login, role, name, name_en FROM (
                SELECT p.id, p.login, a.role, p.name, p.names ->> 'en' AS name_en,
                    row_number() OVER (PARTITION BY a.role ORDER BY p.id) AS n
                FROM person p JOIN (
                    SELECT person_id, min(role) AS role, max(post) AS post FROM assignment
                    WHERE upper_inf(valid) GROUP BY person_id HAVING count(DISTINCT role) = 1) a ON a.person_id = p.id
                WHERE p.ended_at IS NULL AND p.login <> ALL(CAST(:taken AS text[]))
                    AND (a.role <> 'worker' OR a.post = 'full-time')) AS ranked
            JOIN unnest(CAST(:roles AS text[]), CAST(:counts AS bigint[])) WITH ORDINALITY
                AS wanted (wanted_role, wanted_n, place) ON wanted_role = role AND n <= wanted_n
            ORDER BY place, n
            """
        ),
        {"taken": list(taken), "roles": list(wanted), "counts": list(wanted.values())},
    )
    return [tuple(row) for row in rows]


def _open_accounts(db: Session, people: Iterable[tuple[int, str, str, str, str]]) -> list[DemoAccount]:
    accounts = []
    for person_id, login, role, name, name_en in people:
        password = _password(login)
        db.execute(
            text("UPDATE person SET password_hash = :hash WHERE id = :id"),
            {"hash": hash_password(password), "id": person_id},
        )
        audit.record(db, _DOER, "person.password", object_id=f"person:{person_id}", purpose="demo")
        accounts.append(DemoAccount(login, password, role, name, name_en))
    return accounts


def _departments_of(db: Session, logins: Sequence[str]) -> dict[str, str]:
    """The code of the department that each of some people works for."""
    rows = db.execute(
        text(
            "SELECT p.login, d.code FROM person p JOIN assignment a ON a.person_id = p.id AND upper_inf(a.valid)"
            " JOIN department d ON d.id = a.department_id WHERE p.login = ANY(CAST(:logins AS text[]))"
        ),
        {"logins": list(logins)},
    )
    return {row.login: row.code for row in rows}


def _password(login: str) -> str:
    """Four groups of four signs, about 79 bits."""
    while True:
        password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
        try:
            require_good_password(password, login)
        except Invalid:
            continue
        return password


def _make_keys(db: Session) -> list[DeviceKey]:
    """Give a key to every device that no gateway speaks for; earlier keys end."""
    now = datetime.now(UTC)
    db.execute(text("UPDATE device_key SET revoked_at = :now WHERE revoked_at IS NULL"), {"now": now})
    rows = db.execute(
        text(
            """
            SELECT d.id, d.code, d.kind, array_remove(array_agg(s.code ORDER BY s.code), NULL) AS speaks_for
            FROM device d LEFT JOIN device s ON s.gateway_id = d.id
            WHERE d.gateway_id IS NULL AND d.ended_at IS NULL GROUP BY d.id ORDER BY d.id
            """
        )
    ).all()
    return [DeviceKey(row.code, row.kind, tuple(row.speaks_for), make_key(db, _DOER, row.id, now)) for row in rows]


def _catalogue() -> dict[str, Any]:
    """What people report and devices say in the made-up district, in a form that a simulator reads at once."""
    from geodata.sample.catalogue import category_habits, make_templates

    habits, templates = category_habits().to_dict("records"), make_templates().to_dict("records")
    often = {row["code"]: float(row["weight"]) for row in habits}
    classes: dict[str, dict[str, float]] = {}
    for row in templates:
        classes.setdefault(row["device_kind"], {})[row["class"]] = often[row["category"]]
    words = [{"category": row["code"], "weight": float(row["weight"]), "text": row["text"]} for row in habits]
    return {"words": words, "classes": classes}


def _write(path: Path, content: Any) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
    fresh.replace(path)


def _digest(*paths: Path) -> str | None:
    """What the files hold, in short; None if one is missing."""
    if not all(path.exists() for path in paths):
        return None
    return hashlib.sha256(_FORM + b"".join(path.read_bytes() for path in paths)).hexdigest()


def _remember(db: Session, digest: str | None) -> None:
    db.execute(
        text(
            "INSERT INTO setting (key, value, changed_at) VALUES ('demo-accounts', CAST(:value AS jsonb), :at)"
            " ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, changed_at = EXCLUDED.changed_at"
        ),
        {"value": json.dumps({"digest": digest}), "at": datetime.now(UTC)},
    )
