"""E-mail by the installation's own server, encrypted on the way unless it says otherwise."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final, Literal
from urllib.parse import unquote, urlsplit
from uuid import UUID

from gridmap.errors import Invalid
from gridmap.language import N_
from gridmap.outbox.faults import Fault

PATIENCE_S: Final = 10.0
Manner = Literal["tls", "starttls", "plain"]
_MANNERS: Final[dict[str, tuple[Manner, int]]] = {
    "smtps": ("tls", 465),
    "smtp": ("starttls", 587),
    "smtp+plain": ("plain", 25),
}


@dataclass(frozen=True)
class Mailbox:
    """A mail server, and in whose name it sends."""

    host: str
    port: int
    manner: Manner
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def read_mailbox(url: str, sender: str | None) -> Mailbox:
    """
    Read the setting of the mail server.

    Parameters
    ----------
    url
        ``smtp://`` (STARTTLS, or nothing is sent), ``smtps://`` (TLS from the start) or ``smtp+plain://`` (no
        encryption: a relay on the same machine), with ``user:password@`` where the server asks for it.

    Raises
    ------
    Invalid
        If it is none of these; the sentence does not repeat it, for it holds a password.
    """
    try:
        parts = urlsplit(url)
        manner, usual = _MANNERS[parts.scheme]
        port = parts.port or usual
    except (KeyError, ValueError) as error:
        raise _unreadable() from error
    if not parts.hostname or sender is None or "@" not in sender:
        raise _unreadable()
    user = unquote(parts.username) if parts.username else None
    return Mailbox(parts.hostname, port, manner, sender, user, unquote(parts.password or "") or None)


def _unreadable() -> Invalid:
    return Invalid(
        N_(
            "GRIDMAP_SMTP_URL is smtp://, smtps:// or smtp+plain:// with a host, and GRIDMAP_SMTP_FROM the address"
            " it sends from."
        )
    )


def send_mail(
    box: Mailbox, context: ssl.SSLContext, message_id: UUID, to: str, subject: str, body: str, at: datetime
) -> None:
    """
    Send one e-mail; a second try carries the same Message-ID, by which readers fold doubles.

    Raises
    ------
    Fault
        If the server is away or refuses; a refused reader is final.
    """
    letter = EmailMessage()
    letter["From"], letter["To"] = box.sender, to
    # A line break would begin another header.
    letter["Subject"] = " ".join(subject.split())
    letter["Date"] = format_datetime(at)
    letter["Message-ID"] = f"<{message_id}@{box.sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(body)
    try:
        with _connected(box, context) as server:
            server.send_message(letter)
    except smtplib.SMTPRecipientsRefused as error:
        code = max(code for code, _ in error.recipients.values())
        raise Fault(N_("The mail server refuses this reader (%(code)s)."), final=code >= 500, code=code) from error
    except smtplib.SMTPResponseException as error:
        raise Fault(N_("The mail server refuses (%(code)s)."), away=True, code=error.smtp_code) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Fault(
            N_("The mail server cannot be reached (%(reason)s)."), away=True, reason=type(error).__name__
        ) from error


def _connected(box: Mailbox, context: ssl.SSLContext) -> smtplib.SMTP:
    if box.manner == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(box.host, box.port, timeout=PATIENCE_S, context=context)
    else:
        server = smtplib.SMTP(box.host, box.port, timeout=PATIENCE_S)
    try:
        if box.manner == "starttls":
            # Raises where the server does not offer it: nothing is sent open because somebody took the offer away.
            server.starttls(context=context)
        if box.user is not None:
            server.login(box.user, box.password or "")
    except (smtplib.SMTPException, OSError):
        server.close()
        raise
    return server
