"""The address of the web, before it is taken."""

from __future__ import annotations

import socket

import pytest

from gridmap.errors import Invalid
from gridmap.listening import is_loopback, refuse_open_demo, refuse_taken_port


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_the_demo_is_served_to_this_machine(host):
    assert is_loopback(host)
    refuse_open_demo(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "grid.example"])
def test_the_demo_is_served_to_no_other_machine(host):
    with pytest.raises(Invalid, match="this machine alone"):
        refuse_open_demo(host)


def test_a_taken_port_is_named_with_a_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Invalid, match=f"Port {port} is taken .* --port"):
            refuse_taken_port("127.0.0.1", port)
    refuse_taken_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(Invalid, match="no address of this machine"):
        refuse_taken_port("192.0.2.1", 8000)
