"""The worker's carriers: several threads, so that a far end that is slow holds up its own line alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolIsEmpty
from sqlalchemy.orm import Session

from gridmap.database import straight, transaction
from gridmap.language import N_
from gridmap.outbox import channels
from gridmap.outbox.claiming import Claimed, claim_next, give_up, record_fault, record_sent, show_due
from gridmap.outbox.faults import Fault
from gridmap.outbox.mail import Mailbox, read_mailbox, send_mail
from gridmap.outbox.outbound import Way
from gridmap.settings import Settings

log = structlog.get_logger("gridmap.outbox")

CARRIERS: Final = 4
_LOOK_EVERY_S: Final = 1.0
# A statement that the database refuses is none of these: it ends a carrier and is seen.
_AWAY: Final = (OperationalError, InterfaceError, PoolIsEmpty)


@dataclass(frozen=True)
class Post:
    """
    What leaves the house, and how.

    Attributes
    ----------
    mailbox
        None if the installation has no mail server: then no e-mail is written at all.
    """

    way: Way
    mailbox: Mailbox | None = None

    def carry(self, claimed: Claimed, at: datetime) -> None:
        """
        Deliver what was claimed; no transaction is open.

        Raises
        ------
        Fault
            If it was not taken.
        """
        if claimed.channel != "email":
            assert claimed.end is not None
            channels.deliver(self.way, claimed.end, claimed.letters, at)
            return
        letter = claimed.letters[0]
        if self.mailbox is None or claimed.reader is None:
            raise Fault(N_("There is no mail server, or the reader has no address any more."), final=True)
        send_mail(self.mailbox, self.way.context(), letter.id, claimed.reader, letter.subject, letter.body, at)


def post_of(settings: Settings) -> Post:
    """
    Read from the settings what may leave the house.

    Raises
    ------
    Invalid
        If the mail server's address cannot be read.
    """
    url = settings.smtp_url
    mailbox = None if url is None else read_mailbox(url.get_secret_value(), settings.smtp_from)
    return Post(way_of(settings), mailbox)


def way_of(settings: Settings) -> Way:
    """Where messages over HTTP may go."""
    return Way(tuple(map(int, settings.outbox_ports.split())), settings.outbox_loopback, settings.outbox_ca_file)


def deliver_next(post: Post, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> bool:
    """Claim one message, let go, send it, record what came of it; False if nothing could go now."""
    with transaction() as db:
        claimed = claim_next(db, clock())
    if claimed is None:
        return False
    try:
        post.carry(claimed, clock())
    except Fault as fault:
        with transaction() as db:
            record_fault(db, claimed, fault, clock())
        # The sentence names no address: a robot's holds its key.
        log.warning("not delivered", lane=claimed.lane, n=len(claimed.letters), reason=str(fault))
    else:
        with transaction() as db:
            record_sent(db, claimed, clock())
        log.info("delivered", lane=claimed.lane, n=len(claimed.letters))
    return True


def keep_delivering(stop: threading.Event, post: Post, *, look_every_s: float = _LOOK_EVERY_S) -> None:
    """
    Deliver until told to stop; a lost database is waited for.

    A carrier that an unforeseen error ends is replaced: its message is tried again when the lease has run out, and
    given up after a day.
    """
    carriers: list[threading.Thread] = []
    opened = False
    while not stop.is_set():
        carriers = [carrier for carrier in carriers if carrier.is_alive()]
        for n in range(len(carriers), CARRIERS):
            carrier = threading.Thread(target=_carry_on, args=(stop, post, look_every_s), name=f"outbox-{n}")
            carrier.start()
            carriers.append(carrier)
        try:
            with transaction() as db:
                opened = opened or _open_email(db, post.mailbox is not None)
                at = datetime.now(UTC)
                show_due(db, at)
                give_up(db, at)
        except _AWAY:
            pass  # the database is away; nothing is lost, and the next look finds it
        stop.wait(look_every_s)
    for carrier in carriers:
        carrier.join()


def _carry_on(stop: threading.Event, post: Post, look_every_s: float) -> None:
    while not stop.is_set():
        try:
            busy = deliver_next(post)
        except _AWAY:
            busy = False
        if not busy:
            stop.wait(look_every_s)


def _open_email(db: Session, is_set: bool) -> bool:
    """E-mails are written from now on, or are not, as the installation is set up."""
    straight(db, "UPDATE outbox_lane SET closed = %(closed)s WHERE lane = 'email'", {"closed": not is_set})
    return True
