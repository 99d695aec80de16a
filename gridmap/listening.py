"""What must be true of the address before the web takes it."""

from __future__ import annotations

import errno
import ipaddress
import socket

from gridmap.errors import Invalid
from gridmap.language import N_


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_open_demo(host: str) -> None:
    """
    Keep the demo on this machine: its accounts have no second factor.

    Raises
    ------
    Invalid
        If other machines could reach `host`.
    """
    if not is_loopback(host):
        raise Invalid(
            N_(
                "The made-up district has accounts for everyone to try, so it is served on this machine alone:"
                " leave GRIDMAP_HOST at 127.0.0.1 (it is %(host)s), or start without --demo."
            ),
            host=host,
        )


def refuse_taken_port(host: str, port: int) -> None:
    """
    Find out beforehand what would otherwise fail in the log of a child process.

    Raises
    ------
    Invalid
        If another program has the port, or this user may not take it, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # What ended a moment ago leaves the port in TIME_WAIT, which is no reason to refuse.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Invalid(_reason(error), host=host, port=port) from error


def _reason(error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return N_(
                "Port %(port)s is taken by another program. Stop that, or choose another with --port, such as 8001."
            )
        case errno.EACCES:
            return N_("Port %(port)s is below 1024 and needs root. Choose a higher one with --port, such as 8000.")
        case _:
            return N_("%(host)s is no address of this machine. 127.0.0.1 always is.")
