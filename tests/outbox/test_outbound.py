"""The way out, against real servers: what is refused, and that patience ends."""

from __future__ import annotations

import socket
import ssl
import time

import pytest

from gridmap.outbox import outbound
from gridmap.outbox.faults import Fault
from gridmap.outbox.outbound import MOST_BYTES, Way, post
from tests.outbox.far_ends import answering, far_end, make_certificate

WAY = Way(loopback=True)


@pytest.fixture
def end():
    with far_end() as end:
        yield end


def test_what_is_sent_arrives_and_the_answer_comes_back(end):
    end.reply = answering(202, b"taken")
    answer = post(WAY, end.address + "/hook?x=1", b"{}", {"X-Mark": "1"})
    assert (answer.status, answer.body) == (202, b"taken")
    assert end.got[0].path == "/hook?x=1"
    assert end.got[0].headers["x-mark"] == "1"
    assert end.got[0].headers["host"] == end.address.removeprefix("http://")


def test_a_redirect_is_not_followed(end):
    end.reply = answering(307, b"", Location=end.address + "/inside")
    with pytest.raises(Fault, match="not followed"):
        post(WAY, end.address, b"{}", {})
    assert len(end.got) == 1


def test_an_answer_above_64_kb_is_refused(end):
    end.reply = answering(200, b"x" * (MOST_BYTES + 1))
    with pytest.raises(Fault, match="64 kB"):
        post(WAY, end.address, b"{}", {})


def test_an_answer_that_drips_ends_with_patience(end, monkeypatch):
    monkeypatch.setattr(outbound, "PATIENCE_S", 0.3)

    def drip(request) -> None:
        request.send_response(200)
        request.end_headers()
        while True:
            request.wfile.write(b"x")
            time.sleep(0.02)

    end.reply = drip
    with pytest.raises(Fault, match="no answer within") as slow:
        post(WAY, end.address, b"{}", {})
    assert slow.value.away


def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(end):
    for host in ("localhost", "127.0.0.1"):
        with pytest.raises(Fault, match="inside the network"):
            outbound.resolve(outbound.Place(host, 443, "/", True), Way())
    assert end.got == []


def test_one_inner_address_among_public_ones_is_enough_to_refuse(monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(Fault, match="inside the network"):
        outbound.resolve(outbound.Place("trick.example", 443, "/", True), Way())


def test_the_address_that_was_judged_is_the_one_spoken_to(end, monkeypatch):
    """A name that changes its mind after the first question leads nowhere else."""
    asked = []
    port = int(end.address.rpartition(":")[2])

    def answer(host, *_, **__):
        asked.append(host)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1" if asked == ["localhost"] else "10.0.0.1", port))
        ]

    real = socket.create_connection
    spoken_to = []
    monkeypatch.setattr(socket, "getaddrinfo", answer)

    def connect(address, **kwargs):
        spoken_to.append(address)
        monkeypatch.undo()
        return real(address, **kwargs)

    monkeypatch.setattr(socket, "create_connection", connect)
    post(WAY, end.address, b"{}", {})
    assert asked == ["localhost"]
    assert spoken_to == [("127.0.0.1", port)]


def test_a_certificate_is_checked_by_name_and_by_who_signed_it(tmp_path):
    both = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    with far_end(context) as end:
        with pytest.raises(Fault, match="not trusted"):
            post(WAY, end.address, b"{}", {})
        known = Way(loopback=True, ca_file=tmp_path / "cert.pem")
        assert post(known, end.address, b"{}", {}).status == 200
        # The certificate names localhost, not this.
        with pytest.raises(Fault, match="not trusted"):
            post(known, end.address.replace("localhost", "127.0.0.1"), b"{}", {})


def test_nobody_there_and_no_such_name_are_told_apart():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Fault, match="cannot be reached"):
        post(WAY, f"http://127.0.0.1:{port}/", b"{}", {})
    with pytest.raises(Fault, match="is not known"):
        post(WAY, "https://nowhere.invalid/", b"{}", {})
