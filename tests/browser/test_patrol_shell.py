"""The page of the phone without its screens: it opens without network, in its language, with its map."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from gridmap.postgis import PrivateCluster
from tests.browser.cutting import breakable
from tests.browser.patrolling import (
    ADD,
    ALL_SENT,
    OPEN,
    PatrolDesk,
    eventually,
    ids_of,
    install,
    open_patrol,
    own_times,
    patrol_desk,
    report,
)
from tests.browser.phones import phone_of
from webapp.shared.assets import Asset, Assets

pytestmark = pytest.mark.browser

KEEP = """async (account) => {
  const build = document.querySelector('meta[name=gridmap-build]').content
  globalThis.keep = await import(`/static/${build}/patrol/keep.js`)
  globalThis.account = account
}"""
STATUS_OF = "(address) => fetch(address).then(({ status }) => status, () => 'no network')"
TILES = "async () => (await (await caches.open(`gridmap-tiles-${account.id}`)).keys()).map(({ url }) => url)"
REGISTRATION = "navigator.serviceWorker.getRegistration()"
TAKEN_OVER = f"""async () => {{
  const {{ waiting, active }} = await {REGISTRATION}
  return !waiting && active?.state === 'activated'
}}"""
SHELLS = "async () => (await caches.keys()).filter((name) => name.startsWith('gridmap-patrol-'))"


@pytest.fixture(scope="module")
def desk(cluster: PrivateCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PatrolDesk]:
    with patrol_desk(cluster, tmp_path_factory.mktemp("data")) as desk:
        yield desk


def build_of(page: Page) -> str:
    return str(page.get_attribute("meta[name=gridmap-build]", "content"))


def test_after_one_visit_the_page_opens_without_network_with_its_map_its_work_and_its_language(
    desk: PatrolDesk, chromium: Browser, tmp_path: Path
) -> None:
    worker = desk.worker()
    with breakable(desk.address) as line, phone_of(chromium.browser_type, tmp_path, line.address) as phone:
        page = open_patrol(phone, worker)
        install(page)
        page.evaluate(KEEP, worker.account)
        page.evaluate("async () => keep.keepAccount({ person: account, csrf: 'TOKEN' })")
        own = page.evaluate("async () => (await keep.refreshPatrol(account)).grids.filter(({ mine }) => mine).length")
        assert own > 0
        eventually(page, f"async () => (await ({TILES})()).some((url) => url.includes('/grids/'))")
        (tile, *_) = [url for url in page.evaluate(TILES) if "/grids/" in url]

        phone.kill()
        line.die()
        page = phone.start(worker.seat)
        page.goto(f"{line.address}/patrol/report?lang=en")
        assert (page.get_attribute("html", "lang"), page.title()) == ("en", "Patrol · gridmap")
        page.goto(f"{line.address}/patrol")
        assert page.get_attribute("html", "lang") == "en", "the language was forgotten"
        page.evaluate(KEEP, worker.account)
        assert page.evaluate("async () => (await keep.keptAccount()).person.id") == worker.account["id"]
        assert page.evaluate("async () => (await keep.keptAccount()).csrf") is None
        assert (
            page.evaluate("async () => (await keep.keptPatrol(account)).grids.filter(({ mine }) => mine).length") == own
        )
        assert page.evaluate(STATUS_OF, tile) == 200
        assert page.evaluate(STATUS_OF, "/api/v1/patrol") == "no network"

        other = desk.worker()
        page.evaluate("async (other) => keep.keepAccount({ person: other })", other.account)
        assert page.evaluate(STATUS_OF, tile) == "no network", "one account was shown another's tiles"


def test_a_new_build_takes_over_without_breaking_an_open_page_or_its_queue(
    desk: PatrolDesk, chromium: Browser, tmp_path: Path
) -> None:
    worker, lot = desk.worker(), [report(1, random.Random(3))]
    honest = desk.app.extensions["gridmap.assets"]
    with breakable(desk.address) as line, phone_of(chromium.browser_type, tmp_path, line.address) as phone:
        page = open_patrol(phone, worker)
        install(page)
        old = build_of(page)
        try:
            newer = Asset("patrol/newer.js", b"export default 2\n")
            desk.app.extensions["gridmap.assets"] = Assets(honest.files | {newer.name: newer})
            page.evaluate(f"async () => {{ await (await {REGISTRATION}).update() }}")
            eventually(page, f"async () => Boolean((await {REGISTRATION}).waiting)")
            line.die()
            page.evaluate(f"() => import('/static/{old}/patrol/queue/backup.js')")
            page.evaluate(ADD, lot)
            line.revive()

            page.goto(f"{line.address}/patrol")
            eventually(page, TAKEN_OVER)
            page.goto(f"{line.address}/patrol")
            new = build_of(page)
            assert new == desk.app.extensions["gridmap.assets"].build != old
            page.evaluate(OPEN, worker.account)
            page.wait_for_function(ALL_SENT)
            assert desk.stored(ids_of(lot)) == own_times(lot)
            page.goto(f"{line.address}/patrol")
            eventually(page, f"async () => (await ({SHELLS})()).join() === 'gridmap-patrol-{new}'")
        finally:
            desk.app.extensions["gridmap.assets"] = honest
