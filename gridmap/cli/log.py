"""`gridmap log`: the hash chains of the record."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from gridmap.cli.terminal import reader_locale, say
from gridmap.language import N_, translate


@click.group()
def log() -> None:
    """Verify the hash chains of the record."""


@log.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def verify(as_json: bool) -> None:
    """Walk every chain of the audit and name the first wrong row of each; exit 1 if there is any."""
    from sqlalchemy import func, select
    from sqlalchemy.orm import Session

    from gridmap.database import make_engine
    from gridmap.postgis import holding_database
    from gridmap.settings import load_settings
    from gridmap.system.tables import Audit
    from gridmap.system.verify import anchor_file, read_anchor, verify_audit

    settings = load_settings()
    anchor = read_anchor(anchor_file(settings.data_dir))
    with holding_database(settings, say) as urls:
        engine = make_engine(urls.app, statement_timeout_s=None, idle_timeout_s=None, pool_size=1)
        # One snapshot for both: a row that is appended meanwhile is in neither.
        with Session(engine.execution_options(isolation_level="REPEATABLE READ")) as db:
            rows = db.scalar(select(func.count()).select_from(Audit)) or 0
            defects = verify_audit(db, anchor)
        engine.dispose()
    if as_json:
        click.echo(json.dumps({"rows": rows, "anchored": anchor is not None, "defects": [asdict(d) for d in defects]}))
    else:
        for defect in defects:
            click.echo(translate(defect.msgid, reader_locale(), chain=defect.chain, seq=defect.seq))
        if not defects:
            click.echo(translate(N_("The record is whole: %(rows)s rows in 32 chains."), reader_locale(), rows=rows))
        if anchor is None:
            say(N_("There is no anchor file yet, so a chain cut together with its head would not be noticed."))
    raise SystemExit(1 if defects else 0)
