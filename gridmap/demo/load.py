"""Load the made-up district in steps, each a transaction, so that a load that was cut off goes on where it stood."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from gridmap.errors import Conflict
from gridmap.language import N_

if TYPE_CHECKING:
    from geodata.sample.district import District
    from gridmap.reports.mediafiles import MediaFiles

_LOCK: Final = 7672
"""Of the advisory lock that lets one process load at a time."""


@dataclass
class Stage:
    """
    What the steps have to work with.

    Attributes
    ----------
    make
        Makes up the district, which takes a while.
    now
        When this load runs: what lies beside the year is dated around it, so that something is due today.
    files
        Where photos are kept; without it there are none.
    """

    make: Callable[[], District]
    now: datetime
    files: MediaFiles | None

    @cached_property
    def district(self) -> District:
        """The district, made up when the first step asks for it."""
        return self.make()


@dataclass(frozen=True)
class Step:
    """One part of the load, whole or not at all; what lies `beside` the year needs the database alone."""

    name: str
    sentence: str
    run: Callable[[Session, Stage], None]
    beside: bool = False


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


def _coverage(db: Session, stage: Stage) -> None:
    from gridmap.demo.coverage import load_coverage

    load_coverage(db, stage.district)


def _sites(db: Session, stage: Stage) -> None:
    from gridmap.demo.coverage import load_sites

    load_sites(db, stage.district)


def _surroundings(db: Session, stage: Stage) -> None:
    from gridmap.demo.coverage import load_surroundings

    load_surroundings(db, stage.district)


def _register(db: Session, stage: Stage) -> None:
    from gridmap.demo.register import load_devices, load_rules, load_staff

    load_rules(db, stage.district)
    load_staff(db, stage.district)
    load_devices(db, stage.district)


def _catalogue(db: Session, stage: Stage) -> None:
    from gridmap.demo.register import load_catalogue

    load_catalogue(db, stage.district)


def _history(db: Session, stage: Stage) -> None:
    from gridmap.demo.history import load_history

    load_history(db, stage.district)


def _hotline(db: Session, stage: Stage) -> None:
    from gridmap.demo.orders import load_orders

    load_orders(db, stage.now)


def _residents(db: Session, stage: Stage) -> None:
    from gridmap.demo.residents import load_residents

    load_residents(db, stage.now, _photos(db, stage))


def _hazards(db: Session, stage: Stage) -> None:
    from gridmap.demo.ledger import load_ledger

    load_ledger(db, stage.now, _photos(db, stage))


def _photos(db: Session, stage: Stage) -> list[bytes]:
    from gridmap.demo.pictures import keep_drawn

    return [] if stage.files is None else keep_drawn(db, stage.files, stage.now)


def _whistles(db: Session, stage: Stage) -> None:
    from gridmap.demo.musters import load_musters

    load_musters(db, stage.now)


def _roster(db: Session, stage: Stage) -> None:
    from gridmap.demo.shifts import load_shifts

    load_shifts(db, stage.now)


STEPS: Final[tuple[Step, ...]] = (
    Step("coverage", N_("Publishing the grids and their earlier boundaries."), _coverage),
    Step("sites", N_("Putting in buildings and premises."), _sites),
    Step("surroundings", N_("Putting in streets, waters and fields."), _surroundings),
    Step("register", N_("Putting in staff, departments and devices."), _register),
    Step("catalogue", N_("Putting in duties and checklists."), _catalogue),
    Step("history", N_("Putting in a year of reports, alerts and incidents."), _history),
    Step("hotline", N_("Putting in the hotline: callers, orders, calls back."), _hotline, beside=True),
    Step("residents", N_("Hanging codes at doors, with what residents sent."), _residents, beside=True),
    Step("hazards", N_("Putting in hazards, notices and safe zones."), _hazards, beside=True),
    Step("whistles", N_("Blowing whistles and supervising."), _whistles, beside=True),
    Step("roster", N_("Putting in duty rosters and hand-overs."), _roster, beside=True),
)
MAKING: Final = N_("Making up the district.")


def load_demo(
    engine: Engine, *, seed: int, grids: int, now: datetime | None = None, advance: Callable[[str], None],
    files: MediaFiles | None = None,
) -> bool:  # fmt: skip
    """
    Load the made-up district unless it is there; go on with one that was left half loaded, or by an older release.

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
    files
        Where its drawn photos are put; without it there are none.

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
        # To the second: what is written down is read again as the same instant.
        now = (now or datetime.now(UTC)).replace(microsecond=0)
        loading = _begin(engine, seed, grids, now)
        if loading.complete:
            return False
        from geodata.sample.district import make_district

        stage = Stage(partial(make_district, loading.seed, until=loading.until, grids=loading.grids), now, files)
        left = [step for step in STEPS if step.name not in loading.done]
        if not all(step.beside for step in left):
            advance(MAKING)
        for step in left:
            advance(step.sentence)
            loading.done.append(step.name)
            with Session(engine) as db, db.begin():
                step.run(db, stage)
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
        loading = Loading(seed, grids, now)
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
