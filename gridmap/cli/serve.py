"""`gridmap serve`: the web."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click


@click.command()
@click.option("--host", help="Address to listen on; GRIDMAP_HOST, or 127.0.0.1.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; GRIDMAP_PORT, or 8000.")
@click.option("--held", is_flag=True, hidden=True, help="Load everything, and begin when standard input ends.")
def serve(host: str | None, port: int | None, held: bool) -> None:
    """Run the web."""
    from gridmap.listening import refuse_open_demo, refuse_taken_port
    from gridmap.postgis import holding_database
    from gridmap.settings import load_settings

    chosen = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = load_settings(**chosen)
    if settings.demo:
        refuse_open_demo(settings.host)
    refuse_taken_port(settings.host, settings.port)
    if held:
        # By name: this storey does not import the one above. It takes seconds, which the database takes too.
        for program in ("webapp.assembly", "gunicorn.workers.gthread"):
            import_module(program)
        sys.stdin.buffer.read()
    with holding_database(settings) as urls:
        environment = {
            "GRIDMAP_DATABASE_URL": urls.app,
            "GRIDMAP_HOST": settings.host,
            "GRIDMAP_PORT": str(settings.port),
        }
        os.environ.update(environment)
        _run_gunicorn(settings.host, settings.port, settings.web_threads)


def _run_gunicorn(host: str, port: int, threads: int) -> None:
    """Serve until told to end; gunicorn takes SIGTERM and Ctrl-C itself and lets requests finish."""
    from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
    from gunicorn.util import import_app  # type: ignore[import-untyped]

    options = {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "worker_class": "gthread",
        # One process: one grid index, one LISTEN, one count of streams. More machines, not more workers, serve more.
        "workers": 1,
        "threads": threads,
        "timeout": 60,
        "graceful_timeout": 8,
        "keepalive": 30,
        # A heart-beat file on a disk would stop the worker whenever that disk is slow.
        "worker_tmp_dir": "/dev/shm",  # noqa: S108 - a directory of the system's memory
        "proc_name": "gridmap",
    }

    class Web(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> object:
            # By name: this storey does not import the one above.
            return import_app("webapp.wsgi:make_application()")

    Web().run()
