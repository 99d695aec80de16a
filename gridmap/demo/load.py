"""Load the made-up district in steps, each a transaction, so that a load that was cut off goes on where it stood."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from gridmap.errors import Conflict
from gridmap.language import N_

if TYPE_CHECKING:
    from geodata.sample.district import District

_LOCK: Final = 7672
"""Of the advisory lock that lets one process load at a time."""


@dataclass(frozen=True)
class Step:
    """One part of the load, whole or not at all."""

    name: str
    sentence: str
    run: Callable[[Session, District], None]


@dataclass
class Loading:
    """What the database knows of its made-up district: which one, as of when, and how far it is."""

    seed: int
    grids: int
    until: datetime
    done: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every step was taken."""
        return all(step.name in self.done for step in STEPS)

    def as_json(self) -> str:
        """Write it as the setting holds it."""
        return json.dumps({**vars(self), "until": self.until.isoformat()})


def _coverage(db: Session, district: District) -> None:
    from gridmap.demo.coverage import load_coverage

    load_coverage(db, district)


def _sites(db: Session, district: District) -> None:
    from gridmap.demo.coverage import load_sites

    load_sites(db, district)


def _surroundings(db: Session, district: District) -> None:
    from gridmap.demo.coverage import load_surroundings

    load_surroundings(db, district)


def _register(db: Session, district: District) -> None:
    from gridmap.demo.register import load_devices, load_rules, load_staff

    load_rules(db, district)
    load_staff(db, district)
    load_devices(db, district)


def _catalogue(db: Session, district: District) -> None:
    from gridmap.demo.register import load_catalogue

    load_catalogue(db, district)


def _history(db: Session, district: District) -> None:
    from gridmap.demo.history import load_history

    load_history(db, district)


STEPS: Final[tuple[Step, ...]] = (
    Step("coverage", N_("Publishing the grids and their earlier boundaries."), _coverage),
    Step("sites", N_("Putting in buildings and premises."), _sites),
    Step("surroundings", N_("Putting in streets, waters and fields."), _surroundings),
    Step("register", N_("Putting in staff, departments and devices."), _register),
    Step("catalogue", N_("Putting in duties and checklists."), _catalogue),
    Step("history", N_("Putting in a year of reports, alerts and incidents."), _history),
)
MAKING: Final = N_("Making up the district.")


def load_demo(
    engine: Engine, *, seed: int, grids: int, now: datetime | None = None, advance: Callable[[str], None]
) -> bool:
    """
    Load the made-up district unless it is there; go on with one that was left half loaded.

    Parameters
    ----------
    engine
        The database, as the owner role.
    seed, grids
        Which district, and how many grids it has.
    now
        Where its year ends; our clock if None.
    advance
        Told the sentence of each step that begins.

    Returns
    -------
    loaded
        False if it was complete already.

    Raises
    ------
    Conflict
        If the database holds another district.
    """
    with _alone(engine):
        loading = _begin(engine, seed, grids, now or datetime.now(UTC))
        if loading.complete:
            return False
        from geodata.sample.district import make_district

        advance(MAKING)
        district = make_district(loading.seed, until=loading.until, grids=loading.grids)
        for step in STEPS:
            if step.name in loading.done:
                continue
            advance(step.sentence)
            loading.done.append(step.name)
            with Session(engine) as db, db.begin():
                step.run(db, district)
                _note(db, loading)
        _settle(engine)
    return True


def _begin(engine: Engine, seed: int, grids: int, now: datetime) -> Loading:
    """Read how far the load is, or note that it begins."""
    with Session(engine) as db, db.begin():
        found: dict[str, Any] | None = db.scalar(text("SELECT value FROM setting WHERE key = 'demo'"))
        if found is not None:
            loading = Loading(**{**found, "until": datetime.fromisoformat(found["until"])})
            if not loading.complete and (loading.seed, loading.grids) != (seed, grids):
                raise Conflict(
                    N_(
                        "This database holds half of another made-up district (seed %(seed)s, %(grids)s grids)."
                        " Start with that seed, or set GRIDMAP_DATA_DIR to an empty directory."
                    ),
                    seed=loading.seed,
                    grids=loading.grids,
                )
            return loading
        if db.scalar(text("SELECT EXISTS (SELECT FROM district)")):
            raise Conflict(
                N_(
                    "This database holds a district of its own; the made-up one is not put beside it."
                    " Start without --demo, or set GRIDMAP_DATA_DIR to an empty directory."
                )
            )
        # To the second: the end of the year is written down and read again as the same instant.
        loading = Loading(seed, grids, now.replace(microsecond=0))
        _note(db, loading)
        return loading


def _note(db: Session, loading: Loading) -> None:
    db.execute(
        text(
            "INSERT INTO setting (key, value, changed_at) VALUES ('demo', CAST(:value AS jsonb), :at)"
            " ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, changed_at = EXCLUDED.changed_at"
        ),
        {"value": loading.as_json(), "at": datetime.now(UTC)},
    )


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Let one process load; a second one waits, and finds the work done."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})


def _settle(engine: Engine) -> None:
    """Gather statistics and mark pages visible now, rather than under the first visitors."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE, SKIP_LOCKED)"))
