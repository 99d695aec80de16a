"""`gridmap work`: the worker."""

from __future__ import annotations

import click


@click.command()
def work() -> None:
    """Run the worker: the anchor of the audit, partitions, retention."""
    from gridmap.cli.terminal import say
    from gridmap.database import bind, make_engine
    from gridmap.jobs import run_worker
    from gridmap.postgis import holding_database
    from gridmap.settings import load_settings

    with holding_database(load_settings()) as urls:
        bind(make_engine(urls.app, statement_timeout_s=60, idle_timeout_s=60, pool_size=4))
        run_worker(urls.app, say)
