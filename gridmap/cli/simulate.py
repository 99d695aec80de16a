"""`gridmap simulate`: a live day in the made-up district, through the real doors."""

from __future__ import annotations

import signal
from threading import Event
from types import FrameType

import click


@click.command()
@click.option(
    "--rate", type=click.FloatRange(0.1, 6000), default=15.0, show_default=True, help="Reports and alerts a minute."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The chance of this run.")
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="The server to play to.")
def simulate(rate: float, seed: int, url: str) -> None:
    """
    Keep the map of the made-up district alive, through the real doors.

    Staff report, devices alert and the desk closes, with the accounts and keys that `gridmap up --demo` left.
    """
    from gridmap.cli.terminal import say
    from gridmap.demo import simulate as play
    from gridmap.settings import load_settings

    stop = Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    play.simulate(url, load_settings().data_dir, stop, say, seed=seed, rate=rate)
