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
@click.option("--week", is_flag=True, help="Play the last whole week at once, in this process, and print its figures.")
@click.option("--a-day", type=click.IntRange(1, 2000), default=60, show_default=True, help="Matters a day of --week.")
@click.option("--json", "as_json", is_flag=True, help="The figures of --week as one JSON object.")
def simulate(rate: float, seed: int, url: str, week: bool, a_day: int, as_json: bool) -> None:
    """
    Keep the map of the made-up district alive, through the real doors.

    Staff report, devices alert and the desk closes, with the accounts and keys that `gridmap up --demo` left. With
    --week, a week with all its steps, whistles, escalations and calls back is written into the database instead.
    """
    if week:
        from gridmap.cli.simulated_week import play_week

        play_week(seed, a_day, as_json=as_json)
        return
    from gridmap.cli.terminal import say
    from gridmap.demo import simulate as play
    from gridmap.settings import load_settings

    stop = Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    play.simulate(url, load_settings().data_dir, stop, say, seed=seed, rate=rate)
