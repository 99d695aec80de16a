"""`gridmap log`: the hash chains of the record."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import click

from gridmap.cli.database import connected, opened
from gridmap.cli.terminal import reader_locale, say
from gridmap.language import N_, translate

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from gridmap.incidents.verify import LogDefect
    from gridmap.system.verify import Defect

_SHOWN: Final = 50


@click.group()
def log() -> None:
    """Verify the hash chains of the record."""


@log.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def verify(as_json: bool) -> None:
    """Walk the audit and the log of every incident, and name the first wrong row of each; exit 1 if there is any."""
    from sqlalchemy.orm import Session

    from gridmap.incidents.verify import verify_incidents
    from gridmap.settings import load_settings
    from gridmap.system.verify import anchor_file, read_anchor, verify_audit

    # Before the snapshot: a head that was anchored after it would be missed there.
    anchor = read_anchor(anchor_file(load_settings().data_dir))
    with connected() as engine, Session(engine.execution_options(isolation_level="REPEATABLE READ")) as db:
        # One snapshot for all: what is appended meanwhile is in none of them.
        counts = _counts(db)
        defects = verify_audit(db, anchor)
        log_defects = verify_incidents(db)
    if as_json:
        _print_json(defects, log_defects, {**counts, "anchored": anchor is not None})
    else:
        _print_sentences(defects, log_defects, counts)
        if anchor is None:
            say(N_("There is no anchor file yet, so a chain cut together with its head would not be noticed."))
    raise SystemExit(1 if defects or log_defects else 0)


@log.command()
def commit() -> None:
    """
    Name in the audit the newest step of every incident that it does not name.

    Needed once, after an upgrade from a version whose audit did not name them.
    """
    from gridmap.incidents.commitments import commit_unnamed

    with opened() as (db, actor):
        n = commit_unnamed(db, actor.doer, "gridmap log commit")
    click.echo(translate(N_("The audit now names the logs of %(n)s more incidents."), reader_locale(), n=n))


def _counts(db: Session) -> dict[str, int]:
    from sqlalchemy import func, select

    from gridmap.incidents.tables import Incident, IncidentLog
    from gridmap.system.tables import Audit

    tables = {"rows": Audit, "incidents": Incident, "steps": IncidentLog}
    return {name: db.scalar(select(func.count()).select_from(table)) or 0 for name, table in tables.items()}


def _print_json(defects: Sequence[Defect], log_defects: Sequence[LogDefect], told: Mapping[str, object]) -> None:
    wrong = [{**asdict(defect), "incident_id": str(defect.incident_id)} for defect in log_defects]
    found = {**told, "defects": [asdict(defect) for defect in defects], "incident_defects": wrong}
    click.echo(json.dumps(found, ensure_ascii=False))


def _print_sentences(defects: Sequence[Defect], log_defects: Sequence[LogDefect], counts: Mapping[str, int]) -> None:
    locale = reader_locale()
    for defect in defects:
        click.echo(translate(defect.msgid, locale, chain=defect.chain, seq=defect.seq))
    for wrong in log_defects[:_SHOWN]:
        columns = ", ".join(wrong.columns)
        click.echo(translate(wrong.msgid, locale, number=wrong.number, seq=wrong.seq, columns=columns))
    if len(log_defects) > _SHOWN:
        say(N_("And %(n)s incidents more; --json names them all."), n=len(log_defects) - _SHOWN)
    if any(wrong.fault == "unnamed" for wrong in log_defects):
        say(N_("If they are from before an upgrade, `gridmap log commit` names them, once."))
    if not defects and not log_defects:
        whole = N_(
            "The record is whole: %(rows)s rows in 32 chains, %(steps)s steps of %(incidents)s incidents,"
            " each as the audit names it."
        )
        click.echo(translate(whole, locale, **counts))
