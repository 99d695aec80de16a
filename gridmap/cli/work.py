"""`gridmap work`: the worker."""

from __future__ import annotations

import logging
import threading

import click


@click.command()
def work() -> None:
    """Run the worker: anchor of the audit, plans that are due, retention, messages, what planners want worked out."""
    from gridmap.cli.terminal import say
    from gridmap.database import bind, make_engine
    from gridmap.jobs import jobs_of, run_worker
    from gridmap.outbox.delivery import keep_delivering, post_of
    from gridmap.planning.workbench import keep_working
    from gridmap.postgis import holding_database
    from gridmap.settings import load_settings

    settings = load_settings()
    post = post_of(settings)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    with holding_database(settings) as urls:
        bind(make_engine(urls.app, statement_timeout_s=60, idle_timeout_s=60, pool_size=10))
        stop = threading.Event()
        threads = [
            threading.Thread(target=keep_working, args=(stop, settings.data_dir), name="proposals"),
            threading.Thread(target=keep_delivering, args=(stop, post), name="outbox"),
        ]
        for thread in threads:
            thread.start()
        try:
            run_worker(urls.app, jobs_of(settings), say)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
