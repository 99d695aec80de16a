"""The page of the phone without its screens: it opens without network, in its language, with its map."""

from __future__ import annotations

import random
import uuid
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
    counts,
    eventually,
    ids_of,
    install,
    open_patrol,
    own_times,
    patrol_desk,
    pieces_left,
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
TODAY = "async () => (await keep.keptPatrol(account)).today.incidents.length"
AGE = """([account, hours]) => new Promise((resolve) => {
  indexedDB.open('gridmap-patrol').onsuccess = ({ target: { result: db } }) => {
    const kept = db.transaction('kept', 'readwrite').objectStore('kept')
    kept.transaction.oncomplete = () => { db.close(); resolve() }
    kept.get([account, 'me']).onsuccess = ({ target: { result: row } }) => {
      kept.put({ ...row, at: row.at - hours * 3_600_000 })
    }
  }
})"""
FORGET = """async (days) => {
  await queue.ledger.forgetOld(Date.now() + days * 86_400_000)
  await queue.ledger.refresh()
  return queue.items().map(({ id }) => id)
}"""
# One byte of what the disk was given: of the first piece of a photo, and of a whole item.
SPOIL = """async ([photoOf, itemOf]) => {
  const { store, account } = queue.ledger.keep
  const flip = (sealed) => {
    const data = new Uint8Array(sealed.data.slice(0))
    data[data.length >> 1] ^= 1
    return { ...sealed, data: data.buffer }
  }
  await store.run('readwrite', ({ items, pieces }) => {
    pieces.get([account, photoOf, 0, 0]).onsuccess = ({ target: { result } }) => {
      pieces.put(flip(result), [account, photoOf, 0, 0])
    }
    items.index('id').get([account, itemOf]).onsuccess = ({ target: { result } }) => {
      items.put({ ...result, sealed: flip(result.sealed) })
    }
  })
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
    desk.tell(worker.seat, 0.5, 2.5, source="patrol")
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

        # A phone that has rested longer than its session: other people's matters are gone, boundaries stay.
        assert page.evaluate(TODAY) > 0
        page.evaluate(AGE, [worker.account["id"], 11])
        assert page.evaluate(f"async () => (await keep.keptAccount()) && ({TODAY})()") > 0
        page.evaluate(AGE, [worker.account["id"], 2])
        assert page.evaluate(f"async () => (await keep.keptAccount()) && ({TODAY})()") == 0
        assert page.evaluate("async () => (await keep.keptPatrol(account)).grids.length") > 0
        page.evaluate(AGE, [worker.account["id"], 7 * 24])
        assert page.evaluate("async () => [await keep.keptAccount(), await keep.keptPatrol(account)]") == [None, None]

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


def test_two_tabs_of_a_queue_send_everything_once_and_what_arrived_is_forgotten_after_three_days(
    desk: PatrolDesk, chromium: Browser, tmp_path: Path
) -> None:
    chance, worker = random.Random(11), desk.worker()
    lot = [report(n, chance) for n in range(24)]
    with phone_of(chromium.browser_type, tmp_path, desk.address) as phone:
        first = open_patrol(phone, worker)
        second = phone.context.new_page()
        second.goto(f"{desk.address}/patrol/queue")
        second.evaluate(OPEN, worker.account)
        # Each keeps its own, and four that both were given; each sends whatever waits, at the same time.
        for tab, share in ((first, lot[:14]), (second, lot[10:])):
            tab.evaluate(f"(lot) => {{ globalThis.kept = ({ADD})(lot) }}", share)
        for tab in (first, second):
            tab.evaluate("() => kept")
            tab.evaluate("() => queue.sendNow()")
        for tab in (first, second):
            tab.wait_for_function(f"() => queue.counts().received === 24 && ({ALL_SENT})()")
        assert (
            counts(first) == counts(second) == {"waiting": 0, "sending": 0, "received": 24, "refused": 0, "others": 0}
        )
        assert pieces_left(first) == 0
        assert desk.stored(ids_of(lot)) == own_times(lot)
        assert desk.photos_of(worker) == 24
        sent = desk.rows("SELECT count(*) FROM report WHERE reporter_id = :person", person=worker.account["id"])
        assert sent[0].count == 24

        # A step still waits for what the first of them became.
        wish = {"id": str(uuid.uuid4()), "after": lot[0]["body"]["id"]}
        phone.sign_out()
        first.evaluate(
            "({ id, after }) => queue.add({ kind: 'step', id, after, label: { step: 'fix' }, body: { id } })", wish
        )
        assert len(first.evaluate(FORGET, 2.9)) == 25
        assert first.evaluate(FORGET, 3.1) == [lot[0]["body"]["id"], wish["id"]]


def test_what_the_disk_has_spoilt_is_told_and_holds_up_nothing(
    desk: PatrolDesk, chromium: Browser, tmp_path: Path
) -> None:
    chance, worker = random.Random(12), desk.worker()
    lot = [report(n, chance) for n in range(4)]
    photo_of, item_of, *sound = ids_of(lot)
    with phone_of(chromium.browser_type, tmp_path, desk.address) as phone:
        page = open_patrol(phone, worker)
        phone.sign_out()
        page.evaluate(ADD, lot)
        page.evaluate(SPOIL, [photo_of, item_of])
        phone.sign_in(worker.seat)
        page = open_patrol(phone, worker)
        page.wait_for_function(ALL_SENT)
        told = {item["id"]: item for item in page.evaluate("() => queue.items().map(({ thumb, ...item }) => item)")}
        assert [told[id_]["state"] for id_ in sound] == ["received", "received"]
        assert desk.stored(ids_of(lot)) == own_times([lot[0], *lot[2:]]), "its words had no need of the photo"
        assert (told[photo_of]["state"], bool(told[photo_of]["number"])) == ("refused", True)
        assert "photo" in told[photo_of]["sentence"]
        assert (told[item_of]["state"], told[item_of]["unreadable"]) == ("refused", True)
        assert "no longer be read" in told[item_of]["sentence"]
        # Both can still be saved, as far as they go, and be taken from the phone.
        assert page.evaluate("async () => (await queue.backup()).size") > 0
        page.evaluate("(id) => queue.release(id)", item_of)
        for spoilt in (photo_of, item_of):
            page.evaluate("(id) => queue.remove(id)", spoilt)
        assert (counts(page)["refused"], pieces_left(page)) == (0, 0)
