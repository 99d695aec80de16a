"""The promise of the phone: what was kept arrives, once, whoever kills the browser and wherever the line breaks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from gridmap.postgis import PrivateCluster
from tests.browser.cutting import breakable
from tests.browser.patrolling import (
    ADD,
    ALL_SENT,
    PatrolDesk,
    Worker,
    counts,
    ids_of,
    install,
    open_patrol,
    own_times,
    patrol_desk,
    pieces_left,
    report,
)
from tests.browser.phones import Phone, phone_of

pytestmark = pytest.mark.browser

SEED = 20261121


@pytest.fixture(scope="module")
def desk(cluster: PrivateCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PatrolDesk]:
    with patrol_desk(cluster, tmp_path_factory.mktemp("data")) as desk:
        yield desk


def test_nothing_is_lost_or_doubled_by_twenty_kills_and_fifty_cuts(
    desk: PatrolDesk, chromium: Browser, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    worker, wanted = desk.worker(), [report(n, chance) for n in range(500)]
    with breakable(desk.address, SEED) as line, phone_of(chromium.browser_type, tmp_path, line.address) as phone:
        install(open_patrol(phone, worker))
        line.die()
        for start in range(0, 500, 50):
            queue_offline(phone, worker, wanted[start : start + 50], chance)
        assert phone.kills == 10
        line.revive()
        line.cut_at_random(50, 40_000)
        while phone.kills < 20:
            send_until_killed(phone, worker, chance)
        page = open_patrol(phone, worker)
        page.wait_for_function(f"() => {{ queue.sendNow(); return ({ALL_SENT})() }}", polling=300, timeout=300_000)
        assert line.cuts == 50
        assert counts(page) == {"waiting": 0, "sending": 0, "received": 500, "refused": 0, "others": 0}
        assert pieces_left(page) == 0
    assert desk.stored(ids_of(wanted)) == own_times(wanted)
    assert desk.photos_of(worker) == 500


def queue_offline(phone: Phone, worker: Worker, lot: list[dict[str, Any]], chance: random.Random) -> None:
    """Keep a lot without network; the phone is killed in the middle of it, and what it said was kept is there."""
    kept: set[str] = set()
    page = open_patrol(phone, worker)
    hear_kept(page, kept)
    with phone.dying_in(chance.uniform(0.05, 0.6)):
        while True:
            page.evaluate(ADD, lot)
    page = open_patrol(phone, worker)
    assert kept <= set(page.evaluate("() => queue.items().map((item) => item.id)"))
    page.evaluate(ADD, lot)


def hear_kept(page: Page, kept: set[str]) -> None:
    """Note every id that the page says is kept, at the moment at which it says so."""
    page.on("console", lambda said: kept.add(said.text[5:]) if said.text.startswith("kept ") else None)


def send_until_killed(phone: Phone, worker: Worker, chance: random.Random) -> None:
    """Let the phone send over a line that breaks, and kill it in the middle of that."""
    page = open_patrol(phone, worker)
    with phone.dying_in(chance.uniform(0.3, 1.5)):
        while True:
            page.evaluate("() => { queue.sendNow() }")
            page.wait_for_timeout(50)
