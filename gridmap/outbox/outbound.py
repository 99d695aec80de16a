"""
The one way out over HTTP: to public addresses alone, over TLS, without redirects, with an end to patience.

The name of a host is resolved once, the address that came is judged, and that very address is spoken to: a name that
changes its mind between the two leads nowhere.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from gridmap.errors import Invalid
from gridmap.language import N_
from gridmap.outbox.faults import Fault

PATIENCE_S: Final = 5.0
MOST_BYTES: Final = 64 * 1024
_LONGEST_URL: Final = 2000
_TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")  # an IPv4 address behind a translator, RFC 6052

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Way:
    """
    What may be reached.

    Attributes
    ----------
    ports
        The only ones.
    loopback
        This machine itself too, on any port and without TLS: for trying things out.
    ca_file
        Certificates (PEM) that are trusted beside the system's.
    """

    ports: tuple[int, ...] = (443, 8443)
    loopback: bool = False
    ca_file: Path | None = None

    def context(self) -> ssl.SSLContext:
        """How certificates are checked."""
        context = ssl.create_default_context()
        if self.ca_file is not None:
            context.load_verify_locations(self.ca_file)
        return context


@dataclass(frozen=True)
class Place:
    """Where an address of the web leads."""

    host: str
    port: int
    target: str
    secure: bool


@dataclass(frozen=True)
class Answer:
    """What the far end said."""

    status: int
    body: bytes


def place_of(url: str, way: Way) -> Place:
    """
    Read the address of a far end.

    Raises
    ------
    Invalid
        If it is no address that messages may be sent to; ``where`` is ``/url``.
    """
    if len(url) > _LONGEST_URL or not url.isascii() or any(ord(letter) <= 32 for letter in url):
        raise _no_address()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _no_address() from error
    secure = parts.scheme == "https"
    local = way.loopback and parts.hostname in ("127.0.0.1", "localhost", "::1")
    if (
        not (secure or (local and parts.scheme == "http"))
        or not parts.hostname
        or "@" in parts.netloc
        or parts.fragment
    ):
        raise _no_address()
    port = port or (443 if secure else 80)
    if port not in way.ports and not local:
        known = ", ".join(map(str, way.ports))
        raise Invalid(N_("Messages go to the ports %(ports)s only."), where="/url", ports=known)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(parts.hostname, port, target, secure)


def _no_address() -> Invalid:
    return Invalid(
        N_("An address that begins with https:// is expected here, without a user name and without #."), where="/url"
    )


def is_public(address: Address) -> bool:
    """Whether an address is one of the open network, and not another one wrapped up."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour or address.teredo or address in _TRANSLATED
        # ::a.b.c.d is a form of IPv4 that nobody should use any more.
        if wrapped or int(address) >> 32 == 0:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def resolve(place: Place, way: Way) -> tuple[str, int]:
    """
    Give the address to speak to.

    Raises
    ------
    Fault
        If the name has none, or any of its addresses is not public: half a public answer is a trick.
    """
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Fault(N_("The name %(host)s is not known."), away=True, host=place.host) from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        if not is_public(address) and not (way.loopback and address.is_loopback):
            raise Fault(
                N_("%(host)s leads to an address inside the network, which messages are never sent to."),
                away=True,
                host=place.host,
            )
    return str(addresses[0]), place.port


def post(way: Way, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """
    Send one message and hear the answer, all within `PATIENCE_S` from the first packet on.

    Raises
    ------
    Fault
        If there was no answer, one too large, or one that leads elsewhere. Statuses are for the caller to judge.
    """
    try:
        place = place_of(url, way)
    except Invalid as error:
        raise Fault(error.msgid, **error.params) from error
    address = resolve(place, way)
    cut = threading.Event()
    try:
        with _line(address, place, way, cut) as line:
            connection = http.client.HTTPConnection(place.host, place.port)
            connection.sock = line
            host = place.host if place.port in (80, 443) else f"{place.host}:{place.port}"
            connection.request("POST", place.target, body, {"Host": host, "Connection": "close", **headers})
            answer = connection.getresponse()
            content = answer.read(MOST_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise _slow() if cut.is_set() or isinstance(error, TimeoutError) else _broken(error) from error
    if cut.is_set():
        raise _slow()
    if len(content) > MOST_BYTES:
        raise Fault(N_("The answer was larger than 64 kB."))
    if 300 <= answer.status < 400:
        raise Fault(N_("The address leads on to another one, which is not followed."))
    return Answer(answer.status, content)


@contextlib.contextmanager
def _line(address: tuple[str, int], place: Place, way: Way, cut: threading.Event) -> Iterator[socket.socket]:
    """A connection that is cut when patience ends: a far end that drips byte by byte resets every other limit."""
    line = socket.create_connection(address, timeout=PATIENCE_S)
    if place.secure:
        line = way.context().wrap_socket(line, server_hostname=place.host, do_handshake_on_connect=False)

    def end() -> None:
        cut.set()
        with contextlib.suppress(OSError):
            # Below TLS: the thread that reads would be torn out of its own state otherwise.
            socket.socket.shutdown(line, socket.SHUT_RDWR)

    watch = threading.Timer(PATIENCE_S, end)
    watch.daemon = True
    watch.start()
    try:
        if isinstance(line, ssl.SSLSocket):
            line.do_handshake()
        yield line
    finally:
        watch.cancel()
        line.close()


def _slow() -> Fault:
    return Fault(N_("There was no answer within %(n)s seconds."), away=True, n=int(PATIENCE_S))


def _broken(error: Exception) -> Fault:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Fault(N_("The certificate of the far end is not trusted."), away=True)
    return Fault(N_("The far end cannot be reached (%(reason)s)."), away=True, reason=type(error).__name__)
