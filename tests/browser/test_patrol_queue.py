"""The phone's queue in its everyday: whose it is, what it refuses, how it waits, and what lies on the disk."""

from __future__ import annotations

import base64
import io
import json
import random
import uuid
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from geodata.errors import GeodataError
from geodata.photos import Developed
from gridmap.postgis import PrivateCluster
from gridmap.reports import media
from tests.browser.patrolling import (
    ADD,
    ALL_SENT,
    OPEN,
    SECRET,
    PatrolDesk,
    as_it_is,
    counts,
    ids_of,
    open_patrol,
    own_times,
    patrol_desk,
    photo,
    pieces_left,
    report,
)
from tests.browser.phones import Phone, phone_of
from webapp.api import reports as door

pytestmark = pytest.mark.browser

PLAIN_HOST = "plain.test"
ADD_STEP = """async ({ id, after, photos }) => queue.add({
  kind: 'step', id, after, label: { step: 'fix' }, body: { id, step: 'fix', note: '已清走' },
  photos: photos.map(([role, text]) => (
    { role, blob: new Blob([Uint8Array.from(atob(text), (character) => character.charCodeAt(0))]) })),
})"""
ADD_TWO = """async ([body, photos]) => queue.add({
  kind: 'report', id: body.id, body, label: { category: '楼道堆物' },
  photos: photos.map((text) => (
    { role: 'evidence', blob: new Blob([Uint8Array.from(atob(text), (character) => character.charCodeAt(0))]) })),
})"""
FULL_AFTER_THREE = """() => {
  const put = IDBObjectStore.prototype.put
  globalThis.written = 0
  IDBObjectStore.prototype.put = function (...given) {
    if (this.name === 'pieces' && (written += 1) > 3) throw new DOMException('', 'QuotaExceededError')
    return put.apply(this, given)
  }
}"""
SENTENCE_OF = """async (work) => {
  try { await (0, eval)(`(${work})`)() } catch (error) { return [error.name, error.reason, error.message] }
}"""


@pytest.fixture(scope="module")
def desk(cluster: PrivateCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PatrolDesk]:
    with patrol_desk(cluster, tmp_path_factory.mktemp("data")) as desk:
        yield desk


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.node.name)


@pytest.fixture
def phone(desk: PatrolDesk, chromium: Browser, tmp_path: Path) -> Iterator[Phone]:
    flags = (f"--host-resolver-rules=MAP {PLAIN_HOST} 127.0.0.1",)
    with phone_of(chromium.browser_type, tmp_path / "profile", desk.address, flags) as phone:
        yield phone


def items(page: Page) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = page.evaluate("() => queue.items().map(({ thumb, ...item }) => item)")
    return told


def try_once(page: Page) -> None:
    """Let the phone try to send, to the end."""
    page.evaluate("() => queue.sendNow()")
    page.wait_for_function("() => !queue.sender.running")


def refusal(page: Page, work: str) -> list[str]:
    """How the queue refuses something: the error's name, its reason, its sentence."""
    told: list[str] = page.evaluate(SENTENCE_OF, work)
    return told


def test_a_queue_belongs_to_its_account_and_outlives_sign_out_and_another_user(
    desk: PatrolDesk, phone: Phone, chance: random.Random
) -> None:
    first, second = desk.worker(), desk.worker()
    lot = [report(n, chance) for n in range(3)]
    page = open_patrol(phone, first)
    phone.sign_out()
    page.evaluate(ADD, lot[:2])
    page.wait_for_function("() => signInsAsked > 0")
    assert counts(page)["waiting"] == 2

    phone.sign_in(second.seat)
    try_once(page)
    assert desk.stored(ids_of(lot)) == {}, "it was sent in another person's name"
    page = open_patrol(phone, second)
    assert (items(page), counts(page)["others"]) == ([], 2)
    page.evaluate(ADD, lot[2:])
    page.wait_for_function(ALL_SENT)
    assert desk.stored(ids_of(lot)) == own_times(lot[2:])

    phone.kill()
    on_disk = list(read_all(phone.profile))
    assert any(b"gridmap-patrol" in content for content in on_disk), "the database is not where we look"
    for words in (SECRET, "楼道堆物"):
        for encoding in ("utf-8", "utf-16-le"):
            assert not any(words.encode(encoding) in content for content in on_disk)

    page = open_patrol(phone, first)
    page.wait_for_function(ALL_SENT)
    assert desk.stored(ids_of(lot)) == own_times(lot)
    assert (desk.photos_of(first), desk.photos_of(second)) == (2, 1)


def read_all(folder: Path) -> Iterator[bytes]:
    """What the browser's databases hold on the disk."""
    for path in (folder / "Default" / "IndexedDB").rglob("*"):
        if path.is_file():
            yield path.read_bytes()


def test_what_is_refused_stands_aside_and_is_removed_only_after_a_backup(
    desk: PatrolDesk, phone: Phone, chance: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, lot = desk.worker(), [report(n, chance) for n in range(7)]
    lot[3]["body"]["text"] = "长" * 4001
    page = open_patrol(phone, worker)
    page.evaluate(ADD, lot)
    page.wait_for_function(ALL_SENT)
    bad = lot[3]["body"]["id"]
    assert counts(page) == {"waiting": 0, "sending": 0, "received": 6, "refused": 1, "others": 0}
    assert desk.stored(ids_of(lot)) == own_times(lot[:3] + lot[4:])
    (told,) = [item for item in items(page) if item["id"] == bad]
    assert "4000" in told["sentence"] or "4,000" in told["sentence"]
    good = [item for item in items(page) if item["id"] != bad]
    assert all(item["number"] and item["incident"] and item["receivedAt"] for item in good)

    remove = f"() => queue.remove('{bad}')"
    assert refusal(page, remove)[:2] == ["QueueProblem", "unexported"]
    backup = page.evaluate(
        "async () => { const bytes = new Uint8Array(await (await queue.backup()).arrayBuffer());"
        " return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')) }"
    )
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(backup))) as copy:
        assert copy.testzip() is None
        (kept,) = json.loads(copy.read("queue.json"))["items"]
        assert kept["body"]["text"] == lot[3]["body"]["text"]
        assert copy.read(kept["photos"][0]) == base64.b64decode(lot[3]["photo"])
    assert page.evaluate(remove) is None
    assert pieces_left(page) == 0
    assert refusal(page, f"() => queue.remove('{good[0]['id']}')")[1] == "unsent"

    # A photo that is not taken keeps back none of the others of its report.
    last, fine = report(9, chance), photo(chance)
    odd = base64.b64decode(last["photo"])

    def picky(path: Path) -> Developed:
        if path.read_bytes() == odd:
            raise GeodataError("This is no photo.")
        return as_it_is(path)

    monkeypatch.setattr(media, "develop", picky)
    arrived = desk.photos_of(worker)
    page.evaluate(ADD_TWO, [last["body"], [last["photo"], base64.b64encode(fine).decode()]])
    page.wait_for_function(ALL_SENT)
    (told,) = [item for item in items(page) if item["id"] == last["body"]["id"]]
    assert (told["state"], told["sentence"], bool(told["number"])) == ("refused", "This is no photo.", True)
    assert desk.photos_of(worker) == arrived + 1


def test_a_step_waits_for_its_report_and_goes_after_its_photos(
    desk: PatrolDesk, phone: Phone, chance: random.Random
) -> None:
    worker, (told,) = desk.worker(), [report(1, chance)]
    step = {
        "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "after": told["body"]["id"],
        "photos": [(role, base64.b64encode(photo(chance)).decode()) for role in ("before", "after")],
    }
    page = open_patrol(phone, worker)
    phone.sign_out()
    page.evaluate(ADD, [told])
    page.evaluate("(id) => queue.hold(id)", told["body"]["id"])
    page.evaluate(ADD_STEP, step)
    phone.sign_in(worker.seat)
    try_once(page)
    assert [item["state"] for item in items(page)] == ["waiting", "waiting"], "a step went ahead of its report"

    page.evaluate("(id) => queue.release(id)", told["body"]["id"])
    page.wait_for_function(ALL_SENT)
    assert [(item["state"], item["sentence"]) for item in items(page)] == [("received", None)] * 2
    assert {item["incident"] for item in items(page)} == {items(page)[0]["incident"]}
    (row,) = desk.rows("SELECT state FROM incident WHERE id = CAST(:id AS uuid)", id=items(page)[0]["incident"])
    assert row.state == "closed"


def test_the_server_is_given_the_pause_it_asks_for_and_a_report_that_breaks_it_holds_up_no_other(
    desk: PatrolDesk, phone: Phone, chance: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, lot = desk.worker(), [report(n, chance) for n in range(2)]
    lot[0]["body"]["text"] = "POISON"
    honest = door.receive_reports

    def breaks(db: Any, actor: Any, drafts: Any, now: Any) -> Any:
        if any(draft.text == "POISON" for draft in drafts):
            raise RuntimeError("a fault of ours")
        return honest(db, actor, drafts, now)

    monkeypatch.setattr(door, "receive_reports", breaks)
    page = open_patrol(phone, worker)
    with busy(desk) as asked:
        page.evaluate(ADD, lot)
        page.wait_for_function("() => queue.sender.pauses.notBefore > Date.now() + 800_000")
        page.evaluate("() => { queue.sendNow(); queue.sendNow() }")
        page.evaluate(ADD, [report(9, chance)])
        page.wait_for_timeout(300)
        assert len(asked) == 1, "it was asked again before its time"
    page.evaluate("() => { queue.sender.pauses.notBefore = 0; queue.sendNow() }")
    page.wait_for_function("() => queue.counts().received === 2")
    assert counts(page)["refused"] == 0
    assert desk.stored(ids_of(lot)) == own_times(lot[1:])

    monkeypatch.setattr(door, "receive_reports", honest)
    page.evaluate("() => queue.sendNow()")
    page.wait_for_function(ALL_SENT)
    assert desk.stored(ids_of(lot)) == own_times(lot)


class busy:  # noqa: N801 - read as a sentence: with busy(desk)
    """A server that answers every call by asking for a quarter of an hour; gives the calls it had."""

    def __init__(self, desk: PatrolDesk) -> None:
        self.app, self.honest, self.asked = desk.app, desk.app.wsgi_app, list[str]()

    def __enter__(self) -> list[str]:
        self.app.wsgi_app = self.answer  # type: ignore[method-assign]
        return self.asked

    def __exit__(self, *_: object) -> None:
        self.app.wsgi_app = self.honest  # type: ignore[method-assign]

    def answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/api/"):
            self.asked.append(environ["PATH_INFO"])
        start("503 Service Unavailable", [("Retry-After", "900"), ("Content-Type", "application/problem+json")])
        return [b"{}"]


def test_a_full_phone_takes_nothing_in_and_loses_nothing(desk: PatrolDesk, phone: Phone, chance: random.Random) -> None:
    worker, lot = desk.worker(), [report(n, chance) for n in range(2)]
    page = open_patrol(phone, worker)
    phone.sign_out()
    page.evaluate(ADD, lot)
    big = (
        "() => queue.add({ kind: 'report', id: crypto.randomUUID(), body: {}, label: {},"
        " photos: [{ role: 'evidence', blob: new Blob([new Uint8Array(30_000_000)]) }] })"
    )
    page.evaluate(FULL_AFTER_THREE)
    # Browsers say of themselves that there is room: the disk itself says no, in the middle of a photo.
    assert not page.evaluate("async () => (await queue.room()).low")
    assert refusal(page, big)[:2] == ["QueueProblem", "full"]
    assert (counts(page)["waiting"], pieces_left(page)) == (2, 2)
    # Those that tell the truth are believed before anything is written.
    page.evaluate("() => { navigator.storage.estimate = async () => ({ quota: 2e7, usage: 1e7 }) }")
    assert page.evaluate("async () => (await queue.room()).low")
    page.evaluate("() => { written = 0 }")
    assert refusal(page, big)[:2] == ["QueueProblem", "full"]
    assert page.evaluate("() => written") == 0
    assert (counts(page)["waiting"], pieces_left(page)) == (2, 2)
    phone.sign_in(worker.seat)
    page.evaluate("() => queue.sendNow()")
    page.wait_for_function(ALL_SENT)
    assert desk.stored(ids_of(lot)) == own_times(lot)


def test_over_plain_http_the_queue_says_why_it_keeps_nothing(desk: PatrolDesk, phone: Phone) -> None:
    page = phone.start()
    page.goto(desk.address.replace("127.0.0.1", PLAIN_HOST) + "/patrol")
    assert page.evaluate("() => [isSecureContext, 'serviceWorker' in navigator]") == [False, False]
    account = {"id": 1, "login": "worker"}
    name, reason, sentence = refusal(page, f"() => ({OPEN})({json.dumps(account)})")
    assert (name, reason) == ("QueueProblem", "insecure")
    assert "https" in sentence
